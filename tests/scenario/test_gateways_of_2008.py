# Gateways that are written to the CrossTalk of 2008: a peer answers them in chat messages, and them alone.
import pytest
from support.backend import pattern
from support.chat_2008 import OldGateway, OldPeer
from support.crosstalk import Peer
from support.prosody import Prosody
from support.waiting import wait_until
from support.xmpp import new_id

GATEWAY, OTHER = "http.montague.example", "evil.montague.example"


class _Stage:
    domain = GATEWAY

    def __init__(self, server, gateway, other):
        self.server, self.gateway, self.other = server, gateway, other
        self.folder, self.proxy = "romeo@montague.example/folder", "romeo@montague.example/proxy"


@pytest.fixture(scope="module")
def stage(place, programs, backend):
    page = place / "page"
    page.mkdir()
    (page / "a page.txt").write_text("d\u00e9j\u00e0 vu \u20ac <&>", encoding="utf-8")
    (page / "bytes.bin").write_bytes(pattern(300_000))
    server = Prosody(place, users=["romeo", "juliet"], components={GATEWAY: "one", OTHER: "two"}).start()
    gateway, other = OldGateway(server, GATEWAY), OldGateway(server, OTHER)
    peers = [Peer(place, server, "romeo", page, GATEWAY, resource="folder").start(),
             Peer(place, server, "romeo", backend.url, GATEWAY, resource="proxy").start()]
    for peer in peers:
        peer.wait_online()
    yield _Stage(server, gateway, other)
    for peer in peers:
        peer.stop()
    gateway.close()
    other.close()
    server.end()


def target(path, **more):
    return {"REQUEST_URI": "/romeo" + path, "NON_QUERY_URI": "/romeo" + path, "PATH_INFO": path, "QUERY_STRING": "", **more}


@pytest.mark.parametrize("packed", [False, True])
def test_a_request_of_2008_is_answered_in_its_form(stage, packed):
    head, body, said = stage.gateway.ask(stage.folder, "1", stage.gateway.request(), packed=packed)
    assert (head["statuscode"], body.decode("utf-8")) == (200, "d\u00e9j\u00e0 vu \u20ac <&>")
    assert dict(map(tuple, head["headers"]))["Content-Type"].startswith("text/plain")
    assert [("signal" in each.message, each.packed, each.thread) for each in said] == [
        (number == len(said) - 1, packed, "1") for number in range(len(said))]
    assert all("{urn:xmpp:hints}no-store" in each.hints for each in said)


@pytest.mark.parametrize("packed", [False, True])
def test_bodies_cross_byte_for_byte(stage, packed):
    body = pattern(300_000)
    head, down, _ = stage.gateway.ask(stage.folder, "2", stage.gateway.request(**target("/bytes.bin")), packed=packed)
    assert head["statuscode"] == 200 and down == body
    request = stage.gateway.request(**target("/echo", REQUEST_METHOD="POST", CONTENT_LENGTH=str(len(body))))
    head, back, _ = stage.gateway.ask(stage.proxy, "3", request, body, packed)
    assert head["statuscode"] == 200 and back == body


def test_a_body_without_a_length_arrives(stage, backend):
    head, back, _ = stage.gateway.ask(stage.proxy, "4", stage.gateway.request(**target("/echo", REQUEST_METHOD="PUT")), b"a<b" * 3000)
    assert head["statuscode"] == 200 and back == b"a<b" * 3000


def test_a_request_without_a_body_has_none_for_the_app(stage, backend):
    before = len(backend.requests)
    stage.gateway.ask(stage.proxy, "5", stage.gateway.request(**target("/inspect")))
    asked = backend.requests[before]
    assert not asked.is_chunked and asked.get("Content-Length") is None


def test_nobody_but_the_gateway_is_answered(stage):
    person = OldPeer(stage, "juliet", "old")
    for each in (person, stage.other):
        each.say(stage.folder, "6", {**stage.gateway.request(), "batch": "6"})
        each.say(stage.folder, "6", {"signal": "producerFinished"})
    stage.gateway.ask(stage.folder, "7", stage.gateway.request())  # what came before it has been dealt with
    assert not person.heard() and not stage.other.heard() and not stage.gateway.heard()
    person.close()


@pytest.mark.parametrize("text", ["hello", "{", '{"REQUEST_METHOD": 5}', '{"data": "of nothing"}', "eNoDAAAAAAE=", '{"signal": "producerFinished"}'])
def test_what_is_no_request_is_not_answered(stage, text):
    stage.gateway.say(stage.folder, new_id(), text)
    head, _, _ = stage.gateway.ask(stage.folder, new_id(), stage.gateway.request())
    assert head["statuscode"] == 200 and not stage.gateway.heard()


def test_a_request_that_the_checks_refuse_is_400(stage):
    request = stage.gateway.request(**target("/../secret"))
    assert stage.gateway.ask(stage.folder, "8", request)[0]["statuscode"] == 400


def test_a_request_that_was_stored_on_the_way_is_not_run(stage, backend):
    before = len(backend.requests)
    stage.gateway.send(f"<message type='chat' from='{GATEWAY}' to='{stage.proxy}' id='{new_id()}'><thread>9</thread><body>"
                       '{"REQUEST_METHOD":"GET","REQUEST_URI":"/stored","SCRIPT_NAME":"","SERVER_PROTOCOL":"HTTP/1.1",'
                       '"CONTENT_LENGTH":"1"}</body><delay xmlns="urn:xmpp:delay" stamp="2008-09-01T00:00:00Z"/></message>')
    stage.gateway.ask(stage.proxy, "10", stage.gateway.request(**target("/inspect")))
    assert "/stored" not in [each.target for each in backend.requests[before:]]


def test_a_gateway_that_gives_up_or_goes_stops_the_app(stage, backend):
    for goes in (False, True):
        stage.gateway.begin(stage.proxy, f"hang-{goes}", stage.gateway.request(**target("/hang")))
        wait_until("the app to be asked", lambda: backend.running["/hang"] == 1)
        if goes:
            stage.gateway.send(f"<presence type='unavailable' from='{GATEWAY}' to='{stage.proxy}'/>")
        else:
            stage.gateway.say(stage.proxy, "hang-False", {"signal": "shutdownMicroprocess"})
        wait_until("the app to be left", lambda: backend.running["/hang"] == 0)
