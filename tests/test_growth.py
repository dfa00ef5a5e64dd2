"""More topics change no answer: a patient is asked about with the definitions that bear on the
topic, and these find what all would.
"""

import sys

import pytest
from conftest import CASES, ROOT

sys.path.insert(0, str(ROOT / "benchmarks"))

from generated import catalogued, computable, shared  # noqa: E402

from reasoner.api import Reasoner  # noqa: E402
from reasoner.names import CASE, ia  # noqa: E402

ANCHORS = [frozenset(), frozenset([ia("SoftTissueMassPresentation")])]
ABOUT_GRAPH = ("knowledge", "catalogued")


@pytest.mark.parametrize("name", CASES)
def test_the_definitions_in_scope_find_what_all_find_for_the_same_reasons(name, reasoner, replies):
    knowledge = reasoner.knowledge
    facts = [t for t in replies[name].record.statements if isinstance(t[2], str)]
    every = knowledge.definitions.realize(facts)
    anchors = {c for types in every.types.values() for c in types}.intersection(
        knowledge.subgraphs.anchors
    )
    for scope in (knowledge.scope(each) for each in ANCHORS if each <= anchors):
        found = scope.program.realize(facts)
        for individual in sorted(x for x in every.types if x.startswith(CASE)):
            wanted = every.classes(individual) & scope.roles
            assert found.classes(individual) & scope.roles == wanted
            assert all(
                set(found.evidence(individual, c)) == set(every.evidence(individual, c))
                for c in wanted
            )
        assert found.contradictions == every.contradictions


@pytest.mark.parametrize("made, topics", [(catalogued, 5), (shared, 5)])
def test_more_topics_change_no_answer(made, topics, replies, tmp_path):
    grown = Reasoner(made(tmp_path, topics), memory=0)
    for name, reply in replies.items():
        answer = grown.ask(CASES[name].read_bytes())
        assert {k: v for k, v in answer.items() if k not in ABOUT_GRAPH} == {
            k: v for k, v in reply.answer.items() if k not in ABOUT_GRAPH
        }, name


def test_topics_with_criteria_of_their_own_change_no_presentation(replies, tmp_path):
    grown = Reasoner(computable(tmp_path, 3), memory=0)
    assert len(grown.knowledge.topics) > len(replies["example"].answer["knowledge"]["topics"])
    for name, reply in replies.items():
        assert (
            grown.ask(CASES[name].read_bytes())["presentations"] == reply.answer["presentations"]
        ), name
