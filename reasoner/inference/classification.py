"""The classes of the things in a record, by the definitions of the ontology that bear on it."""

from collections import defaultdict
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
    """The individuals of a record by their classes.

    `types` has the classes that have a role in rules or answers, `classes` all of them;
    `memberships` are those of presentations.
    """

    types: dict[str, list[str]]
    memberships: list[Membership]
    classes: dict[str, set[str]]


def classify(knowledge: Knowledge, record: list[Statement]) -> Classified:
    """The classes of the individuals of a record, by the definitions that bear on it.

    Raises ContradictionError when two of them exclude each other.
    """
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
        individual: sorted(scope.roles.intersection(classes))
        for individual, classes in realization.types.items()
    }
    presentations = [
        individual for individual, classes in realization.types.items() if presentation in classes
    ]
    memberships = [
        Membership(p, cls, tuple(realization.evidence(p, cls)))
        for p in presentations
        for cls in types[p]
    ]
    return Classified(types, memberships, {p: realization.classes(p) for p in presentations})


def by_presentation(memberships: Iterable[Membership]) -> dict[str, list[Membership]]:
    """Memberships by their presentation."""
    rows: dict[str, list[Membership]] = defaultdict(list)
    for membership in memberships:
        rows[membership.presentation].append(membership)
    return rows


def membership_as_statements(membership: Membership) -> Iterator[Statement]:
    """The statements of a membership, about a node that presentation and class name."""
    presentation, cls = quote(membership.presentation, safe=""), membership.cls[len(IA) :]
    node = f"urn:nextstudy:membership:{presentation}:{cls}"
    yield node, RDF_TYPE, ia("Membership")
    yield node, ia("ofPresentation"), membership.presentation
    yield node, ia("inClass"), membership.cls
    yield from ((node, ia("because"), fact) for fact in membership.because)
