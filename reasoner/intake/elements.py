"""The elements of a FHIR resource, read defensively: codings, quantities, dates and statuses."""

import re
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import lru_cache

from reasoner.codes import Mapping
from reasoner.intake.bundle import Envelope, Resource
from reasoner.intake.record import Record
from reasoner.intake.regions import Regions
from reasoner.knowledge import Knowledge
from reasoner.names import IA, ia

VOID = ("entered-in-error", "cancelled", "registered", "preliminary")  # an Observation of such a status counts for nothing
LONGEST = 64  # characters of a date
DATE = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2})(?:T.*)?)?)?")


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

    def is_a(self, term: str, cls: str) -> bool:
        """Whether a class or static individual of the ontology is below a class."""
        return self.knowledge.is_a(term, ia(cls))

    def mappings(self, concept, path: str, about: str) -> list[Mapping]:
        """What a CodeableConcept, or a list of them, states, in order; a code that is not known becomes a note."""
        found: list[Mapping] = []
        for i, item in enumerate(as_list(concept)):
            place = f"{path}[{i}]" if isinstance(concept, list) else path
            if not isinstance(item, dict):
                self.record.note("warning", about, f"{place} is no CodeableConcept; it was not used.")
                continue
            here: list[Mapping] = []
            unknown = []
            for coding in as_list(item.get("coding")):
                system, code = (coding.get("system"), coding.get("code")) if isinstance(coding, dict) else (None, None)
                if isinstance(system, str) and isinstance(code, str) and code:
                    hits = self.find(system, code)
                    here += hits
                    unknown += [] if hits else [f"{code} of {system}"]
            if not here and unknown:
                self.record.note("info", about, f"{place}: the code {', '.join(unknown)} is not in the tables; it was not used.")
            elif not here and (item.get("text") or item.get("coding")):
                self.record.note("info", about, f"{place} has no code that can be read; text is not interpreted.")
            found += [m for m in here if m not in found]
        return found

    def find(self, system: str, code: str) -> list[Mapping]:
        """The mappings of a code; a code of the project's own system names its term directly."""
        if system == IA:
            known = self.knowledge.facts.value(IA + code, "http://www.w3.org/2000/01/rdf-schema#label")
            return [Mapping(IA + code, "exactMatch", "IA", code, known, "", "", "fact")] if known else []
        return self.knowledge.codes.find(system, code)

    def subject_is_patient(self, resource: Resource) -> bool:
        """Whether a resource is about the patient; one about somebody else becomes a note."""
        for name in ("subject", "patient"):
            given = resource.json.get(name)
            if given is None:
                continue
            target = self.envelope.resolve(given)
            if target and target != self.envelope.patient and ("/" in target or ":" in target):
                self.record.note("warning", resource.key, f"{resource.path}.{name} names {target}, not {self.envelope.patient}; it was not used.")
                return False
            if target != self.envelope.patient:
                self.record.note("warning", resource.key, f"{resource.path}.{name} is no reference that can be followed; it was taken to be {self.envelope.patient}.")
        return True


def as_list(value) -> list:
    """A list as it is, nothing for None, anything else as the only item: FHIR in the wild mixes them up."""
    return value if isinstance(value, list) else [] if value is None else [value]


def status(resource: Resource, name: str) -> str:
    """The code of a status element, whether plain or a CodeableConcept; empty when absent."""
    value = resource.json.get(name)
    if isinstance(value, dict):
        codes = [c.get("code") for c in as_list(value.get("coding")) if isinstance(c, dict)]
        value = next((c for c in codes if isinstance(c, str)), "")
    return value if isinstance(value, str) else ""


def affirms(resource: Resource, values: list[Mapping]) -> bool | None:
    """Whether an Observation affirms what its code names: False when its value denies it, None when its value is not understood."""
    given = resource.json.get("valueBoolean")
    if given is False or any(m.subject == ia("NormalResult") for m in values):
        return False
    silent = not any(name.startswith("value") or name == "dataAbsentReason" for name in resource.json)
    return True if given is True or silent or values else None


def day(value) -> str:
    """The date of a FHIR date, dateTime, instant or Period, as precise as it is (2026, 2026-04 or 2026-04-18); empty when unreadable."""
    if isinstance(value, str):
        return calendar_day(value) if len(value) < LONGEST else ""
    return day(value.get("start")) or day(value.get("end")) if isinstance(value, dict) else ""


@lru_cache(maxsize=65536)
def calendar_day(value: str) -> str:
    """The date of a text; empty when it is none."""
    match = DATE.fullmatch(value)
    found = "-".join(filter(None, match.groups())) if match else ""
    try:
        date.fromisoformat(found + "-01-01"[len(found) - 4:])
    except ValueError:
        return ""
    return found


def first_day(resource: Resource, *names: str) -> str:
    """The first readable date among some elements of a resource."""
    return next((d for d in (day(resource.json.get(name)) for name in names) if d), "")


def first_moment(resource: Resource, *names: str) -> str:
    """The first readable date among some elements of a resource, with its time if it has one."""
    values = [resource.json.get(name) for name in names]
    values = [part for value in values for part in ((value.get("start"), value.get("end")) if isinstance(value, dict) else (value,))]
    return next((value for value in values if day(value)), "")


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
    newest = [moment for moment in among if not any(surely_later(other, moment) for other in among)]
    return [not any(surely_later(other, moment) for other in newest) for moment in moments]


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
