"""The warnings of an answer that a card passes on: those that nothing else owns alone."""

from collections.abc import Iterator

REASON = "ia:UnreadReason"  # what is said of the order itself, and no hazard


def warned(answer: dict, p: dict | None, order: str | None = None) -> list[str]:
    """The warnings about the patient, a presentation and one of its orders, each once.

    What is about the evidence, or about an order, of another presentation alone is left out, and
    so is what only says why the order itself was not read.
    """
    mine = set(named(p)) | {order}
    others = {name for other in answer["presentations"] if other is not p for name in named(other)}
    orders = {o["id"] for other in answer["presentations"] for o in other["orders"]}
    hazards = {row["resource"] for row in p["unread"] if row["kind"] != REASON} if p else set()
    left_out = ((others - mine) | (orders | {order} if order else set())) - hazards
    found = [n["message"] for n in answer["notes"]
             if n["severity"] == "warning" and n["about"] not in left_out]
    return list(dict.fromkeys(found))


def named(value) -> Iterator[str]:
    """Every text in JSON data; among those of a presentation are the resources that it names."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for item in value.values() if isinstance(value, dict) else value:
            yield from named(item)
