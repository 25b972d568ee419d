# HTTP/2 in front of the same sites: streams, their flow control and their ends, in the clear and over TLS.
import hashlib
import json
import signal
import ssl
import subprocess

import pytest
from h2.errors import ErrorCodes
from support.backend import pattern
from support.http2 import Http2
from support.raw_http import Connection
from support.secure_world import SecureWorld
from support.waiting import wait_until
from support.websocket import TEXT, SocketApp, frame, read_frame

LARGE = 3_000_000


class BothWorld(SecureWorld):
    """HTTP/2 on either port, with short patience for bodies."""

    def __init__(self, directory):
        super().__init__(directory, "gate.localhost", {
            "timeouts": {"body": "5s", "drain": "20s"}, "limits": {"streams": 50, "header_count": 30, "uri": "2KiB"}})

    def allow_streams(self, count):
        times = self.gateway.err().count("configuration read")
        self.tables["limits"]["streams"] = count
        self.gateway.write(self.tables)
        self.gateway.signal(signal.SIGHUP)
        wait_until("the configuration to be read",
                   lambda: self.gateway.err().count("configuration read") == times + 1)

    def open(self, user="romeo", secure=False, **options):
        host = f"{user}.{self.host}:{self.port}"
        if not secure:
            return Http2(self.gateway.port, host, **options)
        return Http2(self.port, host, ssl.create_default_context(cafile=self.authority.file), **options)


@pytest.fixture(scope="module")
def world(place, programs):
    made = BothWorld(place)
    made.start()
    yield made
    made.stop()


@pytest.fixture(params=["in the clear", "over TLS"])
def connection(request, world, site):
    with world.open(secure=request.param == "over TLS") as made:
        yield made


def test_a_request_is_answered_and_the_app_sees_an_ordinary_one(connection):
    answer = connection.get("/inspect?a=1", [("cookie", "a=b"), ("cookie", "c=d"), ("x-word", "héllo")])
    facts = json.loads(answer.body)
    assert (answer.status, facts["method"], facts["target"]) == (200, "GET", "/inspect?a=1")
    headers = {name.lower(): value for name, value in facts["headers"]}
    assert headers["cookie"] == "a=b; c=d"
    assert headers["x-forwarded-proto"] == connection.scheme
    assert headers["x-forwarded-host"] == connection.authority
    assert answer.get("date") and not answer.get("connection") and not answer.get("transfer-encoding")


def test_bodies_cross_byte_for_byte_both_ways(connection):
    body = pattern(LARGE)
    facts = json.loads(connection.request("POST", "/inspect", body=body).body)
    assert (facts["length"], facts["sha256"]) == (LARGE, hashlib.sha256(body).hexdigest())
    measured = connection.get(f"/bytes?n={LARGE}")
    assert (bytes(measured.body), measured.get("content-length")) == (body, str(LARGE))
    unmeasured = connection.get(f"/chunks?n={LARGE}")
    assert (bytes(unmeasured.body), unmeasured.get("content-length")) == (body, None)


def test_many_streams_share_one_connection(connection):
    streams = [connection.start("GET", f"/bytes?n={number * 1000}") for number in range(50)]
    connection.wait(*streams)
    for number, stream in enumerate(streams):
        assert bytes(connection.answers[stream].body) == pattern(number * 1000)


def test_one_that_waits_holds_up_no_other(connection, backend):
    waiting = connection.start("GET", "/hang")
    uploading = connection.start("POST", "/inspect", end=False)
    connection.send(uploading, b"begun")
    for _ in range(5):
        assert bytes(connection.get("/bytes?n=200000").body) == pattern(200_000)
    assert connection.answers[waiting].status is None
    connection.send(uploading, b"done", end=True)
    assert json.loads(connection.wait(uploading).body)["length"] == 9


def test_head_and_what_has_no_body(connection):
    head = connection.request("HEAD", "/bytes?n=1000")
    assert (head.status, head.get("content-length"), bytes(head.body)) == (200, "1000", b"")


def test_lines_come_as_they_are_written(connection):
    stream = connection.start("GET", "/ticks?n=5")
    lengths = set()
    while not connection.answers[stream].is_whole:
        connection.pump()
        lengths.add(len(connection.answers[stream].body))
    assert len(lengths) > 3


def test_a_client_that_expects_is_told_to_continue(connection):
    stream = connection.start("POST", "/inspect", [("expect", "100-continue")], end=False)
    while not connection.answers[stream].interim:
        connection.pump()
    assert connection.answers[stream].interim == [100]
    connection.send(stream, b"x" * 1000, end=True)
    assert json.loads(connection.wait(stream).body)["length"] == 1000


def test_an_answer_before_the_body_lets_the_client_stop(connection):
    stream = connection.start("POST", "/early", end=False)
    answer = connection.wait(stream)
    assert answer.status == 403 and answer.is_whole
    assert connection.get("/inspect").status == 200


def test_who_resets_a_stream_ends_the_request_at_the_app(connection, backend):
    before = backend.cancelled["/endless"]
    stream = connection.start("GET", "/endless")
    while len(connection.answers[stream].body) < 100_000:
        connection.pump()
    connection.h2.reset_stream(stream, ErrorCodes.CANCEL)
    connection.flush()
    wait_until("the app to notice", lambda: backend.cancelled["/endless"] == before + 1)
    assert connection.get("/inspect").status == 200


def test_a_body_that_breaks_off_never_looks_whole(world, connection, backend):
    backend.answers["/raw?short"] = b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nonly this"
    backend.answers["/raw?chunks"] = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n"
    for target in ("/raw?short", "/raw?chunks"):
        answer = connection.get(target)
        assert (answer.is_whole, answer.reset) == (False, ErrorCodes.INTERNAL_ERROR)
    assert connection.get("/inspect").status == 200


def test_curl_chooses_it_by_itself(world, site):
    url = f"https://romeo.gate.localhost:{world.port}/bytes?n=100000"
    got = subprocess.run(["curl", "--silent", "--cacert", world.authority.file, "--output", "-", "--resolve",
                          f"romeo.gate.localhost:{world.port}:127.0.0.1", "--write-out", "%{http_version}", url],
                         capture_output=True, timeout=60, check=True)
    assert got.stdout == pattern(100_000) + b"2"


@pytest.mark.parametrize("head, status", [
    ([(":method", "GET"), (":path", "/" + "a" * 3000)], 414),
    ([(":method", "GET"), (":path", "/"), *[(f"x-{number}", "1") for number in range(40)]], 431),
    ([(":method", "GET"), (":path", "/"), ("x", "y" * 70_000)], 431),
    ([(":method", "GET"), (":path", "/a/../b")], 400),
    ([(":method", "GET"), (":path", "/"), ("host", "other.example")], 400),
    ([(":method", "GET"), (":path", "/"), ("content-type", "a"), ("content-type", "b")], 400),
    ([(":method", "TRACE"), (":path", "/")], 501),
    ([(":method", "GET\u00e4"), (":path", "/")], 400),
], ids=["uri", "count", "size", "dots", "host", "doubled", "trace", "method"])
def test_a_head_that_is_refused_costs_its_stream_alone(connection, backend, head, status):
    before = len(backend.requests)
    connection.h2.config.validate_outbound_headers = False
    pseudo = [*head[:2], (":scheme", connection.scheme), (":authority", connection.authority)]
    stream = connection.start("", "", head[2:], pseudo=pseudo)
    answer = connection.wait(stream)
    assert answer.status == status or answer.reset == ErrorCodes.PROTOCOL_ERROR
    assert answer.status == status or status == 400
    assert len(backend.requests) == before
    assert connection.get("/inspect").status == 200


def test_it_can_be_switched_off(world, site):
    world.allow_streams(0)
    try:
        with Connection(world.gateway.port, "romeo") as plain:
            plain.send(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
            assert plain.read_response().status == 505
        context = ssl.create_default_context(cafile=world.authority.file)
        context.set_alpn_protocols(["h2", "http/1.1"])
        with Connection(world.port, "romeo") as plain:
            secure = context.wrap_socket(plain.socket, server_hostname="romeo.gate.localhost")
            assert secure.selected_alpn_protocol() == "http/1.1"
    finally:
        world.allow_streams(50)


# WebSocket (RFC 8441)


@pytest.fixture(scope="module")
def sockets(world):
    app = SocketApp()
    world.publish("juliet", app.url)
    yield app
    app.close()


def open_websocket(connection, path, protocol="websocket"):
    pseudo = [(":method", "CONNECT"), (":protocol", protocol), (":scheme", connection.scheme),
              (":authority", connection.authority), (":path", path)]
    return connection.start("", "", [("sec-websocket-version", "13"), ("origin", "http://somewhere.example")],
                            end=False, pseudo=pseudo)


@pytest.mark.parametrize("secure", [False, True])
def test_a_websocket_in_a_stream(world, sockets, secure):
    with world.open("juliet", secure) as connection:
        stream = open_websocket(connection, "/echo")
        while connection.answers[stream].status is None:
            connection.pump()
        assert connection.answers[stream].status == 200
        assert connection.answers[stream].get("sec-websocket-accept") is None
        other = open_websocket(connection, "/bytes")
        connection.send(stream, frame(b"hello", TEXT, b"mask"))
        connection.send(other, pattern(LARGE), end=True)
        connection.wait(other)
        assert bytes(connection.answers[other].body) == pattern(LARGE)
        while len(connection.answers[stream].body) < 7:
            connection.pump()
        got = bytearray(connection.answers[stream].body)

        def read_exactly(count):
            piece, got[:count] = bytes(got[:count]), b""
            return piece
        assert read_frame(read_exactly) == (TEXT, True, b"hello")


def test_a_websocket_that_is_refused_or_something_else(world, sockets):
    with world.open("juliet") as connection:
        refused = connection.wait(open_websocket(connection, "/refuse"))
        assert (refused.status, bytes(refused.body)) == (403, b"/refuse takes none")
        assert connection.wait(open_websocket(connection, "/echo", "chess")).status == 501


def test_a_websocket_that_is_left_is_left_at_the_app(world, sockets):
    with world.open("juliet") as connection:
        stream = open_websocket(connection, "/hold")
        wait_until("the app's side", lambda: sockets.open["/hold"] == 1)
        connection.h2.reset_stream(stream, ErrorCodes.CANCEL)
        connection.flush()
        wait_until("its end", lambda: sockets.open["/hold"] == 0)


# Ends


def test_a_client_that_stops_reading_is_cut_off_alone(world, connection):
    stuck = world.open(acknowledges=False, window=1000)
    with stuck:
        stream = stuck.start("GET", "/bytes?n=500000")
        for _ in range(10):
            assert connection.get("/bytes?n=1000").status == 200
        answer = stuck.wait(stream)
        assert (answer.is_whole, answer.reset, len(answer.body)) == (False, ErrorCodes.CANCEL, 1000)
        assert stuck.request("HEAD", "/inspect").status == 200


def test_sigterm_lets_streams_end(place, backend):
    (place / "own").mkdir()
    own = BothWorld(place / "own").start()
    own.publish("romeo", backend.url)
    with own.open() as idle:
        assert idle.get("/inspect").status == 200
        url = f"http://127.0.0.1:{own.gateway.port}/ticks?n=60"
        with subprocess.Popen(["curl", "--silent", "--http2-prior-knowledge", "--header",
                               f"Host: {idle.authority}", url], stdout=subprocess.PIPE) as curl:
            assert curl.stdout.readline() == b"data: 0\n"
            own.gateway.signal(signal.SIGTERM)
            rest = curl.stdout.read()
        assert (curl.returncode, rest.count(b"data: ")) == (0, 59)
        assert idle.read_to_end() == 0
    own.gateway.wait_for_exit()
    own.stop()
