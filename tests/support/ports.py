# TCP ports on loopback for servers of the tests: below the range that outgoing connections are given.
# Test processes that run beside each other take theirs from ranges of their own.
import os
import random
import socket

_given = set()
_worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
_first = 12000 + 4000 * (_worker % 5)


def free_port():
    """A port of 127.0.0.1 that nobody listens on and that this process has not been given before."""
    while True:
        port = random.randrange(_first, _first + 4000)
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
