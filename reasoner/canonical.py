"""A record without names: most patients of one topic share the same facts, so each set of facts is reasoned over once.

Individuals are renamed in the order in which the record states them, values that no rule reads are left out, and the
answer is found, or taken from memory, for the renamed record; then the patient's own names are put back.
"""

from dataclasses import dataclass
from functools import lru_cache

from reasoner.answer import ADULT, Answer
from reasoner.derive import derive, index
from reasoner.errors import ContradictionError
from reasoner.explain import resource
from reasoner.intake import Record
from reasoner.knowledge import Knowledge
from reasoner.names import CASE, IA, RDF_TYPE

REMEMBERED = 4096  # answers, about 20 kB each


@dataclass(frozen=True)
class Case:
    """A record without names: its statements, its presentations, and whether the patient is a child."""

    statements: tuple[tuple[str, str, str], ...]
    presentations: tuple[str, ...]
    child: bool


def strip(record: Record) -> tuple[Case, dict[str, str]]:
    """The record without names, and the record's own name of each renamed resource."""
    iris: dict[str, str] = {}
    names: dict[str, str] = {}

    def rename(iri: str) -> str:
        if iri.startswith(IA):
            return iri
        base, sign, part = iri.partition("#") if iri.startswith(CASE) else (iri, "", "")
        if base not in iris:
            iris[base] = f"{CASE}~{len(iris)}"
            names[f"~{len(names)}"] = resource(iri)
        return iris[base] + sign + part

    statements = tuple((rename(s), p, o if p == RDF_TYPE else rename(o)) for s, p, o in record.statements if isinstance(o, str))
    child = record.age is not None and record.age < ADULT
    return Case(statements, tuple(map(rename, record.presentations)), child), names


def restore(value, names: dict[str, str]):
    """JSON data with the patient's own names; a list of names is sorted again."""
    if isinstance(value, str):
        return names.get(value, value)
    if isinstance(value, dict):
        return {key: restore(item, names) for key, item in value.items()}
    if isinstance(value, list):
        items = [restore(item, names) for item in value]
        return sorted(items) if items != value and isinstance(items[0], str) else items
    return value


class Memory:
    """The answers to cases, each found once and kept while it is among the latest."""

    def __init__(self, knowledge: Knowledge, size: int = REMEMBERED):
        self.knowledge = knowledge
        self._find = lru_cache(maxsize=size)(self.find)

    def find(self, case: Case) -> dict:
        """The answer to a case, reasoned out."""
        record = Record("", list(case.statements), list(case.presentations), age=0 if case.child else None)
        return Answer(self.knowledge, record, index(record.statements + derive(self.knowledge, record.statements))).as_dict()

    def answer(self, record: Record) -> dict:
        """The answer to a record."""
        case, names = strip(record)
        try:
            found = restore(self._find(case), names)
        except ContradictionError as error:
            raise ContradictionError(names.get(resource(error.thing), error.thing), error.first, error.second) from None
        notes = [{"severity": n.severity, "about": n.about, "message": n.message} for n in record.notes]
        return {**found, "patient": record.patient, "notes": notes + found["notes"]}
