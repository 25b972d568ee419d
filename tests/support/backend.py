# A local web app behind a peer: it echoes, counts, hangs and streams as its path says.
#
# Rule 1: it runs in a thread of its own and tells the test what it saw through plain members.
# Rule 2: it sees a client that goes away at once, and ends that handler as cancelled.
#
#   ANY /echo            the request's body, in the same framing, with the request's Content-Type
#   ANY /inspect         JSON: method, target, headers, length and SHA-256 of the body
#   GET /bytes?n=N       N pseudo-random bytes with Content-Length, see pattern()
#   GET /chunks?n=N      the same chunked
#   GET /endless         bytes until the client leaves
#   GET /hang            never answers
#   GET /ticks?n=N       N lines, one every 50 ms, chunked, each flushed
#   ANY /raw             what `answers[target]` holds, verbatim, then the connection is closed
#   ANY /gate            answers once `hold` is set
#   ANY /early           answers 403 before it has read the body
import asyncio
import hashlib
import json
import threading
from collections import Counter
from urllib.parse import parse_qs, urlsplit

from .ports import free_port

BLOCK = b"".join(hashlib.sha256(b"%d" % number).digest() for number in range(2048))


def pattern(count):
    """`count` bytes that look random and repeat only after 64 KiB."""
    return (BLOCK * (count // len(BLOCK) + 1))[:count]


class _ClientGone(Exception):
    pass


class _Connection:
    def __init__(self, reader, writer):
        self._reader, self.writer = reader, writer
        self._pending = b""

    async def fill(self):
        data = await self._reader.read(262144)
        if not data:
            raise _ClientGone
        self._pending += data

    async def head(self):
        while b"\r\n\r\n" not in self._pending:
            await self.fill()
        head, _, self._pending = self._pending.partition(b"\r\n\r\n")
        return head.decode("latin-1")

    async def line(self):
        while b"\r\n" not in self._pending:
            await self.fill()
        line, _, self._pending = self._pending.partition(b"\r\n")
        return line

    async def pieces(self, count):
        while count:
            if not self._pending:
                await self.fill()
            piece, self._pending = self._pending[:count], self._pending[count:]
            count -= len(piece)
            yield piece

    async def write(self, data):
        self.writer.write(data)
        await self.writer.drain()


class Request:
    """A request line with its headers, as the app got them."""

    def __init__(self, head):
        lines = head.split("\r\n")
        self.method, self.target, self.version = lines[0].split(" ")
        self.headers = [tuple(line.split(": ", 1)) if ": " in line else (line.rstrip(":"), "")
                        for line in lines[1:]]
        self.path = urlsplit(self.target).path
        self.query = {key: value[0] for key, value in parse_qs(urlsplit(self.target).query).items()}

    def get(self, name):
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)

    @property
    def is_chunked(self):
        return (self.get("transfer-encoding") or "").lower() == "chunked"

    def __repr__(self):
        return f"{self.method} {self.target}"


class Backend:
    """Listens on 127.0.0.1:`port`, or on `unix_path`, from construction to close()."""

    def __init__(self, unix_path=None):
        self.port = free_port()
        self._unix_path = unix_path
        self.requests = []       # every head that came
        self.running = Counter()     # path -> handlers at work now
        self.finished = Counter()    # path -> handlers that came to their end
        self.cancelled = Counter()   # path -> handlers whose client went away
        self.sent = Counter()        # path -> body bytes handed to the socket
        self.answers = {}        # target -> bytes for /raw
        self.hold = threading.Event()  # set: /gate answers
        self._tasks = set()
        self._loop = asyncio.new_event_loop()
        ready = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(ready,), daemon=True)
        self._thread.start()
        assert ready.wait(10)

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def close(self):
        async def end():
            for task in list(self._tasks):
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)
            self._loop.stop()
        self._loop.call_soon_threadsafe(lambda: self._loop.create_task(end()))
        self._thread.join(10)

    def close_idle(self):
        """Drops every connection, as an app that restarts does."""
        done = threading.Event()

        def run():
            for task in list(self._tasks):
                task.cancel()
            done.set()
        self._loop.call_soon_threadsafe(run)
        assert done.wait(10)

    def _run(self, ready):
        asyncio.set_event_loop(self._loop)

        async def begin():
            options = {"limit": 262144, "backlog": 1024}
            if self._unix_path:
                await asyncio.start_unix_server(self._serve, self._unix_path, **options)
            else:
                await asyncio.start_server(self._serve, "127.0.0.1", self.port, **options)
        self._loop.run_until_complete(begin())
        ready.set()
        self._loop.run_forever()

    async def _serve(self, reader, writer):
        task = asyncio.current_task()
        self._tasks.add(task)
        connection = _Connection(reader, writer)
        try:
            while True:
                request = Request(await connection.head())
                self.requests.append(request)
                await self._handle(connection, request)
                if (request.get("connection") or "").lower() == "close" or request.path.startswith("/raw"):
                    break
        except (_ClientGone, OSError, asyncio.CancelledError):
            pass
        finally:
            self._tasks.discard(task)
            writer.close()

    async def _handle(self, connection, request):
        handler = getattr(self, "_" + request.path.strip("/").split("/")[0], None) or self._inspect
        self.running[request.path] += 1
        work = asyncio.ensure_future(handler(connection, request))
        try:
            await self._while_client_stays(connection, request, work)
            self.finished[request.path] += 1
        except (_ClientGone, OSError):
            self.cancelled[request.path] += 1
            raise
        finally:
            self.running[request.path] -= 1
            work.cancel()

    async def _while_client_stays(self, connection, request, work):
        """Ends `work` when the client closes. Handlers that read a body see it themselves."""
        if request.get("content-length") not in (None, "0") or request.is_chunked:
            await work
            return
        watch = asyncio.ensure_future(connection.fill())
        await asyncio.wait({work, watch}, return_when=asyncio.FIRST_COMPLETED)
        if work.done():
            watch.cancel()
            await asyncio.gather(watch, return_exceptions=True)
            work.result()
            return
        watch.result()  # raises when the client has gone
        await work

    async def _body(self, connection, request):
        if request.get("expect"):
            await connection.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        if request.is_chunked:
            while size := int(await connection.line(), 16):
                async for piece in connection.pieces(size):
                    yield piece
                assert await connection.line() == b""
            assert await connection.line() == b""
        else:
            async for piece in connection.pieces(int(request.get("content-length") or 0)):
                yield piece

    async def _answer(self, connection, request, body, kind="application/octet-stream", status="200 OK"):
        await connection.write(f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\n"
                               f"Content-Length: {len(body)}\r\n\r\n".encode())
        if request.method != "HEAD":
            await connection.write(body)
            self.sent[request.path] += len(body)

    async def _echo(self, connection, request):
        length = request.get("content-length")
        kind = request.get("content-type") or "application/octet-stream"
        framing = "Transfer-Encoding: chunked" if request.is_chunked else f"Content-Length: {length or 0}"
        await connection.write(f"HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nX-Method: {request.method}\r\n"
                               f"{framing}\r\n\r\n".encode("latin-1"))
        async for piece in self._body(connection, request):
            self.sent[request.path] += len(piece)
            await connection.write(b"%x\r\n%b\r\n" % (len(piece), piece) if request.is_chunked else piece)
        if request.is_chunked:
            await connection.write(b"0\r\n\r\n")

    async def _inspect(self, connection, request):
        digest, length = hashlib.sha256(), 0
        async for piece in self._body(connection, request):
            digest.update(piece)
            length += len(piece)
        facts = {"method": request.method, "target": request.target, "headers": request.headers,
                 "length": length, "sha256": digest.hexdigest()}
        await self._answer(connection, request, json.dumps(facts).encode(), "application/json")

    async def _bytes(self, connection, request):
        await self._stream(connection, request, int(request.query["n"]), chunked=False)

    async def _chunks(self, connection, request):
        await self._stream(connection, request, int(request.query["n"]), chunked=True)

    async def _endless(self, connection, request):
        await self._stream(connection, request, 1 << 50, chunked=True)

    async def _stream(self, connection, request, count, chunked):
        framing = "Transfer-Encoding: chunked" if chunked else f"Content-Length: {count}"
        await connection.write(f"HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\n"
                               f"{framing}\r\n\r\n".encode())
        if request.method == "HEAD":
            return
        sent = 0
        while sent < count:
            piece = BLOCK[:count - sent]
            await connection.write(b"%x\r\n%b\r\n" % (len(piece), piece) if chunked else piece)
            sent += len(piece)
            self.sent[request.path] += len(piece)
        if chunked:
            await connection.write(b"0\r\n\r\n")

    async def _hang(self, connection, request):
        await asyncio.Event().wait()

    async def _gate(self, connection, request):
        async for _ in self._body(connection, request):
            pass
        while not self.hold.is_set():
            await asyncio.sleep(0.01)
        await self._answer(connection, request, b"through", "text/plain")

    async def _ticks(self, connection, request):
        await connection.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
                               b"Transfer-Encoding: chunked\r\n\r\n")
        for number in range(int(request.query["n"])):
            line = b"data: %d\n\n" % number
            await connection.write(b"%x\r\n%b\r\n" % (len(line), line))
            await asyncio.sleep(0.05)
        await connection.write(b"0\r\n\r\n")

    async def _raw(self, connection, request):
        async for _ in self._body(connection, request):
            pass
        await connection.write(self.answers[request.target])

    async def _early(self, connection, request):
        await self._answer(connection, request, b"no", "text/plain", "403 Forbidden")
        async for _ in self._body(connection, request):
            pass
