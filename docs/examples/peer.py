#!/usr/bin/env python3
"""A CrossTalk peer in Python: puts a folder on the web through a gateway.

    python3 docs/examples/peer.py --jid romeo@montague.example --gateway http.montague.example FOLDER

It answers GET and HEAD with files, and POST with what was posted. It is an example of docs/protocol.md, from which it
was written; the sections named here are that page's. It needs slixmpp 1.8 (Debian: python3-slixmpp).
"""
import argparse
import asyncio
import collections
import getpass
import mimetypes
import os
import signal
import xml.etree.ElementTree as ET

import slixmpp
from slixmpp.exceptions import IqError, IqTimeout
from slixmpp.xmlstream.handler import Callback
from slixmpp.xmlstream.matcher import MatchXPath

from protocol import (CROSSTALK, BadRequest, Gone, Refused, Transaction, envelope, open_envelope, read_request,
                      write_messages)


class Path:
    """Section 5: what goes to one counterpart and comes from it."""

    STANZA, OUTSTANDING = 4096, 4  # bytes of messages in a stanza of ours, and how many may be without an answer
    RIDER = 16384                  # bytes of messages in a result
    PATIENCE = 10                  # seconds; without an answer by then the stanza's transactions are over

    def __init__(self, peer, jid):
        self.peer, self.jid = peer, jid
        self.open, self.seen = {}, collections.OrderedDict()
        self.queue, self.outstanding, self.owed = collections.deque(), 0, 0

    def send(self, transaction, message, body=0):
        self.queue.append((transaction, {"batch": transaction.batch, **message}, body))
        transaction.queued += 1
        self.peer.loop.call_soon(self.pump)

    def take(self, most, in_result=False):
        """The front of the queue as far as it fits."""
        taken, size = [], 0
        while self.queue:
            transaction, message, body = self.queue[0]
            size += len(write_messages(message).encode())
            if in_result and body and message["offset"] + body > transaction.credit(in_result):
                break
            if size > most and (taken or in_result):
                break
            taken.append(self.queue.popleft())
            transaction.queued -= 1
            transaction.changed.set()
        return taken

    def pump(self):
        while self.queue and self.outstanding < self.OUTSTANDING and not self.owed:  # it may ride in a result owed
            taken = self.take(self.STANZA)
            self.outstanding += 1
            iq = self.peer.make_iq_set(ito=self.jid, sub=envelope([message for _, message, _ in taken]))
            sent = iq.send(timeout=self.PATIENCE, callback=lambda answer, taken=taken: self.answered(taken, answer),
                           timeout_callback=lambda _, taken=taken: self.answered(taken, None))
            sent.add_done_callback(lambda done: done.cancelled() or done.exception())

    def answered(self, taken, answer):
        """A `set` of ours has its result, or an error, or none in time."""
        self.outstanding -= 1
        for transaction, _, body in taken:
            transaction.acknowledged += body
            transaction.changed.set()
            if answer is None or answer["type"] == "error":
                self.end(transaction, "bounced")
        if answer is not None and answer.xml.find(f"{{{CROSSTALK}}}crosstalk") is not None:
            try:
                self.receive(open_envelope(answer.xml))
            except Refused:
                for transaction in {each[0] for each in taken}:
                    self.shut_down(transaction, "protocol")
        self.pump()

    def receive(self, messages, is_delayed=False):
        """Returns the tasks that work for the requests among the messages."""
        tasks = []
        for message in messages:
            batch = message.get("broken", message.get("batch"))
            transaction = self.open.get(batch)
            if "broken" in message:
                if batch:
                    self.shut_down(transaction or Transaction(batch), "protocol")
            elif transaction is not None:
                self.pass_on(transaction, message)
            elif "request" in message:
                tasks += self.begin(message, is_delayed)
            elif message.get("signal") != "shutdownMicroprocess":
                self.shut_down(Transaction(batch), "unknown")
        return tasks

    def pass_on(self, transaction, message):
        reason = transaction.receive(message)
        if reason:
            self.shut_down(transaction, reason)
        elif transaction.ended:
            self.end(transaction, transaction.ended)

    def begin(self, message, is_delayed):
        transaction = Transaction(message["batch"], self.send)
        if is_delayed or transaction.batch in self.seen:  # section 7
            return []
        reason = "busy" if len(self.open) >= 256 else transaction.receive(message)
        if reason or transaction.ended:
            if reason:
                self.shut_down(transaction, reason)
            return []
        self.seen[transaction.batch] = True
        if len(self.seen) > 4096:
            self.seen.popitem(last=False)
        self.open[transaction.batch] = transaction
        return [asyncio.ensure_future(self.work(transaction))]

    async def work(self, transaction):
        try:
            await self.peer.serve(transaction)
            while transaction.queued:  # until then it is open: a window may still come for it
                await transaction.change()
        except Gone:
            print(f"cut off: {transaction.ended}", flush=True)
        except OSError as trouble:
            print(f"given up: {trouble}", flush=True)
            self.shut_down(transaction, "given-up")
        self.open.pop(transaction.batch, None)

    def shut_down(self, transaction, reason):
        self.end(transaction, reason)
        self.send(transaction, {"signal": "shutdownMicroprocess", "reason": reason})

    def end(self, transaction, reason):
        transaction.ended = transaction.ended or reason
        transaction.changed.set()
        self.open.pop(transaction.batch, None)
        self.queue = collections.deque(each for each in self.queue if each[0] is not transaction)


class Peer(slixmpp.ClientXMPP):
    """Sections 6 to 8: the client, and what it serves."""

    def __init__(self, jid, password, gateway, folder):
        super().__init__(jid, password)
        self.gateway, self.folder, self.paths, self.announced = gateway, os.path.realpath(folder), {}, 0
        self.auto_authorize, self.auto_subscribe = None, False  # see let_in
        for plugin in ("xep_0030", "xep_0115", "xep_0199"):  # service discovery, capabilities, pings
            self.register_plugin(plugin)
        self["xep_0030"].add_identity("client", "bot", "CrossTalk example")
        self["xep_0030"].add_feature(CROSSTALK)
        self.register_handler(Callback("crosstalk", MatchXPath(f"{{jabber:client}}iq/{{{CROSSTALK}}}crosstalk"),
                                       self.receive_iq))
        for event, listener in (("session_start", self.start), ("disconnected", self.lost),
                                ("presence_available", self.gateway_here), ("presence_probe", self.gateway_here),
                                ("presence_unavailable", self.gateway_gone), ("presence_subscribe", self.let_in)):
            self.add_event_handler(event, listener)

    async def start(self, _):
        await self["xep_0115"].update_caps()
        self.send_presence(ppriority=-1)
        self.announce()
        for pause in (1, 2, 4, 8, 16, 30):
            try:
                question = self.make_iq_get(ito=self.gateway)
                question.append(ET.Element(f"{{{CROSSTALK}}}sites"))
                answer = await question.send(timeout=30)
            except (IqError, IqTimeout):
                await asyncio.sleep(pause)
                continue
            for site in answer.xml.iter(f"{{{CROSSTALK}}}site"):
                print(site.get("url"), flush=True)
            return

    def announce(self):
        self.announced = self.loop.time()
        self.send_presence(pto=self.gateway, ppriority=-1)

    def gateway_here(self, presence):
        if presence["from"].domain == self.gateway:
            # Two sides that always answered each other would never stop.
            self.loop.call_later(max(0, self.announced + 2 - self.loop.time()), self.announce)

    def gateway_gone(self, presence):
        self.drop([jid for jid in self.paths if slixmpp.JID(jid) == presence["from"]])

    def let_in(self, presence):
        if presence["from"].domain == self.gateway:
            self.send_presence(pto=presence["from"].bare, ptype="subscribed")

    def lost(self, _):
        self.drop(list(self.paths))

    def drop(self, jids):
        for path in [self.paths.pop(jid) for jid in jids]:
            for transaction in list(path.open.values()):
                path.end(transaction, "the other side has gone")

    def receive_iq(self, iq):
        if iq["type"] != "set":
            return  # an answer: Path.answered has it
        try:
            if iq["from"].domain != self.gateway:
                raise Refused("forbidden")
            path = self.paths.setdefault(iq["from"].full, Path(self, iq["from"].full))
            tasks = path.receive(open_envelope(iq.xml), iq.xml.find("{urn:xmpp:delay}delay") is not None)
        except Refused as refusal:
            error = iq.reply()
            error["error"]["condition"] = str(refusal)
            error["error"]["type"] = "auth" if str(refusal) == "forbidden" else "modify"
            error.send()
            return
        path.owed += 1
        asyncio.ensure_future(self.answer(iq, path, tasks))

    async def answer(self, iq, path, tasks):
        """The result is due within 20 ms; what is ready by then rides in it."""
        if tasks:
            await asyncio.wait(tasks, timeout=0.015)
        path.owed -= 1
        result, taken = iq.reply(), path.take(path.RIDER, in_result=True)
        if taken:
            result.append(envelope([message for _, message, _ in taken]))
        result.send()
        path.pump()

    # Sections 3 and 4: requests and what they get.

    async def serve(self, transaction):
        try:
            request = read_request(transaction.request)
        except BadRequest as refusal:
            return await self.refuse(transaction, refusal.args[0])
        print(request.method, request.target, flush=True)
        if request.method == "POST":
            return await self.echo(transaction, request)
        if request.method not in ("GET", "HEAD"):
            return await self.refuse(transaction, 405, ["Allow", "GET, HEAD, POST"])
        return await self.send_file(transaction, request)

    @staticmethod
    async def refuse(transaction, status, *headers):
        await transaction.write(f"{status}\n".encode(), last=True, statuscode=status,
                                headers=[["Content-Type", "text/plain"], *headers])

    @staticmethod
    async def echo(transaction, request):
        kind = request.headers.get("Content-Type", "application/octet-stream")
        await transaction.write(statuscode=200, headers=[["Content-Type", kind]])
        while piece := await transaction.read():
            await transaction.write(piece)
        await transaction.write(last=True)

    def find(self, path_info):
        """The file that a path means, as long as it lies in the folder; or None."""
        root, path = os.fsencode(self.folder), path_info.encode("latin-1")
        name = os.path.realpath(os.path.join(root, path.replace(b"\0", b"").lstrip(b"/")))
        name = os.path.realpath(os.path.join(name, b"index.html")) if os.path.isdir(name) else name
        is_inside = b"\0" not in path and name.startswith(os.path.join(root, b""))
        return name if is_inside and os.path.isfile(name) else None

    async def send_file(self, transaction, request):
        name = self.find(request.path_info)
        if name is None:
            return await self.refuse(transaction, 404)
        kind = mimetypes.guess_type(os.fsdecode(name))[0] or "application/octet-stream"
        with open(name, "rb") as file:
            length = os.fstat(file.fileno()).st_size
            head = {"statuscode": 200, "headers": [["Content-Type", kind], ["Content-Length", str(length)]]}
            left = length if request.method == "GET" else 0
            while head or left:
                piece = file.read(min(left, 65536))
                left -= len(piece)
                if left and not piece:
                    raise OSError("the file has become shorter")
                await transaction.write(piece, last=not left, **head)
                head = {}


async def run(peer, address):
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        peer.loop.add_signal_handler(number, stop.set)
    peer.add_event_handler("disconnected", lambda _: stop.is_set() or peer.loop.call_later(2, peer.connect, address))
    peer.connect(address)
    await stop.wait()
    peer.send_presence(pto=peer.gateway, ptype="unavailable")
    await peer.disconnect()


def main():
    parser = argparse.ArgumentParser(description="Puts a folder on the web through a CrossTalk gateway.")
    parser.add_argument("--jid", required=True)
    parser.add_argument("--gateway", required=True, help="the gateway's domain")
    parser.add_argument("--password-file", type=argparse.FileType(), help="without it the password is asked for")
    parser.add_argument("--server", help="HOST:PORT, where DNS does not tell")
    parser.add_argument("--ca-file", help="certificates to trust instead of the system's")
    parser.add_argument("folder")
    given = parser.parse_args()
    password = given.password_file.read().strip() if given.password_file else getpass.getpass()
    peer = Peer(given.jid, password, given.gateway, given.folder)
    peer.ca_certs = given.ca_file
    host, _, port = (given.server or "").rpartition(":")
    peer.loop.run_until_complete(run(peer, (host, int(port)) if host else None))


if __name__ == "__main__":
    main()
