"""Reads the imaging studies done: the procedure of each DiagnosticReport, ImagingStudy, Procedure,
Observation or document, and why it cannot be named where it cannot.
"""

from dataclasses import dataclass, field

from reasoner.intake.bundle import Resource, as_list
from reasoner.intake.dates import first_moment
from reasoner.intake.elements import VOID, Reader, affirms, objects, parts, status
from reasoner.intake.imaging import (
    Imaging,
    body_sites,
    by_modality,
    imaging,
    may_be_imaging,
    service_of,
)
from reasoner.intake.results import Result, read_result
from reasoner.intake.unread import understood
from reasoner.names import ia

REPORTED = {"final", "amended", "corrected", "appended"}
PICTURED = {"available", "completed"}
WHEN: dict[str, tuple[str, ...]] = {
    "DiagnosticReport": ("effectiveDateTime", "effectivePeriod", "issued"),
    "ImagingStudy": ("started",),
    "Procedure": ("performedDateTime", "performedPeriod"),
    "Observation": ("effectiveDateTime", "effectivePeriod", "effectiveInstant", "issued"),
}
CODE = {
    "DiagnosticReport": "code",
    "ImagingStudy": "procedureCode",
    "Procedure": "code",
    "Observation": "code",
}


@dataclass
class Study:
    """A study while it is being read.

    `imaging` is None when the procedure could not be named, `why` then says what is missing.
    """

    resource: Resource
    imaging: Imaging | None
    moment: str
    links: set[str]
    reported: bool
    result: Result = field(default_factory=Result)
    regions: list[str] = field(default_factory=list)
    side: str | None = None
    why: str = ""
    owners: list = field(default_factory=list)  # the problems that it belongs to

    @property
    def day(self) -> str:
        """The day of the study, as precise as it is recorded."""
        return self.moment[:10]


def read_studies(reader: Reader) -> list[Study]:
    """The studies of the record, reported or not, those that cannot be named among them.

    Pictures are left to the report that names them, unless that could not be used: it is then
    known all the same that the study was done.
    """
    studies = [s for r in reader.envelope.of("DiagnosticReport") if (s := report(reader, r))]
    pictured = {
        reader.envelope.resolve(r, s.resource)
        for s in studies
        if s.imaging
        for r in as_list(s.resource.json.get("imagingStudy"))
    }
    reported = {o.key for s in studies for o in s.result.observations}
    for resource in reader.envelope.of("ImagingStudy", "Procedure"):
        if resource.key in pictured:
            reader.record.note(
                "info",
                resource.key,
                f"{resource.path} holds the pictures of a report, which was read.",
            )
        elif study := pictures(reader, resource):
            studies.append(study)
    for resource in reader.envelope.of("Observation"):
        if resource.key not in reported and (study := observed(reader, resource)):
            studies.append(study)
    return studies + documents(reader, studies)


def documents(reader: Reader, studies: list[Study]) -> list[Study]:
    """Documents and media that are imaging by type, and of no report that is read: not read."""
    unread: list[Study] = []
    reports = {s.resource.key for s in studies}
    dated = {(s.day, *s.regions) for s in studies if s.day}
    for resource in reader.envelope.of("DocumentReference", "Media", "Composition"):
        json = resource.json
        if status(resource, "status") in VOID or reader.is_foreign(resource):
            continue
        given = {
            "code": json.get("type"),
            "category": json.get("category"),
            "modality": json.get("modality"),
        }
        mappings = [
            m for concept in given.values() for m in reader.concepts.meaning(concept).mappings
        ]
        named_ = imaging(reader, json.get("type"), f"{resource.path}.type", resource.key)
        is_modality = any(reader.is_a(m.subject, "Modality") for m in mappings)
        if not named_ and not is_modality and not service_of(reader, given):
            continue
        targets = {
            reader.envelope.resolve(node, resource)
            for _, node in objects(json)
            if "reference" in node
        }
        regions, side = (named_.regions, named_.side) if named_ else body_sites(reader, resource)
        alike = (first_moment(json, "date", "createdDateTime", "created")[:10], *regions) in dated
        if not targets & reports and not alike:
            unread.append(
                Study(
                    resource,
                    None,
                    first_moment(json, "date", "createdDateTime", "createdPeriod"),
                    set(),
                    False,
                    regions=regions,
                    side=side,
                    why="documents are not read",
                )
            )
    return unread


def report(reader: Reader, resource: Resource) -> Study | None:
    """The study of a DiagnosticReport; None for what is no imaging, or of no weight."""
    state, path = status(resource, "status"), resource.path
    if state in VOID:
        mappings = reader.concepts.meaning(resource.json.get("conclusionCode")).mappings
        worrying = state == "cancelled" and any(map(reader.is_suspicious, mappings))
        reader.record.note(
            "warning" if worrying else "info",
            resource.key,
            f"{path}.status is {state}; it counts for nothing"
            f"{', though its coded result is suspicious' if worrying else ''}.",
        )
        return None
    if not reader.subject_is_patient(resource):
        return None
    procedure = imaging(reader, resource.json.get("code"), f"{path}.code", resource.key)
    procedure = procedure or by_modality(reader, resource)
    if not procedure and not may_be_imaging(reader, resource):
        reader.record.note(
            "info",
            resource.key,
            f"{path}.code names no imaging procedure that is known; the report was not used.",
        )
        return None
    study = study_of(reader, resource, procedure, reported=True)
    if not understood(reader, resource):
        study.imaging, study.why = None, "it has a modifier that is not understood"
    read_result(reader, resource, study.result, modality(reader, study), study.regions)
    if state not in REPORTED:
        study.imaging = None
        study.why = f"its status is {state or 'missing'}, and only a final report counts"
    elif not procedure:
        study.why = "its code names no imaging procedure that is known"
    return study


def pictures(reader: Reader, resource: Resource) -> Study | None:
    """The study of pictures, or of a Procedure, that nobody reported."""
    path, name, state = resource.path, CODE[resource.type], status(resource, "status")
    if resource.key in reader.used:
        return None
    if state in VOID or state == "not-done":
        reader.record.note(
            "info", resource.key, f"{path}.status is {state}; it counts for nothing."
        )
        return None
    if not reader.subject_is_patient(resource):
        return None
    procedure = imaging(reader, resource.json.get(name), f"{path}.{name}", resource.key)
    procedure = procedure or by_modality(reader, resource)
    if not procedure and resource.type == "Procedure" and not may_be_imaging(reader, resource):
        reader.record.note(
            "info",
            resource.key,
            f"{path} names no imaging procedure that is known; it was not used.",
        )
        return None
    study = study_of(reader, resource, procedure, reported=False)
    study.result.classes = [ia("UncodedResult")]
    if state not in PICTURED:
        if resource.type == "Procedure":
            reader.record.note(
                "info",
                resource.key,
                f"{path}.status is {state or 'missing'}; only a completed study counts.",
            )
            return None
        study.imaging, study.why = None, f"its status is {state or 'missing'}"
    elif not understood(reader, resource):
        study.imaging, study.why = None, "it has a modifier that is not understood"
    elif not procedure:
        study.why = "it names no imaging procedure that is known"
    return study


def observed(reader: Reader, resource: Resource) -> Study | None:
    """The study that an Observation outside of any report names by its code."""
    codes = reader.concepts.meaning(resource.json.get("code")).mappings
    facts = [m.subject for m in codes if m.intake == "fact"]
    if not any(reader.is_a(term, "Procedure") for term in facts):
        done = any(reader.is_a(term, "Modality") for term in facts)
        return mentioned(reader, resource) if done else None
    if status(resource, "status") in VOID or not reader.subject_is_patient(resource):
        return None
    procedure = imaging(reader, resource.json.get("code"), f"{resource.path}.code", resource.key)
    study = study_of(reader, resource, procedure, reported=True)
    read_result(reader, resource, study.result, modality(reader, study), study.regions)
    reader.used.add(resource.key)
    if status(resource, "status") not in REPORTED:
        study.imaging, study.why = None, "only a final result counts"
    return study


def mentioned(reader: Reader, resource: Resource) -> Study | None:
    """The study that an Observation says was done, and not what it showed; None if it was not."""
    values = reader.concepts.meaning(resource.json.get("valueCodeableConcept")).mappings
    part = next(parts(resource))
    if status(resource, "status") in VOID or affirms(reader, part, values) is False:
        return None
    if not reader.subject_is_patient(resource):
        return None
    study = study_of(reader, resource, by_modality(reader, resource), reported=False)
    study.result.classes = [ia("UncodedResult")]
    reader.used.add(resource.key)
    return study


def study_of(
    reader: Reader, resource: Resource, procedure: Imaging | None, reported: bool
) -> Study:
    """A study with its regions: those of its code, else those of its body sites."""
    study = Study(
        resource,
        procedure,
        first_moment(resource.json, *WHEN[resource.type]),
        links(reader, resource),
        reported,
    )
    if procedure and procedure.regions:
        study.regions, study.side = procedure.regions, procedure.side
    else:
        study.regions, study.side = body_sites(reader, resource)
        study.side = study.side or (procedure.side if procedure else None)
    return study


def modality(reader: Reader, study: Study) -> str:
    """The modality of a study; empty when it is not known."""
    if study.imaging is None:
        return ""
    return reader.knowledge.facts.value(study.imaging.generic, ia("hasModality"), "")


def links(reader: Reader, resource: Resource) -> set[str]:
    """The Conditions that a resource, or the order it is based on, names as its reason."""
    envelope, conditions = reader.envelope, set()
    based = {envelope.resolve(r, resource) for r in as_list(resource.json.get("basedOn"))}
    orders = [o for key in based if (o := envelope.held(key, "ServiceRequest"))]
    for holder in [resource, *orders]:
        json = holder.json
        targets = as_list(json.get("reasonReference"))
        targets += [
            e.get("valueReference") for e in as_list(json.get("extension")) if isinstance(e, dict)
        ]
        targets += [
            r.get("reference")
            for r in as_list(json.get("reason"))
            if isinstance(r, dict) and isinstance(r.get("reference"), dict)
        ]
        conditions |= {
            t
            for t in (envelope.resolve(r, holder) for r in targets)
            if t and (t.startswith("Condition/") or envelope.held(t, "Condition"))
        }
    return conditions
