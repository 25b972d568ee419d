# Server-sent events: each when it is sent, and on from where they were when the stream ends.
import asyncio

import pytest
from support.backend import Backend

PAGE = b"""<!doctype html><html lang="en"><head><meta charset="utf-8"><title>events</title></head><body><script>
const heard = [], source = new EventSource('/events')
for (const kind of ['message', 'verse'])
  source.addEventListener(kind, event => heard.push([kind, event.data, event.lastEventId]))
</script></body></html>"""


class EventApp(Backend):
    """Sends what the test says to everybody who listens; who comes back gets what they have missed."""

    def __init__(self):
        self.said = []
        self._round = 0
        super().__init__()

    def say(self, *fields):
        self.said.append(f"id: {len(self.said) + 1}\n" + "".join(field + "\n" for field in fields) + "\n")

    def hang_up(self):
        """Ends the streams that are open."""
        self._round += 1

    def came_with(self):
        """The Last-Event-ID of each stream so far."""
        return [request.get("last-event-id") for request in self.requests if request.path == "/events"]

    async def _page(self, connection, request):
        await self._answer(connection, request, PAGE, "text/html")

    async def _events(self, connection, request):
        await connection.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nCache-Control: no-store\r\n"
                               b"Transfer-Encoding: chunked\r\n\r\n")
        at, begun_in = int(request.get("last-event-id") or 0), self._round
        while begun_in == self._round:
            for event in self.said[at:]:
                await connection.write(b"%x\r\n%b\r\n" % (len(event.encode()), event.encode()))
                at += 1
            await asyncio.sleep(0.01)
        await connection.write(b"0\r\n\r\n")


@pytest.fixture
def app(world):
    made = EventApp()
    peer = world.publish("romeo", made.url)
    yield made
    peer.stop()
    made.close()


def test_events_come_one_by_one_and_go_on_after_the_stream_has_ended(scheme, app, browser):
    browser.visit(scheme, "romeo", "/page")
    browser.wait("source.readyState === EventSource.OPEN")
    app.say("retry: 50", "data: but soft")
    browser.wait("heard.length === 1")
    for number in range(2, 21):
        app.say("event: verse", f"data: what light {number}", "data: ☀")
        browser.wait(f"heard.length === {number}")
    assert browser.evaluate("heard") == [["message", "but soft", "1"]] + [
        ["verse", f"what light {number}\n☀", str(number)] for number in range(2, 21)]
    assert app.came_with() == [None]

    app.hang_up()
    browser.wait("source.readyState === EventSource.CONNECTING")
    app.say("data: it is the east")
    browser.wait("heard.length === 21")
    assert browser.evaluate("heard.at(-1)") == ["message", "it is the east", "21"]
    assert app.came_with() == [None, "20"]

    app.close_idle()  # in the middle of the stream
    app.say("data: arise")
    browser.wait("heard.length === 22")
    assert app.came_with() == [None, "20", "21"]
    browser.evaluate("source.close()")
