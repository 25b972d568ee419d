# Vite's development server: a page out of many modules, and edits that reach it while it is open.
import pytest
from support import apps
from support.waiting import wait_until

SHOWN = """(head => head && [document.title, head.textContent, getComputedStyle(head).color].join(' | '))(
    document.getElementById('greeting'))"""


@pytest.fixture(scope="module")
def vite(place, world):
    app = apps.vite(place).serve()
    world.publish("romeo", app.url)
    yield app
    app.stop(status=143)


def wait_for_connection(browser, number):
    """Until the page, loaded for the `number`th time, listens for edits: it would miss what is edited before."""
    wait_until("hot reload to be connected",
               lambda: browser.console().count("[vite] connected.") == number)


def edit(vite, browser, name, old, new, shown):
    vite.edit(name, old, new)
    browser.wait(f"{SHOWN} === '{shown}'")


def test_edits_reach_the_open_page(scheme, vite, browser):
    browser.visit(scheme, "romeo")
    wait_for_connection(browser, 1)
    assert browser.evaluate(SHOWN) == "Vite | good morrow | rgb(1, 2, 3)"
    browser.evaluate("window.stays = true")
    edit(vite, browser, "greeting.js", "morrow", "night", "Vite | good night | rgb(1, 2, 3)")
    edit(vite, browser, "style.css", "1, 2, 3", "4, 5, 6", "Vite | good night | rgb(4, 5, 6)")
    assert browser.evaluate("window.stays") is True
    edit(vite, browser, "index.html", "Vite", "edited", "edited | good night | rgb(4, 5, 6)")
    assert browser.evaluate("window.stays") is None  # the page itself is loaded anew

    wait_for_connection(browser, 2)
    edit(vite, browser, "greeting.js", "night", "morrow", "edited | good morrow | rgb(4, 5, 6)")
    edit(vite, browser, "style.css", "4, 5, 6", "1, 2, 3", "edited | good morrow | rgb(1, 2, 3)")
    edit(vite, browser, "index.html", "edited", "Vite", "Vite | good morrow | rgb(1, 2, 3)")
    wait_for_connection(browser, 3)
