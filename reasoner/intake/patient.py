"""Reads the Patient (FHIR): age on the day of asking, death, and the newest date of the record,
which stands for that day when none is given.
"""

from reasoner.errors import InputError
from reasoner.intake.bundle import Resource
from reasoner.intake.dates import day, whole_years
from reasoner.intake.elements import Reader
from reasoner.intake.readers import READ
from reasoner.intake.record import ADULT

DATED = (
    "effectiveDateTime effectivePeriod effectiveInstant issued onsetDateTime onsetPeriod "
    "recordedDate authoredOn performedDateTime performedPeriod started"
).split()
DATES = ("birthDate", *DATED)


def newest_date(reader: Reader) -> str:
    """The newest date of the record but for the birth date, empty when it has none.

    A date of a resource that is read, and that cannot be read itself, becomes a note.
    """
    newest = ""
    for resource in reader.envelope.resources:
        if reader.is_foreign(resource):
            continue
        json, readable, matters = resource.json, True, resource.type in READ
        for name in DATES:
            value = json.get(name)
            if value is None or (not matters and isinstance(value, str) and value <= newest):
                continue
            if date := day(value):
                if date > newest and name != "birthDate":
                    newest = date
            else:
                readable = False
        if matters and not readable:
            question(reader, resource)
    return newest


def question(reader: Reader, resource: Resource) -> None:
    """Notes each date of a resource that cannot be read."""
    for name, value in resource.json.items():
        if name in DATES and value is not None and not day(value):
            reader.record.note(
                "warning",
                resource.key,
                f"{resource.path}.{name} is no date that can be read; it was not used.",
            )


def age(reader: Reader) -> None:
    """Sets the age on the day of asking, or on the newest date of the record; never by the clock.

    It is as precise as the birth date. Raises InputError when the patient is surely not born yet.
    """
    patient, newest = next(iter(reader.envelope.of("Patient")), None), reader.newest
    if not patient:
        return
    born = day(patient.json.get("birthDate"))
    if not born or not newest:
        reader.record.note(
            "info",
            patient.key,
            "The age is not known; radiation levels for adults decide the order of equals.",
        )
        return
    least, greatest = whole_years(born, newest)
    if greatest < 0:
        raise InputError(
            f"{patient.path}.birthDate",
            f"the patient is born on {born}, after {newest}",
            "Correct the birth date, or the date given with --on.",
        )
    reader.record.age = greatest if least == greatest else None
    reader.record.minor = greatest < ADULT
    if (least < ADULT) != (greatest < ADULT):
        reader.record.note(
            "warning",
            patient.key,
            f"{patient.path}.birthDate does not tell whether the patient is a "
            "child; radiation levels for adults decide the order of equals.",
        )


def died(reader: Reader) -> bool:
    """Whether the record says that the patient has died; then nothing is advised."""
    for patient in reader.envelope.of("Patient"):
        for name in ("deceasedBoolean", "deceasedDateTime"):
            if patient.json.get(name):
                reader.record.note(
                    "warning",
                    patient.key,
                    f"{patient.path}.{name} says that the patient has died; nothing is advised.",
                )
                return True
    return False
