"""The CrossTalk protocol without a network, for peer.py: messages, envelopes, request objects, transactions.

Sections are those of docs/protocol.md. tests/vectors holds what every function here has to make of what.
"""
import asyncio
import base64
import collections
import json
import re
import types
import urllib.parse
import xml.etree.ElementTree as ET

CROSSTALK = "urn:crosstalk:1"
JSON = "urn:xmpp:json:0"

# Section 2: messages.

KEYS = {"batch", "statuscode", "headers", "data", "body", "encoding", "offset", "window", "signal", "reason", "require"}
VARIABLE = re.compile(r"[A-Z][A-Z0-9_]*|wsgi\.url_scheme")
NAME = re.compile(r"[!-~]{1,64}")
STATUS = re.compile(r"(101|[2-5][0-9][0-9])( .*)?", re.DOTALL)


class Refused(Exception):
    """A stanza that is answered by the IQ error of this name."""


class Pairs(list):
    """A JSON object with all its keys, the doubled ones too."""


def need(condition):
    if not condition:
        raise ValueError("the message breaks the specification")


def is_bytes(text):
    """Whether each character stands for one byte."""
    return isinstance(text, str) and all(c <= "\u00ff" for c in text)


def is_name(text):
    return isinstance(text, str) and NAME.fullmatch(text) is not None


def is_list(value, longest):
    return isinstance(value, list) and not isinstance(value, Pairs) and len(value) <= longest


def depth(value):
    if isinstance(value, Pairs):
        return 1 + max((depth(each) for _, each in value), default=0)
    return 1 + max(map(depth, value), default=0) if isinstance(value, list) else 1


def read_messages(text):
    """The messages of one stanza as dictionaries; a broken one is {"broken": BATCH}."""
    try:
        parsed = json.loads(text, object_pairs_hook=Pairs, parse_constant=lambda name: need(False))
    except (ValueError, RecursionError):
        raise Refused("bad-request") from None
    messages = [parsed] if isinstance(parsed, Pairs) else parsed
    if not is_list(messages, 256) or not all(isinstance(message, Pairs) for message in messages):
        raise Refused("bad-request")
    return [read_message(message) for message in messages]


def read_message(pairs):
    """What a message means: batch, request, status and headers, body, offset, window, signal, reason, require."""
    known = [(key, value) for key, value in pairs if key in KEYS or VARIABLE.fullmatch(key)]
    keys = dict(known)
    batch = keys["batch"] if is_name(keys.get("batch")) else ""
    try:
        need(batch and len(keys) == len(known) and depth(pairs) <= 8)
        json.dumps(pairs, ensure_ascii=False).encode()  # fails where there is a lone surrogate
        return {"batch": batch, **read_head(keys), **read_rest(keys)}
    except ValueError:
        return {"broken": batch}


def read_head(keys):
    """The start of a request or response, if there is one."""
    head = {}
    variables = {key: value for key, value in keys.items() if key not in KEYS}
    need(len(variables) <= 1024 and all(map(is_bytes, variables.values())))
    if "REQUEST_METHOD" in variables:
        head["request"] = variables
    headers = keys.get("headers", [])
    need(is_list(headers, 1024))
    need(all(is_list(pair, 2) and len(pair) == 2 and all(map(is_bytes, pair)) for pair in headers))
    if "statuscode" in keys:
        status = keys["statuscode"]
        need(type(status) in (int, str) and STATUS.fullmatch(str(status)) and "request" not in head)
        head.update(status=int(str(status)[:3]), headers=headers)
    if "require" in keys:
        need(is_list(keys["require"], 64) and all(map(is_name, keys["require"])))
        head["require"] = keys["require"]
    return head


def read_rest(keys):
    """Body, numbers and signal."""
    rest = {}
    need(all(isinstance(keys.get(key, ""), str) for key in ("data", "body", "encoding", "signal", "reason")))
    need(not ("data" in keys and "body" in keys))
    data = keys.get("data", keys.get("body"))
    if "encoding" in keys:
        need(keys["encoding"] == "base64" and data is not None)
        rest["body"] = base64.b64decode(data, validate=True)
        need(base64.b64encode(rest["body"]).decode() == data)  # there are other ways to write the same bytes
    elif data is not None:
        rest["body"] = data.encode()
    for key in ("offset", "window"):
        if key in keys:
            need(type(keys[key]) is int and 0 <= keys[key] < 2**53)
            rest[key] = keys[key]
    if keys.get("signal") in ("producerFinished", "shutdownMicroprocess"):
        rest["signal"] = keys["signal"]
        if rest["signal"] == "shutdownMicroprocess" and "reason" in keys:
            rest["reason"] = keys["reason"]
    return rest


COSTS = {'"': 7, "'": 6, "&": 5, "<": 4, ">": 4, "\\": 2, "\b": 2, "\f": 2, "\n": 2, "\r": 2, "\t": 2}


def text_cost(body):
    """What `body` costs on the wire as text; None if it is not UTF-8."""
    try:
        text = body.decode()
    except UnicodeDecodeError:
        return None
    return sum(COSTS.get(c) or (6 if c < " " or c in "\ufffe\uffff" else len(c.encode())) for c in text)


def write_body(body):
    """The members of a message that hold `body`: as text or as base64, whichever costs less."""
    cost = text_cost(body)
    if cost is not None and cost <= (len(body) + 2) // 3 * 4:
        return {"data": body.decode()}
    return {"data": base64.b64encode(body).decode(), "encoding": "base64"}


def write_messages(messages):
    text = json.dumps(messages, ensure_ascii=False, separators=(",", ":"))
    return text.replace("\ufffe", "\\ufffe").replace("\uffff", "\\uffff")  # XML cannot carry these


# Section 5: the envelope.

def open_envelope(stanza):
    """The messages in the <crosstalk/> of an <iq/>. Packed ones are not for us, who never say that they are."""
    crosstalk = stanza.find(f"{{{CROSSTALK}}}crosstalk")
    text = crosstalk.find(f"{{{JSON}}}json")
    if text is None:
        raise Refused("not-acceptable" if len(crosstalk) else "bad-request")
    return read_messages(text.text or "")


def envelope(messages):
    element = ET.Element(f"{{{CROSSTALK}}}crosstalk", {"max-stanza": "262144"})
    ET.SubElement(element, f"{{{JSON}}}json").text = write_messages(messages)
    return element


# Section 3: the request object.

class BadRequest(Exception):
    """A request that is answered with this status."""


HOP_BY_HOP = {"connection", "keep-alive", "transfer-encoding", "te", "trailer", "upgrade", "http2-settings",
              "proxy-connection", "proxy-authenticate", "proxy-authorization", "proxy-authentication-info"}
DROPPED = {"proxy", "expect", "content-length", "content-type"}
NEVER_NAMED = {"host", "date", "cache-control", "content-encoding", "content-range"}
FACTS = ("AUTH_TYPE", "REMOTE_USER", "REMOTE_ADDR", "REMOTE_PORT", "SERVER_NAME", "SERVER_PORT", "SERVER_SOFTWARE")


def insist(condition, status=400):
    if not condition:
        raise BadRequest(status)


def is_value(text):
    return re.fullmatch("[\t -~\x80-\xff]*", text)


def unquote(text):
    insist(not re.search("%(?![0-9A-Fa-f]{2})", text))
    return urllib.parse.unquote(text, "latin-1")


def read_request(variables, stranger=None):
    """What is believed of a request object. `stranger` is the JID that it came from, if that is no gateway of ours."""
    given = collections.defaultdict(str, variables)
    method, uri, script = given["REQUEST_METHOD"], given["REQUEST_URI"], given["SCRIPT_NAME"]
    insist(re.fullmatch(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+", method))
    insist(re.fullmatch(r'/[!"$-~]*', uri) or (uri == "*" and method == "OPTIONS"))
    path, _, query = uri.partition("?")
    insist(not {".", ".."} & set(re.split(r"[/\\]", unquote(path))))
    insist(path.startswith(script) and (path == "*" or path[len(script):][:1] in ("", "/")), 404)
    insist(script == "" or (script[0] == "/" and script[-1] != "/" and "%" not in script))
    insist((given["NON_QUERY_URI"], given["QUERY_STRING"]) == (path, query))
    insist(given["PATH_INFO"] == unquote(path[len(script):]) and not set("\r\n") & set(given["PATH_INFO"]))
    insist(given["SERVER_PROTOCOL"] in ("HTTP/1.0", "HTTP/1.1"))
    insist(all(is_value(given[key]) for key in (*FACTS, "CONTENT_TYPE")))
    facts = {key.lower(): "" if stranger else given[key] for key in FACTS}
    if stranger:
        facts.update(auth_type="XMPP", remote_user=stranger.partition("/")[0])
    return types.SimpleNamespace(
        method=method, target=uri, script_name=script, path_info=given["PATH_INFO"], query=query, **facts,
        scheme="" if stranger else given["wsgi.url_scheme"],
        headers=read_fields(given, stranger), content_length=read_length(variables))


def read_fields(given, stranger):
    """HTTP_ACCEPT_LANGUAGE becomes Accept-Language again, and what must not pass is left out."""
    fields = {}
    for key, value in given.items():
        name = "-".join(part.capitalize() for part in key[5:].split("_"))
        is_claim = stranger and (name == "Forwarded" or name.startswith("X-Forwarded-"))
        if not key.startswith("HTTP_") or not name or name.lower() in DROPPED or is_claim:
            continue
        insist(is_value(value))
        fields[name] = value
    named = {name.strip().lower() for name in fields.get("Connection", "").split(",")} - NEVER_NAMED
    fields = {name: value for name, value in fields.items() if name.lower() not in HOP_BY_HOP | named}
    if given["CONTENT_TYPE"]:
        fields["Content-Type"] = given["CONTENT_TYPE"]
    return fields


def read_length(variables):
    length = variables.get("CONTENT_LENGTH")
    insist(length is None or (re.fullmatch("[0-9]{1,16}", length) and int(length) < 2**53))
    return None if length is None else int(length)


# Sections 2 and 5: a transaction.

class Gone(Exception):
    """The transaction is over before its work was done."""


class Transaction:
    """One request and its response, as the answerer has them. `send` takes messages of ours."""

    BUFFER = 262144  # bytes of a request's body that we hold
    PIECE = 3000     # bytes of a response's body in one message
    QUEUED = 5       # messages of one transaction that wait to be sent: others want their turn

    def __init__(self, batch, send=None):
        self.batch, self.send, self.request = batch, send, None
        self.ended, self.changed = None, asyncio.Event()
        self.body, self.received, self.promised, self.finished = bytearray(), 0, 0, False
        self.sent, self.acknowledged, self.window, self.queued = 0, 0, None, 0

    def receive(self, message):
        """Takes a message of the asker. Returns the reason for which we shut the transaction down, or None."""
        self.changed.set()
        if message.get("signal") == "shutdownMicroprocess":
            self.ended = message.get("reason", "given-up")
            return None
        if message.get("require"):
            return "unsupported"
        if "status" in message or ("request" in message and self.request is not None):
            return "protocol"
        self.request = self.request or message.get("request")
        if "window" in message:
            self.window = max(self.window or 0, message["window"])
        return self.receive_body(message)

    def receive_body(self, message):
        body = message.get("body")
        offset = message.get("offset", 0 if "request" in message else None)
        if body is not None:
            if offset is None or offset > self.received:
                return "protocol"
            fresh = body[self.received - offset:]  # the rest has come before
            if fresh and self.finished:
                return "protocol"
            self.body += fresh
            self.received += len(fresh)
            if self.received > max(self.promised, 65536) + 131072:
                return "overrun"
        if message.get("signal") == "producerFinished":
            if (body is not None or "offset" in message) and offset + len(body or b"") != self.received:
                return "protocol"
            self.finished = True
        return None

    def credit(self, in_result=False):
        """How many body bytes may have been sent in all."""
        if self.window is not None:
            return self.window
        return 16384 if in_result else 65536 + self.acknowledged

    async def change(self):
        if self.ended is None:
            self.changed.clear()
            try:
                await asyncio.wait_for(self.changed.wait(), 120)
            except asyncio.TimeoutError:
                self.send(self, {"signal": "shutdownMicroprocess", "reason": "timeout"})
                self.ended = "timeout"
        if self.ended is not None:
            raise Gone

    async def read(self):
        """The next piece of the request's body, b"" at its end. Only who reads lets the asker send on."""
        while not self.body and not self.finished:
            if self.received + self.BUFFER // 2 >= self.promised:
                self.promised = self.received + self.BUFFER
                self.send(self, {"window": self.promised})
            await self.change()
        piece, self.body = bytes(self.body), bytearray()
        return piece

    async def write(self, body=b"", last=False, **head):
        """Sends `head` and body bytes, these as credit comes. `last`: this is all."""
        while True:
            while self.ended or self.queued >= self.QUEUED or (body and not head and self.credit() <= self.sent):
                await self.change()
            piece = body[:max(0, min(self.PIECE, self.credit() - self.sent))]
            body = body[len(piece):]
            message = {**head, **(write_body(piece) if piece else {}), "offset": self.sent}
            if last and not body:
                message["signal"] = "producerFinished"
            self.send(self, message, len(piece))
            self.sent += len(piece)
            head = {}
            if not body:
                return
