# Ad-hoc commands (XEP-0050) as a chat client runs them.
from .waiting import wait_until

OURS = "urn:crosstalk:1#"
ANNOUNCE = "http://jabber.org/protocol/admin#announce"
COMMANDS = "http://jabber.org/protocol/commands"
FORM = "{jabber:x:data}"


def node_of(name):
    return name if ":" in name else OURS + name


class Answer:
    """What a step of a command came to: a <command/>, or an error."""

    def __init__(self, command=None, error=None):
        self.error = error  # (condition, text)
        self.status = self.session = None
        self.notes, self.fields, self.rows, self.actions, self.default = [], {}, [], [], None
        if command is None:
            return
        self.status, self.session = command.get("status"), command.get("sessionid")
        self.notes = [note.text for note in command.findall(f"{{{COMMANDS}}}note")]
        actions = command.find(f"{{{COMMANDS}}}actions")
        if actions is not None:
            self.default = actions.get("execute")
            self.actions = [each.tag.split("}")[1] for each in actions]
        form = command.find(f"{FORM}x")
        if form is None:
            return
        self.fields = _fields(form)
        self.rows = [{var: "".join(values) for var, values in _fields(item).items()} for item in form.findall(f"{FORM}item")]

    def __repr__(self):
        return f"Answer(error={self.error}, status={self.status}, notes={self.notes}, fields={self.fields}, rows={self.rows})"


def _fields(parent):
    return {field.get("var"): [value.text or "" for value in field.findall(f"{FORM}value")]
            for field in parent.findall(f"{FORM}field")}


class Desk:
    """The commands of the gateway `domain`, for the ChatClient `client`."""

    def __init__(self, client, domain):
        self.client, self.domain = client, domain

    def listed(self):
        """What is offered, by node."""
        items = self.client.ask(lambda xmpp: xmpp["xep_0030"].get_items(self.domain, node=COMMANDS, timeout=30))
        return {node: name for _, node, name in items["disco_items"]["items"]}

    def step(self, name, action=None, session=None, fields=None, form_type="submit"):
        def question(xmpp):
            iq = xmpp.make_iq_set(ito=self.domain)
            iq["command"]["node"] = node_of(name)
            if action:
                iq["command"].xml.set("action", action)
            if session:
                iq["command"]["sessionid"] = session
            if fields is not None:
                form = xmpp["xep_0004"].make_form(ftype=form_type)
                for var, value in fields.items():
                    form.add_field(var, ftype="text-multi" if isinstance(value, list) else "text-single", value=value)
                iq["command"].append(form)
            return iq.send(timeout=30)
        got = self.client.ask(question)
        if isinstance(got, tuple):
            return Answer(error=got)
        return Answer(got.xml.find(f"{{{COMMANDS}}}command"))

    def run(self, name, *forms):
        """Begins a command and fills in each form in turn, at the pace that it allows; the last answer."""
        answer = self.at_our_pace(lambda: self.step(name))
        for fields in forms:
            if answer.error:
                return answer
            assert answer.status == "executing", answer
            asked = {var: values for var, values in answer.fields.items() if values and var not in fields}
            hidden = {var: values[0] for var, values in asked.items() if var in ("FORM_TYPE", "name")}
            action, session = answer.default, answer.session
            answer = self.at_our_pace(lambda: self.step(name, action, session, {**hidden, **fields}))
        return answer

    @staticmethod
    def at_our_pace(step):
        """Takes a step again for as long as it comes too fast."""
        def answer():
            got = step()
            return None if got.error and got.error[0] == "resource-constraint" else got
        return wait_until("the pace to allow another", answer, pause=0.3)
