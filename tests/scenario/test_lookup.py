# A peer finds its server by itself: SRV for STARTTLS and for direct TLS, in order of priority.
import pytest
from support.dns import SRV, Dns, address, service

STARTTLS, DIRECT = "_xmpp-client._tcp.montague.example", "_xmpps-client._tcp.montague.example"


@pytest.fixture(scope="module")
def folder(place):
    page = place / "page"
    page.mkdir()
    (page / "index.html").write_text("<p>here</p>")
    return page


def check(world, folder, name, records):
    dns = Dns({"xmpp.montague.example": [address("127.0.0.1")], **records})
    peer = world.peer("romeo", folder, program_name=name, environment={"CROSSTALK_DNS": dns.server})
    at = peer.command.index("--server")
    del peer.command[at:at + 2]
    peer.start()
    peer.wait_online(60)
    assert world.gateway.fetch("romeo").body == b"<p>here</p>"
    assert {(STARTTLS, SRV), (DIRECT, SRV)} <= set(dns.questions)
    peer.stop()
    dns.close()


def test_starttls_by_srv(world, folder):
    check(world, folder, "peer-srv", {STARTTLS: [service(world.server.c2s_port, "xmpp.montague.example")]})


def test_direct_tls_by_srv(world, folder):
    check(world, folder, "peer-srvs", {DIRECT: [service(world.server.tls_port, "xmpp.montague.example")]})


def test_a_dead_server_is_passed_over_for_the_next(world, folder):
    check(world, folder, "peer-next", {
        STARTTLS: [service(9, "xmpp.montague.example", priority=1), service(5222, "gone.montague.example", priority=2),
                   service(world.server.c2s_port, "xmpp.montague.example", priority=30)],
        DIRECT: [service(9, "xmpp.montague.example", priority=5)]})


def test_a_domain_that_has_no_server_is_said_and_tried_again(world, folder):
    dns = Dns({})
    peer = world.peer("romeo", folder, program_name="peer-lost", environment={"CROSSTALK_DNS": dns.server})
    at = peer.command.index("--server")
    del peer.command[at:at + 2]
    peer.start()
    peer.wait_for_err(r"montague\.example")
    dns.records.update({STARTTLS: [service(world.server.c2s_port, "xmpp.montague.example")],
                        "xmpp.montague.example": [address("127.0.0.1")]})
    peer.wait_online(60)
    peer.stop()
    dns.close()
