# The library as its users have it: the examples of the documentation, built against what was installed, with a
# gateway and a real server around them.
import os
import subprocess
import threading

import pytest
from support.backend import pattern
from support.crosstalk import ROOT
from support.ejabberd import Ejabberd
from support.installed import compile_against, install
from support.program import Program
from support.prosody import Prosody
from support.world import World

EXAMPLES = [os.path.join(ROOT, "docs", "examples", name) for name in ("peer.cpp", "stream.cpp", "ask.cpp")]
ONE_LOOP = os.path.join(ROOT, "tests", "scenario", "one_loop.cpp")
PEER_USER, STREAM_USER = "romeo", "juliet"


@pytest.fixture(scope="module")
def examples(tmp_path_factory):
    """The folder with the programs."""
    root = install(tmp_path_factory.mktemp("installed"))
    folder = tmp_path_factory.mktemp("examples")
    for source in [*EXAMPLES, ONE_LOOP]:
        compile_against(root, source, folder / os.path.basename(source).removesuffix(".cpp"))
    return folder


@pytest.fixture(scope="module", params=[Prosody, Ejabberd], ids=["prosody", "ejabberd"])
def world(request, place, programs, examples):
    folder = place / request.param.__name__.lower()
    folder.mkdir()
    made = World(folder, server=request.param)
    made.start()
    yield made
    made.stop()


def environment_of(world, user, **more):
    return {"PASSWORD": world.server.password(user), "SERVER": f"127.0.0.1:{world.server.c2s_port}",
            "CA_FILE": world.server.ca_file, **more}


def start(world, examples, name, user, gateways, **more):
    command = [examples / name, f"{user}@{world.server.domain}", *gateways]
    return Program(f"example-{name}-{user}", command, world.directory, environment_of(world, user, **more)).start()


@pytest.fixture
def publish(world, examples):
    """Starts an example that is a site; it has to end in order."""
    made = []

    def begin(name, user, **more):
        made.append(start(world, examples, name, user, [world.domain], **more))
        made[-1].wait_for_out(r"^(http\S+)$")
        return made[-1]
    yield begin
    for each in made:
        if each.is_running():
            each.stop()


def ask(world, examples, user, url, *file):
    """What the example `ask` wrote: exit status, body, and its last word."""
    said = subprocess.run([examples / "ask", f"{user}@{world.server.domain}", url, *file], capture_output=True, timeout=60,
                          env={**os.environ, **environment_of(world, user)}, check=False)
    return said.returncode, said.stdout, said.stderr.decode().strip()


def test_pages_of_a_program(world, publish):
    peer = publish("peer", PEER_USER)
    page = world.gateway.fetch(PEER_USER, "/")
    assert (page.status, page.body) == (200, b"hello stranger\n")
    assert page.all("content-length") == ["15"]
    assert world.gateway.fetch(PEER_USER, "/nowhere").status == 404
    head = world.gateway.fetch(PEER_USER, "/", method="HEAD")
    assert (head.status, head.body, head.all("content-length")) == (200, b"", ["15"])
    peer.wait_for_err(r"GET /nowhere 404 \d+ \d+ms$")


def test_a_body_comes_back_byte_for_byte(world, publish):
    publish("peer", PEER_USER)
    body = bytes(range(256)) * 4096
    echo = world.gateway.fetch(PEER_USER, "/echo", method="POST", body=body)
    assert (echo.status, echo.body == body) == (200, True)
    assert world.gateway.fetch(PEER_USER, "/echo", method="POST", body=body + b"!").status == 413


def test_a_long_answer_is_made_while_it_is_sent(world, publish):
    publish("peer", PEER_USER)
    count = world.gateway.fetch(PEER_USER, "/count")
    assert count.body == b"".join(b"%d\n" % number for number in range(1, 1_000_001))


def test_what_the_program_throws_ends_one_request_alone(world, publish):
    peer = publish("peer", PEER_USER)
    failed = world.gateway.fetch(PEER_USER, "/oops")
    assert failed.status == 500 and b"The program behind this site has failed." in failed.body
    peer.wait_for_err(r"GET /oops 500 .*the program threw: this visitor gets 500")
    assert world.gateway.fetch(PEER_USER, "/").status == 200


def test_stop_from_another_thread(world, publish):
    peer = publish("peer", PEER_USER)
    peer.stop()
    assert peer.process.returncode == 0
    world.gateway.wait_status(PEER_USER, 503)


def take(pieces, count):
    got = b""
    while len(got) < count:
        got += next(pieces)
    return got


def test_bodies_both_ways_at_once(world, publish):
    publish("stream", STREAM_USER)
    with world.gateway.connect(STREAM_USER) as connection:
        connection.send_request("POST", "/", [("Content-Length", "6")])
        connection.send(b"abc")
        pieces = connection.body_pieces(connection.read_head())
        assert take(pieces, 3) == b"abc"
        connection.send(b"def")
        assert take(pieces, 3) == b"def"
    body = pattern(5_000_000)
    with world.gateway.connect(STREAM_USER) as connection:
        sending = threading.Thread(target=connection.send_request, args=("POST", "/", (), body))
        sending.start()
        assert connection.read_response("POST").body == body
        sending.join()


def test_another_peer_is_asked(world, examples, publish, tmp_path):
    publish("peer", PEER_USER, ALLOW="juliet@montague.example")
    url = "httpx://romeo@montague.example"
    assert ask(world, examples, "juliet", url + "/") == (0, b"hello juliet@montague.example\n", "200")
    assert ask(world, examples, "juliet", url + "/nowhere") == (1, b"there is nothing here\n", "404")
    code, body, said = ask(world, examples, "benvolio", url + "/")
    assert (code, body) == (1, b"") and said.startswith("403 The publisher has not let you in")
    sent = tmp_path / "sent"
    sent.write_bytes(pattern(1_000_000))
    assert ask(world, examples, "juliet", url + "/echo", sent) == (0, pattern(1_000_000), "200")
    code, body, _ = ask(world, examples, "juliet", url + "/count")
    assert (code, len(body)) == (0, 6_888_896)


def test_nobody_there_and_nonsense(world, examples):
    assert ask(world, examples, "juliet", "mailto:romeo@montague.example")[2].startswith("400 ")
    assert ask(world, examples, "juliet", "httpx://benvolio@montague.example/")[0] == 1


def test_settings_that_cannot_be_used_are_told(world, examples):
    bad = start(world, examples, "peer", "romeo", ["romeo@montague.example"])
    bad.wait_for_exit()
    assert bad.process.returncode == 1
    bad.wait_for_err(r"^gateways: expected the domain of a gateway")


def test_a_wrong_password_ends_it(world, examples):
    refused = start(world, examples, "peer", "romeo", [world.domain], PASSWORD="wrong")
    refused.wait_for_exit()
    assert refused.process.returncode == 2
    assert "password" in refused.err() or "refus" in refused.err()


def test_a_site_and_its_guest_in_one_loop(world, examples):
    server = world.server
    command = [examples / "one_loop", "romeo@montague.example", server.password("romeo"), "juliet@montague.example",
               server.password("juliet"), f"127.0.0.1:{server.c2s_port}", server.ca_file]
    both = Program("example-one-loop", command, world.directory).start()
    both.wait_for_exit(60)
    assert both.process.returncode == 0, both.err()
    lines = both.out().splitlines()
    said = {line.split(" ")[0]: line.split(" ", 1)[1] for line in lines}
    assert said["/"] == "200 7 "
    assert said["/?too-long"] == "200 7 the answer is longer than 6 bytes"
    assert said["/?sink"] == "200 0 the program threw: disk full"
    assert said["/?source"].endswith("the program threw: no disk")
    for path in ("/dropped", "/thrown", "/thrown-later", "/nonsense"):
        assert said[path].startswith("500 ") and said[path].endswith(" "), (path, said[path])
    assert said["/cut"].startswith("502 0 The publisher's computer gave this request up")
    assert said["/never"] == "504 0 the peer did not begin its answer in time"
    assert said["/thread"] == "200 7 "
    assert lines[-1] == "ended " and len(lines) == 12
