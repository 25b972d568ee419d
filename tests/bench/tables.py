# The figures as Markdown, and their place in docs/performance.md.
import os
import platform
import re

from . import ROOT, plots
from .payloads import BULK_SIZES
from .targets import SERVERS, targets

PAGE = os.path.join(ROOT, "docs", "performance.md")
BEGIN, END = "<!-- figures: written by tests/bench/run --write -->\n", "<!-- end of the figures -->\n"
BEHIND_NGINX = ("direct, ws:", "direct", *SERVERS[::-1], "ssh -R", "localtunnel", "nginx")
LABELS = {"nginx": "nginx -> nginx", "direct": "CrossTalk, direct", "direct, ws:": "CrossTalk, direct, without TLS",
          "direct, folder": "CrossTalk, direct",
          **{server: f"CrossTalk in band, {server}" for server in SERVERS}}


def _table(head, rows):
    """Rows whose cells are all empty but for the first are left out."""
    kept = [row for row in rows if any(cell != "–" for cell in row[1:])]
    if not kept:
        return ""
    lines = ["| " + " | ".join(row) + " |" for row in [head, ["---"] * len(head), *kept]]
    return "\n".join(lines) + "\n"


def _section(title, *tables):
    full = [table for table in tables if table]
    return f"### {title}\n\n" + "\n".join(full) + "\n" if full else ""


def _label(path):
    return LABELS.get(path, path)


def _targets(figures):
    return _table(["what", "asked", "reached", "", ""], [
        [each.what, each.asked, each.reached, each.verdict, each.aside] for each in targets(figures)])


def _rates(figures):
    def cells(path, behind, files):
        return [figures.cell(path, f"rate {behind}{file}") for file in files]
    columns = ("1k.random c1", "1k.random c32", "1k.random c128", "16k.random c32")
    behind = _table(["the same nginx behind, requests/s", "1 KB, 1 connection", "1 KB, 32", "1 KB, 128", "16 KB, 32"],
                    [[_label(path), *cells(path, "", columns)] for path in BEHIND_NGINX])
    columns = ("1k.random c128", "1k.text c128", "16k.random c32")
    folder = _table(["a folder, requests/s", "1 KB, 128 connections", "1 KB of text, 128", "16 KB, 32"],
                    [[_label(path), *cells(path, "folder ", columns)] for path in ("direct, folder", *SERVERS)])
    return _section("Requests", behind, folder)


def _times(figures):
    def pair(path, measure):
        p50, p99 = (figures.median(path, f"{each} {measure}") for each in ("p50", "p99"))
        return "–" if p50 is None or p99 is None else f"{p50:.2f} / {p99:.2f}"
    loaded = _table(["p50 / p99, ms, 1 KB, the same nginx", "1 connection", "32", "128"],
                    [[_label(path), *(pair(path, f"1k.random c{n}") for n in (1, 32, 128))] for path in BEHIND_NGINX])
    step = "1k.random clients 1 window 1"
    idle = _table(["one request at a time, ms", "bare IQ, p50", "request, p50", "p99", "beside a download, p50", "p99"], [
        [_label(path), figures.cell(path, "p50 bare " + step, 3), figures.cell(path, "p50 visit " + step, 3),
         figures.cell(path, "alone p99", 3), figures.cell(path, "beside p50", 3), figures.cell(path, "beside p99", 3)]
        for path in (*SERVERS, "direct", "ssh -R")])
    return _section("Times", loaded, idle)


def _bulk(figures):
    tables = [_table([f"{kind}, MB/s", *(f"bare, {size} KB" for size in BULK_SIZES), "download"],
                     [[_label(server), *(figures.cell(server, f"bare bulk {size} {kind}", 1) for size in BULK_SIZES),
                       figures.cell(server, f"bulk folder 100m.{kind} c1", 1)] for server in SERVERS])
              for kind in ("text", "random")]
    tunnels = _table(["the same nginx behind, MB/s", "1 MB, 32 connections", "100 MB, one", "uploads, 4"],
                     [[_label(path), figures.cell(path, "bulk 1m.random c32", 1),
                       figures.cell(path, "bulk 100m.random c1", 1), figures.cell(path, "upload", 1)]
                      for path in BEHIND_NGINX])
    return _section("Bulk", *tables, tunnels)


def _cpu(figures):
    rows = []
    for path in BEHIND_NGINX:
        for what in ("1k.random c128", "folder 1k.random c128", "folder 1k.text c128"):
            parts = [f"{name} {figures.median(path, f'cpu {what} {name}'):.0f}"
                     for name in figures.measures(path, f"cpu {what} ")]
            if parts:
                behind = what.removesuffix(" c128") if "folder" in what else "nginx, 1k.random"
                rows.append([_label(path), behind, ", ".join(parts)])
    return _section("CPU time", _table(["µs a request, 1 KB at 128 connections", "behind", "program by program"], rows),
                    _ceilings(figures))


def _ceilings(figures):
    """What is left to be gained: the rate if gateway and peer took no time at all."""
    cores, rows = os.cpu_count(), []
    ssh = figures.median("ssh -R", "rate 1k.random c128")
    for path in BEHIND_NGINX:
        for what in ("1k.random c128", "folder 1k.random c128"):
            costs = {name: figures.median(path, f"cpu {what} {name}") for name in figures.measures(path, f"cpu {what} ")}
            rate = figures.median(path, f"rate {what}")
            if "gateway" not in costs or rate is None:
                continue
            others = {name: cost for name, cost in costs.items() if name not in ("gateway", "peer")}
            most = cores * 1e6 / sum(others.values())
            if path.startswith("Prosody"):  # of one thread
                most = min(most, 1e6 / costs["XMPP server"])
            rows.append([_label(path), "a folder" if "folder" in what else "nginx",
                         f"{rate * sum(costs.values()) / 1e6:.1f} of {cores}", f"{rate:,.0f}", f"{most:,.0f}",
                         f"{most / ssh:.2f} ×" if ssh else "–"])
    return _table(["1 KB at 128 connections", "behind", "cores at work", "requests/s",
                   "at most, if gateway and peer took no CPU", "that beside `ssh -R`"], rows)


def _scale(figures):
    def rows(what):
        counts = sorted({int(each.split()[0]) for each in figures.measures("scale", what + " ")})
        for count in counts:
            names = [name.split(" ", 1)[1] for name in figures.measures("scale", what + " ")
                     if name.split()[0] == str(count)]
            yield [f"{count:,}", ", ".join(f"{name} {figures.cell('scale', f'{what} {count} {name}', 1)}" for name in names)]
    return _section("Many at once, on ejabberd", *(
        _table([title, "cost"], list(rows(what))) for what, title in (
            ("connections", "idle connections"), ("transactions", "open transactions"),
            ("sites", "sites in the registry"), ("peers", "other peers online"),
            ("names", "names of 10,000 owners in the registry"), ("owners", "owners of ten names each online"))))


def _machine(options):
    with open("/proc/cpuinfo", encoding="utf-8", errors="replace") as file:
        model = re.search(r"model name\s*: (.*)", file.read())
    return (f"{os.cpu_count()} × {model[1].strip() if model else platform.machine()}, Linux {platform.release()}; "
            f"{options.rounds} rounds, {options.seconds} s a measurement. Median (least to most).\n")


def report(figures, memory, options):
    notes = "".join(f"- {path}, {measure}: {why}\n" for (path, measure), why in figures.notes.items())
    peaks = _table(["peak resident memory, MiB", "program by program"], [
        [_label(path), ", ".join(f"{name} {size:.0f}" for name, size in parts.items())] for path, parts in memory.items()])
    return (_machine(options) + "\n" + _section("Targets", _targets(figures)) + _rates(figures) + _times(figures)
            + _bulk(figures) + _cpu(figures) + _section("Memory", peaks) + _scale(figures)
            + ("### Not measured\n\n" + notes if notes else ""))


def write(text, figures):
    """Puts `text` between the marks of the page, and the plots beside it."""
    with open(PAGE, encoding="utf-8") as file:
        page = file.read()
    before, found, rest = page.partition(BEGIN)
    _, ended, after = rest.partition(END)
    assert found and ended, f"{PAGE} has lost the marks between which the figures stand"
    with open(PAGE, "w", encoding="utf-8") as file:
        file.write(before + BEGIN + "\n" + plots.write(figures) + text + "\n" + END + after)
