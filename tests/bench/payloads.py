# The payloads of bare IQs: what gateway and peer said when they were overheard, kept in files.
import os

from support.crosstalk import Gateway, Peer

from .files import KINDS, noise, prose
from .in_band import GATEWAY, QUIET, SECRETS
from .load import Path, download, visit
from .overhearing import Overheard, one_answer, one_request, piece_of_size

BULK_SIZES = (2, 4, 8, 16, 32, 64)  # KiB


class Payloads:
    """`files`: name -> path. `body_size`: bulk payload -> body bytes in it."""

    def __init__(self, directory, server, site):
        self._directory = os.path.join(directory, "payloads")
        os.mkdir(self._directory)
        self.files, self.body_size = {}, {}
        relay = Overheard(server.component_port)
        gateway = Gateway(self._directory, relay.port, GATEWAY, SECRETS[GATEWAY],
                          {"folder": f"folder@{server.domain}"}, QUIET).start()
        gateway.wait_ready()
        peer = Peer(self._directory, server, "folder", site, GATEWAY).start()
        peer.wait_online()
        gateway.wait_status("folder", 200, "/1k.text")
        self._overhear(relay, Path("overheard", gateway.port, gateway.host("folder")))
        peer.end()
        gateway.end()

    def _overhear(self, relay, path):
        for kind, make in zip(KINDS, (prose, noise)):
            for size in ("1k", "2k"):
                relay.forget()
                visit(path, [path.host], f"{size}.{kind}", 1, 0.3)
                self._keep("request", one_request(relay.from_gateway))
                self._keep(f"{size}.{kind}", one_answer(relay.from_server))
            relay.forget()
            download(path, f"100m.{kind}", 1, 1)
            heard = bytes(relay.from_server)
            for size in BULK_SIZES:
                name = f"bulk {size} {kind}"
                payload, self.body_size[name] = piece_of_size(heard, size << 10, lambda n, make=make: make(n, 3))
                self._keep(name, payload)

    def _keep(self, name, payload):
        self.files[name] = os.path.join(self._directory, name.replace(" ", "-") + ".xml")
        with open(self.files[name], "wb") as file:
            file.write(payload)
