# Bodies cross the reverse proxy byte for byte, whatever their size, bytes and method.
import hashlib
import random

import pytest
from support.backend import pattern

# Around a page of memory, the 16 KiB that ride in a result, the first credit, the stanza and buffer limits.
SIZES = [0, 1, 2, 4095, 4096, 4097, 16383, 16384, 16385, 65535, 65536, 65537, 262143, 262144, 262145, (1 << 20) + 1]


def random_bytes(count):
    return random.Random(count).randbytes(count)


def costly_text(count):
    """Text in which every character costs most after JSON and XML escaping."""
    return (b"\"'&<>\\\t\n" * (count // 8 + 1))[:count]


def wide_text(count):
    """UTF-8 of two, three and four bytes, cut wherever the size falls, with noncharacters."""
    return ("äöü€😀\ufffe\uffff\u2028" .encode() * (count // 20 + 1))[:count]


def controls(count):
    return (bytes(range(32)) + b"\r\n\r\r\n\x7f" * 3)[:count] * (count // 50 + 1)


KINDS = {"random": random_bytes, "costly": costly_text, "wide": wide_text}


@pytest.mark.parametrize("size", SIZES)
def test_every_method_with_a_body(world, site, size):
    with world.gateway.connect(site) as connection:
        for method in ("POST", "PUT", "PATCH", "DELETE"):
            for kind, make in KINDS.items():
                body = make(size)
                answer = connection.request(method, "/echo", body=body)
                assert (answer.status, answer.get("X-Method")) == (200, method), kind
                assert answer.body == body, f"{method} {kind}"


@pytest.mark.parametrize("size", SIZES)
def test_get_and_head(world, site, size):
    with world.gateway.connect(site) as connection:
        for path in (f"/bytes?n={size}", f"/chunks?n={size}"):
            answer = connection.get(path)
            assert answer.status == 200 and answer.body == pattern(size)
            head = connection.request("HEAD", path)
            assert head.status == 200 and head.body == b""
            if path.startswith("/bytes"):
                assert head.get("Content-Length") == answer.get("Content-Length") == str(size)


@pytest.mark.parametrize("size", SIZES)
def test_a_chunked_upload(world, site, size):
    body = random_bytes(size)
    with world.gateway.connect(site) as connection:
        connection.send_request("POST", "/inspect", [("Transfer-Encoding", "chunked")])
        rest, step = body, 1
        while rest:
            connection.send_chunk(rest[:step])
            rest, step = rest[step:], step * 3
        connection.send(b"0\r\n\r\n")
        answer = connection.read_response()
    assert f'"length": {size}' in answer.text and hashlib.sha256(body).hexdigest() in answer.text


def test_bodies_of_control_characters_and_of_every_byte(world, site):
    every = bytes(range(256)) * 40
    with world.gateway.connect(site) as connection:
        for body in (every, controls(5000), b"\0" * 5000, b"\r" * 5000, b"]]>" * 900, b"&#0;&#xd;" * 900,
                     b"\xed\xa0\x80" * 900, b"\xf5\x80\x80\x80" * 900):
            assert connection.request("POST", "/echo", body=body).body == body


def test_a_slow_stream_arrives_as_it_is_made(world, site, backend):
    with world.gateway.connect(site) as connection:
        connection.send_request("GET", "/ticks?n=40")
        response = connection.read_head()
        pieces = connection.body_pieces(response)
        first = next(pieces)
        # The app has not made the last line yet when the first has come.
        assert first.startswith(b"data: 0\n\n") and backend.running["/ticks"] == 1
        assert (first + b"".join(pieces)).endswith(b"data: 39\n\n")


def test_an_early_answer_to_a_long_upload(world, site):
    with world.gateway.connect(site) as connection:
        connection.send_request("POST", "/early", [("Content-Length", str(50 << 20))], b"begin")
        answer = connection.read_response()
        assert (answer.status, answer.text) == (403, "no")
