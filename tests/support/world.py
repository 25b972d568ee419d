# An XMPP server, a gateway and its peers, set up together and ended together.
import os

from .crosstalk import Gateway, Peer
from .servers import Server

USERS = ("romeo", "juliet", "benvolio")
SITES = {user: f"{user}@montague.example" for user in USERS}


class World:
    """One server, of the kind that CROSSTALK_SERVER names, and one gateway with a fixed site for each of USERS;
    peers come and go."""

    def __init__(self, directory, tables=None, sites=None, users=USERS, server=Server, **server_options):
        self.directory = str(directory)
        os.chmod(self.directory, 0o755)
        self.server = server(directory, users=users, **server_options)
        self.domain = "http." + self.server.domain
        self.gateway = Gateway(directory, self.server.component_port, self.domain,
                               self.server.components[self.domain], SITES if sites is None else sites, tables)
        self.peers = []

    def start(self):
        self.server.start()
        self.gateway.start()
        self.gateway.wait_ready()
        return self

    def peer(self, user, target, **options):
        """A peer that is not started."""
        peer = Peer(self.directory, self.server, user, target, self.domain, **options)
        self.peers.append(peer)
        return peer

    def publish(self, user, target, **options):
        """A peer that is online and answers."""
        peer = self.peer(user, target, **options).start()
        peer.wait_online()
        return peer

    def stop(self):
        """Ends everything; the programs under test must end in order."""
        problems = []
        for program in [*self.peers, self.gateway]:
            if program.process is None or program.process.returncode is not None:
                continue
            try:
                program.stop()
            except AssertionError as problem:
                problems.append(str(problem))
        self.server.end()
        assert not problems, "\n".join(problems)
