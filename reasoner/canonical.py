"""A presentation without names: what decides its answer, apart from whose it is, so that each set of such facts is reasoned over once.

Classification says which classes a presentation belongs to and on which facts that rests. From there on only those
classes, their evidence, and what the rules and the answer look at in findings, studies and orders count: an answer is
made of these alone, so it cannot depend on anything else. Most patients of one topic share them.
"""

from collections import defaultdict
from dataclasses import dataclass
from functools import lru_cache

import orjson

from reasoner.answer import ADULT, Answer, by_name, by_severity
from reasoner.derive import Membership, classify, conclude, index, stated
from reasoner.explain import resource
from reasoner.intake import Record
from reasoner.knowledge import Knowledge
from reasoner.names import CASE, IA, RDF_TYPE, ia
from reasoner.store import Statement
from reasoner.template import Template

REMEMBERED = 4096  # presentations, about 20 kB each
TOLD = {ia(name) for name in ("ofProcedure", "ofOrderable", "hasLaterality")}  # what an answer tells beside what rules read
RECORDED = "urn:nextstudy:recorded"  # says that a thing is a fact of the record, and nothing about it
FIRST = CASE + "~0"

@dataclass(frozen=True)
class Presented:
    """A presentation without names: its statements, its memberships, its classes that bring knowledge along, and whether the patient is a child."""

    statements: tuple[Statement, ...]
    memberships: tuple[Membership, ...]
    classes: frozenset[str]
    child: bool


class Memory:
    """The answers to presentations, each found once and kept while it is among the latest."""

    def __init__(self, knowledge: Knowledge, size: int = REMEMBERED):
        self.knowledge = knowledge
        self._find = lru_cache(maxsize=size)(self.find)

    def find(self, case: Presented) -> Template:
        """The answer to a presentation and the remarks on it, reasoned out."""
        statements = list(case.statements)
        conclusions = list(stated(case.memberships))
        conclusions += conclude(self.knowledge, statements, conclusions, case.classes)
        record = Record("", statements, [FIRST], age=0 if case.child else None)
        found = Answer(self.knowledge, record, index(statements + conclusions)).as_dict()
        return Template([found["presentations"][0], found["notes"]])

    def shared(self, record: Record) -> dict:
        """The answer to a record; it shares parts with other answers, so it must not be changed.

        Raises ContradictionError when the record puts one thing into two classes that exclude each other.
        """
        found = [self._find(case).fill(names) for case, names in cases(self.knowledge, record)]
        for presentation, _ in found:
            presentation["orders"] = sorted(presentation["orders"], key=by_name)
            presentation["alerts"] = sorted(presentation["alerts"], key=by_severity)
        notes = [{"severity": n.severity, "about": n.about, "message": n.message} for n in record.notes]
        return {"patient": record.patient, "knowledge": self.knowledge.versions, "presentations": [p for p, _ in found], "notes": notes + [n for _, more in found for n in more]}

    def answer(self, record: Record) -> dict:
        """The answer to a record, its own in every part."""
        return orjson.loads(orjson.dumps(self.shared(record)))


def cases(knowledge: Knowledge, record: Record) -> list[tuple[Presented, list[str]]]:
    """For each presentation of a record what decides its answer, and the record's own name of each resource in it."""
    if not record.presentations:
        classify(knowledge, record.statements)  # which refuses a contradiction
        return []
    found, told = classify(knowledge, record.statements), knowledge.slices.read | TOLD
    said: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for s, p, o in record.statements:
        said[s] += [(p, o)] if p in told and p != RDF_TYPE and isinstance(o, str) else []
    child = record.age is not None and record.age < ADULT
    known = knowledge.slices.keys
    of = {p: [m for m in found.memberships if m.presentation == p] for p in record.presentations}
    return [case(p, said, found.types, of[p], known.intersection(found.classes[p]), child) for p in record.presentations]


def case(presentation: str, said: dict, types: dict[str, list[str]], memberships: list[Membership], classes: frozenset[str], child: bool) -> tuple[Presented, list[str]]:
    """A presentation without names: what is said of it and of what it leads to, numbered in the order of their classes; then the evidence."""
    numbers: dict[str, str] = {}
    names: list[str] = []

    def rename(iri: str) -> str:
        if iri.startswith(IA):
            return iri
        base, sign, part = iri.partition("#") if iri.startswith(CASE) else (iri, "", "")
        if base not in numbers:
            numbers[base] = f"{CASE}~{len(names)}"
            names.append(resource(iri))
        return numbers[base] + sign + part

    statements, reached = [], {presentation: None}
    place = 0
    while place < len(reached):
        node, place = list(reached)[place], place + 1
        own = rename(node)
        statements += [(own, RDF_TYPE, cls) for cls in types.get(node, ())]
        for p, o in sorted(said[node], key=lambda pair: (pair[0], [pair[1]] if pair[1].startswith(IA) else types.get(pair[1], []))):
            statements.append((own, p, rename(o)))
            if not o.startswith(IA):
                reached.setdefault(o)
    renamed = tuple([Membership(FIRST, m.cls, tuple([rename(fact) for fact in m.because])) for m in memberships])
    evidence = dict.fromkeys(fact for m in memberships for fact in m.because)
    statements += [(rename(node), RECORDED, RECORDED) for node in dict.fromkeys([*reached, *evidence]) if node in said]
    return Presented(tuple(statements), renamed, classes, child), names
