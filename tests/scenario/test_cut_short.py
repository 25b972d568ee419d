# Whoever may see a site no more does not go on seeing it: what is open is cut, and the app is told.
import pytest
from support.http2 import Http2
from support.raw_http import Closed
from support.visiting import Guest, Person
from support.waiting import wait_until
from support.websocket import TEXT, SocketApp, frame, handshake, read_frame

TABLES = {"limits": {"logins_per_jid": 1000, "logins_per_client": 1000}}
OWNER, JULIET, BENVOLIO = (f"{user}@montague.example" for user in ("romeo", "juliet", "benvolio"))

# How a site comes to be nobody's or somebody else's, and how all is well again.
ENDS = {
    "suspended": (("suspend", "square"), ("resume", "square")),
    "removed": (("remove", "square"), ("add", "square", OWNER)),
    "its owner banned": (("ban", OWNER), ("unban", OWNER)),
    "for guests from now on": (("visibility", "square", "listed"), ("visibility", "square", "public")),
}


@pytest.fixture(scope="module")
def sockets():
    app = SocketApp()
    yield app
    app.close()


@pytest.fixture(scope="module")
def gateway(world, backend, sockets):
    """square and elsewhere are an app's, and two owners'."""
    for name, owner in (("square", OWNER), ("elsewhere", JULIET)):
        assert world.gateway.site("add", name, owner).returncode == 0
    world.publish("romeo", backend.url)
    world.publish("juliet", backend.url)
    world.gateway.wait_status("square", 200, "/inspect")
    world.gateway.wait_status("elsewhere", 200, "/inspect")
    return world.gateway


def tell(gateway, arguments):
    done = gateway.site(*arguments)
    assert done.returncode == 0, done.stderr


def has_closed(connection):
    """Waits until the other side has closed; what came before is read and dropped."""
    def end():
        try:
            return not connection.socket.recv(262144)
        except ConnectionResetError:
            return True
    wait_until("the connection to be closed", end, pause=0)


@pytest.fixture
def elsewhere(gateway, backend):
    """A request to another site, which has to be answered in the end."""
    backend.hold.clear()
    with gateway.connect("elsewhere") as connection:
        connection.send_request("GET", "/gate")
        wait_until("the app to hold it", lambda: backend.running["/gate"] == 1)
        yield
        backend.hold.set()
        assert connection.read_response().body == b"through"


@pytest.mark.parametrize("way", ENDS)
def test_what_is_open_ends_with_the_site(gateway, backend, elsewhere, way):
    end, undo = ENDS[way]
    before = backend.cancelled["/endless"] + backend.cancelled["/hang"]
    with gateway.connect("square") as download, gateway.connect("square") as waiting, \
            Http2(gateway.port, gateway.host("square")) as streams:
        download.send_request("GET", "/endless")
        assert download.read_head().status == 200
        waiting.send_request("GET", "/hang")
        hanging, endless = streams.start("GET", "/hang"), streams.start("GET", "/endless")
        wait_until("the app to work", lambda: backend.running["/endless"] == 2 and backend.running["/hang"] == 2)
        tell(gateway, end)
        try:
            has_closed(download)
            assert waiting.read_response().status == 403
            assert streams.wait(hanging).status == 403
            cut = streams.wait(endless)
            assert cut.reset is not None and not cut.is_whole
            wait_until("the app to know", lambda: backend.cancelled["/endless"] + backend.cancelled["/hang"] == before + 4)
            assert gateway.fetch("square", "/inspect").status in (401, 404)
            assert streams.get("/inspect").status in (401, 404), "the connection itself goes on"
        finally:
            tell(gateway, undo)
    gateway.wait_status("square", 200, "/inspect")


def test_an_upload_ends_too(gateway, backend):
    with gateway.connect("square") as connection:
        connection.send_request("POST", "/inspect", [("Content-Length", "1000")])
        connection.send(b"x" * 500)
        wait_until("the app to have begun", lambda: backend.running["/inspect"] == 1)
        tell(gateway, ENDS["suspended"][0])
        try:
            assert connection.read_response().status == 403
            has_closed(connection)
            wait_until("the app to know", lambda: backend.running["/inspect"] == 0)
        finally:
            tell(gateway, ENDS["suspended"][1])
    gateway.wait_status("square", 200, "/inspect")


def ask_for_socket(gateway, site, cookies=()):
    """A connection that has asked for a WebSocket, and the status that came."""
    connection = gateway.connect(site)
    headers, _ = handshake("chat")
    jar = "; ".join(f"{name}={value}" for name, value in dict(cookies).items())
    connection.send_request("GET", "/echo", headers + ([("Cookie", jar)] if jar else []))
    return connection, connection.read_head().status


def open_socket(gateway, site, cookies=()):
    """A WebSocket that has echoed something."""
    connection, status = ask_for_socket(gateway, site, cookies)
    assert status == 101 and echoes(connection)
    return connection


def may_open_socket(gateway, site, cookies=()):
    connection, status = ask_for_socket(gateway, site, cookies)
    connection.close()
    return status == 101


def echoes(connection):
    try:
        connection.send(frame(b"there?", TEXT, b"abcd"))
        return read_frame(connection.read_exactly)[2] == b"there?"
    except (OSError, Closed):
        return False


@pytest.fixture(params=["never", "require"], ids=["in band", "direct"])
def socket_site(world, gateway, sockets, request):
    """benvolio's program, however requests come to it."""
    peer = world.publish("benvolio", sockets.url, direct=request.param, program_name="sockets-" + request.param)
    wait_until("it to answer", lambda: may_open_socket(gateway, "benvolio"))
    yield "benvolio"
    peer.stop()


def test_a_websocket_ends_with_the_site(gateway, sockets, socket_site):
    with open_socket(gateway, "benvolio") as connection:
        tell(gateway, ("suspend", "square"))  # another one
        gateway.wait_status("square", 404)
        assert echoes(connection)
        tell(gateway, ("resume", "square"))
        tell(gateway, ("ban", BENVOLIO))
        try:
            has_closed(connection)
            wait_until("the app to know", lambda: sockets.open["/echo"] == 0)
        finally:
            tell(gateway, ("unban", BENVOLIO))
            gateway.wait_status("benvolio", 403, "/refuse")  # the app's own


def test_a_websocket_in_a_stream_of_http2_ends_too(gateway, sockets, socket_site):
    with Http2(gateway.port, gateway.host("benvolio")) as connection:
        stream = connection.start("CONNECT", "/hold", end=False, pseudo=[
            (":method", "CONNECT"), (":protocol", "websocket"), (":scheme", "http"),
            (":authority", connection.authority), (":path", "/hold"), ("sec-websocket-version", "13")])
        wait_until("the app's side", lambda: sockets.open["/hold"] == 1)
        tell(gateway, ("ban", BENVOLIO))
        try:
            assert connection.wait(stream).reset is not None
            wait_until("the app to know", lambda: sockets.open["/hold"] == 0)
        finally:
            tell(gateway, ("unban", BENVOLIO))
            gateway.wait_status("benvolio", 403, "/refuse")


@pytest.fixture(scope="module")
def guests(world, gateway, sockets):
    """Two who have logged in at a site for guests, with their cookies."""
    world.publish("benvolio", sockets.url, program_name="parlour")
    tell(gateway, ("add", "parlour", BENVOLIO, "--visibility", "listed"))
    logged_in = {}
    for user in ("juliet", "romeo"):
        tell(gateway, ("admit", "parlour", f"{user}@montague.example"))
        with Person(world.server, user) as person:
            logged_in[user] = Guest(gateway, "parlour").log_in(person)
        wait_until(f"{user} to be admitted", lambda guest=logged_in[user]: may_open_socket(gateway, "parlour", guest.cookies))
    return logged_in


@pytest.mark.parametrize("visibility", ["listed", "roster"])
@pytest.mark.parametrize("end, undo", [
    (("dismiss", "parlour", JULIET), ("admit", "parlour", JULIET)),
    (("rule", JULIET, "visits", "0"), ("rule", JULIET, "visits", "1")),
    (("ban", JULIET), ("unban", JULIET)),
], ids=["dismissed", "not to visit", "banned"])
def test_a_guests_websocket_ends_when_the_guest_has_to_go(gateway, guests, end, undo, visibility):
    tell(gateway, ("visibility", "parlour", visibility))
    with open_socket(gateway, "parlour", guests["juliet"].cookies) as hers, \
            open_socket(gateway, "parlour", guests["romeo"].cookies) as his:
        tell(gateway, end)
        try:
            has_closed(hers)
            assert echoes(his)
            assert not may_open_socket(gateway, "parlour", guests["juliet"].cookies)
        finally:
            tell(gateway, undo)
            wait_until("her to be admitted again", lambda: may_open_socket(gateway, "parlour", guests["juliet"].cookies))


def test_who_is_not_known_and_who_may_be_a_contact_goes_when_a_public_site_is_for_contacts(gateway, guests):
    tell(gateway, ("dismiss", "parlour", JULIET))
    tell(gateway, ("visibility", "parlour", "public"))
    wait_until("the site to be public", lambda: may_open_socket(gateway, "parlour"))
    with open_socket(gateway, "parlour") as unknown, open_socket(gateway, "parlour", guests["juliet"].cookies) as hers, \
            open_socket(gateway, "parlour", guests["romeo"].cookies) as his:
        tell(gateway, ("visibility", "parlour", "roster"))
        has_closed(unknown)
        has_closed(hers)
        assert echoes(his), "he is a guest"


def test_the_operators_configuration_counts_too(world, gateway, backend):
    with gateway.connect("romeo") as connection:
        connection.send_request("GET", "/hang")
        wait_until("the app to work", lambda: backend.running["/hang"] == 1)
        gateway.write({**TABLES, 'rules."romeo@montague.example"': {"banned": True}})
        gateway.signal(1)
        try:
            assert connection.read_response().status == 403
        finally:
            gateway.write(TABLES)
            gateway.signal(1)
            gateway.wait_status("romeo", 200, "/inspect")
