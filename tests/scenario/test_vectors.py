# The test vectors hold the JSON Schema and the page to the same protocol that the codec speaks.
import json
import os
import re

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
