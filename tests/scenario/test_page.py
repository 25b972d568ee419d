# A page with style sheet, script and pictures, out of a folder, in a real browser.
import struct
import zlib

import pytest
from support.browser import Browser

HTML = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>before</title>
<link rel="stylesheet" href="style/main.css"><script src="script.js" defer></script></head>
<body><h1 id="head">Wherefore art thou</h1>
<img id="png" src="pictures/red.png"><img id="svg" src="pictures/ring.svg">
<img id="utf" src="pictures/sch%C3%B6n.png"><p id="later"></p></body></html>
"""
SCRIPT = """document.title = 'after';
fetch('words.json').then(answer => answer.json()).then(words => {
  document.getElementById('later').textContent = words.join(' ');
});
"""


def png(width, height):
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    rows = (b"\0" + b"\xc0\x20\x20" * width) * height
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
            + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))


@pytest.fixture(scope="module")
def site(place):
    folder = place / "site"
    (folder / "style").mkdir(parents=True)
    (folder / "pictures").mkdir()
    (folder / "index.html").write_text(HTML, encoding="utf-8")
    (folder / "script.js").write_text(SCRIPT, encoding="utf-8")
    (folder / "words.json").write_text('["soft", "what", "light"]', encoding="utf-8")
    (folder / "style" / "main.css").write_text("h1 { color: rgb(1, 2, 3); } img { display: inline }")
    (folder / "pictures" / "red.png").write_bytes(png(37, 23))
    (folder / "pictures" / "schön.png").write_bytes(png(11, 300))
    (folder / "pictures" / "ring.svg").write_text(
        '<svg xmlns="http://www.w3.org/2000/svg" width="64" height="48"><circle cx="32" cy="24" r="20"/></svg>')
    return folder


@pytest.fixture(scope="module")
def browser():
    with Browser() as made:
        yield made


def check_page(browser, url):
    browser.open(url)
    assert browser.evaluate("document.title") == "after"
    assert browser.evaluate("getComputedStyle(document.getElementById('head')).color") == "rgb(1, 2, 3)"
    sizes = "['png', 'svg', 'utf'].map(id => document.getElementById(id)).map(p => [p.naturalWidth, p.naturalHeight])"
    assert browser.evaluate(sizes) == [[37, 23], [64, 48], [11, 300]]
    assert {status for address, status in browser.responses() if "favicon" not in address} == {200}


def test_a_page_under_its_own_host(world, site, browser):
    peer = world.publish("romeo", site)
    url = peer.wait_online()
    assert url == f"http://romeo.localhost:{world.gateway.port}/"
    check_page(browser, url)
    words = "new Promise(done => { const look = () => { const t = document.getElementById('later').textContent; " \
            "t ? done(t) : setTimeout(look, 20) }; look() })"
    assert browser.evaluate(words) == "soft what light"
    assert not [complaint for complaint in browser.complaints() if "favicon" not in complaint[0]]


def test_the_same_page_under_a_path(world, site, browser):
    check_page(browser, f"http://localhost:{world.gateway.port}/romeo/")


def test_an_error_page_is_readable_in_the_browser(world, site, browser):
    browser.open(f"http://nobody.localhost:{world.gateway.port}/")
    assert "404" in browser.evaluate("document.documentElement.innerText")
