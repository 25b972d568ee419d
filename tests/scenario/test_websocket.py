# WebSocket through to the app: bytes that pass as they are, both ways, in band and over direct streams.
import hashlib
import os
import signal
import socket
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from support.backend import pattern
from support.browser import Browser
from support.guests import Verona
from support.raw_http import Connection
from support.waiting import wait_until
from support.websocket import BINARY, CLOSE, PING, PONG, TEXT, SocketApp, accept_of, frame, handshake, read_frame
from support.world import World

SIZE = 3_000_000
TABLES = {"timeouts": {"websocket": "3s", "body": "2s", "drain": "2s"}}


@pytest.fixture(scope="module")
def world(place, programs):
    made = World(place, tables=TABLES)
    made.server.start()
    made.gateway.start()
    made.gateway.wait_ready()
    yield made
    made.stop()


@pytest.fixture(scope="module")
def app():
    made = SocketApp()
    yield made
    made.close()


@pytest.fixture(scope="module", params=["in band", "direct"])
def site(request, world, app):
    user = {"in band": "romeo", "direct": "juliet"}[request.param]
    world.publish(user, app.url, direct="never" if request.param == "in band" else "auto")
    if request.param == "direct":
        wait_until("the direct stream", lambda: f"peer={user}@" in world.gateway.err()
                   and "direct stream up" in world.gateway.err())
    return user


def upgrade(world, site, target, **options):
    """A connection after its 101."""
    connection = world.gateway.connect(site, **options)
    fields, key = handshake("chat")
    connection.send_request("GET", target, fields)
    head = connection.read_head()
    assert head.status == 101, head
    assert (head.get("upgrade").lower(), head.get("connection").lower()) == ("websocket", "upgrade")
    assert (head.get("sec-websocket-accept"), head.get("sec-websocket-protocol")) == (accept_of(key), "chat")
    assert head.get("set-cookie") == "a=b"
    return connection


def has_ended(connection):
    """Whether it has, half a second after one more message: the limit for silence is not what ends it."""
    try:
        connection.send(frame(b"there?", TEXT, b"abcd"))
        return connection.socket.recv(1) == b""
    except TimeoutError:
        return False
    except OSError:
        return True


def read_to_end(connection):
    """What comes until the other side has finished."""
    return b"".join(connection._until_close())


def test_messages_come_back(world, site):
    with upgrade(world, site, "/echo") as connection:
        for opcode, payload in ((TEXT, b"hello"), (BINARY, pattern(1_000_000)), (BINARY, b"")):
            connection.send(frame(payload, opcode, os.urandom(4)))
            assert read_frame(connection.read_exactly) == (opcode, True, payload)
        connection.send(frame(b"one ", TEXT, b"abcd", last=False) + frame(b"still there?", PING, b"efgh")
                        + frame(b"two", 0, b"ijkl"))
        assert [read_frame(connection.read_exactly) for _ in range(3)] == [
            (TEXT, False, b"one "), (PONG, True, b"still there?"), (0, True, b"two")]
        connection.send(frame(b"\x03\xe8", CLOSE, b"abcd"))
        assert read_frame(connection.read_exactly) == (CLOSE, True, b"\x03\xe8")
        assert read_to_end(connection) == b""


def test_nothing_is_looked_at_or_lost(world, site):
    """Bytes that are no frames, sent before the 101 has come, both ways at once, to the end of each half."""
    data = os.urandom(SIZE)
    fields, _ = handshake()
    with world.gateway.connect(site) as connection:
        connection.send_request("GET", "/bytes", fields)
        sending = threading.Thread(target=lambda: (connection.send(data), connection.socket.shutdown(socket.SHUT_WR)))
        sending.start()
        assert connection.read_head().status == 101
        assert hashlib.sha256(read_to_end(connection)).digest() == hashlib.sha256(data).digest()
        sending.join()


def test_the_app_closes(world, site, app):
    with upgrade(world, site, "/bye") as connection:
        assert read_frame(connection.read_exactly) == (CLOSE, True, b"\x10\xe1so long")
        connection.send(frame(b"\x10\xe1", CLOSE, b"abcd"))
        connection.socket.shutdown(socket.SHUT_WR)
        assert read_to_end(connection) == b""
    wait_until("the app to be left", lambda: app.open["/bye"] == 0)


def test_the_app_breaks_off(world, site):
    with upgrade(world, site, "/cut", timeout=0.5) as connection:
        wait_until("the end", lambda: has_ended(connection))


def test_the_visitor_leaves(world, site, app):
    connection = upgrade(world, site, "/hold")
    wait_until("the app to be asked", lambda: app.open["/hold"] == 1)
    connection.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    connection.close()
    wait_until("the app to know", lambda: app.open["/hold"] == 0)


def test_a_visitor_who_reads_nothing_holds_up_nobody(world, site):
    with upgrade(world, site, "/push?n=5000000", receive_buffer=4096) as connection:
        for _ in range(5):
            with upgrade(world, site, "/echo") as other:
                other.send(frame(b"quick", TEXT, b"abcd"))
                assert read_frame(other.read_exactly) == (TEXT, True, b"quick")
        connection.close()


def test_silence_has_a_limit_and_bytes_in_either_direction_count(world, site):
    with upgrade(world, site, "/hold") as connection:
        assert read_to_end(connection) == b""
    with upgrade(world, site, "/echo") as connection:
        pause = threading.Event()
        for _ in range(5):
            pause.wait(1)
            connection.send(frame(b"here", TEXT, b"abcd"))
            assert read_frame(connection.read_exactly) == (TEXT, True, b"here")


def test_a_half_that_has_ended_does_not_keep_the_other_open_for_ever(world, site, app):
    with upgrade(world, site, "/hold") as connection:
        connection.socket.shutdown(socket.SHUT_WR)
        assert read_to_end(connection) == b""
    wait_until("the app to be left", lambda: app.open["/hold"] == 0)


def test_a_half_that_ends_leaves_the_other_whole(world, site, app):
    data = os.urandom(300_000)
    app.last = None
    with upgrade(world, site, "/last") as connection:
        assert read_to_end(connection) == b""
        connection.send(data)
        connection.socket.shutdown(socket.SHUT_WR)
        wait_until("all of it", lambda: app.last is not None)
    assert app.last == data
    with upgrade(world, site, "/tail") as connection:
        threading.Event().wait(2.5)  # silent for longer than a half may be
        connection.socket.shutdown(socket.SHUT_WR)
        assert read_to_end(connection) == b"tail"


def test_what_is_no_upgrade_is_an_ordinary_request(world, site, app):
    fields, _ = handshake()
    with world.gateway.connect(site) as connection:
        refused = connection.request("GET", "/refuse", fields)
        assert (refused.status, refused.body) == (403, b"/refuse takes none")
        for method, version, more in (("POST", "1.1", []), ("GET", "1.1", [("Content-Length", "1")])):
            connection.send_request(method, "/echo", fields + more, b"x" if more else None, version)
            assert connection.read_response(method).status == 403
            assert "upgrade" not in app.requests[-1].lower()
        other = [("Upgrade", "h2c"), ("Connection", "Upgrade, HTTP2-Settings"), ("HTTP2-Settings", "AAMAAABkAAQAAP__")]
        assert connection.request("GET", "/echo", other).status == 403
        assert "upgrade" not in app.requests[-1].lower() and "http2-settings" not in app.requests[-1].lower()


def test_a_switch_that_nobody_has_asked_for(world, backend):
    peer = world.publish("benvolio", backend.url)
    backend.answers["/raw/101"] = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\nx"
    backend.answers["/raw/other"] = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\nx"
    assert world.gateway.fetch("benvolio", "/raw/101").status == 502
    assert world.gateway.fetch("benvolio", "/raw/other", headers=handshake()[0]).status == 502
    peer.stop()


def test_two_hundred_at_once(world, site):
    def talk(number):
        with upgrade(world, site, "/echo") as connection:
            for turn in range(3):
                said = b"%d says %d" % (number, turn)
                connection.send(frame(said, TEXT, os.urandom(4)))
                assert read_frame(connection.read_exactly) == (TEXT, True, said)
        return True
    with ThreadPoolExecutor(200) as pool:
        assert all(pool.map(talk, range(200)))


def test_in_the_browser(world, site):
    with Browser() as browser:
        browser.open(f"http://{world.gateway.host(site)}/refuse")
        got = browser.evaluate("""(async () => {
          const socket = new WebSocket(`ws://${location.host}/echo`, 'chat');
          socket.binaryType = 'arraybuffer';
          const next = () => new Promise(done => { socket.onmessage = event => done(event.data) });
          await new Promise(done => { socket.onopen = done });
          const texts = [];
          for (const text of ['hello', 'w\\u00f6rld', 'x'.repeat(100000)]) {
            const came = next(); socket.send(text); texts.push(await came === text) }
          const bytes = new Uint8Array(1000000).map((_, at) => at % 251);
          const came = next(); socket.send(bytes);
          const back = new Uint8Array(await came);
          const same = back.length === bytes.length && back.every((byte, at) => byte === bytes[at]);
          const closed = new Promise(done => { socket.onclose = event => done([event.code, event.wasClean]) });
          socket.close(1000);
          return [socket.protocol, texts, same, await closed] })()""")
        assert got == ["chat", [True, True, True], True, [1000, True]]
        bye = browser.evaluate("""new Promise(done => {
          const socket = new WebSocket(`ws://${location.host}/bye`);
          socket.onclose = event => done([event.code, event.reason, event.wasClean]) })""")
        assert bye == [4321, "so long", True]


def test_a_peer_that_dies_ends_it(world, app):
    peer = world.publish("benvolio", app.url, direct="never")
    world.gateway.wait_status("benvolio", 403, "/refuse")
    with upgrade(world, "benvolio", "/hold", timeout=0.5) as connection:
        peer.kill()
        wait_until("the end", lambda: has_ended(connection), limit=40)


def test_without_a_gateway(place, app):
    directory = place / "verona"
    directory.mkdir()
    verona = Verona(directory).start()
    verona.publish(app.url, "anyone")
    proxy = verona.start_proxy()
    proxy.wait_for_out("localhost")
    fields, _ = handshake()
    host = f"romeo-at-montague-example.localhost:{proxy.port}"
    own = [(name, f"http://{host}" if name == "Origin" else value) for name, value in fields]
    with Connection(proxy.port, host) as connection:
        connection.send_request("GET", "/echo", own)
        assert connection.read_head().status == 101
        connection.send(frame(pattern(300_000), BINARY, b"abcd"))
        assert read_frame(connection.read_exactly) == (BINARY, True, pattern(300_000))
    with Connection(proxy.port, host) as connection:
        assert connection.request("GET", "/echo", fields).status == 403
    proxy.stop()
    verona.stop()


def test_it_ends_when_the_gateway_is_to_stop(world, app):
    """Last: the world has no gateway after it."""
    if not any(peer.jid.startswith("romeo@") and peer.is_running() for peer in world.peers):
        world.publish("romeo", app.url)
    with upgrade(world, "romeo", "/echo") as connection:
        world.gateway.signal(signal.SIGTERM)
        connection.send(frame(b"still", TEXT, b"abcd"))
        assert read_frame(connection.read_exactly) == (TEXT, True, b"still")
        assert world.gateway.wait_for_exit(10) == 0
        assert read_to_end(connection) == b""
