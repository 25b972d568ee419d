# Servers as they are shipped: slow for clients, with stanza limits of their own. Nothing breaks, small goes first.
import random

import pytest
from support.backend import pattern
from support.waiting import wait_until
from support.world import World


def bytes_of(count):
    return random.Random(count).randbytes(count)


@pytest.fixture(scope="module")
def slow(place, programs):
    (place / "slow").mkdir()
    made = World(place / "slow", rate="50kb/s")
    made.start()
    yield made
    made.stop()


@pytest.fixture(scope="module")
def narrow(place, programs):
    (place / "narrow").mkdir()
    made = World(place / "narrow", c2s_stanza=10000, component_stanza=10000)
    made.start()
    yield made
    made.stop()


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


def test_a_server_with_small_stanzas(narrow, backend):
    narrow.publish("romeo", backend.url)
    with narrow.gateway.connect("romeo", timeout=120) as connection:
        for size in (1, 9000, 10001, 100_000, 500_000):
            body = bytes_of(size)
            assert connection.request("POST", "/echo", body=body).body == body
    assert narrow.gateway.fetch("romeo", "/inspect", headers=[("X-Long", "a" * 20000)]).status == 431
    wait_until("the stream to be whole", lambda: narrow.gateway.fetch("romeo", "/inspect").status == 200)
