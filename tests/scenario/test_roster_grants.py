# Where the server lets the gateway read rosters (XEP-0356), contacts are known also while nothing of the owner's is online.
import pytest
from support.visiting import Guest, Person
from support.waiting import wait_until
from support.world import World

ROMEO = "romeo@montague.example"
TABLES = {"limits": {"logins_per_jid": 1000, "logins_per_client": 1000}}


@pytest.fixture(scope="module")
def world(place, programs):
    made = World(place, TABLES, {}, shows_rosters=True)
    made.start()
    made.gateway.wait_for_err("rosters may be read domain=montague.example")
    assert made.gateway.site("add", "garden", ROMEO, "--visibility", "roster").returncode == 0
    made.gateway.wait_status("garden", 401)
    yield made
    made.stop()


@pytest.fixture(scope="module")
def juliet(world):
    """A contact of romeo's, who has gone again."""
    with Person(world.server, "juliet") as person:
        with Person(world.server, "romeo") as romeo:
            person.befriend(romeo)
            wait_until("juliet to be a contact",
                       lambda: romeo.client.client_roster[person.jid]["subscription"] in ("from", "both"))
        yield person


@pytest.fixture(scope="module")
def benvolio(world):
    with Person(world.server, "benvolio") as person:
        yield person


def test_a_contact_waits_and_a_stranger_is_refused_while_nobody_is_there(world, juliet, benvolio):
    assert Guest(world.gateway, "garden").log_in(juliet).get().status == 503
    assert Guest(world.gateway, "garden").log_in(benvolio).get().status == 403


def test_it_is_granted_anew_when_the_server_has_restarted(world, juliet, benvolio, backend):
    contact = Guest(world.gateway, "garden").log_in(juliet)
    stranger = Guest(world.gateway, "garden").log_in(benvolio)
    times = world.gateway.err().count("rosters may be read")
    world.server.restart()
    wait_until("rosters to be open again", lambda: world.gateway.err().count("rosters may be read") > times)
    wait_until("a contact to be known", lambda: contact.get().status == 503)
    wait_until("a stranger not to be", lambda: stranger.get().status == 403)
    world.publish("romeo", backend.url)
    assert contact.get().status == 200
    assert stranger.get().status == 403
