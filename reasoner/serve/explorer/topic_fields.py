"""The fields of the patient form that the topics of a problem ask for, by their definitions.

A definition says which facts meet a criterion; each becomes a field: yes or no for a sign, a choice
for a mechanism, a number for a time. No topic is named here.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from reasoner.answer.reply import Reply
from reasoner.graph.knowledge import Knowledge
from reasoner.graph.memoize import memoized
from reasoner.intake.annotations import denied_by, is_true, properties, stated_by
from reasoner.intake.observables import observables
from reasoner.intake.regions import Regions
from reasoner.names import IA, RDF_TYPE, ia
from reasoner.synth.smallest.ways import Thing, Ways

PROBLEMS = FINDS, SUSPECTS = ia("hasFinding"), ia("suspects")
ELSEWHERE = {ia(n) for n in ("hasFinding", "hasStudy", "hasOrder", "hasDevice")}  # fields anyway
MEASURED, DENIES, PATIENT = ia("hasMeasurement"), ia("denies"), ia("hasPatient")
PLACES = (ia("withinRegion"), ia("hasSite"))
UNITS = {"a": "years", "d": "days"}


@dataclass(frozen=True)
class Asked:
    """A fact that a definition asks for: a property, a term, and a region where it names one."""

    predicate: str
    term: str
    region: str = ""
    denied: bool = False

    @property
    def value(self) -> str:
        """The fact as the value of a field: `FocalTenderness@Patella`."""
        place = f"@{self.region.removeprefix(IA)}" if self.region else ""
        return self.term.removeprefix(IA) + place


@dataclass(frozen=True)
class Field:
    """A field: its name in the query string, its label, and its values with their labels.

    A field without values is a number.
    """

    name: str
    label: str
    values: tuple[tuple[str, str], ...] = ()


@memoized
def ways(knowledge: Knowledge) -> Ways:
    """The ways to meet the classes of a graph."""
    return Ways(knowledge)


@memoized
def problems(knowledge: Knowledge) -> dict[str, list[tuple[frozenset[str], str]]]:
    """For each anchor the problems that it may be about: classes, and the region of each."""
    return {
        anchor: [
            (part.classes, region_of(part))
            for way in ways(knowledge).of(anchor)
            for predicate, part in way.parts
            if predicate in PROBLEMS
        ]
        for anchor in knowledge.subgraphs.anchors
    }


def near(knowledge: Knowledge, finding: str, region: str) -> list[str]:
    """The anchors that may be about a finding, given with the region where it lies, if known."""
    inside = Regions(knowledge).inside

    def fits(classes: frozenset[str], where: str) -> bool:
        placed = not where or bool(region) and inside(region, where)
        return placed and all(knowledge.is_a(finding, cls) for cls in classes)

    return [
        anchor
        for anchor, rows in problems(knowledge).items()
        if knowledge.subgraphs.scenarios(anchor) and any(fits(*row) for row in rows)
    ]


def criteria(knowledge: Knowledge, anchors: Iterable[str]) -> list[str]:
    """The criteria and exclusions of the scenarios of some anchors, in the order of asking."""
    facts = knowledge.facts
    found = {
        criterion
        for anchor in anchors
        for scenario in knowledge.subgraphs.scenarios(anchor)
        for criterion in (
            *facts.objects(scenario, ia("hasCriterion")),
            *(
                cls
                for exclusion in facts.subjects(ia("ofScenario"), scenario)
                for cls in facts.objects(exclusion, ia("excludes"))
            ),
        )
        if not facts.holds(criterion, RDF_TYPE, ia("Anchor"))
        and not facts.holds(criterion, RDF_TYPE, ia("SafetyConcern"))
    }
    return sorted(found, key=lambda c: (float(facts.value(c, ia("askOrder"), "99")), c))


def in_question(reply: Reply | None) -> list[str]:
    """The criteria of the open questions of a reply, those that are asked now first."""
    if reply is None:
        return []
    facts: dict[str, set[str]] = defaultdict(set)
    about = {}
    for s, p, o in reply.conclusions:
        if p == RDF_TYPE and isinstance(o, str):
            facts[o].add(s)
        elif p == ia("ofCriterion"):
            about[s] = o
    asked = {about[q] for q in facts[ia("AskedQuestion")]}
    return sorted({about[q] for q in facts[ia("OpenQuestion")]}, key=lambda c: c not in asked)


def region_of(thing: Thing) -> str:
    """The region that a thing must lie in, where a definition names one."""
    return next((term for p, term in sorted(thing.terms) if p in PLACES), "")


def asked(knowledge: Knowledge, cls: str) -> list[Asked]:
    """The facts that put a presentation into a class; of denials those that nothing else says."""
    facts = [f for way in ways(knowledge).of(cls) for f in stated(knowledge, way)]
    positive = [f for f in facts if not f.denied]
    return list(dict.fromkeys(positive or facts))


def stated(knowledge: Knowledge, thing: Thing) -> Iterator[Asked]:
    """Yields the facts of a thing that have no field of their own in every form."""
    for predicate, part in thing.parts:
        if predicate == PATIENT:
            yield from stated(knowledge, part)
        elif predicate == MEASURED:
            for cls in part.classes:
                for band in knowledge.facts.subjects(ia("bandClass"), cls):
                    yield Asked(MEASURED, knowledge.facts.value(band, ia("ofObservable")))
        elif denied := [term for p, term in part.terms if p == DENIES]:
            for term in denied:
                yield Asked(stated_by(knowledge, term) or predicate, term, denied=True)
        elif predicate not in ELSEWHERE:
            for cls in part.classes:
                yield Asked(predicate, cls, region_of(part))
    taking = properties(knowledge, "takesTerm")
    for predicate, term in thing.terms:
        if predicate in taking and stated_by(knowledge, term) == predicate:
            yield Asked(predicate, term)


class TopicFields:
    """The fields for a finding at a region, each once: those in question, and the others.

    `covered` are the terms that other fields of the form ask for.
    """

    def __init__(self, knowledge: Knowledge, finding: str, region: str, covered: set[str]):
        self.knowledge, self.finding, self.region = knowledge, finding, region
        self.covered = covered
        self.inside = Regions(knowledge).inside

    def of(self, classes: Iterable[str], groups: dict[str, set[Asked]]) -> list[Field]:
        """The fields of some criteria, in their order; `groups` are the choices of one fact."""
        rows: dict[str, Field] = {}
        for cls in classes:
            for fact in asked(self.knowledge, cls):
                if self.is_due(fact):
                    field = self.field(fact, groups)
                    rows.setdefault(field.label + field.name, field)
        return list(rows.values())

    def is_due(self, fact: Asked) -> bool:
        """Whether a fact has a field: it is no other field's, no suspicion of the finding itself,
        and lies where the problem may be.
        """
        here, there = self.region, fact.region
        placed = not here or not there or self.inside(here, there) or self.inside(there, here)
        itself = fact.predicate == SUSPECTS and fact.term == self.finding
        return placed and not itself and fact.term not in self.covered

    def groups(self, classes: Iterable[str]) -> dict[str, set[Asked]]:
        """The facts of which only one is chosen, by their property."""
        rows: dict[str, set[Asked]] = defaultdict(set)
        for criterion in classes:
            refuters = self.knowledge.facts.objects(criterion, ia("refutedBy"))
            for fact in (f for c in (criterion, *refuters) for f in asked(self.knowledge, c)):
                if self.is_choice(fact):
                    rows[fact.predicate].add(Asked(fact.predicate, fact.term))
        return rows

    def is_choice(self, fact: Asked) -> bool:
        """Whether only one of several facts of its kind is chosen."""
        taking = properties(self.knowledge, "takesTerm")
        return fact.predicate in taking or is_true(self.knowledge, fact.term, "askedAsChoice")

    def field(self, fact: Asked, groups: dict[str, set[Asked]]) -> Field:
        """The field of a fact."""
        label = self.knowledge.label
        if fact.predicate == MEASURED:
            observable = observables(self.knowledge)[fact.term]
            unit = next(u for u, factor in observable.units.items() if factor == 1)
            text = f"{observable.name} in {UNITS.get(unit, unit)}"
            return Field(fact.term.removeprefix(IA), text)
        if fact.predicate in groups:
            values = sorted((label(f.term), f.value) for f in groups[fact.predicate])
            kind = inherited_class(self.knowledge, fact.term)
            return Field("fact", label(kind), tuple((value, text) for text, value in values))
        placed = self.placed(fact)
        name = "suspected" if fact.predicate == SUSPECTS else "fact"
        text = label(fact.term) + (f", {label(placed.region)}" if placed.region else "")
        text += ", suspected" if name == "suspected" else ""
        if denied_by(self.knowledge, fact.term) is None and name == "fact":
            return Field(name, text, ((placed.value, "yes"),))
        return Field(name, text, ((placed.value, "yes"), ("!" + placed.value, "no")))

    def placed(self, fact: Asked) -> Asked:
        """A fact, without its region where that holds the region of the problem."""
        here = self.region and fact.region and self.inside(self.region, fact.region)
        return Asked(fact.predicate, fact.term) if here else fact


def mentioned(knowledge: Knowledge, anchors: Iterable[str]) -> set[str]:
    """The names of the terms that anything about some anchors mentions."""
    subgraphs = knowledge.subgraphs
    parts = (q for anchor in anchors for q in subgraphs.quads(("anchor", anchor)))
    terms = {q.object.value for q in parts}
    for cls in criteria(knowledge, anchors):
        for way in ways(knowledge).of(cls):
            terms |= within(way)
    return {term.removeprefix(IA) for term in terms}


def within(thing: Thing) -> set[str]:
    """The classes and terms of a thing and of its parts."""
    terms = set(thing.classes) | {term for _, term in thing.terms}
    terms |= {term for _, several in thing.choices for term in several}
    return terms.union(*(within(part) for _, part in thing.parts))


def inherited_class(knowledge: Knowledge, term: str) -> str:
    """The class that says by which property a term is stated."""
    above = knowledge.definitions.superclasses(term) | set(
        knowledge.definitions.static.get(term, ())
    )
    return next(
        (c for c in sorted(above) if knowledge.facts.value(c, ia("statedBy")) is not None), term
    )
