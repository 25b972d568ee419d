# What was measured: values by path and measure, one a round; medians, spreads, and ratios within a round.
import statistics


class Figures:
    def __init__(self):
        self.round = 0
        self._values = {}  # (path, measure) -> round -> value
        self.notes = {}    # (path, measure) -> why there is no value

    def add(self, path, measure, value):
        self._values.setdefault((path, measure), {})[self.round] = value

    def note(self, path, measure, why):
        self.notes.setdefault((path, measure), why)

    def of(self, path, measure):
        """Round -> value; empty when nothing was measured."""
        return self._values.get((path, measure), {})

    def measures(self, path, prefix):
        """The measures of `path` that begin so, without that beginning."""
        return [measure.removeprefix(prefix) for name, measure in self._values
                if name == path and measure.startswith(prefix)]

    def median(self, path, measure):
        values = self.of(path, measure).values()
        return statistics.median(values) if values else None

    def cell(self, path, measure, digits=0):
        return spread(self.of(path, measure), digits)


def spread(values, digits):
    """The median (least to most) of round -> value; a dash when there is none."""
    numbers = list(values.values())
    if not numbers:
        return "–"
    text = f"{statistics.median(numbers):,.{digits}f}"
    return text if len(numbers) == 1 else f"{text} ({min(numbers):,.{digits}f} to {max(numbers):,.{digits}f})"


def each_round(work, *series):
    """`work` of the values of each round that all the series have."""
    rounds = set.intersection(*(set(one) for one in series)) if series else set()
    return {number: work(*(one[number] for one in series)) for number in sorted(rounds)}


def ratio(ours, theirs):
    return each_round(lambda a, b: a / b, *[ours, theirs]) if all(theirs.values()) else {}


def best(series):
    """The greatest value of each round among several series."""
    full = [one for one in series if one]
    return each_round(lambda *values: max(values), *full) if full else {}
