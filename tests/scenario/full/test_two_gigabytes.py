# 2 GiB out of a visitor's browser, by a form, while neither program holds more than 64 MiB.
import pytest
from support.secure_world import SecureWorld
from support.upload import MIB, UploadApp, make_file, upload
from support.visitor import Visitor

SIZE = 2048 * MIB
LIMIT = 64 * MIB


@pytest.fixture(scope="module")
def world(place, programs):
    made = SecureWorld(place, "gate.example")
    made.start()
    yield made
    made.stop()


@pytest.fixture(scope="module")
def file(place):
    path = place / "two-gigabytes.bin"
    yield path, make_file(path, SIZE)
    path.unlink()


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_file_of_two_gigabytes_arrives_whole(scheme, world, file):
    app = UploadApp()
    peer = world.publish("romeo", app.url)
    with Visitor(world) as visitor:
        facts = upload(visitor, scheme, "romeo", file[0], 1800)
    assert (facts["size"], facts["sha256"], facts["is_whole"]) == (SIZE, file[1], True)
    for program in (world.gateway, peer):
        assert program.peak_memory() < LIMIT, f"{program.name} held {program.peak_memory() >> 20} MiB"
    peer.stop()
    app.close()
