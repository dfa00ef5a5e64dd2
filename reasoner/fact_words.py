"""A fact of a record in words, from its classes and the terms that it names."""

from reasoner.facts import Facts
from reasoner.knowledge import Knowledge
from reasoner.names import IA, RDF_TYPE, ia

STUDIES = ("ofOrderable", "ofProcedure")
SAID = ("hasDepth", "hasSite", "hasMrLabel", "hasSeverity", "namesDiagnosis")


def fact_in_words(knowledge: Knowledge, facts: Facts, node: str) -> str:
    """What a fact of a record is, and what it says: "deep to fascia, thigh, soft tissue mass".

    Empty for a node that the record says nothing of.
    """
    label = knowledge.label
    named = [facts.value(node, ia(p)) for p in STUDIES]
    words = [label(study) for study in named if study][:1]
    words += [label(o) for p in SAID for o in facts.objects(node, ia(p))]
    classes = [k for k in facts.objects(node, RDF_TYPE) if k.startswith(IA)]
    above = {a for k in classes for a in knowledge.definitions.superclasses(k) if a != k}
    words += [label(k) for k in classes if k not in above][:1 if words else 2]
    return ", ".join(dict.fromkeys(words))
