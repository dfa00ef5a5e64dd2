"""Describes the facts and resources of a record in words, for readers who see no references."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from types import MappingProxyType

from reasoner.answer.wording import NOWHERE
from reasoner.graph.index import Index
from reasoner.graph.knowledge import Knowledge
from reasoner.graph.store import Statement
from reasoner.inference.proof import resource
from reasoner.intake.observables import observables
from reasoner.names import IA, RDF_TYPE, ia

STUDIES = ("ofOrderable", "ofProcedure")
SAID = {
    "suspects": "suspected {}",
    "hasHistory": "history: {}",
    "hasMechanism": "mechanism: {}",
}  # how a fact is worded that a presentation states with a property
UNITS = {"a": ("year", "years"), "d": ("day", "days")}  # UCUM codes in words
PURPOSES = {"hasPurpose": "purpose: {}", "hasCourse": "{}"}
ATTRIBUTES = ("hasDepth", "hasSite", "hasMrLabel", "hasSeverity", "namesDiagnosis")


def fact_in_words(knowledge: Knowledge, facts: Index, node: str) -> str:
    """A fact of a record with its attributes: "soft tissue mass, deep to fascia, thigh".

    Empty for a node that the record says nothing of.
    """
    return ", ".join(words_of_fact(knowledge, facts, node))


def words_of_fact(knowledge: Knowledge, facts: Index, node: str) -> list[str]:
    """The labels that describe a fact of a record, each once: its study or its classes first.

    A denial is worded as "no joint effusion", a suspicion as "suspected fracture".
    """
    label = knowledge.label
    if denied := facts.objects(node, ia("denies")):
        return [f"no {label(cls)}" for cls in broadest(knowledge, denied)]
    if quantity := words_of_time(knowledge, facts, node):
        return [quantity]
    if stated := [(w, o) for p, w in PURPOSES.items() for o in facts.objects(node, ia(p))]:
        return [words.format(label(term)) for words, term in stated]
    studies = [facts.value(node, ia(p)) for p in STUDIES]
    study = [label(one) for one in studies if one][:1]
    attributes = [label(o) for p in ATTRIBUTES for o in facts.objects(node, ia(p))]
    classes = [k for k in facts.objects(node, RDF_TYPE) if k.startswith(IA)]
    above = {a for k in classes for a in knowledge.definitions.superclasses(k) if a != k}
    kinds = [label(k) for k in classes if k not in above][: 1 if study or attributes else 2]
    said = next((w for p, w in SAID.items() if facts.subjects(ia(p), node)), "{}")
    words = list(dict.fromkeys([*study, *kinds, *attributes]))
    return [said.format(words[0]), *words[1:]] if words else []


def words_of_time(knowledge: Knowledge, facts: Index, node: str) -> str:
    """The words for a time that follows from dates: "age: 46 years"; empty for anything else."""
    value = facts.value(node, ia("value"))
    known = observables(knowledge).get(facts.value(node, ia("ofObservable"), ""))
    if value is None or known is None or not known.follows:
        return ""
    unit = knowledge.facts.value(known.iri, ia("unit"), "")
    one, several = UNITS.get(unit, (unit, unit))
    return f"{knowledge.label(known.iri)}: {value} {one if value == '1' else several}"


def broadest(knowledge: Knowledge, classes: Iterable[str]) -> list[str]:
    """Of some classes those that lie below no other of them, in order."""
    given, above = list(classes), knowledge.definitions.superclasses
    return [c for c in given if not any(o != c and o in above(c) for o in given)]


def record_words(
    knowledge: Knowledge,
    statements: Iterable[Statement],
    days: Mapping[str, str] = MappingProxyType({}),
) -> dict[str, str]:
    """The words for each resource of a record, by its name in the answer.

    "US lower extremity: indeterminate result, 2026-04-18" for `DiagnosticReport/us-1`, where
    `days` has its day, and "order: image-guided biopsy" for `ServiceRequest/biopsy`. Where several
    resources say the same, the name stands behind the words in brackets.
    """
    facts = Index()
    nodes: dict[str, dict[str, None]] = defaultdict(dict)
    facts.add((s, p, o if isinstance(o, str) else o.value) for s, p, o in statements)
    for subject, *_ in statements:
        nodes[resource(subject)][subject] = None
    words = {
        name: ", ".join(filter(None, (in_words(knowledge, facts, list(parts)), days.get(name))))
        for name, parts in nodes.items()
    }
    counts = Counter(words.values())
    return {
        name: text if text and counts[text] == 1 else f"{text} ({name})".strip()
        for name, text in words.items()
    }


def in_words(knowledge: Knowledge, facts: Index, nodes: list[str]) -> str:
    """One resource in words, from its nodes: a study with its results, a finding, an order."""
    texts = [text for node in nodes if (text := node_in_words(knowledge, facts, node))]
    bare = [text for node in nodes if (text := fact_in_words(knowledge, facts, node))]
    return ": ".join(dict.fromkeys(texts or bare))


def node_in_words(knowledge: Knowledge, facts: Index, node: str) -> str:
    """One node in words; empty for a presentation, whose finding or order describes it, and for a
    time that follows from a date of the resource.
    """
    if facts.holds(node, RDF_TYPE, ia("Presentation")) or words_of_time(knowledge, facts, node):
        return ""
    words = words_of_fact(knowledge, facts, node)
    if any(facts.value(node, ia(p)) for p in STUDIES):
        ordered = "order: " if facts.holds(node, RDF_TYPE, ia("Order")) else ""
        return ordered + words[0].replace(NOWHERE, "")
    return ", ".join(words)
