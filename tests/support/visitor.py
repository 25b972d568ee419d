# Somebody with a browser who visits the sites of a SecureWorld.
from .browser import Browser

# What the browser and the gateway agree on, as the browser names it.
PROTOCOLS = {"http": "http/1.1", "https": "h2"}


class Visitor(Browser):
    """Finds the world's names at 127.0.0.1 and trusts its certificate, as if both were real."""

    def __init__(self, world):
        self._world = world
        super().__init__("--no-proxy-server", f"--host-resolver-rules=MAP *.{world.host} 127.0.0.1",
                         f"--ignore-certificate-errors-spki-list={world.authority.pin(world.pair[0])}")

    def visit(self, scheme, site, path="/"):
        """Loads a page, by the protocol that belongs to `scheme`."""
        self.open(self._world.origin(scheme, site) + path)
        spoken = self.evaluate("performance.getEntriesByType('navigation')[0].nextHopProtocol")
        assert spoken == PROTOCOLS[scheme]
