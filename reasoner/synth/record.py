"""Builds the record of one person: resources with ids unique in the population, and truth."""

from datetime import date
from functools import cache
from random import Random

from reasoner.synth import defects
from reasoner.synth.codings import structural
from reasoner.synth.truth import Row

SERVER = "http://example.org/fhir/"
ACTIVE = {
    "clinicalStatus": structural("condition-clinical", "active"),
    "verificationStatus": structural("condition-ver-status", "confirmed"),
}
MINUTES = [f"T{hour:02d}:{minute:02d}:00Z" for hour in range(7, 19) for minute in range(60)]
WHOSE = {"Device": "patient", "AllergyIntolerance": "patient", "Immunization": "patient"}
# The first and the last day on which a history can begin.
FIRST, LAST = date(2022, 1, 1).toordinal(), date(2025, 9, 30).toordinal()


@cache
def iso(day: int) -> str:
    """The date of a day that is given by its ordinal."""
    return date.fromordinal(day).isoformat()


class RecordBuilder:
    """Collects the resources of one person, in the order added, and the truth about them."""

    def __init__(self, number: int, rng: Random, years: int):
        self.number, self.rng = number, rng
        self.patient = f"synth-{number:06d}"
        self.key = f"Patient/{self.patient}"
        self.subject = {
            "reference": (SERVER if rng.random() < defects.SUBJECT_AS_URL else "") + self.key
        }
        self.stranger = {"reference": f"Patient/stranger-{number:06d}"}  # nobody of the population
        self.begin = FIRST + int(rng.random() * (LAST - FIRST))
        self.born = self.begin - years * 365 - self.within(0, 364)
        self.resources: list[dict] = []
        self.rows: list[Row] = []
        self.unread: list[str] = []  # Conditions that say what is wrong in a form that is not read

    def add(self, kind: str, name: str, /, stranger: bool = False, **elements) -> str:
        """Adds a resource about the person, or about somebody else, and returns a reference to it.

        Elements that are None are left out.
        """
        resource = {
            "resourceType": kind,
            "id": f"{self.patient}-{name}",
            WHOSE.get(kind, "subject"): self.stranger if stranger else self.subject,
            **elements,
        }
        if None in elements.values():
            resource = {element: value for element, value in resource.items() if value is not None}
        self.resources.append(resource)
        return f"{kind}/{self.patient}-{name}"

    def within(self, first: int, last: int) -> int:
        """A random number between two, both included."""
        return first + int(self.rng.random() * (last - first + 1))

    def day(self, first: int, last: int) -> int:
        """A random day between two numbers of days after the history begins, not before birth."""
        return max(self.born, self.begin + self.within(first, last))

    def moment(self, day: int) -> str:
        """A random time on a day, to the minute."""
        return iso(day) + MINUTES[int(self.rng.random() * len(MINUTES))]

    def add_truth(self, archetype: str, **columns) -> None:
        """Adds a row of truth."""
        self.rows.append(Row(self.patient, archetype, **columns))


def refer(*keys: str) -> list[dict]:
    """References to resources."""
    return [{"reference": key} for key in keys]
