# A client of HTTP/2: streams over one connection, by python3-h2, and single frames for what no client should send.
import socket
import ssl
import time
from dataclasses import dataclass, field

import h2.config
import h2.connection
import h2.events
import h2.settings
from h2.errors import ErrorCodes

FRAME_SIZE = 16384


def frame(kind, flags, stream, payload=b""):
    return len(payload).to_bytes(3, "big") + bytes([kind, flags]) + stream.to_bytes(4, "big") + payload


def head_of(authority, path):
    """A request's head as HPACK: GET, http, then literals that are not indexed."""
    def literal(name_index, value):
        return bytes([name_index, len(value)]) + value.encode()
    return b"\x82\x86" + literal(1, authority) + literal(4, path)


@dataclass
class Answer:
    """A response as far as it has come."""

    status: int | None = None
    headers: list = field(default_factory=list)
    body: bytearray = field(default_factory=bytearray)
    interim: list = field(default_factory=list)
    is_whole: bool = False
    reset: int | None = None  # its error code

    def get(self, name, default=None):
        values = [value for key, value in self.headers if key == name]
        assert len(values) <= 1, f"{name} came {len(values)} times"
        return values[0] if values else default


class Http2:
    """One connection to 127.0.0.1:`port`; over TLS with `context`, whose ALPN has to choose h2. `rate`: bytes a second
    that it reads at most."""

    def __init__(self, port, authority, context=None, timeout=30, window=None, acknowledges=True, rate=None):
        self.authority = authority
        self.rate = rate
        self.socket = socket.socket()
        if rate is not None:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        self.socket.settimeout(timeout)
        self.socket.connect(("127.0.0.1", port))
        self.scheme = "http"
        if context is not None:
            context.set_alpn_protocols(["h2", "http/1.1"])
            self.socket = context.wrap_socket(self.socket, server_hostname=authority.partition(":")[0])
            assert self.socket.selected_alpn_protocol() == "h2"
            self.scheme = "https"
        # Windows open again as data come, but for a client that holds them shut.
        self.acknowledges = acknowledges
        self.h2 = h2.connection.H2Connection(h2.config.H2Configuration(header_encoding="utf-8"))
        self.h2.initiate_connection()
        if window is not None:
            self.h2.update_settings({h2.settings.SettingCodes.INITIAL_WINDOW_SIZE: window})
        self.answers = {}
        self.goaway = None
        self.is_closed = False
        self.flush()
        while window is not None and self.h2.local_settings.initial_window_size != window:
            self.pump()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def flush(self):
        self.socket.sendall(self.h2.data_to_send())

    def send_raw(self, kind, flags, stream, payload=b""):
        """A frame as it is, whatever the state."""
        self.socket.sendall(frame(kind, flags, stream, payload))

    def start(self, method, path, headers=(), end=True, pseudo=None):
        """Opens a stream; its id."""
        stream = self.h2.get_next_available_stream_id()
        head = pseudo or [(":method", method), (":scheme", self.scheme), (":authority", self.authority), (":path", path)]
        self.h2.send_headers(stream, [*head, *headers], end_stream=end)
        self.answers[stream] = Answer()
        self.flush()
        return stream

    def send(self, stream, data, end=False):
        """Body bytes, as the windows allow."""
        data = memoryview(bytes(data))
        while len(data):
            room = min(self.h2.local_flow_control_window(stream), FRAME_SIZE)
            if room == 0:
                self.pump()
                if self.answers[stream].reset is not None:
                    return
                continue
            self.h2.send_data(stream, bytes(data[:room]))
            self.flush()
            data = data[room:]
        if end:
            self.h2.end_stream(stream)
            self.flush()

    def pump(self):
        """Reads once, and takes what has come."""
        data = self.socket.recv(65536 if self.rate is None else self.rate // 10)
        if self.rate is not None:
            time.sleep(len(data) / self.rate)
        if not data:
            self.is_closed = True
            return
        for event in self.h2.receive_data(data):
            self._take(event)
        self.flush()

    def _take(self, event):
        answer = self.answers.get(getattr(event, "stream_id", None))
        if isinstance(event, h2.events.ConnectionTerminated):
            self.goaway = event.error_code
        if answer is None:
            return
        if isinstance(event, h2.events.InformationalResponseReceived):
            answer.interim.append(int(dict(event.headers)[":status"]))
        elif isinstance(event, h2.events.ResponseReceived):
            answer.status = int(dict(event.headers)[":status"])
            answer.headers = [(name, value) for name, value in event.headers if not name.startswith(":")]
        elif isinstance(event, h2.events.DataReceived):
            answer.body += event.data
            if self.acknowledges and event.flow_controlled_length:
                self.h2.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
        elif isinstance(event, h2.events.StreamEnded):
            answer.is_whole = True
        elif isinstance(event, h2.events.StreamReset):
            answer.reset = ErrorCodes(event.error_code)

    def wait(self, *streams):
        """Until each is whole or reset; the last one's answer."""
        for stream in streams:
            answer = self.answers[stream]
            while not answer.is_whole and answer.reset is None:
                assert not self.is_closed and self.goaway in (None, 0), f"the connection ended: GOAWAY {self.goaway}"
                self.pump()
        return answer

    def request(self, method, path, headers=(), body=None):
        stream = self.start(method, path, headers, end=body is None)
        if body is not None:
            self.send(stream, body, end=True)
        return self.wait(stream)

    def get(self, path, headers=()):
        return self.request("GET", path, headers)

    def read_to_end(self):
        """Until the server closes; the code of its GOAWAY."""
        try:
            while not self.is_closed:
                self.pump()
        except (ConnectionError, ssl.SSLError):
            pass
        return self.goaway
