# The promises of the other scenarios, those that a server could break, on ejabberd in place of Prosody.
from concurrent.futures import ThreadPoolExecutor

import pytest
from support.backend import pattern
from support.chat_2008 import OldGateway, OldPeer
from support.crosstalk import Peer
from support.ejabberd import Ejabberd
from support.raw_http import Closed
from support.waiting import wait_until
from support.world import World

AT_ONCE = 64


@pytest.fixture(scope="module")
def world(place, programs):
    made = World(place, server=Ejabberd, components={"http.montague.example": "one", "old.montague.example": "two"}).start()
    yield made
    made.stop()


@pytest.fixture(scope="module")
def folder(place):
    page = place / "page"
    page.mkdir()
    (page / "index.html").write_text("<p>here</p>")
    return page


def test_a_page(world, folder):
    peer = world.publish("juliet", folder)
    answer = world.gateway.fetch("juliet")
    assert (answer.status, answer.body, answer.get("Content-Type")) == (200, b"<p>here</p>", "text/html; charset=utf-8")
    peer.stop()


def test_a_mebibyte_goes_up_and_comes_back_byte_for_byte(world, site):
    body = pattern(1 << 20)
    with world.gateway.connect(site) as connection:
        answer = connection.request("POST", "/echo", body=body)
        assert (answer.status, answer.get("X-Method"), answer.body) == (200, "POST", body)
        assert connection.get(f"/chunks?n={1 << 20}").body == body


def test_many_requests_at_once(world, site):
    def ask(number):
        return world.gateway.fetch(site, f"/bytes?n={number * 1000}").body == pattern(number * 1000)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        assert list(pool.map(ask, range(AT_ONCE))) == [True] * AT_ONCE


def test_a_client_is_told_when_the_peer_leaves(world, backend):
    peer = world.publish("benvolio", backend.url)
    waiting, streaming = world.gateway.connect("benvolio"), world.gateway.connect("benvolio")
    waiting.send_request("GET", "/hang")
    wait_until("the handler to run", lambda: backend.running["/hang"] == 1)
    streaming.send_request("GET", "/endless")
    pieces = streaming.body_pieces(streaming.read_head())
    next(pieces)
    peer.signal(15)
    assert waiting.read_response().status in (502, 503)
    with pytest.raises((Closed, ConnectionError)):
        for _ in pieces:
            pass
    assert peer.wait_for_exit() == 0
    assert world.gateway.fetch("benvolio").status == 503


def test_a_killed_peer_that_comes_back_replaces_its_ghost(world, backend):
    peer = world.publish("benvolio", backend.url)
    peer.kill()
    peer.start()
    peer.wait_online()
    world.gateway.wait_status("benvolio", 200, "/inspect")
    peer.stop()


@pytest.mark.parametrize("packed", [False, True])
def test_a_peer_of_2008(world, packed):
    peer, body = OldPeer(world, "juliet").meet(), pattern(200_000)
    for _ in range(2):  # the second request goes in the form of the first answer
        with world.gateway.connect("juliet") as connection:
            connection.send_request("POST", "/", body=body)
            _, came, said = peer.hear_all()
            assert came == body
            peer.answer(said[0].thread, {"statuscode": "200 OK", "headers": []}, body, packed)
            assert connection.read_response().body == body
    assert {each.packed for each in said} == {packed}
    peer.leave()


def test_a_gateway_of_2008(world, place, folder):
    (folder / "a page.txt").write_bytes(pattern(200_000))
    gateway = OldGateway(world.server, "old.montague.example")
    peer = Peer(place, world.server, "benvolio", folder, "old.montague.example", resource="old").start()
    peer.wait_online()
    for packed in (False, True):
        head, body, said = gateway.ask(next(iter(gateway.peers)), "1", gateway.request(), packed=packed)
        assert (head["statuscode"], body) == (200, pattern(200_000))
        assert {each.packed for each in said} == {packed}
    peer.stop()
    gateway.close()


def test_everything_comes_back_after_the_server_restarts(world, site):
    world.server.stop()
    world.gateway.wait_not_ready()
    assert world.gateway.fetch(site).status == 503
    world.server.start()
    world.gateway.wait_ready(60)
    assert world.gateway.wait_status(site, 200, "/bytes?n=100000", limit=60).body == pattern(100_000)


def test_a_page_crosses_at_the_rate_that_the_package_ships(place, programs, folder):
    (folder / "long.txt").write_bytes(pattern(12_000))
    slow = place / "slow"
    slow.mkdir()
    world = World(slow, server=Ejabberd, rate=3000).start()
    world.publish("romeo", folder).wait_online()
    answer = world.gateway.fetch("romeo", "/long.txt")
    assert (answer.status, answer.body) == (200, pattern(12_000))
    world.stop()
