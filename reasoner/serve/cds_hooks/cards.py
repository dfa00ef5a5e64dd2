"""The cards of a CDS Hooks response: what all cards share, pitfalls, and a patient at a glance.

Details are Markdown that some clients render together with raw HTML: every word from a request goes
through `plain`.
"""

from reasoner.answer.headline import to_clear
from reasoner.answer.order_verdicts import Verdict
from reasoner.answer.orders import judgement
from reasoner.answer.radiation_legend import legend_line
from reasoner.answer.render import title_of
from reasoner.answer.wording import CATEGORY, OUTCOME, SIGNS
from reasoner.graph.knowledge import Knowledge
from reasoner.messages.escaping import line
from reasoner.messages.escaping import markdown as plain
from reasoner.names import IA, expand, ia
from reasoner.serve.cds_hooks.card_texts import (
    agreement,
    bullets,
    listed,
    overrides,
    said_by_others,
    scenario_without_ratings,
)
from reasoner.serve.cds_hooks.request import HookRequest
from reasoner.serve.cds_hooks.warnings import Warned

SUMMARY = 140  # characters that a summary stays below, as CDS Hooks wants
RESERVED = "Initial imaging was diagnostic; read the warnings before the work-up ends."


class Cards:
    """Makes the cards of one request from the answer to it."""

    def __init__(self, knowledge: Knowledge, request: HookRequest, base: str, answer: dict):
        self.knowledge, self.request, self.base = knowledge, request, base
        self.warned = Warned(answer, (draft.name for draft in request.drafts))
        self._to_clear: dict[int, str] = {}

    def card(
        self,
        kind: str,
        about: str,
        summary: str,
        indicator: str,
        detail: list[str],
        presentation: dict | None,
        **more,
    ) -> dict:
        """A card; what is empty is left out, as the specification wants."""
        summary = line(summary)
        return {
            "uuid": self.request.named(kind, about),
            "summary": summary if len(summary) < SUMMARY else summary[:136] + "...",
            "indicator": indicator,
            "source": self.source(presentation),
        } | {k: v for k, v in {"detail": "\n\n".join(filter(None, detail)), **more}.items() if v}

    def source(self, presentation: dict | None) -> dict:
        """Whose guidance a card gives."""
        editions = [s["edition"] for s in presentation["scenarios"]] if presentation else []
        if not editions:
            return {"label": "nextstudy, imaging appropriateness", "url": f"{self.base}/"}
        edition = expand(editions[0])
        topic = self.knowledge.facts.value(edition, ia("ofTopic")) or edition
        return {
            "label": f"ACR Appropriateness Criteria, {self.knowledge.label(edition)}",
            "url": f"{self.base}/",
            "topic": {
                "system": IA,
                "code": topic.removeprefix(IA),
                "display": self.knowledge.label(topic),
            },
        }

    def links(self, presentation: dict | None, form: bool = False) -> list[dict]:
        """Links into the explorer: the scenarios that apply, and the form of the patient.

        The form says what each fact would change.
        """
        applying = (
            [s for s in presentation["scenarios"] if s["status"] == "applies"]
            if presentation
            else []
        )
        links = [
            {
                "label": f"Scenario: {s['label']}",
                "url": f"{self.base}/scenarios/{s['id'].removeprefix('ia:')}",
                "type": "absolute",
            }
            for s in applying
        ]
        return links + (
            [
                {
                    "label": "Answer the questions in the patient form",
                    "url": f"{self.base}/patient",
                    "type": "absolute",
                }
            ]
            if form or not links
            else []
        )

    def to_clear(self, p: dict) -> str:
        """What must be cleared up first about a presentation."""
        if id(p) not in self._to_clear:
            self._to_clear[id(p)] = plain(to_clear(p, self.knowledge.label))
        return self._to_clear[id(p)]

    def agreed(self, p: dict | None, verdict: Verdict | None = None) -> str:
        """What every scenario that is still possible says alike: of the ordered study where that
        may be said of the order, and of those that it finds appropriate.
        """
        order = verdict.order if verdict else None
        ordered, judged = (order["generic"], order["agreed"]) if order else (None, None)
        rows = (
            [
                r
                for r in p["agreed"]
                if (
                    judged
                    if r["generic"] == ordered
                    else judgement(self.knowledge, r["category"]) == "appropriate"
                )
            ]
            if p
            else []
        )
        return bullets("Whichever scenario applies", map(agreement, rows))

    def assumed(self, p: dict | None, of_order: list[str] | None = None) -> str:
        """What the answer takes for granted, and the notes on the order and on the request."""
        assumptions = (
            [
                a["label"]
                for s in p["scenarios"]
                if s["status"] == "applies"
                for a in s["assumptions"]
            ]
            if p
            else []
        )
        return "\n\n".join(
            filter(
                None,
                (
                    bullets("Assumed", assumptions),
                    listed("About this order", of_order or []),
                    listed("About this request", self.request.notes),
                ),
            )
        )

    def alerts(self, p: dict, orders: set[str] | None = None) -> list[dict]:
        """The pitfalls of a presentation; with `orders`, only those of these orders or of none."""
        cards = []
        for a in p["alerts"]:
            if orders is None or a["order"] is None or a["order"] in orders:
                label = self.knowledge.label(expand(a["pitfall"]))
                cards.append(
                    self.card(
                        "pitfall",
                        f"{p['id']}|{a['pitfall']}|{a['order']}",
                        f"Pitfall: {label}",
                        a["severity"],
                        [a["message"]],
                        p,
                        links=self.links(p),
                        overrideReasons=overrides(),
                    )
                )
        return cards

    def glance(self, p: dict) -> dict:
        """The card of a presentation for whoever opens the chart."""
        title = title_of(p)
        warnings = self.warned.about(p)
        grave = "warning" if warnings else "info"
        steps = bullets("Next", [s["label"] for s in p["nextSteps"]])
        asked = bullets("To ask", [q["text"] for q in p["questions"]])
        opening = [self.to_clear(p), listed("Warning", warnings)]
        if p["recommendations"] and p["outcome"] == "recommendation":
            best = next(
                (r for r in p["recommendations"] if not r["setAside"]), p["recommendations"][0]
            )
            shown = [
                r
                for r in p["recommendations"]
                if judgement(self.knowledge, r["category"]) == "appropriate"
            ]
            rows = [
                f"| {r['procedure']['label']} "
                f"| {'set aside' if r['setAside'] else CATEGORY[r['category']][0]} "
                f"| {SIGNS[r['adultRadiation']]} / {SIGNS[r['pediatricRadiation']]} |"
                for r in shown
            ]
            meaning = legend_line(self.knowledge, shown)
            detail = [
                *opening,
                "| study | category | radiation adult / child |\n|---|---|---|\n" + "\n".join(rows),
                f"**Radiation**: {meaning}" if meaning else "",
                f"**Source**: {best['source']}",
                said_by_others(p),
                steps,
                self.assumed(p),
                asked,
            ]
            return self.card(
                "patient",
                p["id"],
                f"{title}: {best['procedure']['label']} is {CATEGORY[best['category']][0]}",
                grave,
                detail,
                p,
                links=self.links(p),
            )
        outcome = RESERVED if p["outcome"] == "no-imaging" and warnings else OUTCOME[p["outcome"]]
        if named := scenario_without_ratings(p):
            outcome = f"{named} Its ratings are not loaded."
        others = said_by_others(p)
        detail = [*opening, outcome, self.agreed(p), others, steps, asked, self.assumed(p)]
        return self.card(
            "patient",
            p["id"],
            f"{title}: {outcome}",
            grave,
            detail,
            p,
            links=self.links(p, p["outcome"] == "more-information"),
        )
