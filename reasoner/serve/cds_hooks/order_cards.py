"""The cards of draft orders: their rating, what to order instead, and what is asked.

Details are Markdown that some clients render together with raw HTML: every word from a request goes
through `plain`.
"""

import re
from collections import Counter

from reasoner.answer.order_verdicts import NO_CRITERIA, Verdict
from reasoner.answer.orders import judgement
from reasoner.answer.radiation_legend import legend_line
from reasoner.answer.wording import CATEGORY, NO_REASON, SIGNS, capital
from reasoner.graph.knowledge import Knowledge
from reasoner.messages.escaping import line
from reasoner.messages.escaping import markdown as plain
from reasoner.names import IA, expand, ia
from reasoner.serve.cds_hooks.card_texts import (
    bullets,
    instead,
    listed,
    overrides,
    problem,
    said_by_others,
    scenario_without_ratings,
)
from reasoner.serve.cds_hooks.cards import SUMMARY, Cards
from reasoner.serve.cds_hooks.pama import rated
from reasoner.serve.cds_hooks.request import Draft, HookRequest, has_id

OFFERED = 4  # alternatives on one card


class OrderCards(Cards):
    """Makes the cards of the draft orders of one request, and rates these orders.

    `mechanism` names what rates; with `alias`, an order that no criteria are for has the code
    `no-guidelines-apply`.
    """

    def __init__(
        self,
        knowledge: Knowledge,
        request: HookRequest,
        base: str,
        answer: dict,
        mechanism: str,
        alias: bool,
    ):
        super().__init__(knowledge, request, base, answer)
        self.mechanism, self.alias = mechanism, alias
        self.problems = Counter(problem(p) for p in answer["presentations"])
        self.notes: dict[str, list[str]] = {}
        for n in answer["notes"]:
            self.notes.setdefault(n["about"], []).append(n["message"])

    def rate(self, resource: dict, verdict: Verdict) -> dict:
        """A ServiceRequest with the rating of a verdict."""
        consult = self.request.consult
        return rated(self.knowledge, resource, consult, self.mechanism, self.alias, verdict)

    def cards(self, judged: list[tuple[Draft, Verdict]]) -> list[dict]:
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
        """Whether an order needs no card: nothing was found, or no topic is about its place and
        nothing warns.
        """
        p, row = verdict.presentation, verdict.order
        if p is None or row is None:
            return not verdict.why
        region = p["region"] and expand(p["region"]["id"])
        outside = region and self.knowledge.is_a(region, ia("SiteOutsideTopic"))
        unnamed = p["outcome"] == "no-criteria" and row["procedure"] is None
        covered = p["outcome"] not in ("no-criteria", "not-read")
        grave = row["safety"] or row["withheld"] or self.warned.about(p, of_order=True)
        return not (covered or grave) and bool(outside or unnamed)

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
            scenario_without_ratings(p),
            *map(plain, verdict.why),
            *self.reasons(verdict.row),
            self.agreed(p, verdict),
            said_by_others(p),
            bullets("Next", steps),
            bullets("To ask", asked),
            listed("The same is true of", [f"{self.name(v)} ({d.name})" for d, v in others]),
            bullets("To order instead", map(instead, verdict.alternatives[:OFFERED])),
            self.assumed(p, self.about(draft, p, [*verdict.why, *warnings])),
        ]
        concerns = warnings or verdict.withheld or not p or self.concerns(verdict)
        grave = "critical" if verdict.aside else "warning" if concerns else "info"
        summary = f"{self.name(verdict)}: {self.standing(verdict, asked)}"
        if verdict.category and len(line(whole := f"{summary} for {problem(p)}")) < SUMMARY:
            summary = whole
        kind = "rating" if code else "question"
        return self.card(kind, draft.name, summary, grave, detail, p, **more)

    def standing(self, verdict: Verdict, asked: list[str]) -> str:
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
        """Whether a rating speaks against an order, or none is there for a covered problem."""
        if verdict.code == NO_CRITERIA:
            return verdict.presentation["outcome"] != "no-criteria"
        return verdict.code == "not-appropriate"

    def about(self, draft: Draft, p: dict | None, shown: list[str]) -> list[str]:
        """The notes on an order that are not said already; its problem is named in words."""
        notes = [m for m in self.notes.get(draft.name, ()) if m not in set(shown)]
        if not notes or not p or self.problems[problem(p)] > 1:
            return notes
        return [re.sub(rf"{re.escape(p['id'])}(?![\w/-])", lambda _: problem(p), m) for m in notes]

    def name(self, verdict: Verdict) -> str:
        """What is ordered, in words."""
        return capital(verdict.procedure["label"] if verdict.procedure else "imaging order")

    def reasons(self, row: dict | None) -> list[str]:
        """Category, radiation with its legend, reason if any, and source of a rated study."""
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

    def suggestions(self, draft: Draft, verdict: Verdict) -> list[dict]:
        """Suggestions that replace a draft order with an alternative under the same id.

        Each alternative carries its own rating.
        """
        if not has_id(draft.sent):
            return []
        suggestions = []
        for place, row in enumerate(verdict.alternatives[:OFFERED]):
            judged = judgement(self.knowledge, row["category"])
            rating = Verdict(
                verdict.presentation, None, judged, row, row["category"], row["scenario"]
            )
            label = row["procedure"]["label"]
            ordered = {**draft.sent, "code": {"coding": self.codings(row), "text": label}}
            suggestions.append(
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
        return suggestions

    def codings(self, row: dict) -> list[dict]:
        """The codes to order a study by, one of each terminology with its own words.

        The project's own code where there is none.
        """
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


def is_unread(verdict: Verdict) -> bool:
    """Whether all that is said of an order is that its reason was not read."""
    p, row = verdict.presentation, verdict.order
    return bool(
        p and row and p["outcome"] == "not-read" and not row["safety"] and not row["withheld"]
    )
