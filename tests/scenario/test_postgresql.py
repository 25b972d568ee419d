# The registry in a real PostgreSQL: the same tests as for SQLite, and a gateway that outlives its database's bad hours.
import os
import subprocess

import pytest
from support.crosstalk import BINARY, crosstalk
from support.postgresql import PostgreSql
from support.wire import Wire
from support.world import World

UNIT = os.path.join(os.path.dirname(BINARY), "..", "..", "tests", "unit", "gateway", "registry_test")


@pytest.fixture(scope="module")
def database(place, programs):
    server = PostgreSql(place).start().create_database()
    yield server
    server.end()


@pytest.fixture(scope="module")
def wire(database):
    between = Wire(database.port)
    yield between
    between.close()


@pytest.fixture(scope="module")
def world(place, database, wire):
    made = World(place, tables={"sites": {"registry": database.url(port=wire.port)}})
    os.chmod(made.gateway.config, 0o600)
    made.start()
    yield made
    made.stop()


@pytest.fixture(scope="module")
def folder(world, place):
    page = place / "page"
    page.mkdir()
    (page / "index.html").write_text("<p>here</p>")
    world.publish("romeo", page)
    return page


def test_it_keeps_what_a_file_keeps(database):
    done = subprocess.run([UNIT], env={**os.environ, "CROSSTALK_REGISTRY": database.url()}, capture_output=True, text=True,
                          timeout=300, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert database.sql("SELECT count(*) FROM pg_namespace WHERE nspname LIKE 'test_%'") == "0"


def test_a_site_comes_and_goes_while_the_gateway_runs(world, folder):
    gateway = world.gateway
    assert gateway.fetch("balcony").status == 404
    done = gateway.site("add", "balcony", "romeo@montague.example")
    assert done.returncode == 0, done.stderr
    gateway.wait_status("balcony", 200)
    assert "balcony" in gateway.site("list").stdout
    assert gateway.site("remove", "balcony").returncode == 0
    gateway.wait_status("balcony", 404)


def test_the_database_may_be_away_for_a_while(world, folder, database):
    gateway = world.gateway
    assert gateway.site("add", "orchard", "romeo@montague.example").returncode == 0
    gateway.wait_status("orchard", 200)
    database.stop()
    gateway.wait_for_err("registry unreadable, the sites known so far stay")
    assert gateway.fetch("orchard").status == 200, "what is known is served on"
    assert gateway.fetch("nobody").status == 404
    told = gateway.site("add", "garden", "romeo@montague.example")
    assert told.returncode == 1 and "PostgreSQL server does not answer" in told.stderr
    database.start()
    gateway.wait_for_err("registry readable again")
    assert gateway.site("add", "garden", "romeo@montague.example").returncode == 0
    gateway.wait_status("garden", 200)


def test_nobody_waits_for_a_database_that_does_not_answer(world, folder, wire, database):
    gateway = world.gateway
    wire.freeze()
    gateway.wait_for_err("the server does not answer in time")
    assert [gateway.fetch("romeo").status for _ in range(20)] == [200] * 20
    wire.thaw()
    wire.cut()
    database.sql("INSERT INTO site (name, owner, created) VALUES ('tomb', 'romeo@montague.example', 1)")
    gateway.wait_status("tomb", 200)


def test_the_password_is_in_no_message(world, database):
    texts = [world.gateway.err(), world.gateway.site("list").stderr]
    assert database.password not in "".join(texts)
    wrong = crosstalk("site", "list", "--config", configuration(world, database.url(password="pg-guess")))
    assert wrong.returncode == 1 and "does not let us in" in wrong.stderr and "pg-guess" not in wrong.stderr


def test_a_password_that_everybody_can_read_is_warned_of(world, database):
    config = configuration(world, database.url())
    os.chmod(config, 0o644)
    told = crosstalk("check", "--config", config)
    assert "chmod o-r" in told.stderr and database.password not in told.stderr
    os.chmod(config, 0o600)
    assert "chmod" not in crosstalk("check", "--config", config).stderr


def configuration(world, url):
    path = os.path.join(world.directory, "other.toml")
    with open(world.gateway.config, encoding="utf-8") as there, open(path, "w", encoding="utf-8") as here:
        here.writelines(f'registry = "{url}"\n' if line.startswith("registry") else line for line in there)
    return path
