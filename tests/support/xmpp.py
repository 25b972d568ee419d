# A raw XMPP client and a raw component: what a scripted peer or a hostile one is made of.
#
# Rule 1: nothing is corrected on the way out: what a script sends is what goes over the wire.
# Rule 2: everything that comes is kept until somebody takes it, in order.
# Rule 3: reading and writing take turns: OpenSSL does not bear one connection in two threads at once.
import base64
import hashlib
import itertools
import select
import socket
import ssl
import threading
import xml.etree.ElementTree as ET
from xml.sax.saxutils import quoteattr

from .waiting import wait_until

CLIENT = "jabber:client"
COMPONENT = "jabber:component:accept"
STREAMS = "http://etherx.jabber.org/streams"
SASL = "urn:ietf:params:xml:ns:xmpp-sasl"

_numbers = itertools.count(1)

# What a socket that does not block says when it would have.
_WOULD_BLOCK = (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError)


def new_id():
    return f"script-{next(_numbers)}"


class Ended(AssertionError):
    """The stream was closed by the other side."""


class _Stream:
    """Bytes to elements. `content` is the namespace of its stanzas."""

    def __init__(self, content):
        self.content = content
        self._socket = None
        self._parser = None
        self._depth = 0
        self._root = None
        self.received = []
        self._more = threading.Condition()
        self._turn = threading.Lock()
        self._thread = None
        self.ended = False

    def _open(self, to, header_only=False):
        self._parser = ET.XMLPullParser(["start", "end"])
        self._depth = 0
        self.send(f"<?xml version='1.0'?><stream:stream to={quoteattr(to)} xmlns='{self.content}' "
                  f"xmlns:stream='{STREAMS}'" + (" version='1.0'>" if self.content == CLIENT else ">"))
        if header_only:
            return self._next(0)
        return None

    def send(self, text):
        rest = memoryview(text.encode("utf-8") if isinstance(text, str) else text)
        while rest:
            try:
                with self._turn:
                    rest = rest[self._socket.send(rest):]
            except _WOULD_BLOCK:
                self._wait(select.POLLOUT)

    def _receive(self):
        while True:
            try:
                with self._turn:
                    return self._socket.recv(65536)
            except _WOULD_BLOCK:
                self._wait(select.POLLIN)

    def _wait(self, event):
        ready = select.poll()
        ready.register(self._socket, event)
        ready.poll(60_000)

    def _read(self):
        chunk = self._receive()
        if not chunk:
            raise Ended("the stream ended")
        self._parser.feed(chunk)

    def _next(self, depth):
        """The next element at `depth` 1, or the stream header (depth 0)."""
        while True:
            for event, element in self._parser.read_events():
                if event == "start":
                    self._depth += 1
                    if self._depth == 1:
                        self._root = element
                        if depth == 0:
                            return element
                else:
                    self._depth -= 1
                    if self._depth == 0:
                        raise Ended("the stream was closed")
                    if self._depth == 1:
                        self._root.remove(element)
                        return element
            self._read()

    def _listen(self):
        self._socket.setblocking(False)
        self._thread = threading.Thread(target=self._loop, daemon=True)
        self._thread.start()

    def _loop(self):
        try:
            while True:
                element = self._next(1)
                if self._polite(element):
                    continue
                with self._more:
                    self.received.append(element)
                    self._more.notify_all()
        except (Ended, OSError, ET.ParseError, ValueError):
            with self._more:
                self.ended = True
                self._more.notify_all()

    def _polite(self, _stanza):
        """Whether the stanza has been dealt with here and is not to be kept."""
        return False

    def take(self, what, matches, limit=20):
        """Removes and returns the first stanza that `matches`; others stay for later."""
        def look():
            with self._more:
                for index, element in enumerate(self.received):
                    if matches(element):
                        return (self.received.pop(index),)  # an element without children counts as false
                if self.ended:
                    raise Ended(f"the stream ended before {what}")
            return None
        return wait_until(what, look, limit, pause=0.005)[0]

    def close(self):
        if self._socket is None:
            return
        try:
            self.send("</stream:stream>")
        except OSError:
            pass
        self.drop()

    def drop(self):
        """Closes the connection without a word."""
        try:
            self._socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        # Its number may be another socket's as soon as it is closed: nobody may be reading then.
        if self._thread is not None:
            self._thread.join(10)
        self._socket.close()

    # Answers in the order in which scripts need them.

    def take_iq(self, kind, tag, limit=20):
        """The next IQ request of `kind` whose payload is `tag`."""
        return self.take(f"an iq {kind} with {tag}", lambda e: e.tag == f"{{{self.content}}}iq"
                         and e.get("type") == kind and len(e) > 0 and e[0].tag == tag, limit)

    def take_answer(self, number, limit=20):
        return self.take(f"the answer to {number}", lambda e: e.tag == f"{{{self.content}}}iq"
                         and e.get("type") in ("result", "error") and e.get("id") == number, limit)

    def ask(self, to, kind, payload, limit=20):
        """One IQ request and its answer."""
        number = new_id()
        self.send(f"<iq type='{kind}' to={quoteattr(to)}{self._sender()} id='{number}'>{payload}</iq>")
        return self.take_answer(number, limit)

    def result(self, iq, payload=""):
        """Answers `iq` with a result."""
        self.send(f"<iq type='result' to={quoteattr(iq.get('from'))} from={quoteattr(iq.get('to'))} "
                  f"id={quoteattr(iq.get('id'))}>{payload}</iq>")

    def _sender(self):
        return ""


class Client(_Stream):
    """A logged-in user: STARTTLS, PLAIN, bound to `resource`. No presence yet."""

    def __init__(self, server, user, resource="script"):
        super().__init__(CLIENT)
        self.domain = server.domain
        self._socket = socket.create_connection(("127.0.0.1", server.c2s_port), 20)
        self._socket.settimeout(20)
        self._open(self.domain, header_only=True)
        self._next(1)
        self.send("<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>")
        assert self._next(1).tag.endswith("}proceed")
        context = ssl.create_default_context(cafile=server.ca_file)
        context.check_hostname = False
        self._socket = context.wrap_socket(self._socket, server_hostname=self.domain)
        self._open(self.domain, header_only=True)
        self._next(1)
        secret = base64.b64encode(f"\0{user}\0{server.password(user)}".encode()).decode()
        self.send(f"<auth xmlns='{SASL}' mechanism='PLAIN'>{secret}</auth>")
        answer = self._next(1)
        assert answer.tag == f"{{{SASL}}}success", ET.tostring(answer)
        self._open(self.domain, header_only=True)
        self._next(1)
        self.send(f"<iq type='set' id='bind'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'>"
                  f"<resource>{resource}</resource></bind></iq>")
        self.jid = self._next(1)[0][0].text
        self.bare = self.jid.split("/")[0]
        self._listen()


class Component(_Stream):
    """An external component, as XEP-0114 has it."""

    def __init__(self, server, domain, secret=None):
        super().__init__(COMPONENT)
        self.domain = domain
        self._socket = socket.create_connection(("127.0.0.1", server.component_port), 20)
        self._socket.settimeout(20)
        header = self._open(domain, header_only=True)
        secret = secret or server.components[domain]
        digest = hashlib.sha1((header.get("id") + secret).encode()).hexdigest()
        self.send(f"<handshake>{digest}</handshake>")
        answer = self._next(1)
        assert answer.tag == f"{{{COMPONENT}}}handshake", ET.tostring(answer)
        self._listen()

    def _sender(self):
        return f" from='{self.domain}'"
