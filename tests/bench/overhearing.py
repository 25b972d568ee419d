# What gateway and server say to each other on the component stream, overheard once, outside of any timing.
#
# The bare side of the benchmark then carries the very payloads that CrossTalk carries, and its bulk stanzas
# are made after one of CrossTalk's own, in every size.
import base64
import html
import json
import re
import socket
import threading

from support.ports import free_port

IQ = re.compile(rb"<iq\b([^>]*[^/>])>(.*?)</iq>", re.DOTALL)
JSON = re.compile(rb"<json\b[^>]*>(.*?)</json>", re.DOTALL)


class Overheard:
    """A relay on a port of its own to `target`; `from_gateway` and `from_server` gather what passed."""

    def __init__(self, target):
        self.port = free_port()
        self.from_gateway, self.from_server = bytearray(), bytearray()
        self._target = target
        self._listener = socket.create_server(("127.0.0.1", self.port))
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        near, _ = self._listener.accept()
        far = socket.create_connection(("127.0.0.1", self._target))
        threading.Thread(target=self._pump, args=(far, near, self.from_server), daemon=True).start()
        self._pump(near, far, self.from_gateway)

    @staticmethod
    def _pump(source, sink, heard):
        for end in (source, sink):
            end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            while data := source.recv(65536):
                heard += data
                sink.sendall(data)
            sink.shutdown(socket.SHUT_WR)
        except OSError:
            sink.close()

    def forget(self):
        self.from_gateway.clear()
        self.from_server.clear()


def payloads(stream, kind):
    """(payload as its sender wrote it, its messages) of each iq of type `kind` that holds messages."""
    for attributes, content in IQ.findall(bytes(stream)):
        found = JSON.search(content)
        if found and re.search(rb"type=['\"]" + kind + rb"['\"]", attributes):
            # Servers write quotes as references; senders do not.
            sent = content.replace(b"&quot;", b'"').replace(b"&apos;", b"'")
            messages = json.loads(html.unescape(found[1].decode()))
            yield sent, messages if isinstance(messages, list) else [messages]


def body_size(message):
    data = message.get("data", "")
    return len(base64.b64decode(data)) if message.get("encoding") else len(data.encode())


def one_request(stream):
    return next(sent for sent, messages in payloads(stream, b"set") if "REQUEST_METHOD" in messages[0])


def one_answer(stream):
    return next(sent for sent, messages in payloads(stream, b"result") if "statuscode" in messages[0])


def piece_of_size(stream, size, make):
    """The payload of a long body's stanza, filled up to about `size` bytes, and the body bytes in it. `make` gives
    so many bytes, as text or as what travels in base64."""
    sent, messages = max(payloads(stream, b"set"), key=lambda each: sum(map(body_size, each[1])))
    message = max(messages, key=body_size)
    is_text = "encoding" not in message
    frame = len(sent) - len(message["data"])
    body = make(max(256, size - frame if is_text else (size - frame) * 3 // 4))
    filled = {**message, "data": body.decode() if is_text else base64.b64encode(body).decode()}
    # Text of the benchmark holds nothing that XML would have to escape, but for the line ends that JSON does.
    text = json.dumps(filled, separators=(",", ":")).encode()
    return JSON.sub(lambda found: found[0].replace(found[1], text), sent), len(body)
