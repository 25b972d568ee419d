# A TCP proxy between a program and its server: a link that can be slow, dead, or cut.
import asyncio
import socket
import ssl
import struct
import threading

from .ports import free_port


class Wire:
    """Listens on `port` of 127.0.0.1 and carries each connection to `target_port`.

    freeze()  the link is dead: no byte moves either way, nobody is told (no FIN, no RST)
    thaw()    bytes move again, those that waited first
    cut()     every connection is reset; new ones are carried as before
    tls       (certificate, key): connections to it are TLS, those to the target are not
    sent      bytes that have gone to the target so far
    delay     seconds that each piece waits, `rate` bytes per second in each direction (0: no limit)
    """

    def __init__(self, target_port, delay=0.0, rate=0, tls=None):
        self.port = free_port()
        self.target_port = target_port
        self.delay = delay
        self.rate = rate
        self._tls = None
        if tls:
            self._tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self._tls.load_cert_chain(*tls)
        self.sent = 0
        self._frozen = False
        self._writers = set()
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        self._ready.wait(10)

    def freeze(self):
        self._call(self._set_frozen, True)

    def thaw(self):
        self._call(self._set_frozen, False)

    def cut(self):
        self._call(self._reset_all)

    def close(self):
        self.cut()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)

    def connection_count(self):
        return len(self._writers) // 2

    def _call(self, function, *arguments):
        async def run():
            function(*arguments)
        asyncio.run_coroutine_threadsafe(run(), self._loop).result(10)

    def _set_frozen(self, frozen):
        self._frozen = frozen
        if frozen:
            self._open_gate.clear()
        else:
            self._open_gate.set()

    def _reset_all(self):
        for writer in [w for w in self._writers if not w.is_closing()]:
            raw = writer.get_extra_info("socket")
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            writer.transport.abort()

    def _run(self):
        asyncio.set_event_loop(self._loop)
        self._open_gate = asyncio.Event()
        self._open_gate.set()
        self._loop.run_until_complete(asyncio.start_server(self._carry, "127.0.0.1", self.port, limit=65536,
                                                               ssl=self._tls))
        self._ready.set()
        self._loop.run_forever()

    async def _carry(self, reader, writer):
        await self._open_gate.wait()
        try:
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self.target_port, limit=65536)
        except OSError:
            writer.transport.abort()
            return
        ends = {writer, far_writer}
        self._writers |= ends
        try:
            await asyncio.gather(self._pump(reader, far_writer, self._count), self._pump(far_reader, writer))
        finally:
            self._writers -= ends
            for end in ends:
                end.close()

    def _count(self, size):
        self.sent += size

    async def _pump(self, reader, writer, count=lambda size: None):
        try:
            while data := await reader.read(16384):
                await self._open_gate.wait()
                wait = self.delay + (len(data) / self.rate if self.rate else 0)
                if wait:
                    await asyncio.sleep(wait)
                count(len(data))
                writer.write(data)
                await writer.drain()
            await self._open_gate.wait()
            writer.write_eof()
        except (OSError, RuntimeError):
            writer.transport.abort()
