# `crosstalk proxy`: peers' sites in a browser, each under a host of its own, asked with the user's account.
import hashlib
import json
import signal
import subprocess

import pytest
from support.backend import Backend, pattern
from support.browser import Browser
from support.crosstalk import crosstalk
from support.guests import Verona
from support.raw_http import Closed, Connection
from support.waiting import wait_until

SIZE = 3_000_000
PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>before</title>
<link rel="stylesheet" href="/main.css"><script src="/script.js" defer></script></head>
<body><h1 id="head">here</h1><a id="link" href="{link}">there</a></body></html>
"""


def host_of(user):
    return f"{user}-at-montague-example.localhost"


@pytest.fixture(scope="module")
def verona(place, programs):
    made = Verona(place).start()
    yield made
    made.stop()


@pytest.fixture(scope="module")
def proxy(verona):
    made = verona.start_proxy()
    assert made.wait_for_out(r"^(.+)$")[1] == f"http://localhost:{made.port}/"
    yield made
    made.stop()


@pytest.fixture(autouse=True)
def ended_peers(verona):
    yield
    verona.end_peers()


@pytest.fixture(scope="module")
def browser():
    with Browser() as made:
        yield made


@pytest.fixture
def folder(tmp_path, proxy):
    made = tmp_path / "site"
    made.mkdir()
    there = f"http://{host_of('benvolio')}:{proxy.port}/"
    (made / "index.html").write_text(PAGE.format(link=there))
    (made / "main.css").write_text("h1 { color: rgb(1, 2, 3) }")
    (made / "script.js").write_text("document.title = 'after'")
    return made


def connect(proxy, user="romeo", host=None):
    return Connection(proxy.port, host or f"{host_of(user)}:{proxy.port}")


def get(proxy, target="/", user="romeo", host=None, headers=(), method="GET", body=None):
    with connect(proxy, user, host) as connection:
        return connection.request(method, target, headers, body)


def test_what_an_app_is_told(verona, proxy, backend):
    verona.publish(backend.url, "anyone")
    facts = json.loads(get(proxy, "/inspect?a=b", headers=[("Remote-User", "romeo"), ("Forwarded", "for=1.2.3.4"),
                                                           ("Cookie", "a=b")]).text)
    headers = {name.lower(): value for name, value in facts["headers"]}
    assert (facts["method"], facts["target"]) == ("GET", "/inspect?a=b")
    assert headers["host"] == f"{host_of('romeo')}:{proxy.port}"
    assert headers["remote-user"] == "juliet@montague.example"
    assert headers["cookie"] == "a=b"
    assert "1.2.3.4" not in str(headers)
    wait_until("the line", lambda: "GET romeo@montague.example/inspect?a=b 200" in proxy.err())


def test_bodies_both_ways_byte_for_byte(verona, proxy, backend):
    verona.publish(backend.url, "anyone")
    body = pattern(SIZE)
    assert get(proxy, "/echo", method="PUT", body=body).body == body
    with connect(proxy) as connection:
        connection.send_request("POST", "/echo", [("Transfer-Encoding", "chunked")])
        for start in range(0, SIZE, 100_000):
            connection.send_chunk(body[start:start + 100_000])
        connection.send(b"0\r\n\r\n")
        answer = connection.read_response("POST")
        assert answer.body_digest == hashlib.sha256(body).hexdigest()
        assert connection.request("GET", "/inspect").status == 200


def test_it_is_an_http_proxy_as_well(verona, proxy, folder):
    verona.publish(folder, "anyone")
    command = ["curl", "-sS", "--noproxy", "", "-x", f"127.0.0.1:{proxy.port}", "-w", "%{http_code}"]
    got = subprocess.run([*command, f"http://{host_of('romeo')}/main.css"], capture_output=True, text=True, timeout=30)
    assert got.stdout == "h1 { color: rgb(1, 2, 3) }200"
    for other, status in (("http://www.example/", "421"), (f"http://127.0.0.1:{proxy.port}/x", "404")):
        got = subprocess.run([*command, "-o", "/dev/null", other], capture_output=True, text=True, timeout=30)
        assert got.stdout == status, other
    assert get(proxy, "www.example:443", method="CONNECT").status == 501


def test_names_that_are_nobodys(proxy):
    for host in ("evil.example", "romeo.montague.example.localhost", "localhost.evil.example", "x.localhost",
                 "romeo-at-montague-example.localhost.evil.example", "rom-65o-at-montague-example.localhost"):
        assert get(proxy, host=f"{host}:{proxy.port}").status == 421, host


def test_who_is_not_let_in_and_who_is_not_there(verona, proxy, folder):
    verona.publish(folder, "mallory@montague.example")
    refused = get(proxy, headers=[("Accept", "text/html")])
    assert refused.status == 403 and "has not let you in" in refused.text
    absent = get(proxy, user="benvolio")
    assert absent.status == 503 and "There is nobody there" in absent.text
    unknown = get(proxy, host=f"romeo-at-nowhere-invalid.localhost:{proxy.port}")
    assert unknown.status == 502 and "cannot be reached" in unknown.text


def test_pages_elsewhere_do_not_ask_as_the_user(verona, proxy, backend):
    verona.publish(backend.url, "anyone")
    before = len(backend.requests)
    own = f"http://{host_of('romeo')}:{proxy.port}"
    for headers in ([("Origin", "http://evil.example")], [("Origin", "null")],
                    [("Sec-Fetch-Site", "cross-site"), ("Sec-Fetch-Mode", "no-cors"), ("Sec-Fetch-Dest", "image")],
                    [("Sec-Fetch-Site", "same-site"), ("Sec-Fetch-Mode", "navigate"), ("Sec-Fetch-Dest", "iframe")]):
        answer = get(proxy, "/inspect", headers=headers, method="POST", body=b"x")
        assert answer.status == 403 and "asked for as you" in answer.text, headers
    assert len(backend.requests) == before
    assert get(proxy, "/inspect", headers=[("Origin", own)], method="POST", body=b"x").status == 200


def test_a_peer_that_leaves_in_the_middle(verona, proxy, backend):
    peer = verona.publish(backend.url, "anyone")
    with connect(proxy) as connection:
        connection.send_request("GET", "/endless")
        begun = connection.read_head()
        peer.kill()
        with pytest.raises(Closed):
            for _ in connection.body_pieces(begun):
                pass


def test_a_client_that_leaves(verona, proxy):
    with_hang = Backend()
    verona.publish(with_hang.url, "anyone")
    connection = connect(proxy)
    connection.send_request("GET", "/hang")
    wait_until("the app to be asked", lambda: with_hang.running["/hang"] == 1)
    connection.close()
    wait_until("the app to know", lambda: with_hang.cancelled["/hang"] == 1)
    with_hang.close()


def test_another_resource_answers_where_others_have_gone(verona, proxy, folder):
    """Without a word: their server holds them for online, and each is found out once."""
    gone = [verona.publish(folder, "anyone", resource=name) for name in ("one", "two", "three")]
    assert get(proxy, "/main.css").status == 200
    for each in gone:
        each.kill()
    verona.publish(folder, "anyone", resource="four")
    wait_until("the other one", lambda: get(proxy, "/main.css").status == 200, limit=60)
    assert [get(proxy, "/main.css").status for _ in range(3)] == [200] * 3


def test_the_server_goes_away_and_comes_back(verona, tmp_path, folder):
    verona.publish(folder, "anyone")
    mine = verona.start_proxy("benvolio", "proxy-restart")
    mine.wait_for_out(r"localhost")
    assert get(mine, "/main.css").status == 200
    verona.server.stop()
    gone = get(mine, "/main.css")
    assert gone.status == 503 and "connection from here to the XMPP server is lost" in gone.text
    verona.server.start()
    wait_until("the site to be back", lambda: get(mine, "/main.css").status == 200, limit=60)
    mine.stop()


def test_an_open_request_is_finished_before_it_stops(verona, backend):
    verona.publish(backend.url, "anyone")
    mine = verona.start_proxy("benvolio", "proxy-stop")
    mine.wait_for_out(r"localhost")
    with connect(mine) as connection:
        connection.send_request("GET", "/gate")
        wait_until("the app to be asked", lambda: backend.running["/gate"] == 1)
        mine.signal(signal.SIGTERM)
        backend.hold.set()
        assert connection.read_response("GET").status == 200
    assert mine.wait_for_exit() == 0


def test_what_ends_it_at_once(verona, proxy, tmp_path):
    taken = crosstalk("proxy", "--listen", f"127.0.0.1:{proxy.port}", *verona.account())
    assert (taken.returncode, taken.stdout) == (1, "")
    assert "cannot listen on" in taken.stderr and "--listen" in taken.stderr
    wrong = tmp_path / "wrong"
    wrong.write_text("not the password\n")
    wrong.chmod(0o600)
    account = verona.account()
    account[account.index("--password-file") + 1] = str(wrong)
    refused = verona.start_proxy(name="proxy-refused", account=account)
    assert refused.wait_for_exit() == 2
    assert refused.out() == "" and "password" in refused.err()


# In the browser

def test_a_page_in_the_browser(verona, proxy, folder, browser):
    verona.publish(folder, "anyone")
    browser.open(f"http://{host_of('romeo')}:{proxy.port}/")
    assert browser.evaluate("document.title") == "after"
    assert browser.evaluate("getComputedStyle(document.getElementById('head')).color") == "rgb(1, 2, 3)"
    assert browser.evaluate("window.isSecureContext") is True
    assert {status for address, status in browser.responses() if "favicon" not in address} == {200}


def test_from_an_address_that_is_typed_to_the_page(verona, proxy, folder, browser):
    verona.publish(folder, "anyone")
    browser.open(f"http://localhost:{proxy.port}/")
    assert "juliet@montague.example" in browser.evaluate("document.body.innerText")
    browser.evaluate("document.querySelector('input').value = 'romeo@montague.example';"
                     "document.querySelector('button').click()")
    wait_until("the page", lambda: browser.evaluate("document.title") == "after")
    assert browser.evaluate("location.host") == f"{host_of('romeo')}:{proxy.port}"
    browser.open(f"http://localhost:{proxy.port}/romeo@montague.example/main.css")
    assert browser.evaluate("location.href") == f"http://{host_of('romeo')}:{proxy.port}/main.css"


def test_an_upload_from_a_page(verona, proxy, backend, browser):
    verona.publish(backend.url, "anyone")
    browser.open(f"http://{host_of('romeo')}:{proxy.port}/inspect")
    sent = browser.evaluate(
        "fetch('/inspect', {method: 'POST', body: new Uint8Array(1000000).fill(65)}).then(a => a.json())")
    assert (sent["method"], sent["length"]) == ("POST", 1_000_000)
    assert sent["sha256"] == hashlib.sha256(b"A" * 1_000_000).hexdigest()


def test_peers_do_not_share_cookies(verona, proxy, backend, browser):
    """Neither by a field of the answer nor by a script, with whatever domain it names."""
    verona.publish(backend.url, "anyone")
    verona.publish(backend.url, "anyone", user="benvolio")
    domains = ("localhost", "montague-example.localhost", host_of("benvolio"), "")
    backend.answers["/raw/set"] = ("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 2\r\n" + "".join(
        f"Set-Cookie: by-field-{number}=1{'; Domain=' + domain if domain else ''}\r\n"
        for number, domain in enumerate(domains)) + "\r\nok").encode()
    browser.open(f"http://{host_of('romeo')}:{proxy.port}/raw/set")
    for domain in domains:
        browser.evaluate(f"document.cookie = 'by-script=1{'; domain=' + domain if domain else ''}'")
    assert "by-script=1" in browser.evaluate("document.cookie")
    browser.open(f"http://{host_of('benvolio')}:{proxy.port}/inspect")
    assert browser.evaluate("document.cookie") == ""
    headers = {name.lower() for name, _ in json.loads(browser.evaluate("document.body.innerText"))["headers"]}
    assert "cookie" not in headers
    browser.open(f"http://localhost:{proxy.port}/")
    assert browser.evaluate("document.cookie") == ""


def test_a_page_reaches_no_other_peer_but_by_a_link(verona, proxy, folder, backend, browser):
    verona.publish(folder, "anyone")
    verona.publish(backend.url, "anyone", user="benvolio")
    there = f"http://{host_of('benvolio')}:{proxy.port}"
    browser.open(f"http://{host_of('romeo')}:{proxy.port}/")
    before = len(backend.requests)
    attempts = f"""(async () => {{
      const outcomes = [];
      for (const options of [{{}}, {{mode: 'no-cors'}}, {{method: 'POST', mode: 'no-cors', body: 'x'}},
                             {{method: 'DELETE'}}])
        outcomes.push(await fetch('{there}/inspect', options).then(a => a.type, () => 'failed'));
      await new Promise(done => {{
        const image = new Image(); image.onload = image.onerror = done; image.src = '{there}/inspect' }});
      await new Promise(done => {{
        const frame = document.createElement('iframe'); frame.onload = done; frame.src = '{there}/inspect';
        document.body.append(frame) }});
      return outcomes }})()"""
    assert browser.evaluate(attempts) == ["failed", "opaque", "opaque", "failed"]
    assert len(backend.requests) == before
    browser.evaluate("document.getElementById('link').click()")
    wait_until("the other site", lambda: browser.evaluate("location.href") == there + "/"
               and '"method"' in browser.evaluate("document.body?.innerText ?? ''"))
    assert backend.requests[before].method == "GET"


def test_a_long_address_in_the_browser(verona, proxy, folder, browser):
    """As long as a browser's name can be, and longer."""
    domain = "a" * 46 + ".invalid"
    browser.open(f"http://localhost:{proxy.port}/romeo@{domain}/")
    assert browser.evaluate("location.host") == f"romeo-at-{domain.replace('.', '-')}.localhost:{proxy.port}"
    browser.wait("(document.body?.innerText ?? '').includes('cannot be reached')")
    browser.open(f"http://localhost:{proxy.port}/romeo@a{domain}/")
    browser.wait("(document.body?.innerText ?? '').includes('a browser has no name for this address')")
