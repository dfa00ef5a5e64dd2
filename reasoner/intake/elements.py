"""The elements of a FHIR resource, read defensively: codings, quantities, dates and statuses."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import lru_cache

from reasoner.codes import Mapping
from reasoner.intake.bundle import Envelope, Resource, as_list
from reasoner.intake.concepts import Said, concepts
from reasoner.intake.record import Record
from reasoner.intake.regions import Regions
from reasoner.knowledge import Knowledge
from reasoner.names import ia

VOID = ("entered-in-error", "cancelled", "registered", "preliminary")  # an Observation of such a status counts for nothing
DAY, LONGEST = 10, 64  # characters of a day, and of a date with its time
DATE = re.compile(r"[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?")


@dataclass
class Reader:
    """Everything that reading a record needs: what is known, the envelope, the record being written, and what is pending."""

    knowledge: Knowledge
    envelope: Envelope
    record: Record
    measurements: list[tuple[str, str, float, float]] = field(default_factory=list)
    gfr: list[Resource] = field(default_factory=list)
    used: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.regions = Regions(self.knowledge)
        self.concepts = concepts(self.knowledge)

    def is_a(self, term: str, cls: str) -> bool:
        """Whether a class or static individual of the ontology is below a class."""
        return self.knowledge.is_a(term, ia(cls))

    def said(self, concept, path: str, about: str) -> Said:
        """What a CodeableConcept, or a list of them, says; a code that is not known becomes a note."""
        found = self.concepts.said(concept)
        for severity, rest in found.unused:
            self.record.note(severity, about, path + rest)
        return found

    def mappings(self, concept, path: str, about: str) -> tuple[Mapping, ...]:
        """What a CodeableConcept, or a list of them, states, in order; a code that is not known becomes a note."""
        return self.said(concept, path, about).mappings

    def subject_is_patient(self, resource: Resource) -> bool:
        """Whether a resource is about the patient; one about somebody else becomes a note."""
        for name in ("subject", "patient"):
            given = resource.json.get(name)
            if given is None or (target := self.envelope.resolve(given, resource)) == self.envelope.patient:
                continue
            if self.envelope.ownership(resource) == "other":
                self.record.note("warning", resource.key, f"{resource.path}.{name} names {target}, not {self.envelope.patient}; it was not used.")
                return False
            unsure = f"{resource.path}.{name} does not tell for sure whose it is"
            self.record.note("warning", resource.key, f"{unsure}; it was taken to be of {self.envelope.patient}.")
        return True


def status(resource: Resource, name: str) -> str:
    """The code of a status element, whether plain or a CodeableConcept; empty when absent."""
    value = resource.json.get(name)
    if isinstance(value, dict):
        codes = [c.get("code") for c in as_list(value.get("coding")) if isinstance(c, dict)]
        value = next((c for c in codes if isinstance(c, str)), "")
    return value if isinstance(value, str) else ""


def affirms(resource: Resource, values: Sequence[Mapping]) -> bool | None:
    """Whether an Observation affirms what its code names: False when its value denies it, None when its value is not understood."""
    given = resource.json.get("valueBoolean")
    if given is False or any(m.subject == ia("NormalResult") for m in values):
        return False
    silent = not any(name.startswith("value") or name == "dataAbsentReason" for name in resource.json)
    return True if given is True or silent or values else None


def day(value) -> str:
    """The date of a FHIR date, dateTime, instant or Period, as precise as it is (2026, 2026-04 or 2026-04-18); empty when unreadable."""
    if isinstance(value, str):
        if len(value) > DAY and (value[DAY] != "T" or len(value) >= LONGEST or "\n" in value):
            return ""
        return calendar_day(value[:DAY])
    return day(value.get("start")) or day(value.get("end")) if isinstance(value, dict) else ""


@lru_cache(maxsize=65536)
def calendar_day(value: str) -> str:
    """A text of up to ten characters when it is a date; empty when it is none."""
    try:
        date.fromisoformat(value + "-01-01"[len(value) - 4:])
    except ValueError:
        return ""
    return value if DATE.fullmatch(value) else ""


def first_day(resource: Resource, *names: str) -> str:
    """The first readable date among some elements of a resource."""
    for name in names:
        if found := day(resource.json.get(name)):
            return found
    return ""


def first_moment(resource: Resource, *names: str) -> str:
    """The first readable date among some elements of a resource, with its time if it has one."""
    for name in names:
        value = resource.json.get(name)
        for part in (value.get("start"), value.get("end")) if isinstance(value, dict) else (value,):
            if isinstance(part, str) and day(part):
                return part
    return ""


def surely_later(one: str, other: str) -> bool:
    """Whether one date, with its time if it has one, is later than another as far as both tell; what is not known is not later."""
    try:
        if "T" in one and "T" in other:
            return datetime.fromisoformat(one) > datetime.fromisoformat(other)
    except (TypeError, ValueError):  # one of them without a zone, or a time that cannot be read
        pass
    n = min(len(one), len(other), 10)
    return bool(n) and one[:n] > other[:n]


def latest(moments: list[str], among: list[str]) -> list[bool]:
    """For each of some moments whether it may be the latest: none of others that none is later than is surely later than it. So dates of unlike zones that are later in a circle lose nothing."""
    newest = [moment for moment in among if not any(other != moment and surely_later(other, moment) for other in among)]
    return [not any(other != moment and surely_later(other, moment) for other in newest) for moment in moments]


def not_before(later: str, earlier: str) -> bool:
    """Whether one date is on or after another, as far as the less precise one tells."""
    n = min(len(later), len(earlier))
    return later[:n] >= earlier[:n]


def whole_years(born: str, today: str) -> int:
    """The age in whole years on a day, negative before birth."""
    return int(today[:4]) - int(born[:4]) - (today[4:] < born[4:])


def number(quantity) -> float | None:
    """The value of a Quantity when it is a finite number; a text such as "25 mL" is none."""
    value = quantity.get("value") if isinstance(quantity, dict) else None
    return float(value) if isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) < 1e15 else None
