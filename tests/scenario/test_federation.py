# The publisher's server is not the gateway's: everything crosses from one server to the other, and back.
#
# The gateway belongs to capulet.example, the peer to montague.example. All of them find the way by DNS.
import hashlib
import json
import os
import subprocess
from concurrent.futures import ThreadPoolExecutor

import pytest
from support.backend import pattern
from support.crosstalk import Gateway, Peer
from support.dns import address, service
from support.ejabberd import Ejabberd
from support.federation import Federation
from support.prosody import Prosody
from support.raw_http import Closed
from support.visiting import Guest, Person
from support.waiting import wait_until
from test_bodies import costly_text
from test_peer_leaves import open_hanging, told

PAIRS = {"prosody to ejabberd": (Prosody, Ejabberd)}
if os.environ.get("CROSSTALK_FULL"):
    PAIRS |= {"prosody to prosody": (Prosody, Prosody), "ejabberd to prosody": (Ejabberd, Prosody)}
SITES = {"romeo": "romeo@montague.example", "benvolio": "benvolio@montague.example",
         "nowhere": "nurse@nowhere.example", "closed": "nurse@closed.example"}
AT_MOST = 8  # transactions per peer


class Network:
    """A gateway at a server of the first kind, users at one of the second."""

    def __init__(self, directory, at_capulet, at_montague, environment=None, sites=None, federation=None):
        self.directory = directory
        self.federation = federation or Federation(directory)
        dns = self.federation.dns
        self.capulet = at_capulet(directory, "capulet.example", users=("juliet",), federation=self.federation, name="capulet")
        self.montague = at_montague(directory, "montague.example", users=("romeo", "benvolio"), components={},
                                    federation=self.federation, name="montague")
        self._give_to_montague(environment or {})
        self.peer_environment = {"CROSSTALK_DNS": dns.server, **(environment or {})}
        dns.records["xmpp.capulet.example"] = [address("127.0.0.1")]
        dns.records["_xmpp-server._tcp.closed.example"] = [service(9, "localhost")]
        self.gateway = Gateway(directory, self.capulet.component_port, "http.capulet.example", "component-secret", sites or SITES, {
            "component": {"server": f"xmpp.capulet.example:{self.capulet.component_port}"},
            "dns": {"servers": [dns.server]}, "limits": {"transactions_per_peer": AT_MOST},
            "timeouts": {"response": "20s"}})
        self.peers = []

    def _give_to_montague(self, environment):
        """To the server alone, and not to what changes into its user first."""
        command = self.montague.command
        begin = command.index("--") + 1 if "--" in command else 0
        command[begin:begin] = ["env", *(f"{name}={value}" for name, value in environment.items())]

    def start(self):
        for program in (self.capulet, self.montague, self.gateway):
            program.start()
        self.gateway.wait_ready()
        return self

    def publish(self, user, target, at=None, **options):
        peer = Peer(self.directory, at or self.montague, user, target, self.gateway.domain,
                    environment=self.peer_environment, **options)
        at = peer.command.index("--server")
        del peer.command[at:at + 2]
        self.peers.append(peer.start())
        peer.wait_online(60)
        return peer

    def cut(self):
        for wire in self.federation.wires.values():
            wire.cut()

    def freeze(self):
        for wire in self.federation.wires.values():
            wire.freeze()

    def thaw(self):
        for wire in self.federation.wires.values():
            wire.thaw()

    def stop(self):
        for program in [*self.peers, self.gateway]:
            if program.is_running():
                program.stop()
        self.capulet.end()
        self.montague.end()
        self.federation.close()


@pytest.fixture(scope="module", params=PAIRS)
def network(request, place, programs):
    directory = place / request.param.replace(" ", "-")
    directory.mkdir()
    made = Network(directory, *PAIRS[request.param]).start()
    yield made
    made.stop()


@pytest.fixture(scope="module")
def site(network, backend):
    network.publish("romeo", backend.url)
    return "romeo"


def test_a_visitor_of_another_server_proves_who_it_is(network, site):
    gateway = network.gateway
    assert gateway.site("add", "garden", "romeo@montague.example", "--visibility", "listed").returncode == 0
    assert gateway.site("admit", "garden", "montague.example").returncode == 0
    with Person(network.montague, "benvolio") as benvolio:
        guest = Guest(gateway, "garden").log_in(benvolio)
        wait_until("the guest to be let in", lambda: guest.get("/inspect").status == 200)
        answer = guest.get("/inspect")
        assert ["Remote-User", benvolio.jid] in json.loads(answer.body)["headers"]


def check_works(network, site, backend):
    """Soon, and then for as many at once as may be: nothing of what has failed is held any more."""
    network.gateway.wait_status(site, 200, "/inspect", limit=90)
    wait_until("the handlers of what has failed to end",
               lambda: backend.running["/hang"] == backend.running["/endless"] == 0)
    with ThreadPoolExecutor(AT_MOST) as pool:
        answers = list(pool.map(lambda _: network.gateway.fetch(site, "/bytes?n=20000"), range(AT_MOST)))
    assert [answer.body == pattern(20_000) for answer in answers] == [True] * AT_MOST


def test_bodies_cross_byte_for_byte_both_ways(network, site):
    for size in (0, 1, 5_000, 300_000):
        body = pattern(size)
        with network.gateway.connect(site) as connection:
            assert connection.get(f"/bytes?n={size}").body == body
            assert connection.get(f"/chunks?n={size}").body == body
            facts = json.loads(connection.request("POST", "/inspect", body=body).body)
            assert (facts["length"], facts["sha256"]) == (size, hashlib.sha256(body).hexdigest())


def test_bodies_that_servers_make_longer_break_no_limit_on_the_way(network, site):
    """What both servers write as `&quot;` is counted like that: 512 KiB, and no stream may be closed for it."""
    body = costly_text(600_000)
    with network.gateway.connect(site, timeout=120) as connection:
        assert connection.request("POST", "/echo", body=body).body == body
    for server in (network.capulet, network.montague):
        assert "policy-violation" not in server.log() and "too big" not in server.log()


@pytest.mark.parametrize("unreachable", ["nowhere", "closed"])
def test_the_site_of_a_domain_that_cannot_be_reached_is_offline(network, site, unreachable):
    answer = network.gateway.fetch(unreachable)
    assert answer.status == 503 and "offline" in answer.text
    assert network.gateway.fetch(site, "/inspect").status == 200


def test_a_peer_says_that_its_gateway_cannot_be_reached(network, backend):
    peer = Peer(network.directory, network.montague, "benvolio", backend.url, "http.nowhere.example",
                program_name="peer-nowhere").start()
    peer.wait_for_err("the gateway http.nowhere.example cannot be reached", limit=60)
    peer.stop()


def test_a_link_that_is_cut_while_a_body_is_on_it_heals(network, site, backend):
    """Servers lose what was on its way: either all of a body comes, or the visitor sees that it does not."""
    body = pattern(400_000)
    for _ in range(3):
        with network.gateway.connect(site) as connection:
            try:
                connection.send_request("GET", f"/bytes?n={len(body)}")
                pieces = connection.body_pieces(connection.read_head())
                got = next(pieces)
                network.cut()
                got += b"".join(pieces)
                assert got == body
            except (Closed, ConnectionError):
                pass
        check_works(network, site, backend)


def test_a_link_that_is_cut_while_a_body_goes_up_heals(network, site, backend):
    body = pattern(400_000)
    with network.gateway.connect(site) as connection:
        connection.send_request("POST", "/inspect", [("Content-Length", str(len(body)))], body[:200_000])
        wait_until("the handler to run", lambda: backend.running["/inspect"] > 0)
        network.cut()
        try:
            connection.send(body[200_000:])
            answer = connection.read_response()
            assert answer.status in (502, 503, 504) or hashlib.sha256(body).hexdigest() in answer.text
        except (Closed, ConnectionError):
            pass
    check_works(network, site, backend)


def test_a_link_that_falls_silent_is_noticed_and_heals(network, site, backend):
    hanging = open_hanging(network, backend, site)
    streaming = network.gateway.connect(site)
    streaming.send_request("GET", "/endless")
    pieces = streaming.body_pieces(streaming.read_head())
    next(pieces)
    network.freeze()
    assert told(hanging) in (502, 504)
    with pytest.raises((Closed, ConnectionError)):
        for _ in pieces:
            pass
    network.thaw()
    check_works(network, site, backend)


def test_a_domain_that_the_other_server_blocks(network, site, backend):
    """Prosody lets it run into silence, ejabberd refuses its server."""
    network.montague.block(network.gateway.domain)
    for _ in range(2 * AT_MOST):
        assert network.gateway.fetch(site, "/hang").status in (502, 503, 504)
    network.montague.unblock()
    check_works(network, site, backend)


def test_either_server_restarts(network, site, backend):
    for server in (network.montague, network.capulet):
        server.restart()
        network.gateway.wait_ready(60)
        check_works(network, site, backend)


def test_clocks_that_are_apart(place, programs, backend):
    """Twenty hours, which the certificates allow: the peer and its server are ahead."""
    directory = place / "clocks"
    directory.mkdir()
    ahead = {"LD_PRELOAD": "/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1", "FAKETIME": "+20h",
             "FAKETIME_DONT_FAKE_MONOTONIC": "1"}
    network = Network(directory, Prosody, Prosody, ahead).start()
    if sanitizers := os.environ.get("CROSSTALK_SANITIZED"):  # which want to be the first
        first = "libtsan.so" if sanitizers == "thread" else "libasan.so"
        library = subprocess.run(["g++", f"-print-file-name={first}"], capture_output=True, text=True, check=True).stdout
        network.peer_environment["LD_PRELOAD"] = f"{library.strip()} {ahead['LD_PRELOAD']}"
    peer = network.publish("romeo", backend.url)
    answer = network.gateway.fetch("romeo", "/bytes?n=100000")
    assert answer.body == pattern(100_000)
    peer.stop()
    network.gateway.wait_status("romeo", 503)
    peer.start()
    peer.wait_online(60)
    check_works(network, "romeo", backend)
    network.stop()
