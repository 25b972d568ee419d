# A world whose gateway listens with TLS beside its plain port.
from .certificates import Authority
from .ports import free_port
from .world import World


class SecureWorld(World):
    """Sites are below `host`, under either scheme; `port` is that of https."""

    def __init__(self, directory, host, tables=None):
        self.host = host
        self.names = [host, "*." + host]
        self.authority = Authority(directory / "certificates")
        self.pair = self.authority.issue("site", self.names)
        self.port = free_port()
        self.tables = {
            "http": {"base_url": f"https://{host}:{self.port}"},
            "http.tls": {"listen": [f"127.0.0.1:{self.port}"], "certificate": self.pair[0], "key": self.pair[1]},
            **(tables or {})}
        super().__init__(directory, tables=self.tables)

    def origin(self, scheme, site):
        port = {"http": self.gateway.port, "https": self.port}[scheme]
        return f"{scheme}://{site}.{self.host}:{port}"
