"""The headline of a presentation: the study, step or question that comes next, in a sentence."""

from collections.abc import Callable

from reasoner.answer.wording import CATEGORY, NOWHERE, OUTCOME, capital, not_loaded, quoted
from reasoner.names import expand

BEST = next(iter(CATEGORY))
QUOTED = 40  # quotes of what must be cleared up; all of them stand in the unread of the answer


def headline(p: dict, label_of: Callable[[str], str]) -> str:
    """One sentence to act on, and before it what must be cleared up first.

    `p` is the answer to a presentation with all its other keys; `label_of` gives the label of a
    term.
    """
    return " ".join(filter(None, (to_clear(p, label_of), next_action(p, label_of))))


def to_clear(p: dict, label_of: Callable[[str], str]) -> str:
    """The sentence about what could not be read or weighed, and takes an assumption back."""
    quotes = [
        f'"{u["quote"]}"' if u["quote"] else f"{label_of(expand(u['kind']))} ({u['resource']})"
        for u in p["unread"]
        if u["blocks"]
    ]
    if not quotes:
        return ""
    once = list(dict.fromkeys(quotes))
    more = f", and {len(once) - QUOTED} more" if len(once) > QUOTED else ""
    return f"To be cleared up first: {', '.join(once[:QUOTED])}{more}."


def next_action(p: dict, label_of: Callable[[str], str]) -> str:
    """The study that comes first, else the steps, else the question that decides."""
    finding = p["finding"]["label"] if p["finding"] else "the problem"
    place = f" of the {p['region']['label']}" if p["region"] else ""
    steps = ", ".join(step["label"] for step in p["nextSteps"])
    best = next((r for r in p["recommendations"] if not r["setAside"]), None)
    if best:
        study = f"{rated(best)} for {finding}{place}."
        return study + (f" In the meantime: {steps}." if steps else "")
    if steps:
        return f"{capital(finding)}{place}: {steps}."
    if p["outcome"] == "recommendation":
        return of_scenario(p, f"{finding}{place}", label_of)
    asked = [q["text"] for q in p["questions"]][:1] if p["outcome"] != "no-criteria" else []
    alike = next((r for r in p["agreed"] if not r["setAside"] and r["category"] == BEST), None)
    agreed = f"{rated(alike)} for {finding}{place}{whichever(alike)}." if alike else ""
    return " ".join([agreed or OUTCOME[p["outcome"]], *(f"Ask: {text}" for text in asked)])


def of_scenario(p: dict, problem: str, label_of: Callable[[str], str]) -> str:
    """The sentences about a scenario whose ratings are not loaded: where they can be read, and what
    other sources say.
    """
    applying = next(s["label"] for s in p["scenarios"] if s["status"] == "applies")
    speaking = [f"{s['label']}: {quoted(s)}." for s in p["otherSources"] if s["statements"]]
    scenario = f"For {problem} this scenario applies: {applying}; its ratings are not loaded."
    where = not_loaded(p, label_of)
    return " ".join([scenario, *speaking[:1], *([f"{where}."] if where else [])])


def rated(row: dict) -> str:
    """A study and its category, in words."""
    study = row["procedure"]["label"].replace(NOWHERE, "")
    return f"{capital(study)} is {CATEGORY[row['category']][0]}"


def whichever(row: dict) -> str:
    """The words that a study is agreed on whichever scenario applies, and what that assumes."""
    assumed = "; ".join(u["assumed"] for u in row["unless"])
    return ", whichever scenario applies" + (f" (assumed: {assumed})" if assumed else "")
