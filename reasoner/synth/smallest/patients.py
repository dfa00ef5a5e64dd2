"""The smallest patients of a scenario: one for each way to meet each of its criteria, without a
fact that could be left out.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice, product

from reasoner.graph.knowledge import Knowledge
from reasoner.inference.classification import classify
from reasoner.intake import read
from reasoner.names import RDF_TYPE, ia
from reasoner.synth.smallest import sayings
from reasoner.synth.smallest.facts import DENIES, WITHIN, Fact, Unfit, facts_of
from reasoner.synth.smallest.fhir import TODAY
from reasoner.synth.smallest.patient_graph import as_turtle
from reasoner.synth.smallest.ways import Thing, Ways

TRIED = 200  # combinations with the ways of other criteria, before a way is given up


@dataclass(frozen=True)
class Patient:
    """A patient for a scenario: the facts, and the criterion that one way is shown of."""

    scenario: str
    criterion: str
    way: Thing
    facts: tuple[Fact, ...]


@dataclass
class Construction:
    """Builds patients from the definitions of a graph."""

    knowledge: Knowledge
    _classes: dict[tuple[Fact, ...], set[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.ways = Ways(self.knowledge)
        facts = self.knowledge.facts
        current = set(self.knowledge.editions)
        self.scenarios = [
            s
            for s in facts.subjects(RDF_TYPE, ia("Scenario"))
            if current.intersection(facts.objects(s, ia("inEdition")))
        ]

    def criteria(self, scenario: str) -> list[str]:
        """The criteria of a scenario, the anchor first."""
        facts = self.knowledge.facts
        criteria = facts.objects(scenario, ia("hasCriterion"))
        return sorted(criteria, key=lambda c: (not facts.holds(c, RDF_TYPE, ia("Anchor")), c))

    def exclusions(self, scenario: str) -> list[str]:
        """The classes that exclude a scenario."""
        facts = self.knowledge.facts
        return [
            excluded
            for exclusion in facts.subjects(ia("ofScenario"), scenario)
            for excluded in facts.objects(exclusion, ia("excludes"))
        ]

    def classes(self, facts: tuple[Fact, ...]) -> set[str]:
        """The classes of a presentation with some facts."""
        if facts not in self._classes:
            record = read(self.knowledge, as_turtle(self.knowledge, list(facts)), TODAY)
            found = classify(self.knowledge, record.statements).classes
            self._classes[facts] = found[record.presentations[0]]
        return self._classes[facts]

    def patients(self, scenario: str) -> list[Patient]:
        """A patient for each way of each criterion that can be part of a patient to whom the
        scenario applies; the first is the plainest.
        """
        return [p for p in self.shown(scenario) if p.facts]

    def shown(self, scenario: str) -> Iterator[Patient]:
        """Yields a patient for each way of each criterion, one without facts where none fits."""
        criteria = self.criteria(scenario)
        ways = {c: self.in_order(c) for c in criteria}
        shown: set[tuple[Fact, ...]] = set()
        for criterion in criteria:
            for way in ways[criterion]:
                others = [[way] if c == criterion else ways[c] for c in criteria]
                facts = self.smallest(scenario, others, way)
                if not facts or facts not in shown:
                    shown.add(facts)
                    yield Patient(scenario, criterion, way, facts)

    def in_order(self, criterion: str) -> list[Thing]:
        """The ways of a criterion, those that a record can say first."""
        ways = self.ways.of(criterion)
        return sorted(ways, key=lambda way: bool(self.unsaid(way)))

    def smallest(
        self, scenario: str, ways: list[list[Thing]], shown: Thing
    ) -> tuple[Fact, ...]:
        """The facts of the first combination of ways in which a scenario applies, without those
        that it does not need; empty when there is none.
        """
        wanted, excluded = set(self.criteria(scenario)), set(self.exclusions(scenario))
        region = next(iter(self.knowledge.facts.objects(scenario, ia("aboutRegion"))), None)
        for chosen in islice(product(*ways), TRIED):
            whole = Thing()
            for way in chosen:
                whole = whole.joined(way)
            try:
                facts = tuple(facts_of(self.knowledge, whole, region))
                held = {f.term for f in facts_of(self.knowledge, shown, region, whole=False)}
            except Unfit:
                continue
            classes = self.classes(facts)
            if not wanted <= classes or excluded & classes:
                continue
            for fact in facts:
                fewer = tuple(f for f in facts if f != fact)
                classes = self.classes(fewer)
                if fact.term not in held and wanted <= classes and not excluded & classes:
                    facts = fewer
            return facts
        return ()

    def unsaid(self, way: Thing) -> set[str]:
        """The classes and terms of a way that no mapped code can state."""
        return set(unsaid(self.knowledge, way, ""))


def unsaid(knowledge: Knowledge, thing: Thing, predicate: str) -> Iterator[str]:
    """Yields the classes and terms of a thing, stated by a property, that no code can state."""
    terms = dict(thing.terms)
    region = terms.get(WITHIN)
    for p, term in thing.terms:
        if p == DENIES:
            said = sayings.denied(knowledge, term)
        elif p in (WITHIN, ia("hasSite")):
            said = sayings.placed(knowledge, term)
        else:
            said = sayings.termed(knowledge, term)
        if not said.code and p not in (ia("ofProcedure"), ia("hasModality")):
            yield term
    for cls in thing.classes - ROOTS:
        if knowledge.facts.subjects(ia("bandClass"), cls):
            continue
        if predicate == ia("hasResult"):
            said = sayings.resulting(knowledge, cls)
        else:
            said = sayings.stated(knowledge, cls, region)
        if not said.code:
            yield cls
    for p, part in thing.parts:
        yield from unsaid(knowledge, part, p)


ROOTS = {
    ia(name) for name in ("Presentation", "Patient", "Study", "Procedure", "Denial", "Measurement")
}
