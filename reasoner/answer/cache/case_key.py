"""A presentation without names: what decides its answer, apart from whose it is.

Classification says which classes a presentation belongs to and on which facts that rests. From there on only those
classes, their evidence, and what the rules and the answer look at in findings, studies and orders count.
"""

from collections import defaultdict
from dataclasses import dataclass
from functools import lru_cache

from reasoner.graph.knowledge import Knowledge
from reasoner.graph.memoize import memoized
from reasoner.graph.store import Statement
from reasoner.inference.rules import Classified, Membership
from reasoner.intake import Record
from reasoner.names import CASE, IA, RDF_TYPE, SOURCE, ia

FINDING, SITE, SIDE, ORDER, PROCEDURE, ORDERABLE = (
    ia(name)
    for name in ("hasFinding", "hasSite", "hasLaterality", "hasOrder", "ofProcedure", "ofOrderable")
)
ORDERED = (PROCEDURE, ORDERABLE, SIDE)  # what is told of an order, in the order of its values
FIRST = CASE + "~0"  # the name of a presentation without names
SUSPECTS = ia("suspects")  # what the answer names, though no rule reads it
AGE = ia("ofAgeGroup")
APART = {SITE, SIDE, ORDER, PROCEDURE, ORDERABLE, AGE}  # what rules read, kept beside the rest
RECORDED = (
    "urn:nextstudy:recorded"  # says that a thing is a fact of the record, and nothing about it
)


@dataclass(frozen=True)
class Presented:
    """What chooses scenarios for a presentation, without names: what it is called in its statements, these, its memberships, and the classes that bring knowledge along."""

    name: str
    statements: tuple[Statement, ...]
    memberships: tuple[Membership, ...]
    classes: frozenset[str]


Placed = tuple[tuple[str, ...], ...]  # of an order: classes, procedures, orderables, sides


@dataclass(frozen=True)
class Case:
    """A presentation: what chooses scenarios, the names in it, and whether the patient is a child.

    Kept beside: its sites and sides, its orders, and the classes that only flag or hint, each with
    its evidence.

    Names are places in the resources of the record.
    """

    presented: Presented
    names: list[int]
    child: bool
    sites: tuple[str, ...]
    sides: tuple[str, ...]
    orders: list[tuple[Placed, int]]
    aside: dict[str, list[int]]

    @property
    def side(self) -> str | None:
        """The side of the finding."""
        return min(self.sides, default=None)


Said = dict[str, dict[str, list[str]]]


@dataclass(frozen=True)
class Stripped:
    """A record without names: its statements, its presentations, and whether the patient is a child."""

    statements: tuple[Statement, ...]
    presentations: tuple[str, ...]
    child: bool


class Renaming:
    """New names for the resources of a record, in the order in which it states them."""

    def __init__(self) -> None:
        self.numbers: dict[str, int] = {}
        self.renamed: dict[str, str] = {}

    def of(self, iri: str) -> str:
        """The new name of a resource or of a part of it; a term of the graph keeps its own."""
        if (found := self.renamed.get(iri)) is None:
            if iri.startswith(IA):
                found = iri
            else:
                base, _, part = iri.partition("#") if iri.startswith(CASE) else (iri, "", "")
                found = token(self.numbers.setdefault(base, len(self.numbers)), part)
            self.renamed[iri] = found
        return found


def strip(record: Record) -> tuple[Stripped, list[str]]:
    """A record with its resources renamed, and their IRIs."""
    names = Renaming()
    statements = tuple(
        [
            (names.of(s), p, o if p == RDF_TYPE else names.of(o))
            for s, p, o in record.statements
            if isinstance(o, str)
        ]
    )
    return Stripped(
        statements, tuple([names.of(p) for p in record.presentations]), record.child
    ), list(names.numbers)


def cases(knowledge: Knowledge, record: Stripped, found: Classified) -> list[Case]:
    """The presentations of a record, given its classification."""
    said: Said = defaultdict(lambda: defaultdict(list))
    for s, p, o in record.statements:
        if p != RDF_TYPE and isinstance(o, str):
            said[s][p].append(o)
        else:
            said[s]  # which is a fact of the record, whatever is said of it
    mine: dict[str, list[Membership]] = defaultdict(list)
    for m in found.memberships:
        mine[m.presentation].append(m)
    return [case(knowledge, p, said, found, mine[p], record.child) for p in record.presentations]


def seen(knowledge: Knowledge, statements: tuple[Statement, ...]) -> tuple[Statement, ...]:
    """Statements as classification sees them: without properties that no definition names, and with one for all things of the graph that definitions cannot tell apart."""
    properties, same = knowledge.definitions.axioms.properties, alike(knowledge)
    return tuple(
        [
            (s, p, o if p == RDF_TYPE else same.get(o, o))
            for s, p, o in statements
            if p == RDF_TYPE or p in properties
        ]
    )


@memoized
def alike(knowledge: Knowledge) -> dict[str, str]:
    """For each thing of the graph the first that has the same classes as far as definitions ask for them; a thing that they name is like no other."""
    program = knowledge.definitions.program
    first: dict[frozenset[str], str] = {}
    things = [
        thing
        for thing in sorted(knowledge.definitions.static)
        if thing.startswith(IA) and thing not in program.values
    ]
    return {thing: first.setdefault(frozenset(program.filled(thing)), thing) for thing in things}


def case(
    knowledge: Knowledge,
    presentation: str,
    said: Said,
    found: Classified,
    mine: list[Membership],
    child: bool,
) -> Case:
    """One presentation without names: what is said of it and of what it leads to, numbered in the
    order of their classes; then the evidence. `mine` are its memberships.
    """
    types, told = found.types, knowledge.subgraphs.read - APART | {SUSPECTS}
    numbers: dict[str, int] = {}

    def rename(iri: str) -> str:
        base, _, part = iri.partition("#")
        return token(numbers.setdefault(base, len(numbers)), part)

    beside = flagging(knowledge)
    memberships = [m for m in mine if m.cls not in beside]
    statements: list[Statement] = []
    reached, met = [presentation], {presentation}
    for node in reached:
        own = rename(node)
        statements += [
            (own, RDF_TYPE, cls)
            for cls in types.get(node, ())
            if node != presentation or cls not in beside
        ]
        for p in sorted(told.intersection(said[node] if node in said else ())):
            for o in sorted(
                said[node][p], key=lambda o: [o] if o.startswith(IA) else types.get(o, [])
            ):
                statements.append((own, p, o if o.startswith(IA) else rename(o)))
                if not o.startswith(IA) and o not in met:
                    met.add(o)
                    reached.append(o)
    name = rename(presentation)
    renamed = tuple(
        [
            Membership(
                name,
                m.cls,
                tuple([fact if fact.startswith(IA) else rename(fact) for fact in m.because]),
            )
            for m in memberships
        ]
    )
    facts = dict.fromkeys([*reached, *(fact for m in memberships for fact in m.because)])
    statements += [(rename(node), RECORDED, RECORDED) for node in facts if node in said]
    of = lambda node, p: said[node][p] if node in said and p in said[node] else []
    findings = sorted(of(presentation, FINDING))[:1]
    sites, sides = ([o for f in findings for o in of(f, p)] for p in (SITE, SIDE))
    orders = [
        ((tuple(types.get(o, ())), *[tuple(sorted(of(o, p))) for p in ORDERED]), place(o))
        for o in of(presentation, ORDER)
    ]
    classes = knowledge.subgraphs.keys.intersection(found.classes.get(presentation, ()))
    aside = {
        m.cls: [place(fact) for fact in m.because if fact in said] for m in mine if m.cls in beside
    }
    return Case(
        Presented(name, tuple(statements), renamed, classes),
        [place(base) for base in numbers],
        child,
        tuple(sorted(sites)),
        tuple(sorted(sides)),
        orders,
        aside,
    )


@memoized
def flagging(knowledge: Knowledge) -> frozenset[str]:
    """The safety concerns and hints of which rules read nothing but that they flag procedures or raise a question."""
    facts, read = knowledge.facts, knowledge.subgraphs.read - {RDF_TYPE, SOURCE} | {ia("remark")}
    spoken = {
        c
        for p in (ia("whenIn"), ia("raisesQuestion"))
        for s in facts.having(p)
        for c in (s, *facts.objects(s, p))
    }
    told = lambda c: (
        {(p, "of") for p, _ in facts.about(c) if p in read}
        | {(p, "to") for _, p in facts.pointing(c) if p in read}
    )
    return frozenset(
        c
        for c in spoken
        if told(c)
        <= {(ia("raisesQuestion"), "of"), (ia("raisesQuestion"), "to"), (ia("whenIn"), "to")}
    )


@lru_cache(maxsize=4096)
def token(number: int, part: str) -> str:
    """The name of a renamed resource, or of a part of it; the same object each time, because remembered records hold many."""
    return f"{CASE}~{number}#{part}" if part else f"{CASE}~{number}"


def place(iri: str) -> int:
    """The place of a renamed resource in those of its record."""
    return int(iri.partition("#")[0].removeprefix(CASE + "~"))
