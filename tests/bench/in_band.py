# Gateway and peers on a server of their own, in band and over direct streams.
from support.crosstalk import Gateway, Peer
from support.ports import free_port
from support.waiting import Stopwatch

from . import bare
from .load import Path

GATEWAY, DIRECT, PLAIN, SCALE, CROWD = (
    f"{name}.montague.example" for name in ("http", "direct", "plain", "scale", "crowd"))
SECRETS = {GATEWAY: "gateway-secret", DIRECT: "direct-secret", PLAIN: "plain-secret", SCALE: "scale-secret",
           CROWD: "crowd-secret",
           bare.DOMAIN: bare.SECRET}
MANY = [f"many{number}" for number in range(16)]
# A gateway asks whichever resource of an owner is online: those of another gateway belong to other owners.
OWNERS = {GATEWAY: "", SCALE: "", DIRECT: "direct-", PLAIN: "plain-"}
USERS = ["folder", "proxied", "direct-folder", "direct-proxied", "plain-proxied", *MANY, *bare.USERS]
QUIET = {"log": {"level": "warning"}}  # no line for each request: the others write none either


class Publishers:
    """A gateway of `domain` on `server`; `folder` publishes the files, `proxied` the nginx in front of them."""

    def __init__(self, name, server, site, origin, domain=GATEWAY, tables=QUIET, direct="never"):
        self.name, self.server, self.domain = name, server, domain
        self._site, self._origin = site, origin
        self._direct = direct
        self.ready_after = None  # seconds from the gateway's start until it was attached and listened
        self.gateway = Gateway(server.home, server.component_port, domain, SECRETS[domain],
                               {user: f"{OWNERS[domain]}{user}@{server.domain}" for user in USERS}, tables, name=domain)

    def start(self, users=("folder", "proxied")):
        took = Stopwatch()
        self.gateway.start()
        self.gateway.wait_ready()
        self.ready_after = took.seconds
        self.peers = {user: self._publish(user) for user in users}
        for user, peer in self.peers.items():
            peer.wait_online()
            self.gateway.wait_status(user, 200, "/1k.text")
        return self

    def _publish(self, user):
        target = f"http://127.0.0.1:{self._origin.port}" if user == "proxied" else self._site
        return Peer(self.server.home, self.server, OWNERS[self.domain] + user, target, self.domain, direct=self._direct,
                    program_name=f"{self.domain}-{user}").start()

    def path(self, user="folder"):
        programs = {"gateway": self.gateway, "peer": self.peers[user], "XMPP server": self.server}
        if user == "proxied":
            programs["nginx"] = self._origin
        return Path(self.name, self.gateway.port, self.gateway.host(user), programs)

    def hosts_of_many(self):
        return [self.gateway.host(user) for user in MANY]

    def stop(self):
        for peer in self.peers.values():
            peer.end()
        self.gateway.end()


def direct_tables(server):
    """The gateway's certificate, for `wss:`; peers trust its authority already."""
    certificate, key = server.authority.issue("gateway", ["localhost"])
    port = free_port()
    return {**QUIET, "http.tls": {"listen": [f"127.0.0.1:{port}"], "certificate": certificate, "key": key},
            "http": {"base_url": f"https://localhost:{port}"}}
