"""The parts of an answer that are the same however it was found: headline, what is unread, and
the answer to a record made of the answers to its presentations.
"""

from copy import deepcopy

from reasoner.answer.headline import headline
from reasoner.answer.order_decisions import decisions
from reasoner.graph.knowledge import Knowledge
from reasoner.intake import Record
from reasoner.intake.record import Unread
from reasoner.names import curie


def with_unread(
    knowledge: Knowledge, record: Record, iri: str, blocks: dict[str, set[str]], answer: dict
) -> dict:
    """The answer to a presentation with what could not be read and bears on it."""
    rows = [unread_row(item, sorted(blocks.get(item.about, ()))) for item in record.unread_of(iri)]
    also = record.also.get(iri, [])
    whole = {**answer, "unread": sorted(rows, key=by_place), "alsoRecordedAs": sorted(also)}
    return {"id": whole["id"], "headline": headline(whole, knowledge.label), **whole}


def unread_row(item: Unread, blocks: list[str]) -> dict:
    """What could not be read: resource, place within it, quote, kind, and what it blocks."""
    return {
        "resource": item.about,
        "place": item.place,
        "quote": item.quote,
        "kind": curie(item.kind),
        "blocks": blocks,
    }


def whole(
    knowledge: Knowledge, record: Record, presentations: list[dict], remarks: list[dict]
) -> dict:
    """The answer to a record; a remark that two presentations share is said once."""
    notes = [{"severity": n.severity, "about": n.about, "message": n.message} for n in record.notes]
    notes += sorted(remarks, key=by_about)
    unread = {by_place(row): row for item in record.unread for row in [unread_row(item, [])]}
    once = list({(n["severity"], n["about"], n["message"]): n for n in notes}.values())
    return {
        "patient": record.patient,
        "knowledge": deepcopy(knowledge.versions),
        "presentations": presentations,
        "orders": decisions(knowledge, presentations, record.orders, once),
        "notes": once,
        "unread": [unread[key] for key in sorted(unread)],
    }


def by_severity(alert: dict) -> tuple:
    """The order of alerts: warnings first, then by pitfall and order."""
    return alert["severity"] != "warning", alert["pitfall"], alert["order"] or ""


def by_about(note: dict) -> tuple:
    """The order of remarks: by what they are about."""
    return note["about"], note["message"]


def by_place(row: dict) -> tuple:
    """The order of rows of what could not be read."""
    return row["resource"], row["place"], row["kind"], row["quote"]
