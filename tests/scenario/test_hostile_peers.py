# What a hostile peer says of its answer's status, head and length never becomes a second answer, or the next one.
import pytest
from support.scripted import ScriptedPeer

TABLES = {"timeouts": {"response": "4s", "body": "4s"}}
DONE = {"signal": "producerFinished"}
FINE = {"statuscode": 200, "headers": [["Content-Type", "text/plain"]], "data": "fine", **DONE}
EVIL = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil"


class Liar:
    """Answers /one with `messages`, and everything else as it should be; `asked` are the targets that came."""

    def __init__(self, world):
        self.messages, self.asked = [FINE], []
        self.peer = ScriptedPeer(world, "juliet")
        self.peer.serve(self._answer)

    def _answer(self, request):
        self.asked.append(request["REQUEST_URI"])
        return self.messages if request["REQUEST_URI"] == "/one" else [FINE]


@pytest.fixture(scope="module")
def juliet(world):
    liar = Liar(world)
    world.gateway.wait_status("juliet", 200)
    yield liar
    liar.peer.close()


def exchange(world, juliet, *messages, method="GET"):
    """All bytes that a connection brings on which /one is asked, which `messages` answer, and /two, which is fine;
    and whether /two was asked."""
    juliet.messages, juliet.asked = messages, []
    with world.gateway.connect("juliet", timeout=20) as connection:
        host = f" HTTP/1.1\r\nHost: {connection.host}\r\n"
        connection.send(f"{method} /one{host}\r\nGET /two{host}Connection: close\r\n\r\n")
        data = connection.read_to_end()
    assert world.gateway.fetch("juliet", "/three").body == b"fine"
    assert juliet.asked[0] == "/one" and juliet.asked[-1] == "/three"
    return data, "/two" in juliet.asked


def heads(data):
    return data.count(b"HTTP/1.1 ")


STATUSES = [99, "99", 1000, "1000", 0, -200, 100, 102, 103, "103 Early Hints", 199, 600, 999, "200x", "2 00", " 200", "", 2.0e2, 10**30, [200], {"a": 1}, None]


@pytest.mark.parametrize("status", STATUSES, ids=lambda status: ascii(status)[:30])
def test_a_status_that_is_none_is_502(world, juliet, status):
    data, _ = exchange(world, juliet, {**FINE, "statuscode": status})
    assert data.startswith(b"HTTP/1.1 502 ") and heads(data) == 2 and b"evil" not in data.lower()


@pytest.mark.parametrize("status", ["200 OK\r\nX-Evil: 1", "200 O\nK", "200 " + EVIL, "200 \0"], ids=ascii)
def test_the_phrase_behind_a_status_is_the_gateways_own(world, juliet, status):
    data, _ = exchange(world, juliet, {**FINE, "statuscode": status})
    assert data.startswith(b"HTTP/1.1 200 OK\r\n") and heads(data) == 2 and b"evil" not in data.lower()


HEADERS = [["X-A", "b\r\n\r\n" + EVIL], ["X-A", "b\r\nX-Evil: 1"], ["X-A", "b\nX-Evil: 1"], ["X-A", "b\rX-Evil: 1"], ["X-A", "b\0evil"],
           ["X-A\r\nX-Evil", "1"], ["X-A: b\r\nX-Evil", "1"], ["X-Evil ", "1"], [" X-Evil", "1"], ["X Evil", "1"], ["X-Evil\0", "1"], ["", "evil"],
           ["X-A", "\u010a" + EVIL], ["X-A", "\u560d\u560aX-Evil: 1"], ["Content-Length", "4, 4"], ["Content-Length", "-1"],
           ["Content-Length", "+4"], ["Content-Length", ""], ["Content-Length", "0x4"], ["Content-Length", "1" * 30]]


@pytest.mark.parametrize("header", HEADERS, ids=lambda header: ascii(header)[:40])
def test_a_field_that_would_split_the_answer_is_502(world, juliet, header):
    data, _ = exchange(world, juliet, {**FINE, "headers": [header, ["X-Last", "1"]]})
    assert data.startswith(b"HTTP/1.1 502 ") and heads(data) == 2 and b"evil" not in data.lower()


@pytest.mark.parametrize("headers", [
    [["Transfer-Encoding", "chunked"]], [["transfer-ENCODING", "gzip, chunked"], ["Content-Length", "4"]], [["Connection", "close"]],
    [["Connection", "Content-Length, Content-Type, Date"], ["Content-Length", "4"]], [["Upgrade", "h2c"], ["Connection", "Upgrade"]],
    [["Trailer", "X-A"], ["TE", "trailers"]], [["Keep-Alive", "timeout=9999"], ["Proxy-Connection", "keep-alive"]]], ids=str)
def test_fields_that_frame_are_the_gateways_own(world, juliet, headers):
    data, _ = exchange(world, juliet, {**FINE, "headers": headers, "data": "fine"})
    first, second = data.split(b"\r\n\r\nfine")[:2]
    assert first.startswith(b"HTTP/1.1 200 ") and second.startswith(b"HTTP/1.1 200 ")
    assert first.lower().count(b"content-length: 4") == 1 and first.lower().count(b"date: ") == 1
    for name in (b"transfer-encoding", b"connection", b"upgrade", b"trailer", b"keep-alive", b"te:"):
        assert b"\n" + name not in first.lower(), first


@pytest.mark.parametrize("method, status", [("HEAD", 200), ("HEAD", 404), ("GET", 204), ("GET", 304), ("HEAD", 204), ("HEAD", 304)])
@pytest.mark.parametrize("length", [[], [["Content-Length", "54"]]], ids=["without length", "with length"])
def test_a_body_where_none_belongs_is_no_second_answer(world, juliet, method, status, length):
    data, asked = exchange(world, juliet, {"statuscode": status, "headers": length, "data": EVIL, **DONE}, method=method)
    assert asked and heads(data) == 2 and b"evil" not in data
    assert data.startswith(b"HTTP/1.1 %d " % status) and data.endswith(b"\r\n\r\nfine")


@pytest.mark.parametrize("messages", [
    [{"headers": [["Content-Length", "4"]], "data": "fine" + EVIL, **DONE}], [{"headers": [["Content-Length", "0"]], "data": EVIL, **DONE}],
    [{"headers": [["Content-Length", "4"]], "data": "fine"}, {"data": EVIL, "offset": 4, **DONE}],
    [{"headers": [["Content-Length", "90"]], "data": EVIL, **DONE}], [{"headers": [["Content-Length", "90"]], **DONE}],
    [{"headers": [["Content-Length", "90"]], "data": "part"}, {"signal": "shutdownMicroprocess"}],
    [{"headers": [], "data": "part"}, {"signal": "shutdownMicroprocess"}], [{"headers": [], "data": "part"}, {"data": "x", "offset": 9}],
], ids=["more", "more than none", "more, later", "fewer", "none", "given up", "chunked and given up", "a gap"])
def test_a_body_that_is_not_what_was_declared_ends_the_connection(world, juliet, messages):
    """It never looks whole, and nothing else is answered on that connection: the next request is not even asked."""
    data, asked = exchange(world, juliet, {"statuscode": 200, **messages[0]}, *messages[1:])
    assert not asked or data.startswith(b"HTTP/1.1 502 ")
    assert heads(data.replace(EVIL.encode(), b"")) <= (2 if asked else 1)
    if data.startswith(b"HTTP/1.1 200 "):
        head, body = data.split(b"\r\n\r\n", 1)
        declared = [int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.startswith(b"Content-Length:")]
        assert (len(body) < declared[0]) if declared else not body.endswith(b"0\r\n\r\n")


@pytest.mark.parametrize("reason", ["OK\r\nX-Evil: 1", "x" * 100_000, "\u0100", "<script>evil</script>", ""], ids=lambda text: ascii(text)[:20])
def test_what_a_peer_gives_as_its_reason_is_only_text(world, juliet, reason):
    data, _ = exchange(world, juliet, {"signal": "shutdownMicroprocess", "reason": reason})
    assert data.startswith(b"HTTP/1.1 50") and heads(data) == 2 and b"evil" not in data.lower() and len(data) < 5000
