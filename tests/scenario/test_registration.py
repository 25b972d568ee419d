# Names that people bind by themselves: from a chat client that knows forms, and by `publish --name`.
import json
import signal

import pytest
from support.chat_client import ChatClient
from support.crosstalk import crosstalk
from support.waiting import wait_until

TABLES = {"sites": {"reserved": ["verona"]}, "limits": {"names_per_owner": 3}}


@pytest.fixture(scope="module")
def romeo(world):
    with ChatClient(world.server, "romeo") as client:
        yield client


@pytest.fixture(scope="module")
def juliet(world):
    with ChatClient(world.server, "juliet") as client:
        yield client


@pytest.fixture
def page(place):
    folder = place / "page"
    folder.mkdir(exist_ok=True)
    (folder / "index.html").write_text("<p>here</p>")
    return folder


def form_of(client, domain):
    return client.ask(lambda xmpp: xmpp["xep_0077"].get_registration(domain, timeout=30))["register"]


def at_our_pace(answer_of):
    """Asks again what comes too fast; None, or the error."""
    def answer():
        got = answer_of()
        if not isinstance(got, tuple):
            return "done"
        return None if got[0] == "resource-constraint" else got
    got = wait_until("the pace to allow another", answer, pause=0.3)
    return None if got == "done" else got


def register(client, domain, **fields):
    return at_our_pace(lambda: register_once(client, domain, **fields))


def remove_all(client, domain):
    def question(xmpp):
        iq = xmpp.make_iq_set(ito=domain)
        iq["register"]["remove"] = True
        return iq.send(timeout=30)
    return at_our_pace(lambda: client.ask(question))


def register_once(client, domain, **fields):
    """Fills the form in."""
    def question(xmpp):
        iq = xmpp.make_iq_set(ito=domain)
        form = xmpp["xep_0004"].make_form(ftype="submit")
        form.add_field("FORM_TYPE", ftype="hidden", value="jabber:iq:register")
        for var, value in fields.items():
            form.add_field(var, value=value)
        iq["register"].append(form)
        return iq.send(timeout=30)
    return client.ask(question)


def names_of(world, jid):
    return [line.split()[0] for line in world.gateway.site("list").stdout.splitlines() if jid in line and "fixed" not in line]


def test_it_is_announced(world, romeo):
    info = romeo.ask(lambda xmpp: xmpp["xep_0030"].get_info(world.domain, timeout=30))
    assert "jabber:iq:register" in info["disco_info"]["features"]


def test_a_form_is_asked_for_filled_in_and_taken_back(world, romeo, page):
    asked = form_of(romeo, world.domain)
    assert not asked["registered"] and "name" in asked["fields"] and asked["instructions"]
    fields = asked["form"].get_fields()
    assert fields["FORM_TYPE"]["value"] == ["jabber:iq:register"]
    assert fields["name"]["required"] and fields["visibility"]["value"] == "public"
    assert register(romeo, world.domain, name="Orchard", visibility="public") is None
    assert register(romeo, world.domain, name="orchard") is None  # it is his already
    again = form_of(romeo, world.domain)
    assert again["registered"] and again["name"] == "orchard"
    with_page = world.publish("romeo", page, resource="site")
    world.gateway.wait_status("orchard", 200)
    assert remove_all(romeo, world.domain) is None
    world.gateway.wait_status("orchard", 404)
    assert world.gateway.fetch("romeo").status == 200, "what the operator fixed stays"
    assert remove_all(romeo, world.domain)[0] == "registration-required"
    with_page.stop()


def test_a_client_without_forms_names_the_name(world, romeo):
    def question(xmpp):
        iq = xmpp.make_iq_set(ito=world.domain)
        iq["register"]["name"] = "lute"
        return iq.send(timeout=30)
    assert at_our_pace(lambda: romeo.ask(question)) is None
    assert world.gateway.site("show", "lute").returncode == 0
    assert remove_all(romeo, world.domain) is None


@pytest.mark.parametrize("name, condition, word", [
    ("juliet", "conflict", "taken"),             # fixed by the operator
    ("www", "not-acceptable", "reserved"),
    ("verona", "not-acceptable", "reserved"),    # by the configuration
    ("xn--rmeo-5qa", "not-acceptable", "scripts"),
    ("a" * 64, "not-acceptable", "63"),
    ("römeo", "not-acceptable", "letters"),
    ("two words", "not-acceptable", "letters"),
    ("-edge", "not-acceptable", "hyphen"),
    ("under_score", "not-acceptable", "letters"),
    ("a.b", "not-acceptable", "letters"),
    ("", "not-acceptable", "letters"),
])
def test_a_name_that_cannot_be_had_is_told(world, romeo, name, condition, word):
    got = register(romeo, world.domain, name=name)
    assert got[0] == condition and word in got[1]


def test_a_name_that_another_has_taken(world, romeo, juliet):
    assert register(juliet, world.domain, name="balcony") is None
    got = register(romeo, world.domain, name="balcony")
    assert got[0] == "conflict"
    assert "juliet" not in got[1], "whose it is, is nobody's business"
    assert remove_all(juliet, world.domain) is None
    assert register(romeo, world.domain, name="balcony") is None
    assert remove_all(romeo, world.domain) is None


def test_nobody_has_more_names_than_allowed(world, juliet):
    for name in ("one", "two", "three"):
        assert register(juliet, world.domain, name=name) is None
    got = register(juliet, world.domain, name="four")
    assert got[0] == "not-allowed" and "3" in got[1]
    assert names_of(world, juliet.jid) == ["one", "three", "two"]
    assert remove_all(juliet, world.domain) is None
    assert names_of(world, juliet.jid) == []


def test_the_people_of_one_domain_have_so_many_names_together(world, romeo, juliet, page):
    def allow(most):
        assert world.gateway.site("rule", "montague.example", "domain_names", most).returncode == 0
    allow(str(len(names_of(world, "@montague.example")) + 1))
    try:
        assert register(juliet, world.domain, name="nurse") is None
        got = register(romeo, world.domain, name="lute")
        assert got[0] == "not-allowed" and "domain" in got[1]
        assert "domain" in refusal_of(world, page, "aunt")
        assert remove_all(juliet, world.domain) is None
        assert register(romeo, world.domain, name="lute") is None
        assert remove_all(romeo, world.domain) is None
    finally:
        allow("none")


def test_only_what_is_offered_may_be_chosen(world, juliet):
    got = register(juliet, world.domain, name="garden", visibility="nobody")
    assert got[0] == "not-acceptable" and names_of(world, juliet.jid) == []


def test_many_changes_at_once_are_put_off(world, juliet):
    answers = [register_once(juliet, world.domain, name="www") for _ in range(30)]
    assert {answer[0] for answer in answers} == {"not-acceptable", "resource-constraint"}
    assert register(juliet, world.domain, name="late") is None
    assert remove_all(juliet, world.domain) is None


def test_publish_registers_the_name_that_it_wants(world, page):
    peer = world.publish("benvolio", page, name="mercutio", resource="new")
    assert peer.out().strip() == f"http://mercutio.localhost:{world.gateway.port}/"
    assert world.gateway.fetch("mercutio").body == b"<p>here</p>"
    peer.stop()
    again = world.publish("benvolio", page, name="mercutio", resource="new")  # as it stands
    assert world.gateway.fetch("mercutio").status == 200
    again.stop()
    world.gateway.stop()
    world.gateway.start()
    world.gateway.wait_ready()
    third = world.publish("benvolio", page, name="mercutio", resource="new")
    world.gateway.wait_status("mercutio", 200)
    third.stop()


def test_publish_says_who_may_see_a_name_that_it_registers(world, page):
    for words, seen_by in ((["--visibility", "listed"], "listed"), (["--visibility", "public"], "listed")):
        peer = world.publish("benvolio", page, name="cellar", resource="guarded", options=words)
        assert json.loads(world.gateway.site("show", "cellar", "--json").stdout)["visibility"] == seen_by, "it stays as it is"
        assert world.gateway.fetch("cellar").status == 401
        peer.stop()


def refusal_of(world, page, name):
    peer = world.peer("benvolio", page, name=name, resource="refused", program_name=f"peer-refused-{name}").start()
    assert peer.process.wait(30) == 3
    return peer.err()


def test_publish_says_why_it_cannot_have_a_name(world, page):
    assert "taken" in refusal_of(world, page, "romeo")
    assert "reserved" in refusal_of(world, page, "www")


def test_the_operator_says_who_may(world, page, romeo, juliet):
    gateway = world.gateway

    def allow(who):
        times = gateway.err().count("configuration read")
        gateway.write({**TABLES, "sites": {**TABLES["sites"], "registration": who}})
        gateway.signal(signal.SIGHUP)
        wait_until("the configuration to be read", lambda: gateway.err().count("configuration read") == times + 1)
    try:
        allow(["capulet.example", juliet.jid])
        got = register(romeo, world.domain, name="lute")
        assert got[0] == "not-allowed" and "operator" in got[1]
        assert "operator" in refusal_of(world, page, "aunt")
        assert register(juliet, world.domain, name="nurse") is None
        allow("closed")
        assert register(romeo, world.domain, name="lute")[0] == "service-unavailable"
        info = romeo.ask(lambda xmpp: xmpp["xep_0030"].get_info(world.domain, timeout=30))
        assert "jabber:iq:register" not in info["disco_info"]["features"]
        assert "crosstalk site add cousin benvolio@montague.example" in refusal_of(world, page, "cousin")
        assert remove_all(juliet, world.domain) is None, "giving back is allowed whoever may have"
        allow(["open"])
        assert register(romeo, world.domain, name="lute") is None
        assert remove_all(romeo, world.domain) is None
    finally:
        allow(["local"])


def test_a_wrong_word_in_the_configuration_is_told(place):
    config = place / "wrong.toml"
    config.write_text('[component]\ndomain = "http.example.org"\nsecret = "x"\n[sites]\nregistration = ["everyone"]\n')
    done = crosstalk("check", "--config", str(config))
    assert done.returncode == 1 and "sites.registration" in done.stderr and "everyone" in done.stderr
