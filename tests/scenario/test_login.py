# How a peer reaches its server: STARTTLS, direct TLS, trust from the environment, either kind of SCRAM.
import os
import re

import pytest
from support.servers import Server
from support.world import World
from support.xmpp import Client


@pytest.fixture(scope="module")
def folder(place):
    page = place / "page"
    page.mkdir()
    (page / "index.html").write_text("<p>here</p>")
    return page


def check_serves(world, peer):
    peer.wait_online()
    assert world.gateway.fetch("romeo").body == b"<p>here</p>"
    peer.stop()


def test_starttls(world, folder):
    check_serves(world, world.peer("romeo", folder).start())
    assert re.search(world.server.logs_encryption, world.server.log())


def test_direct_tls(world, folder):
    check_serves(world, world.peer("romeo", folder, server=f"tls://127.0.0.1:{world.server.tls_port}",
                                   program_name="peer-direct").start())


def test_trust_from_the_environment(world, folder):
    check_serves(world, world.peer("romeo", folder, ca_file="", program_name="peer-environment",
                                   environment={"SSL_CERT_FILE": world.server.ca_file}).start())


def test_a_password_from_the_environment_and_from_a_configuration(world, folder, place):
    def run(name, arguments, environment):
        peer = world.peer("romeo", folder, program_name=name, environment=environment)
        at = peer.command.index("--password-file")
        peer.command[at:at + 2] = arguments
        check_serves(world, peer.start())
    run("peer-variable", [], {"CROSSTALK_PASSWORD": "romeo-secret"})
    config = place / "peer.toml"
    config.write_text('password = "romeo-secret"\n')
    os.chmod(config, 0o600)
    run("peer-config", ["--config", str(config)], {})


def test_a_resource_of_ones_own(world, folder):
    peer = world.publish("romeo", folder, resource="laptop")
    other = Client(world.server, "romeo", "other")
    other.send("<presence/>")
    other.take("the peer's presence", lambda stanza: stanza.get("from") == "romeo@montague.example/laptop")
    other.close()
    peer.stop()


def test_an_account_with_letters_of_its_own(world, folder):
    world.server.register("björn")
    assert world.gateway.site("add", "bjoern", "björn@montague.example").returncode == 0
    world.gateway.wait_status("bjoern", 503)
    peer = world.publish("Björn", folder, password=world.server.password("björn"))
    world.gateway.wait_status("bjoern", 200)
    peer.stop()


def run_world(place, name, folder, **options):
    """Publishes twice (the first login turns the stored password into its hash); what the server logged."""
    place = place / name
    place.mkdir()
    world = World(place, **options)
    world.start()
    for _ in range(2):
        check_serves(world, world.peer("romeo", folder).start())
    world.stop()
    return world.server.log()


@pytest.mark.parametrize("mechanism", ["SCRAM-SHA-256", "SCRAM-SHA-1", "PLAIN"])
def test_each_mechanism(place, programs, folder, mechanism):
    log = run_world(place, mechanism, folder, mechanism=mechanism, log_level="debug")
    assert Server.logs_mechanism.format(mechanism) in log


def test_channel_binding_where_it_is_offered(place, programs, folder):
    log = run_world(place, "binding", folder, mechanism="SCRAM-SHA-1-PLUS", log_level="debug", tls_12=True)
    assert Server.logs_mechanism.format("SCRAM-SHA-1-PLUS") in log
