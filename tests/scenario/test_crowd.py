# Many at once, and some who do not read: nobody holds anybody else up.
import threading

import pytest
from support.backend import pattern
from support.waiting import wait_until


def in_threads(count, work):
    """Runs work(number) in as many threads; their results in order, or the first failure."""
    results, failures = [None] * count, []

    def run(number):
        try:
            results[number] = work(number)
        except BaseException as failure:  # handed to the test below
            failures.append(failure)
    threads = [threading.Thread(target=run, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]
    return results


def test_two_hundred_transactions_are_open_at_once(world, site, backend):
    connections = [world.gateway.connect(site) for _ in range(200)]
    for connection in connections:
        connection.send_request("GET", "/gate")
    wait_until("200 handlers to run", lambda: backend.running["/gate"] == 200, limit=60)
    backend.hold.set()
    for connection in connections:
        answer = connection.read_response()
        assert (answer.status, answer.body) == (200, b"through")
        connection.close()


def test_two_hundred_clients_each_get_their_own_bytes(world, site):
    def work(number):
        with world.gateway.connect(site) as connection:
            for step in range(3):
                body = pattern(1000 + number * 37 + step)
                assert connection.request("POST", "/echo", body=body).body == body
        return True
    assert all(in_threads(200, work))


def test_clients_that_stop_reading_hold_nobody_up(world, site, backend):
    sleepers = [world.gateway.connect(site, receive_buffer=4096) for _ in range(20)]
    for sleeper in sleepers:
        sleeper.send_request("GET", "/endless")
    wait_until("20 endless handlers", lambda: backend.running["/endless"] == 20)
    for number in range(30):
        assert world.gateway.fetch(site, f"/bytes?n={number * 5000}", timeout=20).body == pattern(number * 5000)
    # What nobody reads is not made either: the app is held back.
    wait_until("the app to be held back", lambda: settled(backend))
    assert backend.sent["/endless"] < 20 * (8 << 20)
    for sleeper in sleepers:
        sleeper.close()
    wait_until("the handlers to end", lambda: backend.running["/endless"] == 0)


def settled(backend):
    """Whether the endless handlers have written nothing for half a second."""
    before = backend.sent["/endless"]
    threading.Event().wait(0.5)
    return backend.sent["/endless"] == before


def test_an_upload_that_the_app_does_not_read_holds_nobody_up(world, site, backend):
    backend.hold.clear()
    with world.gateway.connect(site) as stuck:
        # /hang takes no byte of its body: the upload fills what buffers there are and stops.
        stuck.send_request("POST", "/hang", [("Content-Length", str(1 << 30))])
        stuck.socket.settimeout(2)
        with pytest.raises(TimeoutError):
            while True:
                stuck.send(b"x" * 65536)
        for number in range(20):
            assert world.gateway.fetch(site, f"/bytes?n={number * 1000}", timeout=20).body == pattern(number * 1000)
