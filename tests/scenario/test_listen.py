# Where programs listen and whom they ask: IPv6, unix sockets, several addresses at once.
import socket

import pytest
from support.backend import Backend, pattern
from support.raw_http import Connection
from support.world import World


@pytest.fixture(scope="module")
def world(place, programs):
    made = World(place, tables={"http": {"listen": []}})
    listen = [f"127.0.0.1:{made.gateway.port}", f"[::1]:{made.gateway.port}", f"unix:{place}/http.sock"]
    with open(made.gateway.config, encoding="utf-8") as file:
        text = file.read()
    with open(made.gateway.config, "w", encoding="utf-8") as file:
        file.write(text.replace("listen = []", f"listen = {listen}".replace("'", '"'), 1))
    made.start()
    yield made
    made.stop()


class _Over(Connection):
    """The strict client over a socket that is connected already."""

    def __init__(self, connected, host):
        self.host, self.socket, self._pending = host, connected, bytearray()
        connected.settimeout(60)


def check(world, connected):
    with _Over(connected, world.gateway.host("romeo")) as connection:
        body = pattern(70_000)
        assert connection.request("POST", "/echo", body=body).body == body


@pytest.fixture(scope="module")
def site(world, backend):
    world.publish("romeo", backend.url)


def test_ipv4(world, site):
    check(world, socket.create_connection(("127.0.0.1", world.gateway.port)))


def test_ipv6(world, site):
    check(world, socket.create_connection(("::1", world.gateway.port)))


def test_a_unix_socket(world, site, place):
    connected = socket.socket(socket.AF_UNIX)
    connected.connect(f"{place}/http.sock")
    check(world, connected)


def test_a_unix_socket_is_taken_over_after_a_crash(world, site, place):
    world.gateway.kill()
    world.gateway.start()
    world.gateway.wait_ready()
    world.gateway.wait_status("romeo", 200, "/inspect")
    connected = socket.socket(socket.AF_UNIX)
    connected.connect(f"{place}/http.sock")
    check(world, connected)


def test_an_app_on_a_unix_socket(world, place):
    app = Backend(unix_path=f"{place}/app.sock")
    world.publish("juliet", f"unix:{place}/app.sock")
    body = pattern(70_000)
    assert world.gateway.fetch("juliet", "/echo", method="PUT", body=body).body == body
    app.close()


def test_an_app_below_a_path(world, backend):
    world.publish("benvolio", backend.url + "/inspect/below")
    answer = world.gateway.fetch("benvolio", "/a?b=c")
    assert '"target": "/inspect/below/a?b=c"' in answer.text
