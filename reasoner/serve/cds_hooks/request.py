"""The typed form of a CDS Hooks request, as `request_reader` gives it."""

import uuid
from dataclasses import dataclass, field

from reasoner.intake.bundle import as_list
from reasoner.names import BASE

CONSULT = uuid.uuid5(uuid.NAMESPACE_URL, BASE + "consult/")


@dataclass(frozen=True)
class Draft:
    """A draft order: its name in the answer, the resource as it was sent, and its place in the
    request.
    """

    name: str
    sent: dict
    place: str


@dataclass
class HookRequest:
    """A request with its draft orders.

    `document` is what the reasoner reads, `notes` are deviations from the specification, `selected`
    are the drafts to judge (the others are context), `unsent` are prefetch keys that were not sent.
    """

    instance: str
    document: dict
    drafts: list[Draft] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    selected: list[Draft] = field(default_factory=list)
    unsent: list[str] = field(default_factory=list)

    @property
    def consult(self) -> str:
        """The id of the consultation: the same for the same hook instance."""
        return str(uuid.uuid5(CONSULT, self.instance))

    def named(self, *parts: str) -> str:
        """A UUID for a card or suggestion of this request."""
        return str(uuid.uuid5(CONSULT, "|".join((self.instance, *parts))))


def has_id(order: dict) -> bool:
    """Whether an order has an id, by which it can be updated."""
    return isinstance(order.get("id"), str) and bool(order["id"])


def entries_of(request: HookRequest, given, place: str) -> list:
    """The entries of what should be a Bundle."""
    if isinstance(given, list):
        request.notes.append(f"{place} is a list, not a Bundle; its items were read.")
        return [{"resource": item} for item in given]
    if not isinstance(given, dict):
        request.notes.append(f"{place} is {'missing' if given is None else 'no Bundle'}.")
        return []
    if "entry" not in given and given.get("resourceType", "Bundle") != "Bundle":
        request.notes.append(f"{place} is a single resource, not a Bundle; it was read.")
        return [{"resource": given}]
    if not isinstance(given.get("type"), str):
        request.notes.append(f"{place} is a Bundle without type; its entries were read.")
    return as_list(given.get("entry"))
