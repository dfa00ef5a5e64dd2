"""The parts that a CDS Hooks card is put together from: lists, sentences, and reasons to override.

Details are Markdown that some clients render together with raw HTML: words from a request go
through `plain`.
"""

from collections.abc import Iterable

from reasoner.answer.wording import CATEGORY, quoted
from reasoner.messages.escaping import markdown as plain
from reasoner.names import IA

LISTED = 40  # things in one list of a card; the notes of the response have all warnings
OVERRIDES = {
    "patient-declines": "The patient declines it",
    "not-available": "It is not available here",
    "already-done": "It was done already",
    "specialist-advice": "A specialist advises otherwise",
    "record-incomplete": "The record leaves out what decides",
    "other": "Another reason",
}
OVERRIDE_SYSTEM = IA + "override-reason"


def problem(p: dict) -> str:
    """For what a study is: "soft tissue mass of the thigh"."""
    finding = p["finding"]["label"] if p["finding"] else "the problem"
    return finding + (f" of the {p['region']['label']}" if p["region"] else "")


def agreement(row: dict) -> str:
    """What all possible scenarios say of a study, and what is assumed for it."""
    stands = "is set aside" if row["setAside"] else f"is {CATEGORY[row['category']][0]}"
    assumed = "; ".join(u["assumed"] for u in row["unless"])
    return f"{row['procedure']['label']} {stands}" + (f" (assumed: {assumed})" if assumed else "")


def instead(row: dict) -> str:
    """A study to order instead of another, with its category."""
    return f"{row['procedure']['label']} ({CATEGORY[row['category']][0]})"


def scenario_without_ratings(p: dict | None) -> str:
    """The sentence that names the scenario of a presentation whose ratings are not loaded; empty
    where ratings are loaded, or no scenario applies.
    """
    if not p or p["outcome"] != "recommendation" or p["recommendations"]:
        return ""
    applying = [s["label"] for s in p["scenarios"] if s["status"] == "applies"]
    return f"This scenario applies: {'; '.join(applying)}."


def said_by_others(p: dict | None) -> str:
    """What sources beside the deciding edition say of a presentation, in their own words."""
    sources = p["otherSources"] if p else []
    return bullets("Other sources", [f"{s['label']}: {quoted(s)}" for s in sources])


def bullets(title: str, items: Iterable[str]) -> str:
    """A titled list in Markdown, or nothing."""
    items = list(items)
    return f"**{title}**:\n\n" + "\n".join(f"- {item}" for item in items) if items else ""


def listed(title: str, items: list[str]) -> str:
    """A titled list in Markdown of texts from a request: the first of many, and their number."""
    more = len(items) - LISTED
    rest = [f"and {more} more"] if more > 0 else []
    return bullets(title, [*map(plain, items[:LISTED]), *rest])


def overrides() -> list[dict]:
    """The reasons to pass a card over."""
    return [
        {"system": OVERRIDE_SYSTEM, "code": code, "display": display}
        for code, display in OVERRIDES.items()
    ]
