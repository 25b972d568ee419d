# What the project asks of itself, and how each is formed from the figures.
import statistics
from dataclasses import dataclass, field

from .figures import best, each_round, ratio, spread
from .payloads import BULK_SIZES
from .rounds import ORIGIN

SERVERS = ("Prosody", "Prosody, tuned", "ejabberd")


@dataclass
class Target:
    """`values`: round -> what was reached; good is `least` or more, or `most` or less."""

    what: str
    values: dict
    least: float = None
    most: float = None
    unit: str = "×"
    digits: int = 2
    aside: str = field(default="")

    @property
    def asked(self):
        return f"at least {self.least:g} {self.unit}" if self.least is not None else f"at most {self.most:g} {self.unit}"

    @property
    def reached(self):
        return spread(self.values, self.digits) + (f" {self.unit}" if self.values else "")

    @property
    def verdict(self):
        if not self.values:
            return "not measured"
        value = statistics.median(self.values.values())
        return "met" if (value >= self.least if self.least is not None else value <= self.most) else "missed"


def targets(figures):
    return [*_one_per_message(figures), *_batched(figures), *_bulk(figures), *_latency(figures), *_direct(figures),
            *_memory(figures)]


def _one_per_message(figures):
    ways = (("16 peers, one request at each: one stanza a message", 16), ("one peer, 16 requests at it", 1))
    for what, clients in ways:
        step = f"2k.random clients {clients} window 16"
        for server in SERVERS:
            cpu = [figures.median(server, f"cpu {way} {step}") for way in ("bare", "visit")]
            yield Target(f"{server}, 2 KB answers, {what}: beside bare IQs",
                         ratio(figures.of(server, "visit " + step), figures.of(server, "bare " + step)), 0.75,
                         aside="" if None in cpu else f"the server's CPU: {cpu[1]:.0f} µs a request, "
                                                      f"{cpu[0]:.0f} µs a bare IQ")


def _batched(figures):
    for kind, least in (("random", 1.5), ("text", 2)):
        yield Target(f"Prosody, tuned, 1 KB of {kind} at 128 connections: beside bare IQs, one at a time in a stanza",
                     ratio(figures.of("Prosody, tuned", f"rate folder 1k.{kind} c128"),
                           figures.of("Prosody, tuned", f"bare 1k.{kind} clients 1 window 16")), least)
    ssh = figures.of("ssh -R", "rate 1k.random c128")
    yield Target("ejabberd, 1 KB at 128 connections, a folder: beside `ssh -R`",
                 ratio(figures.of("ejabberd", "rate folder 1k.random c128"), ssh), 2)
    yield Target("ejabberd, the same nginx behind both: beside `ssh -R`",
                 ratio(figures.of("ejabberd", "rate 1k.random c128"), ssh), 1.5)


def _bulk(figures):
    for server in SERVERS:
        for kind in ("text", "random"):
            bare = {size: figures.of(server, f"bare bulk {size} {kind}") for size in BULK_SIZES}
            medians = {size: statistics.median(series.values()) for size, series in bare.items() if series}
            yield Target(f"{server}, bulk, {kind}: beside the best size of bare stanzas",
                         ratio(figures.of(server, f"bulk folder 100m.{kind} c1"), best(bare.values())), 0.9,
                         aside=f"best at {max(medians, key=medians.get)} KB" if medians else "")


def _latency(figures):
    step = "1k.random clients 1 window 1"
    hop = figures.median(ORIGIN, "p50 one at a time")
    for server in SERVERS:
        yield Target(f"{server}, one small request on an idle link: added to a bare IQ, median",
                     each_round(lambda ours, bare: ours - bare, figures.of(server, "p50 visit " + step),
                                figures.of(server, "p50 bare " + step)), most=0.2, unit="ms", digits=3,
                     aside="" if hop is None else f"one hop of HTTP, to nginx and back: {hop:.3f} ms")
    for path in (*SERVERS, "direct", "ssh -R"):
        yield Target(f"{path}, small requests beside a download on the same link: p99 beside that without it",
                     ratio(figures.of(path, "beside p99"), figures.of(path, "alone p99")), most=3)


def _direct(figures):
    def beside(other, measure, way="direct"):
        return ratio(figures.of(way, measure), figures.of(other, measure))
    ceiling = figures.median("nginx", "rate 1k.random c128"), figures.median("ssh -R", "rate 1k.random c128")
    for way, name in (("direct", "direct over `wss:`"), ("direct, ws:", "direct over `ws:`")):
        yield Target(f"{name}, 1 KB at 128 connections: beside `ssh -R`",
                     beside("ssh -R", "rate 1k.random c128", way), 3,
                     aside="" if None in ceiling else f"nginx -> nginx: {ceiling[0] / ceiling[1]:.2f} ×")
        yield Target(f"{name}, 1 KB at 128 connections: beside nginx -> nginx, which has no TLS",
                     beside("nginx", "rate 1k.random c128", way), 0.9)
        yield Target(f"{name}: the gateway's CPU a request beside that of nginx as a proxy, which has no TLS",
                     ratio(figures.of(way, "cpu 1k.random c128 gateway"),
                           figures.of("nginx", "cpu 1k.random c128 nginx proxy")), most=1)
    for file, connections in (("1m", 32), ("100m", 1)):
        yield Target(f"direct over `wss:`, {file[:-1]} MB: beside `ssh -R`",
                     beside("ssh -R", f"bulk {file}.random c{connections}"), 1.3)


def _memory(figures):
    for program in ("gateway", "peer"):
        yield Target(f"{program}, 1,000 open transactions: memory",
                     figures.of("scale", f"transactions 1000 {program} MiB"), most=64, unit="MiB", digits=1)
    yield Target("gateway with 100,000 names: from its start until it answers",
                 figures.of("scale", "names 100000 seconds to start"), most=2, unit="s", digits=1)
    yield Target("gateway with 100,000 names and 10,000 owners online: requests beside those with none",
                 ratio(figures.of("scale", "owners 10000 requests/s"), figures.of("scale", "names 0 requests/s")), 0.9)
    counts = [int(each) for each in figures.measures("scale", "idle KiB each ")]
    for count in sorted(counts)[-1:]:
        yield Target(f"gateway, each of {count:,} idle connections: memory",
                     figures.of("scale", f"idle KiB each {count}"), most=16, unit="KiB", digits=1)
