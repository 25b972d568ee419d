# A DNS server on loopback that knows what a test tells it: A, SRV and TXT records, NXDOMAIN for the rest.
import socket
import struct
import threading

from .ports import free_port

A, TXT, AAAA, SRV = 1, 16, 28, 33
NXDOMAIN = 3


def _name(text):
    return b"".join(bytes([len(label)]) + label.encode("ascii") for label in text.rstrip(".").split(".")) + b"\0"


def address(text):
    return A, socket.inet_aton(text)


def service(port, target, priority=0, weight=0):
    return SRV, struct.pack(">HHH", priority, weight, port) + _name(target)


def text(words):
    data = words.encode()
    return TXT, b"".join(bytes([len(piece)]) + piece for piece in (data[at:at + 255] for at in range(0, len(data), 255)))


class Dns:
    """`records`: name -> list of address(), service() and text(). `questions` is what was asked."""

    def __init__(self, records):
        self.records = records
        self.questions = []
        self.port = free_port()
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", self.port))
        threading.Thread(target=self._serve, daemon=True).start()

    @property
    def server(self):
        return f"127.0.0.1:{self.port}"

    def close(self):
        self._socket.close()

    def _serve(self):
        while True:
            try:
                packet, sender = self._socket.recvfrom(4096)
                self._socket.sendto(self._answer(packet), sender)
            except OSError:
                return

    def _answer(self, packet):
        labels, at = [], 12
        while packet[at]:
            labels.append(packet[at + 1:at + 1 + packet[at]].decode("ascii"))
            at += 1 + packet[at]
        name, kind = ".".join(labels).lower(), struct.unpack(">H", packet[at + 1:at + 3])[0]
        self.questions.append((name, kind))
        known = self.records.get(name)
        found = [data for record, data in known or [] if record == kind]
        code = 0 if known is not None else NXDOMAIN
        head = packet[:2] + struct.pack(">HHHHH", 0x8580 | code, 1, len(found), 0, 0)
        answers = b"".join(b"\xc0\x0c" + struct.pack(">HHIH", kind, 1, 60, len(data)) + data for data in found)
        return head + packet[12:at + 5] + answers
