# HTTP/2 where the link, the app or the client is slow: who waits for others is not taken for somebody who is slow.
import json
import signal
import socket
import struct
import time

import pytest
from support.backend import pattern
from support.http2 import FRAME_SIZE, Http2, frame, head_of
from support.world import World

DATA, HEADERS, GOAWAY = 0, 1, 7
END_STREAM, END_HEADERS = 1, 4
BODY = 3  # seconds that a body may stand still
TABLES = {"timeouts": {"header": "2s", "body": f"{BODY}s", "drain": "30s"}, "limits": {"uri": "2KiB"}}


def open_http2(world, **options):
    return Http2(world.gateway.port, world.gateway.host("romeo"), **options)


def test_many_downloads_share_a_slow_link(world, site):
    rate, count, size = 100_000, 30, 60_000
    with open_http2(world, rate=rate) as slow:
        assert count * FRAME_SIZE > BODY * rate, "each has its turn within its time"
        streams = [slow.start("GET", f"/bytes?n={size}") for _ in range(count)]
        slow.wait(*streams)
        assert {bytes(slow.answers[stream].body) for stream in streams} == {pattern(size)}


def fill(connection, streams):
    """Sends bodies until the server takes nothing any more."""
    connection.socket.settimeout(1.5)
    while True:
        for stream in streams:
            while room := min(connection.h2.local_flow_control_window(stream), FRAME_SIZE):
                connection.h2.send_data(stream, bytes(room))
                connection.flush()
        try:
            connection.pump()
        except TimeoutError:
            connection.socket.settimeout(30)
            return


def test_an_upload_waits_for_those_that_nobody_takes(world, site):
    with open_http2(world) as connection:
        stuck = [connection.start("POST", "/hang", end=False) for _ in range(5)]
        fill(connection, stuck)
        assert connection.h2.outbound_flow_control_window < FRAME_SIZE
        behind = connection.start("POST", "/inspect", end=False)
        connection.socket.settimeout(0.5)
        until = time.monotonic() + 2 * BODY
        while time.monotonic() < until:
            with pytest.raises(TimeoutError):
                connection.pump()
        connection.socket.settimeout(30)
        for stream in stuck:
            connection.h2.reset_stream(stream)
        connection.flush()
        connection.send(behind, bytes(100_000), end=True)
        assert json.loads(connection.wait(behind).body)["length"] == 100_000


@pytest.mark.parametrize("method, line", [("POST", "204 No Content"), ("POST", "304 Not Modified"), ("HEAD", "200 OK")])
def test_a_head_alone_comes_whole_beside_a_download(world, site, backend, method, line):
    backend.answers["/raw?alone"] = f"HTTP/1.1 {line}\r\nX-Kept: yes\r\nConnection: close\r\n\r\n".encode()
    with open_http2(world, rate=400_000) as connection:
        download = connection.start("GET", "/bytes?n=1000000")
        while len(connection.answers[download].body) < 100_000:
            connection.pump()
        # The first has a body to come that will not be asked for.
        alone = [connection.start(method, "/raw?alone", end=at > 0) for at in range(3)]
        connection.send(alone[0], b"", end=True)
        connection.wait(*alone, download)
        for stream in alone:
            answer = connection.answers[stream]
            assert (answer.status, answer.get("x-kept"), answer.is_whole) == (int(line[:3]), "yes", True)


def test_an_early_answer_without_a_body_is_not_lost(world, site, backend):
    with open_http2(world) as connection:
        for _ in range(20):
            stream = connection.start("HEAD", "/early", end=False)
            answer = connection.wait(stream)
            assert (answer.status, answer.is_whole) == (403, True)


def test_a_page_for_a_head_that_is_refused_has_no_body(world, site):
    with open_http2(world) as connection:
        answer = connection.request("HEAD", "/" + "a" * 10_000)
        assert (answer.status, bytes(answer.body), answer.is_whole) == (414, b"", True)


def test_a_refused_head_ends_nothing_else(world, site):
    with open_http2(world) as connection:
        connection.h2.config.validate_outbound_headers = False
        ticking = connection.start("GET", "/ticks?n=100")
        connection.start("GET", "/", [("bad name", "value")])
        assert connection.wait(ticking).body.count(b"data: ") == 100


def test_who_says_nothing_after_the_handshake_is_not_waited_for_long(world, site):
    with socket.create_connection(("127.0.0.1", world.gateway.port)) as silent:
        silent.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
        silent.settimeout(20)  # of 75 that an idle connection has
        while silent.recv(4096):
            pass


# Draining


@pytest.fixture
def own_world(place, backend, request):
    folder = place / request.node.name[:40]
    folder.mkdir()
    made = World(folder, tables=TABLES)
    made.start()
    made.publish("romeo", backend.url)
    yield made
    made.stop()


class Frames:
    """A client that sends what it likes, and answers nothing."""

    def __init__(self, world, buffer=None):
        self.authority = world.gateway.host("romeo")
        self.socket = socket.socket()
        if buffer is not None:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
        self.socket.settimeout(60)
        self.socket.connect(("127.0.0.1", world.gateway.port))
        settings = struct.pack(">HI", 4, 1 << 30)  # as large a window as a body may need
        window = frame(8, 0, 0, struct.pack(">I", 1 << 30))
        self.socket.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + frame(4, 0, 0, settings) + window)
        self.bytes = b""

    def get(self, stream, path):
        self.socket.sendall(frame(HEADERS, END_HEADERS | END_STREAM, stream, head_of(self.authority, path)))

    def read(self, at_once=65536, pause=0):
        """The next frame: type, flags, stream and payload; None at the end."""
        while len(self.bytes) < 9 or len(self.bytes) < 9 + int.from_bytes(self.bytes[:3], "big"):
            time.sleep(pause)
            piece = self.socket.recv(at_once)
            if not piece:
                assert not self.bytes, "cut within a frame"
                return None
            self.bytes += piece
        size = 9 + int.from_bytes(self.bytes[:3], "big")
        got, self.bytes = self.bytes[:size], self.bytes[size:]
        return got[3], got[4], int.from_bytes(got[5:9], "big"), got[9:]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()


def test_a_drain_waits_for_the_last_bytes_to_a_slow_client(own_world, backend):
    size = 400_000
    with Frames(own_world, buffer=4096) as client:
        client.get(1, f"/bytes?n={size}")
        body = bytearray()
        while got := client.read(8192, 0.25):
            kind, flags, _, payload = got
            if kind == DATA:
                if not body:
                    own_world.gateway.signal(signal.SIGTERM)
                body += payload
                is_whole = bool(flags & END_STREAM)
        assert (bytes(body), is_whole) == (pattern(size), True)
    own_world.gateway.wait_for_exit()


def test_a_drain_takes_no_more_from_a_client_that_does_not_answer(own_world, backend):
    with Frames(own_world) as client:
        client.get(1, "/ticks?n=120")
        while client.read()[0] != DATA:
            pass
        own_world.gateway.signal(signal.SIGTERM)
        last_streams = []
        while len(last_streams) < 2:
            kind, _, _, payload = client.read()
            if kind == GOAWAY:
                last_streams.append(int.from_bytes(payload[:4], "big"))
                if len(last_streams) == 1:
                    client.get(3, "/bytes?n=10")  # was on its way
        client.get(5, "/bytes?n=10")
        answered = set()
        while got := client.read():
            if got[0] == DATA and got[1] & END_STREAM:
                answered.add(got[2])
        assert last_streams == [0x7fffffff, 3]
        assert 5 not in answered and 1 in answered
    own_world.gateway.wait_for_exit()
