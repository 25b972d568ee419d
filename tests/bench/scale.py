# What it costs to hold many at once: idle connections, open transactions, sites and peers.
import contextlib
import resource
import socket
import sqlite3
import statistics
import sys
import threading

from support.crosstalk import Peer
from support.ports import free_port
from support.scripted import CAPS, Scripted
from support.waiting import wait_until
from support.xmpp import Component

from .in_band import CROWD, MANY, QUIET, SCALE, Publishers
from .load import Stalled, ask
from .processes import resident_bytes

STEPS = (0, 100, 1000, 10000)
NAMES_AND_OWNERS = 100_000, 10_000
A_RATE_TAKES = 5  # seconds, of which the median counts
A_PEER_TAKES = 1000  # open transactions; more are dealt out to more peers
TABLES = {**QUIET, "timeouts": {"idle": "600s", "header": "600s", "response": "600s"},
          "limits": {"connections": 12000, "connections_per_client": 12000, "transactions_per_peer": 12000,
                     "transactions_per_client": 12000}}


class _Holder(threading.Thread):
    """An app that accepts connections, reads nothing and answers nothing."""

    def __init__(self):
        super().__init__(daemon=True)
        self.listener = socket.create_server(("127.0.0.1", free_port()), backlog=4096)
        self.port = self.listener.getsockname()[1]
        self.held = []
        self.start()

    def run(self):
        try:
            while True:
                self.held.append(self.listener.accept()[0])
        except OSError:
            return

    def close(self):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        for each in self.held:
            each.close()


class _Crowd(Scripted, Component):
    """A domain whose users are all at this one connection: what they cost is the gateway's and its server's alone."""

    def __init__(self, server, gateway):
        self.gateway = gateway
        self.online = set()
        self.described = self.probed = 0
        self._whole = threading.Lock()  # stanzas of two threads must not mix
        super().__init__(server, CROWD)

    def send(self, text):
        with self._whole:
            super().send(text)

    def come(self, users):
        self.online.update(users)
        for user in users:
            self.send(f"<presence from='{user}@{CROWD}/script' to='{self.gateway}'>{CAPS}</presence>")

    def _polite(self, stanza):
        if stanza.tag.endswith("}presence"):
            if stanza.get("type") == "probe":
                self._answer_probe(stanza.get("to").split("@")[0])
            return True
        is_polite = super()._polite(stanza)
        self.described += is_polite
        return is_polite

    def _answer_probe(self, user):
        self.probed += 1
        if user in self.online:
            return self.come([user])
        self.send(f"<presence type='unavailable' from='{user}@{CROWD}' to='{self.gateway}'/>")


class Scale:
    """On one server, with a gateway of its own. Each is measured once: what counts is how it grows."""

    def __init__(self, figures, server, directory, site, quick):
        self._figures, self._server, self._directory, self._site = figures, server, directory, site
        self._steps = STEPS[:3] if quick else STEPS
        self._publishers = None

    def run(self):
        _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        self._figures.round = 0
        for measure in (self._connections, self._transactions, self._sites, self._peers, self._names):
            self._begin()
            try:
                measure()
            except (Stalled, AssertionError, OSError) as problem:
                self._figures.note("scale", measure.__name__.strip("_"), str(problem).splitlines()[0])
                print(f"  {problem}", file=sys.stderr)
            self._publishers.stop()

    def _begin(self):
        if self._publishers is None:
            self._publishers = Publishers("scale", self._server, self._site, None, SCALE, TABLES)
        self._publishers.start(["folder"])

    def _note(self, what, count, **more):
        """The gateway's memory and, beside what is held, the rate of requests for a small file."""
        print(f"scale: {count} {what}", file=sys.stderr)
        gateway = resident_bytes(self._publishers.gateway) / 2**20
        for name, value in {"gateway MiB": gateway, **more, "requests/s": self._rate()}.items():
            self._figures.add("scale", f"{what} {count} {name}", value)
        return gateway

    def _rate(self):
        ask(self._publishers.path(), "1k.random", 32, 1)  # gateway and peer find their pace
        results = [ask(self._publishers.path(), "1k.random", 32, 1) for _ in range(A_RATE_TAKES)]
        return statistics.median(result["count"] / result["seconds"] for result in results)

    def _connect(self, host, target):
        connection = socket.create_connection(("127.0.0.1", self._publishers.gateway.port))
        connection.sendall(f"GET {target} HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
        return connection

    def _connections(self):
        idle, host, begin = [], self._publishers.gateway.host("folder"), None
        for count in self._steps:
            while len(idle) < count:
                connection = self._connect(host, "/1k.random")
                connection.recv(65536)  # one answer, then silence
                idle.append(connection)
            memory = self._note("connections", count)
            begin = memory if begin is None else begin
            if count:
                self._figures.add("scale", f"idle KiB each {count}", (memory - begin) * 1024 / count)
        for connection in idle:
            connection.close()

    def _transactions(self):
        app, opened, peers, gateway = _Holder(), [], [], self._publishers.gateway
        most = (resource.getrlimit(resource.RLIMIT_NOFILE)[0] - 1000) // 2  # both ends are descriptors of this process
        try:
            for count in (min(step, most) for step in self._steps):
                while len(opened) < count or not peers:
                    if len(opened) == len(peers) * A_PEER_TAKES:
                        peers.append(self._peer_of(app, MANY[len(peers)]))
                    opened.append(self._connect(gateway.host(MANY[len(peers) - 1]), "/held"))
                wait_until(f"{count} open transactions", lambda count=count: len(app.held) >= count, 120)
                self._note("transactions", count, **{"peer MiB": resident_bytes(peers[0]) / 2**20})
        finally:
            for connection in opened:
                connection.close()
            app.close()
            for peer in peers:
                peer.end()

    def _peer_of(self, app, user):
        peer = Peer(self._directory, self._server, user, f"http://127.0.0.1:{app.port}", SCALE).start()
        peer.wait_online()
        return peer

    def _register(self, names, domain=None, owner_of=lambda name: name):
        """Sites of users of `domain` who are called like them, by the registry's own table while no gateway has it open."""
        self._publishers.stop()
        with contextlib.closing(sqlite3.connect(self._publishers.gateway.registry)) as table, table:
            table.executemany("INSERT OR IGNORE INTO site (name, owner, created) VALUES (?, ?, 0)",
                              ((name, f"{owner_of(name)}@{domain or self._server.domain}") for name in names))
        self._begin()

    def _sites(self):
        for count in self._steps:
            self._register(f"site{number}" for number in range(count))
            self._note("sites", count)

    def _peers(self):
        users = [f"peer{number}" for number in range(self._steps[-1])]
        self._register(users, CROWD)
        crowd = _Crowd(self._server, SCALE)
        try:
            for count in self._steps:
                crowd.come(users[len(crowd.online):count])
                wait_until(f"{count} peers to have been asked what they are", lambda count=count: crowd.described >= count, 120)
                if count:
                    wait_until(f"peer {count} to be asked", lambda user=users[count - 1]: self._asks(user, crowd))
                self._note("peers", count)
        finally:
            crowd.drop()

    def _names(self):
        """How the gateway starts with a full registry, and what owners cost who are all online."""
        names, owners = NAMES_AND_OWNERS if len(self._steps) == len(STEPS) else [count // 100 for count in NAMES_AND_OWNERS]
        before = self._note("names", 0)
        crowd = _Crowd(self._server, SCALE)
        try:
            self._register((f"name{number}" for number in range(names)), CROWD,
                           lambda name: f"peer{int(name.removeprefix('name')) % owners}")
            self._figures.add("scale", f"names {names} seconds to start", self._publishers.ready_after)
            wait_until(f"{owners} owners to have been probed", lambda: crowd.probed >= owners, 240)
            held = self._note("names", names)
            crowd.come([f"peer{number}" for number in range(owners)])
            wait_until(f"{owners} owners to have been asked what they are", lambda: crowd.described >= owners, 240)
            wait_until("the last to be asked", lambda: self._asks(f"name{owners - 1}", crowd))
            online = self._note("owners", owners)
        finally:
            crowd.drop()
        self._figures.add("scale", f"names {names} bytes a name", (held - before) * 2**20 / names)
        self._figures.add("scale", f"owners {owners} KiB an owner", (online - held) * 1024 / owners)

    def _asks(self, site, crowd):
        """Whether the gateway knows the peer by now, so that a visitor's request comes to it."""
        with self._connect(self._publishers.gateway.host(site), "/"):
            try:
                stanza, messages = crowd.take_crosstalk(limit=1)
            except AssertionError:
                return None
            crowd.result(stanza)
            return messages
