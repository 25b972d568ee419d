# PROXY headers: a balancer in front that passes bytes on says first whose they are.
import json
import re
import signal
import socket
import ssl
import struct

import pytest
from support.backend import pattern
from support.certificates import Authority
from support.ports import free_port
from support.raw_http import Connection
from support.waiting import wait_until
from support.world import World

BALANCER = "127.0.0.2"  # trusted; everybody else comes from 127.0.0.1
VISITOR = "203.0.113.9"
SIGNATURE = b"\r\n\r\n\0\r\nQUIT\n"


def version_1(source=VISITOR, port=40000):
    return f"PROXY TCP4 {source} 127.0.0.1 {port} 443\r\n".encode()


def version_2(source=VISITOR, port=40000, command=0x21, tlvs=b""):
    block = socket.inet_aton(source) + socket.inet_aton("127.0.0.1") + struct.pack(">HH", port, 443) + tlvs
    return SIGNATURE + struct.pack(">BBH", command, 0x11, len(block)) + block


VERSION_2_IPV6 = SIGNATURE + struct.pack(">BBH", 0x21, 0x21, 36) + socket.inet_pton(
    socket.AF_INET6, "2001:db8::9") + socket.inet_pton(socket.AF_INET6, "::1") + struct.pack(">HH", 40000, 443)


@pytest.fixture(scope="module")
def authority(place):
    return Authority(place / "certificates")


@pytest.fixture(scope="module")
def world(place, programs, authority):
    certificate, key = authority.issue("site", ["romeo.localhost"])
    port = free_port()
    made = World(place, tables={
        "http": {"trusted_proxies": [BALANCER, "192.0.2.200"]},
        "http.tls": {"listen": [f"127.0.0.1:{port}"], "certificate": certificate, "key": key},
        "limits": {"connections_per_client": 2},
        "timeouts": {"header": "2s"}})
    made.tls_port = port
    made.start()
    yield made
    made.stop()


class Through(Connection):
    """A connection of the balancer's, which begins with `header`."""

    def __init__(self, world, header, source=BALANCER, port=None):
        self.host, self._pending = world.gateway.host("romeo"), bytearray()
        self.socket = socket.create_connection(("127.0.0.1", port or world.gateway.port), 60, (source, 0))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.send(header)

    def secure(self, authority):
        context = ssl.create_default_context(cafile=authority.file)
        self.socket = context.wrap_socket(self.socket, server_hostname="romeo.localhost")
        return self


def client_of(answer):
    """Whom the app takes for its visitor."""
    assert answer.status == 200
    headers = {name.lower(): value for name, value in json.loads(answer.body)["headers"]}
    return re.match(r"[^,\s]*", headers["x-forwarded-for"])[0]


@pytest.mark.parametrize("header, address", [
    (version_1(), VISITOR), (version_2(), VISITOR), (version_2(tlvs=b"\x02\0\x04host" + bytes(900)), VISITOR),
    (b"PROXY TCP6 2001:db8::9 ::1 40000 443\r\n", "2001:db8::9"), (VERSION_2_IPV6, "2001:db8::9"),
    (b"PROXY UNKNOWN\r\n", BALANCER), (version_2(command=0x20), BALANCER), (b"", BALANCER)])
def test_the_visitor_is_whom_the_header_names(world, site, header, address):
    with Through(world, header) as connection:
        assert client_of(connection.get("/inspect")) == address
        assert client_of(connection.get("/inspect")) == address
    assert f"client={address}" in world.gateway.err()


@pytest.mark.parametrize("header", [version_1(), version_2()])
def test_the_header_may_come_byte_by_byte_or_with_the_request(world, site, header):
    head = f"GET /inspect HTTP/1.1\r\nHost: {world.gateway.host('romeo')}\r\n\r\n".encode()
    with Through(world, header + head) as connection:
        assert client_of(connection.read_response()) == VISITOR
    with Through(world, b"") as connection:
        for byte in header + head:
            connection.send(bytes([byte]))
        assert client_of(connection.read_response()) == VISITOR


@pytest.mark.parametrize("header", [version_1(), version_2(), b""])
def test_the_header_comes_before_tls(world, site, authority, header):
    with Through(world, header, port=world.tls_port).secure(authority) as connection:
        assert client_of(connection.get("/inspect")) == (VISITOR if header else BALANCER)
        body = pattern(300_000)
        assert connection.request("POST", "/echo", body=body).body == body


@pytest.mark.parametrize("header", [version_1(), version_2()])
def test_a_stranger_has_no_say(world, site, backend, header):
    before = len(backend.requests)
    head = f"GET /inspect HTTP/1.1\r\nHost: {world.gateway.host('romeo')}\r\n\r\n".encode()
    with Through(world, header + head, source="127.0.0.1") as connection:
        assert connection.read_response().status == 400
        assert connection.read_to_end() == b""
    assert len(backend.requests) == before


@pytest.mark.parametrize("header", [
    b"PROXY / HTTP/1.1\r\n", b"PROXY TCP4 203.0.113.9 127.0.0.1 40000\r\n", b"PROXY " + b"x" * 200,
    version_2(command=0x22), SIGNATURE + b"\x21\x11\xff\xff"])
def test_a_broken_header_is_400(world, site, backend, header):
    before = len(backend.requests)
    with Through(world, header) as connection:
        assert connection.read_response().status == 400
        assert connection.read_to_end() == b""
    with Through(world, header, port=world.tls_port) as connection:
        assert connection.read_to_end() == b""
    assert len(backend.requests) == before


def test_the_visitors_own_word_is_believed_if_the_visitor_is_trusted(world, site):
    forwarded = [("X-Forwarded-For", "198.51.100.7")]
    with Through(world, version_1()) as connection:
        assert client_of(connection.get("/inspect", forwarded)) == VISITOR
    with Through(world, version_2("192.0.2.200")) as connection:
        assert client_of(connection.get("/inspect", forwarded)) == "198.51.100.7"


def test_the_limit_per_client_is_the_visitors(world, site):
    held = [Through(world, version_1("203.0.113.10")) for _ in range(2)]
    for connection in held:
        assert connection.get("/inspect").status == 200
    with Through(world, version_2("203.0.113.10")) as third:
        assert third.read_response().status == 503
    with Through(world, version_2("203.0.113.11")) as other:
        assert other.get("/inspect").status == 200
    for connection in held:
        connection.close()

    def has_room():
        with Through(world, version_1("203.0.113.10")) as again:
            again.send_request("GET", "/inspect")
            return again.read_response().status == 200
    wait_until("the visitor's connections to be forgotten", has_room)


def test_health_checks_make_no_noise(world, site):
    told = len(world.gateway.err())
    for header in (b"", version_2(command=0x20), version_1()):
        for port in (world.gateway.port, world.tls_port):
            Through(world, header, port=port).close()
    with Through(world, version_1("203.0.113.12")) as last:
        assert last.get("/inspect").status == 200
    lines = world.gateway.err()[told:].splitlines()
    assert [line for line in lines if "debug" not in line and "request" not in line] == []


def test_who_says_nothing_is_closed(world):
    with Through(world, version_1()[:20]) as connection:
        assert connection.read_to_end() == b""


def test_a_connection_without_a_header_yet_does_not_hold_a_stop_up(world, site):
    waiting = [Through(world, b""), Through(world, version_2()[:13]), Through(world, b"", port=world.tls_port)]
    with Through(world, version_1()) as connection:
        assert connection.get("/inspect").status == 200
    world.gateway.signal(signal.SIGTERM)
    assert world.gateway.wait_for_exit() == 0
    assert "connections cut" not in world.gateway.err()
    for connection in waiting:
        assert connection.read_to_end() == b""
    world.gateway.start()
    world.gateway.wait_ready()
