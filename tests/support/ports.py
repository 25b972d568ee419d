# TCP ports on loopback for servers of the tests: below the range that outgoing connections are given.
import random
import socket

_given = set()


def free_port():
    """A port of 127.0.0.1 that nobody listens on and that this process has not been given before."""
    while True:
        port = random.randrange(12000, 32000)
        if port in _given:
            continue
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        _given.add(port)
        return port
