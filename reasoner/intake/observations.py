"""Reads Observations (FHIR) and their components: attributes of a finding, its size, and safety."""

from collections.abc import Sequence

from reasoner.graph.terminology import Mapping
from reasoner.intake import safety
from reasoner.intake.annotations import inherited, joins_a_problem, same_kind
from reasoner.intake.attributes import attribute
from reasoner.intake.bundle import Resource, as_list
from reasoner.intake.elements import VOID, Part, Reader, affirms, parts, status
from reasoner.intake.facts import fact_of
from reasoner.intake.measures import measure
from reasoner.intake.observables import of_observations
from reasoner.intake.presentations import Problem
from reasoner.intake.unread import understood


def describe_finding(
    reader: Reader,
    problems: list[Problem],
    part: Part,
    codes: Sequence[Mapping],
    values: Sequence[Mapping],
) -> bool:
    """Whether an Observation describes a finding: of its focus, of its site, or the only one."""
    path, resource = part.path, part.resource
    kinds = ("Depth", "SymptomStatus", "ClinicalFinding")
    asked, answered = (
        [
            m.subject
            for m in ms
            if m.intake == "fact"
            and any(reader.is_a(m.subject, cls) for cls in kinds)
            and not joins_a_problem(reader.knowledge, m.subject)
            and path not in reader.stating
        ]
        for ms in (codes, values)
    )
    known = of_observations(reader.knowledge)
    sizes = [o for m in codes if (o := known.get(m.subject)) and o.holder == "finding"]
    if not asked and not answered and not sizes:
        return False
    targets = (reader.envelope.resolve(r, resource) for r in as_list(resource.json.get("focus")))
    focus = {target for target in targets if target}
    body_sites = reader.mappings(resource.json.get("bodySite"), f"{path}.bodySite", resource.key)
    sites = [m.subject for m in body_sites if reader.is_a(m.subject, "BodyRegion")]
    alike = [p for p in problems if all(describes(reader, t, p) for t in (*asked, *answered))]
    near = [p for p in alike if set(sites) & set(p.regions)] if sites else alike
    about = [p for p in alike if p.is_named(focus)] if focus else near
    if len(about) != 1:
        reader.record.note(
            "warning",
            resource.key,
            f"{path} cannot be told to be about one "
            "finding; it was not used. Name the Condition in its focus.",
        )
        return True
    affirmed = True if answered else affirms(reader, part, values)
    if asked and affirmed is None:
        reader.record.note(
            "warning",
            resource.key,
            f"{path} does not say yes or no in a way that is understood; it was not used.",
        )
        asked = []
    for term in [*asked, *answered]:
        if affirmed is False:
            term = inherited(reader.knowledge, term, "whenDenied") or ""
        if not term or not attribute(reader, about[0], term, path, resource.key):
            reader.record.note("info", resource.key, f"{path} denies a finding; it was not used.")
        else:
            reader.record.note(
                "info", resource.key, f"{path} was taken to describe {about[0].key}."
            )
    for observable in sizes:
        measure(reader, observable, part, about[0].finding)
    return True


def describes(reader: Reader, term: str, problem: Problem) -> bool:
    """Whether a term may describe a problem: an attribute may, a finding only one of its kind."""
    if not problem.classes or not reader.is_a(term, "ClinicalFinding"):
        return True
    return any(same_kind(reader.knowledge, term, cls) for cls in problem.classes)


def measure_others(reader: Reader, part: Part, codes: Sequence[Mapping]) -> bool:
    """Whether an Observation measures something of the patient or of a problem; it is noted down,
    to be stated once all problems are known.
    """
    known = of_observations(reader.knowledge)
    found = [(o, m) for m in codes if (o := known.get(m.subject)) and o.holder != "finding"]
    for observable, m in found if part.json.get("valueQuantity") else ():
        fact = fact_of(reader, part.resource, m, part.path, part.name)
        reader.measured.append((observable, part, fact))
    return bool(found)


def observe(reader: Reader, problems: list[Problem], resource: Resource, patient: str) -> None:
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
        code = reader.meaning(part.json.get("code"), f"{part.path}.code", resource.key)
        value = reader.meaning(
            part.json.get("valueCodeableConcept"), f"{part.path}.valueCodeableConcept", resource.key
        )
        mapped, used = bool(code.mappings or value.mappings), False
        if mapped:
            described = describe_finding(reader, problems, part, code.mappings, value.mappings)
            measured = measure_others(reader, part, code.mappings)
            used = (
                safety.observation(reader, part, code.mappings, value.mappings, patient)
                or described
                or measured
                or part.path in reader.stating
            )
        if not used and (mapped or not (code.unused or value.unused)):
            reader.record.note(
                "info",
                resource.key,
                f"{part.path} bears on nothing that is decided here; it was not used.",
            )
