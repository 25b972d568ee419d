# Apps behind a reverse-proxying peer that keep connections in odd ways: what they say reaches the visitor
# who asked, once, and nobody else.
import socket
import threading

import pytest

HELLO = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"


class OddApp:
    """Takes connections one by one; `play` is called with each, its number, and must see to its end."""

    def __init__(self, play):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}"
        self.requests = []
        self.play = play
        self.connections = 0
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._serve, args=(connection, self.connections), daemon=True).start()

    def _serve(self, connection, number):
        with connection:
            try:
                self.play(self, connection, number)
            except OSError:
                pass

    def read_head(self, connection):
        """The next request's head, or b"" when the peer has closed."""
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            byte = connection.recv(1)
            if not byte:
                return b""
            head += byte
        self.requests.append(head.split(b"\r\n")[0])
        return head

    def close(self):
        self.listener.close()


@pytest.fixture
def app(world):
    made = []

    def publish(play):
        made.append(OddApp(play))
        made.append(world.publish("romeo", made[0].url))
        return made[0]

    yield publish
    made[1].stop()
    made[0].close()


def fetch(world, path, **options):
    return world.gateway.fetch("romeo", path, **options)


def test_a_connection_is_used_again(world, app):
    def play(self, connection, _):
        while self.read_head(connection):
            connection.sendall(HELLO)

    odd = app(play)
    for number in range(5):
        assert fetch(world, f"/{number}").text == "hello"
    assert odd.connections == 1


def test_a_connection_that_ends_when_it_is_used_again_costs_nobody_an_answer(world, app):
    def play(self, connection, _):
        self.read_head(connection)
        connection.sendall(HELLO)
        self.read_head(connection)  # and no answer

    odd = app(play)
    for number in range(4):
        assert fetch(world, f"/{number}").text == "hello", number
    assert odd.connections == 4


def test_what_is_not_idempotent_is_never_sent_twice(world, app):
    def play(self, connection, _):
        self.read_head(connection)
        connection.sendall(HELLO)
        self.read_head(connection)

    odd = app(play)
    assert fetch(world, "/first").status == 200
    answer = fetch(world, "/second", method="POST")
    assert answer.status == 502
    assert [r for r in odd.requests if b"POST" in r] == [b"POST /second HTTP/1.1"]


def test_a_408_to_an_idle_connection_is_not_the_visitors_answer(world, app):
    def play(self, connection, _):
        self.read_head(connection)
        connection.sendall(HELLO)
        if self.read_head(connection):
            connection.sendall(b"HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")

    app(play)
    for number in range(3):
        assert fetch(world, f"/{number}").text == "hello", number


def test_bytes_that_nobody_asked_for_reach_nobody(world, app):
    said = threading.Event()

    def play(self, connection, number):
        self.read_head(connection)
        connection.sendall(HELLO)
        if number == 1:
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nsecret")
            said.set()
        while self.read_head(connection):
            connection.sendall(HELLO)

    odd = app(play)
    assert fetch(world, "/1").text == "hello"
    assert said.wait(10)
    assert fetch(world, "/2").text == "hello"
    assert odd.connections == 2


def test_interim_answers_are_swallowed_and_an_unasked_upgrade_is_refused(world, app):
    def play(self, connection, _):
        while head := self.read_head(connection):
            connection.sendall(b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n")
            if b" /upgrade " in head:
                connection.sendall(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n")
            else:
                connection.sendall(HELLO)

    app(play)
    assert fetch(world, "/").text == "hello"
    assert fetch(world, "/upgrade").status == 502
    assert fetch(world, "/").text == "hello"


def test_an_answer_that_ends_with_its_connection_is_whole(world, app):
    def play(self, connection, _):
        self.read_head(connection)
        connection.sendall(b"HTTP/1.0 200 OK\r\n\r\n" + b"x" * 100_000)

    odd = app(play)
    for _ in range(2):
        assert fetch(world, "/").body == b"x" * 100_000
    assert odd.connections == 2


def test_an_answer_before_the_body_has_come_is_passed_on(world, app):
    def play(self, connection, _):
        self.read_head(connection)
        connection.sendall(b"HTTP/1.1 413 Content Too Large\r\nContent-Length: 3\r\nConnection: close\r\n\r\nbig")
        connection.shutdown(socket.SHUT_WR)
        while connection.recv(65536):
            pass

    app(play)
    answer = fetch(world, "/", method="POST", body=b"a" * 3_000_000)
    assert (answer.status, answer.text) == (413, "big")


def test_a_head_without_end_is_refused(world, app):
    def play(self, connection, _):
        self.read_head(connection)
        connection.sendall(b"HTTP/1.1 200 OK\r\n")
        while True:
            connection.sendall(b"X-Filler: " + b"x" * 1000 + b"\r\n")

    app(play)
    assert fetch(world, "/").status == 502
