# The direct stream: requests past the XMPP servers, and back in band when it breaks.
#
# Gateway and peers reach each other through a Wire, so that the stream can be cut and frozen alone.
import re

import pytest
from support.backend import pattern
from support.raw_http import Connection
from support.waiting import Stopwatch, wait_until
from support.wire import Wire
from support.world import SITES, World
from support.xmpp import Client, new_id
from test_bodies import (test_a_chunked_upload, test_every_method_with_a_body, test_get_and_head)  # noqa: F401
from test_crowd import (test_clients_that_stop_reading_hold_nobody_up,  # noqa: F401
                        test_two_hundred_clients_each_get_their_own_bytes,
                        test_two_hundred_transactions_are_open_at_once)
from test_peer_leaves import GONE, drain, open_hanging, open_streaming, told


@pytest.fixture(scope="module")
def wire():
    made = Wire(0)
    yield made
    made.close()


@pytest.fixture(scope="module")
def world(place, programs, wire):
    fixed = {name: jid for name, jid in SITES.items() if name != "benvolio"}
    made = World(place, tables={"http": {"base_url": f"http://localhost:{wire.port}"}}, sites=fixed)
    wire.target_port = made.gateway.port
    made.start()
    bind_benvolio(made)
    yield made
    made.stop()


@pytest.fixture(scope="module")
def site(world, backend):
    publish_direct(world, "romeo", backend.url)
    return "romeo"


def bind_benvolio(world):
    """His site is in the registry, the others' are fixed."""
    assert world.gateway.site("add", "benvolio", SITES["benvolio"]).returncode == 0


def ups(world, user):
    return len(re.findall(rf"direct stream up .*peer=\"?{user}@", world.gateway.err()))


def endings(world, user):
    """(why, requests, bytes received) of each stream of that user that has ended."""
    found = re.findall(rf"direct stream ended peer=\"?{user}@\S+ why=(.*) requests=(\d+) received=(\d+) sent=",
                       world.gateway.err())
    return [(why, int(requests), int(received)) for why, requests, received in found]


def publish_direct(world, user, target, **options):
    before = ups(world, user)
    peer = world.publish(user, target, direct=options.pop("direct", "auto"), **options)
    wait_until("the direct stream", lambda: ups(world, user) > before)
    return peer


def test_what_was_answered_went_over_the_stream(world, backend):
    peer = publish_direct(world, "juliet", backend.url)
    before = len(endings(world, "juliet"))
    for _ in range(5):
        assert world.gateway.fetch("juliet", "/bytes?n=1000000").body == pattern(1000000)
    peer.stop()
    wait_until("the stream to end", lambda: len(endings(world, "juliet")) > before)
    _, requests, received = endings(world, "juliet")[-1]
    assert requests == 5
    assert received > 5 * 1000000


def test_never_stays_in_band(world, backend):
    before = ups(world, "juliet")
    peer = world.publish("juliet", backend.url, direct="never")
    assert world.gateway.fetch("juliet", "/bytes?n=5000").body == pattern(5000)
    assert ups(world, "juliet") == before
    peer.stop()


def test_a_killed_peer_is_noticed(world, backend):
    peer = publish_direct(world, "juliet", backend.url, program_name="peer-killed")
    hanging, streaming = open_hanging(world, backend, "juliet"), open_streaming(world, "juliet")
    watch = Stopwatch()
    peer.kill()
    assert told(hanging) in (502, 504)
    drain(streaming)
    assert watch.seconds < GONE


def test_a_dead_link_is_noticed(world, backend, wire):
    peer = publish_direct(world, "benvolio", backend.url, program_name="peer-frozen")
    hanging, streaming = open_hanging(world, backend, "benvolio"), open_streaming(world, "benvolio")
    watch = Stopwatch()
    wire.freeze()
    assert told(hanging) in (502, 504)
    drain(streaming)
    assert watch.seconds < GONE
    # In band nothing is wrong.
    assert world.gateway.fetch("benvolio", "/bytes?n=5000").body == pattern(5000)
    before = ups(world, "benvolio")
    wire.thaw()
    wait_until("the next stream", lambda: ups(world, "benvolio") > before, limit=60)
    peer.stop()


def test_a_cut_stream_cuts_its_bodies_and_comes_back(world, backend, wire):
    peer = publish_direct(world, "benvolio", backend.url, program_name="peer-cut")
    streaming = open_streaming(world, "benvolio")
    before = ups(world, "benvolio"), len(endings(world, "benvolio"))
    wire.cut()
    drain(streaming)
    wait_until("the stream to end", lambda: len(endings(world, "benvolio")) > before[1])
    assert world.gateway.fetch("benvolio", "/bytes?n=300000").body == pattern(300000)
    wait_until("the next stream", lambda: ups(world, "benvolio") > before[0], limit=60)
    assert world.gateway.fetch("benvolio", "/bytes?n=300000").body == pattern(300000)
    before_end = len(endings(world, "benvolio"))
    peer.stop()
    wait_until("the stream to end", lambda: len(endings(world, "benvolio")) > before_end)
    assert endings(world, "benvolio")[-1][1] >= 1


def test_require_refuses_what_comes_in_band(world, backend, wire):
    peer = publish_direct(world, "juliet", backend.url, direct="require", program_name="peer-require")
    assert world.gateway.fetch("juliet", "/bytes?n=5000").body == pattern(5000)
    before = ups(world, "juliet"), len(endings(world, "juliet"))
    wire.freeze()
    wire.cut()
    wait_until("the stream to end", lambda: len(endings(world, "juliet")) > before[1])
    refused = world.gateway.fetch("juliet", "/bytes?n=5000")
    assert refused.status == 503 and "--direct require" in refused.text
    peer.wait_for_err("requests are refused until there is one")
    wire.thaw()
    wait_until("the next stream", lambda: ups(world, "juliet") > before[0], limit=60)
    world.gateway.wait_status("juliet", 200, "/inspect")
    peer.stop()


def test_the_server_restarts_while_the_stream_is_up(world, backend):
    peer = publish_direct(world, "juliet", backend.url, program_name="peer-restart")
    with world.gateway.connect("juliet") as connection:
        connection.send_request("GET", "/ticks?n=100")
        pieces = connection.body_pieces(connection.read_head())
        got = next(pieces)
        world.server.kill()
        world.gateway.wait_not_ready()
        assert world.gateway.fetch("juliet").status == 503
        world.server.start()
        got += b"".join(pieces)
    assert got.count(b"data:") == 100
    world.gateway.wait_ready(60)
    world.gateway.wait_status("juliet", 200, "/inspect", limit=60)
    peer.stop()


# At the door: raw clients, with and without leave.

KEY = "dGhlIHNhbXBsZSBub25jZQ=="
CROSSTALK = "urn:crosstalk:1"


@pytest.fixture
def stranger(world):
    """A raw client of benvolio's that the gateway knows to be online."""
    client = Client(world.server, "benvolio", resource=new_id())
    client.send("<presence/>")
    yield client
    client.close()


def offer(world, client):
    """The <direct/> that the gateway answers with, once it has seen the client's presence."""
    def look():
        client.send(f"<presence to='{world.domain}'/>")  # heard once the gateway knows its owner
        answer = client.ask(world.domain, "get", f"<direct xmlns='{CROSSTALK}'/>")
        return (answer[0],) if answer.get("type") == "result" else None
    return wait_until("an offer", look)[0]


def knock(world, token=None, path="/.well-known/crosstalk", host="localhost", without=(), **fields):
    """An upgrade request, and the connection that it was sent on."""
    headers = {"Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Version": "13",
               "Sec-WebSocket-Key": KEY, "Sec-WebSocket-Protocol": "crosstalk.1"}
    if token is not None:
        headers["Authorization"] = f"Bearer {token}"
    headers.update({name.replace("_", "-"): value for name, value in fields.items()})
    connection = Connection(world.gateway.port, host)
    connection.send_request("GET", path, [(name, value) for name, value in headers.items() if name not in without])
    return connection


def status_of(connection):
    with connection:
        return connection.read_head().status


def frame(opcode, payload):
    """A client's frame, masked with nothing."""
    head = bytes([0x80 | opcode])
    head += bytes([0x80 | len(payload)]) if len(payload) < 126 else b"\xfe" + len(payload).to_bytes(2, "big")
    return head + bytes(4) + payload


def close_code(connection):
    """The code of the close frame that comes next, pings aside."""
    while True:
        opcode, size = connection.read_exactly(2)
        payload = connection.read_exactly(size)
        if opcode == 0x88:
            return int.from_bytes(payload[:2], "big")


def test_an_offer_is_for_owners_who_are_online(world, stranger):
    offered = offer(world, stranger)
    assert offered.get("url").startswith("ws://localhost:") and offered.get("url").endswith("/.well-known/crosstalk")
    assert len(offered.get("token")) >= 22
    silent = Client(world.server, "benvolio", resource=new_id())
    refused = silent.ask(world.domain, "get", f"<direct xmlns='{CROSSTALK}'/>")
    assert refused.get("type") == "error"
    silent.close()


def test_a_token_opens_the_door_once(world, stranger):
    token = offer(world, stranger).get("token")
    with knock(world, token) as first:
        head = first.read_head()
        assert head.status == 101 and head.get("Sec-WebSocket-Accept") == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
        assert head.get("Sec-WebSocket-Protocol") == "crosstalk.1"
        assert head.get("Sec-WebSocket-Extensions") is None
        again = knock(world, token)
        assert status_of(again) == 401


def test_whoever_has_no_leave_stays_outside(world, stranger):
    token = offer(world, stranger).get("token")
    for wrong in (None, "", token[:-1], token + "x", "x" * 5000):
        assert status_of(knock(world, wrong)) == 401
    assert status_of(knock(world, token, Origin="http://localhost")) == 403
    assert status_of(knock(world, token, without=["Upgrade"])) == 426
    assert status_of(knock(world, token, Sec_WebSocket_Version="8")) == 426
    assert status_of(knock(world, token, without=["Sec-WebSocket-Key"])) == 400
    assert status_of(knock(world, token, Sec_WebSocket_Protocol="chat")) == 400
    assert status_of(knock(world, token, path="/.well-known/crosstalk/")) in (404, 308)
    assert status_of(knock(world, token, host="nobody.localhost")) == 404
    with Connection(world.gateway.port) as posting:
        posting.send_request("POST", "/.well-known/crosstalk", [("Authorization", f"Bearer {token}")], b"x")
        assert posting.read_head().status == 400
    # None of these has used the token up.
    assert status_of(knock(world, token)) == 101


def test_nonsense_on_a_stream_closes_it_alone(world, backend, stranger):
    peer = publish_direct(world, "juliet", backend.url, program_name="peer-beside")
    nonsense = {frame(2, b"\0\0\0\x02[]"): 1007, frame(2, b"\xff\xff\xff\xff{}"): 1007, frame(1, b"{}"): 1003,
                b"\xc2\x80\0\0\0\0": 1002, b"\x82\x02ab": 1002, b"\x82\xff\0\0\0\0\x7f\0\0\0\0\0\0\0": 1009,
                frame(8, b"\x03\xe8"): 1000}
    for sent, code in nonsense.items():
        with knock(world, offer(world, stranger).get("token")) as connection:
            assert connection.read_head().status == 101
            connection.send(sent)
            assert close_code(connection) == code, sent
    # What breaks a transaction alone leaves the stream alone.
    with knock(world, offer(world, stranger).get("token")) as connection:
        connection.read_head()
        json = b'{"batch":"x","statuscode":200}'
        connection.send(frame(2, len(json).to_bytes(4, "big") + json) + frame(9, b"still there?"))
        answers = {}
        for _ in range(2):
            opcode, size = connection.read_exactly(2)
            answers[opcode] = connection.read_exactly(size)
        assert b"unknown" in answers[0x82] and answers[0x8a] == b"still there?"
    assert world.gateway.fetch("juliet", "/bytes?n=5000").body == pattern(5000)
    peer.stop()


def test_the_second_stream_of_a_resource_takes_the_place_of_the_first(world, stranger):
    with knock(world, offer(world, stranger).get("token")) as first:
        first.read_head()
        with knock(world, offer(world, stranger).get("token")) as second:
            second.read_head()
            assert close_code(first) == 1008
            second.send(frame(9, b"!"))
            assert second.read_exactly(3) == b"\x8a\x01!"


def test_whoever_goes_offline_loses_the_stream(world, stranger):
    with knock(world, offer(world, stranger).get("token")) as connection:
        connection.read_head()
        stranger.send(f"<presence type='unavailable' to='{world.domain}'/>")
        assert close_code(connection) == 1008


def test_whoever_loses_the_last_site_loses_the_stream(world, stranger):
    with knock(world, offer(world, stranger).get("token")) as connection:
        connection.read_head()
        assert world.gateway.site("remove", "benvolio").returncode == 0
        assert close_code(connection) == 1008
        refused = stranger.ask(world.domain, "get", f"<direct xmlns='{CROSSTALK}'/>")
        assert refused.get("type") == "error"
    bind_benvolio(world)


def test_streams_hold_no_shutdown_up(world, backend):
    peer = publish_direct(world, "juliet", backend.url, program_name="peer-last")
    with world.gateway.connect("juliet") as connection:
        connection.send_request("GET", "/ticks?n=20")
        pieces = connection.body_pieces(connection.read_head())
        got = next(pieces)
        watch = Stopwatch()
        world.gateway.signal(15)
        got += b"".join(pieces)
        assert got.count(b"data:") == 20
        assert world.gateway.wait_for_exit() == 0
        assert watch.seconds < 10
    world.gateway.start().wait_ready()
    world.gateway.wait_status("juliet", 200, "/inspect", limit=60)
    peer.stop()
