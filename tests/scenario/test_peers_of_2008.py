# Publishers whose program is written to the CrossTalk of 2008: the gateway asks them in chat messages.
import json

import pytest
from support.backend import pattern
from support.chat_2008 import BOT, OldPeer, saying
from support.raw_http import Closed
from support.world import World
from support.xmpp import Client

# Prosody takes <private/> for itself.
HINTS = {"{urn:xmpp:hints}no-copy", "{urn:xmpp:hints}no-store", "{urn:xmpp:hints}no-permanent-store"}
DONE = {"signal": "producerFinished"}


@pytest.fixture(scope="module")
def world(place, programs):
    made = World(place, tables={"timeouts": {"response": "4s"}}).start()
    yield made
    made.stop()


@pytest.fixture
def juliet(world):
    peer = OldPeer(world, "juliet").meet()
    yield peer
    peer.leave()


def ask(world, peer, respond, target="/", method="GET", body=None):
    """One request that `respond(thread, head, body)` answers; None when the connection was cut."""
    with world.gateway.connect("juliet", timeout=60) as connection:
        connection.send_request(method, target, body=body)
        head, came, said = peer.hear_all()
        respond(said[0].thread, head, came)
        try:
            return connection.read_response(method)
        except (Closed, ConnectionError):
            return None


def check_alive(world, peer):
    answer = ask(world, peer, lambda thread, *_: peer.answer(thread, saying("answer.json")))
    assert (answer.status, answer.body) == (200, b"Hello, world!")


def test_a_request_is_said_as_it_was_then_and_is_for_nobody_else(world, juliet):
    with world.gateway.connect("juliet") as connection:
        connection.send_request("GET", "/a%20b?c")
        head, body, said = juliet.hear_all()
        assert [set(each.message) & {"signal", "REQUEST_METHOD"} for each in said] == [{"REQUEST_METHOD"}, {"signal"}]
        for each in said:
            assert each.thread == each.message["batch"] and HINTS <= each.hints and not each.packed
            assert not {"offset", "encoding", "window"} & set(each.message)
            assert each.stanza.get("from") == world.domain and each.stanza.get("to") == juliet.jid
        assert (head["PATH_INFO"], head["QUERY_STRING"], head["HTTP_HOST"].split(":")[0], body) == (
            "/a b", "c", "juliet.localhost", b"")
        juliet.say_nothing(world.domain, said[0].thread)
        juliet.answer(said[0].thread, saying("error_page.json"))
        answer = connection.read_response()
    assert (answer.status, answer.get("content-type"), answer.body[:6]) == (404, "text/html", b"<html>")


@pytest.mark.parametrize("status", [200, "200", "200 OK"])
def test_the_ways_of_saying_a_status(world, juliet, status):
    answer = ask(world, juliet, lambda thread, *_: juliet.answer(thread, {"statuscode": status, "headers": [], "body": "x"}))
    assert (answer.status, answer.body) == (200, b"x")


def test_what_came_in_decides_what_goes_out(world, juliet):
    forms = []
    for packed in (False, True, True, False, False):
        def respond(thread, _head, _body, packed=packed):
            juliet.answer(thread, saying("answer.json"), packed=packed)
        with world.gateway.connect("juliet") as connection:
            connection.send_request("GET", "/")
            _, _, said = juliet.hear_all()
            forms.append({each.packed for each in said})
            respond(said[0].thread, None, None)
            assert connection.read_response().body == b"Hello, world!"
    assert forms == [{False}, {False}, {True}, {True}, {False}]


@pytest.mark.parametrize("packed", [False, True])
def test_bodies_cross_byte_for_byte(world, juliet, packed):
    upload, text = pattern(300_000), "d\u00e9j\u00e0 vu \u20ac <&>\"' \U0001f339\r\n".encode() * 2_000
    assert len(set(upload)) == 256

    def respond(thread, head, body):
        assert body == (upload if head["REQUEST_METHOD"] == "POST" else b"")
        down = body or text
        juliet.answer(thread, {"statuscode": 200, "headers": [["Content-Length", str(len(down))]]}, down, packed=packed)
    for _ in range(2):  # the second time both ways are packed, if any is
        answer = ask(world, juliet, respond, "/up", "POST", upload)
        assert answer is not None and answer.body == upload
    answer = ask(world, juliet, respond)
    assert answer is not None and answer.body == text


def test_text_without_higher_characters_is_text(world, juliet):
    def respond(thread, _head, _body):
        juliet.answer(thread, {"statuscode": 200, "headers": [["Content-Type", "text/html; charset=utf-8"]], "data": "caf\u00e9"})
    assert ask(world, juliet, respond).body == "caf\u00e9".encode()


def test_many_transactions_at_once_do_not_mix(world, juliet):
    connections = [world.gateway.connect("juliet") for _ in range(16)]
    for number, connection in enumerate(connections):
        connection.send_request("GET", f"/{number}")
    asked = {}
    while len(asked) < len(connections):
        said = juliet.hear()
        if "REQUEST_URI" in said.message:
            asked[said.message["REQUEST_URI"]] = said.thread
    for number in reversed(range(len(connections))):
        juliet.say(world.domain, asked[f"/{number}"], {"statuscode": 200, "headers": [], "data": f"{number} "})
    for number in range(len(connections)):
        juliet.say_body(world.domain, asked[f"/{number}"], b"%d" % number * 5000)
        juliet.say(world.domain, asked[f"/{number}"], DONE)
    for number, connection in enumerate(connections):
        assert connection.read_response().body == b"%d " % number + b"%d" % number * 5000
        connection.close()

@pytest.mark.parametrize("said", [
    "{", "hello", "[]", '{"statuscode": 200, "statuscode": 200}', '{"statuscode": 200, "data": "\\ud800"}',
    '{"statuscode": 99}', '{"statuscode": 200, "data": 5}', '{"data": "no head"}', '{"signal": "producerFinished"}',
    '{"statuscode": 200, "headers": [["A", "b\\r\\nX-Evil: 1"]]}', '{"batch": "another", "statuscode": 200}',
    '{"statuscode": 200, "x": ' + "[" * 50 + "]" * 50 + "}", "eNoDAAAAAAE=", '{"statuscode": 200, "data": "eA==", "encoding": "base64"}',
    '{"signal": "shutdownMicroprocess"}'], ids=lambda said: said[:40])
def test_an_answer_that_is_none_is_one_502(world, juliet, said):
    other = world.gateway.connect("juliet")
    other.send_request("GET", "/other")
    _, _, unharmed = juliet.hear_all()
    with world.gateway.connect("juliet") as connection:
        connection.send_request("GET", "/")
        _, _, asked = juliet.hear_all()
        juliet.say(world.domain, asked[0].thread, said)
        assert connection.read_response().status == 502
        juliet.answer(asked[0].thread, saying("answer.json"))
    juliet.answer(unharmed[0].thread, saying("answer.json"))
    assert other.read_response().body == b"Hello, world!"
    other.close()
    while juliet.heard():
        assert juliet.hear().message["signal"] == "shutdownMicroprocess"
    check_alive(world, juliet)


def test_a_bomb_is_one_502(world, juliet):
    huge = json.dumps({"statuscode": 200, "headers": [], "data": "x" * 3_000_000})
    with world.gateway.connect("juliet") as connection:
        connection.send_request("GET", "/")
        _, _, asked = juliet.hear_all()
        juliet.say(world.domain, asked[0].thread, huge, packed=True)
        assert connection.read_response().status == 502
    assert juliet.hear().message["signal"] == "shutdownMicroprocess"
    check_alive(world, juliet)


def test_nobody_else_may_answer(world, juliet):
    stranger = OldPeer(world, "benvolio", "stranger")
    other = OldPeer(world, "juliet", "phone", "<identity category='client' type='pc'/>").meet()

    def respond(thread, _head, _body):
        for each in (stranger, other):
            each.answer(thread, {"statuscode": 200, "headers": [], "data": "evil"}, to=world.domain)
            each.ask(world.domain, "get", "<ping xmlns='urn:xmpp:ping'/>")
        juliet.answer(thread, saying("answer.json"))
    assert ask(world, juliet, respond).body == b"Hello, world!"
    assert not other.heard()
    other.leave()
    stranger.leave()


def test_silence_is_504_and_then_the_other_form_is_tried(world):
    mute = OldPeer(world, "benvolio", "mute", identity=None).meet()
    assert world.gateway.fetch("benvolio").status == 504
    _, _, said = mute.hear_all()
    assert not said[0].packed
    assert mute.hear().message["signal"] == "shutdownMicroprocess"
    with world.gateway.connect("benvolio") as connection:
        connection.send_request("GET", "/")
        _, _, said = mute.hear_all()
        assert said[0].packed
        mute.answer(said[0].thread, saying("answer.json"), packed=True)
        assert connection.read_response().body == b"Hello, world!"
    mute.leave()


def test_a_peer_that_leaves_ends_what_was_open(world, juliet):
    waiting, reading = world.gateway.connect("juliet"), world.gateway.connect("juliet")
    waiting.send_request("POST", "/", body=b"x")
    juliet.hear_all()
    reading.send_request("GET", "/")
    _, _, said = juliet.hear_all()
    juliet.say(world.domain, said[0].thread, saying("answer.json"))
    pieces = reading.body_pieces(reading.read_head())
    assert next(pieces) == b"Hello, world!"
    juliet.send(f"<presence type='unavailable'/><presence type='unavailable' to='{world.domain}'/>")
    assert waiting.read_response().status == 502
    with pytest.raises((Closed, ConnectionError)):
        list(pieces)
    assert world.gateway.fetch("juliet").status == 503
    assert not juliet.heard()


def test_a_response_that_stops_is_cut(world, juliet):
    with world.gateway.connect("juliet") as connection:
        connection.send_request("GET", "/")
        _, _, said = juliet.hear_all()
        juliet.say(world.domain, said[0].thread, saying("answer.json"))
        with pytest.raises((Closed, ConnectionError)):
            connection.read_response()
    assert juliet.hear().message["signal"] == "shutdownMicroprocess"
    check_alive(world, juliet)


def test_a_person_is_never_asked(world):
    phone = OldPeer(world, "benvolio", "phone", "<identity category='client' type='phone'/>").meet()
    both = OldPeer(world, "benvolio", "both", BOT + "<identity category='client' type='pc'/>").meet()
    for _ in range(2):
        assert world.gateway.fetch("benvolio").status == 503
        phone.ask(world.domain, "get", "<ping xmlns='urn:xmpp:ping'/>")
        both.ask(world.domain, "get", "<ping xmlns='urn:xmpp:ping'/>")
    assert not phone.heard() and not both.heard()
    phone.leave()
    both.leave()


def test_who_publishes_with_this_program_is_asked_by_it(world, backend, juliet):
    peer = world.publish("juliet", backend.url)
    world.gateway.wait_status("juliet", 200, "/bytes?n=10")
    while juliet.heard():
        juliet.hear()
    for _ in range(5):
        assert world.gateway.fetch("juliet", "/bytes?n=10").body == pattern(10)
    assert not juliet.heard()
    peer.stop()
    check_alive(world, juliet)


def test_a_chat_with_the_gateway_is_refused(world):
    person = Client(world.server, "benvolio", "person")
    person.send(f"<message to='{world.domain}' type='chat' id='hi'><body>hello</body></message>")
    answer = person.take("the refusal", lambda e: e.tag.endswith("}message") and e.get("type") == "error")
    assert answer.get("id") == "hi"
    person.close()
