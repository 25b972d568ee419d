# XEP-0332: peers that speak it alone behind our gateway, and askers that speak it in front of our
# peer. Every byte of every body is compared, and all that our side says is held against the XEP's schema.
import json
import os
from xml.etree import ElementTree

import pytest
from support.backend import pattern
from support.crosstalk import Peer
from support.raw_http import Closed
from support.scripted import ScriptedPeer
from support.waiting import wait_until
from support.world import World
from support.xep0332 import HTTP, HttpAsker, HttpPeer, base64_data, chunk, send_chunks, text_data
from support.xmpp import Client

ASKER = "iot.montague.example"
STRANGER = "evil.montague.example"
LARGE = 300_000


@pytest.fixture(scope="module")
def world(place, programs):
    made = World(place, tables={"timeouts": {"response": "5s"}},
                 components={"http.montague.example": "zero", ASKER: "one", STRANGER: "two"})
    made.start()
    yield made
    made.stop()


@pytest.fixture(scope="module")
def juliet(world):
    peer = HttpPeer(world, "juliet")
    wait_until("the gateway to know it", lambda: is_served(world, peer))
    yield peer
    peer.close()


def is_served(world, peer):
    with world.gateway.connect("juliet") as connection:
        connection.send_request("GET", "/first")
        try:
            peer.respond(peer.take_request(limit=0.5), text_data("ready"))
        except AssertionError:
            pass
        return connection.read_response().body == b"ready"


@pytest.fixture(scope="module")
def stage(world, backend):
    """Our peers, published at a gateway that asks by XEP-0332."""
    asker = HttpAsker(world.server, ASKER)
    page = world.directory + "/page"
    os.makedirs(page, exist_ok=True)
    with open(page + "/index.html", "w", encoding="utf-8") as file:
        file.write("<p>h\u00e9re</p>")
    with open(page + "/large.bin", "wb") as file:
        file.write(pattern(LARGE))
    peers = [Peer(world.directory, world.server, "romeo", page, ASKER, resource="folder").start(),
             Peer(world.directory, world.server, "romeo", backend.url, ASKER, resource="proxy").start()]
    for peer in peers:
        peer.wait_online()
    yield asker
    for peer in peers:
        peer.stop()
    asker.close()


FOLDER, PROXY = "romeo@montague.example/folder", "romeo@montague.example/proxy"


def ask(world, juliet, respond, target="/", method="GET", body=None, headers=()):
    """One request that `respond(request)` answers: (the request as it came, the response or None if it was cut)."""
    with world.gateway.connect("juliet", timeout=30) as connection:
        connection.send_request(method, target, headers=headers, body=body)
        request = juliet.take_request()
        respond(request)
        try:
            return request, connection.read_response(method)
        except (Closed, ConnectionError):
            return request, None


def check_alive(world, juliet):
    assert ask(world, juliet, lambda request: juliet.respond(request, text_data("fine")))[1].body == b"fine"


def stream(juliet, name, body, **options):
    """Answers in chunks of the stream `name`."""
    def respond(request):
        juliet.respond(request, f"<data><chunkedBase64 streamId='{name}'/></data>")
        send_chunks(juliet, juliet.gateway, name, body, **options)
    return respond


# Peers behind our gateway

def test_a_request_is_asked_as_the_xep_has_it(world, juliet):
    request, answer = ask(world, juliet, lambda r: juliet.respond(r, text_data("fine"), status=201), "/a%20b?c=d",
                          headers=[("X-Odd", "<&'\">"), ("Connection", "X-Hop"), ("X-Hop", "1"), ("Cookie", "a=1")])
    assert (answer.status, answer.body) == (201, b"fine")
    head = request.head
    assert (head.get("method"), head.get("resource"), head.get("maxChunkSize")) == ("GET", "/a%20b?c=d", "4096")
    assert [head.get(name) for name in ("sipub", "jingle", "s5")] == ["false"] * 3
    assert request.get("Host") == world.gateway.host("juliet") and request.get("X-Odd") == "<&'\">"
    assert request.get("Cookie") == "a=1" and request.get("X-Forwarded-For") == "127.0.0.1"
    assert request.get("X-Hop") is None and request.get("Connection") is None and request.encoding == "none"


@pytest.mark.parametrize("data, body", [
    (text_data("<plain> & \u00e9\u20ac\n"), "<plain> & \u00e9\u20ac\n".encode()),
    (base64_data(pattern(5000)), pattern(5000)),
    ("<data><base64>\n AAEC\n /w==\n</base64></data>", b"\0\1\2\xff"),
    ("", b""),
], ids=["text", "base64", "broken lines", "none"])
def test_bodies_beside_their_heads(world, juliet, data, body):
    _, answer = ask(world, juliet, lambda request: juliet.respond(request, data))
    assert (answer.status, answer.body) == (200, body)


def test_a_body_that_is_xml(world, juliet):
    inner = "<s:a xmlns:s='urn:s' xmlns:t='urn:t' t:k='1'>x<b xmlns=''>&lt;</b>y<s:c/></s:a>"
    _, answer = ask(world, juliet, lambda request: juliet.respond(request, f"<data><xml>{inner}</xml></data>"))
    # Prefixes and quotation marks are the servers' to choose.
    assert ElementTree.canonicalize(answer.text, rewrite_prefixes=True) == ElementTree.canonicalize(inner, rewrite_prefixes=True)


@pytest.mark.parametrize("order", [None, lambda n: n[::-1], lambda n: n[1::2] + n[::2] + n],
                         ids=["in order", "backwards", "mixed and doubled"])
def test_chunks_in_any_order(world, juliet, order):
    size = 4096 if order is None else 1024
    body = pattern(LARGE if order is None else 60_000)
    _, answer = ask(world, juliet, stream(juliet, "order", body, size=size, order=order))
    assert answer.body == body


def test_chunks_as_large_as_the_xep_allows_and_an_empty_last_one(world, juliet):
    body = pattern(200_000)

    def respond(request):
        juliet.respond(request, "<data><chunkedBase64 streamId='big'/></data>",
                       headers=[("Content-Length", str(len(body)))])
        send_chunks(juliet, juliet.gateway, "big", body, size=65536, last=False)
        chunk(juliet, juliet.gateway, "big", 4, b"", last=True)
    assert ask(world, juliet, respond)[1].body == body


@pytest.mark.parametrize("by_iq", [True, False], ids=["by iq", "by message"])
def test_a_bytestream(world, juliet, by_iq):
    body = pattern(100_000)

    def respond(request):
        juliet.respond(request, "<data><ibb sid='bytes'/></data>")
        assert juliet.open_bytestream("bytes").get("type") == "result"
        for number in range(25):
            juliet.send_block("bytes", number, body[number * 4000:(number + 1) * 4000], by_iq)
        assert juliet.close_bytestream("bytes").get("type") == "result"
    assert ask(world, juliet, respond)[1].body == body


@pytest.mark.parametrize("size, encoding", [(12, "text"), (4096, "base64"), (LARGE, "chunkedBase64")])
def test_uploads(world, juliet, size, encoding):
    body = b"a=1&b=2&c=%3"[:12] if size == 12 else pattern(size)
    request, answer = ask(world, juliet, lambda r: juliet.respond(r, text_data("got it")), method="POST", body=body)
    assert (request.encoding, request.body) == (encoding, body) and answer.body == b"got it"
    assert request.get("Content-Length") == str(len(body))
    assert all(piece <= 4096 for piece in request.chunk_sizes)


def test_an_upload_of_unknown_length_flows_while_it_is_made(world, juliet):
    with world.gateway.connect("juliet") as connection:
        connection.send(f"PUT /x HTTP/1.1\r\nHost: {world.gateway.host('juliet')}\r\n"
                        "Transfer-Encoding: chunked\r\n\r\n".encode())
        connection.send_chunk(b"first")
        iq = juliet.take_iq("set", f"{{{HTTP}}}req")
        name = iq[0].find(f"{{{HTTP}}}data")[0].get("streamId")
        first = juliet.take("the first chunk", lambda e: len(e) and e[0].get("streamId") == name)
        assert (first[0].text, first[0].get("last")) == ("Zmlyc3Q=", None)
        connection.send_chunk(b"")
        last = juliet.take("the last chunk", lambda e: len(e) and e[0].get("streamId") == name)
        assert (last[0].text or "", last[0].get("nr"), last[0].get("last")) == ("", "1", "true")
        juliet.result(iq, f"<resp xmlns='{HTTP}' version='1.1' statusCode='204'/>")
        assert connection.read_response().status == 204


def test_100_continue_before_a_small_body(world, juliet):
    with world.gateway.connect("juliet") as connection:
        connection.send_request("POST", "/", headers=[("Expect", "100-continue"), ("Content-Length", "5")])
        assert connection.read_response().status == 100
        connection.send(b"hello")
        request = juliet.take_request()
        assert request.body == b"hello" and request.get("Expect") is None
        juliet.respond(request, text_data("thanks"))
        assert connection.read_response().body == b"thanks"


def test_repeated_headers_stay_apart(world, juliet):
    headers = [("Set-Cookie", "a=1; Path=/"), ("X-Between", "1"), ("Set-Cookie", "b=2"), ("Connection", "Close")]
    _, answer = ask(world, juliet, lambda request: juliet.respond(request, text_data("x"), headers))
    assert answer.all("Set-Cookie") == ["a=1; Path=/", "b=2"] and answer.get("Connection") is None


@pytest.mark.parametrize("method, status", [("HEAD", 200), ("GET", 304), ("DELETE", 204)])
def test_answers_without_a_body(world, juliet, method, status):
    headers = [("Content-Length", "12345")] if status != 204 else []
    _, answer = ask(world, juliet, lambda r: juliet.respond(r, "", headers, status), method=method)
    assert (answer.status, answer.body) == (status, b"")
    assert answer.get("Content-Length") == ("12345" if headers else None)
    check_alive(world, juliet)


@pytest.mark.parametrize("status", [400, 404, 418, 500, 503])
def test_statuses_of_errors_pass(world, juliet, status):
    _, answer = ask(world, juliet, lambda r: juliet.respond(r, text_data("no"), status=status))
    assert (answer.status, answer.body) == (status, b"no")


def test_a_method_that_the_xep_lacks_is_not_asked_for(world, juliet):
    assert world.gateway.fetch("juliet", "/", method="PROPFIND").status == 501
    check_alive(world, juliet)


@pytest.mark.parametrize("answer", [
    "", "<query xmlns='urn:other'/>", f"<resp xmlns='{HTTP}' version='1.1' statusCode='99'/>",
    f"<resp xmlns='{HTTP}' version='1.1' statusCode='200'><data><base64>***</base64></data></resp>",
    f"<resp xmlns='{HTTP}' version='1.1' statusCode='200'><data><jingle xmlns='urn:xmpp:jingle:1'/></data></resp>",
    f"<resp xmlns='{HTTP}' version='1.1' statusCode='200'><headers xmlns='http://jabber.org/protocol/shim'>"
    "<header name='a b'>x</header></headers></resp>",
])
def test_answers_that_are_none_are_one_502_and_the_rest_goes_on(world, juliet, answer):
    with world.gateway.connect("juliet") as other:
        other.send_request("GET", "/other")
        waiting = juliet.take_request()
        assert ask(world, juliet, lambda request: juliet.result(request.iq, answer))[1].status == 502
        juliet.respond(waiting, text_data("unharmed"))
        assert other.read_response().body == b"unharmed"


@pytest.mark.parametrize("crime", ["base64", "end", "gap", "twice"])
def test_chunks_that_break_the_rules_cut_one_answer(world, juliet, crime):
    def respond(request):
        juliet.respond(request, "<data><chunkedBase64 streamId='bad'/></data>")
        to = juliet.gateway
        chunk(juliet, to, "bad", 0, b"x")
        if crime == "base64":
            juliet.send(f"<message to='{to}'><chunk xmlns='{HTTP}' streamId='bad' nr='1'>*</chunk></message>")
        elif crime == "end":
            chunk(juliet, to, "bad", 5, b"x", last=True)
            chunk(juliet, to, "bad", 6, b"x")
        elif crime == "gap":
            for number in range(2, 300):
                chunk(juliet, to, "bad", number, b"x")
        else:
            chunk(juliet, to, "bad", 3, b"x", last=True)
            chunk(juliet, to, "bad", 2, b"x", last=True)
        assert juliet.words_for("bad") == {"close", "cancel"}
    assert ask(world, juliet, respond)[1] is None
    check_alive(world, juliet)


def test_a_stranger_can_neither_answer_nor_add_chunks(world, juliet):
    stranger = Client(world.server, "benvolio", "stranger")

    def respond(request):
        stranger.send(f"<iq type='result' to='{world.domain}' id='{request.iq.get('id')}'><resp xmlns='{HTTP}' "
                      f"version='1.1' statusCode='200'>{text_data('evil')}</resp></iq>")
        chunk(stranger, world.domain, "fair", 0, b"evil", last=True)
        stranger.ask(world.domain, "get", "<ping xmlns='urn:xmpp:ping'/>")
        juliet.respond(request, "<data><chunkedBase64 streamId='fair'/></data>")
        chunk(stranger, world.domain, "fair", 0, b"evil", last=True)
        stranger.ask(world.domain, "get", "<ping xmlns='urn:xmpp:ping'/>")
        chunk(juliet, world.domain, "fair", 0, b"good", last=True)
    assert ask(world, juliet, respond)[1].body == b"good"
    stranger.close()


def test_a_visitor_who_leaves_ends_the_stream(world, juliet):
    connection = world.gateway.connect("juliet")
    connection.send_request("GET", "/endless")
    request = juliet.take_request()
    juliet.respond(request, "<data><chunkedBase64 streamId='left'/></data>")
    chunk(juliet, world.domain, "left", 0, b"x" * 1000)
    connection.read_head()
    connection.close()
    assert juliet.words_for("left") == {"close", "cancel"}
    check_alive(world, juliet)


def test_a_peer_that_cancels_an_upload_still_answers(world, juliet):
    with world.gateway.connect("juliet") as connection:
        connection.send(f"PUT /x HTTP/1.1\r\nHost: {world.gateway.host('juliet')}\r\n"
                        "Transfer-Encoding: chunked\r\n\r\n".encode())
        connection.send_chunk(b"first")
        iq = juliet.take_iq("set", f"{{{HTTP}}}req")
        name = iq[0].find(f"{{{HTTP}}}data")[0].get("streamId")
        juliet.send(f"<message to='{world.domain}'><cancel xmlns='{HTTP}' streamId='{name}'/></message>")
        for _ in range(20):
            connection.send_chunk(b"x" * 30_000)
        connection.send_chunk(b"")
        juliet.result(iq, f"<resp xmlns='{HTTP}' version='1.1' statusCode='413'>{text_data('too much')}</resp>")
        assert connection.read_response().body == b"too much"


def test_a_peer_that_leaves_in_mid_body_cuts_the_answer(world):
    peer = HttpPeer(world, "benvolio", "leaves")
    wait_until("it to be known", lambda: any_answer(world, peer))
    with world.gateway.connect("benvolio", timeout=30) as connection:
        connection.send_request("GET", "/")
        request = peer.take_request()
        peer.respond(request, "<data><chunkedBase64 streamId='gone'/></data>")
        chunk(peer, world.domain, "gone", 0, b"some")
        head = connection.read_head()
        peer.close()
        with pytest.raises((Closed, ConnectionError)):
            for _ in connection.body_pieces(head):
                pass
    assert world.gateway.wait_status("benvolio", 503)


def any_answer(world, peer):
    with world.gateway.connect("benvolio") as connection:
        connection.send_request("GET", "/first")
        try:
            peer.respond(peer.take_request(limit=0.5), text_data("ready"))
        except AssertionError:
            pass
        return connection.read_response().body == b"ready"


def test_a_crosstalk_resource_is_asked_before_one_that_speaks_the_xep_alone(world, juliet):
    better = ScriptedPeer(world, "juliet", "better")
    done = {"statuscode": 200, "headers": [], "data": "better", "signal": "producerFinished"}
    better.serve(lambda request: [done])

    def is_better():
        with world.gateway.connect("juliet") as connection:
            connection.send_request("GET", "/")
            try:
                juliet.respond(juliet.take_request(limit=0.2), text_data("xep"))
            except AssertionError:
                pass
            return connection.read_response().body == b"better"
    wait_until("the better one to be asked", is_better)
    assert [is_better() for _ in range(5)] == [True] * 5
    better.close()
    wait_until("the other one to be asked again", lambda: is_served(world, juliet))


# Askers in front of our peer

def test_a_page_from_a_folder(stage):
    answer = stage.ask_http(FOLDER)
    assert (answer.status, answer.encoding, answer.body) == (200, "text", "<p>h\u00e9re</p>".encode())
    assert answer.get("Content-Length") == str(len(answer.body))
    tag = answer.get("ETag")
    again = stage.ask_http(FOLDER, headers=[("Host", "romeo.localhost"), ("If-None-Match", tag)])
    assert (again.status, again.encoding) == (304, "none")
    head = stage.ask_http(FOLDER, "HEAD")
    assert (head.status, head.encoding, head.get("Content-Length")) == (200, "none", str(len(answer.body)))
    assert stage.ask_http(FOLDER, resource="/none").status == 404


@pytest.mark.parametrize("options, most", [("", 4096), ("maxChunkSize='256'", 256), ("maxChunkSize='65536'", 65536)])
def test_a_large_file_in_chunks_of_the_size_asked_for(stage, options, most):
    answer = stage.ask_http(FOLDER, resource="/large.bin", options=options)
    assert (answer.status, answer.encoding) == (200, "chunkedBase64")
    assert answer.body == pattern(LARGE) and max(answer.chunk_sizes) == most


def test_a_range(stage):
    answer = stage.ask_http(FOLDER, resource="/large.bin", headers=[("Host", "x"), ("Range", "bytes=100-199")])
    assert (answer.status, answer.body) == (206, pattern(LARGE)[100:200])


@pytest.mark.parametrize("data, body", [
    (text_data("plain \u00e9"), "plain \u00e9".encode()), (base64_data(pattern(3000)), pattern(3000)),
    ("<data><xml><a xmlns=''>x<b/>y</a></xml></data>", b"<a>x<b/>y</a>")], ids=["text", "base64", "xml"])
def test_requests_with_their_bodies(stage, data, body):
    headers = [("Host", "romeo.localhost"), ("Content-Type", "text/plain"), ("Content-Length", str(len(body)))]
    answer = stage.ask_http(PROXY, "POST", "/echo", headers, data)
    assert (answer.status, answer.get("X-Method"), answer.body) == (200, "POST", body)


@pytest.mark.parametrize("order", [None, lambda n: n[::-1]], ids=["in order", "backwards"])
def test_an_upload_in_chunks_that_is_echoed(stage, order):
    body = pattern(LARGE if order is None else 50_000)
    answer = stage.ask_http(PROXY, "PUT", "/echo", [("Host", "x"), ("Content-Length", str(len(body)))],
                            "<data><chunkedBase64 streamId='up'/></data>",
                            then=lambda: send_chunks(stage, PROXY, "up", body, size=1500, order=order))
    assert (answer.status, answer.body) == (200, body)


def test_what_the_app_is_told(stage):
    answer = stage.ask_http(PROXY, resource="/inspect?a=b", headers=[
        ("Host", "romeo.localhost"), ("X-Forwarded-For", "192.0.2.9"), ("Remote-User", "root"), ("Proxy", "x"),
        ("Connection", "close, X-Hop"), ("X-Hop", "1"), ("Cookie", "a=1"), ("Cookie", "b=2")])
    facts = json.loads(answer.body)
    headers = {name.lower(): value for name, value in facts["headers"]}
    assert (facts["target"], headers["host"], headers["cookie"]) == ("/inspect?a=b", "romeo.localhost", "a=1; b=2")
    assert headers["x-forwarded-for"] == "192.0.2.9"
    assert not {"remote-user", "proxy", "x-hop"} & set(headers)


def test_repeated_headers_of_an_app(stage, backend):
    backend.answers["/raw?cookies"] = (b"HTTP/1.1 200 OK\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\nX-Latin: \xe9\r\n"
                                       b"X-Utf8: \xc3\xa9\r\nContent-Length: 2\r\n\r\n\r\n")
    answer = stage.ask_http(PROXY, resource="/raw?cookies")
    assert answer.all("Set-Cookie") == ["a=1", "b=2"]
    assert (answer.get("X-Latin"), answer.get("X-Utf8")) == ("\u00e9", "\u00e9")
    assert (answer.encoding, answer.body) == ("base64", b"\r\n")


def test_an_app_that_is_down_and_an_answer_that_is_cut(stage, backend):
    backend.answers["/raw?short"] = b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nonly"
    assert stage.ask_http(PROXY, resource="/raw?short").status == 502


def test_an_asker_that_cancels_stops_the_app(stage, backend):
    stage.send(f"<iq type='set' to='{PROXY}' from='{ASKER}' id='endless'><req xmlns='{HTTP}' method='GET' "
               "resource='/endless' version='1.1'/></iq>")
    answer = stage.take_answer("endless")
    name = answer[0].find(f"{{{HTTP}}}data")[0].get("streamId")
    stage.take("a chunk", lambda e: len(e) and e[0].get("streamId") == name)
    stage.send(f"<message to='{PROXY}' from='{ASKER}'><close xmlns='{HTTP}' streamId='{name}'/></message>")
    wait_until("the app to be told", lambda: backend.cancelled["/endless"] == 1)
    assert stage.ask_http(FOLDER).status == 200


@pytest.mark.parametrize("method, resource, data, outcome", [
    ("GET", "/../x", "", 400), ("GET", "http://elsewhere/", "", 400), ("GE T", "/", "", "bad-request"),
    ("PUT", "/", "<data><base64>*</base64></data>", "bad-request"),
    ("PUT", "/", "<data><sipub xmlns='http://jabber.org/protocol/sipub'/></data>", "feature-not-implemented"),
])
def test_requests_that_are_none(stage, method, resource, data, outcome):
    answer = stage.ask_http(FOLDER, method, resource, data=data)
    assert outcome == (answer if isinstance(answer, str) else answer.status)
    assert stage.ask_http(FOLDER).status == 200


def test_who_is_no_configured_gateway_is_refused(stage, world):
    stranger = HttpAsker(world.server, STRANGER)
    assert stranger.ask_http(FOLDER).status == 403
    stranger.close()
    user = Client(world.server, "benvolio", "asks")
    answer = user.ask(FOLDER, "set", f"<req xmlns='{HTTP}' method='GET' resource='/' version='1.1'/>")
    assert answer.find(f"{{{HTTP}}}resp").get("statusCode") == "403"
    user.close()


def test_the_same_peer_answers_carriage_1_beside_it(stage):
    status = [message.get("statuscode") for message in stage.collect(FOLDER, stage.request("beside-beside"))[0]]
    assert 200 in status
    assert stage.ask_http(FOLDER).status == 200
