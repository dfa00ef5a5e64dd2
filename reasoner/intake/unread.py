"""What a record holds and could not be read: words that bear on a hazard, and modifiers.

Unread is a third thing between recorded and not recorded. What bears on a hazard withholds the
assumption that nothing is recorded, and asks; it never sets a study aside and never clears.
"""

from reasoner.intake.bundle import Resource
from reasoner.intake.dates import first_moment, months_before, surely_later
from reasoner.intake.elements import Reader, hazard_of, unread_kind
from reasoner.intake.record import Unread
from reasoner.names import ia

WHEN = (
    "effectiveDateTime",
    "effectivePeriod",
    "effectiveInstant",
    "onsetDateTime",
    "onsetPeriod",
    "performedDateTime",
    "performedPeriod",
    "recordedDate",
    "authoredOn",
    "period",
    "created",
    "date",
    "authored",
    "issued",
    "started",
    "occurrenceDateTime",
    "sent",
)
MODIFIED = {
    "Device": "UnreadDevice",
    "DeviceUseStatement": "UnreadDevice",
    "AllergyIntolerance": "UnreadAllergy",
    "Procedure": "UnreadMriHazard",
}
QUOTED = 160  # characters of a quote


def understood(reader: Reader, resource: Resource) -> bool:
    """Whether a resource has no modifier that is not understood; one that has is unread.

    FHIR R4, extensibility: a resource with a modifier extension or implicit rules that are not
    known must not be used.
    """
    found = reader.envelope.not_understood(resource)
    if not found:
        return True
    message = (
        f"{found} may change what {resource.key} means and is not understood; it was not used."
    )
    kind = MODIFIED.get(resource.type) or coded_kind(reader, resource)
    if kind:
        withhold(reader, resource, ia(kind) if ":" not in kind else kind, found, "", message)
    else:
        reader.record.note("warning", resource.key, message)
    return False


def coded_kind(reader: Reader, resource: Resource) -> str | None:
    """The class of unread items that the codes of a resource point at, if they bear on a hazard."""
    said = [
        m
        for name in ("code", "valueCodeableConcept")
        for m in reader.concepts.said(resource.json.get(name)).mappings
    ]
    kinds = sorted(k for m in said if (k := hazard_of(reader.knowledge, m.subject)))
    return unread_kind(reader.knowledge, kinds[0]) if kinds else None


def withhold(
    reader: Reader,
    resource: Resource,
    kind: str,
    place: str,
    quote: str,
    message: str,
    severity: str = "warning",
) -> None:
    """States that something of a kind could not be read, with a warning."""
    within = place.removeprefix(resource.path).removeprefix(".")
    reader.record.withhold(Unread(kind, resource.key, within, quote[:QUOTED]), message, severity)


def past(reader: Reader, resource: Resource, kind: str) -> bool:
    """Whether a hazard of a kind that passes was surely written down longer ago than it lasts."""
    months = reader.knowledge.facts.value(unread_kind(reader.knowledge, kind), ia("passesAfter"))
    moment = first_moment(resource.json, *WHEN)
    if not months or not moment or not reader.newest:
        return False
    return surely_later(months_before(reader.newest, int(float(months))), moment)
