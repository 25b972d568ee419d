# Answers compressed at the publisher's: for whom, which, and what of them is as before.
import gzip
import hashlib
import json
import os
import zlib

import brotli
import pytest
from support.backend import pattern
from support.raw_http import Closed
from support.waiting import wait_until
from support.wire import Wire

PAGE = "".join(f"<li class='row'><a href='/item?number={n}'>Number {n * 7919 % 10007}</a></li>\n"
               for n in range(4000)).encode()
BOTH = [("Accept-Encoding", "gzip, deflate, br")]
DECODE = {"gzip": gzip.decompress, "br": brotli.decompress, None: bytes}


@pytest.fixture(scope="module")
def site(world, backend):
    peer = world.publish("romeo", backend.url)
    for status, start in ((200, "/raw/page"), (404, "/raw/missing")):
        backend.answers[start] = raw(PAGE, [("ETag", '"one"'), ("Accept-Ranges", "bytes")], status=status)
    return peer


@pytest.fixture(scope="module")
def root(world, place):
    folder = place / "site"
    folder.mkdir()
    (folder / "page.html").write_bytes(PAGE)
    (folder / "short.txt").write_bytes(b"short")
    (folder / "empty.txt").write_bytes(b"")
    (folder / "same.txt").write_bytes(b"all the same\n" * 1_500_000)
    (folder / "noise.txt").write_bytes(pattern(65_000) + os.urandom(200_000))
    (folder / "noise.bin").write_bytes(pattern(100_000))
    (folder / "style.css").write_bytes(b"/* the style */" * 100)
    (folder / "style.css.br").write_bytes(brotli.compress(b"/* the style */" * 100))
    world.publish("juliet", folder)
    return folder


def raw(body, headers=(), status=200, length=None):
    fields = [("Content-Type", "text/html"), ("Content-Length", length or len(body)), *headers]
    return (f"HTTP/1.1 {status} OK\r\n" + "".join(f"{name}: {value}\r\n" for name, value in fields)
            + "\r\n").encode() + body


def plain(answer):
    return DECODE[answer.get("Content-Encoding")](answer.body)


def decoder(coding):
    if coding == "gzip":
        return zlib.decompressobj(wbits=31).decompress
    return brotli.Decompressor().process


@pytest.mark.parametrize("accepted, coding", [
    ("gzip", "gzip"), ("br", "br"), ("gzip, deflate, br", "br"), ("br;q=0.5, gzip", "gzip"), ("*", "br"),
    ("identity", None), ("gzip;q=0", None), ("*;q=0", None), ("gzip;q=0, br;q=0, *", None), (None, None)])
def test_a_page_comes_as_the_client_takes_it(world, backend, site, root, accepted, coding):
    headers = [("Accept-Encoding", accepted)] if accepted is not None else []
    for user, target in (("romeo", "/raw/page"), ("romeo", "/raw/missing"), ("juliet", "/page.html")):
        answer = world.gateway.fetch(user, target, headers=headers)
        assert answer.status == (404 if "missing" in target else 200)
        assert answer.get("Content-Encoding") == coding, target
        assert answer.get("Vary") == "Accept-Encoding", target
        assert plain(answer) == PAGE, target
        assert answer.get("Content-Length") == (None if coding else str(len(PAGE)))
        assert answer.get("ETag").startswith("W/") == bool(coding)
        assert answer.get("Accept-Ranges") == (None if coding else "bytes")
    assert backend.requests[-1].get("accept-encoding") == accepted


def test_fewer_bytes_go_through_xmpp(world, backend, site):
    # A peer of its own, and pages too short for stanzas to be packed: what is counted is this compression alone.
    wire = Wire(world.server.c2s_port)
    peer = world.publish("benvolio", backend.url, port=wire.port, program_name="peer-counted")
    page = PAGE[:10_000]
    backend.answers["/raw/counted"] = raw(page)

    def cost(headers):
        before = wire.sent
        for _ in range(10):
            assert plain(world.gateway.fetch("benvolio", "/raw/counted", headers=headers)) == page
        return wire.sent - before
    unpacked, packed = cost([]), cost(BOTH)
    assert unpacked > 10 * len(page)
    assert packed < unpacked / 3
    peer.stop()
    wire.close()


def test_a_peer_that_is_told_so_compresses_nothing(world, backend, site, root):
    peer = world.publish("benvolio", backend.url, options=["--compression", "off"])
    answer = world.gateway.fetch("benvolio", "/raw/page", headers=BOTH)
    assert answer.body == PAGE and answer.get("Content-Encoding") is None and answer.get("Vary") is None
    assert answer.get("ETag") == '"one"'
    peer.stop()
    peer = world.publish("benvolio", root, options=["--compression", "off"], program_name="peer-folder-off")
    answer = world.gateway.fetch("benvolio", "/page.html", headers=BOTH)
    assert answer.body == PAGE and answer.get("Content-Encoding") is None
    peer.stop()


def test_over_a_direct_stream_too(world, backend, site):
    peer = world.publish("benvolio", backend.url, direct="auto", program_name="peer-direct")
    wait_until("the direct stream", lambda: "direct stream up" in world.gateway.err())
    answer = world.gateway.fetch("benvolio", "/raw/page", headers=BOTH)
    assert answer.get("Content-Encoding") == "br" and plain(answer) == PAGE
    peer.stop()


@pytest.mark.parametrize("user, target", [("romeo", "/raw/page"), ("juliet", "/page.html"), ("juliet", "/short.txt"),
                                          ("juliet", "/style.css"), ("romeo", "/chunks?n=70000")])
@pytest.mark.parametrize("accepted", ["gzip", "br", "identity"])
def test_head_says_what_get_would(world, backend, site, root, user, target, accepted):
    headers = [("Accept-Encoding", accepted)]
    # The app's connection ends behind each of its raw answers: HEAD has none with a body.
    backend.answers["/raw/page"] = raw(b"", [("ETag", '"one"'), ("Accept-Ranges", "bytes")], length=len(PAGE))
    head = world.gateway.fetch(user, target, "HEAD", headers)
    backend.answers["/raw/page"] = raw(PAGE, [("ETag", '"one"'), ("Accept-Ranges", "bytes")])
    whole = world.gateway.fetch(user, target, headers=headers)
    assert head.body == b"" and head.status == whole.status
    for name in ("Content-Encoding", "Content-Length", "Content-Type", "ETag", "Vary", "Accept-Ranges", "Last-Modified"):
        # The length of what is yet to be compressed is not known.
        assert head.get(name) == whole.get(name) or (name, head.get(name)) == ("Content-Length", None), name
    if accepted == "identity" and "chunks" not in target:
        assert head.get("Content-Length") == str(len(whole.body))


def test_a_weak_tag_is_recognized_again(world, backend, site, root):
    first = world.gateway.fetch("juliet", "/page.html", headers=BOTH)
    tag = first.get("ETag")
    again = world.gateway.fetch("juliet", "/page.html", headers=[*BOTH, ("If-None-Match", tag)])
    assert (again.status, again.body, again.get("ETag"), again.get("Vary")) == (304, b"", tag, "Accept-Encoding")
    assert world.gateway.fetch("juliet", "/page.html", headers=[*BOTH, ("If-Match", tag)]).status == 412
    assert world.gateway.fetch("juliet", "/page.html",
                               headers=[*BOTH, ("If-Modified-Since", first.get("Last-Modified"))]).status == 304
    backend.answers["/raw/same"] = b'HTTP/1.1 304 Not Modified\r\nETag: "one"\r\n\r\n'
    again = world.gateway.fetch("romeo", "/raw/same", headers=[*BOTH, ("If-None-Match", 'W/"one"')])
    assert (again.status, again.get("ETag")) == (304, 'W/"one"')
    assert backend.requests[-1].get("if-none-match") == 'W/"one"'


def test_parts_of_a_file_are_bytes_as_they_are(world, root):
    part = world.gateway.fetch("juliet", "/page.html", headers=[*BOTH, ("Range", "bytes=100-299")])
    assert (part.status, part.get("Content-Encoding"), part.body) == (206, None, PAGE[100:300])
    weak = world.gateway.fetch("juliet", "/page.html", headers=BOTH).get("ETag")
    whole = world.gateway.fetch("juliet", "/page.html",
                                headers=[*BOTH, ("Range", "bytes=100-299"), ("If-Range", weak)])
    assert whole.status == 200 and plain(whole) == PAGE


@pytest.mark.parametrize("name", ["empty.txt", "short.txt", "noise.bin", "same.txt", "noise.txt"])
def test_files_of_every_kind_arrive_whole(world, root, name):
    answer = world.gateway.fetch("juliet", "/" + name, headers=BOTH)
    assert plain(answer) == (root / name).read_bytes()
    assert answer.get("Content-Encoding") == ("br" if name in ("same.txt", "noise.txt") else None)


def test_what_was_compressed_in_advance_is_sent_as_it_lies_there(world, root):
    answer = world.gateway.fetch("juliet", "/style.css", headers=BOTH)
    assert answer.body == (root / "style.css.br").read_bytes()
    assert answer.get("Content-Encoding") == "br" and answer.get("Content-Type").startswith("text/css")
    assert answer.get("Content-Length") == str(len(answer.body)) and not answer.get("ETag").startswith("W/")
    assert world.gateway.fetch("juliet", "/style.css").body == (root / "style.css").read_bytes()


def test_what_the_app_has_compressed_or_forbids_to_change_passes_as_it_is(world, backend, site):
    packed = gzip.compress(PAGE)
    for headers, body in (([("Content-Encoding", "gzip")], packed), ([("Cache-Control", "no-transform")], PAGE),
                          ([("Content-Digest", "sha-256=:x:")], PAGE), ([("Content-Encoding", "identity")], PAGE)):
        backend.answers["/raw/mine"] = raw(body, [*headers, ("ETag", '"mine"')])
        answer = world.gateway.fetch("romeo", "/raw/mine", headers=BOTH)
        assert answer.body == body and answer.get("ETag") == '"mine"', headers
        assert answer.get("Content-Length") == str(len(body)) and answer.get("Vary") is None


@pytest.mark.parametrize("coding", ["gzip", "br"])
def test_events_come_one_by_one_while_the_stream_is_open(world, backend, site, coding):
    cancelled = backend.cancelled["/ticks"]
    with world.gateway.connect("romeo") as connection:
        connection.send_request("GET", "/ticks?n=100000", [("Accept-Encoding", coding)])
        head = connection.read_head()
        assert head.get("Content-Encoding") == coding
        read, pieces, seen = decoder(coding), connection.body_pieces(head), b""
        for number in range(5):
            while f"data: {number}\n\n".encode() not in seen:
                seen += read(next(pieces))
            # What has come can be read up to the last event: none waits for the next one.
            assert seen.endswith(b"\n\n")
        assert backend.running["/ticks"] == 1
    wait_until("the app to see that its client has gone", lambda: backend.cancelled["/ticks"] == cancelled + 1)


def test_a_client_that_leaves_in_the_middle_is_noticed(world, backend, site):
    backend.answers["/raw/long"] = raw(pattern(40 << 20))
    with world.gateway.connect("romeo", receive_buffer=4096) as connection:
        connection.send_request("GET", "/raw/long", BOTH)
        assert connection.read_head().get("Content-Encoding") == "br"
        connection.read_exactly(100_000)
    wait_until("the app to see that its client has gone", lambda: backend.running["/raw/long"] == 0)
    assert world.gateway.fetch("romeo", "/raw/page", headers=BOTH).status == 200


@pytest.mark.parametrize("coding", ["gzip", "br"])
def test_an_answer_that_the_app_breaks_off_is_never_whole(world, backend, site, coding):
    backend.answers["/raw/short"] = raw(PAGE, length=len(PAGE) + 1)
    with world.gateway.connect("romeo") as connection:
        connection.send_request("GET", "/raw/short", [("Accept-Encoding", coding)])
        head = connection.read_head()
        assert head.get("Content-Encoding") == coding
        with pytest.raises((Closed, ConnectionError)):
            for _ in connection.body_pieces(head):
                pass


def test_uploads_are_as_ever(world, backend, site):
    body = json.dumps([n * 7919 % 10007 for n in range(50_000)]).encode()
    headers = [*BOTH, ("Content-Type", "application/json"), ("Content-Encoding", "gzip")]
    answer = world.gateway.fetch("romeo", "/echo", "POST", [*BOTH, ("Content-Type", "application/json")], body)
    assert answer.get("Content-Encoding") == "br" and plain(answer) == body
    facts = json.loads(plain(world.gateway.fetch("romeo", "/inspect", "PUT", headers, gzip.compress(body, mtime=0))))
    assert facts["sha256"] == hashlib.sha256(gzip.compress(body, mtime=0)).hexdigest()
    assert ["Content-Encoding", "gzip"] in facts["headers"]


def test_many_at_a_time_each_get_their_own(world, site):
    connections = [world.gateway.connect("romeo") for _ in range(60)]
    try:
        for number, connection in enumerate(connections):
            connection.send_request("GET", f"/inspect/{number}?" + "x" * 300, BOTH)
        for number, connection in enumerate(connections):
            answer = connection.read_response()
            assert answer.get("Content-Encoding") in ("br", "gzip")
            assert json.loads(plain(answer))["target"].startswith(f"/inspect/{number}?")
    finally:
        for connection in connections:
            connection.close()
