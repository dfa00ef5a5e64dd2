"""Studies done: final reports, and pictures that nobody reported, with their results and the presentation they belong to."""

from dataclasses import dataclass, field

from reasoner.intake.bundle import Resource, as_list
from reasoner.intake.elements import VOID, Reader, first_moment, latest, not_before, status
from reasoner.intake.presentations import Problem
from reasoner.intake.record import node
from reasoner.names import RDF_TYPE, ia
from reasoner.store import Statement

REPORTED = {"final", "amended", "corrected", "appended"}


@dataclass
class Imaging:
    """A procedure named by codes: the generic procedure, its orderable form, regions and side."""

    generic: str
    orderable: str | None
    regions: list[str]
    side: str | None


@dataclass
class Study:
    """A study while it is being read."""

    resource: Resource
    imaging: Imaging
    moment: str
    links: set[str]
    reported: bool
    result: list[str] = field(default_factory=list)
    diagnoses: list[str] = field(default_factory=list)

    @property
    def day(self) -> str:
        """The day of the study, as precise as it is recorded."""
        return self.moment[:10]


def imaging(reader: Reader, concept, path: str, about: str) -> Imaging | None:
    """The imaging procedure that a concept names, by its most telling code: one with a region, with contrast stated, with a side."""
    facts, found = reader.knowledge.facts, []
    for m in reader.mappings(concept, path, about):
        if m.intake == "fact" and reader.is_a(m.subject, "Procedure"):
            generic = facts.value(m.subject, ia("specializes"))
            side = ia(m.laterality.capitalize()) if m.laterality else None
            found.append(Imaging(generic or m.subject, m.subject if generic else None, facts.objects(m.subject, ia("hasRegion")), side))
    return max(found, default=None, key=lambda f: (f.orderable is not None, not facts.holds(f.generic, ia("hasContrast"), ia("ContrastNotStated")), f.side is not None))


def read_studies(reader: Reader) -> list[Study]:
    """The studies of the record, reported or not."""
    studies = []
    for resource in reader.envelope.of("DiagnosticReport"):
        if status(resource, "status") not in REPORTED:
            reader.record.note("info", resource.key, f"{resource.path}.status is {status(resource, 'status') or 'missing'}; only a final, amended or corrected report counts.")
        elif not reader.subject_is_patient(resource):
            continue
        elif not (found := imaging(reader, resource.json.get("code"), f"{resource.path}.code", resource.key)):
            reader.record.note("info", resource.key, f"{resource.path}.code names no imaging procedure that is known; the report was not used.")
        else:
            study = Study(resource, found, first_moment(resource, "effectiveDateTime", "effectivePeriod", "issued"), links(reader, resource), True)
            read_result(reader, study)
            studies.append(study)
    pictured = {reader.envelope.resolve(r) for s in studies for r in as_list(s.resource.json.get("imagingStudy"))}
    for resource in reader.envelope.of("ImagingStudy", "Procedure"):
        if resource.key in reader.used or not reader.subject_is_patient(resource):
            continue
        name = "procedureCode" if resource.type == "ImagingStudy" else "code"
        found = imaging(reader, resource.json.get(name), f"{resource.path}.{name}", resource.key)
        if resource.key in pictured:
            reader.record.note("info", resource.key, f"{resource.path} holds the pictures of a report, which was read.")
        elif status(resource, "status") not in ("available", "completed"):
            reader.record.note("info", resource.key, f"{resource.path}.status is {status(resource, 'status') or 'missing'}; only a completed study counts.")
        elif not found:
            reader.record.note("info", resource.key, f"{resource.path} names no imaging procedure that is known; it was not used.")
        else:
            studies.append(Study(resource, found, first_moment(resource, "started", "performedDateTime", "performedPeriod"), links(reader, resource), False, [ia("UncodedResult")]))
    return studies


def kind(reader: Reader, study: Study | Imaging) -> str:
    """The kind within which the newest study decides."""
    generic = study.generic if isinstance(study, Imaging) else study.imaging.generic
    return reader.knowledge.facts.value(generic, ia("studyKind")) or generic


def links(reader: Reader, resource: Resource) -> set[str]:
    """The Conditions that a resource, or the order it is based on, names as its reason."""
    envelope, found = reader.envelope, set()
    orders = [o for o in envelope.of("ServiceRequest") if o.key in {envelope.resolve(r) for r in as_list(resource.json.get("basedOn"))}]
    for json in [resource.json] + [o.json for o in orders]:
        targets = as_list(json.get("reasonReference")) + [e.get("valueReference") for e in as_list(json.get("extension")) if isinstance(e, dict)]
        targets += [r.get("reference") for r in as_list(json.get("reason")) if isinstance(r, dict) and isinstance(r.get("reference"), dict)]
        found |= {t for t in map(envelope.resolve, targets) if t and (t.startswith("Condition/") or any(c.key == t for c in envelope.of("Condition")))}
    return found


def read_result(reader: Reader, study: Study) -> None:
    """Reads what a report concludes: conclusion codes, and interpretation or value of its Observations."""
    resource, classes = study.resource, []
    concepts = [(resource.json.get("conclusionCode"), f"{resource.path}.conclusionCode", resource.key)]
    linked = {reader.envelope.resolve(r) for r in as_list(resource.json.get("result"))}
    for observation in reader.envelope.of("Observation"):
        if observation.key in linked and status(observation, "status") not in VOID and reader.subject_is_patient(observation):
            concepts += [(observation.json.get(n), f"{observation.path}.{n}", observation.key) for n in ("interpretation", "valueCodeableConcept")]
    facts = reader.knowledge.facts
    modality = facts.value(study.imaging.generic, ia("hasModality"), "")
    for concept, path, about in concepts:
        for m in reader.mappings(concept, path, about) if concept is not None else ():
            cls = facts.value(m.subject, ia("asResult")) or m.subject
            only = facts.value(cls, ia("ofModality"))
            if m.intake != "fact" or not reader.is_a(cls, "Result"):
                if about == resource.key:  # an Observation is read on its own for what else it says
                    reader.record.note("info", about, f"{path}: {reader.knowledge.label(m.subject)} is no result; it was not used.")
            elif only and only != modality:
                reader.record.note("warning", about, f"{path}: {reader.knowledge.label(cls)} cannot be the result of this study; it was not used.")
            else:
                reader.used.add(about)
                classes.append(facts.value(modality, ia("normalResult"), cls) if cls == ia("NormalResult") else cls)
                study.diagnoses += [m.subject] if cls != m.subject else []
    study.result = weigh(reader, study, classes)


def weigh(reader: Reader, study: Study, classes: list[str]) -> list[str]:
    """The result classes without those that a more worrying one contradicts: suspicious, then inconclusive, then benign."""
    for strong, weak in (("SuspiciousResult", "InconclusiveResult"), ("SuspiciousResult", "BenignResult"), ("InconclusiveResult", "BenignResult")):
        if any(reader.is_a(c, strong) for c in classes) and any(reader.is_a(c, weak) for c in classes):
            classes = [c for c in classes if not reader.is_a(c, weak)]
            reader.record.note("warning", study.resource.key, f"{study.resource.path} concludes contradictory things; the more worrying one was used.")
    if not classes:
        reader.record.note("warning", study.resource.key, f"{study.resource.path} has no coded result that is known: its result is unknown.")
    return sorted(set(classes)) or [ia("UncodedResult")]


def belongs(reader: Reader, study: Study, problem: Problem) -> bool:
    """Whether a study belongs to a problem: by its link, else by region, side and date."""
    if study.links:
        return problem.key in study.links
    if not reader.regions.related(study.imaging.regions, problem.regions) or opposite(study.imaging.side, problem.sides):
        return False
    return not (study.day and problem.onset) or not_before(study.day, problem.onset)


def opposite(side: str | None, sides: list[str]) -> bool:
    """Whether a side is known to differ from the sides of a problem."""
    return bool(side and sides) and side != ia("Bilateral") and not {side, ia("Bilateral")}.intersection(sides)


def adopt_site(reader: Reader, problems: list[Problem], studies: list[Study]) -> None:
    """A problem without a site takes the innermost region of the studies that name it, or of all when it is the only one."""
    for problem in problems:
        if problem.regions:
            continue
        named = [s for s in studies if problem.key in s.links] or ([s for s in studies if not s.links] if len(problems) == 1 else [])
        named = [s for s in named if s.imaging.regions and not (s.day and problem.onset and not not_before(s.day, problem.onset))]
        regions = [r for s in named for r in s.imaging.regions]
        inner = [r for r in regions if all(reader.regions.related([r], s.imaging.regions) for s in named)]
        inner = [r for r in inner if not any(o != r and reader.regions.inside(o, r) for o in inner)]
        if len(set(inner)) == 1:
            problem.regions = inner[:1]
            reader.record.note("warning", problem.key, f"No site is recorded; {reader.knowledge.label(inner[0])} was taken from the studies.")


def attach(reader: Reader, problems: list[Problem], studies: list[Study]) -> None:
    """States each study with the presentation it belongs to; of each kind the newest report decides, else the newest study."""
    kinds: dict[tuple[str, str], list[Study]] = {}
    owners = {id(s): [p for p in problems if belongs(reader, s, p)] for s in studies}
    for study in sorted(studies, key=lambda s: (s.reported, s.day, s.resource.key)):
        mine = owners[id(study)]
        if not mine:
            reader.record.note("info", study.resource.key, f"{study.resource.path} belongs to no presentation: {why_not(reader, study, problems)}.")
        if len(mine) > 1:
            reader.record.note("warning", study.resource.key, f"{study.resource.path} fits several presentations and was used for each: {', '.join(p.key for p in mine)}.")
        for problem in mine:
            kinds.setdefault((problem.key, kind(reader, study)), []).append(study)
            if not study.day:
                reader.record.note("warning", study.resource.key, f"{study.resource.path} has no date; it was taken to follow the onset.")
    newest = {key: decisive(reader, found) for key, found in kinds.items()}
    for study in studies:
        for problem in owners[id(study)]:
            decides = newest[problem.key, kind(reader, study)] is study
            reader.record.say(problem.iri, ia("hasStudy" if decides else "hasEarlierStudy"), node(study.resource.key))
        if owners[id(study)] and not study.reported:
            reader.record.note("warning", study.resource.key, f"{study.resource.path} says that a study was done, not what it showed; a report of its kind decides, if there is one.")
        if owners[id(study)]:
            for statement in state(study):
                reader.record.say(*statement)


def decisive(reader: Reader, studies: list[Study]) -> Study:
    """Of studies of one kind the newest report, else the newest study; where it is not known which is newer, the one with the most worrying result."""
    able = [s for s in studies if s.reported] or studies
    moments = [s.moment for s in able]
    newest = [s for s, is_latest in zip(able, latest(moments, moments), strict=True) if is_latest]
    found = max(newest, key=lambda s: (worry(reader, s), s.moment, s.resource.key))
    for study in newest:
        if study.result != found.result:
            reader.record.note("warning", study.resource.key, f"{study.resource.path} may be as new as {found.resource.key}, whose result, the more worrying one, was used.")
    return found


def worry(reader: Reader, study: Study) -> int:
    """How worrying the result of a study is: suspicious, then inconclusive, then benign, then what is not known."""
    return next((n for n, cls in ((3, "SuspiciousResult"), (2, "InconclusiveResult"), (1, "BenignResult")) if any(reader.is_a(c, cls) for c in study.result)), 0)


def why_not(reader: Reader, study: Study, problems: list[Problem]) -> str:
    """The reason why a study belongs to no presentation, in words."""
    if study.links:
        return f"it was done for {', '.join(sorted(study.links))}"
    if not study.imaging.regions:
        return "its code names no body region and it names no Condition"
    near = [p for p in problems if reader.regions.related(study.imaging.regions, p.regions)]
    if any(not opposite(study.imaging.side, p.sides) for p in near):
        return "it is older than the onset"
    return "it is of the other side" if near else "it is of another body region"


def state(study: Study) -> list[Statement]:
    """The statements about a study."""
    iri, result = node(study.resource.key), node(study.resource.key, "result")
    said: list[Statement] = [(iri, RDF_TYPE, ia("Study")), (iri, ia("ofProcedure"), study.imaging.generic), (iri, ia("hasResult"), result)]
    said += [(iri, ia("ofOrderable"), study.imaging.orderable)] if study.imaging.orderable else []
    said += [(result, RDF_TYPE, cls) for cls in study.result]
    return said + [(result, ia("namesDiagnosis"), d) for d in study.diagnoses]
