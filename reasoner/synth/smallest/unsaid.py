"""What no record can say: the classes and terms of definitions that no mapped code states."""

from collections.abc import Iterator

from reasoner.graph.knowledge import Knowledge
from reasoner.names import ia
from reasoner.synth.smallest import sayings
from reasoner.synth.smallest.facts import DENIES, PROCEDURE, RESULT, SITE, WITHIN
from reasoner.synth.smallest.ways import Thing

ROOTS = {
    ia(name)
    for name in "Presentation Patient Study Procedure Denial LocalDenial Measurement".split()
}


def unsaid(knowledge: Knowledge, way: Thing) -> frozenset[str]:
    """The classes and terms of a way to meet a definition that no code can state."""
    return frozenset(_unsaid(knowledge, way, ""))


def unknown(knowledge: Knowledge, cls: str) -> bool:
    """Whether a class is what the answer "unknown" to a question means that a code asks."""
    asked = knowledge.facts.subjects(ia("whenUnknown"), cls)
    return any(sayings.stated(knowledge, question, None).code for question in asked)


def _unsaid(knowledge: Knowledge, thing: Thing, predicate: str) -> Iterator[str]:
    region = dict(thing.terms).get(WITHIN)
    for p, term in thing.terms:
        if p == DENIES:
            said = sayings.denied(knowledge, term)
        elif p in (WITHIN, SITE):
            said = sayings.placed(knowledge, term)
        else:
            said = sayings.termed(knowledge, term)
        if not said.code and p != PROCEDURE:
            yield term
    for cls in thing.classes - ROOTS:
        if knowledge.facts.subjects(ia("bandClass"), cls):
            continue  # a date or a number
        if predicate == RESULT:
            said = sayings.resulting(knowledge, cls)
        else:
            said = sayings.stated(knowledge, cls, region)
        if not said.code and not unknown(knowledge, cls):
            yield cls
    for p, part in thing.parts:
        yield from _unsaid(knowledge, part, p)
