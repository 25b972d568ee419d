# Django's admin: static files, a form with a token against forgery, a session, a row in the database.
import pytest
from support import apps


@pytest.fixture(scope="module")
def app(place, world, scheme):
    made = apps.django(place, scheme).serve()
    peer = world.publish("romeo", made.url)
    yield made
    peer.stop()
    made.stop(status=-15)


@pytest.fixture(autouse=True)
def no_cookies(browser):
    browser.call("Network.clearBrowserCookies")


def submit(browser, **fields):
    fill = "".join(f"document.querySelector('[name={name}]').value = '{value}';" for name, value in fields.items())
    browser.follow(fill + "document.querySelector('#content-main form [type=submit]').click()")


def log_in(browser, scheme):
    browser.visit(scheme, "romeo", "/admin/auth/group/add/")
    assert browser.evaluate("location.pathname + location.search") == "/admin/login/?next=/admin/auth/group/add/"
    submit(browser, username="romeo", password="wherefore")
    assert browser.evaluate("location.pathname") == "/admin/auth/group/add/"


def test_a_superuser_logs_in_and_adds_a_group(scheme, app, browser):
    log_in(browser, scheme)
    static = {url: status for url, status in browser.responses() if "/static/admin/" in url}
    assert {url.rpartition(".")[2] for url in static} >= {"css", "js"}
    assert set(static.values()) == {200}
    # What a script of Django's made out of the list of permissions.
    assert browser.evaluate("document.querySelectorAll('#id_permissions_from option').length") > 10

    submit(browser, name="Montagues")
    assert browser.evaluate("location.pathname") == "/admin/auth/group/"
    assert "Montagues" in browser.evaluate("document.querySelector('.messagelist .success').textContent")
    assert browser.evaluate("document.querySelector('#result_list .field-__str__').textContent") == "Montagues"

    cookies = {each["name"]: each for each in browser.call("Network.getCookies")["cookies"]}
    assert cookies["sessionid"]["httpOnly"] and cookies["sessionid"]["session"] is False
    assert {each["secure"] for each in cookies.values()} == {scheme == "https"}


def test_a_form_without_its_token_and_a_visitor_without_a_session_are_refused(scheme, app, browser):
    log_in(browser, scheme)
    browser.evaluate("document.querySelector('[name=csrfmiddlewaretoken]').value = 'x'.repeat(64)")
    submit(browser, name="Capulets")
    assert "CSRF token" in browser.evaluate("document.body.innerText")
    assert browser.evaluate("fetch('/admin/auth/group/').then(a => a.text()).then(t => t.includes('Capulets'))") is False
    browser.call("Network.clearBrowserCookies")
    browser.visit(scheme, "romeo", "/admin/auth/group/")
    assert browser.evaluate("location.pathname") == "/admin/login/"
