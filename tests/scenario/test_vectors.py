# The test vectors hold the JSON Schema and the page to the same protocol that the codec speaks.
import base64
import hashlib
import importlib
import json
import os
import re
import sys
from xml.etree import ElementTree

import jsonschema
import pytest
from support.crosstalk import ROOT

DOCS = os.path.join(ROOT, "docs")


def load(*path):
    with open(os.path.join(ROOT, *path), encoding="utf-8") as file:
        return json.load(file)


def vectors(name):
    found = load("tests", "vectors", name + ".json")[name if name != "messages" else "payloads"]
    assert found
    return found


def messages_in(text):
    """The messages of a payload, or None where it is not JSON."""
    def refuse(constant):
        raise ValueError(constant)
    try:
        parsed = json.loads(text, parse_constant=refuse)
    except ValueError:
        return None
    return parsed if isinstance(parsed, list) else [parsed]


@pytest.fixture(scope="module")
def schema():
    found = load("docs", "protocol.schema.json")
    jsonschema.Draft7Validator.check_schema(found)
    return jsonschema.Draft7Validator(found)


def test_what_means_something_is_valid_by_the_schema(schema):
    checked = 0
    for vector in vectors("messages"):
        if vector.get("or-refused"):
            continue
        for message, meant in zip(messages_in(vector["json"]) or [], vector.get("means", [])):
            if "broken" not in meant:
                assert schema.is_valid(message), vector["name"]
                checked += 1
    assert checked > 300


def test_what_is_broken_is_not(schema):
    checked = 0
    for vector in vectors("messages"):
        if vector.get("schema") == "cannot tell" or vector.get("or-refused"):
            continue
        for message, meant in zip(messages_in(vector["json"]) or [], vector.get("means", [])):
            if "broken" in meant:
                assert not schema.is_valid(message), vector["name"]
                checked += 1
    assert checked > 50


def test_a_payload_that_is_refused_holds_no_valid_list_of_messages(schema):
    for vector in vectors("messages"):
        messages = messages_in(vector["json"]) if "refused" in vector else None
        assert messages is None or len(messages) > 256 or not all(map(schema.is_valid, messages)), vector["name"]


def test_messages_of_transfers_are_valid_by_the_schema(schema):
    for vector in vectors("transfers"):
        assert all(map(schema.is_valid, vector["messages"])), vector["name"]


def test_every_message_on_the_page_is_valid_by_the_schema(schema):
    with open(os.path.join(DOCS, "protocol.md"), encoding="utf-8") as file:
        page = file.read()
    shown = re.findall(r"\n```json\n(.*?)\n```\n", page, re.DOTALL)
    shown += [re.sub(r"&(quot|amp|lt|gt);", lambda m: {"quot": '"', "amp": "&", "lt": "<", "gt": ">"}[m[1]], each)
              for each in re.findall(r"<json xmlns='urn:xmpp:json:0'>(.*?)</json>", page, re.DOTALL)
              if each.lstrip()[0] in "[{"]
    assert len(shown) >= 5
    for text in shown:
        messages = messages_in(text)
        assert messages, text
        for message in messages:
            schema.validate(message)


def test_the_capabilities_on_the_page_are_those_of_the_features_on_it():
    with open(os.path.join(DOCS, "protocol.md"), encoding="utf-8") as file:
        page = file.read()
    answer = page[page.index("<identity"):page.index("</query>", page.index("<identity"))]
    category, kind, name = re.search(r"category='(.*?)' type='(.*?)' name='(.*?)'", answer).groups()
    features = sorted(re.findall(r"<feature var='(.*?)'/>", answer))
    text = "".join(each + "<" for each in [f"{category}/{kind}//{name}", *features])
    told = base64.b64encode(hashlib.sha1(text.encode()).digest()).decode()
    assert set(re.findall(r" ver='(.*?)'", page)) == {told}
    assert f"#{told}'" in page


# The peer in Python against the vectors: docs/examples was written from the page alone.

sys.path.insert(0, os.path.join(DOCS, "examples"))
protocol, peer = (importlib.import_module(name) for name in ("protocol", "peer"))


def written(message):
    """A message as the vectors write it down."""
    if "body" in message:
        message = {**message, "body": base64.b64encode(message["body"]).decode()}
    return message


def outcome(read, *arguments):
    try:
        return [written(message) for message in read(*arguments)]
    except protocol.Refused as refusal:
        return str(refusal)


def test_the_python_peer_reads_messages_as_the_vectors_say():
    for vector in vectors("messages"):
        right = [vector[key] for key in ("means", "refused") if key in vector]
        if vector.get("or-refused"):
            right.append("bad-request")
        assert outcome(protocol.read_messages, vector["json"]) in right, vector["name"]


def test_the_python_peer_opens_stanzas_as_the_vectors_say():
    checked = 0
    for vector in vectors("stanzas"):
        if "<deflate>" not in vector["xml"]:  # it does not announce that it reads these
            stream = ElementTree.fromstring(f"<s xmlns='jabber:client'>{vector['xml']}</s>")
            right = vector.get("means", vector.get("refused"))
            assert outcome(protocol.open_envelope, stream[0]) == right, vector["name"]
            checked += 1
    assert checked > 5


def test_the_python_peer_writes_bodies_as_the_vectors_say():
    for vector in vectors("bodies"):
        body = base64.b64decode(vector["body"])
        assert protocol.text_cost(body) == vector["text-costs"], vector["name"]
        members = protocol.write_body(body)
        assert ("encoding" in members) == (vector["goes-as"] == "base64"), vector["name"]
        assert protocol.read_messages(protocol.write_messages({"batch": "b", **members})) == [{"batch": "b", "body": body}]


def test_the_python_peer_takes_of_requests_what_the_vectors_say():
    base = load("tests", "vectors", "requests.json")["base"]
    for vector in vectors("requests"):
        given = {**base, **vector.get("set", {})}
        given = {name: value for name, value in given.items() if name not in vector.get("remove", [])}
        try:
            taken = protocol.read_request(given, vector.get("from"))
        except protocol.BadRequest as refusal:
            assert refusal.args == (vector.get("refused"),), vector["name"]
        else:
            assert "refused" not in vector, vector["name"]
            assert {key: getattr(taken, key) for key in vector["takes"]} == vector["takes"], vector["name"]


def test_the_python_peer_takes_bodies_as_the_vectors_say():
    checked = 0
    for vector in vectors("transfers"):
        if vector["receiver"] == "answerer":
            transaction, shutdown = peer.Transaction("b"), None
            for message in protocol.read_messages(json.dumps(vector["messages"])):
                shutdown = shutdown or transaction.receive(message)
            assert (shutdown, transaction.ended) == (vector.get("shutdown"), vector.get("ended")), vector["name"]
            if "body" in vector:
                assert bytes(transaction.body) == base64.b64decode(vector["body"]), vector["name"]
                assert transaction.finished == vector["finished"], vector["name"]
            checked += 1
    assert checked > 10


def test_the_python_peers_credit_is_what_the_vectors_say():
    for vector in vectors("credit"):
        transaction = peer.Transaction("b")
        for step in vector["steps"]:
            transaction.acknowledged += step.get("answered", 0)
            if "window" in step:
                assert transaction.receive({"batch": "b", "window": step["window"]}) is None
            sends = max(0, transaction.credit(vector["carrier"] == "result") - transaction.sent)
            assert sends == step["sends"], vector["name"]
            transaction.sent += sends
