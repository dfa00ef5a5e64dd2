"""Reads what a presentation states besides its findings: signs, mechanisms, past events, course and
purpose, present or denied, by the property that the graph gives for each class.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from reasoner.graph.terminology import Mapping
from reasoner.intake.annotations import (
    denied_by,
    inherited,
    joins_a_problem,
    properties,
    stated_by,
)
from reasoner.intake.bundle import Resource, as_list
from reasoner.intake.dates import first_moment
from reasoner.intake.elements import Reader, status
from reasoner.intake.imaging import body_sites
from reasoner.intake.record import node
from reasoner.intake.unread import understood
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
    "issued",
)
TAKEN = {"active", "completed", "stopped", "on-hold"}  # drugs that are or were taken
OPEN_ORDERS = {"draft", "active"}
UNDER_WAY = {"planned", "arrived", "triaged", "in-progress", "onleave"}  # encounters
UNSURE = {"entered-in-error", "provisional", "differential", "unconfirmed"}
LINKS = ("focus", "reasonReference")  # elements that name the problem that a resource is about


@dataclass
class Fact:
    """A class or a term that a resource states, or denies, of a problem.

    `part` names the fact within the resource; `links` are the keys of the resources that it is
    about, `encounter` that of its encounter, `moment` its date, as precise as recorded;
    `unplaced` says that the resource names a site that could not be read.
    """

    term: str
    resource: Resource
    path: str
    denied: bool = False
    part: str = ""
    regions: list[str] = field(default_factory=list)
    sides: list[str] = field(default_factory=list)
    links: set[str] = field(default_factory=set)
    encounter: str = ""
    moment: str = ""
    unplaced: bool = False


def fact_of(reader: Reader, resource: Resource, m: Mapping, path: str, part: str = "") -> Fact:
    """The fact that a code of a resource states, at the sites that resource or code name."""
    regions, side = body_sites(reader, resource)
    sides = [side] if side else [m.side] if m.side else []
    return Fact(
        m.subject,
        resource,
        path,
        part=part,
        regions=regions or ([m.site] if m.site else []),
        sides=sides,
        links=links_of(reader, resource),
        encounter=encounter_of(reader, resource),
        moment=first_moment(resource.json, *WHEN),
        unplaced=bool(resource.json.get("bodySite")) and not regions,
    )


def links_of(reader: Reader, resource: Resource) -> set[str]:
    """The keys of the resources that a resource says it is about."""
    given = [r for name in LINKS for r in as_list(resource.json.get(name))]
    return {target for r in given if (target := reader.envelope.resolve(r, resource))}


def encounter_of(reader: Reader, resource: Resource) -> str:
    """The key of the encounter of a resource; empty when it names none."""
    return reader.envelope.resolve(resource.json.get("encounter"), resource) or ""


def stating(reader: Reader, mappings: Sequence[Mapping]) -> list[Mapping]:
    """The codes that state something besides a finding, or that a disease is asked about."""
    return [
        m
        for m in mappings
        if m.intake == "fact"
        and (joins_a_problem(reader.knowledge, m.subject) or denied_by(reader.knowledge, m.subject))
    ]


def may_deny(reader: Reader, resource: Resource, path: str) -> bool:
    """Whether a resource may deny: it is final and says that it is about the patient.

    What it denies is unknown otherwise, and a note says so.
    """
    if reader.may_clear(resource):
        return True
    reader.record.note(
        "warning",
        resource.key,
        f"{path} denies something, and is not final or does not say that it is about the patient; "
        "it was not used.",
    )
    return False


def facts_of_condition(
    reader: Reader, resource: Resource, codes: Sequence[Mapping], holds: bool
) -> list[Fact]:
    """The facts that the codes of a Condition state or deny; `holds` says whether it counts now.

    A refuted one denies, one that has ended states past events only: its own, or those that its
    class stands for when it is past.
    """
    verification = status(resource, "verificationStatus")
    rows: list[Fact] = []
    for m in codes if verification not in UNSURE else ():
        denied = (
            verification == "refuted"
            and denied_by(reader.knowledge, m.subject) is not None
            and m.denies
        )
        ended = not holds and verification != "refuted"
        past = past_event(reader, m.subject) if ended else None
        present = holds and is_beside(reader, m.subject)
        if m.intake != "fact" or not (denied or past or present):
            continue
        if denied and not may_deny(reader, resource, f"{resource.path}.code"):
            continue
        name = f"{'past' if past else 'fact'}-{len(rows)}"
        fact = fact_of(reader, resource, m, f"{resource.path}.code", name)
        fact.term, fact.denied = past or m.subject, denied
        rows.append(fact)
    if rows and not reader.is_foreign(resource) and reader.subject_is_patient(resource):
        return rows if understood(reader, resource) else []
    return []


def is_beside(reader: Reader, term: str) -> bool:
    """Whether a class is stated beside a finding and cannot be a problem by itself."""
    return joins_a_problem(reader.knowledge, term) and not reader.is_a(term, "ClinicalFinding")


def past_event(reader: Reader, term: str) -> str | None:
    """The past event that a class stands for once it is over: itself, if it is one."""
    if reader.is_a(term, "PastEvent"):
        return term
    return inherited(reader.knowledge, term, "whenPast")


def facts_of_procedure(reader: Reader, resource: Resource) -> list[Fact]:
    """The past events that a Procedure, which was carried out, is one of."""
    return facts_of_code(reader, resource, "code")


def planned_facts(reader: Reader, resource: Resource) -> list[Fact]:
    """The purposes that imaging has while a Procedure is being prepared."""
    rows: list = []
    for m in reader.concepts.meaning(resource.json.get("code")).mappings:
        purpose = inherited(reader.knowledge, m.subject, "whenPlanned")
        if purpose and m.intake == "fact":
            fact = fact_of(reader, resource, m, f"{resource.path}.code", f"fact-{len(rows)}")
            fact.term = purpose
            rows.append(fact)
    return rows


def facts_of_code(reader: Reader, resource: Resource, name: str) -> list[Fact]:
    """What the codes of an element of a resource state beside a finding."""
    codes = reader.concepts.meaning(resource.json.get(name)).mappings
    return [
        fact_of(reader, resource, m, f"{resource.path}.{name}", f"fact-{n}")
        for n, m in enumerate(stating(reader, codes))
        if joins_a_problem(reader.knowledge, m.subject)
    ]


def facts_of_others(reader: Reader) -> list[Fact]:
    """What devices in place and drugs that are or were taken state of the past of a problem."""
    if not reader.envelope.of("Device", "MedicationStatement"):
        return []
    in_place = {o for _, p, o in reader.record.statements if p == ia("hasDevice")}
    rows: list[Fact] = []
    for resource in reader.envelope.of("Device", "MedicationStatement"):
        if resource.type == "Device" and node(resource.key) in in_place:
            rows += facts_of_code(reader, resource, "type")
        elif resource.type == "Device" or reader.is_foreign(resource):
            continue
        elif status(resource, "status") in TAKEN and understood(reader, resource):
            rows += facts_of_code(reader, resource, "medicationCodeableConcept")
    return rows


def facts_of_encounters(reader: Reader) -> list[Fact]:
    """The purposes that encounters of today state: those under way, and those of open orders."""
    if not reader.envelope.of("Encounter"):
        return []
    ordered = {
        encounter_of(reader, order)
        for order in reader.envelope.of("ServiceRequest")
        if status(order, "status") in OPEN_ORDERS
    }
    terms = properties(reader.knowledge, "takesTerm")
    rows = [
        fact
        for resource in reader.envelope.of("Encounter")
        if (resource.key in ordered or status(resource, "status") in UNDER_WAY)
        and not reader.is_foreign(resource)
        for name in ("reasonCode", "type", "serviceType")
        for fact in facts_of_code(reader, resource, name)
        if stated_by(reader.knowledge, fact.term) in terms
    ]
    for fact in rows:
        fact.encounter = fact.resource.key
        reader.record.read_besides.add("Encounter")
    return rows
