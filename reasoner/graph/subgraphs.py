"""The part of the graph that the rules need for one presentation: what is tied to its anchor and its region.

Rules run in a small store of their own for each record, which is thrown away afterwards. It grows with the topic that
a record is about, never with the number of topics. One shared in-memory Oxigraph store would slow down with every
record, because it keeps what is removed: `benchmarks/removal.py`.
"""

import re
from collections import defaultdict
from collections.abc import Collection

from reasoner.graph import query_files as queries
from reasoner.graph.index import Index
from reasoner.graph.store import Quads, quads
from reasoner.names import IA, RDF_TYPE, SOURCE, ia

SPEAKING = {ia(name) for name in ("raisesQuestion", "presumes", "withholds", "suspends")}
BACKWARD = [*(ia(name) for name in ("ofScenario", "duringScenario", "atStage")), *sorted(SPEAKING)]
TYPES = {ia(name) for name in ("Anchor", "Rating", "Scenario")}
ORDERED = {ia(name) for name in ("exposesTo", "hasContrast", "hasRegion", "mayMean", "specializes")}
CITED = ("Scenario", "Rating", "SafetyRule", "Pitfall", "Pathway", "InterimStep")


def spoken_of(part: Quads) -> set[str]:
    """The things that a part of the graph speaks of, and those that presume or ask something in it."""
    return {q.object.value for q in part} | {
        q.subject.value for q in part if q.predicate.value in SPEAKING
    }


class Subgraphs:
    """The statements that rules read: always (safety), by anchor, by scenario (its ratings), and by region."""

    def __init__(self, facts: Index, triples: list[tuple]):
        self._reads: dict[tuple[str, ...], frozenset[str]] = {}
        self.read = predicates = self.reads(tuple(queries.names("rules")))
        self._about: dict[str, list[tuple]] = defaultdict(list)
        self._facts = facts
        cited = {s for cls in CITED for s in facts.subjects(RDF_TYPE, ia(cls))}
        for s, p, o in triples:
            if (p != RDF_TYPE or o in TYPES) and (p != SOURCE or s in cited) and p in predicates:
                self._about[s].append((s, p, o))
        stages = set(facts.subjects(RDF_TYPE, ia("CareStage")))
        told = [s for s in facts.having(ia("outcome")) if s not in stages]
        spoken = [
            s for cls in ("SafetyRule", "UnratedReason") for s in facts.subjects(RDF_TYPE, ia(cls))
        ]
        self._always = self._closure(spoken + told)
        self.anchors = facts.subjects(RDF_TYPE, ia("Anchor"))
        self._by_anchor = {a: self._closure(self.scenarios(a)) for a in self.anchors}
        self._ratings = {
            s: self._closure(self._rated(s))
            for s in facts.subjects(RDF_TYPE, ia("Scenario"))
            if facts.holds(facts.value(s, ia("inEdition"), ""), ia("isCurrent"), "true")
        }
        self.keys = frozenset((*self._by_anchor, *self._ratings))
        self._by_region: dict[str, Quads] = {}
        self._by_study: dict[str, Quads] = {}
        self._parts: dict[tuple, Quads] = {}
        self.roles = spoken_of(self._always)

    def roles_of(self, anchor: str) -> set[str]:
        """The things that what is tied to an anchor speaks of, or that speak of it."""
        return spoken_of(self._by_anchor[anchor])

    def _rated(self, scenario: str) -> list[str]:
        """The ratings of a scenario."""
        return [
            r
            for r in self._facts.subjects(ia("ofScenario"), scenario)
            if self._facts.holds(r, RDF_TYPE, ia("Rating"))
        ]

    def scenarios(self, anchor: str) -> list[str]:
        """The scenarios of current editions that have an anchor."""
        current = set(self._facts.subjects(ia("isCurrent"), "true"))
        return [
            s
            for s in self._facts.subjects(ia("hasCriterion"), anchor)
            if current & set(self._facts.objects(s, ia("inEdition")))
        ]

    def _closure(self, starts: list[str]) -> Quads:
        """The statements about some subjects, about what is said of them in `BACKWARD`, and about all they lead to."""
        scenarios = set(self._facts.subjects(RDF_TYPE, ia("Scenario"))) - set(starts)
        seen, todo, found = set(scenarios), list(starts), []
        while todo:
            subject = todo.pop()
            if subject not in seen:
                seen.add(subject)
                found += self._about.get(subject, [])
                todo += [o for _, _, o in self._about.get(subject, []) if isinstance(o, str)]
                todo += [
                    s
                    for p in BACKWARD
                    for s in self._facts.subjects(p, subject)
                    if not self._facts.holds(s, RDF_TYPE, ia("Rating"))
                ]
        return quads(found)

    def reads(self, rules: tuple[str, ...]) -> frozenset[str]:
        """The predicates that rules look at."""
        if rules not in self._reads:
            looked_at = [queries.named("rules", rule).text.split("WHERE", 1)[1] for rule in rules]
            self._reads[rules] = frozenset(
                {
                    RDF_TYPE,
                    SOURCE,
                    *(
                        IA + name
                        for where in looked_at
                        for name in re.findall(r"\bia:([a-z]\w*)", where)
                    ),
                }
            )
        return self._reads[rules]

    def of(
        self,
        classes: Collection[str],
        regions: Collection[str],
        studies: Collection[str],
        rules: tuple[str, ...],
    ) -> list[Quads]:
        """The parts of the graph that rules look at.

        They are those for presentations of some classes with findings in some regions, and for
        some procedures that were done or ordered.
        """
        parts = [self._part("always", "", self._always, rules)]
        parts += [
            self._part("anchor", anchor, self._by_anchor[anchor], rules)
            for anchor in sorted(self._by_anchor.keys() & classes)
        ]
        parts += self.rated(classes, rules)
        for region in sorted(regions):
            if region not in self._by_region:
                self._by_region[region] = quads(
                    [
                        t
                        for s in self._facts.subjects(ia("hasRegion"), region)
                        for t in self._about.get(s, [])
                    ]
                    + self._within([region])
                )
            parts.append(self._part("region", region, self._by_region[region], rules))
        for study in sorted(s for s in studies if s in self._about):
            if study not in self._by_study:
                said = [t for t in self._about[study] if t[1] in ORDERED]
                places = [o for _, p, o in said if p == ia("hasRegion")]
                self._by_study[study] = quads(said + self._within(places))
            parts.append(self._part("study", study, self._by_study[study], rules))
        return parts

    def rated(self, scenarios: Collection[str], rules: tuple[str, ...]) -> list[Quads]:
        """What rules look at in the ratings of those scenarios, among some classes, that have any."""
        return [
            self._part("ratings", scenario, self._ratings[scenario], rules)
            for scenario in sorted(self._ratings.keys() & scenarios)
        ]

    def of_terms(self, terms: Collection[str]) -> Quads:
        """What rules read of some terms, and not of what these lead to."""
        return quads([t for term in sorted(terms) for t in self._about.get(term, ())])

    def _within(self, regions: list[str]) -> list[tuple]:
        """What says in which larger regions some regions lie."""
        seen: set[str] = set()
        todo, found = list(regions), []
        while todo:
            if (region := todo.pop()) not in seen:
                seen.add(region)
                larger = [t for t in self._about.get(region, []) if t[1] == ia("partOf")]
                found += larger
                todo += [o for _, _, o in larger]
        return found

    def _part(self, kind: str, name: str, part: Quads, rules: tuple[str, ...]) -> Quads:
        """What rules look at in a part of the graph, given with its kind and name: a record may give any term as a region."""
        if (kind, name, rules) not in self._parts:
            predicates = self.reads(rules)
            self._parts[kind, name, rules] = [q for q in part if q.predicate.value in predicates]
        return self._parts[kind, name, rules]
