# Requests on the open internet: what two readers could take in two ways is refused, and never reaches the app.
#
# Raw bytes go to a running gateway with a real peer and a real app behind it. Each refusal is followed by a second
# request in the same bytes: that one must not be answered, nor reach the app.
import json

import pytest
from support.raw_http import Connection, fetch

TABLES = {"timeouts": {"body": "3s"}}
SMUGGLED = "GET /smuggled HTTP/1.1\r\nHost: {host}\r\n\r\n"


def post(*fields, body="0\r\n\r\n", host="Host: {host}\r\n", line="POST /refused HTTP/1.1"):
    return line + "\r\n" + host + "".join(field + "\r\n" for field in fields) + "\r\n" + body


def chunks(*lines):
    return post("Transfer-Encoding: chunked", body="".join(lines))


LENGTHS = {name: post("Content-Length: " + value, body="abcde") for name, value in {
    "signed": "+5", "negative": "-5", "hexadecimal": "0x5", "empty": "", "of 10^30": "1" + "0" * 30, "of 2^64": str(1 << 64),
    "of 2^63": str(1 << 63), "a list": "5, 5", "a list of two": "5, 6", "with a blank": "5 5", "with a point": "5.0",
    "with letters": "5abc", "with a digit that is none": "\xb2", "with an underscore": "1_0"}.items()}
CODINGS = {value: post("Transfer-Encoding: " + value) for value in (
    "", ",", "chunked,", ",chunked", "chunked, chunked", "chunked, identity", "chunked;q=1", "chunked;", '"chunked"', "chunk ed",
    "chunked\x0b", "\x0bchunked", "chunked\t\x0c", "chunked\xa0")}
UNKNOWN = {value: post("Transfer-Encoding: " + value) for value in (
    "xchunked", "identity", "gzip", "gzip, chunked", "identity, chunked", "chunkedx", "cow", "\tx-chunked")}
FRAMING = {
    "both": post("Content-Length: 5", "Transfer-Encoding: chunked"),
    "both, the other way round": post("Transfer-Encoding: chunked", "Content-Length: 5"),
    "both, in odd case": post("TRANSFER-encoding: CHUNKED", "content-LENGTH: 0"),
    "length doubled": post("Content-Length: 5", "Content-Length: 5", body="abcde"),
    "length doubled and different": post("Content-Length: 5", "Content-Length: 6", body="abcde"),
    "coding doubled": post("Transfer-Encoding: chunked", "Transfer-Encoding: chunked"),
    "coding doubled and different": post("Transfer-Encoding: chunked", "Transfer-Encoding: identity"),
    "coding in HTTP/1.0": post("Transfer-Encoding: chunked", line="POST /refused HTTP/1.0"),
    "coding folded": post("Transfer-Encoding:\r\n chunked"),
    "length folded": post("Content-Length:\r\n 5", body="abcde"),
    "blank before the colon": post("Content-Length : 5", body="abcde"),
    "tab before the colon": post("Transfer-Encoding\t: chunked"),
    "vertical tab before the colon": post("Transfer-Encoding\x0b: chunked"),
    "a name in front": post("X: y\rTransfer-Encoding: chunked"),
    "a bare LF in front": post("X: y\nTransfer-Encoding: chunked"),
}
HEADS = {
    "a bare LF ends a field": post("X-A: b\nX-C: d"),
    "a bare LF ends the request line": "GET /refused HTTP/1.1\nHost: {host}\r\n\r\n",
    "a bare LF ends the head": "GET /refused HTTP/1.1\r\nHost: {host}\r\n\n",
    "only bare LFs": "GET /refused HTTP/1.1\nHost: {host}\n\n",
    "a bare CR in a value": post("X-A: b\rc"), "a bare CR ends a field": post("X-A: b\rX-C: d"),
    "a bare CR in a name": post("X\rA: b"), "a bare CR in the request line": post(line="GET /refused\r HTTP/1.1"),
    "CR CR LF": post("X-A: b\r"), "NUL in a value": post("X-A: b\0c"), "NUL in a name": post("X\0A: b"),
    "NUL in the request line": post(line="GET /refused\0 HTTP/1.1"), "a control byte": post("X-A: b\x01c"),
    "DEL": post("X-A: b\x7fc"), "folded": post("X-A: b\r\n c"), "folded by a tab": post("X-A: b\r\n\tc"),
    "folded before the first field": post(host=" X: y\r\nHost: {host}\r\n"), "no colon": post("X-A b"),
    "no name": post(": b"), "a blank in the name": post("X A: b"), "a blank before the colon": post("X-A : b"),
    "a name that is no token": post("X(A): b"), "8-bit bytes in the name": post("X-\xe4: b"),
    "two blanks": post(line="GET  /refused HTTP/1.1"), "a blank in front": post(line=" GET /refused HTTP/1.1"),
    "a blank behind": post(line="GET /refused HTTP/1.1 "), "a tab between": post(line="GET\t/refused\tHTTP/1.1"),
    "no version": post(line="GET /refused"), "a version that is none": post(line="GET /refused HTTP/1.1x"),
    "a version in small letters": post(line="GET /refused http/1.1"), "a method that is no token": post(line="G@T /refused HTTP/1.1"),
}
HOSTS = {name: post(host=field) for name, field in {
    "missing": "", "doubled": "Host: {host}\r\nHost: {host}\r\n", "doubled and different": "Host: {host}\r\nHost: other.localhost\r\n",
    "two in one": "Host: {host}, other.localhost\r\n", "with a blank": "Host: {host} other\r\n",
    "with a path": "Host: {host}/path\r\n", "with a user": "Host: user@{host}\r\n", "with a port that is none": "Host: romeo.localhost:80x\r\n",
    "with a port that is too high": "Host: romeo.localhost:65536\r\n", "with 8-bit bytes": "Host: rom\xe9o.localhost\r\n",
    "folded": "Host:\r\n {host}\r\n", "blank before the colon": "Host : {host}\r\n"}.items()}
CHUNKS = {name: chunks(*lines) for name, lines in {
    "size with a sign": ("+5\r\nabcde\r\n0\r\n\r\n",), "negative size": ("-5\r\nabcde\r\n0\r\n\r\n",),
    "size with 0x": ("0x5\r\nabcde\r\n0\r\n\r\n",), "no size": ("\r\nabcde\r\n0\r\n\r\n",),
    "a blank before the size": (" 5\r\nabcde\r\n0\r\n\r\n",), "a blank behind the size": ("5 \r\nabcde\r\n0\r\n\r\n",),
    "a size of 2^64": ("10000000000000005\r\nabcde\r\n0\r\n\r\n",), "a size of 2^63": ("8000000000000005\r\nabcde\r\n0\r\n\r\n",),
    "zeros without end": ("0" * 17 + "5\r\nabcde\r\n0\r\n\r\n",), "underscore": ("1_0\r\nabcde\r\n0\r\n\r\n",),
    "a bare LF behind the size": ("5\nabcde\r\n0\r\n\r\n",), "a bare CR behind the size": ("5\rabcde\r\n0\r\n\r\n",),
    "a bare LF behind the data": ("5\r\nabcde\n0\r\n\r\n",), "data longer than its size": ("5\r\nabcdef\r\n0\r\n\r\n",),
    "an extension without a name": ("5;\r\nabcde\r\n0\r\n\r\n",), "an extension with a bare LF": ("5;a=b\nX\r\nabcde\r\n0\r\n\r\n",),
    "an extension with a bare CR": ("5;a=\rb\r\nabcde\r\n0\r\n\r\n",), "an extension with NUL": ("5;a=\0\r\nabcde\r\n0\r\n\r\n",),
    "an open quote": ('5;a="b\r\nabcde\r\n0\r\n\r\n',), "a quote with a line end": ('5;a="\r\n"\r\nabcde\r\n0\r\n\r\n',),
    "an endless extension": ("5;a=" + "b" * 5000 + "\r\nabcde\r\n0\r\n\r\n",), "letters behind the size": ("5xyz\r\nabcde\r\n0\r\n\r\n",),
    "a trailer with a bare LF": ("0\r\nX: y\n\r\n",), "a folded trailer": ("0\r\nX: y\r\n z\r\n\r\n",),
    "a trailer without a colon": ("0\r\nX y\r\n\r\n",), "a bare LF at the end": ("0\r\n\n",), "a trailer with NUL": ("0\r\nX: \0\r\n\r\n",),
}.items()}


def refused(world, site, backend, data):
    """The status of the refusal; nothing of `data`, nor what comes behind it, may have gone further."""
    before = len(backend.requests)
    with world.gateway.connect(site, timeout=20) as connection:
        connection.send((data + SMUGGLED).replace("{host}", connection.host))
        answer = connection.read_response()
        assert connection.read_to_end() == b"", "the connection went on"
    assert answer.get("Connection") == "close"
    arrived = [each.target for each in backend.requests[before:]]
    assert "/smuggled" not in arrived
    return answer.status, arrived


@pytest.mark.parametrize("case", [*LENGTHS.items(), *CODINGS.items(), *FRAMING.items()], ids=lambda case: ascii(case[0]))
def test_an_ambiguous_length_is_refused(world, site, backend, case):
    assert refused(world, site, backend, case[1]) == (400, [])


@pytest.mark.parametrize("case", UNKNOWN.items(), ids=lambda case: ascii(case[0]))
def test_an_unknown_transfer_coding_is_refused(world, site, backend, case):
    assert refused(world, site, backend, case[1]) == (501, [])


@pytest.mark.parametrize("case", [*HEADS.items(), *HOSTS.items()], ids=lambda case: ascii(case[0]))
def test_an_ambiguous_head_is_refused(world, site, backend, case):
    assert refused(world, site, backend, case[1]) == (400, [])


@pytest.mark.parametrize("case", CHUNKS.items(), ids=lambda case: ascii(case[0]))
def test_an_ambiguous_chunk_ends_request_and_connection(world, site, backend, case):
    """The head has gone to the app by then. It never gets the end of the body, and nothing behind it."""
    finished = backend.finished["/refused"]
    status, _ = refused(world, site, backend, case[1])
    assert status == 400
    assert backend.finished["/refused"] == finished
    assert world.gateway.fetch(site, "/inspect").status == 200


def seen(answer):
    assert answer.status == 200, answer
    facts = json.loads(answer.body)
    headers = {}
    for name, value in facts["headers"]:
        headers.setdefault(name.lower(), []).append(value)
    return facts, headers


def test_connection_cannot_take_away_what_frames_or_names_the_request(world, site):
    facts, headers = seen(world.gateway.fetch(site, "/inspect", "POST", [
        ("Connection", "Host, Content-Length, Content-Type, Transfer-Encoding, Date"), ("Connection", "x-real-ip, Authorization, cookie"),
        ("Content-Type", "text/x"), ("X-Real-IP", "203.0.113.9"), ("Authorization", "Basic abc"), ("Cookie", "a=b"), ("X-Public", "1")],
        body=b"twelve bytes"))
    assert facts["length"] == 12 and headers["content-length"] == ["12"]
    assert headers["host"] == headers["x-forwarded-host"] == [world.gateway.host(site)]
    assert headers["content-type"] == ["text/x"] and headers["x-public"] == ["1"]
    assert not {"x-real-ip", "authorization", "cookie"} & set(headers)
    assert "x-real-ip" not in str(headers).lower()


def test_connection_cannot_take_away_what_the_gateway_says_of_the_visitor(world, site):
    _, headers = seen(world.gateway.fetch(site, "/inspect", headers=[
        ("Connection", "Forwarded, X-Forwarded-For, X-Forwarded-Proto, X-Forwarded-Host, Host, close, , \"x\"")]))
    assert headers["x-forwarded-for"] == ["127.0.0.1"] and headers["x-forwarded-proto"] == ["http"]
    assert headers["host"] == headers["x-forwarded-host"] == [world.gateway.host(site)] and "forwarded" in headers


def test_what_a_visitor_says_of_himself_is_replaced(world, site):
    lies = [("Forwarded", "for=203.0.113.9;host=evil.example;proto=https"), ("X-Forwarded-For", "203.0.113.9"),
            ("X-Forwarded-Proto", "https"), ("X-Forwarded-Host", "evil.example"), ("X-Forwarded-Port", "1"),
            ("X-Forwarded-Prefix", "/evil"), ("X-Forwarded-Server", "evil"), ("X_Forwarded_For", "203.0.113.9"),
            ("X-Forwarded_Host", "evil.example"), ("Proxy", "http://evil.example/"), ("PROXY", "http://evil.example/"),
            ("Remote-User", "evil"), ("Remote_User", "evil"), ("Content_Length", "5"), ("Transfer_Encoding", "chunked"),
            ("X.Dot", "evil"), ("Proxy-Authorization", "evil")]
    _, headers = seen(world.gateway.fetch(site, "/inspect", headers=lies))
    assert headers["x-forwarded-for"] == ["127.0.0.1"] and headers["x-forwarded-proto"] == ["http"]
    assert headers["x-forwarded-host"] == [world.gateway.host(site)]
    assert "evil" not in str(headers) and "203.0.113.9" not in str(headers)
    assert not [name for name in headers if "_" in name or "." in name or "proxy" in name or name == "transfer-encoding"]


def test_trailers_are_dropped_whatever_they_say(world, site, backend):
    before = len(backend.requests)
    with world.gateway.connect(site) as connection:
        connection.send_request("POST", "/inspect", [("Transfer-Encoding", "chunked"), ("Trailer", "Content-Length, Host, X-Trailer")],
                                b"4\r\nabcd\r\n0\r\nContent-Length: 99\r\nTransfer-Encoding: chunked\r\nHost: other.localhost\r\n"
                                b"X-Trailer: 1\r\nAuthorization: Basic abc\r\n\r\n")
        facts, headers = seen(connection.read_response())
        assert facts["length"] == 4 and headers["host"] == [world.gateway.host(site)]
        assert not {"x-trailer", "authorization", "trailer"} & set(headers)
        assert connection.get("/inspect").status == 200
    assert len(backend.requests) == before + 2


# Targets and methods out of the ordinary: (request line, status, target that the app sees or None).
ODD = {
    "TRACE": ("TRACE /inspect HTTP/1.1", 501, None), "CONNECT": ("CONNECT {host} HTTP/1.1", 501, None),
    "CONNECT to a path": ("CONNECT /inspect HTTP/1.1", 501, None), "OPTIONS *": ("OPTIONS * HTTP/1.1", 200, "*"),
    "GET *": ("GET * HTTP/1.1", 400, None), "absolute": ("GET http://{host}/inspect?a HTTP/1.1", 200, "/inspect?a"),
    "absolute without a path": ("GET http://{host} HTTP/1.1", 200, "/"), "absolute elsewhere": ("GET http://elsewhere.example/ HTTP/1.1", 404, None),
    "absolute with a user": ("GET http://a@{host}/inspect HTTP/1.1", 400, None), "another scheme": ("GET ftp://{host}/inspect HTTP/1.1", 400, None),
    "dots": ("GET /a/../inspect HTTP/1.1", 400, None), "encoded dots": ("GET /a/%2E%2e/inspect HTTP/1.1", 400, None),
    "dots at the end": ("GET /inspect/.. HTTP/1.1", 400, None), "dots in the query": ("GET /inspect?/../x HTTP/1.1", 200, "/inspect?/../x"),
    "NUL encoded": ("GET /inspect%00 HTTP/1.1", 200, "/inspect%00"), "CR LF encoded": ("GET /inspect%0d%0aX:y HTTP/1.1", 400, None),
    "8-bit bytes": ("GET /inspect/\xe4 HTTP/1.1", 400, None), "8-bit bytes encoded": ("GET /inspect/%e4%ff HTTP/1.1", 200, "/inspect/%e4%ff"),
    "U+FFFE encoded": ("GET /inspect/%EF%BF%BE HTTP/1.1", 200, "/inspect/%EF%BF%BE"), "half an escape": ("GET /inspect/%4 HTTP/1.1", 400, None),
    "a fragment": ("GET /inspect#x HTTP/1.1", 400, None), "a backslash": ("GET /inspect\\x HTTP/1.1", 200, "/inspect\\x"),
    "dots between backslashes": ("GET /inspect\\..\\x HTTP/1.1", 400, None), "more of them, encoded": ("GET /a%5C%2e.%5cx HTTP/1.1", 400, None),
    "markup": ("GET /<a&b>\"']]> HTTP/1.1", 200, "/<a&b>\"']]>"), "a method of its own": ("BREW /inspect HTTP/1.1", 200, "/inspect"),
    "a long method": ("M" * 40 + " /inspect HTTP/1.1", 501, None), "HTTP/2.0": ("GET /inspect HTTP/2.0", 505, None),
    "HTTP/0.9": ("GET /inspect HTTP/0.9", 505, None), "HTTP/1.2": ("GET /inspect HTTP/1.2", 505, None),
}


@pytest.mark.parametrize("name", ODD)
def test_an_odd_target_or_method_has_an_answer_of_its_own(world, site, backend, name):
    line, status, target = ODD[name]
    before, losses = len(backend.requests), world.gateway.err().count("component lost")
    with world.gateway.connect(site) as connection:
        connection.send((line + "\r\nHost: {host}\r\n\r\n").replace("{host}", connection.host))
        assert connection.read_response().status == status
    assert [each.target for each in backend.requests[before:]] == ([target] if target else [])
    assert world.gateway.fetch(site, "/inspect", headers=[("X-Bytes", "\x80\xff\xfe<&>'\"]]>")]).status == 200
    assert world.gateway.err().count("component lost") == losses and world.gateway.is_ready()


def test_options_for_the_whole_gateway_are_its_own(world, site, backend):
    before = len(backend.requests)
    assert fetch(world.gateway.port, f"localhost:{world.gateway.port}", "*", "OPTIONS").status == 204
    assert len(backend.requests) == before


def test_every_site_keeps_its_errors_and_cookies_to_itself(world, site, backend):
    """A cookie for all of the gateway's hosts is narrowed to the one that sets it; under a path to that path."""
    base = world.gateway.host(site).split(":")[0].split(".", 1)[1]
    backend.answers["/raw/cookies"] = (f"HTTP/1.1 500 Broken\r\nSet-Cookie: a=1; Domain={base}; Path=/\r\n"
                                       f"Set-Cookie: b=2; domain = .{base} ;Secure\r\nSet-Cookie: c=3;DOMAIN\r\n"
                                       f"Set-Cookie: d=\"4; Domain={base}\"; HttpOnly\r\nContent-Length: 5\r\n\r\noops!").encode()
    own = world.gateway.fetch(site, "/raw/cookies")
    assert (own.status, own.body) == (500, b"oops!")
    assert own.all("Set-Cookie") == ["a=1; Path=/", "b=2; Secure", "c=3", 'd="4; HttpOnly']
    below = fetch(world.gateway.port, f"localhost:{world.gateway.port}", "/romeo/raw/cookies")
    assert all("; Path=/romeo" in cookie and "omain" not in cookie for cookie in below.all("Set-Cookie"))
    assert world.gateway.fetch("juliet", "/raw/cookies").status == 503
    with Connection(world.gateway.port, world.gateway.host("juliet")) as connection:
        other = connection.get("/raw/cookies", [("Host", world.gateway.host("juliet"))])
        assert other.status == 503 and other.all("Set-Cookie") == [] and b"oops" not in other.body
