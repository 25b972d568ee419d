# Several sites of one account, each from a program of its own: whoever asks for one never sees another.
import threading

import pytest
from support.raw_http import Closed, fetch
from support.scripted import ScriptedPeer
from support.waiting import wait_until

NAMES = ("balcony", "orchard", "tomb")
OFFLINE = "offline"


@pytest.fixture(scope="module")
def pages(world, place):
    """Folders whose page is their name; the names are all one owner's."""
    made = {}
    for name in (*NAMES, "general"):
        made[name] = place / name
        made[name].mkdir()
        (made[name] / "index.html").write_text(name)
    for name in NAMES:
        assert world.gateway.site("add", name, "romeo@montague.example").returncode == 0
    return made


@pytest.fixture
def publish(world, pages):
    """Programs of the owner's, ended with the test: each for one site, or for whatever is left."""
    started = []

    def begin(what, page=None, **options):
        name = None if what == "general" else what
        started.append(world.publish("romeo", pages[page or what], name=name, program_name=f"peer-{len(started)}", **options))
        return started[-1]
    yield begin
    for peer in started:
        peer.end()


def shown(world, name):
    """What a visitor of that site sees."""
    answer = world.gateway.fetch(name)
    return OFFLINE if answer.status == 503 else answer.text


def wait_for(world, name, what):
    wait_until(f"{name} to show {what}", lambda: shown(world, name) == what)


def test_each_program_is_asked_for_its_own_site(world, publish):
    for name in NAMES[:2]:
        publish(name)
    for _ in range(4):
        assert [shown(world, name) for name in NAMES] == ["balcony", "orchard", OFFLINE]
    by_path = fetch(world.gateway.port, f"localhost:{world.gateway.port}", "/orchard/")
    assert by_path.text == "orchard"


@pytest.mark.parametrize("way", ["never", "require"])
def test_a_program_that_stops_is_not_stood_in_for_by_one_of_another_site(world, publish, way):
    balcony, _ = (publish(name, direct=way) for name in NAMES[:2])
    balcony.stop()
    wait_for(world, "balcony", OFFLINE)
    assert shown(world, "orchard") == "orchard"
    balcony.start()
    wait_for(world, "balcony", "balcony")


def test_a_program_without_a_name_has_what_nobody_names(world, publish):
    publish("general")
    wait_for(world, "balcony", "general")
    named = publish("balcony")
    wait_for(world, "balcony", "balcony")
    for _ in range(4):
        assert [shown(world, name) for name in NAMES] == ["balcony", "general", "general"]
    named.stop()
    wait_for(world, "balcony", "general")


def test_two_programs_of_one_site_take_turns(world, publish):
    publish("orchard")
    publish("orchard", page="balcony")
    publish("tomb")
    wait_until("both to be asked", lambda: {shown(world, "orchard") for _ in range(2)} == {"orchard", "balcony"})
    seen = [shown(world, "orchard") for _ in range(6)]
    assert seen[0] != seen[1] and seen == seen[:2] * 3


@pytest.mark.parametrize("which", ["gateway", "server"])
def test_nobody_sees_another_site_while_something_starts_again(world, publish, which):
    others = ["general"] if which == "gateway" else []  # it may be back before them, and stand in
    for name in (*others, *NAMES[:2]):
        publish(name)
    wait_for(world, "orchard", "orchard")
    seen, is_over = {name: set() for name in NAMES[:2]}, threading.Event()

    def visit(name):
        while not is_over.is_set():
            try:
                answer = world.gateway.fetch(name)
            except (OSError, Closed):
                continue
            seen[name].add(answer.text if answer.status == 200 else answer.status)
    visitors = [threading.Thread(target=visit, args=(name,)) for name in NAMES[:2]]
    for each in visitors:
        each.start()
    try:
        program = getattr(world, which)
        program.stop()
        program.start()
        world.gateway.wait_ready(60)
        for name in NAMES[:2]:
            wait_for(world, name, name)
    finally:
        is_over.set()
        for each in visitors:
            each.join()
    for name in NAMES[:2]:
        assert name in seen[name] and not seen[name] & {"general", *NAMES} - {name}


def test_the_names_are_between_gateway_and_program(world, publish):
    with_eyes = ScriptedPeer(world, "romeo", "eyes")
    heard = []
    with_eyes._polite = lambda stanza: heard.append(stanza) or ScriptedPeer._polite(with_eyes, stanza)
    try:
        publish("balcony")
        wait_until("its presence", lambda: any(
            stanza.tag.endswith("}presence") and "/crosstalk-" in (stanza.get("from") or "") for stanza in heard))
    finally:
        with_eyes.close()
    texts = ["".join(e.get("name") or "" for e in stanza.iter()) for stanza in heard]
    assert texts and not any("balcony" in text for text in texts)
