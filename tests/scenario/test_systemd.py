# As a service of systemd's: sockets that are open before the gateway is, and word of how it stands.
import os
import signal
import socket
import threading

import pytest
from support.backend import pattern
from support.crosstalk import Gateway
from support.raw_http import Connection
from support.waiting import wait_until
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


class Visitors:
    """Threads that ask without a pause, each on a connection that it keeps as long as it may; nobody asks twice."""

    def __init__(self, world, site, count):
        self.world, self.site = world, site
        self.whole, self.wrong = 0, []
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._run, args=(number,), daemon=True) for number in range(count)]
        for each in self._threads:
            each.start()

    def _run(self, number):
        body = pattern(20_000 + number)
        try:
            while not self._stop.is_set():
                with self.world.gateway.connect(self.site) as connection:
                    while not self._stop.is_set():
                        answer = connection.request("POST", "/echo", body=body)
                        assert (answer.status, answer.body) == (200, body)
                        self.whole += 1
                        if answer.get("Connection") == "close":
                            break
        except (AssertionError, OSError) as failure:
            self.wrong.append(repr(failure)[:200])

    def end(self):
        self._stop.set()
        for each in self._threads:
            each.join(90)
            assert not each.is_alive()


def test_a_new_version_under_load_costs_nobody_an_answer(world, site, supervisor):
    visitors = Visitors(world, site, 12)
    wait_until("some answers", lambda: visitors.whole > 50)
    for _ in range(2):
        size = 3_000_000
        download = world.gateway.connect(site)
        download.send_request("GET", f"/bytes?n={size}")
        head = download.read_head()
        accepted = world.gateway.descriptor_count()
        fresh = world.gateway.connect(site)  # is there, and has not asked yet
        wait_until("the gateway to have it", lambda: world.gateway.descriptor_count() > accepted)
        before = visitors.whole
        world.gateway.signal(signal.SIGTERM)
        assert supervisor.next() == {"STOPPING": "1"}
        assert fresh.get("/inspect").status == 200
        assert b"".join(download.body_pieces(head)) == pattern(size)
        assert world.gateway.wait_for_exit() == 0
        assert "connections cut" not in world.gateway.err()
        world.gateway.start()
        assert supervisor.next() == {"READY": "1"}
        wait_until("more answers", lambda: visitors.whole > before + 50)
    visitors.end()
    assert visitors.wrong == []


def test_a_socket_that_nobody_has_handed_over_is_an_error(world, place):
    alone = Gateway(place, world.server.component_port, world.domain, "secret", name="alone",
                    tables={"http": {"listen": ["systemd:http"]}})
    alone.start()
    assert alone.wait_for_exit() == 1
    assert "no such socket was handed over" in alone.err() and "http.listen" in alone.err()
