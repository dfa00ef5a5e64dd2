"""The answer, read from the graph of conclusions; `answer.schema.json` is its contract.

Everything here looks up and orders. What follows from what is decided in `queries/rules/`.
"""

from reasoner.answer import follow_up, questions, scenarios
from reasoner.answer.agreed_studies import agreed, agreed_rows
from reasoner.answer.conclusions import Conclusions
from reasoner.answer.orders import orders
from reasoner.answer.other_sources import other_sources
from reasoner.answer.parts import by_severity, whole, with_unread
from reasoner.answer.recommendations import Rated, ranked, rated
from reasoner.inference.proof import resource
from reasoner.names import RDF_TYPE, SKOS, curie, ia


class Answer(Conclusions):
    """One record's answer while it is put together."""

    def as_dict(self) -> dict:
        """The answer as JSON data, lists in a defined order."""
        shown = [
            with_unread(self.knowledge, self.record, p, self.blocks(p), self.presentation(p))
            for p in self.record.presentations
        ]
        return whole(self.knowledge, self.record, shown, self.remarks())

    def blocks(self, p: str) -> dict[str, set[str]]:
        """The assumptions about a presentation that each fact of the record withholds."""
        blocked: dict[str, set[str]] = {}
        for cls in self.facts.objects(p, RDF_TYPE):
            withheld = self.knowledge.facts.objects(cls, ia("withholds"))
            for about in self.evidence(p, cls) if withheld else ():
                blocked.setdefault(about, set()).update(map(curie, withheld))
        return blocked

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

    def presentation(self, p: str) -> dict:
        """The answer for one presentation."""
        finding = self.leading(p, "hasFinding")
        suspected = None if finding else self.leading(p, "suspects")
        matches = scenarios.matches_in_order(self, p)
        about = finding or (suspected if matches else None)
        region, side = (
            self.facts.value(about, ia(name)) if about else None
            for name in ("hasSite", "hasLaterality")
        )
        rows = [scenarios.scenario(self, p, match) for match in matches]
        [outcome] = self.concluded(p, "OutcomeConclusion")
        stage = self.facts.value(outcome, ia("leadsTo"))
        place = (self.orderables(p), region, side, self.record.child)
        answer = {
            "id": resource(p),
            "finding": scenarios.finding(self, finding, suspected),
            "region": self.term(region),
            "outcome": self.facts.value(outcome, ia("outcome")),
            "scenarios": rows,
            "recommendations": ranked(self.knowledge, self.rated(p), *place),
            "agreed": agreed_rows(ranked(self.knowledge, self.agreed(p), *place)),
            "differential": follow_up.differential(self, matches),
            "nextSteps": follow_up.next_steps(self, p),
            "pathways": follow_up.pathways(self, matches, stage),
            "alerts": self.alerts(p),
            "questions": questions.questions(self, p),
            "conflicts": self.conflicts(p),
            "otherSources": other_sources(self, p, region, side),
            "ratings": scenarios.ratings(self.knowledge, rows),
        }
        return {**answer, "orders": orders(self.knowledge, self.facts, self.proofs, p, answer)}

    def leading(self, p: str, predicate: str) -> str | None:
        """The finding that heads a presentation: that of its own resource, else the first."""
        findings = self.facts.objects(p, ia(predicate))
        own = [f for f in findings if f.partition("#")[0] == p]
        return next(iter((*own, *findings)), None)

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

    def alerts(self, p: str) -> list[dict]:
        """The pitfalls that orders and facts reveal, warnings first."""
        rows = []
        for alert in self.concluded(p, "Alert"):
            order = self.facts.value(alert, ia("ofOrder"))
            rows.append(
                {
                    "pitfall": self.short(alert, "ofPitfall"),
                    "severity": self.facts.value(alert, ia("severity")),
                    "order": order and resource(order),
                    "message": self.facts.value(alert, ia("message")),
                }
            )
        return sorted(rows, key=by_severity)

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
