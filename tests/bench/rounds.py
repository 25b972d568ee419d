# One round: every measurement once, the paths in turn within each.
import os
import sys

from . import bare
from .files import KINDS
from .load import Stalled, ask, download, upload, visit, visit_beside_download
from .payloads import BULK_SIZES
from .processes import with_cpu

CONNECTIONS = (1, 32, 128)
ORIGIN = "nginx alone"  # the files themselves: one hop of HTTP, which every other way has in it


class Rounds:
    """`in_band`: name -> (Publishers, Bare); `paths`: those to the same nginx, and direct ones; `site`: the files."""

    def __init__(self, figures, in_band, paths, payloads, site, seconds):
        self._figures, self._in_band, self._paths = figures, in_band, paths
        self._payloads, self._site, self._seconds = payloads, site, seconds

    def run(self):
        folders = [publishers.path() for publishers, _ in self._in_band.values()]
        proxied = [publishers.path("proxied") for publishers, _ in self._in_band.values()]
        self._bare_and_many()
        all_folders = folders + [each for each in self._paths if each.name == "direct, folder"]
        for file, connections in (("16k.random", 32), *(("1k." + kind, 128) for kind in KINDS)):
            for path in all_folders:
                self._rate(path, "folder ", file, connections)
        to_nginx = [each for each in self._paths if each.name not in ("direct, folder", ORIGIN)]
        self._hops([each for each in self._paths if each.name in ("nginx", ORIGIN)])
        for connections in CONNECTIONS:
            for path in to_nginx + proxied:
                self._rate(path, "", "1k.random", connections)
        for path in to_nginx:
            self._rate(path, "", "16k.random", 32)
        for kind in KINDS:
            self._bare_bulk(kind)
            for path in folders:
                self._bulk(path, "folder ", "100m." + kind, 1)
        for path in to_nginx:
            self._bulk(path, "", "1m.random", 32)
        for path in to_nginx:
            self._bulk(path, "", "100m.random", 1)
        for path in to_nginx + proxied:
            self._upload(path)
        for path in folders + [each for each in to_nginx if each.name in ("direct", "ssh -R")]:
            self._beside(path)

    def _measure(self, path, measure, work):
        """Adds what `work` returns, name -> value. A path that stalls loses this measurement, no more."""
        print(f"round {self._figures.round + 1}: {path}: {measure}", file=sys.stderr)
        try:
            for name, value in work().items():
                self._figures.add(path, name, value)
        except Stalled as stall:
            self._figures.note(path, measure, str(stall))
            print(f"  {stall}", file=sys.stderr)

    def _rate(self, path, behind, file, connections):
        what = f"{behind}{file} c{connections}"

        def work():
            result, cpu = with_cpu(path.programs, lambda: ask(path, file, connections, self._seconds))
            return {"rate " + what: result["count"] / result["seconds"], "p50 " + what: result["p50_ms"],
                    "p99 " + what: result["p99_ms"],
                    **{f"cpu {what} {name}": used / result["count"] * 1e6 for name, used in cpu.items()}}
        self._measure(path.name, "rate " + what, work)

    def _bulk(self, path, behind, file, connections):
        what = f"bulk {behind}{file} c{connections}"

        def work():
            result, cpu = with_cpu(path.programs, lambda: download(path, file, connections, self._seconds))
            return {what: result["bytes"] / result["seconds"] / 1e6,
                    **{f"cpu {what} {name}": used / result["bytes"] * 1e9 for name, used in cpu.items()}}
        self._measure(path.name, what, work)

    def _upload(self, path):
        def work():
            result = upload(path, os.path.join(self._site, "256k.random"), 4, max(1, self._seconds // 2))
            return {"upload": result["bytes"] / result["seconds"] / 1e6}
        self._measure(path.name, "upload", work)

    def _hops(self, paths):
        for path in paths:
            self._measure(path.name, "one at a time", lambda path=path: {
                "p50 one at a time": visit(path, [path.host], "1k.random", 1, self._seconds)["p50_ms"]})

    def _beside(self, path):
        def work():
            # Alone in the same minute: the two are compared.
            alone = visit(path, [path.host], "1k.random", 1, self._seconds)
            beside = visit_beside_download(path, "1k.random", "100m.random", self._seconds)
            return {"alone p50": alone["p50_ms"], "alone p99": alone["p99_ms"],
                    "beside p50": beside["p50_ms"], "beside p99": beside["p99_ms"]}
        self._measure(path.name, "beside", work)

    # In band and bare, in turn

    def _bare_and_many(self):
        steps = [("2k.random", 16, bare.IN_FLIGHT), ("2k.random", 1, bare.IN_FLIGHT), ("1k.random", 1, 1),
                 ("1k.random", 1, bare.IN_FLIGHT), ("1k.text", 1, bare.IN_FLIGHT)]
        for file, clients, window in steps:
            for name, (publishers, iqs) in self._in_band.items():
                self._bare_rate(name, publishers, iqs, (file, clients, window))
                if file == "2k.random" or window == 1:
                    self._visit(name, publishers, file, clients, window)

    def _bare_rate(self, name, publishers, iqs, step):
        what = "bare {} clients {} window {}".format(*step)

        def work():
            result, cpu = with_cpu({"server": publishers.server}, lambda: iqs.round_trips(*step))
            return {what: result["count"] / result["seconds"], "p50 " + what: result["p50_ms"],
                    f"cpu {what}": cpu["server"] / result["total"] * 1e6}
        self._measure(name, what, work)

    def _visit(self, name, publishers, file, clients, window):
        what = f"visit {file} clients {clients} window {window}"
        path = publishers.path()
        hosts = publishers.hosts_of_many() if clients > 1 else [path.host]

        def work():
            result, cpu = with_cpu({"server": publishers.server},
                                   lambda: visit(path, hosts, file, window, self._seconds))
            return {what: result["count"] / result["seconds"], "p50 " + what: result["p50_ms"],
                    f"cpu {what}": cpu["server"] / result["total"] * 1e6}
        self._measure(name, what, work)

    def _bare_bulk(self, kind):
        for size in BULK_SIZES:
            payload = f"bulk {size} {kind}"
            for name, (_, iqs) in self._in_band.items():
                self._measure(name, "bare " + payload, lambda iqs=iqs, payload=payload: {
                    "bare " + payload: iqs.bulk(payload) * self._payloads.body_size[payload] / 1e6})
