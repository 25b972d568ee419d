# Visitors of a site for contacts in a real browser, over https: the pages that ask who they are, and the cookie.
import json
import re

import pytest
from support.secure_world import SecureWorld
from support.visiting import Person
from support.visitor import Visitor
from support.waiting import wait_until
from support.websocket import SocketApp

ROMEO, JULIET = "romeo@montague.example", "juliet@montague.example"
# While one page makes room for the next there is no body.
TEXT = "(document.body?.innerText ?? '')"
TABLES = {"limits": {"logins_per_jid": 100, "logins_per_client": 100}}


@pytest.fixture(scope="module")
def world(place, programs):
    made = SecureWorld(place, "gate.example", TABLES)
    made.start()
    yield made
    made.stop()


@pytest.fixture(scope="module")
def people(world):
    with Person(world.server, "romeo") as romeo, Person(world.server, "juliet") as juliet:
        yield romeo, juliet


@pytest.fixture(scope="module")
def sites(world, people, place):
    folder = place / "site"
    (folder / "deep").mkdir(parents=True)
    (folder / "index.html").write_text("<title>The garden</title><p>Roses.</p>")
    (folder / "deep" / "page.html").write_text("<title>Deep</title><p>Thorns.</p>")
    world.publish("romeo", folder)
    assert world.gateway.site("add", "vault", ROMEO, "--visibility", "listed").returncode == 0
    return world.gateway


@pytest.fixture
def browser(world):
    with Visitor(world) as each:
        yield each


def text_of(browser):
    return browser.evaluate(TEXT)


def say_who(browser, jid):
    """Fills the form in, as a person does; the code of the page that follows."""
    browser.evaluate(f"document.querySelector('input[name=jid]').value = {json.dumps(jid)}")
    browser.follow("document.querySelector('button').click()")
    return wait_until("the code to be shown", lambda: re.search(r"[2-9A-Z]{4}-[2-9A-Z]{4}", text_of(browser)))[0]


def test_a_visitor_logs_in_asks_and_is_let_in(world, sites, people, browser):
    romeo, juliet = people
    browser.visit("https", "vault", "/deep/page.html?a=1&b=2")
    assert "Who are you?" in text_of(browser)
    assert browser.evaluate("document.activeElement.name") == "jid", "one can type at once"
    juliet.confirm(say_who(browser, JULIET))
    browser.wait(TEXT + ".includes('not on the list')")
    assert browser.evaluate("location.pathname + location.search") == "/deep/page.html?a=1&b=2"
    browser.follow("document.querySelector('form[action$=ask] button').click()")
    assert "You have asked" in text_of(browser)
    code = romeo.words_of(world.domain).split()[-1]
    romeo.say(world.domain, "yes " + code)
    assert "guest of vault" in romeo.words_of(world.domain)
    browser.wait("document.title === 'Deep'", limit=60)
    assert text_of(browser) == "Thorns."
    cookies = {cookie["name"]: cookie for cookie in browser.call("Network.getCookies")["cookies"]}
    ours = cookies["__Host-crosstalk"]
    assert ours["httpOnly"] and ours["secure"] and ours["sameSite"] == "Lax" and "__Host-crosstalk-login" not in cookies
    assert browser.evaluate("document.cookie") == ""
    browser.visit("https", "vault", "/.well-known/crosstalk/logout")
    browser.follow("document.querySelector('button').click()")
    browser.visit("https", "vault")
    assert "Who are you?" in text_of(browser)


def test_a_visitor_who_says_no(world, sites, people, browser):
    browser.visit("https", "vault")
    juliet = people[1]
    juliet.confirm(say_who(browser, JULIET), is_theirs=False)
    browser.wait(TEXT + ".includes('The answer was no')")
    assert browser.wait("document.querySelector('input[name=jid]') !== null"), "and may try again"


def test_a_mistyped_address(world, sites, browser):
    browser.visit("https", "vault")
    browser.evaluate("document.querySelector('input[name=jid]').value = 'juliet at home'")
    browser.follow("document.querySelector('button').click()")
    assert "no XMPP address" in text_of(browser)


def test_pages_of_another_site_cannot_log_anybody_out(world, sites, people, browser):
    browser.visit("https", "vault")
    people[1].confirm(say_who(browser, JULIET))
    browser.wait("document.title === 'The garden'")
    browser.visit("https", "romeo")
    browser.evaluate(f"""fetch({json.dumps(world.origin('https', 'vault') + '/.well-known/crosstalk/logout')},
                     {{method: 'POST', credentials: 'include', mode: 'no-cors'}}).then(() => 1, () => 0)""")
    browser.visit("https", "vault")
    assert browser.evaluate("document.title") == "The garden"


def test_a_websocket_of_a_known_visitor(world, sites, people, browser):
    app = SocketApp()
    world.publish("benvolio", app.url)
    for words in (("add", "street", "benvolio@montague.example", "--visibility", "listed"), ("admit", "street", JULIET)):
        assert world.gateway.site(*words).returncode == 0
    browser.visit("https", "street", "/.well-known/crosstalk/login?to=/.well-known/x")
    opened = f"""new Promise(done => {{ const s = new WebSocket({json.dumps(world.origin('https', 'street').replace('https', 'wss') + '/echo')});
                 s.onopen = () => s.send('hello'); s.onmessage = e => done(e.data); s.onerror = () => done('refused') }})"""
    assert browser.evaluate(opened) == "refused"
    people[1].confirm(say_who(browser, JULIET))
    wait_until("the visitor to be known", lambda: any(
        cookie["name"] == "__Host-crosstalk" for cookie in browser.call("Network.getCookies")["cookies"]))
    assert browser.evaluate(opened) == "hello"
    app.close()
