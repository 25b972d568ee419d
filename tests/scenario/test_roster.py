# An owner's chat client and the gateway: subscribed both ways for good, and told who comes and goes.
import pytest
from support.chat_client import ChatClient
from support.scripted import ScriptedPeer
from support.waiting import wait_until


class Owner(ChatClient):
    """Keeps the types of all presence that the gateway sends."""

    def __init__(self, world, user):
        self.domain, self.heard = world.domain, []
        super().__init__(world.server, user)

    def listen(self, client):
        for kind in ("available", "unavailable", "subscribe", "subscribed", "unsubscribe", "unsubscribed"):
            client.add_event_handler("presence_" + kind, self._keep)

    def _keep(self, presence):
        if presence["from"].domain == self.domain:
            self.heard.append(presence["type"])

    def subscription(self):
        """How the gateway stands in the roster, as the server has it."""
        def whole_roster(xmpp):
            iq = xmpp.make_iq_get()
            iq.enable("roster")  # without a version: the server sends all of it
            return iq.send(timeout=30)
        items = self.ask(whole_roster)["roster"]["items"]
        return {jid.full: item["subscription"] for jid, item in items.items()}.get(self.domain)

    def wait_for(self, kind):
        wait_until(f"{kind} from the gateway", lambda: kind in self.heard)


@pytest.fixture
def owner(world):
    with Owner(world, "juliet") as client:
        yield client


@pytest.fixture
def friend(world, owner):
    """The owner, once they know each other; what was said until then is forgotten."""
    wait_until("the subscription", lambda: owner.subscription() == "both")
    owner.wait_for("available")
    owner.heard.clear()
    yield owner


def start_again(program):
    program.stop()
    program.start()


@pytest.fixture
def peer(world):
    """A function that logs in a peer that answers, and of which only the subscription tells the gateway."""
    started = []

    def log_in():
        started.append(ScriptedPeer(world, "juliet", is_directed=False))
        started[-1].serve(lambda request: [{"statuscode": 200, "headers": [], "data": "here", "signal": "producerFinished"}])
    yield log_in
    for each in started:
        each.close()


def test_an_owner_is_asked_for_presence_and_asks_for_the_gateways(world, owner):
    owner.wait_for("subscribe")
    wait_until("the subscription", lambda: owner.subscription() == "both")
    owner.wait_for("available")
    assert owner.heard.count("subscribe") == 1


def test_a_gateway_that_stops_says_goodbye_and_greets_when_it_is_back(world, friend):
    world.gateway.stop()
    friend.wait_for("unavailable")
    assert "available" not in friend.heard
    world.gateway.start()
    friend.wait_for("available")


@pytest.mark.parametrize("which", ["gateway", "server"])
def test_subscriptions_outlive_a_restart(world, peer, which):
    with Owner(world, "juliet") as client:
        wait_until("the subscription", lambda: client.subscription() == "both")
    start_again(getattr(world, which))
    world.gateway.wait_ready(60)
    with Owner(world, "juliet") as client:
        client.wait_for("available")
        assert client.subscription() == "both"
        peer()
        world.gateway.wait_status("juliet", 200)
        assert not {"subscribe", "unsubscribe", "unsubscribed"} & set(client.heard)


def test_an_owner_who_was_there_first_is_found_by_the_probe(world, friend, peer):
    world.gateway.stop()
    peer()
    world.gateway.start()
    world.gateway.wait_ready()
    assert world.gateway.fetch("juliet").body == b"here", "at once, without asking again"


def test_an_owner_who_ends_the_subscription_is_not_asked_again_and_may_come_back(world, friend):
    def unsubscribe(kind):
        friend.loop.call_soon_threadsafe(lambda: friend.client.send_presence(pto=world.domain, ptype=kind))
    unsubscribe("unsubscribed")
    wait_until("the gateway to see no more", lambda: friend.subscription() == "to")
    unsubscribe("unsubscribe")
    wait_until("the end", lambda: friend.subscription() in ("none", None))
    assert "subscribe" not in friend.heard
    unsubscribe("subscribe")
    friend.wait_for("subscribe")
    wait_until("the subscription", lambda: friend.subscription() == "both")


def test_who_gives_the_last_name_back_is_taken_leave_of(world):
    world.server.register("nurse")
    assert world.gateway.site("add", "attic", "nurse@montague.example").returncode == 0
    assert world.gateway.site("add", "cellar", "nurse@montague.example").returncode == 0
    with Owner(world, "nurse") as client:
        wait_until("the subscription", lambda: client.subscription() == "both")
        client.wait_for("available")
        client.heard.clear()
        assert world.gateway.site("remove", "attic").returncode == 0
        world.gateway.wait_status("attic", 404)
        assert client.subscription() == "both" and not client.heard
        assert world.gateway.site("remove", "cellar").returncode == 0
        client.wait_for("unavailable")
        assert {"unsubscribe", "unsubscribed"} <= set(client.heard)
        wait_until("the end", lambda: client.subscription() in ("none", None))
        client.heard.clear()
        assert world.gateway.site("add", "attic", "nurse@montague.example").returncode == 0
        client.wait_for("subscribe")
        wait_until("the subscription", lambda: client.subscription() == "both")
        client.wait_for("available")
    assert world.gateway.site("remove", "attic").returncode == 0
