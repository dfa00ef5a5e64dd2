"""A fact of a record in words, from its classes and the terms that it names."""

from reasoner.graph.index import Index
from reasoner.graph.knowledge import Knowledge
from reasoner.names import IA, RDF_TYPE, ia

STUDIES = ("ofOrderable", "ofProcedure")
SAID = ("hasDepth", "hasSite", "hasMrLabel", "hasSeverity", "namesDiagnosis")


def fact_in_words(knowledge: Knowledge, facts: Index, node: str) -> str:
    """What a fact of a record is, and what it says: "soft tissue mass, deep to fascia, thigh".

    Empty for a node that the record says nothing of.
    """
    return ", ".join(words_of_fact(knowledge, facts, node))


def words_of_fact(knowledge: Knowledge, facts: Index, node: str) -> list[str]:
    """The labels that say a fact of a record, each once: its study, else its classes come first."""
    label = knowledge.label
    named = [facts.value(node, ia(p)) for p in STUDIES]
    study = [label(one) for one in named if one][:1]
    said = [label(o) for p in SAID for o in facts.objects(node, ia(p))]
    classes = [k for k in facts.objects(node, RDF_TYPE) if k.startswith(IA)]
    above = {a for k in classes for a in knowledge.definitions.superclasses(k) if a != k}
    kinds = [label(k) for k in classes if k not in above][: 1 if study or said else 2]
    return list(dict.fromkeys([*study, *kinds, *said]))
