# Memory stays flat: what a program holds does not grow with bodies, or with those who do not read them.
import socket

import pytest
from support.backend import pattern
from support.waiting import wait_until
from support.websocket import BINARY, SocketApp, frame, handshake

LIMIT = 64 << 20


@pytest.fixture(scope="module")
def peer(world, backend):
    return world.publish("romeo", backend.url)


def check_memory(world, peer):
    for program in (world.gateway, peer):
        assert program.peak_memory() < LIMIT, f"{program.name} held {program.peak_memory() >> 20} MiB"


def test_sixty_four_megabytes_each_way(world, peer):
    body = pattern(64 << 20)
    with world.gateway.connect("romeo", timeout=120) as connection:
        answer = connection.get(f"/bytes?n={len(body)}")
        assert answer.body == body
        connection.send_request("PUT", "/inspect", [], body)
        assert f'"length": {len(body)}' in connection.read_response().text
    check_memory(world, peer)


def test_fifty_clients_that_do_not_read(world, peer, backend):
    sleepers = [world.gateway.connect("romeo", receive_buffer=4096) for _ in range(50)]
    for sleeper in sleepers:
        sleeper.send_request("GET", "/endless")
    wait_until("fifty handlers", lambda: backend.running["/endless"] == 50)
    assert world.gateway.fetch("romeo", "/bytes?n=300000").body == pattern(300000)
    check_memory(world, peer)
    for sleeper in sleepers:
        sleeper.close()
    wait_until("the handlers to end", lambda: backend.running["/endless"] == 0)


def test_a_message_of_sixty_four_megabytes_over_a_websocket(world):
    """In fragments and in one piece: it passes as it comes, and nobody between the ends holds it."""
    app = SocketApp()
    speaker = world.publish("juliet", app.url, direct="auto")
    world.gateway.wait_for_err("direct stream up")
    payload = pattern(64 << 20)
    with world.gateway.connect("juliet", timeout=120) as connection:
        connection.send_request("GET", "/push?n=%d" % len(payload), handshake()[0])
        assert connection.read_head().status == 101
        assert connection.read_exactly(len(payload)) == payload
    with world.gateway.connect("juliet", timeout=120) as connection:
        connection.send_request("GET", "/last", handshake()[0])
        assert connection.read_head().status == 101
        sent = frame(payload[:1 << 20], BINARY, b"abcd", last=False) + frame(payload, 0, b"efgh")
        connection.send(sent)
        connection.socket.shutdown(socket.SHUT_WR)
        wait_until("all of it", lambda: app.last == sent, limit=60)
    check_memory(world, speaker)
    speaker.stop()
    app.close()


def test_descriptors_are_given_back(world, peer, backend):
    before = world.gateway.descriptor_count(), peer.descriptor_count()
    for _ in range(200):
        assert world.gateway.fetch("romeo", "/inspect").status == 200
    wait_until("the gateway to close its sockets", lambda: world.gateway.descriptor_count() <= before[0] + 5)
    assert peer.descriptor_count() <= before[1] + 70  # its pool of connections to the app
