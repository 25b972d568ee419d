# HTTP/1.1 connections: kept alive, pipelined, asked to continue, closed when asked to.
import hashlib
import json

import pytest
from support.backend import pattern
from support.raw_http import Closed
from support.waiting import wait_until


TABLES = {"timeouts": {"header": "2s", "body": "3s", "idle": "2s"}}


def test_a_connection_is_kept_for_many_requests(world, site):
    with world.gateway.connect(site) as connection:
        for number in range(50):
            assert json.loads(connection.get(f"/inspect/{number}").body)["target"] == f"/inspect/{number}"


def test_pipelined_requests_are_answered_in_order(world, site):
    with world.gateway.connect(site) as connection:
        head = f" HTTP/1.1\r\nHost: {connection.host}\r\n"
        connection.send("".join(f"GET /inspect/{number}{head}\r\n" for number in range(20))
                        + f"POST /echo{head}Content-Length: 5\r\n\r\nhello" + f"HEAD /inspect{head}\r\n"
                        + f"GET /inspect/last{head}\r\n")
        for number in range(20):
            assert json.loads(connection.read_response().body)["target"] == f"/inspect/{number}"
        assert connection.read_response().body == b"hello"
        assert connection.read_response("HEAD").status == 200
        assert json.loads(connection.read_response().body)["target"] == "/inspect/last"


def test_a_request_byte_by_byte(world, site):
    with world.gateway.connect(site) as connection:
        for byte in f"POST /echo HTTP/1.1\r\nHost: {connection.host}\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n":
            connection.send(byte)
        assert connection.read_response().body == b"abc"


def test_chunk_extensions_and_trailers_are_dropped(world, site):
    with world.gateway.connect(site) as connection:
        connection.send_request("POST", "/inspect", [("Transfer-Encoding", "chunked")])
        connection.send(b"4;name=value\r\nabcd\r\n0\r\nX-Trailer: 1\r\n\r\n")
        facts = json.loads(connection.read_response().body)
        assert facts["length"] == 4 and "X-Trailer" not in dict(map(tuple, facts["headers"]))
        assert connection.get("/inspect").status == 200


def test_continue_is_said_before_the_body_is_sent(world, site):
    with world.gateway.connect(site) as connection:
        body = pattern(100_000)
        # An app that answers only when it has read the body: a final status would come in place of the 100.
        connection.send_request("PUT", "/inspect", [("Expect", "100-continue"), ("Content-Length", str(len(body)))])
        assert connection.read_head().status == 100
        connection.send(body)
        assert json.loads(connection.read_response().body)["sha256"] == hashlib.sha256(body).hexdigest()
        assert connection.get("/inspect").status == 200


def test_continue_is_not_said_where_the_answer_is_an_error(world, site):
    with world.gateway.connect("nobody") as connection:
        connection.send_request("PUT", "/", [("Expect", "100-continue"), ("Content-Length", "5")])
        assert connection.read_response().status == 404


def test_close_closes(world, site):
    with world.gateway.connect(site) as connection:
        answer = connection.get("/inspect", [("Connection", "close")])
        assert answer.get("Connection") == "close"
        assert connection.read_to_end() == b""


def test_http_1_0_gets_a_body_that_ends_with_the_connection_or_a_length(world, site):
    for target in ("/chunks?n=5000", "/bytes?n=5000"):
        with world.gateway.connect(site) as connection:
            connection.send_request("GET", target, version="1.0")
            answer = connection.read_response()
            assert answer.get("Transfer-Encoding") is None and answer.body == pattern(5000)
            assert connection.read_to_end() == b""


def test_a_head_that_never_ends_is_given_up(world, site):
    with world.gateway.connect(site) as connection:
        connection.send(b"GET / HTTP/1.1\r\nHost: x")
        assert connection.read_to_end().startswith((b"HTTP/1.1 408", b""))


def test_an_idle_connection_is_closed_without_a_word(world, site):
    with world.gateway.connect(site) as connection:
        connection.get("/inspect")
        assert connection.read_to_end() == b""


def test_an_upload_that_stops_is_given_up_and_its_handler_ends(world, site, backend):
    before = backend.cancelled["/echo"]
    with world.gateway.connect(site) as connection:
        connection.send_request("POST", "/echo", [("Content-Length", "1000000")], b"a" * 10_000)
        wait_until("the handler to end", lambda: backend.cancelled["/echo"] > before)
        connection.read_to_end()
    assert world.gateway.fetch(site, "/inspect").status == 200


def test_a_body_with_a_broken_chunk_ends_the_connection(world, site, backend):
    with world.gateway.connect(site) as connection:
        connection.send_request("POST", "/echo", [("Transfer-Encoding", "chunked")], b"5\r\nhelloX\r\n")
        connection.read_to_end()
    assert world.gateway.fetch(site, "/inspect").status == 200


def test_an_app_that_breaks_off_is_never_taken_for_whole(world, site, backend):
    backend.answers["/raw/short"] = b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nonly this"
    backend.answers["/raw/torn"] = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n"
    backend.answers["/raw/junk"] = b"this is not HTTP\r\n\r\n"
    backend.answers["/raw/none"] = b""
    for target in ("/raw/short", "/raw/torn"):
        with world.gateway.connect(site) as connection, pytest.raises((Closed, ConnectionError)):
            answer = connection.get(target)
            if answer.status == 502:
                raise Closed("told before the head was sent")
    for target in ("/raw/junk", "/raw/none"):
        assert world.gateway.fetch(site, target).status == 502


def test_an_app_that_restarts_is_asked_anew(world, site, backend):
    for _ in range(3):
        assert world.gateway.fetch(site, "/inspect").status == 200
        backend.close_idle()


def test_an_app_that_does_not_run_is_502(world):
    peer = world.publish("juliet", "http://127.0.0.1:9")
    answer = world.gateway.fetch("juliet", "/")
    assert answer.status == 502 and "is not running" in answer.text
    peer.wait_for_err("refuses connections")
