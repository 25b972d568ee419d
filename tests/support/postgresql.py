# A private PostgreSQL on loopback: the program of Debian's package, a cluster of its own, nothing of the system's.
import glob
import os
import shutil
import signal
import subprocess

from .ports import free_port
from .program import Program
from .xmpp_server import run_as
from .waiting import wait_until

USER = "postgres"


def _tool(name):
    """The newest version's, which Debian does not put into the path."""
    return sorted(glob.glob(f"/usr/lib/postgresql/*/bin/{name}"), key=lambda path: int(path.split("/")[4]))[-1]


class PostgreSql(Program):
    """A database `crosstalk` of a user of that name, whose password is `password`."""

    password = "pg-secret"

    def __init__(self, directory):
        self.home = os.path.join(str(directory), "postgresql")
        os.makedirs(self.home, exist_ok=True)
        self.port = free_port()
        self.data = os.path.join(self.home, "data")
        if os.geteuid() == 0:
            shutil.chown(self.home, USER, USER)
        secret = os.path.join(self.home, "password")
        with open(secret, "w", encoding="utf-8") as file:
            file.write(self.password + "\n")
        subprocess.run(run_as(USER, [_tool("initdb"), "-D", self.data, "-U", "crosstalk", "--pwfile", secret, "--auth",
                                     "scram-sha-256", "--no-sync", "-E", "UTF8", "--locale", "C"]),
                       check=True, capture_output=True, cwd=self.home)
        options = {"port": self.port, "listen_addresses": "127.0.0.1", "unix_socket_directories": self.home,
                   "fsync": "off", "shared_buffers": "16MB"}
        settings = [word for key, value in options.items() for word in ("-c", f"{key}={value}")]
        super().__init__("postgresql", run_as(USER, [_tool("postgres"), "-D", self.data, *settings]), self.home)

    def url(self, password=None, database="crosstalk", port=None):
        return f"postgresql://crosstalk:{password or self.password}@127.0.0.1:{port or self.port}/{database}"

    def sql(self, text, database="crosstalk"):
        done = subprocess.run([_tool("psql"), "-qtA", "-v", "ON_ERROR_STOP=1", "-c", text, self.url(database=database)],
                              capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def start(self):
        super().start()
        wait_until("PostgreSQL to take connections", self._answers, 60)
        return self

    def stop(self, status=0, limit=45):
        """Ends at once; on SIGTERM it would wait until its clients have left."""
        self.signal(signal.SIGINT)
        assert self.wait_for_exit(limit) == status, self.log_tail()

    def create_database(self):
        self.sql("CREATE DATABASE crosstalk", database="postgres")
        return self

    def _answers(self):
        assert self.is_running(), "PostgreSQL ended at once\n" + self.log_tail()
        probe = subprocess.run([_tool("pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(self.port)], check=False)
        return probe.returncode == 0
