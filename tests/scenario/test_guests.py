# Who may ask a peer without a gateway, by presence and by the request itself.
import json

import pytest
from support.guests import Verona
from support.scripted import CROSSTALK, Guest, body_of
from support.waiting import wait_until
from support.xmpp import Client

ROSTER = "jabber:iq:roster"


@pytest.fixture(scope="module")
def verona(place, programs):
    made = Verona(place).start()
    yield made
    made.stop()


@pytest.fixture
def server(verona):
    yield verona.server
    verona.end_peers()


@pytest.fixture
def publish(verona):
    return verona.publish


@pytest.fixture(scope="module")
def page(place):
    folder = place / "page"
    folder.mkdir(exist_ok=True)
    (folder / "index.html").write_text("<p>here</p>")
    return folder


def ask(server, user, path="/", **more):
    """What a guest hears: the kind of presence, and the status and body of an answer."""
    guest = Guest(server, user)
    try:
        presence = guest.knock("romeo@montague.example")
        answer = guest.request(presence.get("from"), path, **more)
        return presence.get("type"), answer[0]["statuscode"], b"".join(map(body_of, answer))
    finally:
        guest.close()


def human(server, user):
    """A client that is told of subscriptions: one that has asked for its roster."""
    client = Client(server, user, "human")
    client.ask(client.bare, "get", f"<query xmlns='{ROSTER}'/>")
    client.send("<presence/>")
    return client


def befriend(server, contact, state=True):
    """Romeo lets `contact` see his presence, or does so no more."""
    contact, romeo = human(server, contact), human(server, "romeo")
    if state:
        contact.send("<presence to='romeo@montague.example' type='subscribe'/>")
        romeo.take("the subscription", lambda e: e.get("type") == "subscribe")
    romeo.send(f"<presence to='{contact.bare}' type='{'subscribed' if state else 'unsubscribed'}'/>")
    contact.take("the decision", lambda e: e.get("type") == ("subscribed" if state else "unsubscribed"))
    romeo.close()
    contact.close()


def test_anyone(server, page, publish):
    peer = publish(page, "anyone")
    assert ask(server, "mallory") == (None, 200, b"<p>here</p>")
    assert "GET / 200 11" in peer.wait_for_err(r".* for mallory@montague\.example$")[0]
    peer.stop()


def test_a_stranger_is_refused_in_presence_and_in_words(server, page, publish):
    peer = publish(page, "juliet@montague.example")
    kind, status, body = ask(server, "mallory")
    assert (kind, status) == ("error", 403)
    assert b"mallory@montague.example" in body and b"here" not in body
    assert ask(server, "juliet") == (None, 200, b"<p>here</p>")
    peer.stop()


def test_a_domain(server, page, publish):
    peer = publish(page, "montague.example")
    assert ask(server, "benvolio")[1] == 200
    peer.stop()
    peer = publish(page, "capulet.example")
    assert ask(server, "benvolio")[:2] == ("error", 403)
    peer.stop()


def test_contacts_come_and_go_while_it_runs(server, page, publish):
    peer = publish(page)
    assert ask(server, "benvolio")[:2] == ("error", 403)
    assert ask(server, "romeo")[:2] == (None, 200)
    befriend(server, "benvolio")
    wait_until("benvolio to be let in", lambda: ask(server, "benvolio")[:2] == (None, 200))
    peer.stop()
    peer = publish(page)
    assert ask(server, "benvolio")[:2] == (None, 200)
    befriend(server, "benvolio", False)
    wait_until("benvolio to be refused", lambda: ask(server, "benvolio")[:2] == ("error", 403))
    peer.stop()


def test_a_subscription_the_other_way_round_lets_nobody_in(server, page, publish):
    peer = publish(page)
    romeo, juliet = human(server, "romeo"), human(server, "juliet")
    romeo.send("<presence to='juliet@montague.example' type='subscribe'/>")
    juliet.take("the subscription", lambda e: e.get("type") == "subscribe")
    juliet.send("<presence to='romeo@montague.example' type='subscribed'/>")
    romeo.take("the decision", lambda e: e.get("type") == "subscribed")
    assert ask(server, "juliet")[:2] == ("error", 403)
    romeo.close()
    juliet.close()
    peer.stop()


def test_a_push_from_a_stranger_changes_nothing(server, page, publish):
    peer = publish(page)
    mallory = Guest(server, "mallory")
    full = mallory.knock("romeo@montague.example").get("from")
    answer = mallory.ask(full, "set", f"<query xmlns='{ROSTER}'><item jid='mallory@montague.example' "
                                      "subscription='both'/></query>")
    assert answer.get("type") == "error"
    mallory.close()
    assert ask(server, "mallory")[:2] == ("error", 403)
    peer.stop()


def test_an_app_is_told_who_asks_and_believes_nothing_else(server, backend, publish):
    peer = publish(backend.url, "anyone")
    kind, status, body = ask(server, "juliet", "/inspect", REMOTE_USER="romeo", AUTH_TYPE="Basic",
                             REMOTE_ADDR="192.0.2.7", HTTP_FORWARDED="for=192.0.2.7", HTTP_REMOTE_USER="romeo",
                             HTTP_X_FORWARDED_FOR="192.0.2.7", HTTP_X_FORWARDED_PROTO="https")
    assert (kind, status) == (None, 200)
    headers = {name.lower(): value for name, value in json.loads(body)["headers"]}
    assert headers["remote-user"] == "juliet@montague.example"
    assert headers["host"] == "montague.example"
    assert headers["forwarded"].startswith("for=unknown")
    assert "192.0.2.7" not in str(headers)
    peer.stop()


def test_a_request_without_any_presence_is_answered_too(server, page, publish):
    peer = publish(page, "juliet@montague.example")
    guest = Guest(server, "juliet")
    full = guest.knock("romeo@montague.example").get("from")
    guest.close()
    for user, status in (("juliet", 200), ("mallory", 403)):
        guest = Guest(server, user)
        assert guest.request(full, "/")[0]["statuscode"] == status
        guest.close()
    peer.stop()


def test_one_guest_cannot_take_all_the_places(server, backend, publish):
    peer = publish(backend.url, "anyone")
    greedy = Guest(server, "mallory")
    full = greedy.knock("romeo@montague.example").get("from")
    for number in range(32):
        greedy.send_messages(full, [greedy.make_request(f"hang-{number}-xxxxxxxxxxxx", "/hang")])
    wait_until("the places to be taken", lambda: backend.running["/hang"] == 32)
    assert greedy.request(full, "/inspect")[0]["statuscode"] == 503
    assert ask(server, "juliet", "/inspect")[1] == 200
    greedy.close()
    wait_until("the places to be free", lambda: backend.running["/hang"] == 0)
    assert ask(server, "mallory", "/inspect")[1] == 200
    peer.stop()


def test_a_guest_that_leaves_is_let_go(server, page, publish):
    peer = publish(page, "anyone")
    guest = Guest(server, "juliet")
    guest.knock("romeo@montague.example")
    guest.send("<presence to='romeo@montague.example' type='unavailable'/>")
    gone = guest.take("the peer's farewell", lambda e: e.tag.endswith("}presence") and e.get("type") == "unavailable")
    assert gone.get("from").startswith("romeo@montague.example/")
    assert guest.knock("romeo@montague.example").find(f"{{{CROSSTALK}}}crosstalk") is None
    peer.stop()
    guest.take("the peer's end", lambda e: e.tag.endswith("}presence") and e.get("type") == "unavailable")
    guest.close()
