# Owners control their sites from any chat client, by ad-hoc commands; and whoever looks around finds the gateway in order.
from xml.etree import ElementTree

import pytest
from slixmpp.exceptions import IqTimeout
from slixmpp.xmlstream.handler import Callback
from slixmpp.xmlstream.matcher import MatchXPath
from support.chat_client import ChatClient
from support.commands import COMMANDS, OURS, Desk, node_of
from support.waiting import wait_until

TABLES = {"sites": {"registration": ["romeo@montague.example", "o\\27neill@montague.example"], "directory": True}}
PLUGINS = ("xep_0004", "xep_0012", "xep_0030", "xep_0050", "xep_0054", "xep_0077", "xep_0092", "xep_0199")
OF_OWNERS = ["register", "sites", "edit", "admit", "dismiss", "remove", "host", "unhost"]


def chat(world, user):
    return ChatClient(world.server, user, PLUGINS)


@pytest.fixture(scope="module")
def romeo(world):
    with chat(world, "romeo") as client:
        yield client


@pytest.fixture(scope="module")
def juliet(world):
    with chat(world, "juliet") as client:
        yield client


@pytest.fixture(scope="module")
def stranger(world):
    world.server.register("tybalt")
    with chat(world, "tybalt") as client:
        yield client


@pytest.fixture(scope="module")
def neill(world):
    world.server.register("o\\27neill")
    with chat(world, "o\\27neill") as client:
        yield client


@pytest.fixture
def desk(world, romeo):
    """Romeo's, who has two sites for as long as a test."""
    desk = Desk(romeo, world.domain)
    for name in ("orchard", "lute"):
        assert not desk.run("register", {"name": name, "visibility": "public"}).error
    yield desk
    for row in desk.run("sites").rows:
        if row["name"] != "romeo":
            assert not desk.run("remove", {"name": row["name"]}).error


@pytest.fixture
def page(place):
    folder = place / "page"
    folder.mkdir(exist_ok=True)
    (folder / "index.html").write_text("<p>here</p>")
    return folder


def info_of(client, jid, node=None):
    return client.ask(lambda xmpp: xmpp["xep_0030"].get_info(jid, node=node, timeout=30))


def shown(world, name):
    return world.gateway.site("show", name).stdout


def test_the_commands_are_announced_and_listed_for_owners(world, romeo):
    assert COMMANDS in info_of(romeo, world.domain)["disco_info"]["features"]
    assert set(Desk(romeo, world.domain).listed()) == {node_of(name) for name in OF_OWNERS}
    told = info_of(romeo, world.domain, OURS + "register")["disco_info"]
    assert ("automation", "command-node", None, "Register a site") in told["identities"]
    assert {COMMANDS, "jabber:x:data"} <= told["features"]


def test_a_stranger_is_offered_nothing_and_may_nothing(world, stranger):
    desk = Desk(stranger, world.domain)
    assert desk.listed() == {}
    for name in [*OF_OWNERS, "list-sites", "ban", "reload"]:
        assert desk.step(name).error[0] == "forbidden"
        assert info_of(stranger, world.domain, node_of(name))[0] == "forbidden"
    assert desk.step("register", "complete", "s", {"name": "sword"}).error[0] == "forbidden"


def test_who_has_a_site_and_may_not_register_is_offered_the_rest(world, juliet):
    desk = Desk(juliet, world.domain)
    assert set(desk.listed()) == {node_of(name) for name in OF_OWNERS if name != "register"}
    assert [row["name"] for row in desk.run("sites").rows] == ["juliet"]
    assert desk.run("edit").error[0] == "item-not-found", "what the operator fixed is not hers to change"


def test_a_site_is_registered_published_and_given_back(world, romeo, page):
    desk = Desk(romeo, world.domain)
    done = desk.run("register", {"name": "Nurse", "visibility": "public"})
    assert done.status == "completed"
    assert done.fields["url"] == [f"http://nurse.localhost:{world.gateway.port}/"]
    peer = world.publish("romeo", page, resource="site")
    assert world.gateway.wait_status("nurse", 200).body == b"<p>here</p>"
    assert desk.run("remove", {"name": "nurse"}).status == "completed"
    world.gateway.wait_status("nurse", 404)
    peer.stop()


def test_two_sites_are_told_apart(world, desk):
    rows = {row["name"]: row for row in desk.run("sites").rows}
    assert set(rows) == {"romeo", "orchard", "lute"}
    assert rows["lute"]["url"].startswith("http://lute.localhost") and rows["lute"]["visibility"] == "public"
    assert desk.run("edit", {"name": "lute"}, {"visibility": "listed", "guests": ["juliet@montague.example", "Verona.example"]}).status == "completed"
    rows = {row["name"]: row for row in desk.run("sites").rows}
    assert (rows["lute"]["visibility"], rows["lute"]["guests"]) == ("listed", "2")
    assert (rows["orchard"]["visibility"], rows["orchard"]["guests"]) == ("public", "0")
    again = desk.run("edit", {"name": "lute"})
    assert again.fields["visibility"] == ["listed"]
    assert again.fields["guests"] == ["juliet@montague.example", "verona.example"]
    assert "verona.example" in shown(world, "lute")


def test_guests_come_and_go(world, desk):
    assert desk.run("admit", {"name": "orchard", "who": ["juliet@montague.example"]}).status == "completed"
    assert "juliet@montague.example" in shown(world, "orchard")
    assert desk.run("dismiss", {"name": "orchard", "who": ["juliet@montague.example"]}).status == "completed"
    assert "juliet@montague.example" not in shown(world, "orchard")


def test_nobody_changes_what_is_anothers(world, desk, juliet):
    others = Desk(juliet, world.domain)
    for name, fields in (("edit", {"visibility": "listed"}), ("remove", {}), ("admit", {"who": [juliet.jid]})):
        assert others.step(name, "complete", "s", {"name": "orchard", **fields}).error[0] in ("item-not-found", "not-allowed")
    assert "juliet@montague.example" not in shown(world, "orchard")


@pytest.mark.parametrize("name, fields", [
    ("register", {"name": "orchard", "visibility": "nobody"}),
    ("edit", {"name": "orchard", "visibility": "public", "guests": ["two words@x@y"]}),
    ("edit", {"name": "orchard", "visibility": "public", "guests": ["juliet@montague.example/balcony"]}),
    ("admit", {"name": "orchard", "who": []}),
    ("admit", {"name": "orchard"}),
    ("admit", {"name": "orchard", "FORM_TYPE": "urn:other", "who": ["juliet@montague.example"]}),
])
def test_a_form_that_is_filled_in_wrongly_is_told(desk, name, fields):
    condition, text = desk.at_our_pace(lambda: desk.step(name, "complete", "s", fields)).error
    assert condition == "bad-request" and text


def test_steps_out_of_order_are_told(desk):
    assert desk.step("edit", "prev", "s", {"name": "lute"}).error[0] == "bad-request"
    assert desk.step("edit", "complete", "s", {"name": "lute"}).error[0] == "bad-request"
    assert desk.step("edit", "next").error[0] == "bad-request"
    assert desk.step("edit", "next", "s").error[0] == "bad-request"
    assert desk.step("edit", "leap", "s", {"name": "lute"}).error[0] == "bad-request"
    assert desk.step("edit", None, "s", {}, form_type="form").error[0] == "bad-request"
    assert desk.step("unheard-of").error[0] == "item-not-found"
    assert desk.step("http://jabber.org/protocol/admin#add-user").error[0] == "item-not-found"


def test_a_command_is_canceled_at_any_step(desk):
    first = desk.step("remove")
    assert desk.step("remove", "cancel", first.session).status == "canceled"
    assert desk.step("remove", None, first.session, {}, form_type="cancel").status == "canceled"
    assert len(desk.run("sites").rows) == 3


def test_a_name_that_is_taken_is_told_in_words(desk):
    condition, text = desk.run("register", {"name": "juliet", "visibility": "public"}).error
    assert condition == "conflict" and "taken" in text


def test_an_owner_with_an_apostrophe_registers_publishes_and_visits_guests(world, neill, desk, page):
    own = Desk(neill, world.domain)
    done = own.run("register", {"name": "harbour", "visibility": "public"})
    assert done.status == "completed", done
    peer = world.publish("o\\27neill", page, resource="site", program_name="peer-neill")
    assert world.gateway.wait_status("harbour", 200).body == b"<p>here</p>"
    assert "o\\27neill@montague.example" in shown(world, "harbour")
    peer.stop()
    admitted = desk.run("admit", {"name": "lute", "who": ["o\\27neill@montague.example"]})
    assert admitted.notes[0].startswith("o'neill@montague.example may see lute"), admitted
    assert "o\\27neill@montague.example" in shown(world, "lute")
    assert own.run("remove", {"name": "harbour"}).status == "completed"


# The gateway among services

def test_public_sites_are_listed_with_an_address_of_their_own(world, desk, stranger):
    def listed():
        items = stranger.ask(lambda xmpp: xmpp["xep_0030"].get_items(world.domain, timeout=30))
        return {name: str(jid) for jid, _, name in items["disco_items"]["items"]}
    assert set(listed()) == {"romeo", "juliet", "benvolio", "orchard", "lute"}
    assert listed()["lute"] == f"lute@{world.domain}"
    told = info_of(stranger, f"lute@{world.domain}")
    assert ("hierarchy", "leaf", None, "lute") in told["disco_info"]["identities"]
    assert f"http://lute.localhost:{world.gateway.port}/" in str(told)
    assert not desk.run("edit", {"name": "lute"}, {"visibility": "listed"}).error
    wait_until("the site to be hidden", lambda: "lute" not in listed())
    assert info_of(stranger, f"lute@{world.domain}")[0] == "item-not-found"
    assert info_of(stranger, f"nobody@{world.domain}")[0] == "item-not-found"


def test_the_gateway_has_a_card_with_a_picture(world, stranger):
    card = stranger.ask(lambda xmpp: xmpp["xep_0054"].get_vcard(world.domain, timeout=30))["vcard_temp"]
    assert card["FN"] == "CrossTalk"
    assert card["PHOTO"]["BINVAL"].startswith(b"\x89PNG")


def test_small_services_are_answered(world, stranger):
    assert stranger.ask(lambda xmpp: xmpp["xep_0092"].get_version(world.domain, timeout=30))["software_version"]["name"] == "CrossTalk"
    stranger.ask(lambda xmpp: xmpp["xep_0199"].send_ping(world.domain, timeout=30))
    assert stranger.ask(lambda xmpp: xmpp["xep_0012"].get_last_activity(world.domain, timeout=30))["last_activity"]["seconds"] >= 0


@pytest.mark.parametrize("to, payload, condition", [
    ("", "<query xmlns='jabber:iq:gateway'/>", "service-unavailable"),
    ("", "<query xmlns='http://jabber.org/protocol/disco#info' node='urn:none'/>", "item-not-found"),
    ("", "<query xmlns='http://jabber.org/protocol/disco#items' node='urn:none'/>", "item-not-found"),
    ("", "<command xmlns='http://jabber.org/protocol/commands' node='urn:crosstalk:1#sites'/>", "service-unavailable"),
    ("juliet@", "<query xmlns='urn:unheard-of'/>", "service-unavailable"),
    ("nobody@", "<ping xmlns='urn:xmpp:ping'/>", "item-not-found"),
    ("nobody@", "<query xmlns='urn:unheard-of'/>", "item-not-found"),
])
def test_what_is_not_known_is_refused_in_order(world, stranger, to, payload, condition):
    def question(xmpp):
        iq = xmpp.make_iq_get(ito=to + world.domain)
        iq.append(ElementTree.fromstring(payload))
        return iq.send(timeout=30)
    assert stranger.ask(question)[0] == condition


def test_one_who_floods_is_held_and_hurts_nobody(world, stranger, romeo):
    refused = []
    stranger.client.register_handler(Callback("errors", MatchXPath("{jabber:client}iq"), lambda iq: refused.extend(
        each for each in iq.xml.iter("{urn:ietf:params:xml:ns:xmpp-stanzas}resource-constraint"))))

    def flood(xmpp):
        async def send():
            for number in range(800):
                iq = xmpp.make_iq_get(ito=world.domain, queryxmlns="http://jabber.org/protocol/disco#info")
                iq["id"] = f"flood-{number}"
                xmpp.send(iq)
        return send()
    stranger.ask(flood)
    for _ in range(20):
        assert COMMANDS in info_of(romeo, world.domain)["disco_info"]["features"]
    wait_until("the flood to be refused", lambda: refused)
    wait_until("the flood to be over", lambda: ping(stranger, world.domain), limit=120, pause=1)


def ping(client, domain):
    """Whether it is answered; what is dropped is not waited for long."""
    async def question(xmpp):
        try:
            return await xmpp["xep_0199"].send_ping(domain, timeout=5)
        except IqTimeout:
            return None
    answer = client.ask(question)
    return answer is not None and not isinstance(answer, tuple)
