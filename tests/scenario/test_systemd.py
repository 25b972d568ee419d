# As a service of systemd's: sockets that are open before the gateway is, and word of how it stands.
import os
import socket
import threading

import pytest
from support.backend import pattern
from support.crosstalk import Gateway
from support.raw_http import Connection
from support.world import World


def listening(port):
    made = socket.socket()
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    made.bind(("127.0.0.1", port))
    made.listen(128)
    return made


class Supervisor:
    """The other end of NOTIFY_SOCKET."""

    def __init__(self, path):
        self.path = path
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(path)
        self._socket.settimeout(60)

    def next(self):
        """What is told next, as a dictionary."""
        return dict(line.split("=", 1) for line in self._socket.recv(4096).decode().splitlines())

    def close(self):
        self._socket.close()


@pytest.fixture(scope="module")
def supervisor(place):
    made = Supervisor(str(place / "notify.sock"))
    yield made
    made.close()


@pytest.fixture(scope="module")
def world(place, programs, supervisor):
    made = World(place, tables={"http": {"listen": ["systemd", "systemd:local"], "trusted_proxies": ["unix"]},
                                "admin": {"listen": "systemd:admin"}})
    local = socket.socket(socket.AF_UNIX)
    local.bind(str(place / "http.sock"))
    local.listen(128)
    made.gateway.sockets = {"gateway.socket": listening(made.gateway.port), "local": local,
                            "admin": listening(made.gateway.admin_port)}
    made.gateway.environment["NOTIFY_SOCKET"] = supervisor.path
    made.start()
    assert supervisor.next() == {"READY": "1"}
    yield made
    made.stop()


def test_sockets_come_from_whoever_starts_the_gateway(world, site, place):
    body = pattern(70_000)
    assert world.gateway.fetch(site, "/echo", method="PUT", body=body).body == body
    with Connection(world.gateway.port, world.gateway.host(site)) as local:
        local.socket.close()
        local.socket = socket.socket(socket.AF_UNIX)
        local.socket.settimeout(60)
        local.socket.connect(str(place / "http.sock"))
        assert local.request("POST", "/echo", body=body).body == body


def test_a_reload_is_told(world, supervisor):
    world.gateway.signal(1)
    told = supervisor.next()
    assert told["RELOADING"] == "1" and int(told["MONOTONIC_USEC"]) > 0
    assert supervisor.next() == {"READY": "1"}
    world.gateway.wait_for_err("configuration read")


def test_requests_wait_while_the_gateway_restarts(world, site, supervisor, place):
    world.gateway.stop()
    assert supervisor.next() == {"STOPPING": "1"}
    answers = []

    def ask():
        answers.append(world.gateway.fetch(site, "/inspect").status)
    waiting = [threading.Thread(target=ask) for _ in range(20)]
    for each in waiting:
        each.start()
    world.gateway.start()
    assert supervisor.next() == {"READY": "1"}
    for each in waiting:
        each.join()
    assert answers == [200] * 20
    assert os.path.exists(place / "http.sock")


def test_a_socket_that_nobody_has_handed_over_is_an_error(world, place):
    alone = Gateway(place, world.server.component_port, world.domain, "secret", name="alone",
                    tables={"http": {"listen": ["systemd:http"]}})
    alone.start()
    assert alone.wait_for_exit() == 1
    assert "no such socket was handed over" in alone.err() and "http.listen" in alone.err()
