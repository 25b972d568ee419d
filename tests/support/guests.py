# Peers without a gateway, and those who ask them: an XMPP server with its accounts, `publish`, `fetch` and `proxy`.
import os

from .crosstalk import BINARY, Peer, crosstalk
from .ports import free_port
from .program import Program
from .servers import Server

USERS = ("romeo", "juliet", "benvolio", "mallory")


class Verona:
    """A server with accounts for USERS; peers come and go."""

    def __init__(self, directory, **options):
        self.directory = str(directory)
        os.chmod(self.directory, 0o755)
        self.server = Server(directory, users=USERS, **options)
        self.peers = []

    def start(self):
        self.server.start()
        return self

    def publish(self, target, *allowed, user="romeo", **options):
        """A peer that is online and answers guests."""
        words = [word for each in allowed for word in ("--allow", each)]
        peer = Peer(self.directory, self.server, user, target, None, options=words, direct=None,
                    program_name=f"peer-{len(self.peers)}", **options).start()
        self.peers.append(peer)
        assert peer.wait_for_out(r"^(.+)$")[1] == f"httpx://{user}@{self.server.domain}/"
        return peer

    def end_peers(self):
        """The safety net behind a test that failed."""
        for peer in self.peers:
            peer.end()

    def stop(self):
        self.end_peers()
        self.server.end()

    def account(self, user="juliet", port=None):
        """Options that log in as `user`."""
        password = os.path.join(self.directory, user + ".password")
        with open(password, "w", encoding="utf-8") as file:
            file.write(self.server.password(user) + "\n")
        os.chmod(password, 0o600)
        return ["--jid", f"{user}@{self.server.domain}", "--server", f"127.0.0.1:{port or self.server.c2s_port}",
                "--ca-file", self.server.ca_file, "--password-file", password]

    def fetch(self, path, *arguments, user="juliet", text=True, stdin=None):
        """`crosstalk fetch` of romeo's `path`, to its end."""
        options = {"stdin": stdin} if stdin is not None else {}
        return crosstalk("fetch", self.uri(path), *self.account(user), *arguments, text=text, **options)

    def start_fetch(self, path, *arguments, user="juliet", name="fetch", port=None):
        """The same while it runs."""
        return Program(name, [BINARY, "fetch", self.uri(path), *self.account(user, port), *arguments],
                       self.directory).start()

    def start_proxy(self, user="juliet", name="proxy", port=None, account=None):
        """`crosstalk proxy` for `user`; `port` is then where it listens."""
        listen = port or free_port()
        made = Program(name, [BINARY, "proxy", "--listen", f"127.0.0.1:{listen}", *(account or self.account(user))],
                       self.directory)
        made.port = listen
        return made.start()

    def uri(self, path):
        return path if ":" in path else f"httpx://romeo@{self.server.domain}{path}"
