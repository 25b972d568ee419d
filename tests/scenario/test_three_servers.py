# Two Prosodys and an ejabberd in one federation: a gateway on the first, peers on all of them, and users who ask
# each other without a gateway. Once with certificates that all of them trust, once with dialback.
import os
import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from support.backend import pattern
from support.crosstalk import BINARY, crosstalk
from support.ejabberd import Ejabberd
from support.federation import Federation
from support.ports import free_port
from support.program import Program
from support.prosody import Prosody
from support.raw_http import Connection
from support.waiting import wait_until
from test_federation import Network

OWNERS = {"romeo": "romeo@montague.example", "mercutio": "mercutio@verona.example", "juliet": "juliet@capulet.example"}


class ThreeServers(Network):
    def __init__(self, directory, dialback):
        federation = Federation(directory, dialback)
        super().__init__(directory, Prosody, Prosody, sites=OWNERS, federation=federation)
        self.verona = Ejabberd(directory, "verona.example", users=("mercutio", "tybalt"), components={},
                               federation=federation, name="verona")

    def start(self):
        self.verona.start()
        return super().start()

    def stop(self):
        super().stop()
        self.verona.end()

    def server_of(self, domain):
        return {"montague": self.montague, "verona": self.verona, "capulet": self.capulet}[domain]

    def account(self, user, domain):
        """Options that log in as `user`, whose server is found by DNS."""
        server = self.server_of(domain)
        password = os.path.join(str(self.directory), user + ".asks")
        with open(password, "w", encoding="utf-8") as file:
            file.write(server.password(user) + "\n")
        os.chmod(password, 0o600)
        return ["--jid", f"{user}@{server.domain}", "--ca-file", server.ca_file, "--password-file", password]

    def fetch(self, uri, user, domain):
        return crosstalk("fetch", uri, *self.account(user, domain), text=False, environment=self.peer_environment)


@pytest.fixture(scope="module", params=["certificates", "dialback"])
def network(request, place, programs, backend):
    directory = place / request.param
    directory.mkdir()
    made = ThreeServers(directory, request.param == "dialback").start()
    for user, owner in OWNERS.items():
        made.publish(user, backend.url, at=made.server_of(owner.split("@")[1].removesuffix(".example")),
                     options=["--allow", "capulet.example"])
    yield made
    made.stop()


def bodies_of(network, users):
    with ThreadPoolExecutor(len(users)) as pool:
        return list(pool.map(lambda user: network.gateway.fetch(user, "/bytes?n=200000").body, users))


def test_one_gateway_for_peers_of_three_domains(network):
    assert bodies_of(network, list(OWNERS)) == [pattern(200_000)] * 3


def test_the_servers_know_each_other_as_this_network_has_it(network):
    """Else the tests on dialback would be those on certificates once more."""
    network.gateway.wait_status("romeo", 200, "/inspect")
    is_refused = re.search("SASL EXTERNAL with .* failed", network.capulet.log()) is not None
    assert is_refused == network.federation.dialback


def test_the_limit_of_one_domain_leaves_the_others_alone(network):
    assert network.gateway.site("rule", "verona.example", "domain_transactions", "0").returncode == 0
    network.gateway.wait_status("mercutio", 503, "/inspect")
    assert bodies_of(network, ["romeo", "juliet"]) == [pattern(200_000)] * 2
    assert network.gateway.site("rule", "verona.example", "domain_transactions", "none").returncode == 0
    network.gateway.wait_status("mercutio", 200, "/inspect")


def test_a_domain_that_falls_silent_holds_up_no_other(network, backend):
    assert bodies_of(network, ["romeo"]) == [pattern(200_000)]
    network.federation.wires["montague.example"].freeze()
    with network.gateway.connect("romeo") as waiting:
        waiting.send_request("GET", "/bytes?n=5000")
        for _ in range(3):
            assert bodies_of(network, ["mercutio", "juliet"]) == [pattern(200_000)] * 2
        network.federation.wires["montague.example"].thaw()
        assert waiting.read_response("GET").body == pattern(5_000)


def test_from_user_to_user_across_servers(network):
    for owner in ("romeo@montague.example", "mercutio@verona.example"):
        got = network.fetch(f"httpx://{owner}/bytes?n=300000", "juliet", "capulet")
        assert (got.returncode, got.stdout) == (0, pattern(300_000)), got.stderr
        refused = network.fetch(f"httpx://{owner}/bytes?n=10", "tybalt", "verona")
        assert (refused.returncode, refused.stdout) == (4, b"")
        assert refused.stderr.startswith(b"403 Forbidden")


def test_in_the_browser_across_servers(network, place):
    port = free_port()
    proxy = Program(f"proxy-{network.federation.dialback}", [
        BINARY, "proxy", "--listen", f"127.0.0.1:{port}", *network.account("juliet", "capulet")], str(place),
        environment=network.peer_environment).start()
    proxy.wait_for_out(r"^http://localhost")
    for host in ("romeo-at-montague-example.localhost", "mercutio-at-verona-example.localhost"):
        with Connection(port, f"{host}:{port}") as connection:
            assert connection.get("/bytes?n=100000").body == pattern(100_000)
    network.federation.wires["montague.example"].cut()
    wait_until("the site to be back", lambda: _status(port) == 200, limit=60)
    proxy.stop()


def _status(port):
    """What a visitor sees who reloads a page that does not come: a request may have been lost with the link."""
    with Connection(port, f"romeo-at-montague-example.localhost:{port}", timeout=5) as connection:
        try:
            return connection.get("/inspect").status
        except TimeoutError:
            return None
