# A person's chat client: slixmpp, which knows nothing of us, logged in on a loop of its own.
import asyncio
import threading

import slixmpp
from slixmpp.exceptions import IqError


class ChatClient:
    """`user` of the server `xmpp`, with the plugins of the XEPs named."""

    def __init__(self, xmpp, user, plugins=("xep_0004", "xep_0030", "xep_0077")):
        self.jid = f"{user}@{xmpp.domain}"
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self.thread.start()
        self.client = self._run(self._log_in(xmpp, user, plugins))

    async def _log_in(self, xmpp, user, plugins):
        asyncio.set_event_loop(self.loop)
        client = slixmpp.ClientXMPP(f"{self.jid}/chat", xmpp.password(user))
        client.ca_certs = xmpp.ca_file
        for plugin in plugins:
            client.register_plugin(plugin)
        # Left alone it would call itself a bot, and gateways ask bots.
        client["xep_0030"].add_identity(category="client", itype="pc", name="chat")
        online = self.loop.create_future()
        self.listen(client)
        client.add_event_handler("session_start", lambda _: online.done() or online.set_result(None))
        client.add_event_handler("failed_auth", lambda _: online.set_exception(AssertionError("not logged in")))
        client.connect(address=("127.0.0.1", xmpp.c2s_port))
        await asyncio.wait_for(online, 30)
        client.send_presence()
        await client.get_roster()
        return client

    def listen(self, client):
        """For whoever wants to hear what comes from the first stanza on."""

    def _run(self, coroutine):
        return asyncio.run_coroutine_threadsafe(coroutine, self.loop).result(60)

    def ask(self, question):
        """Waits for what `question(client)` makes on the client's loop; the answer, or the error as (condition, text)."""
        async def wait():
            try:
                return await question(self.client)
            except IqError as error:
                return error.condition, error.text
        return self._run(wait())

    def close(self):
        async def end():
            await self.client.disconnect()
            others = asyncio.all_tasks() - {asyncio.current_task()}
            for task in others:
                task.cancel()
            await asyncio.gather(*others, return_exceptions=True)
        self._run(end())
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(10)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
