# The peer in Python, docs/examples/peer.py, behind a real gateway and before a scripted one: whoever writes a peer from
# docs/protocol.md alone ends up with one that works.
import concurrent.futures
import os
import random
import sys

import pytest
from support.crosstalk import ROOT
from support.program import Program
from support.scripted import CROSSTALK, ScriptedGateway, body_of, messages_of, payload
from support.servers import Server
from support.waiting import wait_until
from support.xmpp import Client, new_id

SCRIPTED = "script.montague.example"
STANZAS = "urn:ietf:params:xml:ns:xmpp-stanzas"
LARGE = random.Random(3).randbytes(3_000_000)
PAGE = "<p>\"soft\" & what l\u00efght</p>\n" * 20


class PythonPeer(Program):
    def __init__(self, directory, server, user, gateway, folder):
        password = os.path.join(str(directory), f"python-{user}.password")
        with open(password, "w", encoding="utf-8") as file:
            file.write(server.password(user) + "\n")
        super().__init__(f"python-{user}", [
            sys.executable, os.path.join(ROOT, "docs", "examples", "peer.py"), "--jid", f"{user}@{server.domain}/python",
            "--gateway", gateway, "--password-file", password, "--server", f"127.0.0.1:{server.c2s_port}",
            "--ca-file", server.ca_file, folder], directory, {"PYTHONDONTWRITEBYTECODE": "1"})

    def publish(self):
        self.start()
        self.wait_for_out(r"^http\S+$")
        return self


@pytest.fixture(scope="module")
def folder(place):
    made = place / "folder"
    (made / "below").mkdir(parents=True)
    (made / "index.html").write_text(PAGE, encoding="utf-8")
    (made / "below" / "sch\u00f6n.txt").write_text("rose", encoding="utf-8")
    (made / "large.bin").write_bytes(LARGE)
    (made / "large.txt").write_text(PAGE * 2000, encoding="utf-8")
    (made / "empty.txt").write_text("")
    (place / "secret.txt").write_text("not for you")
    (made / "link.txt").symlink_to(place / "secret.txt")
    return made


@pytest.fixture(scope="module")
def peer(world, place, folder):
    made = PythonPeer(place, world.server, "romeo", world.domain, folder).publish()
    world.gateway.wait_status("romeo", 200)
    yield made
    made.stop()


def test_pages_out_of_a_folder(world, peer):
    answer = world.gateway.fetch("romeo", "/")
    assert (answer.status, answer.text, answer.get("Content-Type")) == (200, PAGE, "text/html")
    assert world.gateway.fetch("romeo", "/below/sch%C3%B6n.txt").body == b"rose"
    assert world.gateway.fetch("romeo", "/empty.txt").body == b""


def test_heads_have_no_body(world, peer):
    with world.gateway.connect("romeo") as connection:
        head = connection.request("HEAD", "/large.bin")
        assert (head.status, head.body, head.get("Content-Length")) == (200, b"", str(len(LARGE)))
        assert connection.get("/empty.txt").status == 200  # the connection is still of use
        assert connection.request("HEAD", "/nothing").status == 404


def test_what_is_not_there_and_what_is_not_meant(world, peer):
    for target in ("/nothing", "/below", "/link.txt", "/a%00b"):
        assert world.gateway.fetch("romeo", target).status == 404, target
    answer = world.gateway.fetch("romeo", "/", "DELETE")
    assert (answer.status, answer.get("Allow")) == (405, "GET, HEAD, POST")


def test_large_files_arrive_byte_for_byte(world, peer):
    assert world.gateway.fetch("romeo", "/large.bin").body == LARGE
    assert world.gateway.fetch("romeo", "/large.txt").text == PAGE * 2000


def test_large_uploads_come_back_byte_for_byte(world, peer):
    answer = world.gateway.fetch("romeo", "/", "POST", [("Content-Type", "x/y")], LARGE)
    assert (answer.status, answer.get("Content-Type"), answer.body == LARGE) == (200, "x/y", True)


def test_uploads_of_all_sizes_and_without_a_length(world, peer):
    with world.gateway.connect("romeo") as connection:
        for size in (0, 1, 3000, 16384, 65537, 300_000):
            assert connection.request("POST", "/", body=LARGE[:size]).body == LARGE[:size]
        connection.send_request("POST", "/", [("Transfer-Encoding", "chunked")])
        for at in range(0, 100_000, 10_000):
            connection.send_chunk(LARGE[at:at + 10_000])
        connection.send(b"0\r\n\r\n")
        assert connection.read_response().body == LARGE[:100_000]


def test_many_at_once(world, peer):
    def ask(number):
        body = LARGE[number:number + 20_000]
        assert world.gateway.fetch("romeo", "/", "POST", body=body).body == body
        return world.gateway.fetch("romeo", "/").text == PAGE
    with concurrent.futures.ThreadPoolExecutor(40) as pool:
        assert all(pool.map(ask, range(80)))


def test_a_visitor_leaves_in_the_middle(world, peer):
    before = peer.out().count("cut off: client-gone")
    connection = world.gateway.connect("romeo", receive_buffer=4096)
    connection.send_request("GET", "/large.bin")
    next(connection.body_pieces(connection.read_head()))
    connection.close()
    wait_until("the work to end", lambda: peer.out().count("cut off: client-gone") == before + 1)
    assert world.gateway.fetch("romeo", "/").text == PAGE


def test_the_gateway_restarts(world, peer):
    world.gateway.stop()
    world.gateway.start()
    world.gateway.wait_ready()
    world.gateway.wait_status("romeo", 200)
    assert world.gateway.fetch("romeo", "/large.bin").body == LARGE


def test_the_gateway_is_killed_in_the_middle(world, peer):
    connection = world.gateway.connect("romeo", receive_buffer=4096)
    connection.send_request("GET", "/large.bin")
    next(connection.body_pieces(connection.read_head()))
    world.gateway.kill()
    connection.close()
    world.gateway.start()
    world.gateway.wait_ready()
    world.gateway.wait_status("romeo", 200)
    assert world.gateway.fetch("romeo", "/large.bin").body == LARGE


def test_the_server_restarts(world, peer):
    world.server.stop()
    world.gateway.wait_not_ready()
    world.server.start()
    world.gateway.wait_ready(60)
    world.gateway.wait_status("romeo", 200, limit=60)


# What no gateway of ours would say.

@pytest.fixture(scope="module")
def script(place, programs, folder):
    (place / "scripted").mkdir()
    server = Server(place / "scripted", users=["juliet"], components={SCRIPTED: "one"}).start()
    gateway = ScriptedGateway(server, SCRIPTED)
    program = PythonPeer(place, server, "juliet", SCRIPTED, folder).publish()
    wait_until("the peer's presence", lambda: gateway.peers)
    gateway.peer, gateway.server = "juliet@montague.example/python", server
    yield gateway
    program.stop()
    gateway.close()
    server.end()


def refusal(gateway, inner):
    answer = gateway.ask(gateway.peer, "set", f"<crosstalk xmlns='{CROSSTALK}'>{inner}</crosstalk>")
    assert answer.get("type") == "error"
    return [each.tag for each in answer.iter() if each.tag.startswith(f"{{{STANZAS}}}")]


def shutdown(gateway, batch, *messages):
    """The reason with which the peer shuts `batch` down after these."""
    answers = messages_of(gateway.send_messages(gateway.peer, messages))
    while not any(each.get("signal") == "shutdownMicroprocess" for each in answers):
        stanza, more = gateway.take_crosstalk()
        gateway.result(stanza)
        answers += more
    (last,) = [each for each in answers if each.get("signal") == "shutdownMicroprocess"]
    assert last["batch"] == batch
    return last["reason"]


def test_a_small_answer_rides_in_the_result(script):
    messages, stanzas = min((script.collect(script.peer, script.request(new_id())) for _ in range(20)),
                            key=lambda answer: answer[1])
    assert stanzas == 2 and messages[0]["statuscode"] == 200
    assert b"".join(map(body_of, messages)).decode() == PAGE


def test_it_announces_itself_by_capabilities(script):
    caps = script.peers[script.peer].find("{http://jabber.org/protocol/caps}c")
    disco = "http://jabber.org/protocol/disco#info"
    told = script.ask(script.peer, "get", f"<query xmlns='{disco}' node='{caps.get('node')}#{caps.get('ver')}'/>")
    assert CROSSTALK in [each.get("var") for each in told.iter(f"{{{disco}}}feature")]
    assert script.ask(script.peer, "get", "<ping xmlns='urn:xmpp:ping'/>").get("type") == "result"


def test_stanzas_that_hold_no_messages_are_refused(script):
    for inner in ("", "<json xmlns='urn:xmpp:json:0'>[{]</json>", "<json xmlns='urn:xmpp:json:0'>[1]</json>"):
        assert refusal(script, inner) == [f"{{{STANZAS}}}bad-request"]
    assert refusal(script, "<deflate>eJwDAAAAAAE=</deflate>") == [f"{{{STANZAS}}}not-acceptable"]


def test_strangers_get_nothing(script):
    stranger = Client(script.server, "juliet", "stranger")
    answer = stranger.ask(script.peer, "set", payload([script.request("strange-strange")]))
    assert answer.find(f".//{{{STANZAS}}}forbidden") is not None
    stranger.close()


def test_messages_that_break_the_protocol_end_their_transactions(script):
    request = script.request("broken-1", path="/", method="POST", finished=False)
    assert shutdown(script, "broken-1", request, {"batch": "broken-1", "data": "late", "offset": 7}) == "protocol"
    assert shutdown(script, "broken-2", {"batch": "broken-2", "window": -1}) == "protocol"
    assert shutdown(script, "broken-3", {"batch": "broken-3", "window": 1}) == "unknown"
    assert shutdown(script, "broken-4", {**script.request("broken-4"), "require": ["wings"]}) == "unsupported"
    assert script.collect(script.peer, script.request("broken-5", path="/../x"))[0][0]["statuscode"] == 400


def test_a_request_is_not_answered_twice_nor_late(script):
    request = script.request("twice-twice", window=1 << 40)
    assert script.collect(script.peer, request)[0]
    assert messages_of(script.send_messages(script.peer, [request])) == []
    answer = script.ask(script.peer, "set", payload([script.request("late-late")]) +
                        "<delay xmlns='urn:xmpp:delay' stamp='2020-01-01T00:00:00Z'/>")
    assert (answer.get("type"), messages_of(answer)) == ("result", [])


def test_a_body_stops_where_its_window_does(script):
    request = {**script.request("window-1", path="/large.bin"), "window": 20_000}
    answers, total = messages_of(script.send_messages(script.peer, [request])), 0
    for window in (20_000, 20_001, 100_000):
        script.send_messages(script.peer, [{"batch": "window-1", "window": window}])
        while sum(len(body_of(each)) for each in answers) < window:
            stanza, more = script.take_crosstalk()
            script.result(stanza)
            answers += more
        for each in answers:
            assert each["offset"] <= window
        total = sum(len(body_of(each)) for each in answers)
        assert total == window
    assert b"".join(map(body_of, answers)) == LARGE[:total]
    script.send_messages(script.peer, [{"batch": "window-1", "signal": "shutdownMicroprocess"}])
