"""The classes of the things in a record, by the definitions of the ontology that bear on it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from urllib.parse import quote

from reasoner.errors import ContradictionError
from reasoner.graph.knowledge import Knowledge
from reasoner.graph.store import Statement
from reasoner.names import IA, RDF_TYPE, ia


@dataclass(frozen=True)
class Membership:
    """A class that a presentation belongs to, and the individuals whose facts put it there."""

    presentation: str
    cls: str
    because: tuple[str, ...]


@dataclass(frozen=True)
class Classified:
    """The classes of each individual that have a role in rules or answers, the memberships of presentations, and all classes of each of them."""

    types: dict[str, list[str]]
    memberships: list[Membership]
    classes: dict[str, set[str]]


def classify(knowledge: Knowledge, record: list[Statement]) -> Classified:
    """The classes of the individuals of a record, by the definitions that bear on it. Raises ContradictionError when two of them exclude each other."""
    facts = [(s, p, o) for s, p, o in record if isinstance(o, str)]
    anchored = knowledge.anchoring.realize(facts).types.values()
    scope = knowledge.scope(
        frozenset(knowledge.subgraphs.anchors).intersection(
            cls for types in anchored for cls in types
        )
    )
    realization = scope.program.realize(facts)
    if realization.contradictions:
        raise ContradictionError(*realization.contradictions[0])
    presentation = ia("Presentation")
    types = {
        individual: sorted(scope.roles.intersection(found))
        for individual, found in realization.types.items()
    }
    presentations = [
        individual for individual, found in realization.types.items() if presentation in found
    ]
    memberships = [
        Membership(p, cls, tuple(realization.evidence(p, cls)))
        for p in presentations
        for cls in types[p]
    ]
    return Classified(types, memberships, {p: realization.classes(p) for p in presentations})


def memberships_as_statements(memberships: Iterable[Membership]) -> Iterator[Statement]:
    """The statements that memberships are stated in."""
    for m in memberships:
        node = f"urn:nextstudy:membership:{quote(m.presentation, safe='')}:{m.cls[len(IA) :]}"
        yield node, RDF_TYPE, ia("Membership")
        yield node, ia("ofPresentation"), m.presentation
        yield node, ia("inClass"), m.cls
        yield from ((node, ia("because"), fact) for fact in m.because)
