"""States what a record may lack because a file of it could not be read.

Unread is never absent: each type of resource that the file may hold takes back the assumptions
that it bears on, as one resource of that type does that could not be read.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from reasoner.intake.record import Record, Unread
from reasoner.names import ia

HAZARDS = ("UnreadMriHazard", "UnreadContrastHazard", "UnreadKidneyHazard", "UnreadPregnancyHazard")
BEARING = {  # on the patient, by type of resource
    "AllergyIntolerance": ("UnreadAllergy",),
    "Device": ("UnreadDevice",),
    "DeviceUseStatement": ("UnreadDevice",),
    "Procedure": ("UnreadMriHazard",),
    "Condition": HAZARDS,
    "Observation": HAZARDS,
}
IMAGING = ("DiagnosticReport", "ImagingStudy")  # which bear on each presentation
QUOTE = "the file could not be read"


@dataclass(frozen=True)
class Missing:
    """A file that could not be read, and the types of resources that it may hold."""

    name: str
    types: tuple[str, ...]


def state_missing(record: Record, files: Iterable[Missing]) -> None:
    """States for each file what of the record it may hold, with a warning."""
    for file in files:
        message = (
            f"{file.name} could not be read: what it says of this patient "
            f"({', '.join(file.types)}) is not known."
        )
        record.note("warning", record.patient, message)
        for kind in file.types:
            for hazard in BEARING.get(kind, ()):
                record.withhold(Unread(ia(hazard), kind, file.name, QUOTE), message)
            for presentation in record.presentations if kind in IMAGING else ():
                item = Unread(ia("UnreadImaging"), kind, file.name, QUOTE, presentation)
                record.withhold(item, message)
