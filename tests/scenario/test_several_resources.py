# Several computers behind one name: the highest priority is asked, equals in turn; whoever fails is set aside
# and tried again, and what is safe to repeat moves on to the next.
import threading

import pytest
from support.backend import Backend
from support.chat_client import ChatClient
from support.scripted import ScriptedPeer
from support.waiting import wait_until
from support.xmpp import CLIENT


@pytest.fixture(scope="module")
def pages(place):
    """Two folders whose page is their name."""
    made = {}
    for name in ("one", "two"):
        made[name] = place / name
        made[name].mkdir()
        (made[name] / "index.html").write_text(name)
    return made


@pytest.fixture
def apps():
    made = {"one": Backend(), "two": Backend()}
    yield made
    for app in made.values():
        app.close()


@pytest.fixture
def publish(world):
    """Peers of one owner's, ended with the test."""
    started = []

    def begin(target, resource, user="romeo", priority=None):
        options = ["--priority", str(priority)] if priority else []
        started.append(world.publish(user, target, resource=resource, options=options))
        return started[-1]
    yield begin
    for peer in started:
        peer.end()


class Computer(ScriptedPeer):
    """Answers "main" while it is well. `mood` may be "error" or "silence" instead."""

    def __init__(self, world, user):
        self.mood, self.asked = "well", 0
        super().__init__(world, user, "main", priority=5)
        threading.Thread(target=self._serve, daemon=True).start()

    def change(self, mood):
        self.mood, self.mute = mood, mood == "silence"

    def _serve(self):
        while not self.ended:
            try:
                stanza, request, _ = self.take_request(limit=3600)
            except AssertionError:
                return
            self.asked += 1
            if self.mood == "well":
                self.respond(stanza, request, {"statuscode": 200, "headers": [], "data": "main", "signal": "producerFinished"})
            elif self.mood == "error":
                self.send(f"<iq type='error' to='{self.gateway}' id='{stanza.get('id')}' xmlns='{CLIENT}'><error type='cancel'>"
                          "<service-unavailable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>")


def answers(world, count, user="romeo"):
    return [world.gateway.fetch(user).text for _ in range(count)]


def wait_for_all(world, names):
    wait_until("all to be asked", lambda: set(answers(world, len(names))) == set(names))


@pytest.fixture(scope="module")
def failing(world, pages):
    """Computers of higher priority, by their owners, that have each failed a visitor."""
    computers = {}
    for user, mood in (("juliet", "error"), ("benvolio", "silence")):
        computers[user] = Computer(world, user)
        world.publish(user, pages["two"], resource="standby")
        wait_until("the main one to be asked", lambda user=user: answers(world, 1, user) == ["main"])
        computers[user].change(mood)
        assert answers(world, 1, user) == ["two"], "what is safe moves on"
    yield computers
    for computer in computers.values():
        computer.close()


def test_whoever_fails_is_set_aside(world, failing):
    for user, computer in failing.items():
        before = computer.asked
        assert answers(world, 5, user) == ["two"] * 5
        assert world.gateway.fetch(user, "/", "POST", body=b"x").status == 405, "the folder's own answer"
        assert computer.asked == before


def test_equals_are_asked_in_turn(world, pages, publish):
    with ChatClient(world.server, "romeo"):  # which is none of them
        publish(pages["one"], "one")
        publish(pages["two"], "two")
        wait_for_all(world, ("one", "two"))
        seen = answers(world, 8)
        assert seen[0] != seen[1] and seen == seen[:2] * 4


def test_the_highest_priority_is_asked_while_it_is_there(world, pages, publish):
    publish(pages["two"], "two", priority=-2)
    world.gateway.wait_status("romeo", 200)
    assert answers(world, 2) == ["two"] * 2
    main = publish(pages["one"], "one")
    wait_until("the better one to be asked", lambda: answers(world, 1) == ["one"])
    assert answers(world, 6) == ["one"] * 6
    main.stop()
    wait_until("the other to stand in", lambda: answers(world, 1) == ["two"])
    main.start()
    wait_until("the better one to be back", lambda: answers(world, 1) == ["one"])


def begin_gate(world, apps, publish, method):
    """A request that waits in one of two apps: (connection, its peer, the other app)."""
    peers = {name: publish(app.url, name) for name, app in apps.items()}
    wait_until("both to be asked", lambda: world.gateway.fetch("romeo", "/inspect") and all(app.requests for app in apps.values()))
    connection = world.gateway.connect("romeo")
    connection.send_request(method, "/gate", body=b"x" if method == "POST" else None)
    wait_until("one to work", lambda: any(app.running["/gate"] for app in apps.values()))
    asked, other = ("one", "two") if apps["one"].running["/gate"] else ("two", "one")
    return connection, peers[asked], apps[other]


@pytest.mark.parametrize("end", ["signal", "kill"])
def test_a_get_moves_on_when_its_computer_goes(world, apps, publish, end):
    connection, peer, other = begin_gate(world, apps, publish, "GET")
    with connection:
        peer.signal(15) if end == "signal" else peer.kill()
        wait_until("the other to work", lambda: other.running["/gate"] == 1)
        other.hold.set()
        assert connection.read_response().body == b"through"


def test_a_post_does_not(world, apps, publish):
    connection, peer, other = begin_gate(world, apps, publish, "POST")
    with connection:
        peer.signal(15)
        assert connection.read_response().status == 502
    assert not any(request.path == "/gate" for request in other.requests)
    assert world.gateway.fetch("romeo", "/inspect").status == 200


def test_a_computer_whose_app_does_not_run_is_passed_over(world, pages, publish):
    publish(pages["two"], "two", priority=-2)
    peer = publish("http://127.0.0.1:9", "one")
    wait_until("it to be asked", lambda: answers(world, 1) == ["two"] and "refuses connections" in peer.err())
    assert answers(world, 5) == ["two"] * 5
    assert world.gateway.fetch("romeo", "/", "POST", body=b"x").status == 405, "the folder's own answer"
    assert peer.err().count("refuses connections") == 1


def test_whoever_failed_is_tried_again(world, failing):
    for computer in failing.values():
        computer.change("well")
    for user in failing:
        wait_until("the main one to be asked again", lambda user=user: answers(world, 1, user) == ["main"], limit=90)
