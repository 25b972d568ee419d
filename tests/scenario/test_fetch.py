# `crosstalk fetch`: one request straight to a peer. What is not whole never looks whole.
import json
import os
import re
import subprocess

import pytest
from support.backend import pattern
from support.crosstalk import crosstalk
from support.guests import Verona
from support.scripted import CAPS, CROSSTALK, DISCO, Guest, ScriptedHost, payload
from support.waiting import wait_until

SIZE = 3_000_000


@pytest.fixture(scope="module")
def verona(place, programs):
    made = Verona(place).start()
    yield made
    made.stop()


@pytest.fixture(autouse=True)
def ended_peers(verona):
    yield
    verona.end_peers()


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "site"
    made.mkdir()
    (made / "index.html").write_text("<p>here</p>")
    (made / "big.bin").write_bytes(pattern(SIZE))
    return made


def test_a_page_on_standard_output(verona, folder):
    verona.publish(folder, "juliet@montague.example")
    for uri in ("/", "xmpp:romeo@montague.example", "xmpp:romeo@montague.example?http;path=/index.html"):
        got = verona.fetch(uri)
        assert (got.returncode, got.stdout, got.stderr) == (0, "<p>here</p>", ""), uri


def test_a_resource_of_ones_choice(verona, folder):
    peer = verona.publish(folder, "anyone", resource="laptop")
    assert verona.fetch("httpx://romeo@montague.example%2Flaptop/").stdout == "<p>here</p>"
    assert verona.fetch("xmpp:romeo@montague.example/laptop").stdout == "<p>here</p>"
    gone = verona.fetch("httpx://romeo@montague.example%2Fphone/")
    assert (gone.returncode, gone.stdout) == (4, "")
    assert gone.stderr.startswith("503 Service Unavailable: There is nobody there")
    peer.stop()


def test_a_file_and_a_head(verona, folder, tmp_path):
    verona.publish(folder, "anyone")
    out = tmp_path / "out"
    got = verona.fetch("/big.bin", "-o", out)
    assert (got.returncode, got.stdout, got.stderr) == (0, "", "")
    assert out.read_bytes() == pattern(SIZE)
    assert sorted(os.listdir(tmp_path)) == ["out", "site"]
    head = verona.fetch("/big.bin", "-I")
    assert head.returncode == 0 and head.stdout.startswith("HTTP/1.1 200 OK")
    assert f"Content-Length: {SIZE}" in head.stdout
    both = verona.fetch("/", "-i").stdout
    assert both.startswith("HTTP/1.1 200") and both.endswith("<p>here</p>")


def test_statuses_of_400_and_more(verona, folder, tmp_path):
    verona.publish(folder, "anyone")
    out = tmp_path / "out"
    out.write_text("mine")
    got = verona.fetch("/absent", "-o", out)
    assert (got.returncode, got.stdout, got.stderr) == (4, "", "404 Not Found\n")
    assert out.read_text() == "mine"
    shown = verona.fetch("/absent")
    assert shown.returncode == 4 and "404" in shown.stdout


def test_a_stranger_is_told_403_soon(verona, folder):
    verona.publish(folder, "juliet@montague.example")
    got = verona.fetch("/", user="mallory")
    assert (got.returncode, got.stdout) == (4, "")
    assert got.stderr.startswith("403 Forbidden: The publisher has not let you in")


def test_nobody_there(verona):
    got = verona.fetch("/")
    assert (got.returncode, got.stdout) == (4, "")
    assert got.stderr.startswith("503 Service Unavailable: There is nobody there")


def test_a_login_that_fails(verona, tmp_path):
    wrong = tmp_path / "wrong"
    wrong.write_text("not the password\n")
    wrong.chmod(0o600)
    account = verona.account()
    account[account.index("--password-file") + 1] = wrong
    got = crosstalk("fetch", verona.uri("/"), *account)
    assert (got.returncode, got.stdout) == (2, "")
    assert "juliet@montague.example" in got.stderr
    assert "password" in got.stderr


def test_wrong_usage(verona):
    for arguments in (["http://romeo@montague.example/"], ["httpx://romeo@montague.example/", "-C"],
                      ["httpx://romeo@montague.example/", "-H", "nonsense"], []):
        got = crosstalk("fetch", *arguments, *verona.account())
        assert (got.returncode, got.stdout) == (1, ""), arguments
        assert got.stderr


def test_fields_methods_and_who_asks(verona, backend):
    verona.publish(backend.url, "anyone")
    facts = json.loads(verona.fetch("/inspect?a=b", "-X", "DELETE", "-H", "X-One: 1", "-H", "Accept: text/plain",
                                    "-H", "Remote-User: romeo").stdout)
    headers = {name.lower(): value for name, value in facts["headers"]}
    assert (facts["method"], facts["target"]) == ("DELETE", "/inspect?a=b")
    assert (headers["x-one"], headers["accept"]) == ("1", "text/plain")
    assert headers["remote-user"] == "juliet@montague.example"
    assert headers["host"] == "montague.example"


def test_bodies_go_up_byte_for_byte(verona, backend, tmp_path):
    verona.publish(backend.url, "anyone")
    body = pattern(SIZE)
    file, out = tmp_path / "body", tmp_path / "echo"
    file.write_bytes(body)
    assert verona.fetch("/echo", "-d", f"@{file}", "-o", out).returncode == 0
    assert out.read_bytes() == body
    with open(file, "rb") as stdin:
        piped = subprocess.Popen(["cat"], stdin=stdin, stdout=subprocess.PIPE)
        got = verona.fetch("/echo", "-X", "PUT", "-d", "@-", text=False, stdin=piped.stdout)
        piped.stdout.close()
        assert piped.wait(20) == 0
    assert (got.returncode, got.stdout == body) == (0, True)
    facts = json.loads(verona.fetch("/inspect", "-d", "a=b&c").stdout)
    headers = {name.lower(): value for name, value in facts["headers"]}
    assert (facts["method"], facts["length"]) == ("POST", 5)
    assert headers["content-type"] == "application/x-www-form-urlencoded"
    assert headers["content-length"] == "5"
    missing = verona.fetch("/echo", "-d", "@/nonexistent/body")
    assert missing.returncode == 1 and "/nonexistent/body" in missing.stderr


def start_and_interrupt(verona, path, out, end):
    """A download of which a part is there when `end()` is called."""
    fetch = verona.start_fetch(path, "-o", str(out))
    wait_until("a part to be there", lambda: out.exists() and out.stat().st_size > 0, pause=0.001)
    end(fetch)
    status = fetch.wait_for_exit()
    return status, fetch.err()


def test_a_peer_that_leaves_in_the_middle(verona, backend, tmp_path):
    peer = verona.publish(backend.url, "anyone")
    out = tmp_path / "out"
    status, said = start_and_interrupt(verona, "/endless", out, lambda _: peer.stop())
    assert status == 5
    assert re.search(r"out is not whole", said), said
    assert (tmp_path / "out.unfinished").exists()


def test_an_answer_that_is_shorter_than_it_says(verona, backend):
    verona.publish(backend.url, "anyone")
    backend.answers["/raw/short"] = b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nonly this"
    got = verona.fetch("/raw/short")
    assert got.returncode == 5
    assert "The answer is not whole" in got.stderr


def test_an_interrupted_download_goes_on(verona, folder, tmp_path):
    verona.publish(folder, "anyone")
    (folder / "huge.bin").write_bytes(pattern(8_000_000))
    os.utime(folder / "huge.bin", (1_000_000_000, 1_000_000_000))
    out = tmp_path / "out"
    status, _ = start_and_interrupt(verona, "/huge.bin", out, lambda fetch: fetch.signal(2))
    part = out.stat().st_size
    assert status == 5 and 0 < part < 8_000_000
    peer = verona.peers[-1]
    assert verona.fetch("/huge.bin", "-o", out, "-C").returncode == 0
    assert out.read_bytes() == pattern(8_000_000)
    wait_until("the line", lambda: re.search(r"GET /huge\.bin 206 (\d+)", peer.err()))
    assert int(re.search(r"GET /huge\.bin 206 (\d+)", peer.err())[1]) == 8_000_000 - part
    assert not (tmp_path / "out.unfinished").exists()


def test_a_file_that_has_changed_meanwhile_is_fetched_anew(verona, folder, tmp_path):
    verona.publish(folder, "anyone")
    (folder / "huge.bin").write_bytes(pattern(8_000_000))
    os.utime(folder / "huge.bin", (1_000_000_000, 1_000_000_000))
    out = tmp_path / "out"
    assert start_and_interrupt(verona, "/huge.bin", out, lambda fetch: fetch.signal(2))[0] == 5
    (folder / "huge.bin").write_bytes(b"something else")
    assert verona.fetch("/huge.bin", "-o", out, "-C").returncode == 0
    assert out.read_bytes() == b"something else"
    # Nothing tells what this part is of.
    out.write_bytes(b"some")
    assert verona.fetch("/huge.bin", "-o", out, "-C").returncode == 0
    assert out.read_bytes() == b"something else"


def test_a_stranger_cannot_answer_for_the_peer(verona):
    romeo, mallory = ScriptedHost(verona.server, "romeo"), Guest(verona.server, "mallory", "script")
    fetch = verona.start_fetch("/", name="fetch-stolen")
    asker = romeo.admit()
    stanza, messages = romeo.take_crosstalk()
    batch = messages[0]["batch"]
    forged = {"batch": batch, "statuscode": 200, "data": "forged", "offset": 0, "signal": "producerFinished"}
    mallory.send(f"<iq type='result' to='{asker}' id='{stanza.get('id')}'>{payload([forged])}</iq>")
    mallory.send_messages(asker, [forged])
    romeo.result(stanza, payload([{**forged, "data": "true"}]))
    assert fetch.wait_for_exit() == 0
    assert fetch.out() == "true"
    romeo.close()
    mallory.close()


def test_presence_of_somebody_else_is_not_believed(verona):
    romeo, mallory = Guest(verona.server, "romeo", "script"), Guest(verona.server, "mallory", "script")
    romeo.send("<presence/>")
    fetch = verona.start_fetch("/", name="fetch-forged")
    asking = romeo.take("the question", lambda e: e.tag.endswith("}presence")
                        and e.find(f"{{{CROSSTALK}}}crosstalk") is not None)
    mallory.send(f"<presence to='{asking.get('from')}'>{CAPS}</presence>")
    assert fetch.wait_for_exit() == 4
    assert "503" in fetch.err()
    assert not any(e.tag.endswith("}iq") and len(e) and e[0].tag != f"{{{DISCO}}}query" for e in mallory.received)
    gone = romeo.take("the farewell", lambda e: e.get("type") == "unavailable" and e.get("from") == asking.get("from"))
    assert gone is not None
    romeo.close()
    mallory.close()
