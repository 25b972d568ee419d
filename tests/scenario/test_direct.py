# The direct stream: requests past the XMPP servers, and back in band when it breaks.
#
# Gateway and peers reach each other through a Wire, so that the stream can be cut and frozen alone.
import re

import pytest
from support.backend import pattern
from support.waiting import Stopwatch, wait_until
from support.wire import Wire
from support.world import World
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
    made = World(place, tables={"http": {"base_url": f"http://localhost:{wire.port}"}})
    wire.target_port = made.gateway.port
    made.start()
    yield made
    made.stop()


@pytest.fixture(scope="module")
def site(world, backend):
    publish_direct(world, "romeo", backend.url)
    return "romeo"


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
        world.prosody.kill()
        world.gateway.wait_not_ready()
        assert world.gateway.fetch("juliet").status == 503
        world.prosody.start()
        got += b"".join(pieces)
    assert got.count(b"\n") == 100
    world.gateway.wait_ready(60)
    world.gateway.wait_status("juliet", 200, "/inspect", limit=60)
    peer.stop()
