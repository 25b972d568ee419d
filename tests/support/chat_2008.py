# A peer and a gateway of 2008: CrossTalk in chat messages, written as the programs of that time wrote it. What
# they say stands in of_2008/.
import base64
import itertools
import json
import os
import threading
import zlib
from xml.sax.saxutils import escape, quoteattr

from .scripted import ScriptedGateway
from .xmpp import Client

FOLDER = os.path.join(os.path.dirname(__file__), "of_2008")
DISCO = "http://jabber.org/protocol/disco#info"
BOT = "<identity category='client' type='bot'/>"
PIECE = 2999  # bytes of a body in one message

_numbers = itertools.count(1)


def saying(name):
    """What stands in the file `name`."""
    with open(os.path.join(FOLDER, name), encoding="utf-8") as file:
        return file.read()


def fill(template, **values):
    for name, value in values.items():
        template = template.replace("{%s}" % name, escape(value, {'"': "&quot;"}))
    return template


def written(body):
    """Body bytes as a string of JSON: their text, or a character for each where they are none."""
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        return body.decode("latin-1")


def read(text):
    """The bytes of a piece, as the simplest reader has them."""
    try:
        return text.encode("latin-1")
    except UnicodeEncodeError:
        return text.encode("utf-8")


def body_text(message, packed):
    text = message if isinstance(message, str) else json.dumps(message)
    return base64.encodebytes(zlib.compress(text.encode())).decode() if packed else text


class Saying:
    """One message that has come."""

    def __init__(self, stanza):
        self.stanza = stanza
        found = {child.tag.split("}")[1]: child for child in stanza}
        self.hints = {child.tag for child in stanza}
        self.thread = found["thread"].text
        text = found["body"].text
        self.packed = not text.lstrip().startswith("{")
        self.message = json.loads(zlib.decompress(base64.b64decode(text)) if self.packed else text)


class _Of2008:
    def say(self, to, thread, message, packed=False):
        self.send(fill(saying("message.xml"), to=to, thread=thread, id=f"old-{next(_numbers)}", body=body_text(message, packed),
                       **{"from": self._address()}))

    def say_nothing(self, to, thread):
        self.send(fill(saying("typing.xml"), to=to, thread=thread, id=f"old-{next(_numbers)}", **{"from": self._address()}))

    def hear(self, limit=20):
        """The next message."""
        return Saying(self.take("a chat message", self._is_chat, limit))

    def heard(self):
        """How many messages wait to be taken."""
        with self._more:
            return sum(map(self._is_chat, self.received))

    def _is_chat(self, stanza):
        return stanza.tag == f"{{{self.content}}}message" and stanza.get("type") == "chat"

    def hear_all(self, first=None, limit=60):
        """A whole request or response: (its head, its body, all that was said). What was given up before it, because
        a visitor was content with the length that he was told, is passed over."""
        said = [first or self.hear(limit)]
        while said[0].message.get("signal") == "shutdownMicroprocess":
            said = [self.hear(limit)]
        while "signal" not in said[-1].message:
            said.append(self.hear(limit))
        body = b"".join(read(each.message["data"]) for each in said if "data" in each.message)
        return said[0].message, body, said

    def say_body(self, to, thread, body, key="data", packed=False):
        for start in range(0, len(body), PIECE):
            self.say(to, thread, {key: written(body[start:start + PIECE])}, packed)


class OldPeer(_Of2008, Client):
    """Logged in as `user`, visible to the gateway. `identity` is what it answers to disco#info: "" none at all, None
    an error, as to any other question."""

    def __init__(self, world, user, resource="old", identity=BOT):
        self.gateway = world.domain
        self.identity = identity
        self._described = threading.Event()
        super().__init__(world.server, user, resource)
        self.send(f"<presence/><presence to='{self.gateway}'/>")

    def _address(self):
        return self.jid

    def meet(self):
        """Waits until the gateway knows what this is."""
        assert self._described.wait(20), "the gateway has not asked"
        self.ask(self.gateway, "get", "<ping xmlns='urn:xmpp:ping'/>")
        return self

    def leave(self):
        """Logs out; the gateway knows of it. What it says to one who has gone is stored for the next."""
        self.send(f"<presence type='unavailable'/><presence to='{self.gateway}' type='unavailable'/>")
        self.ask(self.gateway, "get", "<ping xmlns='urn:xmpp:ping'/>")
        self.close()

    def _polite(self, stanza):
        if stanza.tag.endswith("}presence"):
            return True
        if not stanza.tag.endswith("}iq") or stanza.get("type") != "get":
            return False
        if self.identity is not None and len(stanza) and stanza[0].tag == f"{{{DISCO}}}query":
            self.result(stanza, f"<query xmlns='{DISCO}'>{self.identity}</query>")
        else:
            self.send(f"<iq type='error' to={quoteattr(stanza.get('from'))} id={quoteattr(stanza.get('id'))}>"
                      "<error type='cancel'><service-unavailable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>")
        self._described.set()
        return True

    def answer(self, thread, head, body=b"", packed=False, to=None):
        """A whole response; a `head` that is a string goes as it stands."""
        self.say(to or self.gateway, thread, head, packed)
        self.say_body(to or self.gateway, thread, body, packed=packed)
        self.say(to or self.gateway, thread, {"signal": "producerFinished"}, packed)


class OldGateway(_Of2008, ScriptedGateway):
    """A component that asks as in 2008. That it can tell peers of their sites is newer."""

    def _address(self):
        return self.domain

    def request(self, **changes):
        return {**json.loads(saying("request.json")), **changes}

    def ask(self, to, thread, request, body=b"", packed=False):
        """A whole request and its response: (head, body, all that was said)."""
        self.begin(to, thread, request, body, packed)
        return self.hear_all()

    def begin(self, to, thread, request, body=b"", packed=False):
        self.say(to, thread, {"batch": thread, **request}, packed)
        self.say_body(to, thread, body, key="body", packed=packed)
        self.say(to, thread, {"batch": thread, "signal": "producerFinished"}, packed)
