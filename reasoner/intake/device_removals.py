"""Devices that a Procedure took out: which ones, when, and what may remain of them."""

from bisect import bisect_left
from collections.abc import Sequence

from reasoner.graph.terminology import Mapping
from reasoner.intake.bundle import Resource, as_list
from reasoner.intake.dates import Newest, first_moment
from reasoner.intake.elements import Reader, status
from reasoner.intake.unread import withhold
from reasoner.names import ia


def removals(reader: Reader) -> list[tuple[Resource, set[str]]]:
    """The completed Procedures that took devices out, each with the classes of these devices."""
    if reader.removals is None:
        reader.removals = find_removals(reader)
    return reader.removals


def find_removals(reader: Reader) -> list[tuple[Resource, set[str]]]:
    """What `removals` remembers."""
    rows = []
    for resource in reader.envelope.of("Procedure"):
        if status(resource, "status") != "completed" or not reader.may_clear(resource):
            continue
        mappings = reader.concepts.meaning(resource.json.get("code")).mappings
        classes = {
            o for m in mappings for o in reader.knowledge.facts.objects(m.subject, ia("removes"))
        }
        if classes:
            rows.append((resource, classes))
    return rows


def removed(reader: Reader) -> set[str]:
    """The Devices that a completed Procedure of taking out surely took out.

    It names that device alone, and the device is of a kind that it takes out.
    """
    devices = set()
    for resource, classes in removals(reader):
        focal = [f for f in as_list(resource.json.get("focalDevice")) if isinstance(f, dict)]
        if len(focal) != 1:
            continue
        target = reader.envelope.resolve(focal[0].get("manipulated"), resource)
        if device := reader.envelope.held(target, "Device"):
            kinds = {m.subject for m in reader.concepts.meaning(device.json.get("type")).mappings}
            above = {c for k in kinds for c in reader.knowledge.definitions.superclasses(k) | {k}}
            devices |= {device.key} if above & classes else set()
    return devices


def taken_out_after(reader: Reader, resource: Resource, cls: str) -> Resource | None:
    """The Procedure that surely took a device of a class out after a resource said it was there."""
    mine = first_moment(
        resource.json,
        "performedDateTime",
        "performedPeriod",
        "onsetDateTime",
        "onsetPeriod",
        "effectiveDateTime",
        "recordedDate",
    )
    if not mine:
        return None
    if reader.removed_by is None:
        reader.removed_by = removals_by_class(reader)
    steps = reader.removed_by.get(cls, [])
    place = bisect_left(steps, True, key=lambda step: step[1].than(mine))
    return steps[place][0] if place < len(steps) else None


def removals_by_class(reader: Reader) -> dict[str, list[tuple[Resource, Newest]]]:
    """The dated removals of devices of each class, each with the newest of the moments up to it."""
    by_class: dict[str, list[tuple[Resource, Newest]]] = {}
    for procedure, classes in removals(reader):
        if when := first_moment(procedure.json, "performedDateTime", "performedPeriod"):
            for cls in classes:
                steps = by_class.setdefault(cls, [])
                steps.append((procedure, Newest([when], steps[-1][1] if steps else None)))
    return by_class


def state_removal(reader: Reader, resource: Resource, codes: Sequence[Mapping]) -> bool:
    """Whether a Procedure took a device out; what may remain of it is asked about."""
    facts = reader.knowledge.facts
    gone = [m for m in codes if facts.objects(m.subject, ia("removes"))]
    if not gone:
        return False
    reader.asserts(resource.key, gone[0].subject)
    if all(
        reader.is_a(o, "PassiveDevice")
        for m in gone
        for o in facts.objects(m.subject, ia("removes"))
    ):
        return True
    label = reader.knowledge.label(gone[0].subject)
    withhold(
        reader,
        resource,
        ia("UnreadMriHazard"),
        f"{resource.path}.code",
        label,
        f"{resource.path} says that a device was taken out ({label}); whether parts of it, "
        "such as leads, remain is not recorded. Confirm before MRI is ordered.",
    )
    return True
