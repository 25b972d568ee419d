# An HTTP/1.1 client that sends exactly what it is given and reads answers by the letter of RFC 9112.
#
# Rule 1: nothing lenient: a bare LF, a bad token, a wrong length or a byte too many is an AssertionError.
# Rule 2: header names and values are latin-1 strings, one character per byte.
import hashlib
import re
import socket
from dataclasses import dataclass, field

TOKEN = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+\Z")


class Closed(AssertionError):
    """The connection ended where an answer, or the rest of one, was due."""


@dataclass
class Response:
    status: int
    reason: str
    headers: list = field(default_factory=list)
    body: bytes = b""
    body_length: int = 0
    body_digest: str = ""  # SHA-256 in hex

    def get(self, name, default=None):
        """The value of the one field `name`."""
        values = self.all(name)
        assert len(values) <= 1, f"{name} came {len(values)} times: {values}"
        return values[0] if values else default

    def all(self, name):
        return [value for key, value in self.headers if key.lower() == name.lower()]

    @property
    def text(self):
        return self.body.decode("utf-8")


class Connection:
    """One TCP connection to 127.0.0.1:`port`, from the address `source`; `host` is the default Host of requests."""

    def __init__(self, port, host="localhost", timeout=60, receive_buffer=None, source="127.0.0.1"):
        self.host = host
        self.socket = socket.socket()
        if source != "127.0.0.1":
            self.socket.bind((source, 0))
        if receive_buffer:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.socket.settimeout(timeout)
        self.socket.connect(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._pending = bytearray()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.socket.close()

    def send(self, data):
        self.socket.sendall(data.encode("latin-1") if isinstance(data, str) else data)

    def send_request(self, method, target, headers=(), body=None, version="1.1"):
        """One request; Host and Content-Length are added unless `headers` names them."""
        names = {name.lower() for name, _ in headers}
        lines = [f"{method} {target} HTTP/{version}"]
        if "host" not in names:
            lines.append(f"Host: {self.host}")
        if body is not None and not names & {"content-length", "transfer-encoding"}:
            lines.append(f"Content-Length: {len(body)}")
        lines += [f"{name}: {value}" for name, value in headers]
        head = ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")
        self.send(head + (body or b""))

    def send_chunk(self, data):
        self.send(b"%x\r\n" % len(data) + data + b"\r\n")

    def request(self, method, target, headers=(), body=None):
        self.send_request(method, target, headers, body)
        return self.read_response(method)

    def get(self, target, headers=()):
        return self.request("GET", target, headers)

    # Reading.

    def _fill(self):
        data = self.socket.recv(262144)
        if not data:
            raise Closed(f"connection closed after {bytes(self._pending[:200])!r}")
        self._pending += data

    def read_exactly(self, count):
        while len(self._pending) < count:
            self._fill()
        data = bytes(self._pending[:count])
        del self._pending[:count]
        return data

    def _line(self, limit=70000):
        while b"\n" not in self._pending:
            assert len(self._pending) < limit, "a line without end"
            self._fill()
        end = self._pending.index(b"\n")
        line = self.read_exactly(end + 1)
        assert line.endswith(b"\r\n") and b"\r" not in line[:-2], f"bad line end: {line!r}"
        return line[:-2].decode("latin-1")

    def read_head(self):
        """A Response without its body."""
        status_line = re.fullmatch(r"HTTP/1\.1 ([1-5]\d\d) ([\t\x20-\x7e\x80-\xff]*)", self._line())
        assert status_line, "no status line"
        response = Response(int(status_line[1]), status_line[2])
        while line := self._line():
            name, colon, value = line.partition(":")
            assert colon and TOKEN.match(name), f"bad field line {line!r}"
            value = value.strip(" \t")
            assert not re.search(r"[\0-\x08\x0a-\x1f\x7f]", value), f"control character in {line!r}"
            response.headers.append((name, value))
        return response

    def read_response(self, method="GET", hold=True):
        """The next final or interim response; interim ones have no body. With `hold` false the body is
        read and dropped but for its length and SHA-256, in `body_length` and `body_digest`."""
        response = self.read_head()
        digest = hashlib.sha256()
        length = 0
        kept = []
        for piece in self.body_pieces(response, method):
            length += len(piece)
            digest.update(piece)
            if hold:
                kept.append(piece)
        response.body = b"".join(kept)
        response.body_length, response.body_digest = length, digest.hexdigest()
        return response

    def body_pieces(self, response, method="GET"):
        lengths, codings = response.all("content-length"), response.all("transfer-encoding")
        assert len(lengths) <= 1 and not (lengths and codings), "framing is not unique"
        if method == "HEAD" or response.status in (204, 304) or response.status < 200:
            assert not (codings and response.status < 200), "Transfer-Encoding in an interim response"
            return
        if codings:
            assert codings == ["chunked"], codings
            yield from self._chunks()
        elif lengths:
            assert re.fullmatch(r"\d+", lengths[0]), lengths
            yield from self._pieces(int(lengths[0]))
        else:
            yield from self._until_close()

    def _pieces(self, count):
        while count:
            if not self._pending:
                self._fill()
            piece = self.read_exactly(min(count, len(self._pending)))
            count -= len(piece)
            yield piece

    def _chunks(self):
        while True:
            size = self._line()
            assert re.fullmatch(r"[0-9A-Fa-f]{1,16}", size), f"bad chunk size {size!r}"
            if int(size, 16) == 0:
                assert self._line() == "", "trailers where none are expected"
                return
            yield from self._pieces(int(size, 16))
            assert self.read_exactly(2) == b"\r\n"

    def _until_close(self):
        while True:
            if self._pending:
                yield self.read_exactly(len(self._pending))
            try:
                self._fill()
            except Closed:
                return

    def read_to_end(self):
        """All bytes until the other side closes, in order or by reset."""
        data = bytes(self._pending)
        self._pending.clear()
        try:
            while piece := self.socket.recv(262144):
                data += piece
        except ConnectionResetError:
            pass
        return data

    def is_quiet(self, seconds=0.3):
        """Whether nothing more comes for that long."""
        if self._pending:
            return False
        before = self.socket.gettimeout()
        self.socket.settimeout(seconds)
        try:
            return not self.socket.recv(1, socket.MSG_PEEK)
        except TimeoutError:
            return True
        finally:
            self.socket.settimeout(before)


def fetch(port, host, target="/", method="GET", headers=(), body=None, timeout=60):
    """One request on a connection of its own."""
    with Connection(port, host, timeout) as connection:
        return connection.request(method, target, headers, body)
