"""The cards of a CDS Hooks response: the rating of an order with what to order instead, pitfalls, questions, and a patient at a glance.

Details are Markdown that some clients render together with raw HTML: every word from a request goes through `plain`.
"""

import re

from reasoner.judge import CODES, NO_CRITERIA, RANKS, Verdict, alternatives
from reasoner.knowledge import Knowledge
from reasoner.names import IA, expand, ia
from reasoner.render import heading
from reasoner.serve.hooks import Draft, HookRequest
from reasoner.serve.pama import rated
from reasoner.words import CATEGORY, OUTCOME, SIGNS

OFFERED = 4
OVERRIDES = {"patient-declines": "The patient declines it", "not-available": "It is not available here", "already-done": "It was done already",
             "specialist-advice": "A specialist advises otherwise", "record-incomplete": "The record leaves out what decides", "other": "Another reason"}
OVERRIDE_SYSTEM = IA + "override-reason"


def plain(text: str) -> str:
    """Text from a request as text in Markdown: nothing in it is markup."""
    return re.sub(r"([\\`*_{}\[\]()#!|~])", r"\\\1", " ".join(text.split())).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


class Cards:
    """Makes the cards of one request."""

    def __init__(self, knowledge: Knowledge, request: HookRequest, base: str, mechanism: str, alias: bool, child: bool):
        self.knowledge, self.request, self.base, self.child = knowledge, request, base, child
        self.rate = lambda resource, verdict: rated(knowledge, resource, request.consult, mechanism, alias, verdict)

    def card(self, kind: str, about: str, summary: str, indicator: str, detail: list[str], presentation: dict | None, **more) -> dict:
        """A card; what is empty is left out, as the specification wants."""
        return {"uuid": self.request.named(kind, about), "summary": summary if len(summary) < 140 else summary[:136] + "...", "indicator": indicator,
                "source": self.source(presentation)} | {k: v for k, v in {"detail": "\n\n".join(filter(None, detail)), **more}.items() if v}

    def source(self, presentation: dict | None) -> dict:
        """Whose guidance a card gives."""
        editions = [s["edition"] for s in presentation["scenarios"]] if presentation else []
        if not editions:
            return {"label": "nextstudy, imaging appropriateness", "url": f"{self.base}/"}
        edition = expand(editions[0])
        topic = self.knowledge.facts.value(edition, ia("ofTopic")) or edition
        return {"label": f"ACR Appropriateness Criteria, {self.knowledge.label(edition)}", "url": f"{self.base}/",
                "topic": {"system": IA, "code": topic.removeprefix(IA), "display": self.knowledge.label(topic)}}

    def links(self, presentation: dict | None, form: bool = False) -> list[dict]:
        """Links into the explorer: the scenarios that apply, and the form that says what each fact would change."""
        applying = [s for s in presentation["scenarios"] if s["status"] == "applies"] if presentation else []
        made = [{"label": f"Scenario: {s['label']}", "url": f"{self.base}/scenarios/{s['id'].removeprefix('ia:')}", "type": "absolute"} for s in applying]
        return made + ([{"label": "Answer the questions in the patient form", "url": f"{self.base}/patient", "type": "absolute"}] if form or not made else [])

    def order(self, draft: Draft, verdict: Verdict, told: list[str]) -> dict:
        """The card of a draft order: its rating with reason and source, or what is asked instead, rated alternatives, and what reading it told."""
        p, name = verdict.presentation, self.name(verdict)
        suggestions = self.suggestions(draft, verdict)
        more = {"suggestions": suggestions, "selectionBehavior": "at-most-one" if suggestions else None, "links": self.links(p, verdict.code is None)}
        alternatives = "Rated alternatives can take its place." if suggestions else ""
        if verdict.code is None:
            asked = [q["text"] for q in p["questions"]] if p else []
            decisive = asked[:1] if p and p["outcome"] == "more-information" else []
            said = f"not rated, because facts are missing: {decisive[0]}" if decisive else ": ".join(["not rated", *verdict.why[:1]])
            detail = [*map(plain, verdict.why), self.aside(verdict), bullets("To ask", asked), alternatives, self.assumed(p, told)]
            return self.card("question", draft.name, f"{name}: {said}", "warning" if verdict.aside or not p else "info", detail, p, **more)
        more["overrideReasons"] = overrides() if suggestions or verdict.aside else None
        if verdict.code == NO_CRITERIA:
            detail = [OUTCOME[p["outcome"]] if p["outcome"] != "recommendation" else "The scenario that applies does not rate this study.",
                      bullets("Next", [s["label"] for s in p["nextSteps"]]), alternatives]
            return self.card("rating", draft.name, f"{name}: no criteria apply", "info" if p["outcome"] == "no-criteria" else "warning", detail, p, **more)
        words = "set aside, contraindicated" if verdict.aside else CATEGORY[verdict.category][0]
        indicator = "critical" if verdict.aside else "info" if CODES[verdict.category] == "appropriate" else "warning"
        detail = [self.aside(verdict), *self.reasons(verdict.row), alternatives, self.assumed(p, told), bullets("To ask", [q["text"] for q in p["questions"]])]
        return self.card("rating", draft.name, f"{name}: {words}", indicator, detail, p, **more)

    def name(self, verdict: Verdict) -> str:
        """What is ordered, in words."""
        ordered = verdict.order["procedure"] if verdict.order else None
        label = verdict.row["procedure"]["label"] if verdict.row else ordered["label"] if ordered else "imaging order"
        return label[0].upper() + label[1:]

    def aside(self, verdict: Verdict) -> str:
        """Why an order is contraindicated."""
        return bullets("Contraindicated", verdict.aside)

    def reasons(self, row: dict | None) -> list[str]:
        """Category, radiation, reason, cautions and source of a rated study."""
        if not row:
            return []
        cautions = [f["advice"] for f in row["safety"] if f["severity"] != "contraindicated"]
        return [f"**Category**: {CATEGORY[row['category']][0]}  \n**Radiation**: adult {SIGNS[row['adultRadiation']]}, child {SIGNS[row['pediatricRadiation']]}",
                f"**Reason**: {row['rationale']}", bullets("Caution", cautions), f"**Source**: {row['source']}"]

    def assumed(self, p: dict | None, of_order: list[str] | None = None) -> str:
        """What the answer takes for granted, what reading the order told, and what had to be forgiven in the request."""
        told = [a["label"] for s in p["scenarios"] if s["status"] == "applies" for a in s["assumptions"]] if p else []
        return "\n\n".join(filter(None, (bullets("Assumed", told), bullets("About this order", map(plain, of_order or [])), bullets("About this request", map(plain, self.request.notes)))))

    def suggestions(self, draft: Draft, verdict: Verdict) -> list[dict]:
        """Suggestions that put an alternative with its own rating in the place of a draft order, under the same id."""
        if not isinstance(draft.sent.get("id"), str) or not draft.sent["id"]:
            return []
        made = []
        for place, row in enumerate(alternatives(verdict, self.child)[:OFFERED]):
            rating = Verdict(verdict.presentation, None, CODES[row["category"]], row, row["category"], row["scenario"])
            label = row["procedure"]["label"]
            ordered = {**draft.sent, "code": {"coding": self.codings(row), "text": label}}
            made.append({"label": f"Order {label} instead ({CATEGORY[row['category']][0]})", "uuid": self.request.named("suggestion", draft.name, row["generic"]),
                         "isRecommended": place == 0, "actions": [{"type": "update", "description": f"Replace the draft order with {label}", "resource": self.rate(ordered, rating)}]})
        return made

    def codings(self, row: dict) -> list[dict]:
        """The codes to order a study by, one of each terminology with its own words; the project's own code where there is none."""
        first: dict[str, dict] = {}
        labels = {(m.prefix, m.code): m.label for m in self.knowledge.codes.of(expand(row["procedure"]["id"]))}
        systems = {s.systems[0]: prefix for prefix, s in reversed(self.knowledge.codes.systems.items()) if s.systems}
        for code in row["procedure"]["codes"]:
            label = next((text for (_, c), text in labels.items() if c == code["code"]), "") or row["procedure"]["label"]
            first.setdefault(systems.get(code["system"], code["system"]), {**code, "display": label})
        return list(first.values()) or [{"system": IA, "code": row["procedure"]["id"].removeprefix("ia:"), "display": row["procedure"]["label"]}]

    def alerts(self, p: dict, orders: set[str] | None = None) -> list[dict]:
        """The pitfalls of a presentation; with `orders`, only those of these orders or of none."""
        made = []
        for a in p["alerts"]:
            if orders is None or a["order"] is None or a["order"] in orders:
                label = self.knowledge.label(expand(a["pitfall"]))
                made.append(self.card("pitfall", f"{p['id']}|{a['pitfall']}|{a['order']}", f"Pitfall: {label}", a["severity"], [a["message"]], p,
                                      links=self.links(p), overrideReasons=overrides()))
        return made

    def glance(self, p: dict) -> dict:
        """The card of a presentation for whoever opens the chart."""
        title = heading({**p, "id": ""}).removesuffix(" ()")
        if p["outcome"] == "recommendation":
            best = next((r for r in p["recommendations"] if not r["setAside"]), p["recommendations"][0])
            rows = [f"| {r['procedure']['label']} | {'set aside' if r['setAside'] else CATEGORY[r['category']][0]} | {SIGNS[r['adultRadiation']]} / {SIGNS[r['pediatricRadiation']]} |"
                    for r in p["recommendations"] if r["category"] != RANKS[-1]]
            detail = ["| study | category | radiation adult / child |\n|---|---|---|\n" + "\n".join(rows), f"**Source**: {best['source']}", self.assumed(p),
                      bullets("To ask", [q["text"] for q in p["questions"]])]
            return self.card("patient", p["id"], f"{title}: {best['procedure']['label']} is {CATEGORY[best['category']][0]}", "info", detail, p, links=self.links(p))
        detail = [OUTCOME[p["outcome"]], bullets("Next", [s["label"] for s in p["nextSteps"]]), bullets("To ask", [q["text"] for q in p["questions"]]), self.assumed(p)]
        return self.card("patient", p["id"], f"{title}: {OUTCOME[p['outcome']]}", "info", detail, p, links=self.links(p, p["outcome"] == "more-information"))


def bullets(title: str, items) -> str:
    """A titled list in Markdown, or nothing."""
    items = list(items)
    return f"**{title}**:\n\n" + "\n".join(f"- {item}" for item in items) if items else ""


def overrides() -> list[dict]:
    """The reasons to pass a card over."""
    return [{"system": OVERRIDE_SYSTEM, "code": code, "display": display} for code, display in OVERRIDES.items()]
