"""The cards of a CDS Hooks response: the rating of an order with what to order instead, pitfalls, questions, and a patient at a glance.

Details are Markdown that some clients render together with raw HTML: every word from a request goes through `plain`.
"""

import re
from collections import Counter

from reasoner.answer.headline import to_clear
from reasoner.answer.order_verdicts import NO_CRITERIA, Verdict
from reasoner.answer.orders import judgement
from reasoner.answer.radiation_legend import legend_line
from reasoner.answer.render import title_of
from reasoner.answer.wording import CATEGORY, NO_REASON, OUTCOME, SIGNS, capital
from reasoner.graph.knowledge import Knowledge
from reasoner.messages.escaping import line
from reasoner.messages.escaping import markdown as plain
from reasoner.names import IA, expand, ia
from reasoner.serve.cds_hooks.card_texts import (
    agreement,
    bullets,
    instead,
    listed,
    overrides,
    problem,
)
from reasoner.serve.cds_hooks.pama import rated
from reasoner.serve.cds_hooks.request import Draft, HookRequest, has_id
from reasoner.serve.cds_hooks.warnings import Warned

OFFERED = 4
SUMMARY = 140  # characters that a summary stays below, as CDS Hooks wants
RESERVED = "Initial imaging was diagnostic; read the warnings before the work-up ends."


class Cards:
    """Makes the cards of one request from the answer to it."""

    def __init__(
        self,
        knowledge: Knowledge,
        request: HookRequest,
        base: str,
        mechanism: str,
        alias: bool,
        answer: dict,
    ):
        self.knowledge, self.request, self.base, self.answer = knowledge, request, base, answer
        self.warned = Warned(answer, (draft.name for draft in request.drafts))
        self._to_clear: dict[int, str] = {}
        self.problems = Counter(problem(p) for p in answer["presentations"])
        self.notes: dict[str, list[str]] = {}
        for n in answer["notes"]:
            self.notes.setdefault(n["about"], []).append(n["message"])
        self.rate = lambda resource, verdict: rated(
            knowledge, resource, request.consult, mechanism, alias, verdict
        )

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
        """Links into the explorer: the scenarios that apply, and the form that says what each fact would change."""
        applying = (
            [s for s in presentation["scenarios"] if s["status"] == "applies"]
            if presentation
            else []
        )
        made = [
            {
                "label": f"Scenario: {s['label']}",
                "url": f"{self.base}/scenarios/{s['id'].removeprefix('ia:')}",
                "type": "absolute",
            }
            for s in applying
        ]
        return made + (
            [
                {
                    "label": "Answer the questions in the patient form",
                    "url": f"{self.base}/patient",
                    "type": "absolute",
                }
            ]
            if form or not made
            else []
        )

    def orders(self, judged: list[tuple[Draft, Verdict]]) -> list[dict]:
        """The cards of draft orders: one for each, and one for all whose reasons were not read."""
        shown = [(draft, verdict) for draft, verdict in judged if not self.silent(verdict)]
        unread = [(draft, verdict) for draft, verdict in shown if is_unread(verdict)]
        first, others = unread[0][0] if unread else None, unread[1:]
        return [
            self.order(draft, verdict, others if draft is first else [])
            for draft, verdict in shown
            if draft is first or not is_unread(verdict)
        ]

    def silent(self, verdict: Verdict) -> bool:
        """Whether an order needs no card: nothing was found, or no topic is about its place."""
        p, row = verdict.presentation, verdict.order
        if p is None or row is None:
            return not verdict.why
        region = p["region"] and expand(p["region"]["id"])
        outside = region and self.knowledge.is_a(region, ia("SiteOutsideTopic"))
        unnamed = p["outcome"] == "no-criteria" and row["procedure"] is None
        covered = p["outcome"] not in ("no-criteria", "not-read")
        return not (covered or row["safety"] or row["withheld"]) and bool(outside or unnamed)

    def order(self, draft: Draft, verdict: Verdict, others: list[tuple[Draft, Verdict]]) -> dict:
        """The card of a draft order.

        It holds its rating with reason and source, or why there is none and what is asked; what
        safety says, whatever the rating; warnings of the record; and rated alternatives.
        `others` are orders without a card of their own that the same is said of.
        """
        p, code = verdict.presentation, verdict.code
        warnings = self.warned.about(p, of_order=True)
        suggestions = self.suggestions(draft, verdict)
        more = {
            "suggestions": suggestions,
            "links": self.links(p, code is None),
            "selectionBehavior": "at-most-one" if suggestions else None,
            "overrideReasons": overrides() if code and (suggestions or verdict.aside) else None,
        }
        asked = [q["text"] for q in p["questions"]] if p else []
        steps = [s["label"] for s in p["nextSteps"]] if p else []
        detail = [
            bullets("Contraindicated", verdict.aside),
            self.to_clear(p) if p else "",
            listed("Warning", warnings),
            bullets("Caution", verdict.cautions),
            *map(plain, verdict.why),
            *self.reasons(verdict.row),
            self.agreed(p, verdict),
            bullets("Next", steps),
            bullets("To ask", asked),
            listed("The same is true of", [f"{self.name(v)} ({d.name})" for d, v in others]),
            bullets("To order instead", map(instead, verdict.alternatives[:OFFERED])),
            self.assumed(p, self.about(draft, p, [*verdict.why, *warnings])),
        ]
        concerns = warnings or verdict.withheld or not p or self.concerns(verdict)
        grave = "critical" if verdict.aside else "warning" if concerns else "info"
        summary = f"{self.name(verdict)}: {self.said(verdict, asked)}"
        if verdict.category and len(line(whole := f"{summary} for {problem(p)}")) < SUMMARY:
            summary = whole
        kind = "rating" if code else "question"
        return self.card(kind, draft.name, summary, grave, detail, p, **more)

    def to_clear(self, p: dict) -> str:
        """What must be cleared up first about a presentation."""
        if id(p) not in self._to_clear:
            self._to_clear[id(p)] = plain(to_clear(p, self.knowledge.label))
        return self._to_clear[id(p)]

    def said(self, verdict: Verdict, asked: list[str]) -> str:
        """How an order stands, in a few words."""
        p = verdict.presentation
        if verdict.code == NO_CRITERIA:
            return "no criteria apply"
        if verdict.code:
            return "set aside, contraindicated" if verdict.aside else CATEGORY[verdict.category][0]
        unread = "contraindicated, and " if verdict.aside else ""
        if p and p["outcome"] == "more-information" and asked:
            return f"{unread}not rated, because facts are missing: {asked[0]}"
        return unread + ": ".join(["not rated", *verdict.why[:1]])

    def concerns(self, verdict: Verdict) -> bool:
        """Whether a rating speaks against an order, or no criteria rate it for a covered problem."""
        if verdict.code == NO_CRITERIA:
            return verdict.presentation["outcome"] != "no-criteria"
        return verdict.code == "not-appropriate"

    def about(self, draft: Draft, p: dict | None, said: list[str]) -> list[str]:
        """What reading an order told, but for what is said already; its problem is named in words."""
        told = [m for m in self.notes.get(draft.name, ()) if m not in set(said)]
        if not told or not p or self.problems[problem(p)] > 1:
            return told
        return [re.sub(rf"{re.escape(p['id'])}(?![\w/-])", lambda _: problem(p), m) for m in told]

    def name(self, verdict: Verdict) -> str:
        """What is ordered, in words."""
        return capital(verdict.procedure["label"] if verdict.procedure else "imaging order")

    def reasons(self, row: dict | None) -> list[str]:
        """Category, radiation with its legend, reason if there is one, and source of a rated study."""
        if not row:
            return []
        signs = [SIGNS[row[name]] for name in ("adultRadiation", "pediatricRadiation")]
        meaning = legend_line(self.knowledge, [row])
        radiation = "adult {}, child {}".format(*signs) + (f" ({meaning})" if meaning else "")
        return [
            f"**Category**: {CATEGORY[row['category']][0]}  \n**Radiation**: {radiation}",
            f"**Reason**: {row['rationale']}" if row["rationale"] != NO_REASON else "",
            f"**Source**: {row['source']}",
        ]

    def agreed(self, p: dict | None, verdict: Verdict | None = None) -> str:
        """What every scenario that is still possible says alike: of the ordered study where that
        may be said of the order, and of those that it finds appropriate.
        """
        order = verdict.order if verdict else None
        ordered, said = (order["generic"], order["agreed"]) if order else (None, None)
        rows = (
            [
                r
                for r in p["agreed"]
                if (
                    said
                    if r["generic"] == ordered
                    else judgement(self.knowledge, r["category"]) == "appropriate"
                )
            ]
            if p
            else []
        )
        return bullets("Whichever scenario applies", map(agreement, rows))

    def assumed(self, p: dict | None, of_order: list[str] | None = None) -> str:
        """What the answer takes for granted, what reading the order told, and what had to be forgiven in the request."""
        told = (
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
                    bullets("Assumed", told),
                    listed("About this order", of_order or []),
                    listed("About this request", self.request.notes),
                ),
            )
        )

    def suggestions(self, draft: Draft, verdict: Verdict) -> list[dict]:
        """Suggestions that put an alternative with its own rating in the place of a draft order, under the same id."""
        if not has_id(draft.sent):
            return []
        made = []
        for place, row in enumerate(verdict.alternatives[:OFFERED]):
            judged = judgement(self.knowledge, row["category"])
            rating = Verdict(
                verdict.presentation, None, judged, row, row["category"], row["scenario"]
            )
            label = row["procedure"]["label"]
            ordered = {**draft.sent, "code": {"coding": self.codings(row), "text": label}}
            made.append(
                {
                    "label": f"Order {label} instead ({CATEGORY[row['category']][0]})",
                    "uuid": self.request.named("suggestion", draft.name, row["generic"]),
                    "isRecommended": place == 0,
                    "actions": [
                        {
                            "type": "update",
                            "description": f"Replace the draft order with {label}",
                            "resource": self.rate(ordered, rating),
                        }
                    ],
                }
            )
        return made

    def codings(self, row: dict) -> list[dict]:
        """The codes to order a study by, one of each terminology with its own words; the project's own code where there is none."""
        first: dict[str, dict] = {}
        labels = {
            (m.prefix, m.code): m.label
            for m in self.knowledge.codes.of(expand(row["procedure"]["id"]))
        }
        systems = {
            s.systems[0]: prefix
            for prefix, s in reversed(self.knowledge.codes.systems.items())
            if s.systems
        }
        for code in row["procedure"]["codes"]:
            label = (
                next((text for (_, c), text in labels.items() if c == code["code"]), "")
                or row["procedure"]["label"]
            )
            first.setdefault(
                systems.get(code["system"], code["system"]), {**code, "display": label}
            )
        return list(first.values()) or [
            {
                "system": IA,
                "code": row["procedure"]["id"].removeprefix("ia:"),
                "display": row["procedure"]["label"],
            }
        ]

    def alerts(self, p: dict, orders: set[str] | None = None) -> list[dict]:
        """The pitfalls of a presentation; with `orders`, only those of these orders or of none."""
        made = []
        for a in p["alerts"]:
            if orders is None or a["order"] is None or a["order"] in orders:
                label = self.knowledge.label(expand(a["pitfall"]))
                made.append(
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
        return made

    def glance(self, p: dict) -> dict:
        """The card of a presentation for whoever opens the chart."""
        title = title_of(p)
        warnings = self.warned.about(p)
        grave = "warning" if warnings else "info"
        steps = bullets("Next", [s["label"] for s in p["nextSteps"]])
        asked = bullets("To ask", [q["text"] for q in p["questions"]])
        told = [self.to_clear(p), listed("Warning", warnings)]
        if p["outcome"] == "recommendation":
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
                *told,
                "| study | category | radiation adult / child |\n|---|---|---|\n" + "\n".join(rows),
                f"**Radiation**: {meaning}" if meaning else "",
                f"**Source**: {best['source']}",
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
        said = RESERVED if p["outcome"] == "no-imaging" and warnings else OUTCOME[p["outcome"]]
        detail = [*told, said, self.agreed(p), steps, asked, self.assumed(p)]
        return self.card(
            "patient",
            p["id"],
            f"{title}: {said}",
            grave,
            detail,
            p,
            links=self.links(p, p["outcome"] == "more-information"),
        )


def is_unread(verdict: Verdict) -> bool:
    """Whether all that is said of an order is that its reason was not read."""
    p, row = verdict.presentation, verdict.order
    return bool(
        p and row and p["outcome"] == "not-read" and not row["safety"] and not row["withheld"]
    )
