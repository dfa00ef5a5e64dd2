"""Which classes and terms the codes of a record can state, and the code that states each."""

from dataclasses import dataclass

from reasoner.graph.knowledge import Knowledge
from reasoner.graph.memoize import memoized
from reasoner.graph.terminology import Mapping
from reasoner.intake.annotations import below, denied_by
from reasoner.intake.regions import Regions
from reasoner.names import IA, ia

FIRST = ("SCTID", "LOINC", "ICD10CM")  # terminologies whose codes are taken before those of others


@dataclass(frozen=True)
class Saying:
    """A class or term with the code that states it; None where no code does."""

    term: str
    code: Mapping | None


def mappings(knowledge: Knowledge, term: str) -> list[Mapping]:
    """The codes that state a term without a side, the plainest first: those that state no more."""
    codes = knowledge.codes
    usable = [
        m
        for m in codes.of(term)
        if m.intake == "fact" and not m.laterality and codes.systems[m.prefix].iri_base != IA
    ]

    def plainness(m: Mapping) -> tuple:
        meanings = codes.find(codes.systems[m.prefix].systems[0], m.code)
        return len(meanings), FIRST.index(m.prefix) if m.prefix in FIRST else len(FIRST)

    return sorted(usable, key=plainness)


def fitting(knowledge: Knowledge, found: list[Mapping], region: str | None) -> Mapping | None:
    """The first code without a site, else the first whose site lies in a region."""
    inside = Regions(knowledge).inside
    plain = [m for m in found if not m.site]
    placed = [m for m in found if m.site and region and inside(m.site, region)]
    return next(iter(plain + placed), None)


@memoized
def stated(knowledge: Knowledge, cls: str, region: str | None = None) -> Saying:
    """How a record states a class at a region: by its own code, or by that of a class below it."""
    narrower = sorted(below(knowledge, cls), key=lambda c: (depth(knowledge, c), c))
    for one in dict.fromkeys((cls, *narrower)):
        if code := fitting(knowledge, mappings(knowledge, one), region):
            return Saying(one, code)
    return Saying(cls, None)


@memoized
def denied(knowledge: Knowledge, cls: str) -> Saying:
    """How a record denies a class: by its own code, or by that of the nearest class above it."""
    wider = [c for c in knowledge.definitions.superclasses(cls) if c != cls]
    for one in (cls, *sorted(wider, key=lambda c: (-depth(knowledge, c), c))):
        codes = mappings(knowledge, one) if denied_by(knowledge, one) else []
        found = [m for m in codes if m.denies]
        if code := fitting(knowledge, found, None) or next(iter(found), None):
            return Saying(one, code)
    return Saying(cls, None)


@memoized
def resulting(knowledge: Knowledge, cls: str) -> Saying:
    """How the report of a study states a class of results: also by a diagnosis that stands for it.

    The report may name any site: it is about a study, whose site counts.
    """
    narrower = sorted(below(knowledge, cls), key=lambda c: (depth(knowledge, c), c))
    for one in dict.fromkeys((cls, *narrower)):
        for subject in (one, *knowledge.facts.subjects(ia("asResult"), one)):
            if found := mappings(knowledge, subject):
                return Saying(one, fitting(knowledge, found, None) or found[0])
    return Saying(cls, None)


@memoized
def placed(knowledge: Knowledge, region: str) -> Saying:
    """How a record names a region: by its own code, or by that of a region inside it."""
    inside = Regions(knowledge).inside
    narrower = [r for r in sorted(knowledge.members("ia:BodyRegion")) if inside(r, region)]
    for one in dict.fromkeys((region, *narrower)):
        if code := next(iter(mappings(knowledge, one)), None):
            return Saying(one, code)
    return Saying(region, None)


def termed(knowledge: Knowledge, term: str) -> Saying:
    """How a record names any other term."""
    return Saying(term, next(iter(mappings(knowledge, term)), None))


def depth(knowledge: Knowledge, cls: str) -> int:
    """The number of classes above a class."""
    return len(knowledge.definitions.superclasses(cls))
