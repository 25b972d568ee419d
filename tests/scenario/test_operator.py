# The operator controls the gateway from any chat client, by ad-hoc commands.
import signal

import pytest
from support.chat_client import ChatClient
from support.commands import ANNOUNCE, Desk, node_of
from support.waiting import wait_until

OPERATOR = "benvolio@montague.example"
TABLES = {"admin": {"jids": [OPERATOR]}, "sites": {"reserved": ["verona"]}}
PLUGINS = ("xep_0004", "xep_0030", "xep_0050", "xep_0077")
OF_OPERATOR = ["list-sites", "show-site", "suspend", "resume", "remove-site", "give-site", "ban", "unban", "rules",
               "online", "flows", "reload", ANNOUNCE]


@pytest.fixture(scope="module")
def benvolio(world):
    with ChatClient(world.server, "benvolio", PLUGINS) as client:
        yield client


@pytest.fixture(scope="module")
def romeo(world):
    with ChatClient(world.server, "romeo", PLUGINS) as client:
        yield client


@pytest.fixture(scope="module")
def desk(world, benvolio):
    return Desk(benvolio, world.domain)


@pytest.fixture
def tomb(world, desk, place):
    """A site of Juliet's that the registry has, and that answers."""
    folder = place / "page"
    folder.mkdir(exist_ok=True)
    (folder / "index.html").write_text("<p>here</p>")
    assert not desk.run("give-site", {"name": "tomb", "owner": "juliet@montague.example"}).error
    peer = world.publish("juliet", folder, resource="site")
    world.gateway.wait_status("tomb", 200)
    yield "tomb"
    peer.stop()
    desk.run("remove-site", {"name": "tomb"})


def test_only_the_operator_is_offered_the_commands(world, desk, romeo):
    others = Desk(romeo, world.domain)
    assert {node_of(name) for name in OF_OPERATOR} <= set(desk.listed())
    assert not {node_of(name) for name in OF_OPERATOR} & set(others.listed())
    for name in OF_OPERATOR:
        assert others.step(name).error[0] == "forbidden"
        assert others.step(name, "complete", "s", {"name": "romeo"}).error[0] == "forbidden"


def test_sites_are_listed_and_shown(world, desk, tomb):
    rows = {row["name"]: row for row in desk.run("list-sites", {}).rows}
    assert set(rows) == {"romeo", "juliet", "benvolio", "tomb"}
    assert (rows["romeo"]["state"], rows["tomb"]["state"]) == ("fixed", "registered")
    assert [row["name"] for row in desk.run("list-sites", {"filter": "tom"}).rows] == ["tomb"]
    told = desk.run("show-site", {"name": "tomb"}).fields
    assert told["owner"] == ["juliet@montague.example"] and told["url"] == [f"http://tomb.localhost:{world.gateway.port}/"]
    assert desk.run("show-site", {"name": "nowhere"}).error[0] == "item-not-found"


def test_a_suspended_site_is_nobodys_until_it_is_resumed(world, desk, tomb):
    assert desk.run("suspend", {"name": tomb}).status == "completed"
    world.gateway.wait_status(tomb, 404)
    assert desk.run("show-site", {"name": tomb}).fields["state"] == ["suspended"]
    assert desk.run("resume", {"name": tomb}).status == "completed"
    world.gateway.wait_status(tomb, 200)


def test_a_name_is_given_even_a_reserved_one_and_taken(world, desk):
    assert desk.run("give-site", {"name": "verona", "owner": "romeo@montague.example"}).status == "completed"
    assert desk.run("give-site", {"name": "verona", "owner": "juliet@montague.example"}).error[0] == "conflict"
    assert desk.run("give-site", {"name": "mantua", "owner": "no jid"}).error[0] == "bad-request"
    assert desk.run("remove-site", {"name": "verona"}).status == "completed"
    assert desk.run("remove-site", {"name": "romeo"}).error[0] == "not-allowed", "what is fixed is changed in the file"
    world.gateway.wait_status("verona", 404)


def test_a_banned_owner_is_shown_no_more(world, desk, romeo, tomb):
    assert desk.run("ban", {"who": "juliet@montague.example"}).status == "completed"
    world.gateway.wait_status(tomb, 404)
    assert [row["who"] for row in desk.run("rules", {}).rows] == ["juliet@montague.example"]
    assert desk.run("unban", {"who": "juliet@montague.example"}).status == "completed"
    world.gateway.wait_status(tomb, 200)


def test_rules_say_who_may_have_how_much(world, desk, romeo):
    own = Desk(romeo, world.domain)
    assert not desk.run("rules", {"who": "romeo@montague.example", "rule": "names", "value": "0"}).error
    assert own.run("register", {"name": "lute", "visibility": "public"}).error[0] == "not-allowed"
    assert desk.run("rules", {"who": "romeo@montague.example"}).rows == [{"who": "romeo@montague.example", "rule": "names", "value": "0", "by": "command"}]
    assert desk.run("rules", {"who": "romeo@montague.example", "rule": "names", "value": ""}).rows == []
    assert own.run("register", {"name": "lute", "visibility": "public"}).status == "completed"
    assert own.run("remove", {"name": "lute"}).status == "completed"
    assert desk.run("rules", {"who": "romeo@montague.example", "rule": "names", "value": "few"}).error[0] == "bad-request"


def online(desk):
    return {row["jid"]: row for row in desk.run("online").rows}


def test_who_is_online_and_what_goes_on_is_told(world, desk, romeo, tomb):
    site = wait_until("the peer to be listed", lambda: online(desk).get("juliet@montague.example/site"))
    assert site["speaks"] == "CrossTalk" and site["direct"] == "no"
    wait_until("the chat client to be listed", lambda: "romeo@montague.example/chat" in online(desk))
    before = {row["name"]: row for row in desk.run("flows").rows}["tomb"]
    world.gateway.fetch(tomb, method="POST", body=b"twelve bytes")
    told = wait_until("the request to be over", lambda: (lambda got: got if got.fields["open"] == ["0"] else None)(desk.run("flows")))
    row = {row["name"]: row for row in told.rows}["tomb"]
    assert int(row["requests"]) == int(before["requests"]) + 1
    assert int(row["bytes_out"]) > int(before["bytes_out"])
    assert told.fields["sites"] == ["4"]


def test_the_configuration_is_read_again(world, desk, benvolio, romeo):
    gateway = world.gateway
    try:
        gateway.write({**TABLES, "admin": {"jids": [OPERATOR, "romeo@montague.example"]}})
        assert desk.run("reload").status == "completed"
        assert node_of("ban") in Desk(romeo, world.domain).listed()
        gateway.write({**TABLES, "sites": {"addressing": "nowhere"}})
        condition, text = desk.run("reload").error
        assert condition == "not-acceptable" and "log" in text
        gateway.write({"admin": {"jids": ["romeo@montague.example"]}})
        gateway.signal(signal.SIGHUP)
        wait_until("the operator to be another", lambda: desk.step("flows").error)
        assert desk.step("flows").error[0] == "forbidden"
    finally:
        gateway.write(TABLES)
        gateway.signal(signal.SIGHUP)
        wait_until("the operator to be back", lambda: not desk.step("flows").error)
    assert node_of("ban") not in Desk(romeo, world.domain).listed()


def test_an_announcement_arrives(world, desk, romeo):
    wait_until("the chat client to be listed", lambda: "romeo@montague.example/chat" in online(desk))
    heard = []
    romeo.client.add_event_handler("message", lambda message: heard.append(
        (str(message["from"]), message["type"], message["subject"], message["body"])))
    told = desk.run(ANNOUNCE, {"subject": "Tonight", "announcement": ["We restart.", "At ten."], "to": "online"})
    assert told.status == "completed" and "owner" in told.notes[0]
    wait_until("the announcement", lambda: (world.domain, "headline", "Tonight", "We restart.\nAt ten.") in heard)
    assert desk.run(ANNOUNCE, {"announcement": ["To all."], "to": "all"}).notes == ["On its way to 3 owners."]
    wait_until("the other one", lambda: (world.domain, "normal", "", "To all.") in heard)
    assert desk.run(ANNOUNCE, {"announcement": [" "], "to": "all"}).error[0] == "bad-request"
