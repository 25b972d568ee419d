# Request lines and header fields: what RFC 9110 allows crosses unchanged, what it forbids goes no further.
import json

import pytest
from support.raw_http import fetch

# field-vchar, SP and HTAB (RFC 9110, 5.5)
FIELD_BYTES = "".join(chr(b) for b in [9, *range(0x20, 0x7F), *range(0x80, 0x100)])


def seen(answer):
    """What the app saw: (target, headers as a dictionary of lists)."""
    assert answer.status == 200, answer
    facts = json.loads(answer.body)
    headers = {}
    for name, value in facts["headers"]:
        headers.setdefault(name.lower(), []).append(value)
    return facts["target"], headers


def test_every_byte_that_a_field_may_hold_reaches_the_app(world, site):
    _, headers = seen(world.gateway.fetch(site, "/inspect", headers=[("X-Bytes", f"<{FIELD_BYTES}>")]))
    assert headers["x-bytes"] == [f"<{FIELD_BYTES}>"]


def test_every_byte_that_a_field_may_hold_comes_back(world, site, backend):
    backend.answers["/raw/bytes"] = (f"HTTP/1.1 200 OK\r\nX-Bytes: <{FIELD_BYTES}>\r\nX-Empty:\r\n"
                                     "Set-Cookie: a=1\r\nSet-Cookie: b=2\r\nContent-Length: 0\r\n\r\n").encode("latin-1")
    answer = world.gateway.fetch(site, "/raw/bytes")
    assert answer.get("X-Bytes") == f"<{FIELD_BYTES}>"
    assert answer.get("X-Empty") == ""
    assert answer.all("Set-Cookie") == ["a=1", "b=2"]


def test_every_percent_encoded_byte_of_a_path_arrives_as_it_was_written(world, site):
    for byte in range(256):
        target = f"/inspect/a%{byte:02X}b?q=%{byte:02x}"
        if byte in (10, 13):  # no variable may hold CR or LF, and PATH_INFO is decoded
            assert world.gateway.fetch(site, target).status == 400
            target = f"/inspect?q=%{byte:02x}"
        assert seen(world.gateway.fetch(site, target))[0] == target


def test_every_character_that_a_target_may_hold_arrives_unchanged(world, site):
    target = "/inspect/azAZ09-._~!$&'()*+,;=:@//x?azAZ09-._~!$&'()*+,;=:@/?&&=="
    assert seen(world.gateway.fetch(site, target))[0] == target


@pytest.mark.parametrize("line", [b"X-A: a\0b", b"X-A: a\rb", b"X A: b", b"X-A : b", b": b", b" folded: b",
                                  b"X-A: a\r\n folded", b"Host: other.localhost", b"Content-Length: 1, 1",
                                  b"Content-Length: +1", b"Transfer-Encoding: xchunked",
                                  b"Transfer-Encoding: chunked\r\nContent-Length: 3"])
def test_a_bad_field_line_is_refused_and_never_reaches_the_app(world, site, backend, line):
    before = len(backend.requests)
    with world.gateway.connect(site) as connection:
        connection.send(b"GET /inspect HTTP/1.1\r\nHost: " + connection.host.encode() + b"\r\n" + line + b"\r\n\r\n")
        assert connection.read_response().status in (400, 501)
        assert connection.read_to_end() == b""
    assert len(backend.requests) == before


@pytest.mark.parametrize("line", [b"GET  /inspect HTTP/1.1", b"GET /in spect HTTP/1.1", b"GET /inspect", b"G\x01T / HTTP/1.1",
                                  b"GET inspect HTTP/1.1", b"GET /\xc3\xa4 HTTP/1.1", b"GET /%zz HTTP/1.1",
                                  b"GET /../inspect HTTP/1.1", b"GET /a/%2e%2E/inspect HTTP/1.1", b"GET /./inspect HTTP/1.1"])
def test_a_bad_request_line_is_refused_and_never_reaches_the_app(world, site, backend, line):
    before = len(backend.requests)
    with world.gateway.connect(site) as connection:
        connection.send(line + b"\r\nHost: " + connection.host.encode() + b"\r\n\r\n")
        assert connection.read_response().status == 400
    assert len(backend.requests) == before


def test_a_foreign_version_is_refused(world, site):
    with world.gateway.connect(site) as connection:
        connection.send(b"GET / HTTP/2.0\r\nHost: " + connection.host.encode() + b"\r\n\r\n")
        assert connection.read_response().status == 505


def test_hop_by_hop_fields_stay_on_their_hop(world, site, backend):
    _, headers = seen(world.gateway.fetch(site, "/inspect", headers=[
        ("Connection", "keep-alive, X-Private"), ("X-Private", "1"), ("Keep-Alive", "timeout=5"), ("TE", "trailers"),
        ("Proxy-Connection", "close"), ("Proxy", "http://evil/"), ("X_Under", "1"), ("X-Public", "1")]))
    assert headers["x-public"] == ["1"]
    for name in ("x-private", "keep-alive", "te", "proxy-connection", "proxy", "x_under", "x-under"):
        assert name not in headers, name
    backend.answers["/raw/hop"] = (b"HTTP/1.1 200 OK\r\nConnection: X-Private\r\nX-Private: 1\r\nKeep-Alive: timeout=5\r\n"
                                   b"X-Public: 1\r\nContent-Length: 0\r\n\r\n")
    answer = world.gateway.fetch(site, "/raw/hop")
    assert answer.get("X-Public") == "1"
    assert answer.get("X-Private") is None and answer.get("Keep-Alive") is None


def test_repeated_fields_are_joined_in_order(world, site):
    _, headers = seen(world.gateway.fetch(site, "/inspect", headers=[
        ("Accept", "a"), ("Cookie", "c=1"), ("accept", "b"), ("Cookie", "d=2")]))
    assert headers["accept"] == ["a, b"] and headers["cookie"] == ["c=1; d=2"]


def test_the_app_learns_who_asked_and_for_what(world, site):
    _, headers = seen(world.gateway.fetch(site, "/inspect", headers=[("X-Forwarded-For", "203.0.113.9")]))
    assert headers["host"] == [world.gateway.host(site)]
    assert headers["x-forwarded-for"][0].endswith("127.0.0.1")
    assert headers["x-forwarded-proto"] == ["http"]
    assert headers["x-forwarded-host"] == [world.gateway.host(site)]
    assert "127.0.0.1" in headers["forwarded"][0] and "proto=http" in headers["forwarded"][0]


def test_an_absolute_target_outranks_host(world, site):
    host = world.gateway.host(site)
    answer = fetch(world.gateway.port, "other.example", f"http://{host}/inspect?x")
    target, headers = seen(answer)
    assert target == "/inspect?x"
    assert headers["host"] == headers["x-forwarded-host"] == [host]


def test_a_head_beyond_the_limits_is_refused(world, site):
    gateway = world.gateway
    assert gateway.fetch(site, "/" + "a" * 20000).status == 414
    assert gateway.fetch(site, "/", headers=[("X-Long", "a" * 70000)]).status == 431
    assert gateway.fetch(site, "/", headers=[(f"X-{n}", "1") for n in range(150)]).status == 431
    assert gateway.fetch(site, "/inspect", headers=[("X-Long", "a" * 30000)]).status == 200


def test_sites_under_a_path_lose_their_prefix(world, site):
    answer = fetch(world.gateway.port, f"localhost:{world.gateway.port}", "/romeo/inspect/x?y=1")
    assert json.loads(answer.body)["target"] == "/inspect/x?y=1"
    assert "sandbox" in answer.get("Content-Security-Policy")
    moved = fetch(world.gateway.port, f"localhost:{world.gateway.port}", "/romeo?y=1")
    assert (moved.status // 100, moved.get("Location").endswith("/romeo/?y=1")) == (3, True)


def test_redirects_and_cookies_of_the_app_are_mapped(world, site, backend):
    backend.answers["/raw/moved"] = (f"HTTP/1.1 302 Found\r\nLocation: {backend.url}/there?x=1\r\n"
                                     "Set-Cookie: a=1; Domain=example.org; Path=/\r\nContent-Length: 0\r\n\r\n").encode()
    for host, target, prefix in ((world.gateway.host(site), "/raw/moved", ""),
                                 (f"localhost:{world.gateway.port}", "/romeo/raw/moved", "/romeo")):
        answer = fetch(world.gateway.port, host, target)
        if prefix:
            # The app sees the same target; only what it answers is mapped under the prefix.
            assert "path=/romeo" in answer.get("Set-Cookie").lower()
        assert answer.status == 302 and answer.get("Location").endswith(prefix + "/there?x=1")
        assert str(backend.port) not in answer.get("Location")
        assert "domain" not in answer.get("Set-Cookie").lower()
