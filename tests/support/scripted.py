# A peer and a gateway that say on the wire just what a test tells them to.
import base64
import json
import threading
from xml.sax.saxutils import escape, quoteattr

from .xmpp import Client, Component, new_id

CROSSTALK = "urn:crosstalk:1"
JSON = "urn:xmpp:json:0"
DISCO = "http://jabber.org/protocol/disco#info"
PING = "urn:xmpp:ping"
CAPS = ("<c xmlns='http://jabber.org/protocol/caps' hash='sha-1' node='urn:script' "
        "ver='QgayPKawpkPSDYmwT/WM94uAlu0='/>")
IDENTITY = (f"<query xmlns='{DISCO}'%s><identity category='client' type='bot'/>"
            f"<feature var='{CROSSTALK}'/><feature var='{PING}'/></query>")


def payload(messages, raw=None):
    """<crosstalk/> with `messages`, or with the JSON text `raw` as it stands."""
    text = raw if raw is not None else json.dumps(messages)
    return (f"<crosstalk xmlns='{CROSSTALK}' max-stanza='262144'><json xmlns='{JSON}'>{escape(text)}</json>"
            "</crosstalk>")


def messages_of(stanza):
    """The CrossTalk messages in a stanza, [] when it holds none."""
    text = stanza.find(f"{{{CROSSTALK}}}crosstalk/{{{JSON}}}json")
    if text is None or not text.text:
        return []
    parsed = json.loads(text.text)
    return parsed if isinstance(parsed, list) else [parsed]


def body_of(message):
    """The body bytes in one message."""
    if "data" not in message:
        return b""
    if message.get("encoding") == "base64":
        return base64.b64decode(message["data"], validate=True)
    return message["data"].encode("utf-8")


class Scripted:
    """Answers of itself what every program answers: disco#info and pings. `mute` stops that."""

    mute = False

    def _polite(self, stanza):
        if self.mute or not stanza.tag.endswith("}iq") or stanza.get("type") != "get" or len(stanza) == 0:
            return False
        if stanza[0].tag == f"{{{DISCO}}}query":
            node = stanza[0].get("node")
            self.result(stanza, IDENTITY % (f" node={quoteattr(node)}" if node else ""))
        elif stanza[0].tag == f"{{{PING}}}ping":
            self.result(stanza)
        else:
            return False
        return True

    def take_crosstalk(self, limit=20):
        """The next <iq type='set'/> with messages: (stanza, messages)."""
        stanza = self.take_iq("set", f"{{{CROSSTALK}}}crosstalk", limit)
        return stanza, messages_of(stanza)

    def send_messages(self, to, messages, raw=None, limit=20):
        """One set with `messages`; the answer to it."""
        return self.ask(to, "set", payload(messages, raw), limit)


class ScriptedPeer(Scripted, Client):
    """Logged in as `user`, visible to the gateway as a CrossTalk peer. Presence that comes is not kept.
    `is_directed`: the gateway is greeted; else it hears only what its subscription brings."""

    def _polite(self, stanza):
        return stanza.tag.endswith("}presence") or super()._polite(stanza)

    def __init__(self, world, user, resource="script", priority=0, is_directed=True):
        self.gateway = world.domain
        self.asides = []
        super().__init__(world.server, user, resource)
        shown = f"<priority>{priority}</priority>{CAPS}"
        self.send(f"<presence>{shown}</presence>")
        if is_directed:
            self.send(f"<presence to='{self.gateway}'>{shown}</presence>")

    def take_request(self, limit=20):
        """The next request: (stanza, request object, all messages). Not answered yet. What comes before
        it, such as the end of an earlier transaction, is answered and put into `asides`."""
        while True:
            stanza, messages = self.take_crosstalk(limit)
            request = next((message for message in messages if "REQUEST_METHOD" in message), None)
            if request:
                return stanza, request, messages
            self.result(stanza)
            self.asides += messages

    def respond(self, stanza, request, *messages):
        """Answers the request's stanza with a result that holds `messages`, its batch filled in."""
        self.result(stanza, payload([{"batch": request["batch"], **message} for message in messages]))

    def serve(self, answer):
        """Answers every request from now on with the messages that `answer(request)` gives."""
        def loop():
            while not self.ended:
                try:
                    stanza, request, _ = self.take_request(limit=3600)
                except AssertionError:
                    return
                self.respond(stanza, request, *answer(request))
        threading.Thread(target=loop, daemon=True).start()


class ScriptedGateway(Scripted, Component):
    """A component that plays the gateway to peers of `world.domain`: lists `sites` to whoever asks."""

    def __init__(self, server, domain, sites=None):
        self.sites = sites if sites is not None else {"romeo": "http://romeo.localhost/"}
        self.peers = {}
        super().__init__(server, domain)

    def _polite(self, stanza):
        if super()._polite(stanza):
            return True
        if stanza.tag.endswith("}presence"):
            return self._presence(stanza)
        if len(stanza) and stanza[0].tag == f"{{{CROSSTALK}}}sites" and stanza.get("type") == "get":
            listed = "".join(f"<site name={quoteattr(name)} url={quoteattr(url)}/>"
                             for name, url in self.sites.items())
            self.result(stanza, f"<sites xmlns='{CROSSTALK}'>{listed}</sites>")
            return True
        return False

    def _presence(self, stanza):
        kind, who = stanza.get("type"), stanza.get("from")
        if kind == "subscribe":
            self.send(f"<presence from='{self.domain}' to={quoteattr(who)} type='subscribed'/>"
                      f"<presence from='{self.domain}' to={quoteattr(who)}>{CAPS}</presence>")
        elif kind == "probe":
            self.send(f"<presence from='{self.domain}' to={quoteattr(who)}>{CAPS}</presence>")
        elif kind is None:
            self.peers[who] = stanza
        elif kind == "unavailable":
            self.peers.pop(who, None)
        return True

    def request(self, batch, path="/", method="GET", finished=True, **more):
        """A request object as a real gateway writes it."""
        made = {"batch": batch, "REQUEST_METHOD": method, "SCRIPT_NAME": "", "PATH_INFO": path,
                "QUERY_STRING": "", "REQUEST_URI": path, "NON_QUERY_URI": path, "SERVER_NAME": "romeo.localhost",
                "SERVER_PORT": "80", "SERVER_PROTOCOL": "HTTP/1.1", "SERVER_SOFTWARE": "script",
                "GATEWAY_INTERFACE": "CGI/1.1", "REMOTE_ADDR": "192.0.2.7", "REMOTE_PORT": "4711",
                "HTTP_HOST": "romeo.localhost", "wsgi.url_scheme": "http"}
        if finished:
            made.update({"signal": "producerFinished", "offset": 0})
        made.update(more)
        return made

    def collect(self, to, request, limit=20):
        """Sends `request` and gathers all that comes back for it until it ends: (messages, number of
        stanzas that crossed). Windows are opened as far as they go."""
        sent = [request] if "window" in request else [{**request, "window": 1 << 40}]
        gathered = messages_of(self.send_messages(to, sent, limit=limit))
        stanzas = 2
        while not any(message.get("signal") for message in self._of(request, gathered)):
            stanza, messages = self.take_crosstalk(limit)
            self.result(stanza)
            gathered += messages
            stanzas += 2
        return self._of(request, gathered), stanzas

    @staticmethod
    def _of(request, messages):
        return [message for message in messages if message.get("batch") == request["batch"]]


class Guest(Scripted, Client):
    """A user who asks a peer without a gateway, step by step."""

    def knock(self, bare, limit=20):
        """Asks for presence; what the peer says to it: available, or an error."""
        self.send(f"<presence to={quoteattr(bare)}><crosstalk xmlns='{CROSSTALK}'/></presence>")
        return self.take("presence of " + bare, lambda e: e.tag.endswith("}presence")
                         and e.get("type") in (None, "error") and e.get("from") != self.jid
                         and (e.get("from") or "").startswith(bare + "/"), limit)

    @staticmethod
    def make_request(batch, path, **more):
        """A request object as one peer writes it to another."""
        return {"batch": batch, "REQUEST_METHOD": "GET", "SCRIPT_NAME": "", "PATH_INFO": path, "QUERY_STRING": "",
                "REQUEST_URI": path, "NON_QUERY_URI": path, "SERVER_NAME": "montague.example", "SERVER_PORT": "80",
                "SERVER_PROTOCOL": "HTTP/1.1", "SERVER_SOFTWARE": "script", "GATEWAY_INTERFACE": "CGI/1.1",
                "HTTP_HOST": "montague.example", "wsgi.url_scheme": "http", "signal": "producerFinished", "offset": 0,
                "window": 1 << 30, **more}

    def request(self, full, path, limit=20, **more):
        """One whole transaction: all the messages that come for it."""
        batch = new_id() + "-" + "x" * 16
        gathered = messages_of(self.send_messages(full, [self.make_request(batch, path, **more)], limit=limit))
        while not any(message.get("signal") for message in gathered if message["batch"] == batch):
            stanza, messages = self.take_crosstalk(limit)
            self.result(stanza)
            gathered += messages
        return [message for message in gathered if message["batch"] == batch]


class ScriptedHost(Scripted, Client):
    """A peer for guests whose every word a test chooses."""

    def __init__(self, server, user, resource="script"):
        super().__init__(server, user, resource)
        self.send("<presence/>")

    def admit(self, limit=20):
        """Answers the next one who asks; his full JID."""
        asking = self.take("a question for presence", lambda e: e.tag.endswith("}presence")
                           and e.find(f"{{{CROSSTALK}}}crosstalk") is not None, limit)
        self.send(f"<presence to={quoteattr(asking.get('from'))}>{CAPS}</presence>")
        return asking.get("from")
