"""What the graph says of how intake treats a term: which property states it, and which denies it.

Intake names no finding, sign or observable: what it must know of one stands on its class.
"""

from reasoner.graph.knowledge import Knowledge
from reasoner.graph.memoize import memoized
from reasoner.names import IA, OWL, RDF_TYPE, ia

PROBLEM = "problem"  # the noun of a finding that has none of its own
FINDS, SUFFERS = ia("hasFinding"), ia("hasCondition")


@memoized
def inherited(knowledge: Knowledge, term: str, name: str) -> str | None:
    """The value of an annotation of a term, or of the nearest class above it that has one."""
    definitions, facts = knowledge.definitions, knowledge.facts
    above = definitions.superclasses(term).union(definitions.static.get(term, ()), (term,))
    valued = [c for c in above if facts.value(c, ia(name)) is not None]
    nearest = max(valued, key=lambda c: (len(definitions.superclasses(c)), c), default=None)
    return facts.value(nearest, ia(name))


def stated_by(knowledge: Knowledge, term: str) -> str | None:
    """The property by which a presentation, or its patient, states a term."""
    return inherited(knowledge, term, "statedBy")


def denied_by(knowledge: Knowledge, term: str) -> str | None:
    """The property by which a presentation, or its patient, denies a term."""
    return inherited(knowledge, term, "deniedBy")


def is_true(knowledge: Knowledge, term: str, name: str) -> bool:
    """Whether an annotation of a term, or of the nearest class above it that has one, is true."""
    return inherited(knowledge, term, name) == "true"


def joins_a_problem(knowledge: Knowledge, term: str) -> bool:
    """Whether a term is stated beside the finding of a presentation, and not as its finding."""
    return stated_by(knowledge, term) not in (None, FINDS, SUFFERS)


@memoized
def same_kind(knowledge: Knowledge, one: str, other: str) -> bool:
    """Whether two classes of findings are kinds of one finding that a topic is about.

    They are below a common class other than a root, or are both always problems of their own.
    """
    above = knowledge.definitions.superclasses
    shared = {c for c in above(one) & above(other) if not knowledge.facts.value(c, ia("statedBy"))}
    return bool(shared) or all(is_true(knowledge, c, "separateProblem") for c in (one, other))


def noun(knowledge: Knowledge, classes: list[str]) -> str:
    """The word by which a sentence speaks of a problem with a finding of some classes."""
    nouns = (inherited(knowledge, cls, "noun") for cls in classes)
    return next(filter(None, nouns), PROBLEM)


@memoized
def below(knowledge: Knowledge, cls: str) -> tuple[str, ...]:
    """A class and all declared classes with a name below it, sorted."""
    classes = knowledge.facts.subjects(RDF_TYPE, OWL + "Class")
    named = (c for c in classes if c.startswith(IA))
    inside = (c for c in named if cls in knowledge.definitions.superclasses(c))
    return tuple(sorted({cls, *inside}))


@memoized
def properties(knowledge: Knowledge, annotation: str) -> frozenset[str]:
    """The properties of which an annotation is true, such as `statesPatientFact`."""
    return frozenset(knowledge.facts.subjects(ia(annotation), "true"))
