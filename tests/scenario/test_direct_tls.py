# The direct stream over wss, with a proxy in front of the gateway that ends TLS.
import re

import pytest
from support.backend import pattern
from support.certificates import Authority
from support.waiting import wait_until
from support.wire import Wire
from support.world import World
from test_https import StrictWorld


@pytest.fixture(scope="module")
def authority(place):
    return Authority(place / "web")


@pytest.fixture(scope="module")
def wire(authority):
    made = Wire(0, tls=authority.issue("web", ["localhost"]))
    yield made
    made.close()


@pytest.fixture(scope="module")
def world(place, programs, wire):
    made = World(place, tables={"http": {"base_url": f"https://localhost:{wire.port}"}})
    wire.target_port = made.gateway.port
    made.start()
    yield made
    made.stop()


@pytest.fixture(scope="module")
def both_authorities(place, world, authority):
    """For peers: the XMPP server's authority and the web's, in one file."""
    file = place / "both.pem"
    file.write_text("".join(open(each, encoding="ascii").read() for each in (world.server.ca_file, authority.file)))
    return str(file)


def ups(world):
    return len(re.findall("direct stream up", world.gateway.err()))


def test_requests_travel_over_wss(world, backend, both_authorities):
    peer = world.publish("romeo", backend.url, direct="require", ca_file=both_authorities)
    wait_until("the direct stream", lambda: ups(world) == 1)
    for size in (0, 1, 100_000, 3_000_000):
        assert world.gateway.fetch("romeo", f"/chunks?n={size}").body == pattern(size)
        assert world.gateway.fetch("romeo", "/echo", "POST", body=pattern(size)).body == pattern(size)
    peer.stop()


def test_a_certificate_that_is_not_trusted_leaves_requests_in_band(world, backend):
    before = ups(world)
    peer = world.publish("juliet", backend.url, direct="auto")
    peer.wait_for_err("no direct stream: no TLS with localhost .*requests come in band")
    assert world.gateway.fetch("juliet", "/bytes?n=100000").body == pattern(100_000)
    assert ups(world) == before
    peer.stop()


def test_the_front_end_with_tls_of_its_own_takes_streams(place, programs, backend):
    secure = place / "secure"
    secure.mkdir()
    world = StrictWorld(secure)
    world.start()
    trusted = secure / "both.pem"
    trusted.write_text("".join(open(each, encoding="ascii").read()
                               for each in (world.server.ca_file, world.authority.file)))
    peer = world.publish("romeo", backend.url, direct="require", ca_file=str(trusted))
    wait_until("the direct stream", lambda: ups(world) == 1)
    with world.connect("romeo") as connection:
        for size in (0, 1000, 2_000_000):
            assert connection.get(f"/bytes?n={size}").body == pattern(size)
            assert connection.request("POST", "/echo", body=pattern(size)).body == pattern(size)
    assert ups(world) == 1
    peer.stop()
    world.stop()
