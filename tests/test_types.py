"""The types of an answer say what its schema says: the same keys, required alike, nested alike."""

import copy
import json
import re
import subprocess
import sys
import types
from typing import Literal, NotRequired, Union, get_args, get_origin, get_type_hints

import pytest
from conftest import ROOT

from reasoner.answer.types import JsonAnswer, WhatIf

SCHEMA = json.loads((ROOT / "reasoner" / "answer" / "answer.schema.json").read_text())
SCALARS = {str: "string", int: "integer", bool: "boolean", type(None): "null"}
PROGRAM = """import reasoner
answer = reasoner.load().ask(reasoner.example())
study = answer["presentations"][0]["recommendations"][0]
text: str = study["rationale"]
text = study["rational"]
text = study["rank"]
"""
WRONG = [5, 6]  # its lines that misspell a key, and take a number for a text


def of_type(hint):
    """The shape of a type: a sorted list of scalars, values and containers that it allows."""
    origin, inner = get_origin(hint), get_args(hint)
    if origin is NotRequired:
        return of_type(inner[0])
    if origin in (Union, types.UnionType):
        return merged([of_type(one) for one in inner])
    if origin is Literal:
        return sorted(json.dumps(value) for value in inner)
    if hint is type(None):
        return ["null"]
    if origin is list:
        return [["array", of_type(inner[0])]]
    if hint in SCALARS:
        return [SCALARS[hint]]
    hints = get_type_hints(hint, include_extras=True)
    return [
        ["object", {key: (key in hint.__required_keys__, of_type(h)) for key, h in hints.items()}]
    ]


def of_schema(schema):
    """The shape of a schema, likewise."""
    for word in ("oneOf", "anyOf"):
        if word in schema:
            return merged([of_schema(one) for one in schema[word]])
    if "enum" in schema:
        return sorted(json.dumps(value) for value in schema["enum"])
    if isinstance(schema["type"], list):
        return merged([of_schema({**schema, "type": one}) for one in schema["type"]])
    if schema["type"] == "array":
        return [["array", of_schema(schema["items"])]]
    if schema["type"] == "object":
        required = schema.get("required", ())
        keys = schema["properties"].items()
        return [["object", {key: (key in required, of_schema(one)) for key, one in keys}]]
    return [schema["type"]]


def merged(shapes):
    """The shapes of alternatives as one."""
    return sorted((one for shape in shapes for one in shape), key=repr)


def differences(typed, schema, path="answer"):
    """The places where the shape of a type and that of a schema differ."""
    if (
        len(typed) == len(schema) == 1
        and isinstance(typed[0], list)
        and isinstance(schema[0], list)
    ):
        (kind, inner), (other, outer) = typed[0], schema[0]
        if kind == other == "array":
            return differences(inner, outer, f"{path}[]")
        if kind == other == "object":
            found = [f"{path}.{key}" for key in inner.keys() ^ outer.keys()]
            for key in inner.keys() & outer.keys():
                if inner[key][0] != outer[key][0]:
                    found.append(f"{path}.{key} is required in one of them")
                found += differences(inner[key][1], outer[key][1], f"{path}.{key}")
            return sorted(found)
    return [] if typed == schema else [path]


def test_the_types_are_the_schema():
    assert differences(of_type(JsonAnswer), of_schema(SCHEMA)) == []


def spoil(change):
    """The places at which the types differ from a schema that was changed."""
    schema = copy.deepcopy(SCHEMA)
    change(schema["properties"]["presentations"]["items"])
    return differences(of_type(JsonAnswer), of_schema(schema))


def test_a_key_that_the_types_lack_is_noticed():
    found = spoil(lambda one: one["properties"].update(reviewed={"type": "boolean"}))
    assert found == ["answer.presentations[].reviewed"]


def test_a_key_that_is_required_in_one_of_them_is_noticed():
    found = spoil(lambda one: one["required"].remove("outcome"))
    assert found == ["answer.presentations[].outcome is required in one of them"]


def test_another_type_deep_inside_is_noticed():
    def change(one):
        one["properties"]["recommendations"]["items"]["properties"]["rank"] = {"type": "string"}

    assert spoil(change) == ["answer.presentations[].recommendations[].rank"]


def test_a_value_that_one_of_them_does_not_allow_is_noticed():
    found = spoil(lambda one: one["properties"]["outcome"]["enum"].pop())
    assert found == ["answer.presentations[].outcome"]


def test_what_would_change_has_the_keys_of_its_type(reasoner):
    rows = reasoner.what_if((ROOT / "examples" / "record.json").read_bytes())
    assert rows and all(row.keys() == WhatIf.__annotations__.keys() for row in rows)


def test_a_type_checker_knows_an_answer(tmp_path):
    """A user's program is checked against the types that the package brings."""
    pytest.importorskip("mypy", reason="mypy is not installed")
    path = tmp_path / "program.py"
    path.write_text(PROGRAM)
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--follow-imports=silent", "--cache-dir", tmp_path, path],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    found = [int(line) for line in re.findall(r"program.py:(\d+): error:", done.stdout)]
    assert found == WRONG, done.stdout + done.stderr
