"""A record without names gives the answer that the record itself gives, byte for byte."""

import json
from pathlib import Path

import pytest

from reasoner.answer import Answer
from reasoner.ask import Reasoner, example
from reasoner.canonical import strip
from reasoner.intake import read

CASES = sorted(p for p in (Path(__file__).parent / "cases").rglob("*.json") if ".expected" not in p.name)


@pytest.fixture(scope="module")
def reasoner():
    return Reasoner()


@pytest.mark.parametrize("path", CASES, ids=lambda p: p.stem)
def test_an_answer_is_the_same_with_and_without_names(reasoner, path):
    reply = reasoner.reply(path.read_bytes())
    direct = Answer(reasoner.knowledge, reply.record, reply.facts).as_dict()
    assert json.dumps(reply.answer) == json.dumps(direct)


def renamed(text: str) -> bytes:
    """The example of another patient, whose resources sort the other way round."""
    for old, new in (("example", "zoe"), ("radiograph", "a-9"), ("ultrasound", "A-1"), ("mass", "zz")):
        text = text.replace(f'/{old}"', f'/{new}"').replace(f'"id": "{old}"', f'"id": "{new}"')
    return text.encode()


def test_two_patients_with_the_same_facts_are_one_case(reasoner):
    one, names = strip(read(reasoner.knowledge, example()))
    other, others = strip(read(reasoner.knowledge, renamed(example().decode())))
    assert one == other and set(names.values()).isdisjoint(set(others.values()) - {"ServiceRequest/biopsy"})


def test_another_patients_names_never_come_back(reasoner):
    reasoner.ask(example())
    answer = json.dumps(reasoner.ask(renamed(example().decode())))
    assert "Condition/zz" in answer and "Condition/mass" not in answer and "~" not in answer


def test_a_different_fact_is_a_different_case(reasoner):
    changed = example().replace(b"280416009", b"93163002")
    assert strip(read(reasoner.knowledge, example()))[0] != strip(read(reasoner.knowledge, changed))[0]
    assert reasoner.ask(changed)["presentations"][0]["outcome"] == "no-imaging"
