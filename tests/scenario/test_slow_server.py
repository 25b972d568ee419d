# Servers as they are shipped: slow for clients, with stanza limits of their own. Nothing breaks, small goes first.
import random

import pytest
from support.backend import pattern
from support.raw_http import Closed
from support.servers import Server
from support.waiting import wait_until
from support.world import World


def bytes_of(count):
    return random.Random(count).randbytes(count)


@pytest.fixture(scope="module")
def slow(place, programs):
    (place / "slow").mkdir()
    made = World(place / "slow", rate=50_000)
    made.start()
    yield made
    made.stop()


@pytest.fixture(scope="module")
def narrow(place, programs):
    (place / "narrow").mkdir()
    made = World(place / "narrow", c2s_stanza=30000)
    made.start()
    yield made
    made.stop()


def test_a_page_crosses_at_the_rate_that_the_package_ships(place, programs, backend):
    (place / "shipped").mkdir()
    world = World(place / "shipped", rate=Server.shipped_rate).start()
    world.publish("romeo", backend.url)
    answer = world.gateway.fetch("romeo", "/bytes?n=12000")
    assert (answer.status, answer.body) == (200, pattern(12_000))
    world.stop()


def test_small_requests_pass_a_download_that_fills_the_link(slow, backend):
    slow.publish("romeo", backend.url)
    with slow.gateway.connect("romeo", timeout=120) as bulk:
        bulk.send_request("GET", "/bytes?n=400000")
        head = bulk.read_head()
        pieces = bulk.body_pieces(head)
        got = next(pieces)
        for _ in range(3):
            assert slow.gateway.fetch("romeo", "/inspect", timeout=60).status == 200
        # The small ones were answered while the large one was still on its way.
        assert backend.running["/bytes"] == 1 or len(got) < 400000
        assert got + b"".join(pieces) == pattern(400000)


def test_a_server_with_a_small_stanza_limit_is_learnt(narrow, backend):
    """It cannot be asked for its limit: it closes the stream, and what is sent afterwards is smaller."""
    peer = narrow.publish("romeo", backend.url)
    long_head = b"".join(b"X-%d: %s\r\n" % (number, b"x" * 2000) for number in range(25))
    backend.answers["/raw?long"] = b"HTTP/1.1 200 OK\r\n" + long_head + b"Content-Length: 0\r\n\r\n"

    def broken():
        return peer.err().count("policy-violation")
    assert narrow.gateway.fetch("romeo", "/raw?long").status in (502, 503)
    wait_until("the stream to be closed for it", lambda: broken() == 1)
    wait_until("the peer to be back", lambda: narrow.gateway.fetch("romeo", "/inspect").status == 200)
    for _ in range(3):  # it is not tried again: a head cannot be cut
        assert narrow.gateway.fetch("romeo", "/raw?long").status == 502
    assert narrow.gateway.fetch("romeo", "/inspect").status == 200 and broken() == 1
    body = bytes_of(500_000)

    def passes():
        try:
            answer = narrow.gateway.fetch("romeo", "/echo", "POST", body=body, timeout=30)
        except (Closed, OSError):
            return False
        return answer.status == 200 and answer.body == body
    # What is sent grows while it goes well, up to half of what was too large: so often it can be at most.
    wait_until("bodies to pass again and again", lambda: all(passes() for _ in range(5)), limit=90, pause=0.5)
    assert broken() <= 5, "what has been learnt is forgotten"
