# The whole benchmark: what is to run is started, measured round by round, and reported.
import argparse
import os
import sys
import tempfile

from support.ejabberd import Ejabberd
from support.program import stop_all
from support.prosody import Prosody

from . import tables
from .bare import Bare
from .building import build, install_localtunnel
from .figures import Figures
from .files import make_site
from .in_band import DIRECT, MANY, PLAIN, QUIET, SECRETS, USERS, Publishers, direct_tables
from .load import Path
from .nginx import Origin, Proxy
from .payloads import Payloads
from .processes import peak_bytes
from .rounds import ORIGIN, Rounds
from .scale import Scale
from .tunnels import Localtunnel, Ssh

SERVERS = {"Prosody": "as shipped", "Prosody, tuned": "without Nagle", "ejabberd": "as shipped"}
OTHERS = ("ssh -R", "localtunnel", "nginx")
NAMES = (*SERVERS, "direct", *OTHERS, "scale")


def _options():
    parser = argparse.ArgumentParser(description=sys.modules["__main__"].__doc__)
    parser.add_argument("--quick", action="store_true", help="one short round, to see that it works")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=2, help="of each measurement")
    parser.add_argument("--only", metavar="NAME", action="append", choices=NAMES,
                        help="only these (may be repeated): " + ", ".join(NAMES))
    parser.add_argument("--write", action="store_true", help="puts tables and plots into docs/performance*")
    options = parser.parse_args()
    if options.quick:
        options.rounds = options.seconds = 1
    options.only = options.only or NAMES
    return options


class Bench:
    def __init__(self, directory, options):
        self._directory, self._options = directory, options
        self.figures = Figures()
        self.memory = {}  # path -> program -> MiB at its peak
        self._site = make_site(os.path.join(directory, "site"))
        self._origin = Origin(directory, self._site).start()

    def _server(self, name):
        options = {"users": USERS, "components": SECRETS}
        if name == "ejabberd":
            return Ejabberd(self._directory, log_level="warning", **options)
        # What Debian ships, but for the rate that clients are held to: the limit would be all that is measured.
        return Prosody(self._directory, name="prosody-tuned" if "tuned" in name else "prosody", log_level="warn",
                       settings="" if "tuned" in name else "network_settings = {}\n", **options)

    def _wanted(self, names):
        return [name for name in names if name in self._options.only]

    def run(self):
        servers = {name: self._server(name).start() for name in self._wanted(SERVERS)}
        if {"direct", "scale"} & set(self._options.only) and "ejabberd" not in servers:
            servers["ejabberd"] = self._server("ejabberd").start()
        in_band, paths = {}, self._tunnels()
        if servers:
            payloads = Payloads(self._directory, next(iter(servers.values())), self._site)
            in_band = {name: self._in_band(name, servers[name], payloads) for name in self._wanted(SERVERS)}
            paths += self._direct(servers.get("ejabberd"))
        rounds = Rounds(self.figures, in_band, paths, payloads if servers else None, self._site, self._options.seconds)
        for self.figures.round in range(self._options.rounds):
            rounds.run()
        self._peaks([publishers.path() for publishers, _ in in_band.values()] + paths)
        if "scale" in self._options.only:
            for publishers, _ in in_band.values():
                publishers.stop()
            Scale(self.figures, servers["ejabberd"], self._directory, self._site, self._options.quick).run()

    def _in_band(self, name, server, payloads):
        publishers = Publishers(name, server, self._site, self._origin).start(["folder", "proxied", *MANY])
        return publishers, Bare(self._directory, server, payloads.files, self._options.seconds)

    def _direct(self, server):
        if "direct" not in self._options.only:
            return []
        try:
            publishers = Publishers("direct", server, self._site, self._origin, DIRECT, direct_tables(server),
                                    "require").start()
            plain = Publishers("direct, ws:", server, self._site, self._origin, PLAIN, QUIET, "require").start(["proxied"])
        except AssertionError as problem:
            self.figures.note("direct", "all", " ".join(str(problem).split())[:300])
            return []
        folder = publishers.path()
        return [Path("direct, folder", folder.port, folder.host, folder.programs), publishers.path("proxied"),
                plain.path("proxied")]

    def _tunnels(self):
        wanted = self._wanted(OTHERS)
        paths = []
        if "ssh -R" in wanted:
            paths.append(Ssh(self._directory, self._origin).start())
        if "localtunnel" in wanted:
            install_localtunnel()
            paths.append(Localtunnel(self._directory, self._origin).start())
        if "nginx" in wanted:
            proxy = Proxy(self._directory, self._origin).start()
            paths.append(Path("nginx", proxy.port, "localhost", {"nginx proxy": proxy, "nginx": self._origin}))
            paths.append(Path(ORIGIN, self._origin.port, "localhost", {"nginx": self._origin}))
        return paths

    def _peaks(self, paths):
        for path in paths:
            self.memory[path.name] = {name: peak_bytes(program) / 2**20 for name, program in path.programs.items()}


def main():
    options = _options()
    build()
    with tempfile.TemporaryDirectory(prefix="crosstalk-bench-") as directory:
        os.chmod(directory, 0o755)
        try:
            bench = Bench(directory, options)
            bench.run()
        finally:
            stop_all()
    text = tables.report(bench.figures, bench.memory, options)
    print(text)
    if options.write:
        tables.write(text, bench.figures)
