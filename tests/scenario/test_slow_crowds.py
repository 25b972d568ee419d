# A thousand at a time who are slow on purpose: each is told or closed in time, and takes little; others are served.
import os
import resource
import selectors

import pytest
from support.backend import pattern
from support.raw_http import Connection
from support.waiting import wait_until

COUNT = 1000
GATEWAY_HOLDS = 160 << 20  # with buffers of 64 KiB; a peer's are 256
PEER_HOLDS = 384 << 20
TABLES = {"timeouts": {"header": "3s", "body": "3s", "idle": "3s", "response": "60s"},
          "limits": {"connections": 4 * COUNT, "connections_per_client": COUNT, "transactions_per_peer": 2 * COUNT,
                     "transactions_per_client": COUNT, "buffer": "64KiB"}}
SLOW, OTHER = "127.0.0.2", "127.0.0.3"


@pytest.fixture(scope="module", autouse=True)
def descriptors():
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 16384), hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.fixture(scope="module", autouse=True)
def peers(world, place, backend):
    """One site for the slow, whose bytes need not pass the XMPP server, and one for the others."""
    page = place / "page"
    page.mkdir()
    (page / "file").write_bytes(pattern(100_000))
    made = [world.publish("romeo", backend.url, direct="auto"), world.publish("juliet", page)]
    world.gateway.wait_for_err("direct stream up")
    return made


class Crowd:
    """COUNT connections that have sent `data` and wait."""

    def __init__(self, world, data, receive_buffer=None):
        host = world.gateway.host("romeo").encode()
        self.all = [Connection(world.gateway.port, source=SLOW, receive_buffer=receive_buffer) for _ in range(COUNT)]
        for each in self.all:
            each.send(data.replace(b"HOST", host))

    def trickle(self, data):
        """More of the same, to those who are still there."""
        for each in self.all:
            try:
                each.send(data)
            except OSError:
                pass

    def ends(self, count=1 << 20):
        """What each was told until its connection ended: the first `count` bytes at most are read."""
        told = {each: b"" for each in self.all}
        with selectors.DefaultSelector() as waiting:
            for each in self.all:
                each.socket.setblocking(False)
                waiting.register(each.socket, selectors.EVENT_READ, each)
            while waiting.get_map():
                ready = waiting.select(30)
                assert ready, f"{len(waiting.get_map())} connections are still open"
                for key, _ in ready:
                    try:
                        data = key.fileobj.recv(count)
                    except ConnectionError:
                        data = b""
                    told[key.data] += data
                    if not data:
                        waiting.unregister(key.fileobj)
        self.leave()
        return list(told.values())

    def leave(self):
        for each in self.all:
            each.close()


def check_others(world):
    for _ in range(20):
        with Connection(world.gateway.port, world.gateway.host("juliet"), 30, source=OTHER) as connection:
            assert connection.get("/file").body == pattern(100_000)


def check_memory(world, peers):
    if os.environ.get("CROSSTALK_SANITIZED"):
        return  # a sanitizer's shadow is no measure of memory
    for program, most in ((world.gateway, GATEWAY_HOLDS), *((peer, PEER_HOLDS) for peer in peers)):
        assert program.peak_memory() < most, f"{program.name} held {program.peak_memory() >> 20} MiB"


def test_a_thousand_slow_heads(world, peers):
    crowd = Crowd(world, b"GET / HTTP/1.1\r\nHost: HOST\r\nX-Slow: ")
    check_others(world)
    crowd.trickle(b"a")
    check_others(world)
    told = crowd.ends()
    assert {each[:12] for each in told} == {b"HTTP/1.1 408"}
    check_memory(world, peers)


def test_a_thousand_who_say_nothing(world, peers):
    crowd = Crowd(world, b"")
    check_others(world)
    assert set(crowd.ends()) == {b""}
    check_memory(world, peers)


def test_a_thousand_slow_bodies(world, peers, backend):
    crowd = Crowd(world, b"POST /inspect HTTP/1.1\r\nHost: HOST\r\nContent-Length: 100000\r\n\r\nabc")
    check_others(world)
    crowd.trickle(b"d" * 1000)
    check_others(world)
    told = crowd.ends()
    assert {each[:12] for each in told} == {b"HTTP/1.1 408"}
    wait_until("the handlers to end", lambda: backend.running["/inspect"] == 0)
    check_memory(world, peers)


def test_a_thousand_slow_readers(world, peers, backend):
    crowd = Crowd(world, b"GET /endless HTTP/1.1\r\nHost: HOST\r\n\r\n", receive_buffer=4096)
    wait_until("handlers", lambda: backend.running["/endless"] > 0)
    check_others(world)
    # Nothing is read of what was sent; each is closed all the same, and its handler ends.
    wait_until("the handlers to end", lambda: backend.running["/endless"] == 0, limit=60)
    wait_until("the connections to be closed", lambda: world.gateway.descriptor_count() < 200)
    check_others(world)
    crowd.leave()
    check_memory(world, peers)
