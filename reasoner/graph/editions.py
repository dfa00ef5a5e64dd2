"""Editions of a topic, and the pairs of scenarios of two editions with equal sets of criteria."""

import difflib

from reasoner.errors import InputError
from reasoner.graph.knowledge import Knowledge
from reasoner.graph.lookup import find
from reasoner.names import RDF_TYPE, curie, expand, ia


def edition(knowledge: Knowledge, name: str) -> str:
    """The IRI of an edition by CURIE. Raises InputError with the one most like it."""
    known = knowledge.facts.subjects(RDF_TYPE, ia("Edition"))
    if expand(name) not in known:
        near = difflib.get_close_matches(name, map(curie, known), 1, 0)
        hint = f"Did you mean {near[0]}?" if near else "The graph has no edition."
        raise InputError(name, "the graph has no such edition", hint)
    return find(knowledge, name)


def siblings(knowledge: Knowledge, iri: str) -> set[str]:
    """All editions of the topics of an edition."""
    facts = knowledge.facts
    return {
        e
        for topic in facts.objects(iri, ia("ofTopic"))
        for e in facts.subjects(ia("ofTopic"), topic)
    }


def twins(knowledge: Knowledge, earlier: str, later: str) -> dict[str, str]:
    """For each scenario of the earlier edition the one of the later with the same criteria."""
    by_criteria = {criteria(knowledge, s): s for s in scenarios(knowledge, later)}
    pairs = {s: by_criteria.get(criteria(knowledge, s)) for s in scenarios(knowledge, earlier)}
    return {s: twin for s, twin in pairs.items() if twin}


def scenarios(knowledge: Knowledge, iri: str) -> list[str]:
    """The scenarios of an edition, sorted."""
    members = knowledge.facts.subjects(ia("inEdition"), iri)
    return [s for s in members if knowledge.facts.holds(s, RDF_TYPE, ia("Scenario"))]


def criteria(knowledge: Knowledge, scenario: str) -> frozenset[str]:
    """The criteria of a scenario."""
    return frozenset(knowledge.facts.objects(scenario, ia("hasCriterion")))
