# An app that speaks WebSocket (RFC 6455), and the framing for a client that does.
#
#   /echo     every message comes back as it is
#   /bytes    after the handshake no frames: whatever comes goes back, and the end with the end
#   /push?n=  n bytes of pattern() after the handshake, then it waits for the end
#   /bye      closes with 4321 "so long" at once
#   /cut      resets the connection after the handshake
#   /hold     says nothing
#   /last     ends its own half at once; what it gets then stands in `last`
#   /tail     says "tail" when the other half has ended
#   /refuse   403
import base64
import hashlib
import os
import re
import socket
import struct
import threading
from collections import Counter
from urllib.parse import parse_qs, urlsplit

from .backend import pattern

TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10


def accept_of(key):
    return base64.b64encode(hashlib.sha1((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").encode()).digest()).decode()


def handshake(protocol=None):
    """Fields of a request, and its key."""
    key = base64.b64encode(os.urandom(16)).decode()
    fields = [("Upgrade", "websocket"), ("Connection", "keep-alive, Upgrade"), ("Sec-WebSocket-Version", "13"),
              ("Sec-WebSocket-Key", key), ("Origin", "http://somewhere.example")]
    return fields + ([("Sec-WebSocket-Protocol", protocol)] if protocol else []), key


def frame(payload, opcode=BINARY, mask=None, last=True):
    head = bytes([opcode | (0x80 if last else 0)])
    flag, size = (0x80 if mask else 0), len(payload)
    if size < 126:
        head += bytes([flag | size])
    elif size < 65536:
        head += bytes([flag | 126]) + struct.pack(">H", size)
    else:
        head += bytes([flag | 127]) + struct.pack(">Q", size)
    if not mask:
        return head + payload
    return head + mask + masked(payload, mask)


def masked(payload, mask):
    key = (mask * (len(payload) // 4 + 1))[:len(payload)]
    return (int.from_bytes(payload, "big") ^ int.from_bytes(key, "big")).to_bytes(len(payload), "big")


def read_frame(read_exactly):
    """(opcode, whether it is the message's last, payload)"""
    first, second = read_exactly(2)
    size = second & 0x7F
    if size == 126:
        size = struct.unpack(">H", read_exactly(2))[0]
    elif size == 127:
        size = struct.unpack(">Q", read_exactly(8))[0]
    mask = read_exactly(4) if second & 0x80 else None
    payload = read_exactly(size) if size else b""
    return first & 0x0F, bool(first & 0x80), masked(payload, mask) if mask else payload


class SocketApp:
    """Listens on 127.0.0.1 from construction to close(); `requests` are the heads that came."""

    def __init__(self):
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=256)
        self.url = "http://127.0.0.1:%d" % self._listener.getsockname()[1]
        self.requests = []
        self.open = Counter()  # path -> sockets
        self.last = None
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self):
        self._listener.close()

    def _accept(self):
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection):
        with connection:
            reader = connection.makefile("rb")
            try:
                head = b""
                while line := reader.readline():
                    head += line
                    if line == b"\r\n":
                        break
                self._answer(connection, reader, head.decode("latin-1"))
            except OSError:
                pass

    def _answer(self, connection, reader, head):
        self.requests.append(head)
        target = head.split(" ")[1]
        path = urlsplit(target).path
        key = re.search(r"(?im)^sec-websocket-key: (\S+)", head)
        if path == "/refuse" or not key or not re.search(r"(?im)^upgrade: websocket", head):
            body = f"{path} takes none".encode()
            connection.sendall(b"HTTP/1.1 403 Forbidden\r\nConnection: close\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
            return
        protocol = re.search(r"(?im)^sec-websocket-protocol: (\w+)", head)
        connection.sendall((
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSet-Cookie: a=b\r\n"
            f"Sec-WebSocket-Accept: {accept_of(key[1])}\r\n"
            + (f"Sec-WebSocket-Protocol: {protocol[1]}\r\n" if protocol else "") + "\r\n").encode())
        self.open[path] += 1
        try:
            query = parse_qs(urlsplit(target).query)
            getattr(self, "_" + path.strip("/"))(connection, reader, query)
        finally:
            self.open[path] -= 1

    def _echo(self, connection, reader, _):
        def read_exactly(count):
            got = reader.read(count)
            if len(got) < count:
                raise OSError("it has ended")
            return got
        while True:
            opcode, last, payload = read_frame(read_exactly)
            connection.sendall(frame(payload, PONG if opcode == PING else opcode, last=last))
            if opcode == CLOSE:
                return

    @staticmethod
    def _bytes(connection, reader, _):
        while piece := reader.read1(65536):
            connection.sendall(piece)
        connection.shutdown(socket.SHUT_WR)

    @staticmethod
    def _push(connection, reader, query):
        connection.sendall(pattern(int(query["n"][0])))
        reader.read()

    @staticmethod
    def _bye(connection, reader, _):
        connection.sendall(frame(struct.pack(">H", 4321) + b"so long", CLOSE))
        reader.read()

    @staticmethod
    def _cut(connection, _reader, _query):
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        _reader.close()

    def _last(self, connection, reader, _):
        connection.shutdown(socket.SHUT_WR)
        self.last = reader.read()

    @staticmethod
    def _tail(connection, reader, _):
        reader.read()
        connection.sendall(b"tail")

    @staticmethod
    def _hold(_connection, reader, _):
        reader.read()
