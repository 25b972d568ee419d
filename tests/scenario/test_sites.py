# The registry: the operator adds and removes sites while the gateway runs.
import json

import pytest
from support.waiting import wait_until


@pytest.fixture(scope="module")
def folder(world, place):
    page = place / "page"
    page.mkdir()
    (page / "index.html").write_text("<p>here</p>")
    world.publish("romeo", page)
    return page


def test_a_site_comes_and_goes_while_the_gateway_runs(world, folder):
    gateway = world.gateway
    assert gateway.fetch("balcony").status == 404
    done = gateway.site("add", "balcony", "romeo@montague.example")
    assert done.returncode == 0, done.stderr
    gateway.wait_status("balcony", 200)
    listed = gateway.site("list").stdout
    assert "balcony" in listed and "romeo@montague.example" in listed
    assert "romeo@montague.example" in gateway.site("show", "balcony").stdout
    assert gateway.site("remove", "balcony").returncode == 0
    gateway.wait_status("balcony", 404)
    assert "balcony" not in gateway.site("list").stdout
    assert gateway.fetch("romeo").status == 200


def test_a_site_for_somebody_who_is_offline_is_503(world, folder):
    assert world.gateway.site("add", "orchard", "juliet@montague.example").returncode == 0
    world.gateway.wait_status("orchard", 503)


def test_a_peer_that_is_told_of_its_new_name_serves_it(world, folder):
    peer = world.publish("benvolio", folder)
    assert world.gateway.site("add", "street", "benvolio@montague.example").returncode == 0
    world.gateway.wait_status("street", 200)
    peer.stop()


def test_what_is_registered_outlives_the_gateway(world, folder):
    assert world.gateway.site("add", "tomb", "romeo@montague.example").returncode == 0
    world.gateway.stop()
    world.gateway.start()
    world.gateway.wait_ready()
    world.gateway.wait_status("tomb", 200)


def test_a_suspended_site_is_nobodys_and_its_name_stays_taken(world, folder):
    gateway = world.gateway
    assert gateway.site("add", "crypt", "romeo@montague.example").returncode == 0
    gateway.wait_status("crypt", 200)
    assert gateway.site("suspend", "crypt").returncode == 0
    gateway.wait_status("crypt", 404)
    assert "nobody" in gateway.site("show", "crypt").stdout
    assert gateway.site("add", "crypt", "juliet@montague.example").returncode == 1
    assert gateway.site("resume", "crypt").returncode == 0
    gateway.wait_status("crypt", 200)


def test_who_is_banned_is_seen_by_nobody(world, folder):
    gateway = world.gateway
    assert gateway.site("ban", "romeo@montague.example").returncode == 0
    gateway.wait_status("romeo", 404)
    assert json.loads(gateway.site("rules", "--json").stdout) == {"who": "romeo@montague.example", "rule": "banned", "value": 1,
                                                                     "fixed": False}
    assert gateway.site("unban", "romeo@montague.example").returncode == 0
    gateway.wait_status("romeo", 200)
    assert gateway.site("rules").stdout.splitlines()[1:] == []


def test_guests_are_admitted_and_dismissed(world, folder):
    gateway = world.gateway
    assert gateway.site("add", "vault", "romeo@montague.example", "--visibility", "listed").returncode == 0
    assert gateway.site("admit", "vault", "Nurse@capulet.example").returncode == 0
    assert gateway.site("admit", "vault", "abbey.example").returncode == 0
    shown = json.loads(gateway.site("show", "vault", "--json").stdout)
    assert shown["visibility"] == "listed" and shown["guests"] == ["abbey.example", "nurse@capulet.example"]
    assert gateway.site("dismiss", "vault", "abbey.example").returncode == 0
    assert gateway.site("visibility", "vault", "roster").returncode == 0
    shown = json.loads(gateway.site("show", "vault", "--json").stdout)
    assert shown["visibility"] == "roster" and shown["guests"] == ["nurse@capulet.example"]


@pytest.mark.parametrize("arguments, word", [
    (("add", "romeo", "juliet@montague.example"), "romeo"),      # fixed by the operator
    (("add", "no_such name", "juliet@montague.example"), "no_such name"),
    (("add", "garden", "not a jid@@"), "not a jid"),
    (("remove", "nothing"), "nothing"),
    (("show", "nothing"), "nothing"),
    (("suspend", "nothing"), "nothing"),
    (("suspend", "romeo"), "fixed"),
    (("admit", "crypt", "not a jid@@"), "not a jid"),
    (("dismiss", "crypt", "nurse@capulet.example"), "no guest"),
    (("ban", "*"), "everybody"),
    (("rule", "*", "colour", "1"), "colour"),
    (("rule", "a b", "names", "1"), "a b"),
    (("rule", "*", "names", "many"), "many"),
    (("rule", "*", "names", "-1"), "-1"),
    (("rule", "*", "registers", "2"), "0 for no"),
    (("rule", "romeo@montague.example", "domain_rate", "1"), "a domain share"),
    (("rule", "romeo@montague.example", "domain_names", "none"), "a domain share"),
])
def test_what_cannot_be_done_is_said(world, folder, arguments, word):
    done = world.gateway.site(*arguments)
    assert done.returncode == 1 and word in done.stderr


def test_a_publisher_whose_last_site_is_removed_is_told_and_is_back_with_the_next(world, folder):
    world.server.register("tybalt")
    owner = "tybalt@montague.example"
    assert world.gateway.site("add", "ossuary", owner).returncode == 0
    peer = world.publish("tybalt", folder)
    world.gateway.wait_status("ossuary", 200)
    assert world.gateway.site("remove", "ossuary").returncode == 0
    peer.wait_for_err("has no site for tybalt@montague.example any more")
    world.gateway.wait_status("ossuary", 404)
    assert world.gateway.site("add", "catacomb", owner).returncode == 0
    peer.wait_for_out("http://catacomb.localhost")
    world.gateway.wait_status("catacomb", 200)
    assert world.gateway.site("remove", "catacomb").returncode == 0
    peer.stop()


def test_a_configuration_that_is_read_again_brings_its_sites(world, folder):
    gateway = world.gateway
    with open(gateway.config, encoding="utf-8") as file:
        text = file.read()
    with open(gateway.config, "w", encoding="utf-8") as file:
        file.write(text.replace("[sites.static]\n", '[sites.static]\nverona = "romeo@montague.example"\n'))
    gateway.signal(1)
    gateway.wait_status("verona", 200)
    with open(gateway.config, "w", encoding="utf-8") as file:
        file.write(text + "\n[nonsense]\n")
    gateway.signal(1)
    gateway.wait_for_err("nonsense")
    assert gateway.fetch("verona").status == 200
    wait_until("the gateway to stay ready", gateway.is_ready)
