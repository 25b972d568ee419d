# People who visit sites that are not for everybody: one with a browser's manners, one with a chat client.
import queue
import re
from urllib.parse import quote, urlencode

from .chat_client import ChatClient

PAGE = [("Accept", "text/html"), ("Sec-Fetch-Mode", "navigate")]
OURS = "/.well-known/crosstalk/"


class Guest:
    """Asks one site as a browser does, and keeps its cookies. It follows nothing by itself."""

    def __init__(self, gateway, site, accept=PAGE):
        self.gateway, self.site, self.accept = gateway, site, list(accept)
        self.cookies = {}

    def _headers(self, more):
        jar = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        return self.accept + list(more) + ([("Cookie", jar)] if jar else [])

    def _keep(self, answer):
        for line in answer.all("set-cookie"):
            name, value = line.split(";")[0].split("=", 1)
            if "Max-Age=0" in line:
                self.cookies.pop(name, None)
            else:
                self.cookies[name] = value
        return answer

    def get(self, target="/", headers=()):
        return self._keep(self.gateway.fetch(self.site, target, headers=self._headers(headers)))

    def post(self, action, headers=(("Sec-Fetch-Site", "same-origin"),), **fields):
        more = [*headers, ("Content-Type", "application/x-www-form-urlencoded")]
        return self._keep(self.gateway.fetch(self.site, OURS + action, "POST", self._headers(more), urlencode(fields).encode()))

    def begin(self, jid, to="/"):
        """Types an address; the code that the page shows."""
        answer = self.post("login", jid=jid, to=to)
        assert answer.status == 200, (answer.status, answer.text)
        return re.search(r"[2-9A-Z]{4}-[2-9A-Z]{4}", answer.text)[0]

    def wait(self, to="/"):
        """Where the waiting page leads in the end."""
        while True:
            answer = self.get(OURS + "login/wait?to=" + quote(to, safe=""))
            if "Is it you?" not in answer.text:
                return answer

    def log_in(self, person, to="/"):
        """Begins, and has the person confirm it."""
        person.confirm(self.begin(person.jid, to))
        answer = self.wait(to)
        assert answer.status == 303 and answer.get("location") == to, (answer.status, answer.text)
        return self


class Person(ChatClient):
    """Somebody's chat client; without `knows` it is one that knows nothing of XEP-0070."""

    def __init__(self, xmpp, user, knows=True, resource="chat"):
        self.knows = knows
        self.questions, self.words, self.refusals = queue.Queue(), queue.Queue(), queue.Queue()
        super().__init__(xmpp, user, ("xep_0004", "xep_0030", "xep_0077", *(("xep_0070",) if knows else ())))
        self.client.add_event_handler("http_confirm_message", self.questions.put)
        self.client.add_event_handler("message", self.words.put)
        self.client.add_event_handler("message_error", self.refusals.put)

    def question(self, limit=30):
        """The next question of whether a request is theirs."""
        return self.questions.get(timeout=limit)

    def words_of(self, domain, limit=30):
        """The body of the next message from there."""
        while True:
            message = self.words.get(timeout=limit)
            if message["from"].bare == domain:
                return message["body"]

    def refusal(self, limit=30):
        """Why the next message that came back did so."""
        return self.refusals.get(timeout=limit)["error"]["text"]

    def confirm(self, code, is_theirs=True):
        question = self.question()
        assert question["confirm"]["id"] == code and code in question["body"]
        self.answer(question, is_theirs)

    def answer(self, question, is_theirs=True):
        def send():
            reply = self.client.make_message(mto=question["from"], mtype=None if is_theirs else "error")
            reply["thread"] = question["thread"]
            for key in ("id", "method", "url"):
                reply["confirm"][key] = question["confirm"][key]
            if not is_theirs:
                reply["error"]["condition"] = "not-authorized"
                reply["error"]["type"] = "auth"
            reply.send()
        self.loop.call_soon_threadsafe(send)

    def say(self, to, body):
        self.loop.call_soon_threadsafe(lambda: self.client.send_message(mto=to, mbody=body, mtype="chat"))

    def befriend(self, other):
        """Both see each other's presence."""
        self.loop.call_soon_threadsafe(lambda: self.client.send_presence_subscription(pto=other.jid))
