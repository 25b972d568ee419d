# A gigabyte down and a gigabyte up, intact, while neither program holds more than 64 MiB.
import hashlib
import json
import os

import pytest
from support.backend import BLOCK, pattern

GIB = 1 << 30
LIMIT = 64 << 20


@pytest.fixture(scope="module")
def digest(place):
    """SHA-256 of the gigabyte that the app and the folder serve; the folder is `place`/site."""
    folder = place / "site"
    folder.mkdir()
    total = hashlib.sha256()
    with open(folder / "gigabyte.bin", "wb") as file:
        for _ in range(GIB // len(BLOCK)):
            file.write(BLOCK)
            total.update(BLOCK)
    yield total.hexdigest()
    os.unlink(folder / "gigabyte.bin")


def check_memory(*programs):
    for program in programs:
        assert program.peak_memory() < LIMIT, f"{program.name} held {program.peak_memory() >> 20} MiB"


def download(world, site, target):
    with world.gateway.connect(site, timeout=600) as connection:
        connection.send_request("GET", target)
        return connection.read_response(hold=False)


def test_down_from_a_folder(world, place, digest):
    peer = world.publish("romeo", place / "site")
    answer = download(world, "romeo", "/gigabyte.bin")
    assert (answer.body_length, answer.body_digest) == (GIB, digest)
    check_memory(world.gateway, peer)


def test_down_from_an_app(world, digest, backend):
    peer = world.publish("juliet", backend.url)
    answer = download(world, "juliet", f"/chunks?n={GIB}")
    assert (answer.body_length, answer.body_digest) == (GIB, digest)
    check_memory(world.gateway, peer)
    peer.stop()


def test_up_to_an_app(world, digest, backend):
    peer = world.publish("benvolio", backend.url)
    with world.gateway.connect("benvolio", timeout=600) as connection:
        connection.send_request("PUT", "/inspect", [("Content-Length", str(GIB))])
        for _ in range(GIB // (1 << 20)):
            connection.send(pattern(1 << 20))
        facts = json.loads(connection.read_response().body)
    assert (facts["length"], facts["sha256"]) == (GIB, digest)
    check_memory(world.gateway, peer)
    peer.stop()
