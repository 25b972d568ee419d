# One visitor, or one peer, that takes more than its share: it is told so, and nobody else is.
import signal

import pytest
from support.raw_http import Connection
from support.waiting import wait_until
from support.websocket import SocketApp, TEXT, frame, handshake, read_frame
from support.world import World

LIMITS = {"transactions_per_peer": 6, "websockets_per_peer": 3, "transactions_per_client": 4, "connections_per_client": 1000}
FLOODER, OTHER, PROXY = "127.0.0.2", "127.0.0.3", "127.0.0.4"
TABLES = {"limits": LIMITS, "http": {"trusted_proxies": [PROXY]}, "timeouts": {"response": "120s", "body": "120s"}}


def ask(world, site, target="/inspect", source=OTHER, headers=()):
    with Connection(world.gateway.port, world.gateway.host(site), 20, source=source) as connection:
        return connection.request("GET", target, headers)


def configure(world, **limits):
    """Other limits, without a restart."""
    count = world.gateway.err().count("configuration read")
    world.gateway.write({**TABLES, "limits": {**LIMITS, **limits}})
    world.gateway.signal(signal.SIGHUP)
    wait_until("the configuration to be read", lambda: world.gateway.err().count("configuration read") > count)


class Held:
    """So many requests that the app does not answer before `backend.hold` is set."""

    def __init__(self, world, site, backend, count, source=FLOODER, headers=()):
        self.backend = backend
        backend.hold.clear()
        before = backend.running["/gate"]
        self.connections = [Connection(world.gateway.port, world.gateway.host(site), 20, source=source) for _ in range(count)]
        for connection in self.connections:
            connection.send_request("GET", "/gate", headers)
        wait_until("the handlers", lambda: backend.running["/gate"] == before + count)

    def let_go(self):
        self.backend.hold.set()
        for connection in self.connections:
            answer = connection.read_response()
            assert (answer.status, answer.body) == (200, b"through")
            connection.close()


def test_one_visitor_has_so_many_requests_open_and_others_are_served(world, site, backend):
    held = Held(world, site, backend, 4)
    with Connection(world.gateway.port, world.gateway.host(site), 20, source=FLOODER) as connection:
        for _ in range(3):
            over = connection.request("GET", "/inspect")
            assert over.status == 429 and int(over.get("Retry-After")) > 0
        connection.send_request("GET", "/", [("Host", world.gateway.host("juliet"))])
        assert connection.read_response().status == 429, "it is the same visitor at every site"
    assert ask(world, site).status == 200
    held.let_go()
    assert ask(world, site, source=FLOODER).status == 200


def test_a_peer_that_has_its_fill_is_503_and_other_sites_are_not(world, site, backend):
    world.publish("juliet", backend.url)
    held = [Held(world, site, backend, 3, FLOODER), Held(world, site, backend, 3, "127.0.0.5")]
    over = ask(world, site)
    assert over.status == 503 and int(over.get("Retry-After")) > 0
    assert ask(world, "juliet").status == 200
    assert ask(world, "juliet", source=FLOODER).status == 200
    for each in held:
        each.let_go()
    assert ask(world, site).status == 200


@pytest.mark.parametrize("one, same, other", [
    ("203.0.113.9", "203.0.113.9", "203.0.113.10"), ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", "2001:db8:1:3::1"),
    ("::ffff:203.0.113.9", "203.0.113.9", "::ffff:203.0.113.10")])
def test_who_comes_through_a_trusted_proxy_is_counted_by_his_own_address(world, site, backend, one, same, other):
    def from_address(address):
        return [("X-Forwarded-For", address)]
    held = Held(world, site, backend, 4, PROXY, from_address(one))
    assert ask(world, site, source=PROXY, headers=from_address(same)).status == 429
    assert ask(world, site, source=PROXY, headers=from_address("1.2.3.4, " + same)).status == 429
    assert ask(world, site, source=PROXY, headers=from_address(other)).status == 200
    assert ask(world, site, source=PROXY).status == 200, "the proxy itself stands for many"
    assert ask(world, site, source=OTHER, headers=from_address(same)).status == 200, "from elsewhere it is only a claim"
    held.let_go()


def test_nobody_alone_can_fill_a_peer_unless_the_operator_lets_him(place, programs, backend):
    directory = place / "defaults"
    directory.mkdir()
    world = World(directory, tables={"limits": {"transactions_per_peer": 32}}).start()
    world.publish("romeo", backend.url)
    held = Held(world, "romeo", backend, 30)
    assert ask(world, "romeo", source=FLOODER).status == 429
    assert ask(world, "romeo").status == 200
    held.let_go()
    world.stop()


def test_the_rate_of_one_visitor_is_limited_where_the_operator_says_so(world, site):
    configure(world, rate_per_client=1)
    with Connection(world.gateway.port, world.gateway.host(site), 20, source="127.0.0.6") as connection:
        statuses = [connection.get("/inspect").status for _ in range(60)]
        assert statuses[:10] == [200] * 10 and 429 in statuses
        over = wait_until("a refusal", lambda: next((a for a in [connection.get("/inspect")] if a.status == 429), None))
        assert int(over.get("Retry-After")) > 0
    assert ask(world, site).status == 200
    configure(world)
    assert {ask(world, site, source="127.0.0.6").status for _ in range(20)} == {200}


def test_a_limit_may_be_raised_and_lowered_while_requests_are_open(world, site, backend):
    held = Held(world, site, backend, 4)
    assert ask(world, site, source=FLOODER).status == 429
    configure(world, transactions_per_client=5)
    assert ask(world, site, source=FLOODER).status == 200
    configure(world, transactions_per_client=1)
    assert ask(world, site, source=FLOODER).status == 429
    assert ask(world, site).status == 200
    held.let_go()
    configure(world)


def test_websockets_have_a_share_of_their_own(world, backend):
    """They stay for hours: they may take no place of other requests, nor these of theirs."""
    app = SocketApp()
    world.publish("benvolio", app.url)
    fields, _ = handshake()

    def upgrade(source):
        connection = Connection(world.gateway.port, world.gateway.host("benvolio"), 20, source=source)
        connection.send_request("GET", "/echo", fields)
        return connection, connection.read_head()
    opened = [upgrade(f"127.0.1.{number}") for number in range(3)]
    assert [head.status for _, head in opened] == [101] * 3
    connection, over = upgrade(OTHER)
    connection.close()
    assert over.status == 503 and int(over.get("Retry-After")) > 0
    assert ask(world, "benvolio", "/refuse").status == 403
    for connection, _ in opened:
        connection.send(frame(b"still", TEXT, b"abcd"))
        assert read_frame(connection.read_exactly) == (TEXT, True, b"still")
    opened.pop()[0].close()

    def again():
        connection, head = upgrade(OTHER)
        connection.close()
        return head.status == 101
    wait_until("room again", again)
    for connection, _ in opened:
        connection.close()
    app.close()


def test_requests_that_fill_a_peer_leave_its_websockets_alone(world, site, backend):
    held = [Held(world, site, backend, 3, FLOODER), Held(world, site, backend, 3, "127.0.0.5")]
    assert ask(world, site).status == 503
    fields, _ = handshake()
    # The app knows no WebSockets, and says so itself: it has been asked.
    assert ask(world, site, "/inspect", headers=fields).status == 200
    for each in held:
        each.let_go()
