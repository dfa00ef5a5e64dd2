"""Observations (FHIR) and their components: what each says of a finding, of its size, or of safety."""

from collections.abc import Sequence

from reasoner.graph.terminology import Mapping
from reasoner.intake import safety
from reasoner.intake.attributes import attribute
from reasoner.intake.bundle import Resource, as_list
from reasoner.intake.elements import VOID, Part, Reader, affirms, number, parts, status
from reasoner.intake.presentations import Problem
from reasoner.intake.record import node
from reasoner.intake.unread import understood
from reasoner.names import RDF_TYPE, ia


def describe_finding(
    reader: Reader,
    problems: list[Problem],
    part: Part,
    codes: Sequence[Mapping],
    values: Sequence[Mapping],
) -> bool:
    """Whether an Observation described the finding of a problem: of its focus, site, or the only."""
    path, resource = part.path, part.resource
    kinds = ("Depth", "SymptomStatus", "ClinicalFinding")
    asked, told = (
        [
            m.subject
            for m in ms
            if m.intake == "fact" and any(reader.is_a(m.subject, cls) for cls in kinds)
        ]
        for ms in (codes, values)
    )
    size = next((m.subject for m in codes if m.subject == ia("MassSize")), None)
    if not asked and not told and not size:
        return False
    targets = (reader.envelope.resolve(r, resource) for r in as_list(resource.json.get("focus")))
    focus = {target for target in targets if target}
    said = reader.mappings(resource.json.get("bodySite"), f"{path}.bodySite", resource.key)
    sites = [m.subject for m in said if reader.is_a(m.subject, "BodyRegion")]
    near = [p for p in problems if set(sites) & set(p.regions)] if sites else problems
    about = [p for p in problems if p.is_named(focus)] if focus else near
    if len(about) != 1:
        reader.record.note(
            "warning",
            resource.key,
            f"{path} cannot be told to be about one "
            "finding; it was not used. Name the Condition in its focus.",
        )
        return True
    affirmed = True if told else affirms(reader, part, values)
    if asked and affirmed is None:
        reader.record.note(
            "warning",
            resource.key,
            f"{path} does not say yes or no in a way that is understood; it was not used.",
        )
        asked = []
    for term in [*asked, *told]:
        if affirmed is False:
            term = {ia("PalpableMass"): ia("ImpalpableMass")}.get(term, "")
        if not term or not attribute(reader, about[0], term, path, resource.key):
            reader.record.note("info", resource.key, f"{path} denies a finding; it was not used.")
        else:
            reader.record.note(
                "info", resource.key, f"{path} was taken to describe {about[0].key}."
            )
    if size:
        measure(reader, part, about[0].finding)
    return True


def measure(reader: Reader, part: Part, holder: str) -> None:
    """States the size of a mass in millimeters, when the record gives it in mm or cm."""
    quantity = part.json.get("valueQuantity")
    value = number(quantity)
    given = quantity if isinstance(quantity, dict) else {}
    unit, comparator = given.get("code") or given.get("unit"), given.get("comparator")
    if value is None or unit not in ("mm", "cm") or comparator:
        reader.record.note(
            "warning",
            part.key,
            f"{part.path}.valueQuantity is no size in mm or cm; it was not used.",
        )
        return
    measured = node(part.key, part.name)
    reader.record.say(holder, ia("hasMeasurement"), measured)
    reader.record.say(measured, RDF_TYPE, ia("Measurement"))
    reader.record.say(measured, ia("ofObservable"), ia("MassSize"))
    size = value * (10 if unit == "cm" else 1)
    reader.measurements.append((measured, ia("MassSize"), size, size))


def observe(reader: Reader, found: list[Problem], resource: Resource, patient: str) -> None:
    """Reads one Observation, and each of its components, for whatever it can say."""
    state = status(resource, "status")
    if state in VOID:
        if state == "entered-in-error":
            reader.foreign.add(resource.key)
        reader.record.note(
            "info", resource.key, f"{resource.path}.status is {state}; it counts for nothing."
        )
        return
    if resource.key in reader.used or not reader.subject_is_patient(resource):
        return
    if not understood(reader, resource):
        return
    for part in parts(resource):
        code = reader.said(part.json.get("code"), f"{part.path}.code", resource.key)
        value = reader.said(
            part.json.get("valueCodeableConcept"), f"{part.path}.valueCodeableConcept", resource.key
        )
        mapped, used = bool(code.mappings or value.mappings), False
        if mapped:
            described = describe_finding(reader, found, part, code.mappings, value.mappings)
            used = (
                safety.observation(reader, part, code.mappings, value.mappings, patient)
                or described
            )
        if not used and (mapped or not (code.unused or value.unused)):
            reader.record.note(
                "info",
                resource.key,
                f"{part.path} bears on nothing that is decided here; it was not used.",
            )
