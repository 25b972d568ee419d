# TCP ports on loopback for servers of the tests: below the range that outgoing connections are given.
# Test processes that run beside each other take theirs from ranges of their own.
import os
import random
import socket

_given = set()
_worker = os.environ.get("PYTEST_XDIST_WORKER")
_first, _count = (12000 + 4000 * (int(_worker.removeprefix("gw")) % 5), 4000) if _worker else (12000, 20000)


def free_port():
    """A port of 127.0.0.1 that nobody listens on and that this process has not been given before."""
    while True:
        port = random.randrange(_first, _first + _count)
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
