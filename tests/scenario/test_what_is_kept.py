# What people have arranged outlives restarts of the gateway and of the XMPP server, and the peer comes back by itself.
import json

import pytest
from support.chat_client import ChatClient
from support.visiting import Guest, Person
from support.waiting import wait_until

JULIET = "juliet@montague.example"


@pytest.fixture(scope="module")
def peer(world, place):
    page = place / "page"
    page.mkdir()
    (page / "index.html").write_text("<p>here</p>")
    return world.publish("romeo", page)


def register(world, name, **fields):
    """Romeo fills in the gateway's form (XEP-0077); None, or why he cannot."""
    def question(xmpp):
        iq = xmpp.make_iq_set(ito=world.domain)
        form = xmpp["xep_0004"].make_form(ftype="submit")
        for var, value in {"FORM_TYPE": "jabber:iq:register", "name": name, **fields}.items():
            form.add_field(var, value=value)
        iq["register"].append(form)
        return iq.send(timeout=30)
    with ChatClient(world.server, "romeo") as client:
        got = client.ask(question)
    return got if isinstance(got, tuple) else None


@pytest.fixture(scope="module")
def balcony(world, peer):
    """A site for one guest, which its owner registered, and of whom the operator said that it be the only one."""
    assert register(world, "balcony", visibility="listed") is None
    for words in (("admit", "balcony", JULIET), ("rule", "romeo@montague.example", "names", "1")):
        assert world.gateway.site(*words).returncode == 0
    return json.loads(world.gateway.site("show", "balcony", "--json").stdout)


@pytest.fixture(scope="module")
def visitor(world, balcony):
    guest = Guest(world.gateway, "balcony")
    with Person(world.server, "juliet") as juliet:
        guest.log_in(juliet)
        wait_until("the guest to be let in", lambda: guest.get().status == 200)
    return guest


def restart(*programs):
    for program in programs:
        program.stop()
    for program in programs:
        program.start()


def kill(*programs):
    for program in programs:
        program.kill()
    for program in programs:
        program.start()


@pytest.mark.parametrize("end, names", [(restart, ["gateway"]), (restart, ["server"]), (kill, ["gateway", "server"])])
def test_it_is_as_it_was(world, peer, balcony, visitor, end, names):
    cookies = dict(visitor.cookies)
    end(*(getattr(world, name) for name in names))
    world.gateway.wait_ready(60)
    wait_until("the guest to see the page again", lambda: visitor.get().status == 200, limit=60)
    assert visitor.cookies == cookies, "nobody was asked who it is"
    assert Guest(world.gateway, "balcony").get().status == 401
    assert json.loads(world.gateway.site("show", "balcony", "--json").stdout) == balcony
    assert balcony["visibility"] == "listed" and balcony["guests"] == [JULIET]
    told = register(world, "orchard")
    assert told[0] == "not-allowed" and "1" in told[1], "the rule holds"
    assert peer.is_running()
