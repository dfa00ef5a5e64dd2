"""The rows of an answer in their defined order, whatever part of it they were found with."""

from reasoner.knowledge import Knowledge
from reasoner.names import SKOS, curie, expand
from reasoner.ranking import number


def order_rows(knowledge: Knowledge, orders: list[tuple[str, str | None, str | None]], recommendations: list[dict]) -> list[dict]:
    """Orders, given by name, procedure and orderable form, each with the least favorable category of its procedure."""
    rows = []
    for name, procedure, orderable in orders:
        ordered = orderable or procedure
        categories = [r["category"] for r in recommendations if procedure and r["generic"] == curie(procedure)]
        rows.append({"id": name, "procedure": ordered and {"id": curie(ordered), "label": knowledge.label(ordered)},
                     "category": max(categories, key=lambda c: least_favorable(knowledge, c), default=None)})
    return sorted(rows, key=by_name)


def least_favorable(knowledge: Knowledge, notation: str) -> float:
    """The rank of a category given by its notation."""
    return number(knowledge, next(iter(knowledge.facts.subjects(SKOS + "notation", notation))), "rank", 99)


def by_name(row: dict) -> str:
    """The order of rows by identifier."""
    return row["id"]


def by_severity(alert: dict) -> tuple:
    """The order of alerts: warnings first, then by pitfall and order."""
    return alert["severity"] != "warning", alert["pitfall"], alert["order"] or ""


def merged(knowledge: Knowledge, questions: list[dict], more: list[dict]) -> list[dict]:
    """Questions of two kinds as one list, each question once, in the order in which to ask them."""
    found = {q["id"]: q for q in questions}
    for q in more:
        known = found.get(q["id"], q)
        joined = {key: sorted({*q[key], *known[key]}) for key in ("decides", "because")}
        found[q["id"]] = {**q, **joined}
    return sorted(found.values(), key=lambda q: (number(knowledge, expand(q["id"]), "askOrder", 99), expand(q["id"])))
