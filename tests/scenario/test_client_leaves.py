# The client goes away, and the work for it stops, all the way down to the app.
from support.waiting import wait_until


def test_while_the_app_thinks(world, site, backend):
    connection = world.gateway.connect(site)
    connection.send_request("GET", "/hang")
    wait_until("the handler to run", lambda: backend.running["/hang"] == 1)
    connection.close()
    wait_until("the handler to be cancelled", lambda: backend.cancelled["/hang"] == 1)


def test_while_the_answer_streams(world, site, backend):
    connection = world.gateway.connect(site)
    connection.send_request("GET", "/endless")
    response = connection.read_head()
    pieces = connection.body_pieces(response)
    got = 0
    while got < 1_000_000:
        got += len(next(pieces))
    connection.close()
    wait_until("the handler to be cancelled", lambda: backend.cancelled["/endless"] == 1)


def test_while_the_body_is_on_its_way(world, site, backend):
    connection = world.gateway.connect(site)
    connection.send_request("POST", "/echo", [("Content-Length", "1000000")], b"a" * 5000)
    wait_until("the handler to run", lambda: backend.running["/echo"] == 1)
    connection.close()
    wait_until("the handler to be cancelled", lambda: backend.cancelled["/echo"] == 1)


def test_a_hundred_that_leave_at_once(world, site, backend):
    before = backend.cancelled["/hang"]
    connections = [world.gateway.connect(site) for _ in range(100)]
    for connection in connections:
        connection.send_request("GET", "/hang")
    wait_until("the handlers to run", lambda: backend.running["/hang"] == 100)
    for connection in connections:
        connection.close()
    wait_until("the handlers to be cancelled", lambda: backend.cancelled["/hang"] == before + 100)
    assert world.gateway.fetch(site, "/inspect").status == 200
