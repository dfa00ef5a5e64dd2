"""The answer, read from the graph of conclusions; `answer.schema.json` is its contract.

Everything here looks up and orders. What follows from what is decided in `queries/rules/`.
"""

from typing import Any

from reasoner.answer.agreed_studies import agreed, agreed_rows
from reasoner.answer.orders import orders
from reasoner.answer.parts import whole, with_unread
from reasoner.answer.recommendations import Rated, number, ranked, rated
from reasoner.answer.sort_keys import by_severity
from reasoner.graph.index import Index
from reasoner.graph.knowledge import Knowledge
from reasoner.inference.proof import Proofs, resource, variant
from reasoner.intake import Record
from reasoner.names import RDF_TYPE, SKOS, curie, ia

STATUSES = ("applies", "possible", "excluded")
OF = ia("ofPresentation")
KINDS = (
    "ScenarioMatch",
    "Assessment",
    "Assumption",
    "Recommendation",
    "AgreedStudy",
    "ConflictConclusion",
    "Alert",
    "StepConclusion",
    "OpenQuestion",
)


class Answer:
    """One record's answer while it is put together."""

    def __init__(self, knowledge: Knowledge, record: Record, facts: Index):
        self.knowledge, self.record, self.facts = knowledge, record, facts
        self.proofs = Proofs(knowledge, record.statements, facts)
        self._concluded: dict[tuple[str, str], list[str]] = {
            (p, kind): [] for p in record.presentations for kind in KINDS
        }
        for kind in KINDS:
            for node in facts.subjects(RDF_TYPE, ia(kind)):
                self._concluded[facts.value(node, OF), kind].append(node)

    def as_dict(self) -> dict:
        """The answer as JSON data, lists in a defined order."""
        shown = [
            with_unread(self.knowledge, self.record, p, self.blocks(p), self.presentation(p))
            for p in self.record.presentations
        ]
        return whole(self.knowledge, self.record, shown, self.remarks())

    def blocks(self, p: str) -> dict[str, set[str]]:
        """The assumptions about a presentation that each fact of the record withholds."""
        found: dict[str, set[str]] = {}
        for cls in self.facts.objects(p, RDF_TYPE):
            withheld = self.knowledge.facts.objects(cls, ia("withholds"))
            for about in self.evidence(p, cls) if withheld else ():
                found.setdefault(about, set()).update(map(curie, withheld))
        return found

    def remarks(self) -> list[dict]:
        """What classes of the graph remark on presentations."""
        return [n for p in self.record.presentations for n in self.remarks_on(p)]

    def remarks_on(self, p: str) -> list[dict]:
        """What classes of the graph remark on a presentation."""
        k = self.knowledge.facts
        return [
            {
                "severity": k.value(c, ia("remarkSeverity"), "info"),
                "about": about,
                "message": k.value(c, ia("remark")),
            }
            for c in self.facts.objects(p, RDF_TYPE)
            if k.value(c, ia("remark"))
            for about in self.evidence(p, c)
        ]

    def evidence(self, p: str, cls: str) -> list[str]:
        """The facts that put a presentation into a class; the presentation when none is known."""
        memberships = set(self.facts.subjects(ia("inClass"), cls))
        mine = memberships.intersection(self.facts.subjects(OF, p))
        return sorted({e for m in mine for e in self.proofs.evidence(m)}) or [resource(p)]

    def concluded(self, presentation: str, kind: str) -> list[str]:
        """The conclusions of a kind about a presentation, sorted."""
        return self._concluded[presentation, kind]

    def term(self, iri: str | None) -> "dict | Any":
        """A term with its label; None for none."""
        return {"id": curie(iri), "label": self.knowledge.label(iri)} if iri else None

    def presentation(self, p: str) -> dict:
        """The answer for one presentation."""
        finding = self.facts.value(p, ia("hasFinding"))
        region, side = (
            self.facts.value(finding, ia(name)) if finding else None
            for name in ("hasSite", "hasLaterality")
        )
        answer = {**self.scenarios(p), "region": self.term(region), "alerts": self.alerts(p)}
        known, child = self.knowledge, self.record.child
        named = self.orderables(p)
        answer["recommendations"] = ranked(known, self.rated(p), named, region, side, child)
        answer["agreed"] = agreed_rows(ranked(known, self.agreed(p), named, region, side, child))
        return {**answer, "orders": orders(known, self.facts, self.proofs, p, answer)}

    def scenarios(self, p: str) -> dict:
        """The answer for one presentation as far as neither region nor orders matter to it; the keys of the rest are there."""
        finding = self.facts.value(p, ia("hasFinding"))
        suspected = None if finding else self.facts.value(p, ia("suspects"))
        matches = sorted(self.concluded(p, "ScenarioMatch"), key=self.match_order)
        scenarios = [self.scenario(p, m) for m in matches]
        stage = self.stage(matches)
        return {
            "id": resource(p),
            "finding": self.named(finding, suspected),
            "region": None,
            "outcome": self.outcome(p, scenarios, stage),
            "scenarios": scenarios,
            "recommendations": [],
            "agreed": [],
            "differential": self.differential(matches),
            "nextSteps": self.next_steps(p),
            "pathways": self.pathways(matches, stage),
            "alerts": [],
            "questions": self.questions(p),
            "conflicts": self.conflicts(p),
            "orders": [],
        }

    def named(self, finding: str | None, suspected: str | None) -> dict | None:
        """The finding of a presentation, or the one that is suspected."""
        term = self.term(self.finding_class(finding or suspected))
        return {**term, "suspected": True} if term and suspected else term

    def finding_class(self, finding: str | None) -> str | None:
        """The class of finding that a topic is about: the least specific one below clinical finding."""
        classes = (
            [
                c
                for c in self.facts.objects(finding, RDF_TYPE)
                if c != ia("ClinicalFinding") and self.knowledge.is_a(c, ia("ClinicalFinding"))
            ]
            if finding
            else []
        )
        return min(
            classes,
            key=lambda c: (len(self.knowledge.definitions.superclasses(c)), c),
            default=None,
        )

    def match_order(self, match: str) -> tuple:
        """Applying matches first, then possible, then excluded; inside, as the edition numbers its scenarios."""
        scenario = self.facts.value(match, ia("ofScenario"))
        return (
            STATUSES.index(self.facts.value(match, ia("status"))),
            variant(self.knowledge, scenario),
            scenario,
        )

    def number(self, iri: str | None, predicate: str, default: float) -> float:
        """A number of the graph, for sorting."""
        return number(self.knowledge, iri, predicate, default)

    def scenario(self, p: str, match: str) -> dict:
        """A scenario with its criteria and what it assumes."""
        s = self.facts.value(match, ia("ofScenario"))
        mine = lambda kind: sorted(
            (n for n in self.concluded(p, kind) if self.facts.holds(n, ia("ofScenario"), s)),
            key=self.criterion_order,
        )
        return {
            **self.term(s),
            "edition": curie(self.facts.value(match, ia("inEdition"))),
            "status": self.facts.value(match, ia("status")),
            "criteria": [
                {
                    **self.term(self.facts.value(a, ia("ofCriterion"))),
                    "status": self.facts.value(a, ia("status")),
                    "because": self.proofs.evidence(a),
                }
                for a in mine("Assessment")
            ],
            "assumptions": [
                {
                    "id": curie(self.facts.value(a, ia("ofCriterion"))),
                    "label": self.facts.value(a, ia("message")),
                }
                for a in mine("Assumption")
            ],
            **self.exclusion(match),
        }

    def exclusion(self, match: str) -> dict:
        """What takes the presentation out of a scenario, and where it leads: the exclusion of least precedence, else an unmet criterion."""
        k = self.knowledge.facts
        held = [e for e in self.facts.objects(match, ia("because")) if k.value(e, ia("excludes"))]
        if not held:
            return {"excludedBy": self.short(match, "excludedBy"), "leadsTo": None}
        first = min(held, key=lambda e: (self.number(e, "precedence", 99), e))
        leads = k.value(first, ia("leadsTo"))
        return {
            "excludedBy": curie(k.value(first, ia("excludes"))),
            "leadsTo": leads and curie(leads),
        }

    def criterion_order(self, node: str) -> tuple:
        """The order in which criteria are asked for."""
        criterion = self.facts.value(node, ia("ofCriterion"))
        return self.number(criterion, "askOrder", 99), criterion

    def short(self, node: str, predicate: str) -> str | None:
        """The CURIE of a value, if there is one."""
        value = self.facts.value(node, ia(predicate))
        return value and curie(value)

    def stage(self, matches: list[str]) -> str | None:
        """The care stage that an exclusion led to, the first in rank of several."""
        stages = {
            s
            for m in matches
            for s in self.facts.objects(m, ia("leadsTo"))
            if self.knowledge.facts.value(s, ia("outcome"))
        }
        return min(stages, key=lambda s: (self.number(s, "rank", 99), s), default=None)

    def outcome(self, p: str, scenarios: list[dict], stage: str | None) -> str:
        """What kind of answer this is."""
        statuses = {s["status"] for s in scenarios}
        if "applies" in statuses:
            return "recommendation"
        if stage:
            return self.knowledge.facts.value(stage, ia("outcome"))
        if "possible" in statuses:
            return "more-information"
        k = self.knowledge.facts
        said = [k.value(c, ia("outcome")) for c in self.facts.objects(p, RDF_TYPE)]
        return next(filter(None, said), "no-criteria")

    def rated(self, p: str) -> list[Rated]:
        """Every rated procedure of the scenarios that apply, not yet named for a region."""
        return rated(
            self.knowledge, self.facts, self.proofs, list(self.concluded(p, "Recommendation"))
        )

    def agreed(self, p: str) -> list[Rated]:
        """What every scenario still possible rates alike, not yet named for a region."""
        nodes = list(self.concluded(p, "AgreedStudy"))
        return agreed(self.knowledge, self.facts, self.proofs, nodes)

    def orderables(self, p: str) -> dict[str, str]:
        """The orderable form of each generic procedure in the region of the finding."""
        value = self.facts.value
        named = {
            value(n, ia(speaking)): value(n, ia("recommendsOrderable"))
            for kind, speaking in (("Recommendation", "recommends"), ("AgreedStudy", "agreesOn"))
            for n in self.concluded(p, kind)
        }
        return {generic: orderable for generic, orderable in named.items() if orderable}

    def applying(self, matches: list[str]) -> list[str]:
        """The scenarios that apply."""
        return [
            self.facts.value(m, ia("ofScenario"))
            for m in matches
            if self.facts.value(m, ia("status")) == "applies"
        ]

    def differential(self, matches: list[str]) -> list[dict]:
        """The diagnoses that the applying scenarios consider, the most consequential first."""
        k, scenarios = self.knowledge.facts, self.applying(matches)
        worst = {d for s in scenarios for d in k.objects(s, ia("mostConsequentialDiagnosis"))}
        found = {d for s in scenarios for d in k.objects(s, ia("considersDiagnosis"))}
        return [
            {**self.term(d), "mostConsequential": d in worst}
            for d in sorted(found, key=lambda d: (d not in worst, self.knowledge.label(d)))
        ]

    def next_steps(self, p: str) -> list[dict]:
        """What follows the results in the record."""
        steps: dict[str, set[str]] = {}
        for node in self.concluded(p, "StepConclusion"):
            premises = self.facts.objects(node, ia("because"))
            shown = {resource(n) for n in premises if n in self.proofs.recorded}
            shown.update(*(self.proofs.evidence(n) for n in premises if self.is_membership(n)))
            steps.setdefault(self.facts.value(node, ia("ofStep")), set()).update(shown)
        return [
            {**self.term(s), "because": sorted(steps[s])}
            for s in sorted(steps, key=lambda s: (self.number(s, "rank", 99), s))
        ]

    def pathways(self, matches: list[str], stage: str | None) -> list[dict]:
        """What will follow each result of the study that decides next."""
        k = self.knowledge.facts
        led: set[str | None] = {
            s
            for scenario in self.applying(matches)
            for e in k.subjects(ia("ofScenario"), scenario)
            for s in k.objects(e, ia("leadsTo"))
        }
        stages = {s for s in {*led, stage} if s and k.value(s, ia("outcome")) == "next-step"}
        steps: dict[str, set[str]] = {}
        for pathway in (w for s in stages for w in k.subjects(ia("atStage"), s)):
            steps.setdefault(k.value(pathway, ia("afterResult")), set()).update(
                k.objects(pathway, ia("takesStep"))
            )
        return [
            {
                "when": curie(r),
                "steps": [
                    curie(s)
                    for s in sorted(steps[r], key=lambda s: (self.number(s, "rank", 99), s))
                ],
            }
            for r in sorted(steps)
        ]

    def alerts(self, p: str) -> list[dict]:
        """The pitfalls that orders and facts reveal, warnings first."""
        return sorted(self.alert_rows(p).values(), key=by_severity)

    def alert_rows(self, p: str) -> dict[str, dict]:
        """The pitfalls that orders and facts reveal, by what was concluded."""
        rows = {}
        for a in self.concluded(p, "Alert"):
            order = self.facts.value(a, ia("ofOrder"))
            rows[a] = {
                "pitfall": self.short(a, "ofPitfall"),
                "severity": self.facts.value(a, ia("severity")),
                "order": order and resource(order),
                "message": self.facts.value(a, ia("message")),
            }
        return rows

    def questions(self, p: str) -> list[dict]:
        """What to ask, in the order in which to ask it."""
        return [
            self.question(q)
            for q in sorted(self.concluded(p, "OpenQuestion"), key=self.criterion_order)
        ]

    def question(self, node: str) -> dict:
        """A question, with the facts of the record that raise it, if any do."""
        criterion = self.facts.value(node, ia("ofCriterion"))
        text = self.knowledge.facts.value(criterion, ia("question"))
        grounds = [g for g in self.facts.objects(node, ia("because")) if self.is_membership(g)]
        because = sorted({e for g in grounds for e in self.proofs.evidence(g)})
        row = {
            "id": curie(criterion),
            "text": text or self.knowledge.label(criterion),
            "decides": [curie(s) for s in self.facts.objects(node, ia("decides"))],
            "because": because,
        }
        parts = question_parts(self.knowledge, criterion)
        return {**row, "parts": parts} if parts else row

    def is_membership(self, node: str) -> bool:
        """Whether a conclusion says that facts put a presentation into a class."""
        return self.facts.holds(node, RDF_TYPE, ia("Membership"))

    def conflicts(self, p: str) -> list[dict]:
        """Procedures that two applying scenarios rate differently."""
        k = self.knowledge.facts
        return [
            {
                "procedure": self.short(c, "recommends"),
                "ratings": [
                    {
                        "scenario": curie(k.value(r, ia("ofScenario"))),
                        "category": k.value(k.value(r, ia("hasCategory")), SKOS + "notation"),
                    }
                    for r in self.facts.objects(c, ia("ofRating"))
                ],
            }
            for c in self.concluded(p, "ConflictConclusion")
        ]


def question_parts(knowledge: Knowledge, criterion: str) -> list[dict]:
    """The parts of a question that holds more than one fact: text, and what answers put it into."""
    facts = knowledge.facts
    parts = sorted(
        facts.subjects(ia("partOfQuestion"), criterion),
        key=lambda part: (number(knowledge, part, "askOrder", 99), part),
    )
    return [
        {
            "id": curie(part),
            "text": facts.value(part, ia("question")),
            "supposes": [curie(c) for c in facts.objects(part, ia("supposes"))],
        }
        for part in parts
    ]
