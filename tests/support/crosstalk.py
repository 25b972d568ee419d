# `crosstalk gateway` and `crosstalk publish` as programs under test.
import json
import os
import subprocess

from .ports import free_port
from .program import Program
from .raw_http import Closed, Connection, fetch
from .waiting import wait_until

ROOT = os.path.realpath(os.path.join(os.path.dirname(__file__), "..", ".."))
BINARY = os.environ.get("CROSSTALK_BIN", os.path.join(ROOT, "build", "tests", "src", "cmd", "crosstalk"))


def crosstalk(*arguments, environment=None, **options):
    """Runs one short command to its end; the CompletedProcess, with text output unless told otherwise."""
    clean = {key: value for key, value in os.environ.items() if not key.startswith("CROSSTALK_")}
    clean.update({"NO_COLOR": "1"}, **(environment or {}))
    options = {"text": True, "stdin": subprocess.DEVNULL, **options}
    return subprocess.run([BINARY, *map(str, arguments)], capture_output=True, timeout=60, env=clean, check=False,
                          **options)


def to_toml(tables):
    """A dictionary of dictionaries as TOML. Strings, numbers, booleans and lists of strings."""
    lines = []
    for table, entries in tables.items():
        lines.append(f"[{table}]")
        for key, value in entries.items():
            # JSON's strings, numbers, booleans and flat lists are TOML's.
            lines.append(f"{key} = {json.dumps(value)}")
    return "\n".join(lines) + "\n"


class Gateway(Program):
    """A gateway for `domain` with its configuration in `directory`. `tables` are laid over the default
    ones, a table at a time; `component_port` may be that of a Wire."""

    def __init__(self, directory, component_port, domain, secret, sites=None, tables=None, name="gateway"):
        self.port, self.admin_port = free_port(), free_port()
        self.domain = domain
        self.config = os.path.join(str(directory), name + ".toml")
        self.registry = os.path.join(str(directory), name + "-sites.db")
        self._defaults = {
            "component": {"domain": domain, "secret": secret, "server": f"127.0.0.1:{component_port}"},
            "http": {"listen": [f"127.0.0.1:{self.port}"], "base_url": f"http://localhost:{self.port}"},
            "sites": {"addressing": "both", "registry": "sqlite:" + self.registry},
            "sites.static": sites or {},
            "admin": {"listen": f"127.0.0.1:{self.admin_port}"},
            "log": {"level": "debug"},
        }
        self.write(tables)
        super().__init__(name, [BINARY, "gateway", "--config", self.config], directory)

    def write(self, tables):
        """The configuration with these `tables`. A gateway that runs reads it on SIGHUP."""
        configuration = {table: dict(entries) for table, entries in self._defaults.items()}
        for table, entries in (tables or {}).items():
            configuration.setdefault(table, {}).update(entries)
        with open(self.config, "w", encoding="utf-8") as file:
            file.write(to_toml(configuration))

    def probe(self, path):
        """The answer of the admin listener, or None while it does not listen."""
        try:
            return fetch(self.admin_port, "localhost", path, timeout=10)
        except (OSError, Closed):
            return None

    def is_ready(self):
        answer = self.probe("/readyz")
        return answer is not None and answer.status == 200

    def wait_ready(self, limit=30):
        def ready():
            assert self.is_running(), f"the gateway ended with {self.process.returncode}\n{self.log_tail()}"
            return self.is_ready()
        wait_until("the gateway to be ready", ready, limit)
        return self

    def wait_not_ready(self, limit=30):
        wait_until("the gateway to be not ready", lambda: not self.is_ready(), limit)

    def host(self, site):
        return f"{site}.localhost:{self.port}"

    def connect(self, site, **options):
        return Connection(self.port, self.host(site), **options)

    def fetch(self, site, target="/", method="GET", headers=(), body=None, timeout=60):
        return fetch(self.port, self.host(site), target, method, headers, body, timeout)

    def site(self, *arguments):
        """`crosstalk site …` on this gateway's configuration."""
        return crosstalk("site", *arguments, "--config", self.config)

    def wait_status(self, site, status, target="/", limit=30):
        """Asks until the site answers with `status`."""
        return wait_until(f"{site} to answer {status}", lambda: self._answer(site, target, status), limit, 0.05)

    def _answer(self, site, target, status):
        try:
            answer = self.fetch(site, target, timeout=20)
        except (OSError, Closed):
            return None
        return answer if answer.status == status else None


class Peer(Program):
    """`crosstalk publish TARGET` for `user` of the server `xmpp`. `port` is its own, or that of a Wire before it.
    Requests come in band unless `direct` says otherwise."""

    def __init__(self, directory, xmpp, user, target, gateway_domain, port=None, name=None, options=(),
                 resource=None, password=None, ca_file=None, server=None, program_name=None, environment=None,
                 direct="never"):
        program_name = program_name or f"peer-{user}" + (f"-{resource}" if resource else "")
        password_file = os.path.join(str(directory), program_name + ".password")
        with open(password_file, "w", encoding="utf-8") as file:
            file.write((password or xmpp.password(user)) + "\n")
        os.chmod(password_file, 0o600)
        self.jid = f"{user}@{xmpp.domain}"
        command = [BINARY, "publish", target, "--jid", self.jid + (f"/{resource}" if resource else ""),
                   "--server", server or f"127.0.0.1:{port or xmpp.c2s_port}",
                   "--password-file", password_file]
        if ca_file != "":
            command += ["--ca-file", ca_file or xmpp.ca_file]
        if gateway_domain:
            command += ["--gateway", gateway_domain]
        if name:
            command += ["--name", name]
        if direct:
            command += ["--direct", direct]
        super().__init__(program_name, command + list(options), directory, environment)

    def wait_online(self, limit=30):
        """Waits for the URL on standard output and returns it."""
        return self.wait_for_out(r"^(http\S+)$", limit)[1]
