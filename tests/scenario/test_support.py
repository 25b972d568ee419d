# The tools that the other scenarios judge with can themselves say no.
import hashlib
import json
import socket
import threading
import xml.etree.ElementTree as ET

import pytest
from bench import plots
from bench.figures import Figures, best, ratio, spread
from bench.targets import Target
from support import tally
from support.backend import Backend, pattern
from support.browser import Browser
from support.ejabberd import Ejabberd
from support.prosody import Prosody
from support.raw_http import Closed, Connection, fetch
from support.waiting import wait_until
from support.wire import Wire
from support.xmpp import Client, Component


def answer_once(data):
    """A port that answers one connection with `data`, whatever it asks."""
    server = socket.create_server(("127.0.0.1", 0))

    def serve():
        connection, _ = server.accept()
        connection.recv(65536)
        connection.sendall(data)
        connection.close()
        server.close()
    threading.Thread(target=serve, daemon=True).start()
    return server.getsockname()[1]


@pytest.mark.parametrize("data", [
    b"HTTP/1.1 200 OK\nContent-Length: 0\n\n",
    b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n1234",
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n1234\r\n0\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nBad Name: 1\r\nContent-Length: 0\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nA: b\x01\r\nContent-Length: 0\r\n\r\n",
])
def test_the_reader_refuses_a_broken_answer(data):
    with pytest.raises(AssertionError):
        fetch(answer_once(data), "localhost")


def test_the_backend_echoes_and_sees_a_client_go(backend):
    body = pattern(100_000)
    with Connection(backend.port) as connection:
        assert connection.request("PUT", "/echo", body=body).body == body
        connection.send_request("POST", "/echo", [("Transfer-Encoding", "chunked")], b"")
        for start in range(0, len(body), 30_000):
            connection.send_chunk(body[start:start + 30_000])
        connection.send(b"0\r\n\r\n")
        assert connection.read_response().body == body
        streamed = connection.get("/bytes?n=100000")
        assert streamed.body == body and streamed.body_digest == hashlib.sha256(body).hexdigest()
        connection.send_request("GET", "/hang")
        wait_until("the handler to run", lambda: backend.running["/hang"] == 1)
    wait_until("the handler to be cancelled", lambda: backend.cancelled["/hang"] == 1)


def test_a_frozen_wire_is_silent_and_a_cut_one_is_closed(backend):
    wire = Wire(backend.port)
    connection = Connection(wire.port, timeout=0.5)
    assert connection.get("/inspect").status == 200
    wire.freeze()
    connection.send_request("GET", "/inspect")
    with pytest.raises(TimeoutError):
        connection.read_response()
    wire.thaw()
    assert connection.read_response().status == 200
    wire.cut()
    with pytest.raises((Closed, ConnectionError)):
        connection.get("/inspect")
    wire.close()


@pytest.mark.parametrize("kind", [Prosody, Ejabberd])
def test_a_server_carries_stanzas_between_a_component_and_a_client(place, programs, kind):
    server = kind(place, users=["romeo"]).start()
    component = Component(server, "http.montague.example")
    client = Client(server, "romeo")
    client.send("<presence/><presence to='http.montague.example'/>")
    shown = component.take("presence", lambda e: e.tag.endswith("presence"))
    assert shown.get("from") == client.jid
    component.send(f"<message from='{component.domain}' to='{client.jid}'><body>there</body></message>")
    said = client.take("message", lambda e: e.tag.endswith("message") and e.get("from") == component.domain)
    assert said[0].text == "there"
    server.restart()
    wait_until("the client's stream to end", lambda: client.ended)
    Client(server, "romeo").close()
    server.end()


def test_chromium_runs_a_page(backend):
    html = b"<!doctype html><title>one</title><p id=p>two</p><script>document.title += p.textContent</script>"
    backend.answers["/raw/page"] = (b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: %d\r\n\r\n%b"
                                    % (len(html), html))
    with Browser() as browser:
        browser.open(f"http://romeo.localhost:{backend.port}/raw/page")
        assert browser.evaluate("document.title") == "onetwo"
        assert (f"http://romeo.localhost:{backend.port}/raw/page", 200) in browser.responses()


def test_results_are_counted_strictly():
    def log(**fields):
        return json.dumps({"result": "OK", "stdout": "", **fields})
    said = "[doctest] test cases:  12 |  10 passed | 2 failed | 0 skipped\n"
    assert tally.from_meson([log(stdout=said, result="FAIL")]) == (10, 2)
    assert tally.from_meson([log(stdout=said.replace("2 failed", "0 failed"), result="FAIL")]) == (10, 1)
    assert tally.from_meson([log(), log(result="TIMEOUT"), log(result="ERROR", stdout=None)]) == (1, 2)
    assert tally.from_pytest("<testsuites><testsuite><testcase/><testcase><failure/></testcase><testcase><error/></testcase>"
                             "<testcase><skipped/></testcase></testsuite></testsuites>") == (1, 3)


def test_figures_form_ratios_within_a_round():
    figures = Figures()
    for figures.round, (ours, theirs) in enumerate([(10, 5), (3, 1), (8, 2)]):
        figures.add("a", "rate", ours)
        figures.add("b", "rate", theirs)
    figures.round = 3
    figures.add("a", "rate", 1000)  # a round in which the other one stalled
    ratios = ratio(figures.of("a", "rate"), figures.of("b", "rate"))
    assert ratios == {0: 2, 1: 3, 2: 4} and spread(ratios, 1) == "3.0 (2.0 to 4.0)"
    assert figures.cell("a", "no such") == "–" and ratio({0: 1}, {}) == {}
    assert best([{0: 1, 1: 5}, {}, {0: 2, 1: 4}]) == {0: 2, 1: 5}
    assert [Target("", {0: 2, 1: 1}, least=1.6).verdict, Target("", {0: 1}, most=1).verdict,
            Target("", {}, most=1).verdict] == ["missed", "met", "not measured"]


def test_plots_are_well_formed():
    bars = plots.bars("a & b", ["x", "y", "none"], {"one": {"x": 1.0, "y": 2.0}, "<two>": {"x": 3.0}})
    assert len(ET.fromstring(bars).findall(".//{*}rect")) == 1 + 2 + 4
    lines = plots.lines("c", {"one": [(0, 1.0), (100, 2.0), (1000, 7.0)], "two": []}, "x", "y", {"one": 3.0})
    assert len(ET.fromstring(lines).findall(".//{*}polyline")) == 1
    assert plots.bars("", ["x"], {"one": {"x": None}}) is None and plots.lines("", {"one": []}, "", "") is None
