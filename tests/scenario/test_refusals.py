# What cannot be is said clearly: what happened, to whom, what to do.
import os
import re

import pytest
from support.certificates import Authority
from support.crosstalk import Gateway, Peer, crosstalk
from support.ejabberd import Ejabberd
from support.raw_http import fetch
from support.servers import Server
from support.waiting import wait_until


@pytest.fixture(scope="module")
def folder(place):
    page = place / "page"
    page.mkdir()
    (page / "index.html").write_text("<p>here</p>")
    return page


# What a visitor sees.

def test_a_site_that_is_offline(world):
    answer = world.gateway.fetch("romeo")
    assert answer.status == 503 and int(answer.get("Retry-After")) > 0
    assert "offline" in answer.text


def test_a_site_that_nobody_has(world):
    for host, target in (("nobody.localhost", "/"), ("localhost", "/nobody/"), ("elsewhere.example", "/"),
                         ("a.romeo.localhost", "/"), ("localhost", "/%72omeo/")):
        assert fetch(world.gateway.port, host, target).status == 404, (host, target)


def test_error_pages_are_html_for_browsers_and_text_for_others(world):
    html = world.gateway.fetch("nobody", headers=[("Accept", "text/html,application/xhtml+xml,*/*;q=0.8")])
    assert html.get("Content-Type").startswith("text/html") and "<html" in html.text
    text = world.gateway.fetch("nobody", headers=[("Accept", "application/json")])
    assert text.get("Content-Type").startswith("text/plain") and "<" not in text.text
    assert world.gateway.fetch("nobody", method="HEAD").body == b""
    assert "crosstalk" not in (html.text + str(html.headers)).lower()


def test_an_error_page_quotes_nothing_unescaped(world):
    answer = world.gateway.fetch("nobody", "/<script>alert(1)</script>".replace("<", "%3C"),
                                 headers=[("Accept", "text/html")])
    assert "<script>" not in answer.text


# What the operator sees.

def run_gateway(world, place, name, **component):
    gateway = Gateway(place, world.server.component_port, component.pop("domain", world.domain),
                      component.pop("secret", "component-secret"), name=name, tables={"component": component})
    gateway.start()
    return gateway


def test_a_wrong_secret(world, place):
    gateway = run_gateway(world, place, "gateway-secret", secret="not-the-secret")
    gateway.wait_for_err(r"component lost.*secret")
    assert gateway.probe("/readyz").status == 503
    assert "not-the-secret" not in gateway.err()
    gateway.stop()


def test_a_domain_that_the_server_does_not_know(world, place):
    gateway = run_gateway(world, place, "gateway-unknown", domain="other.montague.example")
    said = gateway.wait_for_err(r".*other\.montague\.example.*")[0]
    gateway.wait_for_err(r"knows no component other\.|has no component other\.")
    assert said
    gateway.stop()


def test_a_second_gateway_of_the_same_domain(world, place):
    """Prosody refuses it. ejabberd gives each of the two a part of the stanzas: both notice."""
    second = run_gateway(world, place, "gateway-second")
    second.wait_for_err(r"another program is connected to .* as http\.montague\.example")
    told = wait_until("it not to be ready", lambda: reason(second))
    assert re.search("(another program|someone else) is connected", told)
    if Server is Ejabberd:
        world.gateway.wait_for_err("another program is connected")
        assert "another program is connected" in reason(world.gateway)
    else:
        assert world.gateway.is_ready()
    second.stop()
    world.gateway.wait_ready(60)
    assert world.gateway.err().count("another program is connected") == (1 if Server is Ejabberd else 0)


def reason(gateway):
    """Why it says that it is not ready; None when it is."""
    answer = gateway.probe("/readyz")
    return answer.text if answer.status == 503 else None


def test_an_address_in_use(world, place):
    gateway = Gateway(place, world.server.component_port, world.domain, "component-secret", name="gateway-port",
                      tables={"http": {"listen": [f"127.0.0.1:{world.gateway.port}"]}})
    gateway.start()
    assert gateway.wait_for_exit() == 1
    assert f"127.0.0.1:{world.gateway.port}" in gateway.err()


BROKEN = {
    "an unknown key": ('[component]\ndomain = "a.example"\nsecret = "s"\ncolour = "red"\n', 4, "colour"),
    "an unknown table": ('[component]\ndomain = "a.example"\nsecret = "s"\n[colours]\nx = 1\n', 4, "colours"),
    "a wrong type": ('[component]\ndomain = 5\nsecret = "s"\n', 2, "domain"),
    "a duration without unit": ('[component]\ndomain = "a.example"\nsecret = "s"\n[timeouts]\nbody = "30"\n', 5, "body"),
    "a bad size": ('[component]\ndomain = "a.example"\nsecret = "s"\n[limits]\nheaders = "64 apples"\n', 5, "headers"),
    "a bad JID": ('[component]\ndomain = "a.example"\nsecret = "s"\n[sites.static]\nromeo = "a@@b"\n', 5, "romeo"),
    "a bad site name": ('[component]\ndomain = "a.example"\nsecret = "s"\n[sites.static]\n"ro meo" = "a@b.example"\n', 5, "ro meo"),
    "no TOML": ('[component]\ndomain = \n', 2, ""),
}


@pytest.mark.parametrize("what", BROKEN)
def test_a_broken_configuration_names_file_line_and_key(place, what):
    text, line, key = BROKEN[what]
    config = place / "broken.toml"
    config.write_text(text)
    for command in ("check", "gateway"):
        done = crosstalk(command, "--config", config)
        assert done.returncode == 1, done
        assert str(config) in done.stderr and key in done.stderr
        assert re.search(rf"(:|line ){line}\b", done.stderr), done.stderr


def test_a_configuration_that_lacks_something_or_is_not_there(place):
    config = place / "short.toml"
    config.write_text('[component]\ndomain = "a.example"\n')
    done = crosstalk("check", "--config", config)
    assert done.returncode == 1 and "secret" in done.stderr
    done = crosstalk("check", "--config", place / "missing.toml")
    assert done.returncode == 1 and "missing.toml" in done.stderr


def test_a_good_configuration_passes_check(world):
    done = crosstalk("check", "--config", world.gateway.config)
    assert done.returncode == 0, done.stderr


# What the publisher sees.

def test_a_wrong_password(world, folder):
    peer = world.peer("romeo", folder, password="wrong", program_name="peer-wrong").start()
    assert peer.wait_for_exit() == 2
    assert "password" in peer.err() and "romeo@montague.example" in peer.err()
    assert peer.out() == ""


def test_an_account_that_does_not_exist(world, folder):
    peer = world.peer("mercutio", folder).start()
    assert peer.wait_for_exit() == 2
    assert "mercutio@montague.example" in peer.err()


def check_certificate_refused(place, folder, server, ca_file, word, name):
    server.start()
    for address in (f"127.0.0.1:{server.c2s_port}", f"tls://127.0.0.1:{server.tls_port}"):
        peer = Peer(place, server, "romeo", folder, "http." + server.domain, ca_file=ca_file, server=address,
                    program_name=f"{name}-{address[:3]}").start()
        assert peer.wait_for_exit() == 2, peer.err()
        assert "certificate" in peer.err() and re.search(word, peer.err()), peer.err()
    server.end()


def test_an_expired_certificate(place, programs, folder):
    os.makedirs(place / "expired")
    server = Server(place / "expired", users=["romeo"], expired=True)
    check_certificate_refused(place, folder, server, server.ca_file, "expired", "peer-expired")


def test_a_certificate_of_another_name(place, programs, folder):
    os.makedirs(place / "other")
    server = Server(place / "other", users=["romeo"], certificate_names=["capulet.example"])
    check_certificate_refused(place, folder, server, server.ca_file, "montague|name|match", "peer-other")


def test_a_certificate_of_an_unknown_authority(place, programs, folder):
    os.makedirs(place / "unknown")
    server = Server(place / "unknown", users=["romeo"])
    stranger = Authority(place / "stranger", "Another authority")
    check_certificate_refused(place, folder, server, stranger.file, "issuer|authority|trust|self", "peer-unknown")


def test_a_server_without_tls_gets_no_password(place, programs, folder):
    os.makedirs(place / "plain")
    server = Server(place / "plain", users=["romeo"], tls=False)
    server.start()
    peer = Peer(place, server, "romeo", folder, "http." + server.domain, program_name="peer-plain").start()
    assert peer.wait_for_exit() == 2
    assert re.search("TLS|encrypt", peer.err())
    assert not re.search(Server.logs_login, server.log())
    server.end()


def test_a_name_that_is_not_mine(world, folder):
    peer = world.peer("romeo", folder, name="juliet", program_name="peer-name").start()
    assert peer.wait_for_exit() == 3
    assert "juliet" in peer.err()


@pytest.mark.parametrize("arguments, word", [
    (["publish"], "TARGET|target"), (["publish", "/nowhere/at/all", "--jid", "a@b.example"], "/nowhere/at/all"),
    (["publish", "."], "jid"), (["publish", ".", "--jid", "@b"], "jid|JID"), (["publish", ".", "--colour"], "colour"),
    (["conjure"], "conjure"), (["gateway"], "config"), (["publish", "ftp://a/", "--jid", "a@b.example"], "ftp"),
    (["publish", ".", "--jid", "a@b.example", "--server", "x:y:z"], "server|x:y:z"),
    (["publish", ".", "--jid", "a@b.example", "--ca-file", "/no/such.pem"], "/no/such.pem"),
])
def test_a_command_line_that_makes_no_sense(place, arguments, word):
    done = crosstalk(*arguments, cwd=place, environment={"CROSSTALK_PASSWORD": "x"})
    assert done.returncode == 1, done
    assert re.search(word, done.stderr) and done.stdout == ""


def test_version_and_help():
    version = crosstalk("--version")
    assert version.returncode == 0 and re.search(r"\d+\.\d+\.\d+", version.stdout)
    overview = crosstalk("--help")
    assert overview.returncode == 0
    for command in ("gateway", "publish", "fetch", "proxy", "site", "check"):
        assert command in overview.stdout
        assert crosstalk(command, "--help").returncode == 0
    for action in ("list", "suspend", "resume", "rule"):
        assert action in crosstalk("site", "--help").stdout and crosstalk("site", action).returncode == 1
