"""The warnings of an answer that a card shows: not those about other presentations alone."""

from collections.abc import Iterable, Iterator

REASON = "ia:UnreadReason"  # about the order itself, and no hazard


class Warned:
    """The warnings of an answer, indexed once for all of its cards.

    `drafts` are the names of the orders that cards may be about.
    """

    def __init__(self, answer: dict, drafts: Iterable[str]):
        shown = answer["presentations"]
        self._notes = [
            (n["about"], n["message"]) for n in answer["notes"] if n["severity"] == "warning"
        ]
        about = {name for name, _ in self._notes}
        self._named = {id(p): about.intersection(named(p)) for p in shown}
        self._all = {name for names in self._named.values() for name in names}
        self._orders = {o["id"] for p in shown for o in p["orders"]}.union(drafts)
        self._memo: dict[tuple[int, bool], list[str]] = {}

    def about(self, p: dict | None, of_order: bool = False) -> list[str]:
        """The warnings about the patient, and about a presentation or one of its orders, each once.

        What is about the evidence of another presentation alone is left out, and so is, for an
        order, what is about orders: their own cards show it, with why they are not rated.
        """
        key = id(p), of_order
        if key not in self._memo:
            others = self._all - self._named[id(p)] if p else set(self._all)
            unread = p["unread"] if p else ()
            hazards = {row["resource"] for row in unread if row["kind"] != REASON}
            left_out = (others | (self._orders if of_order else set())) - hazards
            self._memo[key] = list(
                dict.fromkeys(message for about, message in self._notes if about not in left_out)
            )
        return self._memo[key]


def named(value) -> Iterator[str]:
    """Every text in JSON data; among those of a presentation are the resources that it names."""
    todo = [value]
    while todo:
        item = todo.pop()
        if isinstance(item, str):
            yield item
        elif isinstance(item, dict):
            todo += item.values()
        elif isinstance(item, list):
            todo += item
