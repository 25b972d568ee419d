# A private XMPP server on loopback: what Prosody and ejabberd have in common.
#
# Rule: all of it lies in one folder, which belongs to the user that the server's package made for it.
import os
import shutil
import socket
import subprocess

from .certificates import Authority
from .ports import free_port
from .program import Program
from .waiting import wait_until


def run_as(user, command):
    """`command` for root to run as `user`; anybody else runs it as himself."""
    if os.geteuid() != 0:
        return command
    return ["setpriv", f"--reuid={user}", f"--regid={user}", "--clear-groups", "--pdeathsig=KILL", "--", *command]


class XmppServer(Program):
    """`domain` with accounts (password = user + "-secret"), and components by name and secret. A subclass
    has a `user` to run as, writes its configuration, and says how an account is made.

    What every kind can be asked for, by keyword:
    rate        holds each client to so many bytes a second; None: no limit
    c2s_stanza  the largest stanza that it takes from a client
    tls         whether clients may encrypt; `tls_12`: with nothing newer
    mechanism   the SASL mechanism that a client will choose
    federation  the Federation in which it talks to other servers; None: to none
    """

    user = None
    shipped_rate = None    # bytes a second, as the package limits clients
    logs_login = None      # patterns of what its log says: that somebody has logged in,
    logs_encryption = None  # that it was under STARTTLS,
    logs_mechanism = None  # and, with log_level "debug", by what
    descriptors = 65536  # as the units of the packages have it

    def __init__(self, name, command, directory, domain, components, certificate_names=None, expired=False,
                 federation=None, environment=None):
        self.home = os.path.join(str(directory), name)
        os.makedirs(os.path.join(self.home, "data"), exist_ok=True)
        self.domain = domain
        self.components = components if components is not None else {"http." + domain: "component-secret"}
        self.c2s_port, self.component_port, self.tls_port = free_port(), free_port(), free_port()
        certificates = os.path.join(self.home, "certs")
        os.makedirs(certificates, exist_ok=True)
        self.authority = federation.authority_for(certificates) if federation else Authority(certificates)
        self.certificate, self.key = self.authority.issue(
            "server", certificate_names or [domain, *self.components],
            not_after="20200101000000Z" if expired else None, directory=certificates)
        self.ca_file = self.authority.file
        self.federation = federation
        if federation:
            self.s2s_port = free_port()
            federation.join(self)
        super().__init__(name, run_as(self.user, command), self.home, environment)

    @staticmethod
    def password(user):
        return user + "-secret"

    def start(self):
        super().start()
        for port in self._ports():
            # Erlang takes its time on a busy machine.
            wait_until(f"{self.name} on port {port}", lambda port=port: self._listens(port), 120)
        return self

    def _ports(self):
        return (self.c2s_port, self.component_port) if self.components else (self.c2s_port,)

    def _listens(self, port):
        assert self.is_running(), f"{self.name} ended at once\n" + self.log_tail()
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", port)) == 0

    def stop(self, status=None, limit=45):
        """SIGTERM. How it ends (0 or by the signal) is the server's affair."""
        self.end(limit)

    def log(self):
        """What it has said since it was started."""
        return self.out() + self.err()

    def restart(self):
        self.stop()
        self.start()

    def _write(self, name, text):
        """A file in the server's folder, and its path."""
        path = os.path.join(self.home, name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return path

    def _own(self):
        """Gives the folder to the server's user, who must be let through every folder above as well."""
        if os.geteuid() == 0:
            parent = os.path.dirname(self.home)
            while parent not in ("/", "/tmp"):
                os.chmod(parent, os.stat(parent).st_mode | 0o011)
                parent = os.path.dirname(parent)
            subprocess.run(["chown", "-R", f"{self.user}:{self.user}", self.home], check=True)

    def _give(self, *paths):
        """The same for single files and folders, while the server is at work on others."""
        if os.geteuid() == 0:
            for path in paths:
                shutil.chown(path, self.user, self.user)
