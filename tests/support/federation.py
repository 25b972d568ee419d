# Servers that talk to each other on loopback: one authority, one DNS server, and a Wire before each of them.
#
# Whoever asks for NAME's server is told the port of NAME's wire, so each link can be frozen or cut. The host is
# always localhost: for addresses ejabberd asks the C library, whose resolver is the system's.
import os

from .certificates import Authority
from .dns import Dns, address, service
from .wire import Wire

HOST = "localhost"


class Federation:
    """Servers join it by being made with it. `wires`: domain -> Wire that others reach its server through.
    With `dialback` no server trusts the certificate of another: they call back (XEP-0220)."""

    def __init__(self, directory, dialback=False):
        self.dialback = dialback
        self._authority = Authority(os.path.join(str(directory), "authority"))
        self.dns = Dns({HOST: [address("127.0.0.1")]})
        self.wires = {}

    def authority_for(self, directory):
        """Who signs the certificate of a server."""
        return Authority(directory) if self.dialback else self._authority

    def join(self, server):
        """Makes the server known, with its components, to the others and to its clients."""
        wire = self.wires[server.domain] = Wire(server.s2s_port)
        self.dns.records["_xmpp-client._tcp." + server.domain] = [service(server.c2s_port, HOST)]
        for name in (server.domain, *server.components):
            self.dns.records["_xmpp-server._tcp." + name] = [service(wire.port, HOST)]

    def close(self):
        for wire in self.wires.values():
            wire.close()
        self.dns.close()
