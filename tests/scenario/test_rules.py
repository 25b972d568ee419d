# The operator's rules for people and domains, as visitors of their sites see them.
import pytest
from support.waiting import Stopwatch, wait_until

ROMEO = "romeo@montague.example"


@pytest.fixture
def rule(world):
    """Sets rules that are taken back when the test is over."""
    said = []

    def say(*words):
        assert world.gateway.site("rule", *words).returncode == 0
        said.append(words[:2])
    yield say
    for who, key in said:
        assert world.gateway.site("rule", who, key, "none").returncode == 0


def test_so_many_requests_at_once(world, site, backend, rule):
    gateway = world.gateway
    rule(ROMEO, "transactions", "1")
    wait_until("the rule to count", lambda: one_is_too_many(gateway, backend))
    wait_until("the place to be free again", lambda: gateway.fetch(site).status == 200)
    rule("montague.example", "transactions", "0")
    assert gateway.fetch(site).status == 200, "what is said of a JID outranks what is said of its domain"
    rule(ROMEO, "transactions", "none")
    gateway.wait_status(site, 503)


def one_is_too_many(gateway, backend):
    """Whether a second request is refused while one is open."""
    backend.hold.clear()
    with gateway.connect("romeo") as first:
        first.send_request("GET", "/gate")
        wait_until("the first to be at the app", lambda: backend.running["/gate"] == 1)
        second = gateway.fetch("romeo").status
        backend.hold.set()
        assert first.read_response("GET").body == b"through"
    return second == 503


def test_so_many_requests_a_second(world, site, rule):
    world.gateway.wait_status(site, 200)
    rule("*", "rate", "1")
    statuses = [world.gateway.fetch(site).status for _ in range(100)]
    assert statuses[0] == 200 and set(statuses) == {200, 503}
    rule("*", "rate", "none")
    world.gateway.wait_status(site, 200)


def test_so_many_bytes_a_second_of_all_downloads(world, site, rule):
    rule("montague.example", "bandwidth", "100000")
    world.gateway.wait_status(site, 200)
    slow = wait_until("the rule to count", lambda: seconds_of_a_download(world))
    assert slow >= 2.0


def seconds_of_a_download(world):
    """Of 300,000 bytes; nothing when the rule has yet to reach the gateway."""
    took = Stopwatch()
    answer = world.gateway.fetch("romeo", "/bytes?n=300000")
    assert answer.status == 200 and len(answer.body) == 300_000
    return took.seconds if took.seconds > 1.5 else None


def test_what_is_said_of_a_jid_outranks_a_ban_of_its_domain(world, site):
    gateway = world.gateway
    assert gateway.site("ban", "montague.example").returncode == 0
    gateway.wait_status(site, 404)
    assert gateway.site("rule", ROMEO, "banned", "0").returncode == 0
    gateway.wait_status(site, 200)
    assert gateway.site("unban", "montague.example").returncode == 0
    assert gateway.site("rule", ROMEO, "banned", "none").returncode == 0
    gateway.wait_status(site, 200)
