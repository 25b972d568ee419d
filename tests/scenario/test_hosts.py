# Hosts of sites' own: proved by a record in the DNS of the tests, or given by the operator.
import re

import pytest
from support.chat_client import ChatClient
from support.commands import Desk
from support.dns import Dns, text
from support.raw_http import fetch
from support.world import World

PLUGINS = ("xep_0004", "xep_0030", "xep_0050")
ROMEO = "romeo@montague.example"


@pytest.fixture(scope="module")
def dns():
    server = Dns({})
    yield server
    server.close()


@pytest.fixture(scope="module")
def world(place, programs, dns):
    made = World(place, tables={"dns": {"servers": [dns.server]}})
    made.start()
    yield made
    made.stop()


@pytest.fixture(scope="module")
def romeo(world):
    with ChatClient(world.server, "romeo", PLUGINS) as client:
        yield Desk(client, world.domain)


@pytest.fixture(scope="module")
def juliet(world):
    with ChatClient(world.server, "juliet", PLUGINS) as client:
        yield Desk(client, world.domain)


@pytest.fixture(scope="module")
def sites(world, romeo, juliet, backend):
    world.publish("romeo", backend.url)
    for desk, name in ((romeo, "shop"), (juliet, "garden")):
        answer = desk.run("register", {"name": name, "visibility": "public"})
        assert not answer.error, answer
    world.gateway.wait_status("shop", 200)
    return world.gateway


def status_of(gateway, host):
    return fetch(gateway.port, host, "/").status


def record_of(answer):
    """The record that the answer asks for: its name and its text."""
    assert not answer.error and answer.notes, answer
    found = re.search(r"(\S+)\. TXT \"(\S+)\"", answer.notes[0])
    return found[1], found[2]


def test_whoever_owns_a_name_in_the_dns_gets_it(sites, romeo, dns):
    asked = romeo.run("host", {"name": "shop", "host": "WWW.Example.net."})
    name, words = record_of(asked)
    assert name == "_crosstalk.www.example.net" and status_of(sites, "www.example.net") == 404
    dns.records[name] = [text("something else"), text(words)]
    answer = romeo.run("host", {"name": "shop", "host": "www.example.net"})
    assert not answer.error and "found at" in answer.notes[0]
    assert status_of(sites, "www.example.net") == 200 and status_of(sites, f"www.example.net:{sites.port}") == 200
    assert "www.example.net" in sites.site("show", "shop").stdout


def test_a_proof_is_one_persons(sites, romeo, juliet, dns):
    name, words = record_of(romeo.run("host", {"name": "shop", "host": "one.example.net"}))
    dns.records[name] = [text(words)]
    assert record_of(juliet.run("host", {"name": "garden", "host": "one.example.net"}))[1] != words
    assert status_of(sites, "one.example.net") == 404


def test_a_name_that_changes_hands_in_the_dns_does_so_here(sites, romeo, juliet, dns):
    for desk, site in ((romeo, "shop"), (juliet, "garden")):
        name, words = record_of(desk.run("host", {"name": site, "host": "moved.example.net"}))
        dns.records[name] = [text(words)]
        assert not desk.run("host", {"name": site, "host": "moved.example.net"}).error
    assert "moved.example.net" in sites.site("show", "garden").stdout
    assert "moved.example.net" not in sites.site("show", "shop").stdout


@pytest.mark.parametrize("host", ["", "localhost", "127.0.0.1", "two words.example", "www.example.net:8080", "-a.example.net", "a" * 300 + ".net"])
def test_what_is_no_host_is_told(sites, romeo, host):
    answer = romeo.run("host", {"name": "shop", "host": host})
    assert answer.error


def test_a_site_that_is_not_theirs(sites, romeo, dns):
    name, words = record_of(romeo.run("host", {"name": "garden", "host": "two.example.net"}))
    dns.records[name] = [text(words)]
    assert romeo.run("host", {"name": "garden", "host": "two.example.net"}).error[0] == "item-not-found"
    assert romeo.run("host", {"name": "romeo", "host": "two.example.net"}).error[0] == "not-allowed"


def test_a_host_is_given_up(sites, romeo, dns):
    assert not romeo.run("unhost", {"host": "www.example.net"}).error
    assert status_of(sites, "www.example.net") == 404
    assert romeo.run("unhost", {"host": "moved.example.net"}).error


def test_the_operator_gives_hosts_without_proof(sites):
    assert sites.site("host", "shop", "given.example.net").returncode == 0
    sites.wait_status("shop", 200)
    again = sites.site("host", "garden", "given.example.net")
    assert again.returncode == 1 and "unhost" in again.stderr
    assert status_of(sites, "given.example.net") == 200
    assert sites.site("unhost", "given.example.net").returncode == 0
    assert sites.site("unhost", "given.example.net").returncode == 1
    for host in ("localhost", f"shop.localhost:{sites.port}", "127.0.0.1"):
        assert sites.site("host", "shop", host).returncode == 1
