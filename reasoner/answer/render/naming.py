"""Names what an answer refers to: terms by their labels, and resources by what the record states of
them.
"""

from collections import Counter
from collections.abc import Iterable
from functools import cached_property

from reasoner.answer.record_wording import in_words
from reasoner.answer.render.replied import Replied
from reasoner.answer.wording import NOWHERE, capital
from reasoner.graph.index import Index
from reasoner.inference.proof import resource
from reasoner.inference.rules import index
from reasoner.names import CASE, expand, ia

OMITTED = ia("SeverityNotRecorded")  # which tells a reader nothing
UNNAMED = "procedure not known"


def title_of(presentation: dict) -> str:
    """The title of a presentation: its finding and its region."""
    finding, region = presentation["finding"], presentation["region"]
    named = finding["label"] if finding else "presentation without a covered finding"
    return capital(named) + (f" of the {region['label']}" if region else "")


def heading(presentation: dict) -> str:
    """The title of a presentation, and its name in the record."""
    return f"{title_of(presentation)} ({presentation['id']})"


class Names:
    """Says in words what one answer names."""

    def __init__(self, reply: Replied):
        self.knowledge, self.record = reply.knowledge, reply.record
        self._orders: dict[str, dict[str, str]] = {}
        self._words: dict[str, str] = {}

    def term(self, name: str) -> str:
        """The label of a term, given as a CURIE."""
        return self.knowledge.label(expand(name))

    def terms(self, names: Iterable[str]) -> str:
        """The labels of some terms."""
        return ", ".join(map(self.term, names))

    @cached_property
    def stated(self) -> Index:
        """The statements of the record, but for those that tell a reader nothing."""
        return index([row for row in self.record.statements if row[2] != OMITTED])

    @cached_property
    def nodes(self) -> dict[str, list[str]]:
        """The facts of each resource of the record, by its reference."""
        nodes: dict[str, list[str]] = {}
        for node in sorted({s for s, _, _ in self.record.statements}):
            nodes.setdefault(resource(node), []).append(node)
        return nodes

    def parts_of(self, reference: str) -> set[str]:
        """The references of the resources that a resource of the record refers to."""
        objects = (o for node in self.nodes.get(reference, ()) for _, o in self.stated.about(node))
        return {resource(o) for o in objects if o.startswith(CASE)}

    def words(self, reference: str) -> str:
        """A resource of the record in words, with its day; empty where it states nothing."""
        if reference not in self._words:
            words = in_words(self.knowledge, self.stated, self.nodes.get(reference, []))
            day = self.record.days.get(reference) if words else None
            self._words[reference] = f"{words}, {day}" if day else words
        return self._words[reference]

    def cite(self, references: Iterable[str]) -> str:
        """Some resources in words, each with its reference, by which it is found in the record."""
        pairs = [(self.words(r), r) for r in dict.fromkeys(references)]
        return "; ".join(f"{words} ({r})" if words else r for words, r in pairs)

    def because(self, references: Iterable[str]) -> str:
        """The resources that something rests on, as the end of a sentence; empty for none."""
        cited = self.cite(references)
        return f", because of {cited}" if cited else ""

    def study(self, generic: str, presentation: dict) -> str:
        """The label of a generic procedure, as the presentation recommends it in its region."""
        rows = [*presentation["recommendations"], *presentation["agreed"]]
        labels = (r["procedure"]["label"] for r in rows if r["generic"] == generic)
        return next(labels, None) or self.term(generic).replace(NOWHERE, "")

    def orders(self, presentation: dict) -> dict[str, str]:
        """The study of each order of a presentation, by the reference of the order.

        The reference stands behind it where that is needed to tell orders apart.
        """
        known = self._orders.get(presentation["id"])
        if known is None:
            studies = {row["id"]: study_of(row) for row in presentation["orders"]}
            counts = Counter(studies.values())
            known = self._orders[presentation["id"]] = {
                r: f"{name} ({r})" if counts[name] > 1 or name == UNNAMED else name
                for r, name in studies.items()
            }
        return known


def study_of(order: dict) -> str:
    """The study that an order is for."""
    return order["procedure"]["label"].replace(NOWHERE, "") if order["procedure"] else UNNAMED
