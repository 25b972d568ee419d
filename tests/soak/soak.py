# Two gateways, each on a server of its own kind with three peers; visitors, troubles, samples and a verdict.
import gc
import os
import random
import shutil
import signal
import sys
import tempfile
import time
from pathlib import Path

from support.backend import Backend, pattern
from support.ejabberd import Ejabberd
from support.prosody import Prosody
from support.websocket import SocketApp
from support.wire import Wire
from support.world import World

from . import visitors
from .report import write_report

SAMPLE = 15  # seconds
VISITORS = 24
TROUBLE = (10, 30)  # seconds between two


class Place:
    """A world of its own: apps in band and direct, a folder, an app of WebSockets."""

    def __init__(self, directory, kind, name):
        self.name = name
        directory.mkdir()
        folder = directory / "site"
        folder.mkdir()
        (folder / "file.bin").write_bytes(pattern(1_200_000))
        os.chmod(folder, 0o755)
        self.backend, self.sockets = Backend(), SocketApp()
        users = ("romeo", "juliet", "benvolio", "nurse")
        self.world = World(directory, tables={"log": {"level": "info"}}, users=users, server=kind,
                           sites={user: f"{user}@montague.example" for user in users})
        self.world.start()
        self.wire = Wire(self.world.server.c2s_port)
        self.peers = [
            self.world.publish("romeo", self.backend.url, port=self.wire.port),
            self.world.publish("juliet", self.backend.url, direct="auto"),
            self.world.publish("benvolio", str(folder)),
            self.world.publish("nurse", self.sockets.url, direct="auto")]

    @property
    def programs(self):
        return [self.world.gateway, *self.peers]

    def sites(self):
        gateway = self.world.gateway
        return [(gateway.port, gateway.host("romeo"), visitors.AT_APPS),
                (gateway.port, gateway.host("juliet"), visitors.AT_APPS),
                (gateway.port, gateway.host("benvolio"), [visitors.file]),
                (gateway.port, gateway.host("nurse"), [visitors.websocket])]

    def is_at_rest(self):
        return not sum(self.backend.running.values()) and not sum(self.sockets.open.values())

    def stop(self):
        self.wire.close()
        self.world.stop()
        self.backend.close()
        self.sockets.close()


def restart_peer(place, dice):
    peer = dice.choice(place.peers)
    if dice.random() < 0.5:
        peer.kill()
    else:
        peer.stop()
    time.sleep(dice.uniform(0, 3))
    peer.start()
    return f"{peer.name} restarted"


def cut_wire(place, _):
    place.wire.cut()
    return "a peer's connection reset"


def freeze_wire(place, dice):
    place.wire.freeze()
    time.sleep(dice.uniform(1, 12))
    place.wire.thaw()
    return "a peer's connection silent for a while"


def restart_server(place, _):
    place.world.server.restart()
    return f"{place.name} restarted"


def reload(place, _):
    place.world.gateway.signal(signal.SIGHUP)
    return "the gateway's configuration read again"


TROUBLES = [restart_peer] * 5 + [cut_wire] * 3 + [freeze_wire] * 3 + [restart_server] + [reload] * 2


def sample(places):
    """Resident bytes and descriptors of each program; None of one that is away just now."""
    taken = {}
    for place in places:
        for program in place.programs:
            try:
                taken[f"{place.name} {program.name}"] = (program.memory(), program.descriptor_count())
            except (OSError, AssertionError):
                taken[f"{place.name} {program.name}"] = None
    return taken


class Run:
    def __init__(self, places, minutes):
        self.places, self.minutes = places, minutes
        self.samples = []  # (seconds, sample)
        self.troubles = {}
        self.problems = []
        self.visitors = visitors.Visitors([site for place in places for site in place.sites()], VISITORS, 1)

    def go_through(self):
        dice = random.Random(2)
        began = time.monotonic()
        self.samples.append((0, sample(self.places)))
        self.visitors.start()
        next_sample, next_trouble = SAMPLE, 20
        while (now := time.monotonic() - began) < self.minutes * 60:
            if now >= next_sample:
                self.samples.append((now, sample(self.places)))
                self.show(now)
                next_sample += SAMPLE
            # The end belongs to visitors alone: what is then still away never came back.
            if now >= next_trouble and now < self.minutes * 60 - 90:
                what = dice.choice(TROUBLES)(dice.choice(self.places), dice)
                self.troubles[what] = self.troubles.get(what, 0) + 1
                next_trouble = time.monotonic() - began + dice.uniform(*TROUBLE)
            time.sleep(0.2)
        hung = self.visitors.stop()
        if hung:
            self.problems.append(f"{hung} visitors never came to an end")

    def show(self, now):
        counts = ", ".join(f"{count} {what}" for what, count in self.visitors.outcomes.most_common())
        memory = [taken[0] >> 20 for taken in self.samples[-1][1].values() if taken]
        print(f"{now / 60:5.1f} min: {counts}; {max(memory)} MiB at most", flush=True)

    def settle(self):
        """What is left once everybody has gone home."""
        end = time.monotonic() + 120
        while time.monotonic() < end and not all(place.is_at_rest() for place in self.places):
            time.sleep(1)
        time.sleep(80)  # timeouts.idle, for connections of visitors and of peers to their apps
        gc.collect()
        for place in self.places:
            if not place.is_at_rest():
                self.problems.append(f"{place.name}: handlers of the app are still at work")
        self.samples.append((self.minutes * 60, sample(self.places)))
        self.compare(self.samples[0][1], self.samples[-1][1])

    def compare(self, first, last):
        for name, (_, descriptors) in last.items():
            if descriptors > first[name][1] + 4:
                self.problems.append(f"{name}: {descriptors} descriptors, {first[name][1]} at the start")
        # Memory: the last quarter of the hour against the second one.
        for place in self.places:
            name = f"{place.name} {place.world.gateway.name}"
            held = [taken[name][0] for _, taken in self.samples[:-1] if taken[name]]
            quarter = max(1, len(held) // 4)
            early, late = max(held[quarter:2 * quarter]), max(held[-quarter:])
            if late > 1.25 * early + (8 << 20):
                self.problems.append(f"{name}: {late >> 20} MiB, {early >> 20} MiB in the second quarter")

    def judge(self):
        for what in ("wrong", "hung"):
            if self.visitors.outcomes[what]:
                self.problems.append(f"{self.visitors.outcomes[what]} requests ended {what}")
        if self.visitors.outcomes["right"] < 0.5 * sum(self.visitors.outcomes.values()):
            self.problems.append("fewer than half of the requests ended right")


def soak(minutes, report):
    directory = Path(tempfile.mkdtemp(prefix="crosstalk-soak."))
    os.chmod(directory, 0o755)
    places = []
    try:
        for kind, name in ((Prosody, "Prosody"), (Ejabberd, "ejabberd")):
            places.append(Place(directory / name, kind, name))
        run = Run(places, minutes)
        run.go_through()
        run.settle()
        run.judge()
    finally:
        for place in places:
            place.stop()
    print("\n".join(run.problems), file=sys.stderr)
    if report:
        write_report(report, run)
    if not run.problems:
        shutil.rmtree(directory)
    print("broken: see " + str(directory) if run.problems else "held")
    return not run.problems
