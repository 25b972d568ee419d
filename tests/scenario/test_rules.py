# The operator's rules for people and domains, as visitors of their sites see them.
import re
import signal
from concurrent.futures import ThreadPoolExecutor

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


@pytest.fixture(scope="module")
def neighbour(world, backend):
    """The same app as the site of somebody else of that domain."""
    world.publish("juliet", backend.url)
    return "juliet"


def test_so_many_requests_at_once(world, site, backend, rule):
    gateway = world.gateway
    rule(ROMEO, "transactions", "1")
    wait_until("the rule to count", lambda: one_is_too_many(gateway, backend))
    wait_until("the place to be free again", lambda: gateway.fetch(site).status == 200)
    rule("montague.example", "transactions", "0")
    assert gateway.fetch(site).status == 200, "what is said of a JID outranks what is said of its domain"
    rule(ROMEO, "transactions", "none")
    gateway.wait_status(site, 503)


def one_is_too_many(gateway, backend, other="romeo"):
    """Whether a second request, to `other`, is refused while one is open."""
    backend.hold.clear()
    with gateway.connect("romeo") as first:
        first.send_request("GET", "/gate")
        wait_until("the first to be at the app", lambda: backend.running["/gate"] == 1)
        second = gateway.fetch(other).status
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


def test_a_domain_shares_so_many_requests_at_once(world, site, neighbour, backend, rule):
    gateway = world.gateway
    assert not one_is_too_many(gateway, backend, neighbour)
    rule("*", "domain_transactions", "1")
    wait_until("the rule to count", lambda: one_is_too_many(gateway, backend, neighbour))
    wait_until("the place to be free again", lambda: gateway.fetch(neighbour).status == 200)
    rule("montague.example", "domain_transactions", "2")
    wait_until("the domain's own rule to count", lambda: not one_is_too_many(gateway, backend, neighbour))


def test_a_domain_shares_so_many_requests_a_second(world, site, neighbour, rule):
    gateway = world.gateway
    gateway.wait_status(neighbour, 200)
    rule("montague.example", "domain_rate", "1")

    def neighbour_pays():
        gateway.wait_status(site, 503)
        return gateway.fetch(neighbour).status == 503
    # A second may pass in between; with ten requests of its own in one go the neighbour would never be refused.
    assert any(neighbour_pays() for _ in range(5))
    rule("montague.example", "domain_rate", "none")
    gateway.wait_status(neighbour, 200)


def test_so_many_bytes_a_second_of_all_downloads(world, site, rule):
    rule("montague.example", "bandwidth", "100000")
    world.gateway.wait_status(site, 200)
    wait_until("the rule to count", lambda: takes_two_seconds(world, [site], 300_000))


def test_a_domain_shares_so_many_bytes_a_second(world, site, neighbour, rule):
    world.gateway.wait_status(neighbour, 200)
    rule("montague.example", "domain_bandwidth", "100000")
    wait_until("the rule to count", lambda: takes_two_seconds(world, [site, neighbour], 150_000))


def takes_two_seconds(world, sites, each):
    """Whether a download of `each` bytes from all sites at once does; it is quicker until the rule has reached the gateway."""
    took = Stopwatch()
    with ThreadPoolExecutor(len(sites)) as pool:
        answers = list(pool.map(lambda name: world.gateway.fetch(name, f"/bytes?n={each}"), sites))
    assert [(answer.status, len(answer.body)) for answer in answers] == [(200, each)] * len(sites)
    return took.seconds >= 2.0


def test_what_is_said_of_a_jid_outranks_a_ban_of_its_domain(world, site):
    gateway = world.gateway
    assert gateway.site("ban", "montague.example").returncode == 0
    gateway.wait_status(site, 404)
    assert gateway.site("rule", ROMEO, "banned", "0").returncode == 0
    gateway.wait_status(site, 200)
    assert gateway.site("unban", "montague.example").returncode == 0
    assert gateway.site("rule", ROMEO, "banned", "none").returncode == 0
    gateway.wait_status(site, 200)


def test_what_the_configuration_says_holds(world, site):
    gateway = world.gateway
    gateway.wait_status(site, 200)
    gateway.write({f'rules."{ROMEO}"': {"banned": True}})
    gateway.signal(signal.SIGHUP)
    gateway.wait_status(site, 404)
    refused = gateway.site("unban", ROMEO)
    assert refused.returncode == 1 and "[rules]" in refused.stderr, "what is fixed is changed there alone"
    shown = gateway.site("rules").stdout
    assert re.search(rf"{ROMEO} +banned +1 +configuration", shown)
    gateway.write({})
    gateway.signal(signal.SIGHUP)
    gateway.wait_status(site, 200)
