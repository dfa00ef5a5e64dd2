"""The words for the codes of an answer, the same in every rendering and on every page."""

from collections.abc import Callable

from reasoner.names import expand

CATEGORY = {
    "usually-appropriate": ("usually appropriate", "bold green"),
    "may-be-appropriate": ("may be appropriate", "yellow"),
    "may-be-appropriate-disagreement": ("may be appropriate (disagreement)", "yellow"),
    "usually-not-appropriate": ("usually not appropriate", "red"),
}
SIGNS = {"O": "O", "varies": "varies", "not-stated": "not stated"} | {
    str(n): "☢" * n for n in range(1, 6)
}
OUTCOME = {
    "recommendation": "A scenario applies.",
    "more-information": "Not enough is known to choose a scenario.",
    "next-step": "The deciding study is done; its result decides what follows.",
    "no-imaging": "Initial imaging was diagnostic: no further imaging.",
    "no-criteria": "No criteria apply: the graph says nothing about this.",
    "not-read": (
        "The problem, or the reason of the order, is stated in a form that could not be read."
    ),
}
RATINGS = {
    "incomplete": "the imported table lost rows of this scenario",
    "inferred": "where a study is marked inferred, the imported table lost its row, and its name "
    "was recovered",
    "disagreement-not-recorded": "the imported table does not mark where the panel disagreed",
}
NO_REASON = "The sources read give no reason for this rating."
NO_REASONS = "The sources read give no reasons for these ratings."
REASONS_MISSING = "Where no reason stands, the sources read give none."
NOWHERE = " area of interest"  # how the label of a study ends that no region is known for
NOTHING = "No presentation: in what could be read, nothing calls for imaging that a topic covers."


def not_loaded(p: dict, label_of: Callable[[str], str]) -> str:
    """Where ratings that are not loaded can be read, and how they are loaded."""
    if "not-loaded" not in p["ratings"]:
        return ""
    considered = [
        s for status in ("applies", "possible") for s in p["scenarios"] if s["status"] == status
    ]
    decisive = [s for s in considered if s["status"] == considered[0]["status"]]
    editions = dict.fromkeys(label_of(expand(s["edition"])) for s in decisive)
    return (
        f"The publisher shows the ratings in {', '.join(editions)}; nextstudy import loads a table "
        "that you are licensed to use"
    )


def states(p: dict) -> list[str]:
    """What must be known of the ratings of a presentation, in words."""
    return [words for state, words in RATINGS.items() if state in p["ratings"]]


def quoted(source: dict) -> str:
    """What a row of `otherSources` says: what it recommends, lacks, or why it is silent."""
    if source["statements"]:
        return "; ".join(
            f"{s['procedure']['label'].replace(NOWHERE, '')} {s['category']['label']}"
            + (f" ({s['strength']})" if s["strength"] else "")
            for s in source["statements"]
        )
    if source["missing"]:
        return f"not usable yet, not known: {', '.join(m['label'] for m in source['missing'])}"
    return f"not usable: {', '.join(c['label'] for c in source['excludedBy'])}"


def is_unmet(scenario: dict) -> bool:
    """Whether a scenario is excluded by a criterion that is not met, not by an exclusion."""
    return any(c["id"] == scenario["excludedBy"] for c in scenario["criteria"])


def capital(text: str) -> str:
    """A text with a capital first letter."""
    return text[:1].upper() + text[1:]
