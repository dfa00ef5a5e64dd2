"""Cache keys of a record and of a presentation: what is stated, with resources replaced by numbers.

Numbers follow the order of names, so that whatever is sorted by name in an answer is sorted alike
by number. Two patients of whom the same is stated have equal keys.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any
from urllib.parse import quote

from reasoner.graph.knowledge import Knowledge
from reasoner.graph.memoize import memoized
from reasoner.graph.store import Statement
from reasoner.inference.classification import Classified, Membership, by_presentation
from reasoner.inference.proof import resource
from reasoner.inference.rules import BySubject, about, numbered_by_subject
from reasoner.intake import Record
from reasoner.names import CASE, IA, RDF_TYPE, ia

Names = dict[Any, Any]  # of terms; literals have none
VALUE = ia("value")  # of a measurement, whose classes decide
RECORDED = "urn:nextstudy:recorded"  # says that a thing is a resource of the record


@dataclass(frozen=True)
class RecordKey:
    """A record whose resources are numbers: statements, presentations, and if it is a child's."""

    statements: tuple[Statement, ...]
    presentations: tuple[str, ...]
    child: bool


@dataclass(frozen=True)
class CaseKey:
    """A presentation whose resources are numbers: all that its answer depends on.

    `classes` are those for which the graph holds knowledge. `places` are the numbers of its
    resources in the record, which are no part of the key.
    """

    name: str
    statements: frozenset[Statement]
    memberships: tuple[Membership, ...]
    classes: frozenset[str]
    child: bool
    places: tuple[int, ...] = field(compare=False)


def record_key(record: Record) -> tuple[RecordKey, list[str]] | None:
    """The key of a record, and its resources by number.

    None for one whose names sort otherwise inside of IRIs, where they are percent-encoded.
    """
    base_of: dict[str, tuple[str, str]] = {}
    for s, p, o in record.statements:
        base_of[s] = parted(s)
        if p != RDF_TYPE and isinstance(o, str) and not o.startswith(IA):
            base_of[o] = parted(o)
    for presentation in record.presentations:
        base_of[presentation] = parted(presentation)
    bases = sorted({base for base, _ in base_of.values()}, key=resource)
    if any(quote(a, safe="") > quote(b, safe="") for a, b in zip(bases, bases[1:], strict=False)):
        return None
    number = {base: n for n, base in enumerate(bases)}
    name: dict[Any, Any] = {
        iri: numbered(number[base], part) for iri, (base, part) in base_of.items()
    }
    statements = tuple(
        [(name[s], p, name.get(o, o)) for s, p, o in record.statements if p != VALUE]
    )
    presentations = tuple([name[p] for p in record.presentations])
    return RecordKey(statements, presentations, record.child), bases


def parted(iri: str) -> tuple[str, str]:
    """The IRI of a resource, and the part of it that is meant."""
    if not iri.startswith(CASE):
        return iri, ""
    base, _, part = iri.partition("#")
    return base, part


@lru_cache(maxsize=4096)
def numbered(number: int, part: str) -> str:
    """The IRI of a resource by its number, or of a part of it."""
    return f"{CASE}~{number:05d}#{part}" if part else f"{CASE}~{number:05d}"


def number_of(iri: str) -> int:
    """The number of a resource."""
    return int(iri.partition("#")[0].removeprefix(CASE + "~"))


def case_keys(knowledge: Knowledge, record: RecordKey, classified: Classified) -> list[CaseKey]:
    """The keys of the presentations of a record, given its classification."""
    by_subject = numbered_by_subject(record.statements)
    members = by_presentation(classified.memberships)
    return [
        case_key(knowledge, p, by_subject, classified, members[p], record.child)
        for p in record.presentations
    ]


def case_key(
    knowledge: Knowledge,
    presentation: str,
    by_subject: BySubject,
    classified: Classified,
    memberships: list[Membership],
    child: bool,
) -> CaseKey:
    """The key of one presentation, of which some memberships hold."""
    reads = read_of_a_record(knowledge)
    stated = about(presentation, by_subject)
    facts = {s for s, _, _ in stated}.union(*(m.because for m in memberships))
    things = facts.union(o for _, _, o in stated if isinstance(o, str))
    rows = [statement for statement in stated if statement[1] in reads]
    rows += [(s, RDF_TYPE, cls) for s in things for cls in classified.types.get(s, ())]
    rows += [(s, RECORDED, RECORDED) for s in facts if s in by_subject]
    iris = {presentation}.union(s for s, _, _ in rows)
    iris.update(o for _, p, o in rows if p in reads and isinstance(o, str))
    iris = {iri for iri in iris if iri.startswith(CASE)}
    places = sorted({number_of(iri) for iri in iris})
    new: dict[Any, Any] = {
        iri: numbered(places.index(number_of(iri)), iri.partition("#")[2]) for iri in iris
    }
    return CaseKey(
        new[presentation],
        frozenset([(new[s], p, new.get(o, o)) for s, p, o in rows]),
        tuple([renamed(membership, new) for membership in memberships]),
        knowledge.subgraphs.keys.intersection(classified.classes.get(presentation, ())),
        child,
        tuple(places),
    )


def renamed(membership: Membership, names: dict[str, str]) -> Membership:
    """A membership whose resources have other names."""
    because = sorted(names.get(fact, fact) for fact in membership.because)
    return Membership(names[membership.presentation], membership.cls, tuple(because))


@memoized
def read_of_a_record(knowledge: Knowledge) -> frozenset[str]:
    """The properties of a record that a rule or the answer reads, but for its types."""
    return knowledge.subgraphs.read - {RDF_TYPE}


def classified_by(knowledge: Knowledge, statements: Iterable[Statement]) -> tuple[Statement, ...]:
    """Statements as definitions see them.

    Those with properties that no definition names are left out, and one thing of the graph stands
    for all that definitions cannot tell apart.
    """
    properties, same = knowledge.definitions.axioms.properties, indistinguishable(knowledge)
    return tuple(
        [
            (s, p, o if p == RDF_TYPE else same.get(o, o))
            for s, p, o in statements
            if isinstance(o, str) and (p == RDF_TYPE or p in properties)
        ]
    )


@memoized
def indistinguishable(knowledge: Knowledge) -> dict[str, str]:
    """For each thing of the graph the first that has the same classes as far as definitions ask.

    A thing that a definition names is like no other.
    """
    program = knowledge.definitions.program
    first: dict[frozenset[str], str] = {}
    things = [
        thing
        for thing in sorted(knowledge.definitions.static)
        if thing.startswith(IA) and thing not in program.values
    ]
    return {thing: first.setdefault(frozenset(program.filled(thing)), thing) for thing in things}
