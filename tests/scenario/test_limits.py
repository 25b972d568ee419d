# What the operator limits.
from support.raw_http import Closed, Connection
from support.waiting import wait_until


TABLES = {"limits": {"transactions_per_peer": 3, "connections_per_client": 12, "body": "100KiB", "uri": "1KiB",
                     "headers": "4KiB", "header_count": 20}}


def test_a_body_over_the_cap_is_413_with_and_without_a_length(world, site, backend):
    with world.gateway.connect(site) as connection:
        assert connection.request("POST", "/echo", body=b"x" * 102_400).body == b"x" * 102_400
        connection.send_request("POST", "/echo", [("Content-Length", "102401")])
        assert connection.read_response().status == 413
    with world.gateway.connect(site) as connection:
        connection.send_request("POST", "/inspect", [("Transfer-Encoding", "chunked")])
        connection.send_chunk(b"x" * 102_400)
        connection.send_chunk(b"x")
        assert connection.read_response().status == 413
    assert world.gateway.fetch(site, "/inspect").status == 200


def test_heads_over_the_limits(world, site):
    gateway = world.gateway
    assert gateway.fetch(site, "/inspect/" + "a" * 900).status == 200
    assert gateway.fetch(site, "/inspect/" + "a" * 1100).status == 414
    assert gateway.fetch(site, "/inspect", headers=[("X-Long", "a" * 5000)]).status == 431
    assert gateway.fetch(site, "/inspect", headers=[(f"X-{n}", "1") for n in range(25)]).status == 431


def test_transactions_over_the_limit_are_503(world, site, backend):
    connections = [world.gateway.connect(site) for _ in range(3)]
    for connection in connections:
        connection.send_request("GET", "/gate")
    wait_until("three handlers", lambda: backend.running["/gate"] == 3)
    over = world.gateway.fetch(site, "/inspect")
    assert over.status == 503 and over.get("Retry-After")
    backend.hold.set()
    for connection in connections:
        assert connection.read_response().body == b"through"
        connection.close()
    assert world.gateway.fetch(site, "/inspect").status == 200


def test_connections_over_the_limit_of_one_client_are_turned_away(world, site):
    held = [world.gateway.connect(site) for _ in range(12)]
    for connection in held:
        assert connection.get("/inspect").status == 200
    with world.gateway.connect(site) as over:
        try:
            over.send_request("GET", "/inspect")
            assert over.read_response().status in (429, 503)
        except (Closed, ConnectionError):
            pass  # closed at once says it too
    for connection in held:
        connection.close()
    wait_until("room again", lambda: allowed(world, site))


def allowed(world, site):
    try:
        return world.gateway.fetch(site, "/inspect").status == 200
    except (Closed, ConnectionError):
        return False


def test_the_limits_hold_byte_by_byte_too(world, site):
    with Connection(world.gateway.port, world.gateway.host(site)) as connection:
        try:
            connection.send("GET /")
            for _ in range(2000):
                connection.send("a")
        except ConnectionError:
            pass
        assert connection.read_response().status == 414
