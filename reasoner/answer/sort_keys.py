"""The rows of an answer in their defined order, whatever part of it they were found with."""

from reasoner.answer.recommendations import number
from reasoner.graph.knowledge import Knowledge
from reasoner.names import expand


def by_severity(alert: dict) -> tuple:
    """The order of alerts: warnings first, then by pitfall and order."""
    return alert["severity"] != "warning", alert["pitfall"], alert["order"] or ""


def by_about(note: dict) -> tuple:
    """The order of remarks: by what they are about."""
    return note["about"], note["message"]


def by_place(row: dict) -> tuple:
    """The order of rows of what could not be read."""
    return row["resource"], row["place"], row["kind"], row["quote"]


def merged(knowledge: Knowledge, questions: list[dict], more: list[dict]) -> list[dict]:
    """Questions of two kinds as one list, each question once, in the order in which to ask them."""
    found = {q["id"]: q for q in questions}
    for q in more:
        known = found.get(q["id"], q)
        joined = {key: sorted({*q[key], *known[key]}) for key in ("decides", "because")}
        found[q["id"]] = {**q, **joined}
    return sorted(
        found.values(),
        key=lambda q: (number(knowledge, expand(q["id"]), "askOrder", 99), expand(q["id"])),
    )
