# What a peer may say, and what it may not: the gateway judges each transaction by itself and lives on.
#
# A scripted peer answers for juliet. Whatever it did, the next transaction must go as if nothing had been.
import base64
import json
import os

import pytest
from support.raw_http import Closed
from support.scripted import ScriptedPeer, body_of, messages_of, payload
from support.waiting import wait_until
from support.world import World
from support.xmpp import Client

DONE = {"signal": "producerFinished"}
FINE = {"statuscode": 200, "headers": [["Content-Type", "text/plain"]], "data": "fine", **DONE}


@pytest.fixture(scope="module")
def world(place, programs):
    made = World(place, tables={"timeouts": {"response": "4s"}})
    made.start()
    yield made
    made.stop()


@pytest.fixture(scope="module")
def juliet(world):
    peer = ScriptedPeer(world, "juliet")
    with world.gateway.connect("juliet") as connection:
        connection.send_request("GET", "/first")
        stanza, request, _ = peer.take_request()
        peer.respond(stanza, request, FINE)
        assert connection.read_response().body == b"fine"
    yield peer
    peer.close()


def ask(world, juliet, respond, target="/", method="GET", body=None):
    """One request that `respond(stanza, request)` answers; its response, None when the connection was cut."""
    with world.gateway.connect("juliet", timeout=30) as connection:
        connection.send_request(method, target, body=body)
        stanza, request, messages = juliet.take_request()
        respond(stanza, request)
        try:
            return connection.read_response(method)
        except (Closed, ConnectionError):
            return None


def check_alive(world, juliet):
    answer = ask(world, juliet, lambda stanza, request: juliet.respond(stanza, request, FINE))
    assert answer is not None and answer.body == b"fine"


def answer_with(world, juliet, *messages, **options):
    answer = ask(world, juliet, lambda stanza, request: juliet.respond(stanza, request, *messages), **options)
    check_alive(world, juliet)
    return answer


# What is allowed.

@pytest.mark.parametrize("code, status", [(200, 200), ("200 OK", 200), ("404", 404), (599, 599), ("201 Created", 201)])
def test_ways_to_write_a_status(world, juliet, code, status):
    assert answer_with(world, juliet, {"statuscode": code, "headers": [], "data": "x", **DONE}).status == status


def test_body_is_taken_for_data_and_unknown_keys_for_nothing(world, juliet):
    answer = answer_with(world, juliet, {"statuscode": 200, "headers": [], "body": "old", "colour": {"red": [1]},
                                         "signal": "producerFinished"})
    assert answer.body == b"old"


def test_an_answer_in_several_stanzas_and_encodings(world, juliet):
    def respond(stanza, request):
        batch = request["batch"]
        juliet.result(stanza)
        for offset, message in ((0, {"statuscode": 200, "headers": [["X-A", "\u00ff"]]}), (0, {"data": "äb", "offset": 0}),
                                (3, {"data": base64.b64encode(b"\0\xff").decode(), "encoding": "base64", "offset": 3}),
                                (5, {"signal": "producerFinished", "offset": 5})):
            assert juliet.send_messages(juliet.gateway, [{"batch": batch, **message}]).get("type") == "result"
    answer = ask(world, juliet, respond)
    assert answer.body == "äb".encode() + b"\0\xff" and answer.get("X-A") == "\u00ff"
    check_alive(world, juliet)


def test_what_comes_twice_is_skipped(world, juliet):
    answer = answer_with(world, juliet, {"statuscode": 200, "headers": [], "data": "abc"}, {"data": "bcd", "offset": 1},
                         {"data": "abcd", "offset": 0}, {"signal": "producerFinished", "offset": 4})
    assert answer.body == b"abcd"


def test_a_request_body_arrives_with_offsets(world, juliet):
    body = bytes(range(256)) * 8
    with world.gateway.connect("juliet") as connection:
        connection.send_request("POST", "/", body=body)
        stanza, request, messages = juliet.take_request()
        juliet.result(stanza)
        got = b""
        while True:
            for message in messages:
                assert message.get("offset", 0) == len(got)
                got += body_of(message)
            if any(message.get("signal") == "producerFinished" for message in messages):
                break
            stanza, messages = juliet.take_crosstalk()
            juliet.result(stanza)
        assert got == body and request["CONTENT_LENGTH"] == str(len(body))
        juliet.send_messages(juliet.gateway, [{"batch": request["batch"], **FINE}])
        assert connection.read_response().body == b"fine"


def test_the_request_object_is_what_the_protocol_says(world, juliet):
    with world.gateway.connect("juliet") as connection:
        connection.send_request("GET", "/a%20b/c?d=e", [("X-Bytes", "\u00e4\u00ff"), ("Connection", "close, X-Hop"), ("X-Hop", "1")])
        stanza, request, messages = juliet.take_request()
        juliet.respond(stanza, request, FINE)
        assert connection.read_response().status == 200
    wanted = {"REQUEST_METHOD": "GET", "SCRIPT_NAME": "", "PATH_INFO": "/a b/c", "QUERY_STRING": "d=e",
              "REQUEST_URI": "/a%20b/c?d=e", "NON_QUERY_URI": "/a%20b/c", "SERVER_PROTOCOL": "HTTP/1.1",
              "GATEWAY_INTERFACE": "CGI/1.1", "REMOTE_ADDR": "127.0.0.1", "HTTP_X_BYTES": "\u00e4\u00ff",
              "wsgi.url_scheme": "http", "SERVER_NAME": "juliet.localhost", "signal": "producerFinished"}
    assert {key: request.get(key) for key in wanted} == wanted
    assert len(request["batch"]) >= 16 and "CONTENT_LENGTH" not in request
    assert not {"HTTP_X_HOP", "HTTP_CONNECTION", "HTTP_TRANSFER_ENCODING"} & set(request)


def test_a_small_transaction_costs_two_stanzas(world, juliet):
    with world.gateway.connect("juliet") as connection:
        connection.send_request("GET", "/two")
        stanza, request, messages = juliet.take_request()
        assert messages == [request]
        juliet.respond(stanza, request, FINE)
        assert connection.read_response().body == b"fine"
    assert not juliet.received, "the gateway had more to say"


# What is not.

def broken(**changes):
    return {key: value for key, value in {**FINE, **changes}.items() if value is not ...}


@pytest.mark.parametrize("message", [
    broken(statuscode=199), broken(statuscode=600), broken(statuscode="abc"), broken(statuscode=200.5), broken(statuscode=None),
    broken(statuscode=101), broken(statuscode=True), broken(headers={"A": "b"}), broken(headers=[["A"]]), broken(headers=[["A", 1]]),
    broken(headers=[["A", "b\r\nX-Evil: 1"]]), broken(headers=[["A", "b\nc"]]), broken(headers=[["A", "b\0"]]),
    broken(headers=[["A b", "c"]]), broken(headers=[["", "c"]]), broken(headers=[["A:", "c"]]), broken(headers=[["A", "\u0100"]]),
    broken(headers=[["Content-Length", "4"], ["Content-Length", "5"]]), broken(headers=[["Content-Length", "4x"]]),
    broken(data=5), broken(encoding="base64", data="%%%"), broken(encoding="base64", data="YQ"), broken(encoding="rot13"),
    broken(body="x"), broken(offset=-1), broken(offset="0"), broken(offset=2**60), broken(window=-1),
    broken(signal=5), broken(headers="none"),
], ids=lambda message: json.dumps({key: value for key, value in message.items() if FINE.get(key) != value})[:60])
def test_a_message_that_breaks_the_protocol_is_502(world, juliet, message):
    answer = answer_with(world, juliet, message)
    assert answer is not None and answer.status == 502, answer
    assert answer.get("X-Evil") is None


@pytest.mark.parametrize("raw", [
    '{"batch": "%s", "batch": "%s", "statuscode": 200}', '{"batch": "%s", "statuscode": 200, "data": "\\ud800"}',
    '{"batch": "%s", "statuscode": 200, "x": [[[[[[[[[1]]]]]]]]]}', '[1, 2]', '{', '', 'null', '"text"', '[]' * 2, "[" * 5000,
    '{"batch": ["%s"]}', '{"statuscode": 200}', '{"batch": "", "statuscode": 200}', '{"batch": "' + "b" * 65 + '"}',
    "[" + ",".join(['{"batch":"%s"}'] * 257) + "]"], ids=lambda raw: raw[:40])
def test_text_that_is_no_message_is_never_an_answer(world, juliet, raw):
    def respond(stanza, request):
        juliet.result(stanza, payload(None, raw=raw.replace("%s", request["batch"])))
    answer = ask(world, juliet, respond)
    assert answer is not None and answer.status in (502, 504)
    check_alive(world, juliet)


def test_a_gap_before_the_first_byte_is_never_an_answer(world, juliet):
    answer = answer_with(world, juliet, broken(offset=3))
    assert answer is None or answer.status == 502


def test_a_gap_in_the_body_cuts_the_answer(world, juliet):
    answer = answer_with(world, juliet, {"statuscode": 200, "headers": [["Content-Length", "10"]], "data": "abc"},
                         {"data": "fgh", "offset": 5}, {"signal": "producerFinished", "offset": 8})
    assert answer is None or answer.status == 502


def test_a_lost_tail_cuts_the_answer(world, juliet):
    answer = answer_with(world, juliet, {"statuscode": 200, "headers": [], "data": "abc"}, {"signal": "producerFinished", "offset": 9})
    assert answer is None or answer.status == 502


@pytest.mark.parametrize("length", [2, 20])
def test_a_length_that_the_bytes_do_not_match_cuts_the_answer(world, juliet, length):
    answer = answer_with(world, juliet, {"statuscode": 200, "headers": [["Content-Length", str(length)]], "data": "four", **DONE})
    assert answer is None or answer.status == 502 or len(answer.body) != 4


@pytest.mark.parametrize("method, status", [("HEAD", 200), ("GET", 204), ("GET", 304)])
def test_a_body_where_none_belongs_is_dropped(world, juliet, method, status):
    answer = answer_with(world, juliet, {"statuscode": status, "headers": [], "data": "body", **DONE}, method=method)
    assert (answer.status, answer.body) == (status, b"")


def test_a_peer_that_gives_up(world, juliet):
    for reason in ("backend-refused", "unknown", "<&\"'>", "x" * 5000):
        answer = answer_with(world, juliet, {"signal": "shutdownMicroprocess", "reason": reason})
        assert answer.status in (502, 504)
        assert "x" * 3000 not in answer.text


def test_a_stanza_error_is_502_or_504(world, juliet):
    for condition, wanted in (("service-unavailable", 502), ("remote-server-not-found", 502), ("remote-server-timeout", 504)):
        def respond(stanza, request, condition=condition):
            juliet.send(f"<iq type='error' to='{stanza.get('from')}' id='{stanza.get('id')}'><error type='cancel'>"
                        f"<{condition} xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>")
        assert ask(world, juliet, respond, method="POST", body=b"x").status == wanted
        check_alive(world, juliet)


def test_silence_is_504(world, juliet):
    assert ask(world, juliet, lambda stanza, request: juliet.result(stanza)).status == 504
    check_alive(world, juliet)


def test_an_unsafe_request_is_never_sent_twice(world, juliet):
    def respond(stanza, request):
        juliet.send(f"<iq type='error' to='{stanza.get('from')}' id='{stanza.get('id')}'><error type='cancel'>"
                    "<service-unavailable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>")
    assert ask(world, juliet, respond, method="POST", body=b"x").status == 502
    check_alive(world, juliet)
    assert not [stanza for stanza in juliet.received if "REQUEST_METHOD" in json.dumps(messages_of(stanza))]


# Strangers.

def test_nobody_else_may_answer(world, juliet):
    stranger = Client(world.server, "benvolio", "stranger")

    def respond(stanza, request):
        evil = {"batch": request["batch"], "statuscode": 200, "headers": [], "data": "evil", **DONE}
        stranger.send(f"<iq type='result' to='{stanza.get('from')}' id='{stanza.get('id')}'>{payload([evil])}</iq>")
        stranger.ask(stanza.get("from"), "set", payload([evil]))
        other = Client(world.server, "juliet", "other")
        other.send(f"<iq type='result' to='{stanza.get('from')}' id='{stanza.get('id')}'>{payload([evil])}</iq>")
        other.ask(stanza.get("from"), "set", payload([evil]))
        other.close()
        juliet.respond(stanza, request, FINE)
    assert ask(world, juliet, respond).body == b"fine"
    stranger.close()


def test_a_message_for_nothing_is_answered_by_one_unknown(world, juliet):
    """While something else is open: who has nothing open may be told by an error that nothing was asked of it."""
    before, said = len(juliet.asides), []

    def respond(stanza, request):
        said.extend(messages_of(juliet.send_messages(juliet.gateway, [{"batch": "nothing-at-all", "data": "x", "offset": 0}])))
        if not said:
            word, messages = juliet.take_crosstalk()
            juliet.result(word)
            said.extend(messages)
        juliet.send_messages(juliet.gateway, [{"batch": "nothing-else", "signal": "shutdownMicroprocess"}])
        juliet.respond(stanza, request, FINE)
    assert ask(world, juliet, respond).body == b"fine"
    assert [(m["batch"], m["signal"], m["reason"]) for m in said if "signal" in m] == [
        ("nothing-at-all", "shutdownMicroprocess", "unknown")]
    check_alive(world, juliet)
    assert not juliet.received and juliet.asides[before:] == []


def test_one_who_sends_beyond_the_window_is_stopped(world, juliet):
    """The client does not read; the peer goes on sending all the same, and waits for no result."""
    block = base64.b64encode(bytes(48_000)).decode()

    def overruns():
        """The words of overrun that have come, in sets or in results."""
        with juliet._more:
            stanzas = list(juliet.received)
        return [each for stanza in stanzas for each in messages_of(stanza) if each.get("reason") == "overrun"]
    with world.gateway.connect("juliet", receive_buffer=4096) as connection:
        connection.send_request("GET", "/")
        stanza, request, _ = juliet.take_request()
        juliet.respond(stanza, request, {"statuscode": 200, "headers": []})
        for number in range(500):
            if overruns():
                break
            juliet.send(f"<iq type='set' to='{juliet.gateway}' id='over-{number}'>"
                        + payload([{"batch": request["batch"], "data": block, "encoding": "base64", "offset": number * 48_000}])
                        + "</iq>")
        said = wait_until("the overrun to be refused", overruns)
        assert [(each["batch"], each["signal"]) for each in said] == [(request["batch"], "shutdownMicroprocess")]
    if not os.environ.get("CROSSTALK_SANITIZED"):
        assert world.gateway.peak_memory() < 64 << 20
    # What was sent too much is still on its way through the server: the answer to this comes behind it.
    juliet.ask(juliet.gateway, "get", "<ping xmlns='urn:xmpp:ping'/>", limit=60)
    while juliet.received:
        each = juliet.received.pop(0)
        if each.get("type") == "set":
            juliet.result(each)
    check_alive(world, juliet)


def test_stanzas_that_are_none_of_its_business(world, juliet):
    gateway = juliet.gateway
    answer = juliet.ask(gateway, "get", "<query xmlns='urn:no:such:thing'/>")
    assert answer.get("type") == "error"
    answer = juliet.ask("nobody@" + gateway, "set", "<colour xmlns='urn:no:such:thing'/>")
    assert answer.get("type") == "error"
    info = juliet.ask(gateway, "get", "<query xmlns='http://jabber.org/protocol/disco#info'/>")
    assert "urn:crosstalk:1" in [feature.get("var") for feature in info[0]]
    juliet.send(f"<message to='{gateway}' type='chat'><body>hello</body></message><iq to='{gateway}' type='result' id='none'/>"
                f"<iq to='{gateway}' type='error' id='none'/><presence to='{gateway}' type='probe'/>")
    assert juliet.ask(gateway, "get", "<ping xmlns='urn:xmpp:ping'/>").get("type") == "result"
    mine = juliet.ask(gateway, "get", "<sites xmlns='urn:crosstalk:1'/>")
    assert [(site.get("name"), site.get("url")) for site in mine[0]] == [
        ("juliet", f"http://juliet.localhost:{world.gateway.port}/")]
    check_alive(world, juliet)
