# The figures as drawings: SVG, written by hand.
import math
import os
from html import escape

from . import ROOT
from .payloads import BULK_SIZES

FOLDER = os.path.join(ROOT, "docs", "performance")
COLOURS = ("#33658a", "#f26419", "#86bbd8", "#758e4f", "#f6ae2d", "#55505c", "#a23b72",
           "#c9ada7", "#2a9d8f", "#8d6a9f")
WIDTH, LEFT, RIGHT, LINE = 760, 190, 70, 18


def _text(x, y, text, anchor="start"):
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(str(text))}</text>\n'


def _drawing(title, height, parts):
    return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height:.0f}" width="{WIDTH}" role="img" '
            f'aria-label="{escape(title)}" font-family="sans-serif" font-size="12" fill="#222">\n'
            f'<rect width="{WIDTH}" height="{height:.0f}" fill="#fff"/>\n'
            f'<text x="10" y="22" font-size="15">{escape(title)}</text>\n' + "".join(parts) + "</svg>\n")


def _legend(names, y):
    parts, x = [], 10
    for colour, name in zip(COLOURS, names):
        parts.append(f'<rect x="{x}" y="{y - 10}" width="10" height="10" fill="{colour}"/>\n' + _text(x + 14, y, name))
        x += 30 + 7 * len(name)
    return "".join(parts)


def bars(title, groups, series, stacked=False):
    """`series`: name -> group -> value. Groups without a value are left out; so is a drawing without any."""
    groups = [group for group in groups if any(values.get(group) for values in series.values())]
    if not groups:
        return None
    sums = [[values.get(group) or 0 for values in series.values()] for group in groups]
    top = max(sum(each) if stacked else max(each) for each in sums)
    parts, y = [_legend(series, 46)], 62
    for group, values in zip(groups, sums):
        rows = 1 if stacked else len(values)
        parts.append(_text(LEFT - 8, y + rows * LINE / 2 + 4, group, "end"))
        x = LEFT
        for colour, value in zip(COLOURS, values):
            length = value / top * (WIDTH - LEFT - RIGHT)
            parts.append(f'<rect x="{x:.1f}" y="{y}" width="{length:.1f}" height="{LINE - 3}" fill="{colour}"/>\n')
            if stacked:
                x += length
            else:
                parts.append(_text(LEFT + length + 5, y + 12, f"{value:,.0f}" if value else "–"))
                y += LINE
        if stacked:
            parts.append(_text(x + 5, y + 12, f"{sum(values):,.0f}"))
            y += LINE
        y += 8
    return _drawing(title, y + 6, parts)


def _round_step(most):
    """A step of 1, 2 or 5 with zeros that divides up to `most` into a handful."""
    power = 10 ** math.floor(math.log10(most / 4))
    return next(factor * power for factor in (1, 2, 5, 10) if factor * power >= most / 4)


def lines(title, series, x_label, y_label, marks=()):
    """`series`: name -> [(x, y)], x on a logarithmic axis. `marks`: name -> a level, drawn dashed in that colour."""
    series = {name: sorted(points) for name, points in series.items() if points}
    if not series:
        return None
    marks = dict(marks)
    xs = sorted({x for points in series.values() for x, _ in points})
    most = max([y for points in series.values() for _, y in points] + [level for level in marks.values() if level])
    low, high = (math.log10(max(x, 10 if xs[0] == 0 else 1)) for x in (xs[0], xs[-1]))

    def place(x, y):
        """None of something stands where ten would."""
        return (70 + (max(math.log10(max(x, 1)), low) - low) / ((high - low) or 1) * (WIDTH - 110),
                330 - y / most * 255)
    parts = [_legend(series, 46), _text(WIDTH / 2, 372, x_label, "middle"), _text(10, 64, y_label)]
    for x in xs:
        parts.append(_text(place(x, 0)[0], 350, f"{x:,g}", "middle"))
    step = _round_step(most)
    for number in range(math.floor(most / step) + 1):
        y = place(xs[0], number * step)[1]
        parts.append(f'<path d="M70 {y:.1f}H{WIDTH - 40}" stroke="#ddd"/>\n'
                     + _text(64, y + 4, f"{number * step:,g}", "end"))
    for colour, (name, points) in zip(COLOURS, series.items()):
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in (place(*point) for point in points))
        parts.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>\n')
        if marks.get(name):
            y = place(xs[0], marks[name])[1]
            parts.append(f'<path d="M70 {y:.1f}H{WIDTH - 40}" stroke="{colour}" stroke-dasharray="5 4"/>\n')
    return _drawing(title, 385, parts)


def _rates(figures):
    paths = ("direct", "ejabberd", "Prosody, tuned", "Prosody", "ssh -R", "localtunnel", "nginx")
    return bars("1 KB from the same nginx, requests a second", paths, {
        f"{count} connections": {path: figures.median(path, f"rate 1k.random c{count}") for path in paths}
        for count in (1, 32, 128)})


def _cpu(figures):
    paths = ("direct", "ejabberd", "Prosody, tuned", "Prosody", "ssh -R", "localtunnel", "nginx")
    what = "cpu 1k.random c128 "
    names = list(dict.fromkeys(name for path in paths for name in figures.measures(path, what)))
    return bars("CPU time a request, µs: 1 KB from the same nginx, 128 connections", paths, {
        name: {path: figures.median(path, what + name) for path in paths} for name in names}, stacked=True)


def _bulk(figures):
    servers = ("Prosody", "Prosody, tuned", "ejabberd")
    return lines("Bulk by size of the bare stanza; dashed: a download through gateway and peer", {
        server: [(size, figures.median(server, f"bare bulk {size} random")) for size in BULK_SIZES
                 if figures.of(server, f"bare bulk {size} random")] for server in servers},
        "KB a stanza", "MB/s", {server: figures.median(server, "bulk folder 100m.random c1") for server in servers})


def _many(figures, name, unit, title):
    series = {}
    for what in ("connections", "transactions", "sites", "peers"):
        series[what] = [(int(each.split()[0]), figures.median("scale", f"{what} {each}"))
                        for each in figures.measures("scale", what + " ") if each.endswith(name)]
    return lines(title, series, "of them at once", unit)


def write(figures):
    """Writes the drawings that there are figures for, and returns the Markdown that shows them."""
    os.makedirs(FOLDER, exist_ok=True)
    drawings = {"rates": ("Requests a second", _rates(figures)), "cpu": ("CPU time", _cpu(figures)),
                "bulk": ("Bulk", _bulk(figures)),
                "memory": ("Memory", _many(figures, "gateway MiB", "MiB", "Memory of the gateway with many at once")),
                "many": ("Rates", _many(figures, "requests/s", "1/s", "Requests a second with many at once"))}
    shown = []
    for name, (title, drawing) in drawings.items():
        if drawing:
            with open(os.path.join(FOLDER, name + ".svg"), "w", encoding="utf-8") as file:
                file.write(drawing)
            shown.append(f"![{title}](performance/{name}.svg)\n")
    return "\n".join(shown) + "\n"
