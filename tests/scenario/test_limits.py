# What the operator limits.
import signal

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


def test_limits_may_be_raised_and_lowered_while_it_runs(world, site):
    """The longest that passes and the shortest that does not, of each limit, at three sizes."""
    for uri, headers, count, body in ((200, 2048, 15, 5000), (3000, 20_000, 60, 300_000), (1024, 4096, 20, 102_400)):
        configure(world, {"uri": str(uri), "headers": str(headers), "header_count": count, "body": str(body)})

        def head(target="/inspect", fields=(), data=None):
            return world.gateway.fetch(site, target, "POST" if data else "GET", fields, data).status
        assert [head("/inspect/" + "a" * (length - 9)) for length in (uri, uri + 1)] == [200, 414]
        assert [head(fields=[("X-Long", "a" * length)]) for length in (headers - 200, headers)] == [200, 431]
        assert [head(fields=[("X-Half", "a" * (headers // 2 + extra))] * 2) for extra in (-200, 0)] == [200, 431]
        assert [head(fields=[(f"X-{n}", "1") for n in range(total - 1)]) for total in (count, count + 1)] == [200, 431]
        assert [head(data=b"x" * length) for length in (body, body + 1)] == [200, 413]


def test_what_is_over_a_limit_never_reaches_the_app_and_ends_the_connection(world, site, backend):
    before = len(backend.requests)
    for status, target, fields in ((414, "/" + "a" * 2000, ""), (431, "/over", "X-Long: " + "a" * 5000 + "\r\n"),
                                   (431, "/over", "X: y\r\n" * 30), (413, "/over", "Content-Length: 102401\r\n")):
        with world.gateway.connect(site, timeout=20) as connection:
            host = f" HTTP/1.1\r\nHost: {connection.host}\r\n"
            connection.send(f"POST {target}{host}{fields}\r\nGET /behind{host}\r\n")
            answer = connection.read_response()
            assert (answer.status, answer.get("Connection")) == (status, "close")
            assert connection.read_to_end() == b""
    assert len(backend.requests) == before


def configure(world, limits):
    count = world.gateway.err().count("configuration read")
    world.gateway.write({"limits": {**TABLES["limits"], **limits}})
    world.gateway.signal(signal.SIGHUP)
    wait_until("the configuration to be read", lambda: world.gateway.err().count("configuration read") > count)
