"""Clinical problems: an active Condition that states a finding becomes a presentation, with its site, depth and side."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

from reasoner.codes import Mapping
from reasoner.intake.bundle import Resource, as_list
from reasoner.intake.elements import Reader, affirms, first_day, number, status
from reasoner.intake.record import node
from reasoner.names import RDF_TYPE, ia

ENDED = {"resolved", "inactive", "remission"}
DENIED = {"refuted", "entered-in-error"}


@dataclass
class Problem:
    """A presentation while it is being read; regions are IRIs, dates as precise as recorded."""

    key: str
    regions: list[str] = field(default_factory=list)
    sides: list[str] = field(default_factory=list)
    onset: str = ""

    @cached_property
    def iri(self) -> str:
        """The IRI of the presentation."""
        return node(self.key)

    @cached_property
    def finding(self) -> str:
        """The IRI of its finding."""
        return node(self.key, "finding")


def counts(reader: Reader, resource: Resource) -> bool:
    """Whether a Condition or AllergyIntolerance holds now; one that ended or is denied becomes a note."""
    verification, clinical = status(resource, "verificationStatus"), status(resource, "clinicalStatus")
    if verification in DENIED or clinical in ENDED:
        reader.record.note("info", resource.key, f"{resource.path} is {verification if verification in DENIED else clinical}; it counts for nothing.")
        return False
    return reader.subject_is_patient(resource)


def add_finding(reader: Reader, problem: Problem, classes: list[str], patient: str) -> None:
    """States a presentation with a finding of some classes."""
    say = reader.record.say
    reader.record.presentations.append(problem.iri)
    say(problem.iri, RDF_TYPE, ia("Presentation"))
    say(problem.iri, ia("hasPatient"), patient)
    if classes:
        say(problem.iri, ia("hasFinding"), problem.finding)
    for cls in classes:
        say(problem.finding, RDF_TYPE, cls)


def condition(reader: Reader, resource: Resource, codes: Sequence[Mapping], patient: str) -> Problem | None:
    """The problem that an active Condition, whose code says so much, states, if a topic covers its finding."""
    found = [m for m in codes if m.intake == "fact" and reader.is_a(m.subject, "ClinicalFinding")]
    if not found:
        return None
    problem = Problem(resource.key, onset=first_day(resource, "onsetDateTime", "onsetPeriod", "recordedDate"))
    add_finding(reader, problem, sorted({m.subject for m in found}), patient)
    describe(reader, problem, resource.json.get("bodySite"), f"{resource.path}.bodySite", resource.key)
    for name in ("stage", "evidence"):
        for i, item in enumerate(as_list(resource.json.get(name))):
            for part in ("type", "summary", "code"):
                if isinstance(item, dict) and part in item:
                    describe(reader, problem, item[part], f"{resource.path}.{name}[{i}].{part}", resource.key)
    problem.regions = problem.regions or [m.site for m in found if m.site][:1]
    problem.sides = problem.sides or [ia(m.laterality.capitalize()) for m in found if m.laterality][:1]
    return problem


def describe(reader: Reader, problem: Problem, concept, path: str, about: str) -> bool:
    """Whether a concept said something of a finding: its region, side, depth, or whether it is felt or troubles."""
    used = False
    for m in reader.mappings(concept, path, about):
        used |= m.intake == "fact" and attribute(reader, problem, m.subject, path, about)
    return used


def attribute(reader: Reader, problem: Problem, subject: str, path: str, about: str) -> bool:
    """Whether a term is an attribute that a finding can have; it is then stated."""
    if reader.is_a(subject, "BodyRegion"):
        problem.regions += [] if subject in problem.regions else [subject]
    elif reader.is_a(subject, "Laterality"):
        problem.sides += [] if subject in problem.sides else [subject]
    elif reader.is_a(subject, "Depth"):
        reader.record.say(problem.finding, ia("hasDepth"), subject)
    elif reader.is_a(subject, "SymptomStatus"):
        reader.record.say(problem.finding, ia("hasSymptomStatus"), subject)
    elif reader.is_a(subject, "ClinicalFinding"):
        reader.record.say(problem.finding, RDF_TYPE, subject)
    else:
        reader.record.note("info", about, f"{path}: {reader.knowledge.label(subject)} is not an attribute of a finding; it was not used.")
        return False
    return True


def observation(reader: Reader, problems: list[Problem], resource: Resource, codes: Sequence[Mapping], values: Sequence[Mapping]) -> bool:
    """Whether an Observation, whose code and value say so much, described the finding of a problem: that of its focus, its site, or the only one."""
    path = resource.path
    terms = [m.subject for m in (*codes, *values) if m.intake == "fact" and any(
        reader.is_a(m.subject, cls) for cls in ("Depth", "SymptomStatus", "ClinicalFinding"))]
    size = next((m.subject for m in codes if m.subject == ia("MassSize")), None)
    if not terms and not size:
        return False
    focus = {reader.envelope.resolve(r) for r in as_list(resource.json.get("focus"))}
    sites = [m.subject for m in reader.mappings(resource.json.get("bodySite"), f"{path}.bodySite", resource.key) if reader.is_a(m.subject, "BodyRegion")]
    about = [p for p in problems if p.key in focus] if focus else [p for p in problems if set(sites) & set(p.regions)] if sites else problems
    if len(about) != 1:
        reader.record.note("warning", resource.key, f"{path} cannot be told to be about one finding; it was not used. Name the Condition in its focus.")
        return True
    affirmed = affirms(resource, values)
    if terms and affirmed is None:
        reader.record.note("warning", resource.key, f"{path} has a value that is not understood; it was not used.")
        terms = []
    for term in terms:
        if affirmed is False:
            term = {ia("PalpableMass"): ia("ImpalpableMass")}.get(term, "")
        if not term or not attribute(reader, about[0], term, path, resource.key):
            reader.record.note("info", resource.key, f"{path} denies a finding; it was not used.")
        else:
            reader.record.note("info", resource.key, f"{path} was taken to describe {about[0].key}.")
    if size:
        measure(reader, resource, about[0].finding)
    return True


def measure(reader: Reader, resource: Resource, holder: str) -> None:
    """States the size of a mass in millimeters, when the record gives it in mm or cm."""
    quantity = resource.json.get("valueQuantity")
    value = number(quantity)
    unit, comparator = (quantity.get("code") or quantity.get("unit"), quantity.get("comparator")) if isinstance(quantity, dict) else (None, None)
    if value is None or unit not in ("mm", "cm") or comparator:
        reader.record.note("warning", resource.key, f"{resource.path}.valueQuantity is no size in mm or cm; it was not used.")
        return
    measured = node(resource.key)
    reader.record.say(holder, ia("hasMeasurement"), measured)
    reader.record.say(measured, RDF_TYPE, ia("Measurement"))
    reader.record.say(measured, ia("ofObservable"), ia("MassSize"))
    reader.measurements.append((measured, ia("MassSize"), value * (10 if unit == "cm" else 1), value * (10 if unit == "cm" else 1)))


def settle_sites(reader: Reader, problem: Problem) -> None:
    """Leaves the innermost of the sites recorded for a problem."""
    innermost = [r for r in problem.regions if not any(o != r and reader.regions.inside(o, r) for o in problem.regions)]
    if len(innermost) > 1:
        names = ", ".join(reader.knowledge.label(r) for r in innermost)
        reader.record.note("warning", problem.key, f"Several sites are recorded ({names}); the first was used.")
    problem.regions = innermost[:1]


def settle(reader: Reader, problem: Problem) -> None:
    """States site and side, once all that bears on them is read; contradictory attributes are taken back."""
    record = reader.record
    for region in problem.regions:
        record.say(problem.finding, ia("hasSite"), region)
    if len(problem.sides) == 1:
        record.say(problem.finding, ia("hasLaterality"), problem.sides[0])
    for predicate, word in ((ia("hasDepth"), "depths"), (ia("hasSymptomStatus"), "symptom states")):
        said = [s for s in record.statements if s[:2] == (problem.finding, predicate)]
        if len(said) > 1:
            record.take_back(said)
            record.note("warning", problem.key, f"Contradictory {word} are recorded; none was used.")
    felt = [(problem.finding, RDF_TYPE, ia(name)) for name in ("PalpableMass", "ImpalpableMass")]
    if all(s in record.statements for s in felt):
        record.take_back(felt)
        record.say(problem.finding, RDF_TYPE, ia("SoftTissueMass"))
        record.note("warning", problem.key, "The mass is recorded both as palpable and as not palpable; neither was used.")
