# socket.io: between two visitors, by WebSocket and by long polling, and again after the publisher was away.
import pytest
from support import apps
from support.visitor import Visitor


@pytest.fixture(scope="module")
def app(place):
    made = apps.socket_io(place).serve()
    yield made
    made.stop(status=-15)


@pytest.fixture(scope="module")
def peer(world, app):
    return world.publish("romeo", app.url)


@pytest.fixture(scope="module")
def other(world):
    with Visitor(world) as made:
        yield made


@pytest.fixture(params=["websocket", "polling"])
def transport(request):
    return request.param


@pytest.fixture
def pages(scheme, transport, peer, browser, other):
    """Two pages, connected; by WebSocket once they have changed over from polling."""
    for page in (browser, other):
        page.visit(scheme, "romeo", "/?transports=polling" if transport == "polling" else "/")
        page.wait(f"transport() === '{transport}'")
    yield browser, other
    for page in (browser, other):
        page.open("about:blank")


def say(page, words):
    return page.evaluate(f"socket.timeout(20000).emitWithAck('say', {words})"
                         ".then(back => back instanceof ArrayBuffer ? [...new Uint8Array(back)] : back)")


def check_talk(one, two):
    assert say(one, "'wherefore ☕'") == "wherefore ☕"
    two.wait("heard.at(-1) === 'wherefore ☕'")
    assert say(two, "new Uint8Array([0, 10, 13, 255])") == [0, 10, 13, 255]
    one.wait("String(heard.at(-1)) === '0,10,13,255'")
    assert say(one, "'x'.repeat(300000)") == "x" * 300_000
    two.wait("heard.at(-1) === 'x'.repeat(300000)")


def test_what_one_visitor_says_the_other_hears(pages, transport):
    check_talk(*pages)
    assert pages[0].evaluate("heard.length") == 1
    assert pages[1].evaluate("heard.length") == 2
    assert [page.evaluate("transport()") for page in pages] == [transport] * 2


def test_a_publisher_that_was_away(pages, transport, peer):
    peer.stop()
    for page in pages:
        page.wait("!socket.connected")
    peer.start()
    for page in pages:
        page.wait(f"connections === 2 && transport() === '{transport}'")
    check_talk(*pages)
