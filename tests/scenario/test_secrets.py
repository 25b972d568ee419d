# What is secret stays in the programs: not in logs, not in the process list, not in core dumps; and they need no root.
import os
import re
import signal

import pytest
from support.waiting import wait_until
from support.world import World

NOBODY = 65534
SECRETS = {"authorization": "Basic c2VjcmV0LWF1dGg=", "cookie": "session=secret-cookie", "query": "secret-query",
           "body": "secret-body", "answer": "secret-answer"}


def without_root(program, *paths):
    """The same program as a user who may nothing, where the tests run as root."""
    if os.geteuid() == 0:
        program.command = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", *program.command]
        for path in paths:
            os.chown(path, NOBODY, NOBODY)
    return program


@pytest.fixture(scope="module")
def world(place, programs, backend):
    made = World(place)
    made.server.start()
    without_root(made.gateway, place, made.gateway.config)
    os.chmod(made.gateway.config, 0o600)
    made.gateway.start()
    made.gateway.wait_ready()
    peer = made.peer("romeo", backend.url, options=["--verbose"])
    without_root(peer, next(part for part in peer.command if part.endswith(".password"))).start()
    peer.wait_online()
    yield made
    made.stop()


@pytest.fixture(scope="module")
def running(world):
    return [world.gateway, *world.peers]


def proc(program, name):
    with open(f"/proc/{program.pid}/{name}", "rb") as file:
        return file.read()


def test_they_run_without_root_and_leave_no_core_dump(running):
    for program in running:
        real, effective, saved, _ = re.search(rb"Uid:\s+(\d+)\s+(\d+)\s+(\d+)\s+(\d+)", proc(program, "status")).groups()
        assert {real, effective, saved} != {b"0"}, program.name
        assert re.search(rb"CapEff:\s+0+\n", proc(program, "status")), program.name
        # What belongs to root there is closed to other programs of the same user: no debugger, no environment.
        assert {os.stat(f"/proc/{program.pid}/{name}").st_uid for name in ("mem", "environ", "maps")} == {0}, program.name
        assert re.search(rb"Max core file size\s+0\s+0\s", proc(program, "limits")), program.name
    assert "running as root" not in running[0].err()


def test_nothing_secret_is_on_a_command_line_or_in_a_log(world, running, backend):
    backend.answers["/raw/secret"] = (b"HTTP/1.1 200 OK\r\nSet-Cookie: id=secret-set-cookie\r\nWWW-Authenticate: Bearer secret-challenge\r\n"
                                      b"Content-Length: 13\r\n\r\nsecret-answer")
    backend.answers["/raw/secret?" + SECRETS["query"]] = backend.answers["/raw/secret"]
    fields = [("Authorization", SECRETS["authorization"]), ("Cookie", SECRETS["cookie"]), ("Proxy-Authorization", "secret-proxy")]
    answer = world.gateway.fetch("romeo", "/raw/secret", "POST", fields, SECRETS["body"].encode())
    assert answer.text == SECRETS["answer"] and answer.get("Set-Cookie") == "id=secret-set-cookie"
    # What goes wrong is told in the log too: a request that cannot be read, one that nobody can answer.
    assert world.gateway.fetch("juliet", "/secret-path?" + SECRETS["query"], headers=fields).status == 503
    with world.gateway.connect("romeo") as connection:
        connection.send(f"GET / HTTP/1.1\r\nHost: {connection.host}\r\nAuthorization: {SECRETS['authorization']}\r\nbad line secret-line\r\n\r\n")
        assert connection.read_response().status == 400
    world.gateway.wait_for_err("path=/secret-path ")
    password = world.server.password("romeo")
    for program in running:
        said = program.err() + program.out() + proc(program, "cmdline").decode()
        for secret in ("c2VjcmV0LWF1dGg", "secret-cookie", "secret-query", "secret-body", "secret-answer", "secret-set-cookie",
                       "secret-challenge", "secret-proxy", "secret-line", "component-secret", password):
            assert secret not in said, f"{program.name} tells {secret}"


def test_a_password_from_the_environment_is_nowhere_else(world, place, backend):
    peer = world.peer("benvolio", backend.url, program_name="peer-environment", environment={
        "CROSSTALK_PASSWORD": world.server.password("benvolio")})
    at = peer.command.index("--password-file")
    del peer.command[at:at + 2]
    without_root(peer).start()
    peer.wait_online()
    assert world.server.password("benvolio") not in peer.err() + peer.out() + proc(peer, "cmdline").decode()
    assert os.stat(f"/proc/{peer.pid}/environ").st_uid == 0
    peer.stop()


def test_a_program_that_crashes_leaves_nothing_behind(world, place):
    before = set(os.listdir(place))
    gateway = type(world.gateway)(place, 9, "crash.montague.example", "crash-secret", name="gateway-crash")
    without_root(gateway, gateway.config)
    gateway.start()
    wait_until("it to run", lambda: gateway.probe("/healthz"))
    gateway.signal(signal.SIGSEGV)
    gateway.process.wait(30)
    assert not [name for name in set(os.listdir(place)) - before if "core" in name]
