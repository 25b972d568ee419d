# The apps of tests/apps, run as their authors would run them.
#
# Rule 1: packages of npm are those of the lockfile, installed once for each of its versions.
import fcntl
import hashlib
import os
import shutil
import socket
import subprocess
import sys

from .crosstalk import ROOT
from .ports import free_port
from .program import Program
from .waiting import wait_until

APPS = os.path.join(ROOT, "tests", "apps")
INSTALLED = os.path.join(ROOT, "build", "apps")


def _node_modules():
    """The folder that `npm ci` makes; tests that run beside each other wait for whoever is first."""
    with open(os.path.join(APPS, "package-lock.json"), "rb") as file:
        home = os.path.join(INSTALLED, hashlib.sha256(file.read()).hexdigest()[:16])
    made, ready = os.path.join(home, "node_modules"), os.path.join(home, "ready")
    os.makedirs(home, exist_ok=True)
    with open(os.path.join(home, "lock"), "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not os.path.exists(ready):
            for name in ("package.json", "package-lock.json"):
                shutil.copy(os.path.join(APPS, name), home)
            subprocess.run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"], cwd=home,
                           check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
            open(ready, "w", encoding="ascii").close()
    return made


class App(Program):
    """tests/apps/`name` in a folder of its own below `directory`; it listens on 127.0.0.1:`port`."""

    def __init__(self, directory, name, *command, **environment):
        self.folder = os.path.join(str(directory), name)
        self.port = free_port()
        shutil.copytree(os.path.join(APPS, name), self.folder, dirs_exist_ok=True)
        super().__init__(f"app-{name}-{self.port}", command, self.folder,
                         {**environment, "PORT": str(self.port), "PYTHONDONTWRITEBYTECODE": "1"})

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def serve(self):
        """Starts it and waits until it listens."""
        self.start()
        wait_until(f"{self.name} to listen", self._listens, 60)
        return self

    def _listens(self):
        assert self.is_running(), f"{self.name} ended with {self.process.returncode}\n{self.log_tail()}"
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def edit(self, name, old, new):
        """Replaces text in a file of its own, as an editor saves: at once, so that nobody reads a half."""
        path = os.path.join(self.folder, name)
        with open(path, encoding="utf-8") as file:
            text = file.read()
        assert old in text, (name, old)
        with open(self.folder + ".saving", "w", encoding="utf-8") as file:
            file.write(text.replace(old, new))
        os.replace(file.name, path)


def vite(directory):
    return App(directory, "vite", "node", os.path.join(_node_modules(), "vite", "bin", "vite.js"))


def socket_io(directory):
    return App(directory, "socket_io", "node", "server.js", NODE_PATH=_node_modules())


def django(directory, scheme):
    """The admin of a site that is visited by `scheme`; its superuser is romeo, with the password `wherefore`."""
    return App(directory, "django", sys.executable, "admin_site.py", SCHEME=scheme, PASSWORD="wherefore")
