# Clients of HTTP/2 that cost more than they ask for: each is sent away, others are served, memory stays.
import contextlib
import os
import socket
import struct

import pytest
from support.http2 import Http2, frame, head_of
from support.raw_http import Connection
from support.waiting import wait_until

DATA, HEADERS, PRIORITY, RST_STREAM, SETTINGS, PING, GOAWAY, WINDOW_UPDATE, CONTINUATION = 0, 1, 2, 3, 4, 6, 7, 8, 9
END_STREAM, END_HEADERS = 1, 4
HEAD = head_of("romeo.localhost", "/inspect")
TABLES = {"timeouts": {"header": "2s", "body": "2s", "idle": "3s"}}
# Bytes; a sanitizer keeps what is freed for a while.
GROWTH = (512 if os.environ.get("CROSSTALK_SANITIZED") else 24) << 20


def flood(connection, frames, count):
    """Sends them until the server has had enough; what it said last in a GOAWAY, or None."""
    connection.socket.settimeout(20)
    with contextlib.suppress(OSError):
        for number in range(count):
            connection.socket.sendall(frames(number))
    got = b""
    with contextlib.suppress(ConnectionError):
        while piece := connection.socket.recv(65536):
            got += piece
    return last_goaway(got)


def last_goaway(frames):
    code = None
    while len(frames) >= 9:
        if frames[3] == GOAWAY:
            code = int.from_bytes(frames[13:17], "big")
        frames = frames[9 + int.from_bytes(frames[:3], "big"):]
    return code


def rapid_reset(number):
    first = 1 + 200 * number
    return b"".join(frame(HEADERS, END_HEADERS | END_STREAM, stream, HEAD)
                    + frame(RST_STREAM, 0, stream, struct.pack(">I", 8)) for stream in range(first, first + 200, 2))


def settings_of(number):
    return frame(SETTINGS, 0, 0, struct.pack(">HI", 3, number)) * 100


def hpack_bomb(number):
    """One field of 4,000 bytes is put into the table, then named again and again."""
    name_and_value = b"\x40\x01x\x7f\xa1\x1e" + b"y" * 4000
    if number == 0:
        return frame(HEADERS, END_STREAM, 1, HEAD + name_and_value)
    return frame(CONTINUATION, 0, 1, b"\xbe" * 16000)


FLOODS = {
    "rapid reset": (rapid_reset, 1000),
    "continuation": (lambda number: frame(CONTINUATION, 0, 1, b"\x00\x01a\x01b") if number else
                     frame(HEADERS, END_STREAM, 1, HEAD), 10_000),
    "settings": (settings_of, 1000),
    "ping": (lambda _: frame(PING, 0, 0, b"12345678") * 100, 1000),
    "empty data": (lambda number: frame(DATA, 0, 1) * 100 if number else
                   frame(HEADERS, END_HEADERS, 1, HEAD), 1000),
    "priority": (lambda number: frame(PRIORITY, 0, 2 * number + 1, struct.pack(">IB", 0, 1)) * 100, 1000),
    "window update": (lambda _: frame(WINDOW_UPDATE, 0, 0, struct.pack(">I", 1)) * 100, 1000),
    "hpack bomb": (hpack_bomb, 8),
}


@pytest.mark.parametrize("what", FLOODS)
def test_a_flood_ends_its_own_connection(world, site, what):
    frames, count = FLOODS[what]
    before = world.gateway.peak_memory()
    with Connection(world.gateway.port, world.gateway.host("romeo")) as other:
        assert other.get("/inspect").status == 200
        with Http2(world.gateway.port, world.gateway.host("romeo")) as hostile:
            ended = flood(hostile, frames, count)
            assert ended != 0, "it was let do as it likes"
        assert other.get("/inspect").status == 200
    assert world.gateway.peak_memory() - before < GROWTH


def test_no_more_streams_than_allowed(world, site):
    with Http2(world.gateway.port, world.gateway.host("romeo")) as hostile:
        raw = b"".join(frame(HEADERS, END_HEADERS | END_STREAM, stream, head_of("romeo.localhost", "/hang")) for stream in range(1, 401, 2))
        hostile.socket.sendall(raw)
        refused = 0
        buffer = b""
        while refused < 100:
            buffer += hostile.socket.recv(65536)
            while len(buffer) >= 9 and len(buffer) >= 9 + int.from_bytes(buffer[:3], "big"):
                size = 9 + int.from_bytes(buffer[:3], "big")
                refused += buffer[3] == RST_STREAM and buffer[9:13] == struct.pack(">I", 7)
                buffer = buffer[size:]
    with Connection(world.gateway.port, world.gateway.host("romeo")) as other:
        assert other.get("/inspect").status == 200


def test_heads_and_bodies_that_do_not_come(world, site):
    with Http2(world.gateway.port, world.gateway.host("romeo")) as half, \
            Http2(world.gateway.port, world.gateway.host("romeo")) as bodiless, \
            Http2(world.gateway.port, world.gateway.host("romeo")) as idle:
        half.send_raw(HEADERS, END_STREAM, 1, HEAD)  # and no CONTINUATION
        stream = bodiless.start("POST", "/inspect", end=False)
        assert bodiless.wait(stream).status == 408
        assert half.read_to_end() is not None
        assert idle.read_to_end() == 0


def test_what_is_no_http2(world, site):
    for wrong in (b"PRI * HTTP/2.0\r\n\r\nXX\r\n\r\n", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\xff" * 1000):
        with socket.create_connection(("127.0.0.1", world.gateway.port)) as raw:
            raw.settimeout(20)
            raw.sendall(wrong)
            with contextlib.suppress(ConnectionError):
                while raw.recv(65536):
                    pass
    assert world.gateway.fetch("romeo", "/inspect").status == 200


def test_connections_that_do_nothing_more_end_by_themselves(world, site):
    before = world.gateway.peak_memory()
    with contextlib.ExitStack() as stack:
        idle = [stack.enter_context(Http2(world.gateway.port, world.gateway.host("romeo"))) for _ in range(250)]
        assert world.gateway.peak_memory() - before < GROWTH
        assert world.gateway.fetch("romeo", "/inspect").status == 200
        for each in idle:
            assert each.read_to_end() == 0
    wait_until("the connections to be gone", lambda: world.gateway.descriptor_count() < 100)
