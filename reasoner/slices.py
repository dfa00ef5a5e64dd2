"""The part of the graph that the rules need for one presentation: what is tied to its anchor and its region.

Rules run in a small store of their own for each record, which is thrown away afterwards. It grows with the topic that
a record is about, never with the number of topics. One shared in-memory Oxigraph store would slow down with every
record, because it keeps what is removed: `benchmarks/removal.py`.
"""

import re
from collections import defaultdict
from collections.abc import Collection

from reasoner import queries
from reasoner.facts import Facts
from reasoner.names import IA, RDF_TYPE, SOURCE, ia
from reasoner.store import Quads, quads

BACKWARD = [ia(name) for name in ("ofScenario", "duringScenario", "atStage", "raisesQuestion", "presumes", "withholds", "suspends")]
SPEAKING = {ia("raisesQuestion"), ia("presumes"), ia("withholds"), ia("suspends")}
TYPES = {ia(name) for name in ("Anchor", "Rating", "Scenario")}
CITED = ("Scenario", "Rating", "SafetyRule", "Pitfall", "Pathway", "InterimStep")


def spoken_of(part: Quads) -> set[str]:
    """The things that a part of the graph speaks of, and those that presume or ask something in it."""
    return {q.object.value for q in part} | {q.subject.value for q in part if q.predicate.value in SPEAKING}


class Slices:
    """The statements that rules read: always (safety), by anchor, by scenario (its ratings), and by region."""

    def __init__(self, facts: Facts, triples: list[tuple]):
        self._reads: dict[tuple[str, ...], frozenset[str]] = {}
        self.read = predicates = self.reads(tuple(queries.names("rules")))
        self._about: dict[str, list[tuple]] = defaultdict(list)
        self._facts = facts
        cited = {s for cls in CITED for s in facts.subjects(RDF_TYPE, ia(cls))}
        for s, p, o in triples:
            if (p != RDF_TYPE or o in TYPES) and (p != SOURCE or s in cited) and p in predicates:
                self._about[s].append((s, p, o))
        self._always = self._closure(facts.subjects(RDF_TYPE, ia("SafetyRule")))
        self.anchors = facts.subjects(RDF_TYPE, ia("Anchor"))
        self._by_anchor = {a: self._closure(self.scenarios(a)) for a in self.anchors}
        self._ratings = {s: self._closure(self._rated(s)) for s in facts.subjects(RDF_TYPE, ia("Scenario"))
                         if facts.holds(facts.value(s, ia("inEdition"), ""), ia("isCurrent"), "true")}
        self.keys = frozenset((*self._by_anchor, *self._ratings))
        self._by_region: dict[str, Quads] = {}
        self._parts: dict[tuple, Quads] = {}
        self.roles = spoken_of(self._always)

    def roles_of(self, anchor: str) -> set[str]:
        """The things that what is tied to an anchor speaks of, or that speak of it."""
        return spoken_of(self._by_anchor[anchor])

    def _rated(self, scenario: str) -> list[str]:
        """The ratings of a scenario."""
        return [r for r in self._facts.subjects(ia("ofScenario"), scenario) if self._facts.holds(r, RDF_TYPE, ia("Rating"))]

    def scenarios(self, anchor: str) -> list[str]:
        """The scenarios of current editions that have an anchor."""
        current = set(self._facts.subjects(ia("isCurrent"), "true"))
        return [s for s in self._facts.subjects(ia("hasCriterion"), anchor) if current & set(self._facts.objects(s, ia("inEdition")))]

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
                todo += [s for p in BACKWARD for s in self._facts.subjects(p, subject) if not self._facts.holds(s, RDF_TYPE, ia("Rating"))]
        return quads(found)

    def reads(self, rules: tuple[str, ...]) -> frozenset[str]:
        """The predicates that rules look at."""
        if rules not in self._reads:
            looked_at = [queries.named("rules", rule).text.split("WHERE", 1)[1] for rule in rules]
            self._reads[rules] = frozenset({RDF_TYPE, SOURCE, *(IA + name for where in looked_at for name in re.findall(r"\bia:([a-z]\w*)", where))})
        return self._reads[rules]

    def of(self, classes: Collection[str], regions: Collection[str], rules: tuple[str, ...]) -> list[Quads]:
        """The parts of the graph that rules look at for presentations of some classes with findings in some regions."""
        parts = [self._part("always", "", self._always, rules)]
        parts += [self._part("anchor", anchor, self._by_anchor[anchor], rules) for anchor in sorted(self._by_anchor.keys() & classes)]
        parts += [self._part("ratings", scenario, self._ratings[scenario], rules) for scenario in sorted(self._ratings.keys() & classes)]
        for region in sorted(regions):
            if region not in self._by_region:
                self._by_region[region] = quads(t for s in self._facts.subjects(ia("hasRegion"), region) for t in self._about.get(s, []))
            parts.append(self._part("region", region, self._by_region[region], rules))
        return parts

    def _part(self, kind: str, name: str, part: Quads, rules: tuple[str, ...]) -> Quads:
        """What rules look at in a part of the graph, given with its kind and name: a record may give any term as a region."""
        if (kind, name, rules) not in self._parts:
            predicates = self.reads(rules)
            self._parts[kind, name, rules] = [q for q in part if q.predicate.value in predicates]
        return self._parts[kind, name, rules]
