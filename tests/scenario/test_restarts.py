# Everything comes back by itself, in whatever order things start and stop.
import pytest
from support.waiting import wait_until
from support.world import World


@pytest.fixture(scope="module")
def world(place, programs):
    made = World(place)  # not started: each test chooses the order
    yield made
    made.stop()


@pytest.fixture(autouse=True)
def everything_runs(world, request):
    """Each test begins with what the one before it may have left down, the first with nothing."""
    if request.node.name != "test_gateway_and_peer_start_before_their_server":
        for program in (world.server, world.gateway):
            if not program.is_running():
                program.start()
        world.gateway.wait_ready(60)


@pytest.fixture
def folder(place):
    page = place / "page"
    page.mkdir(exist_ok=True)
    (page / "index.html").write_text("<p>here</p>")
    return page


def test_gateway_and_peer_start_before_their_server(world, folder):
    world.gateway.start()
    peer = world.peer("romeo", folder).start()
    wait_until("the HTTP front end", lambda: world.gateway.probe("/healthz"))
    assert world.gateway.probe("/healthz").status == 200
    not_ready = world.gateway.probe("/readyz")
    assert not_ready.status == 503 and not_ready.text.strip()
    answer = world.gateway.fetch("romeo")
    assert answer.status == 503 and answer.get("Retry-After")
    assert world.gateway.fetch("nobody").status == 404
    world.server.start()
    world.gateway.wait_ready(60)
    peer.wait_online(60)
    assert world.gateway.fetch("romeo").body == b"<p>here</p>"


def test_the_server_restarts(world, folder):
    world.server.stop()
    world.gateway.wait_not_ready()
    assert world.gateway.fetch("romeo").status == 503
    login = world.gateway.fetch("romeo", "/.well-known/crosstalk/login", "POST", body=b"jid=juliet%40montague.example&to=%2F")
    assert login.status == 503, "nobody is told that a question is on its way"
    world.server.start()
    world.gateway.wait_ready(60)
    world.gateway.wait_status("romeo", 200, limit=60)


def test_the_server_is_killed_under_load(world, folder, backend):
    peer = world.publish("juliet", backend.url)
    connection = world.gateway.connect("juliet")
    connection.send_request("GET", "/hang")
    wait_until("the handler to run", lambda: backend.running["/hang"] == 1)
    world.server.kill()
    assert connection.read_response().status in (502, 503, 504)
    world.server.start()
    # The new server knows nothing of the old streams: what ran for them is over.
    wait_until("the handler to be cancelled", lambda: backend.running["/hang"] == 0, limit=60)
    world.gateway.wait_status("juliet", 200, "/inspect", limit=60)
    world.gateway.wait_status("romeo", 200, limit=60)
    peer.stop()


def test_the_gateway_restarts_and_finds_its_peers(world, folder):
    world.gateway.stop()
    world.gateway.start()
    world.gateway.wait_ready()
    world.gateway.wait_status("romeo", 200)


def test_the_gateway_is_killed_and_finds_its_peers(world, folder):
    world.gateway.kill()
    world.gateway.start()
    world.gateway.wait_ready()
    world.gateway.wait_status("romeo", 200)


def test_right_after_it_has_attached_requests_wait_for_the_peer(world, folder):
    world.gateway.stop()
    world.gateway.start()
    world.gateway.wait_ready()
    # No polling: the first request is held until the owner has been probed.
    assert world.gateway.fetch("romeo").status == 200


def test_an_open_answer_is_finished_before_the_gateway_stops(world, backend):
    peer = world.publish("benvolio", backend.url)
    connection = world.gateway.connect("benvolio")
    connection.send_request("GET", "/gate")
    wait_until("the handler to run", lambda: backend.running["/gate"] == 1)
    world.gateway.signal(15)
    wait_until("the listener to close", lambda: not world.gateway.is_ready())
    backend.hold.set()
    assert connection.read_response().body == b"through"
    assert world.gateway.wait_for_exit() == 0
    world.gateway.start()
    world.gateway.wait_ready()
    peer.stop()


def test_a_peer_waits_for_its_gateway(world, folder):
    world.gateway.stop()
    peer = world.peer("juliet", folder, program_name="peer-waiting").start()
    peer.wait_for_err(world.domain.replace(".", r"\."), limit=60)
    assert peer.out() == ""
    world.gateway.start()
    peer.wait_online(60)
    world.gateway.wait_status("juliet", 200)
    peer.stop()
