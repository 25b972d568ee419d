# A gateway that reloads or stops while it is busy: every answer that has begun ends whole, no request is lost.
import signal
import threading

import pytest
from support.backend import pattern
from support.raw_http import Closed, Connection
from support.waiting import wait_until

TABLES = {"timeouts": {"drain": "20s"}}
SIZE = 20_000


class Visitors:
    """Threads that ask again and again, each on a connection that it keeps; every answer is held against the pattern.

    `lost` counts requests without an answer on a connection that had just been made: on one that is kept, both sides may
    close it while it is idle, and whoever asks then asks again elsewhere."""

    def __init__(self, world, site, count):
        self.world, self.site = world, site
        self.stop = threading.Event()
        self.whole, self.lost, self.wrong = 0, 0, []
        self.refused = threading.Event()  # nobody listens any more
        self._lock = threading.Lock()
        self.threads = [threading.Thread(target=self._run, args=(number,), daemon=True) for number in range(count)]
        for thread in self.threads:
            thread.start()

    def _run(self, number):
        while not self.stop.is_set() and not self.refused.is_set():
            try:
                connection = self.world.gateway.connect(self.site, timeout=30)
            except ConnectionRefusedError:
                self.refused.set()
                return
            except OSError:
                continue  # the listener closed while it connected
            with connection:
                self._talk(connection, number)

    def _talk(self, connection, number):
        for turn in range(1 << 30):
            if self.stop.is_set():
                return
            try:
                connection.send_request("GET", f"/bytes?n={SIZE + number}")
                answer = connection.read_response()
            except (Closed, OSError) as failure:
                if turn == 0 or b"HTTP/1.1" in str(failure).encode():
                    with self._lock:
                        self.lost += 1
                return
            except AssertionError as failure:
                self.wrong.append(str(failure)[:200])
                return
            if (answer.status, answer.body) != (200, pattern(SIZE + number)):
                self.wrong.append((answer.status, len(answer.body)))
            with self._lock:
                self.whole += 1
            if (answer.get("Connection") or "").lower() == "close":
                return

    def end(self):
        self.stop.set()
        for thread in self.threads:
            thread.join(60)
            assert not thread.is_alive()


@pytest.fixture
def visitors(world, site):
    made = Visitors(world, site, 16)
    wait_until("some answers", lambda: made.whole > 50)
    yield made
    made.end()


def test_a_reload_under_load_is_noticed_by_nobody(world, site, visitors):
    for number in range(5):
        before = visitors.whole
        world.gateway.write({**TABLES, "limits": {"connections": 5000 + number}, "log": {"level": ("info", "debug")[number % 2]}})
        world.gateway.signal(signal.SIGHUP)
        wait_until("more answers", lambda: visitors.whole > before + 20)
    visitors.end()
    assert (visitors.lost, visitors.wrong) == (0, [])
    wait_until("all of them to be read", lambda: world.gateway.err().count("configuration read") >= 1)


def test_a_stop_under_load_cuts_nothing_short(world, site, backend, visitors):
    """Last: there is no gateway after it."""
    streams = [world.gateway.connect(site) for _ in range(20)]
    for stream in streams:
        stream.send_request("GET", "/ticks?n=40")
        assert stream.read_head().status == 200
    backend.hold.clear()
    uploads = [world.gateway.connect(site) for _ in range(20)]
    for upload in uploads:
        upload.send_request("POST", "/gate", [("Content-Length", "10")], b"12345")
    wait_until("the uploads to have begun", lambda: backend.running["/gate"] == 20)
    world.gateway.signal(signal.SIGTERM)
    assert visitors.refused.wait(30), "it still listens"
    for upload in uploads:
        upload.send(b"67890")
    backend.hold.set()
    for upload in uploads:
        assert upload.read_response().body == b"through"
        assert upload.read_to_end() == b""
    for stream in streams:
        assert b"".join(stream._chunks()) == b"".join(b"data: %d\n\n" % number for number in range(40))
        assert stream.read_to_end() == b""
    assert world.gateway.wait_for_exit(25) == 0
    visitors.end()
    assert visitors.wrong == []
    assert "connections cut" not in world.gateway.err()
    with pytest.raises(OSError):
        Connection(world.gateway.port)
