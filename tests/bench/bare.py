# Bare IQs over one server: what gateway and peer are held against.
import json
import os
import subprocess

from support.program import Program

from .building import program
from .load import Stalled

DOMAIN = "bare.montague.example"
SECRET = "bare-secret"
USERS = [f"bare{number}" for number in range(16)]
IN_FLIGHT = 16


class Bare:
    """A component and clients that parse nothing, on `server`. `payloads` are files with the XML inside an IQ."""

    def __init__(self, directory, server, payloads, seconds):
        self._directory, self._server, self._payloads = directory, server, payloads
        self._milliseconds = int(seconds * 1000)

    def round_trips(self, answer, clients, window=IN_FLIGHT):
        """The component asks, the clients answer with the payload `answer`."""
        running = [self._client(USERS[number], "answer", answer) for number in range(clients)]
        to = ",".join(f"{user}@{self._server.domain}/bare" for user in USERS[:clients])
        with _ending(running):
            return self._result(self._component("ask", self._milliseconds, "--to", to, "--window", str(window),
                                                "--payload", self._payloads["request"]))

    def bulk(self, payload):
        """Stanzas a second from a client to the component. There are many sizes, so each gets a third of the time."""
        component = self._component("take", self._milliseconds // 3)
        component.stdout.readline()
        with _ending([self._client(USERS[0], "send", payload, "--to", DOMAIN, "--window", str(IN_FLIGHT))]):
            result = self._result(component)
        return result["count"] / result["seconds"]

    def _client(self, user, role, payload, *more):
        client = Program(f"{self._server.name}-{user}", [
            program("bare"), role, "--port", self._server.c2s_port, "--user", user, "--domain", self._server.domain,
            "--password", self._server.password(user), "--ca-file", self._server.ca_file,
            "--payload", self._payloads[payload], *more], self._directory)
        return client.start()

    def _component(self, role, milliseconds, *more):
        return subprocess.Popen(
            [program("bare"), role, "--port", str(self._server.component_port), "--domain", DOMAIN,
             "--secret", SECRET, "--milliseconds", str(milliseconds), *more],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    def _result(self, component):
        try:
            output = component.communicate(timeout=self._milliseconds / 1000 + 15)[0]
        except subprocess.TimeoutExpired:
            component.kill()
            component.communicate()
            raise Stalled("bare IQs did not end") from None
        if component.returncode != 0:
            raise Stalled("bare IQs: " + output.strip()[-300:])
        return json.loads(output.strip().splitlines()[-1])


class _ending:
    """Waits until the clients are there, and ends them afterwards."""

    def __init__(self, clients):
        self._clients = clients

    def __enter__(self):
        for client in self._clients:
            client.wait_for_out("^ready")

    def __exit__(self, *_):
        for client in self._clients:
            client.end()
            os.remove(client.out_path)
