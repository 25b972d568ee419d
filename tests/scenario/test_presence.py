# An account without a human: subscription both ways, no question asked, and what is undone is mended.
import pytest
from support.waiting import wait_until
from support.xmpp import Client

ROSTER = "jabber:iq:roster"


@pytest.fixture(scope="module")
def folder(place):
    page = place / "page"
    page.mkdir()
    (page / "index.html").write_text("<p>here</p>")
    return page


def subscription(world, user):
    """How `user` and the gateway are subscribed, as the user's own server has it."""
    client = Client(world.server, user, "look")
    roster = client.ask(client.bare, "get", f"<query xmlns='{ROSTER}'/>")
    client.close()
    return {item.get("jid"): item.get("subscription") for item in roster[0]}.get(world.domain)


def test_a_bare_account_gets_subscribed_both_ways(world, folder):
    peer = world.publish("romeo", folder)
    assert world.gateway.fetch("romeo").status == 200
    wait_until("the subscription", lambda: subscription(world, "romeo") == "both")
    peer.stop()
    world.gateway.wait_status("romeo", 503)


def test_a_second_start_finds_everything_in_place(world, folder):
    peer = world.publish("romeo", folder)
    assert world.gateway.fetch("romeo").status == 200
    assert subscription(world, "romeo") == "both"
    peer.stop()


def test_a_subscription_that_was_removed_comes_back(world, folder):
    client = Client(world.server, "romeo", "human")
    client.ask(client.bare, "set", f"<query xmlns='{ROSTER}'><item jid='{world.domain}' subscription='remove'/></query>")
    client.close()
    peer = world.publish("romeo", folder)
    assert world.gateway.fetch("romeo").status == 200
    wait_until("the subscription", lambda: subscription(world, "romeo") == "both")
    peer.stop()


def test_a_human_client_of_the_owner_is_not_asked(world, folder):
    client = Client(world.server, "romeo", "phone")
    client.send("<presence/>")
    assert world.gateway.fetch("romeo").status == 503
    peer = world.publish("romeo", folder)
    for _ in range(5):
        assert world.gateway.fetch("romeo").status == 200
    peer.stop()
    world.gateway.wait_status("romeo", 503)
    assert not any(e.tag.endswith("}message") for e in client.received)
    client.close()


def test_two_peers_of_one_owner_stand_in_for_each_other(world, folder):
    one = world.publish("juliet", folder, resource="one")
    two = world.publish("juliet", folder, resource="two")
    assert world.gateway.fetch("juliet").status == 200
    one.stop()
    world.gateway.wait_status("juliet", 200)
    assert world.gateway.fetch("juliet").status == 200
    two.stop()
    world.gateway.wait_status("juliet", 503)
