# The front end's own TLS, towards visitors who check the certificate.
import hashlib
import json
import os
import re
import signal
import socket
import ssl
import subprocess

import pytest
from support.backend import pattern
from support.browser import Browser
from support.certificates import Authority
from support.crosstalk import crosstalk
from support.raw_http import Connection
from support.secure_world import SecureWorld
from support.waiting import wait_until

LARGE = 3_000_000


class Secure(Connection):
    """The strict client over TLS; it trusts `authority` alone."""

    def __init__(self, port, host, authority, timeout=60):
        super().__init__(port, host, timeout)
        self.socket = trusting(authority).wrap_socket(self.socket, server_hostname=host.partition(":")[0])


def trusting(authority, **options):
    context = ssl.create_default_context(cafile=authority.file)
    for name, value in options.items():
        setattr(context, name, value)
    return context


class StrictWorld(SecureWorld):
    """With short patience for handshakes."""

    def __init__(self, directory):
        super().__init__(directory, "gate.localhost", {"timeouts": {"header": "3s"}})

    def connect(self, site, **options):
        return Secure(self.port, f"{site}.gate.localhost:{self.port}", self.authority, **options)


@pytest.fixture(scope="module")
def world(place, programs):
    made = StrictWorld(place)
    made.start()
    yield made
    made.stop()


def curl(world, *arguments):
    return subprocess.run(
        ["curl", "--silent", "--show-error", "--cacert", world.authority.file, "--resolve",
         f"juliet.gate.localhost:{world.port}:127.0.0.1", *arguments],
        capture_output=True, timeout=60, check=False)


def test_the_address_that_is_told_is_https_and_its_certificate_holds(world, backend):
    url = world.publish("juliet", backend.url).wait_online()
    assert url == f"https://juliet.gate.localhost:{world.port}/"
    answer = curl(world, "--http1.1", url + "inspect/1", url + "inspect/2", "--write-out", "%{num_connects} ")
    assert answer.returncode == 0, answer.stderr
    assert re.findall(rb"}(\d) ", answer.stdout) == [b"1", b"0"]
    assert b"/inspect/2" in answer.stdout


def test_one_connection_serves_many_requests_and_the_app_knows_that_they_came_by_https(world, site):
    with world.connect(site) as connection:
        assert connection.socket.version() == "TLSv1.3"
        for number in range(50):
            facts = json.loads(connection.get(f"/inspect/{number}").body)
            assert facts["target"] == f"/inspect/{number}"
        headers = {name.lower(): value for name, value in facts["headers"]}
        assert headers["x-forwarded-proto"] == "https"
        assert headers["x-forwarded-host"] == f"romeo.gate.localhost:{world.port}"


def test_requests_without_tls_stay_http(world, site):
    with Connection(world.gateway.port, f"romeo.gate.localhost:{world.port}") as connection:
        headers = {name.lower(): value for name, value in json.loads(connection.get("/inspect").body)["headers"]}
        assert headers["x-forwarded-proto"] == "http"


def test_head_has_the_head_of_get_and_no_body(world, site):
    with world.connect(site) as connection:
        head = connection.request("HEAD", "/bytes?n=1000")
        assert head.status == 200 and head.get("Content-Length") == "1000" and head.body == b""
        assert connection.get("/bytes?n=1000").body == pattern(1000)


def test_a_large_body_arrives_byte_for_byte_in_either_direction(world, site):
    body = pattern(LARGE)
    with world.connect(site) as connection:
        facts = json.loads(connection.request("POST", "/inspect", body=body).body)
        assert (facts["length"], facts["sha256"]) == (LARGE, hashlib.sha256(body).hexdigest())
        assert connection.get(f"/bytes?n={LARGE}").body == body
        assert connection.get(f"/chunks?n={LARGE}").body == body
        assert connection.get("/inspect").status == 200


def test_a_body_that_ends_with_the_connection_is_ended_in_order(world, site):
    # HTTP/1.0 has no chunks: only TLS's own goodbye says that the body is whole.
    with world.connect(site) as connection:
        connection.socket.suppress_ragged_eofs = False
        connection.send_request("GET", "/chunks?n=300000", version="1.0")
        assert connection.read_response().body == pattern(300_000)


def test_the_oldest_version_is_1_2_and_no_other_protocol_than_http_is_agreed_on(world, site):
    def shake(**options):
        protocols = options.pop("protocols", None)
        context = trusting(world.authority, **options)
        if protocols:
            context.set_alpn_protocols(protocols)
        with socket.create_connection(("127.0.0.1", world.port), 60) as plain:
            with context.wrap_socket(plain, server_hostname="gate.localhost") as secured:
                return secured.version(), secured.selected_alpn_protocol()

    assert shake(protocols=["http/1.1", "h2"]) == ("TLSv1.3", "h2")
    assert shake(protocols=["http/1.1"]) == ("TLSv1.3", "http/1.1")
    assert shake(maximum_version=ssl.TLSVersion.TLSv1_2) == ("TLSv1.2", None)
    with pytest.raises(ssl.SSLError):
        shake(protocols=["http/1.0", "spdy/3"])
    with pytest.warns(DeprecationWarning), pytest.raises(ssl.SSLError):
        shake(minimum_version=ssl.TLSVersion.TLSv1, maximum_version=ssl.TLSVersion.TLSv1_1)


def test_a_certificate_is_not_believed_for_other_names_or_by_strangers(world, site, place):
    assert curl(world, f"https://localhost:{world.port}/", "--resolve",
                f"localhost:{world.port}:127.0.0.1").returncode == 60
    with pytest.raises(ssl.SSLCertVerificationError):
        Secure(world.port, "romeo.gate.localhost", Authority(place / "strangers"))


def test_clients_that_stall_in_the_handshake_hold_nobody_up_and_are_closed(world, site):
    stalled = [socket.create_connection(("127.0.0.1", world.port), 60) for _ in range(20)]
    for number, each in enumerate(stalled):
        each.sendall(b"\x16\x03\x01\x02\x00\x01"[:number % 7])
    with world.connect(site) as connection:
        assert connection.get("/inspect").status == 200
    for each in stalled:
        assert each.recv(1) == b""
        each.close()


def test_http_in_the_clear_is_told_to_use_https(world, site):
    with Connection(world.port, "romeo.gate.localhost") as connection:
        answer = connection.get("/inspect")
        assert answer.status == 400 and "https" in answer.text
        assert connection.read_to_end() == b""
    with world.connect(site) as connection:
        assert connection.get("/inspect").status == 200


def test_rubbish_and_early_leavers_do_no_harm(world, site):
    for said in (b"", b"\0" * 5000, b"\x16\x03\x01\x00\x05hello", b"PRI * HTTP/2.0\r\n\r\n", b"<stream:stream>"):
        with socket.create_connection(("127.0.0.1", world.port), 60) as connection:
            connection.sendall(said)
    with world.connect(site) as connection:
        connection.send("GET /endless HTTP/1.1\r\nHost: " + connection.host + "\r\n\r\n")
        assert connection.read_head().status == 200
    with world.connect(site) as connection:
        assert connection.get("/inspect").status == 200


def test_error_pages_and_the_admin_listener_are_as_ever(world):
    with world.connect("nobody") as connection:
        assert connection.get("/").status == 404
        assert connection.get("/").status == 404
    assert world.gateway.probe("/healthz").status == 200


def test_a_page_in_the_browser(world, site):
    with Browser("--ignore-certificate-errors") as browser:
        browser.open(f"https://romeo.gate.localhost:{world.port}/inspect")
        facts = json.loads(browser.evaluate("document.body.innerText"))
        assert facts["target"] == "/inspect"
        assert browser.evaluate("location.protocol + isSecureContext") == "https:true"


def serial_of(world, name):
    """The serial number of the certificate that a client gets who asks for `name`, or for nobody."""
    context = ssl.create_default_context(cafile=world.authority.file)
    context.check_hostname = False
    with socket.create_connection(("127.0.0.1", world.port), 20) as plain, \
            context.wrap_socket(plain, server_hostname=name) as secured:
        return secured.getpeercert()["serialNumber"]


def configure(world, certificates, keys):
    """Writes another table of TLS, and has it read."""
    world.gateway.write({**world.tables, "http.tls": {
        "listen": [f"127.0.0.1:{world.port}"], "certificate": certificates, "key": keys}})
    renewed = world.gateway.err().count("certificates renewed")
    world.gateway.signal(signal.SIGHUP)
    wait_until("the new certificates", lambda: world.gateway.err().count("certificates renewed") > renewed)


def test_certificates_are_renewed_and_no_connection_is_lost(world, site):
    before = serial_of(world, "romeo.gate.localhost")
    world.gateway.signal(signal.SIGHUP)
    world.gateway.wait_for_err("configuration read")
    assert "certificates renewed" not in world.gateway.err()
    with world.connect(site) as connection, world.connect(site) as in_the_middle:
        assert connection.get("/inspect").status == 200
        in_the_middle.send_request("GET", f"/bytes?n={LARGE}")
        head = in_the_middle.read_head()
        again = world.authority.issue("renewed", world.names)
        for old, new in zip(world.pair, again):
            os.replace(new, old)
        renewed = world.gateway.err().count("certificates renewed")
        world.gateway.signal(signal.SIGHUP)
        wait_until("the new certificate", lambda: world.gateway.err().count("certificates renewed") > renewed)
        assert connection.get("/inspect").status == 200
        assert b"".join(in_the_middle.body_pieces(head)) == pattern(LARGE)
    assert serial_of(world, "romeo.gate.localhost") != before
    assert "needs a restart" not in world.gateway.err()


def test_each_host_gets_its_own_certificate(world, site):
    shop = world.authority.issue("shop", ["www.shop.localhost", "shop.localhost"])
    wild = world.authority.issue("wild", ["*.wild.localhost"])
    configure(world, [world.pair[0], shop[0], wild[0]], [world.pair[1], shop[1], wild[1]])
    own, its = serial_of(world, "romeo.gate.localhost"), serial_of(world, "shop.localhost")
    assert own != its
    assert serial_of(world, "www.shop.localhost") == its
    assert serial_of(world, "a.wild.localhost") not in (own, its)
    # Nobody's, or nobody named: the first one.
    for name in ("a.b.wild.localhost", "wild.localhost", "other.example", None):
        assert serial_of(world, name) == own, name
    with world.connect(site) as connection:
        assert connection.get("/inspect").status == 200
    configure(world, *world.pair)


def test_a_renewal_that_cannot_be_used_changes_nothing(world):
    before = serial_of(world, "romeo.gate.localhost")
    with open(world.pair[0], encoding="ascii") as file:
        good = file.read()
    with open(world.pair[0], "w", encoding="ascii") as file:
        file.write("nonsense")
    world.gateway.signal(signal.SIGHUP)
    world.gateway.wait_for_err("configuration not taken")
    assert serial_of(world, "romeo.gate.localhost") == before
    with open(world.pair[0], "w", encoding="ascii") as file:
        file.write(good)


def test_check_names_the_file_the_line_and_the_key(world, place):
    other = world.authority.issue("other", world.names)
    with open(world.gateway.config, encoding="utf-8") as file:
        text = file.read()
    wrong = place / "wrong.toml"
    wrong.write_text(text.replace(world.pair[1], other[1]), encoding="utf-8")
    line = text[:text.index(world.pair[1])].count("\n") + 1
    answer = crosstalk("check", "--config", wrong)
    assert answer.returncode == 1
    assert f'{wrong}:{line}: key "http.tls.key": {other[1]} does not belong' in answer.stderr
    assert crosstalk("gateway", "--config", wrong).returncode == 1
