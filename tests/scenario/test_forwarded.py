# What an app is told of who asks, whatever visitors say of themselves; Via; and the Date of answers.
import email.utils
import json
import socket

import pytest

FORGED = [("Forwarded", "for=10.0.0.1;proto=https"), ("forwarded", "for=10.0.0.2"), ("X-Forwarded-For", "10.0.0.1"),
          ("X-Forwarded-Host", "evil.example"), ("X-Forwarded-Proto", "https"), ("X-Forwarded-Port", "1"),
          ("X-Forwarded-Server", "evil"), ("X-Forwarded-Prefix", "/evil"), ("X-Forwarded-Anything", "evil"),
          ("X_Forwarded_For", "10.0.0.1"), ("X-Forwarded_For", "10.0.0.1"), ("X-Real-IP", "10.0.0.1"),
          ("x_real_ip", "10.0.0.1"), ("Proxy", "http://evil.example/"), ("Remote-User", "admin"), ("Remote_User", "admin"),
          ("REMOTE-USER", "admin")]


def told(answer):
    """What the app got: lower-case names and their values, each name once."""
    names = {}
    for name, value in json.loads(answer.body)["headers"]:
        assert name.lower() not in names, name
        names[name.lower()] = value
    return names


def test_the_app_is_told_of_the_visitor(world, site):
    host = world.gateway.host(site)
    names = told(world.gateway.fetch(site, "/inspect"))
    assert names["forwarded"] == f'for=127.0.0.1;host="{host}";proto=http'
    assert names["x-forwarded-for"] == "127.0.0.1"
    assert names["x-forwarded-host"] == names["host"] == host
    assert names["x-forwarded-proto"] == "http"
    assert names["via"] == "1.1 crosstalk"


@pytest.mark.parametrize("connection", ["keep-alive", "Forwarded, X-Forwarded-For, Via, X-Real-IP"])
def test_what_visitors_say_of_themselves_never_arrives(world, site, connection):
    honest = told(world.gateway.fetch(site, "/inspect"))
    forged = told(world.gateway.fetch(site, "/inspect", headers=[*FORGED, ("Connection", connection)]))
    assert forged == honest


def test_via_names_every_step_of_the_way(world, site):
    names = told(world.gateway.fetch(site, "/inspect", headers=[("Via", "1.0 fred"), ("Via", "1.1 cache (x, y)")]))
    assert names["via"] == "1.0 fred, 1.1 cache (x, y), 1.1 crosstalk"
    with world.gateway.connect(site) as connection:
        connection.send_request("GET", "/inspect", version="1.0")
        assert told(connection.read_response())["via"] == "1.0 crosstalk"


def test_a_host_cannot_break_out_of_its_quotes(world, site, backend):
    before = len(backend.requests)
    for host in ('romeo.localhost";for=10.0.0.1', "romeo.localhost;proto=https", "romeo.localhost, for=10.0.0.1"):
        with socket.create_connection(("127.0.0.1", world.gateway.port), timeout=10) as raw:
            raw.sendall(f"GET /inspect HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
            assert raw.recv(100).startswith(b"HTTP/1.1 400 "), host
    assert len(backend.requests) == before


def answer_with(backend, *dates):
    lines = "".join(f"Date: {date}\r\n" for date in dates)
    backend.answers["/raw/dated"] = f"HTTP/1.1 200 OK\r\n{lines}Via: 1.1 theirs\r\nContent-Length: 2\r\n\r\nok".encode()


def test_every_answer_has_one_date(world, site, backend):
    theirs = "Sun, 06 Nov 1994 08:49:37 GMT"
    answer_with(backend, theirs)
    answer = world.gateway.fetch(site, "/raw/dated")
    assert answer.get("Date") == theirs
    assert answer.get("Via") == "1.1 theirs"
    for dates in ((), ("",), ("0",), ("Sun, 06 Nov 1994 08:49:37",), (theirs, "Mon, 07 Nov 1994 08:49:37 GMT"), (theirs, theirs)):
        answer_with(backend, *dates)
        ours = email.utils.parsedate_to_datetime(world.gateway.fetch(site, "/raw/dated").get("Date"))
        assert ours.year > 2000, dates
    for target in ("/missing-site", "/"):
        page = world.gateway.fetch("nobody" if "missing" in target else site, target)
        assert email.utils.parsedate_to_datetime(page.get("Date")).year > 2000


def test_an_app_under_a_path_is_told_the_host_that_was_asked(world, site):
    answer = world.gateway.fetch("", "/romeo/inspect", headers=[("Host", f"localhost:{world.gateway.port}")])
    names = told(answer)
    assert names["x-forwarded-host"] == names["host"] == f"localhost:{world.gateway.port}"
