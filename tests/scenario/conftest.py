# What every scenario shares: the package tests/support, and logs of the programs when a test fails.
import os
import sys

import pytest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), ".."))

from support import program  # noqa: E402
from support.backend import Backend  # noqa: E402
from support.crosstalk import BINARY  # noqa: E402
from support.world import World  # noqa: E402

# What takes gigabytes runs when it is asked for by name. A sanitizer's shadow is no measure of memory.
collect_ignore = []
if not os.environ.get("CROSSTALK_FULL"):
    collect_ignore.append("full")
if os.environ.get("CROSSTALK_SERVER"):
    # The same whichever it is: they need none, or several.
    collect_ignore += ["test_federation.py", "test_install.py", "test_support.py", "test_vectors.py"]
if os.environ.get("CROSSTALK_SANITIZED"):
    collect_ignore += ["full", "test_memory.py"]


def pytest_configure():
    assert os.access(BINARY, os.X_OK), f"there is no {BINARY}: run tests/run, or set CROSSTALK_BIN"


@pytest.fixture(scope="module")
def place(tmp_path_factory, request):
    """An empty folder of the module's own, open to the user that the server runs as."""
    folder = tmp_path_factory.mktemp(request.module.__name__)
    for parent in (folder, folder.parent, folder.parent.parent):
        os.chmod(parent, os.stat(parent).st_mode | 0o055)
    return folder


@pytest.fixture(scope="module")
def programs():
    """Nothing that a module starts outlives it."""
    program.forget()
    yield
    program.stop_all()


@pytest.fixture(scope="module")
def world(request, place, programs):
    """A server and a gateway, with the module's TABLES in its configuration; who needs others makes its own."""
    made = World(place, tables=getattr(request.module, "TABLES", None))
    made.start()
    yield made
    made.stop()


@pytest.fixture(scope="module")
def backend():
    app = Backend()
    yield app
    app.close()


@pytest.fixture(scope="module")
def site(world, backend):
    """The app behind a name; a module that publishes something else makes its own."""
    world.publish("romeo", backend.url)
    return "romeo"


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    outcome = yield
    report = outcome.get_result()
    if report.failed:
        for each in program.start_list():
            report.sections.append((f"last lines of {each.name}", each.log_tail(25)))
