# What visitors do, and how it ended.
#
# Rule: a request ends right, refused (an answer that says why), cut (seen to be incomplete) or as a fault of the
#       program: wrong (a body that is not what it should be, or that looks whole and is not) or hung.
import hashlib
import json
import random
import socket
import ssl
import threading
import time
from collections import Counter

from support.backend import pattern
from support.http2 import Http2
from support.raw_http import Closed, Connection
from support.websocket import TEXT, frame, handshake, read_frame

PATIENCE = 150  # seconds: longer than every limit of the gateway


class Wrong(Exception):
    pass


class Refused(Exception):
    pass


def expect(response, body):
    if response.status >= 500:
        raise Refused
    if response.status != 200 or response.body != body:
        raise Wrong(f"{response.status}, {len(response.body)} bytes where there should be {len(body)}")


def get(port, host, dice):
    size = dice.choice((0, 100, 1000, 20_000, 300_000, 1_000_000))
    kind = dice.choice(("bytes", "chunks"))
    with Connection(port, host, PATIENCE) as connection:
        for _ in range(dice.randint(1, 5)):
            expect(connection.get(f"/{kind}?n={size}"), pattern(size))


def upload(port, host, dice):
    body = pattern(dice.choice((1, 5_000, 200_000, 1_500_000)))
    with Connection(port, host, PATIENCE) as connection:
        response = connection.request("POST", "/inspect", body=body)
        if response.status >= 500:
            raise Refused
        if json.loads(response.body)["sha256"] != hashlib.sha256(body).hexdigest():
            raise Wrong("an upload arrived otherwise than it was sent")


def echo(port, host, dice):
    pieces = [pattern(dice.randint(1, 30_000)) for _ in range(dice.randint(1, 8))]
    with Connection(port, host, PATIENCE) as connection:
        connection.send_request("POST", "/echo", [("Transfer-Encoding", "chunked")])
        for piece in pieces:
            connection.send_chunk(piece)
        connection.send(b"0\r\n\r\n")
        expect(connection.read_response("POST"), b"".join(pieces))


def events(port, host, dice):
    count = dice.randint(2, 40)
    with Connection(port, host, PATIENCE) as connection:
        expect(connection.get(f"/ticks?n={count}"), b"".join(b"data: %d\n\n" % number for number in range(count)))


def leave(port, host, dice):
    with Connection(port, host, PATIENCE) as connection:
        connection.send_request("GET", "/endless")
        head = connection.read_head()
        if head.status >= 500:
            raise Refused
        connection.read_exactly(dice.randint(1, 300_000))


def half_upload(port, host, dice):
    with Connection(port, host, PATIENCE) as connection:
        connection.send_request("POST", "/inspect", [("Content-Length", "5000000")])
        connection.send(pattern(dice.randint(1, 500_000)))


def slow(port, host, dice):
    size = 400_000
    with Connection(port, host, PATIENCE, receive_buffer=8192) as connection:
        connection.send_request("GET", f"/bytes?n={size}")
        time.sleep(dice.uniform(1, 8))
        expect(connection.read_response(), pattern(size))


def websocket(port, host, dice):
    with Connection(port, host, PATIENCE) as connection:
        fields, _ = handshake()
        connection.send_request("GET", "/echo", fields)
        head = connection.read_head()
        if head.status != 101:
            raise Refused
        for _ in range(dice.randint(1, 20)):
            message = pattern(dice.choice((5, 1000, 70_000)))
            connection.send(frame(message, TEXT, b"mask"))
            if read_frame(connection.read_exactly) != (TEXT, True, message):
                raise Wrong("a message came back changed")
            time.sleep(dice.uniform(0, 0.3))


def streams(port, host, dice):
    sizes = [dice.choice((0, 1000, 50_000, 400_000)) for _ in range(dice.randint(1, 20))]
    with Http2(port, host, timeout=PATIENCE) as connection:
        opened = [(connection.start("GET", f"/bytes?n={size}"), size) for size in sizes]
        for stream, size in opened:
            answer = connection.wait(stream)
            if answer.reset is not None:
                raise Closed
            if answer.status >= 500:
                raise Refused
            if bytes(answer.body) != pattern(size):
                raise Wrong(f"a stream of {len(answer.body)} bytes where there should be {size}")


def nonsense(port, host, dice):
    with Connection(port, host, PATIENCE) as connection:
        connection.send(dice.choice((b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", b"\x16\x03\x01\x02\x00",
                                     b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: +1\r\n\r\n")))
        if connection.read_response().status != 400:
            raise Wrong("nonsense was taken for a request")


def file(port, host, dice):
    with Connection(port, host, PATIENCE) as connection:
        first = dice.randint(0, 1_000_000)
        response = connection.get("/file.bin", [("Range", f"bytes={first}-{first + 99_999}")])
        if response.status >= 500:
            raise Refused
        if response.status != 206 or response.body != pattern(1_200_000)[first:first + 100_000]:
            raise Wrong(f"{response.status} and {len(response.body)} bytes of a range")


AT_APPS = [get] * 6 + [upload] * 4 + [echo] * 2 + [events] * 2 + [leave, half_upload, slow, nonsense] + [streams] * 3


class Visitors:
    """Threads that visit `sites`: (port, host, tasks) each."""

    def __init__(self, sites, count, seed):
        self.outcomes = Counter()
        self.faults = []
        self.count = count
        self._sites = sites
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._visit, args=(random.Random(seed + number),), daemon=True)
                         for number in range(count)]

    def start(self):
        for thread in self._threads:
            thread.start()

    def stop(self):
        self._stop.set()
        for thread in self._threads:
            thread.join(2 * PATIENCE)
        return sum(thread.is_alive() for thread in self._threads)

    def _visit(self, dice):
        while not self._stop.is_set():
            port, host, tasks = dice.choice(self._sites)
            task = dice.choice(tasks)
            self.outcomes[self._try(task, port, host, dice)] += 1
            time.sleep(dice.uniform(0, 0.2))

    def _try(self, task, port, host, dice):
        try:
            task(port, host, dice)
            return "right"
        except Refused:
            time.sleep(0.2)
            return "refused"
        except TimeoutError:
            self._note(f"{task.__name__} of {host} hung for {PATIENCE} s")
            return "hung"
        except (Closed, ConnectionError, ssl.SSLError, socket.error):
            return "cut"
        except Exception as problem:  # noqa: BLE001: whatever a reader of answers does not like
            if task is streams and "connection ended" in str(problem):
                return "cut"
            self._note(f"{task.__name__} of {host}: {problem!r}")
            return "wrong"

    def _note(self, text):
        self.faults.append(time.strftime("%H:%M:%S ") + text)
        print(self.faults[-1], flush=True)
