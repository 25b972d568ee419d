# A peer and an asker of XEP-0332 that say on the wire just what a test tells them to, and hold what comes
# against the XEP's schema.
import base64
import re
from dataclasses import dataclass
from xml.sax.saxutils import escape, quoteattr

from .scripted import DISCO, Scripted, ScriptedGateway
from .xmpp import Client, new_id

HTTP = "urn:xmpp:http"
SHIM = "http://jabber.org/protocol/shim"
IBB = "http://jabber.org/protocol/ibb"
METHODS = {"OPTIONS", "GET", "HEAD", "POST", "PUT", "DELETE", "TRACE", "PATCH"}
IDENTITY = (f"<query xmlns='{DISCO}'%s><identity category='client' type='bot'/><feature var='{HTTP}'/></query>")
CAPS = ("<c xmlns='http://jabber.org/protocol/caps' hash='sha-1' node='urn:http-script' "
        "ver='RgayPKawpkPSDYmwT/WM94uAlu0='/>")


@dataclass
class Message:
    """A request or an answer: `head` is <req/> or <resp/>, `encoding` the name of what <data/> held."""

    iq: object
    head: object
    headers: list
    encoding: str
    body: bytes
    chunk_sizes: list

    def all(self, name):
        return [value for key, value in self.headers if key.lower() == name.lower()]

    def get(self, name):
        values = self.all(name)
        assert len(values) <= 1, values
        return values[0] if values else None

    @property
    def status(self):
        return int(self.head.get("statusCode"))


def headers_xml(headers):
    return (f"<headers xmlns='{SHIM}'>" + "".join(
        f"<header name={quoteattr(name)}>{escape(value)}</header>" for name, value in headers) + "</headers>")


def b64(data):
    return base64.b64encode(data).decode()


def text_data(text):
    return f"<data><text>{escape(text)}</text></data>"


def base64_data(body):
    return f"<data><base64>{b64(body)}</base64></data>"


def chunk(sender, to, stream, number, body, last=False):
    sender.send(f"<message to={quoteattr(to)}{sender._sender()}><chunk xmlns='{HTTP}' streamId={quoteattr(stream)} "
                f"nr='{number}'{chr(32) + 'last=' + repr('true') if last else ''}>{b64(body)}</chunk></message>")


def send_chunks(sender, to, stream, body, size=4096, order=None, last=True):
    """`body` in chunks; `order` rearranges the list of their numbers."""
    pieces = [body[at:at + size] for at in range(0, len(body), size)] or [b""]
    numbers = list(range(len(pieces)))
    for number in order(numbers) if order else numbers:
        chunk(sender, to, stream, number, pieces[number], last and number == len(pieces) - 1)


def _take_chunks(stream, source, name):
    """The body that comes in chunks, which must be in order: (bytes, sizes)."""
    body, sizes, last = b"", [], False
    while not last:
        message = stream.take(f"chunk {len(sizes)}", lambda e: e.tag.endswith("}message") and e.get("from") == source
                              and len(e) and e[0].tag == f"{{{HTTP}}}chunk" and e[0].get("streamId") == name)
        assert set(message[0].keys()) <= {"streamId", "nr", "last"} and int(message[0].get("nr")) == len(sizes)
        piece = base64.b64decode(message[0].text or "", validate=True)
        body += piece
        sizes.append(len(piece))
        last = message[0].get("last") == "true"
    return body, sizes


def read(stream, iq, name):
    """What `iq` brings of <req/> or <resp/>, its body taken to the end; the XEP's schema must allow it."""
    assert len(iq) == 1 and iq[0].tag == f"{{{HTTP}}}{name}", iq
    head = iq[0]
    if name == "req":
        assert set(head.keys()) <= {"method", "resource", "version", "maxChunkSize", "sipub", "ibb", "jingle", "s5"}
        assert head.get("method") in METHODS
    else:
        assert set(head.keys()) <= {"version", "statusCode", "statusMessage"} and head.get("statusCode")
    assert re.fullmatch(r"\d[.]\d", head.get("version"))
    tags = [child.tag for child in head]
    assert tags in ([], [f"{{{SHIM}}}headers"], [f"{{{HTTP}}}data"], [f"{{{SHIM}}}headers", f"{{{HTTP}}}data"]), tags
    headers = [(one.get("name"), one.text or "") for one in head.iter(f"{{{SHIM}}}header")]
    data = head.find(f"{{{HTTP}}}data")
    if data is None:
        return Message(iq, head, headers, "none", b"", [])
    assert len(data) == 1
    encoding = data[0].tag.removeprefix(f"{{{HTTP}}}")
    assert encoding in ("text", "base64", "chunkedBase64"), encoding
    if encoding == "chunkedBase64":
        body, sizes = _take_chunks(stream, iq.get("from"), data[0].get("streamId"))
        return Message(iq, head, headers, encoding, body, sizes)
    text = data[0].text or ""
    body = text.encode() if encoding == "text" else base64.b64decode(text, validate=True)
    return Message(iq, head, headers, encoding, body, [])


class HttpPeer(Scripted, Client):
    """Logged in as `user`, visible to the gateway as one who speaks XEP-0332 alone."""

    def __init__(self, world, user, resource="http-script"):
        self.gateway = world.domain
        super().__init__(world.server, user, resource)
        self.send(f"<presence>{CAPS}</presence><presence to='{self.gateway}'>{CAPS}</presence>")

    def _polite(self, stanza):
        if stanza.tag.endswith("}presence"):
            return True
        if stanza.get("type") == "get" and len(stanza) and stanza[0].tag == f"{{{DISCO}}}query":
            node = stanza[0].get("node")
            self.result(stanza, IDENTITY % (f" node={quoteattr(node)}" if node else ""))
            return True
        return super()._polite(stanza)

    def take_request(self, limit=20):
        """The next request with all of its body. Not answered yet."""
        return read(self, self.take_iq("set", f"{{{HTTP}}}req", limit), "req")

    def respond(self, request, data="", headers=(("Content-Type", "text/plain"),), status=200):
        self.result(request.iq, f"<resp xmlns='{HTTP}' version='1.1' statusCode='{status}'>"
                    f"{headers_xml(headers)}{data}</resp>")

    def words_for(self, stream):
        """Waits for the messages that end `stream`."""
        return {self.take(f"the end of {stream}", lambda e: e.tag.endswith("}message") and len(e) and
                          e[0].get("streamId") == stream and e[0].tag in (f"{{{HTTP}}}close", f"{{{HTTP}}}cancel"))[0]
                .tag.removeprefix(f"{{{HTTP}}}") for _ in range(2)}

    def open_bytestream(self, sid, size=4096):
        return self.ask(self.gateway, "set", f"<open xmlns='{IBB}' sid='{sid}' block-size='{size}'/>")

    def send_block(self, sid, number, body, by_iq=True):
        data = f"<data xmlns='{IBB}' sid='{sid}' seq='{number % 65536}'>{b64(body)}</data>"
        if by_iq:
            return self.ask(self.gateway, "set", data)
        return self.send(f"<message to='{self.gateway}'>{data}</message>")

    def close_bytestream(self, sid):
        return self.ask(self.gateway, "set", f"<close xmlns='{IBB}' sid='{sid}'/>")


class HttpAsker(ScriptedGateway):
    """A component that asks peers by XEP-0332; for the rest a gateway with sites."""

    def ask_http(self, to, method="GET", resource="/", headers=(("Host", "romeo.localhost"),), data="", options="",
                 then=None):
        """One request and its answer; `then` is called once it has gone. An error's condition if that came."""
        number = new_id()
        self.send(f"<iq type='set' to={quoteattr(to)} from='{self.domain}' id='{number}'><req xmlns='{HTTP}' "
                  f"method={quoteattr(method)} resource={quoteattr(resource)} version='1.1' {options}>"
                  f"{headers_xml(headers)}{data}</req></iq>")
        if then:
            then()
        answer = self.take_answer(number)
        if answer.get("type") == "error":
            return answer.find(f"{{{self.content}}}error")[0].tag.split("}")[1]
        return read(self, answer, "resp")
