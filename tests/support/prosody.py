# A private Prosody on loopback: its own folder, ports, certificates and accounts.
#
# packaging/prosody.cfg.lua.in is the configuration, shared with packaging/quickstart.
import os
import pwd
import socket
import subprocess

from .certificates import Authority
from .ports import free_port
from .program import Program
from .waiting import wait_until

TEMPLATE = os.path.join(os.path.dirname(__file__), "..", "..", "packaging", "prosody.cfg.lua.in")


def _as_prosody(command):
    """Root may not run Prosody; anybody else runs it as himself."""
    if os.geteuid() != 0:
        return command
    return ["setpriv", "--reuid=prosody", "--regid=prosody", "--clear-groups", "--pdeathsig=KILL", "--", *command]


def _file_name(text):
    """`text` as Prosody writes it in names of files: every byte but letters and digits as %xx."""
    return "".join(chr(b) if chr(b).isascii() and chr(b).isalnum() else f"%{b:02x}" for b in text.encode())


class Prosody(Program):
    """`domain` with accounts (password = user + "-secret"), and components by name and secret."""

    def __init__(self, directory, domain="montague.example", users=(), components=None, rate=None,
                 c2s_stanza=None, component_stanza=None, certificate_names=None, expired=False, tls=True,
                 tls_options="", log_level="info", settings=""):
        self.home = os.path.join(str(directory), "prosody")
        os.makedirs(os.path.join(self.home, "data"), exist_ok=True)
        self.domain = domain
        self.components = components if components is not None else {"http." + domain: "component-secret"}
        self.c2s_port, self.component_port, self.tls_port = free_port(), free_port(), free_port()
        self.authority = Authority(os.path.join(self.home, "certs"))
        names = certificate_names or [domain]
        self.certificate, self.key = self.authority.issue(
            "server", names, not_after="20200101000000Z" if expired else None)
        self.ca_file = self.authority.file
        self._settings = self._extra(rate, c2s_stanza, component_stanza, tls) + settings
        config = os.path.join(self.home, "prosody.cfg.lua")
        with open(TEMPLATE, encoding="utf-8") as template, open(config, "w", encoding="utf-8") as file:
            file.write(self._fill(template.read(), {
                "TLS_OPTIONS": tls_options, "MODULES": '"limits";' if rate else "",
                "DISABLED": "" if tls else '"tls";', "LOG_LEVEL": log_level}))
        super().__init__("prosody", _as_prosody(["prosody", "--config", config, "-F"]), self.home)
        self._own()
        for user in users:
            self.register(user)

    @staticmethod
    def password(user):
        return user + "-secret"

    def register(self, user):
        """Makes an account, by the file in which Prosody keeps it: prosodyctl takes half a second each."""
        folder = os.path.join(self.home, "data", _file_name(self.domain), "accounts")
        os.makedirs(folder, exist_ok=True)
        with open(os.path.join(folder, _file_name(user) + ".dat"), "w", encoding="utf-8") as file:
            file.write(f'return {{ ["password"] = "{self.password(user)}" }};\n')
        self._own()

    def start(self):
        super().start()
        for port in (self.c2s_port, self.component_port):
            wait_until(f"Prosody on port {port}", lambda port=port: self._listens(port))
        return self

    def _listens(self, port):
        assert self.is_running(), "Prosody ended at once\n" + self.log_tail()
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", port)) == 0

    def stop(self, status=None, limit=45):
        """SIGTERM. How it ends (0 or by the signal) is Prosody's affair."""
        self.end(limit)

    def restart(self):
        self.stop()
        self.start()

    def _own(self):
        if os.geteuid() == 0:
            user = pwd.getpwnam("prosody")
            # Every folder above must let the prosody user through as well.
            parent = os.path.dirname(self.home)
            while parent not in ("/", "/tmp"):
                os.chmod(parent, os.stat(parent).st_mode | 0o011)
                parent = os.path.dirname(parent)
            subprocess.run(["chown", "-R", f"{user.pw_uid}:{user.pw_gid}", self.home], check=True)

    @staticmethod
    def _extra(rate, c2s_stanza, component_stanza, tls):
        lines = []
        if rate:
            lines.append(f'limits = {{ c2s = {{ rate = "{rate}" }} }}')
        if c2s_stanza:
            lines.append(f"c2s_stanza_size_limit = {c2s_stanza}")
        if component_stanza:
            lines.append(f"component_stanza_size_limit = {component_stanza}")
        if not tls:
            lines.append("c2s_require_encryption = false")
        return "\n".join(lines) + "\n"

    def _fill(self, text, values):
        components = "\n".join(f'Component "{name}"\n  component_secret = "{secret}"'
                               for name, secret in self.components.items())
        values = {
            "HOME": self.home, "C2S_PORT": self.c2s_port, "TLS_PORT": self.tls_port,
            "COMPONENT_PORT": self.component_port, "DOMAIN": self.domain, "KEY": self.key,
            "CERTIFICATE": self.certificate, "SETTINGS": self._settings, "COMPONENTS": components, **values}
        for name, value in values.items():
            text = text.replace("@" + name + "@", str(value))
        return text
