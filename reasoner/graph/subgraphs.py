"""The part of the graph that the rules need for one presentation: for its anchor and its region.

Rules run in a small store of their own for each record, which is thrown away afterwards. It grows
with the topic that a record is about, never with the number of topics. One shared in-memory
Oxigraph store would slow down with every record, because it keeps what is removed:
`benchmarks/removal.py`.
"""

from collections import defaultdict
from collections.abc import Collection

from reasoner.graph.index import Index
from reasoner.graph.rule_files import Rule, all_rules
from reasoner.graph.store import Quads, Statement, quads
from reasoner.names import RDF_TYPE, SOURCE, ia

SPEAKING = {ia(name) for name in ("raisesQuestion", "presumes", "withholds", "suspends")}
BACKWARD = [*(ia(name) for name in ("ofScenario", "duringScenario", "atStage")), *sorted(SPEAKING)]
TYPES = {
    ia(name) for name in ("Anchor", "OpenRecommendation", "Rating", "SafetyConcern", "Scenario")
}
ORDERED = {ia(name) for name in ("exposesTo", "hasContrast", "hasRegion", "mayMean", "specializes")}
Part = tuple[str, str]  # a kind of part, and the term that it is about
CITED = (
    "Scenario",
    "Rating",
    "OpenRecommendation",
    "SafetyRule",
    "Pitfall",
    "Pathway",
    "InterimStep",
)


def spoken_of(part: Quads) -> set[str]:
    """The things that a part of the graph is about, and those that presume or ask one of them."""
    return {q.object.value for q in part} | {
        q.subject.value for q in part if q.predicate.value in SPEAKING
    }


class Subgraphs:
    """The statements that rules read.

    Those of safety always; others by anchor, by scenario (its ratings), and by region.
    """

    def __init__(self, facts: Index, triples: list[Statement]):
        self.read = predicates = frozenset().union(*(rule.reads for rule in all_rules()))
        self._about: dict[str, list[Statement]] = defaultdict(list)
        self._facts = facts
        cited = {s for cls in CITED for s in facts.subjects(RDF_TYPE, ia(cls))}
        for s, p, o in triples:
            if (p != RDF_TYPE or o in TYPES) and (p != SOURCE or s in cited) and p in predicates:
                self._about[s].append((s, p, o))
        stages = set(facts.subjects(RDF_TYPE, ia("CareStage")))
        with_outcome = [s for s in facts.having(ia("outcome")) if s not in stages]
        rules = [
            s for cls in ("SafetyRule", "UnratedReason") for s in facts.subjects(RDF_TYPE, ia(cls))
        ]
        self._always = self._closure(rules + with_outcome)
        self.anchors = facts.subjects(RDF_TYPE, ia("Anchor"))
        self._by_anchor = {a: self._closure(self.scenarios(a)) for a in self.anchors}
        self._ratings = {
            s: self._closure(self._rated(s))
            for s in facts.subjects(RDF_TYPE, ia("Scenario"))
            if facts.holds(facts.value(s, ia("inEdition"), ""), ia("isCurrent"), "true")
        }
        self.keys = frozenset((*self._by_anchor, *self._ratings))
        self._quads: dict[Part, Quads] = {}
        self._read: dict[tuple[Rule, Part], Quads] = {}
        self._terms: dict[tuple[Rule, Part], frozenset[str]] = {}
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
        """The statements about some subjects, and about all that they lead to.

        Properties of `BACKWARD` lead from their objects to their subjects.
        """
        scenarios = set(self._facts.subjects(RDF_TYPE, ia("Scenario"))) - set(starts)
        visited, todo, statements = set(scenarios), list(starts), []
        while todo:
            subject = todo.pop()
            if subject not in visited:
                visited.add(subject)
                statements += self._about.get(subject, [])
                todo += [o for _, _, o in self._about.get(subject, []) if isinstance(o, str)]
                todo += [
                    s
                    for p in BACKWARD
                    for s in self._facts.subjects(p, subject)
                    if not self._facts.holds(s, RDF_TYPE, ia("Rating"))
                ]
        return quads(statements)

    def parts(
        self, classes: Collection[str], regions: Collection[str], studies: Collection[str]
    ) -> list[Part]:
        """The parts of the graph for presentations of some classes, with findings in some regions,
        and for some procedures that were done or ordered.
        """
        return [
            ("always", ""),
            *(("anchor", name) for name in sorted(self._by_anchor.keys() & classes)),
            *self.rated(classes),
            *(("region", name) for name in sorted(regions)),
            *(("study", name) for name in sorted(studies) if name in self._about),
        ]

    def rated(self, scenarios: Collection[str]) -> list[Part]:
        """The parts that hold the ratings of those scenarios, among some classes, that have any."""
        return [("ratings", name) for name in sorted(self._ratings.keys() & scenarios)]

    def quads(self, part: Part) -> Quads:
        """The statements of a part that any rule reads."""
        if part not in self._quads:
            self._quads[part] = self._statements(*part)
        return self._quads[part]

    def read_by(self, rule: Rule, part: Part) -> Quads:
        """What a rule reads in a part."""
        if (rule, part) not in self._read:
            self._read[rule, part] = [
                q
                for q in self.quads(part)
                if q.predicate.value in rule.reads
                and (
                    rule.types is None
                    or q.predicate.value != RDF_TYPE
                    or q.object.value in rule.types
                )
            ]
        return self._read[rule, part]

    def terms(self, rule: Rule, part: Part) -> frozenset[str]:
        """The terms that a rule reads of in a part.

        Remembered by part, of which the graph has few; their combinations have no bound.
        """
        if (rule, part) not in self._terms:
            read = self.read_by(rule, part)
            subjects = {q.subject.value for q in read}
            self._terms[rule, part] = frozenset(subjects.union(q.object.value for q in read))
        return self._terms[rule, part]

    def _statements(self, kind: str, name: str) -> Quads:
        """The statements of a part; a record may give any term as a region."""
        if kind == "always":
            return self._always
        if kind == "anchor":
            return self._by_anchor[name]
        if kind == "ratings":
            return self._ratings[name]
        if kind == "region":
            studied = self._facts.subjects(ia("hasRegion"), name)
            return quads(
                [t for s in studied for t in self._about.get(s, [])] + self._within([name])
            )
        stated = [t for t in self._about[name] if t[1] in ORDERED]
        return quads(stated + self._within([o for _, p, o in stated if p == ia("hasRegion")]))

    def of_terms(self, rule: Rule, terms: Collection[str]) -> Quads:
        """What a rule reads of some terms, and not of what these lead to."""
        stated = (t for term in sorted(terms) for t in self._about.get(term, ()))
        return quads([t for t in stated if t[1] in rule.properties])

    def _within(self, regions: list[str]) -> list[Statement]:
        """What says in which larger regions some regions lie."""
        visited: set[str] = set()
        todo, statements = list(regions), []
        while todo:
            if (region := todo.pop()) not in visited:
                visited.add(region)
                larger = [t for t in self._about.get(region, []) if t[1] == ia("partOf")]
                statements += larger
                todo += [o for _, _, o in larger]
        return statements
