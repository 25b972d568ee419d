# What every app is tried with: both schemes, one gateway, one browser.
import pytest
from support.secure_world import SecureWorld
from support.visitor import Visitor


@pytest.fixture(scope="module")
def world(place, programs):
    made = SecureWorld(place, "gate.example")
    made.start()
    yield made
    made.stop()


@pytest.fixture(scope="module", params=["http", "https"])
def scheme(request):
    return request.param


@pytest.fixture(scope="module")
def browser(world):
    with Visitor(world) as made:
        yield made
