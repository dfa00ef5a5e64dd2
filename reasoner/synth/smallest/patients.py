"""The smallest patients of a scenario: one for each way to meet each of its criteria, without a
fact that could be left out, and those in whom a criterion is refuted or an exclusion holds.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice, product

from reasoner.graph.knowledge import Knowledge
from reasoner.inference.classification import classify
from reasoner.intake import read
from reasoner.names import RDF_TYPE, ia
from reasoner.synth.smallest.facts import Fact, Unfit, facts_of
from reasoner.synth.smallest.fhir import TODAY
from reasoner.synth.smallest.patient_graph import as_turtle
from reasoner.synth.smallest.unsaid import unsaid
from reasoner.synth.smallest.ways import Thing, Ways

TRIED = 200  # combinations with the ways of other criteria, before a way is given up
COMBINED = 20_000  # combinations that are put in order
Facts = tuple[Fact, ...]


@dataclass(frozen=True)
class Patient:
    """A patient for a scenario: the facts, and the criterion of which they show a way.

    There are no facts where the scenario applies to nobody who meets the criterion in this way.
    """

    scenario: str
    criterion: str
    way: Thing
    facts: Facts


@dataclass
class Construction:
    """Builds patients from the definitions of a graph."""

    knowledge: Knowledge
    _classes: dict[Facts, set[str]] = field(default_factory=dict)
    _shown: dict[str, list[Patient]] = field(default_factory=dict)

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

    def classes(self, facts: Facts) -> set[str]:
        """The classes of a presentation with some facts."""
        if facts not in self._classes:
            record = read(self.knowledge, as_turtle(self.knowledge, facts), TODAY)
            classes = classify(self.knowledge, record.statements).classes
            self._classes[facts] = classes[record.presentations[0]]
        return self._classes[facts]

    def patients(self, scenario: str) -> list[Patient]:
        """The patients to whom a scenario applies, each once, the plainest first."""
        unlike = {p.facts: p for p in reversed(self.shown(scenario)) if p.facts}
        return list(reversed(unlike.values()))

    def shown(self, scenario: str) -> list[Patient]:
        """A patient for each way of each criterion of a scenario."""
        if scenario not in self._shown:
            self._shown[scenario] = list(self._show(scenario))
        return self._shown[scenario]

    def _show(self, scenario: str) -> Iterator[Patient]:
        criteria, excluded = self.criteria(scenario), set(self.exclusions(scenario))
        ways = {c: self.in_order(c) for c in criteria}
        for criterion in criteria:
            for way in ways[criterion]:
                offered = [[way] if c == criterion else ways[c] for c in criteria]
                facts = self.smallest(scenario, offered, set(criteria), excluded, way)
                yield Patient(scenario, criterion, way, facts)

    def refuted(self, scenario: str, criterion: str) -> Facts:
        """A patient in whom a criterion of a scenario is refuted and, where that can be, all others
        are met; without facts where the criterion has nothing that refutes it.
        """
        refuters = self.knowledge.facts.objects(criterion, ia("refutedBy"))
        return next(filter(None, (self.with_(scenario, r, criterion) for r in refuters)), ())

    def with_(self, scenario: str, cls: str, instead: str = "") -> Facts:
        """A patient of a class who meets the criteria of a scenario, but for one; where nobody can
        meet all of them, one who meets the anchor.
        """
        criteria = self.criteria(scenario)
        unwanted = {instead} - {""}
        for others in ([c for c in criteria if c != instead], criteria[:1]):
            offered = [self.in_order(c) for c in (cls, *others)]
            for way in offered[0]:
                ways = [[way], *offered[1:]]
                if facts := self.smallest(scenario, ways, {cls, *others}, unwanted, way):
                    return facts
        return ()

    def in_order(self, criterion: str) -> list[Thing]:
        """The ways of a criterion, those that a record can say first."""
        return sorted(self.ways.of(criterion), key=lambda w: bool(unsaid(self.knowledge, w)))

    def smallest(
        self,
        scenario: str,
        offered: list[list[Thing]],
        wanted: set[str],
        unwanted: set[str],
        shown: Thing,
        tried: int = TRIED,
    ) -> Facts:
        """The facts of the first combination of ways that has the wanted classes and no unwanted
        one, without those that this does not need; those of the way that is shown stay.

        Empty when there is none among so many combinations that are tried.
        """
        region = next(iter(self.knowledge.facts.objects(scenario, ia("aboutRegion"))), None)
        for chosen in by_plainness(offered, tried):
            try:
                facts = tuple(facts_of(self.knowledge, joined(chosen), region))
                own = facts_of(self.knowledge, shown, region, whole=False)
            except Unfit:
                continue
            if self._has(facts, wanted, unwanted):
                return self._fewest(facts, {f.term for f in own}, wanted, unwanted)
        return ()

    def _has(self, facts: Facts, wanted: set[str], unwanted: set[str]) -> bool:
        classes = self.classes(facts)
        return wanted <= classes and not unwanted & classes

    def _fewest(self, facts: Facts, kept: set[str], wanted: set[str], unwanted: set[str]) -> Facts:
        for fact in facts:
            fewer = tuple(f for f in facts if f != fact)
            if fact.term not in kept and self._has(fewer, wanted, unwanted):
                facts = fewer
        return facts


def by_plainness(offered: list[list[Thing]], tried: int) -> Iterator[tuple[Thing, ...]]:
    """Yields so many combinations of ways, those of the first ways first."""
    places = islice(product(*(range(len(ways)) for ways in offered)), COMBINED)
    for chosen in sorted(places, key=sum)[:tried]:
        yield tuple(ways[n] for ways, n in zip(offered, chosen, strict=True))


def joined(ways: Iterable[Thing]) -> Thing:
    """What is stated of a thing that is met in all of some ways."""
    whole = Thing()
    for way in ways:
        whole = whole.joined(way)
    return whole
