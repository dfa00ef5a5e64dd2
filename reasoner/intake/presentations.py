"""Clinical problems: an active Condition that states a finding becomes a presentation."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

from reasoner.graph.terminology import Mapping
from reasoner.intake.bundle import Resource, as_list
from reasoner.intake.dates import first_day, first_moment, surely_within
from reasoner.intake.elements import (
    Part,
    Reader,
    affirms,
    hazard_of,
    number,
    status,
    unread_kind,
    words_in,
)
from reasoner.intake.record import node
from reasoner.intake.unread import withhold
from reasoner.names import RDF_TYPE, ia

ENDED = {"resolved", "inactive", "remission"}
DENIED = {"refuted", "entered-in-error"}
CONSIDERED = {"provisional", "differential", "unconfirmed"}
ABATEMENTS = (
    "abatementDateTime",
    "abatementPeriod",
    "abatementAge",
    "abatementRange",
    "abatementString",
)
RECENT = 3  # months after which an acute kidney injury counts as past: the project's own bound
ONSET_WORDS = ("onsetAge", "onsetRange", "onsetString")


@dataclass
class Problem:
    """A presentation while it is being read; regions are IRIs, dates as precise as recorded.

    `also` holds the keys of further Conditions that code the same problem, `classes` those of its
    finding, and `unread_site` the place of a site that could not be read.
    """

    key: str
    regions: list[str] = field(default_factory=list)
    sides: list[str] = field(default_factory=list)
    onset: str = ""
    classes: list[str] = field(default_factory=list)
    recorded: str = ""
    suspected: bool = False
    also: list[str] = field(default_factory=list)
    unread_site: tuple[str, str] | None = None
    attributes: list[tuple[str, str]] = field(default_factory=list)  # property and value

    @cached_property
    def iri(self) -> str:
        """The IRI of the presentation."""
        return node(self.key)

    @cached_property
    def finding(self) -> str:
        """The IRI of its finding."""
        return node(self.key, "finding")

    def is_named(self, keys: set[str]) -> bool:
        """Whether some keys of Conditions name the problem."""
        return bool(keys.intersection([self.key, *self.also]))


def counts(reader: Reader, resource: Resource) -> bool:
    """Whether a Condition or AllergyIntolerance holds now; one that does not becomes a note.

    An abatement ends a Condition, whatever its status says (FHIR R4, con-4).
    """
    verification = status(resource, "verificationStatus")
    clinical = status(resource, "clinicalStatus")
    abated = next((name for name in ABATEMENTS if resource.json.get(name) is not None), None)
    if verification in DENIED:
        why = f"is {verification}"
    elif clinical in ENDED:
        why = f"is {clinical}"
    elif abated:
        why = f"has an end ({abated})"
    else:
        return reader.subject_is_patient(resource)
    if verification not in DENIED and ended_lately(reader, resource):
        return reader.subject_is_patient(resource)
    reader.record.note("info", resource.key, f"{resource.path} {why}; it counts for nothing.")
    if why == "is inactive" and resource.type == "Condition" and not abated:
        inactive(reader, resource)
    else:
        reader.foreign.add(resource.key)
    return False


def inactive(reader: Reader, resource: Resource) -> None:
    """Asks about a hazard that an inactive Condition names: inactive does not say that it is gone."""
    for m in reader.concepts.said(resource.json.get("code")).mappings:
        kind = hazard_of(reader.knowledge, m.subject)
        if kind and not reader.is_a(m.subject, "PassiveDevice"):
            label = reader.knowledge.label(m.subject)
            withhold(
                reader,
                resource,
                unread_kind(reader.knowledge, kind),
                f"{resource.path}.code",
                m.code,
                f"{resource.path} is inactive and names {label}; that it is gone is not said.",
            )


def ended_lately(reader: Reader, resource: Resource) -> bool:
    """Whether a Condition is a hazard that lasts beyond its end, and ended lately."""
    codes = reader.concepts.said(resource.json.get("code")).mappings
    lasting = [m for m in codes if reader.knowledge.facts.value(m.subject, ia("lastsBeyondEnd"))]
    end = first_day(resource.json, *ABATEMENTS)
    if not lasting or (end and not surely_within(end, reader.newest, RECENT)):
        return False
    reader.record.note(
        "warning",
        resource.key,
        f"{resource.path} ended {end or 'at an unknown date'}, "
        f"and counts for {RECENT} months after its end (the project's own bound).",
    )
    return True


def add_finding(reader: Reader, problem: Problem, patient: str) -> None:
    """States a presentation with its finding, or with the finding that is suspected."""
    say = reader.record.say
    reader.record.presentations.append(problem.iri)
    say(problem.iri, RDF_TYPE, ia("Presentation"))
    say(problem.iri, ia("hasPatient"), patient)
    if problem.classes:
        say(problem.iri, ia("suspects" if problem.suspected else "hasFinding"), problem.finding)


def condition(reader: Reader, resource: Resource, codes: Sequence[Mapping]) -> Problem | None:
    """The problem that an active Condition, whose code says so much, states or suspects.

    A code that may mean a finding, and a Condition that is not confirmed, make a suspicion.
    """
    found = [m for m in codes if reader.is_a(m.subject, "ClinicalFinding")]
    facts = [m for m in found if m.intake == "fact"]
    if not found:
        return None
    doubted = status(resource, "verificationStatus") in CONSIDERED
    problem = Problem(
        resource.key,
        onset=first_moment(resource.json, "onsetDateTime", "onsetPeriod"),
        recorded=first_day(resource.json, "recordedDate"),
        classes=sorted({m.subject for m in facts or found}),
        suspected=doubted or not facts,
    )
    if problem.suspected:
        why = "is not confirmed" if doubted else "has a code that may mean this finding or another"
        reader.record.note(
            "warning", resource.key, f"{resource.path} {why}; it counts as suspected."
        )
    for name in ONSET_WORDS:
        if resource.json.get(name) is not None:
            reader.record.note(
                "info",
                resource.key,
                f"{resource.path}.{name} gives the onset in a "
                "form that is not read; the onset is unknown.",
            )
    read_sites(reader, problem, resource)
    for name in ("stage", "evidence"):
        for i, item in enumerate(as_list(resource.json.get(name))):
            for part in ("type", "summary", "code"):
                if isinstance(item, dict) and part in item:
                    describe(
                        reader,
                        problem,
                        item[part],
                        f"{resource.path}.{name}[{i}].{part}",
                        resource.key,
                    )
    implied(reader, problem, facts or found)
    return problem


def read_sites(reader: Reader, problem: Problem, resource: Resource) -> None:
    """Reads the body sites of a resource; one that is given and cannot be read is kept in mind."""
    sites = resource.json.get("bodySite")
    if sites is None:
        return
    path = f"{resource.path}.bodySite"
    describe(reader, problem, sites, path, resource.key)
    for i, site in enumerate(as_list(sites)):
        if not reader.concepts.said(site).mappings and isinstance(site, dict):
            words = [
                k.get("display") or k.get("code")
                for k in as_list(site.get("coding"))
                if isinstance(k, dict)
            ] + [site.get("text")]
            said = ", ".join(w for w in words if isinstance(w, str) and w)
            problem.unread_site = problem.unread_site or (f"{path}[{i}]", said)


def implied(reader: Reader, problem: Problem, mappings: Sequence[Mapping]) -> None:
    """Fills in the region and the side that codes of a finding imply, where none is stated.

    Where what is stated contradicts them, neither is used.
    """
    sites = [m.site for m in mappings if m.site][:1]
    sides = [m.side for m in mappings if m.side][:1]
    if sites and problem.regions and not reader.regions.related(sites, problem.regions):
        names = " and ".join(reader.knowledge.label(r) for r in (*sites, *problem.regions[:1]))
        problem.unread_site = ("code", f"{names}, which contradict each other")
        problem.regions = []
        reader.record.note(
            "warning", problem.key, f"The code and the body site name {names}; neither was used."
        )
        return
    if sides and problem.sides and sides[0] not in problem.sides:
        problem.sides = []
        reader.record.note(
            "warning",
            problem.key,
            "The code and the body site name different sides; neither was used.",
        )
        return
    problem.regions = problem.regions or sites
    problem.sides = problem.sides or sides


def describe(reader: Reader, problem: Problem, concept, path: str, about: str) -> bool:
    """Whether a concept said something of a finding: region, side, depth, felt, or troubling."""
    used = False
    for m in reader.mappings(concept, path, about):
        if m.intake == "fact" and attribute(reader, problem, m.subject, path, about):
            used = True
            side = m.side
            if side and reader.is_a(m.subject, "BodyRegion") and side not in problem.sides:
                problem.sides.append(side)
    return used


def attribute(reader: Reader, problem: Problem, subject: str, path: str, about: str) -> bool:
    """Whether a term is an attribute that a finding can have; it is then stated."""
    if reader.is_a(subject, "BodyRegion"):
        problem.regions += [] if subject in problem.regions else [subject]
    elif reader.is_a(subject, "Laterality"):
        problem.sides += [] if subject in problem.sides else [subject]
    elif reader.is_a(subject, "Depth"):
        problem.attributes.append((ia("hasDepth"), subject))
    elif reader.is_a(subject, "SymptomStatus"):
        problem.attributes.append((ia("hasSymptomStatus"), subject))
    elif reader.is_a(subject, "ClinicalFinding"):
        problem.attributes.append((RDF_TYPE, subject))
    else:
        reader.record.note(
            "info",
            about,
            f"{path}: {reader.knowledge.label(subject)} is not an "
            "attribute of a finding; it was not used.",
        )
        return False
    return True


def observation(
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


def words_of(resource: Resource, name: str) -> str:
    """The words and codes of a concept as they were sent, for a quote."""
    return ", ".join(words_in(resource.json, name, codes=True))
