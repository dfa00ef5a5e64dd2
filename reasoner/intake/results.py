"""What a report concludes: its codes, those of its Observations and members, and its doubts."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from reasoner.graph.ranks import rank
from reasoner.graph.store import Statement
from reasoner.intake.annotations import inherited
from reasoner.intake.bundle import Resource, as_list
from reasoner.intake.elements import OPEN, VOID, Reader, affirms, parts, status
from reasoner.intake.hazard_words import doubts
from reasoner.intake.imaging import body_sites
from reasoner.intake.record import node
from reasoner.intake.unread import QUOTED
from reasoner.names import RDF_TYPE, ia

UNKNOWN = ia("UncodedResult")
DEEPEST = 8  # levels of groups of Observations


@dataclass
class Result:
    """The classes of a result, the diagnoses that it names, and the Observations that state it."""

    classes: list[str] = field(default_factory=list)
    diagnoses: list[str] = field(default_factory=list)
    observations: list[Resource] = field(default_factory=list)


def result_observations(reader: Reader, resource: Resource) -> list[Resource]:
    """The Observations that a report names as its results, and the members of groups of them."""
    found: dict[str, Resource] = {}
    todo = [
        (r, resource, 0)
        for name in ("result", "hasMember")
        for r in as_list(resource.json.get(name))
    ]
    while todo:
        reference, holder, depth = todo.pop(0)
        observation = reader.envelope.held(
            reader.envelope.resolve(reference, holder), "Observation"
        )
        if observation is None or observation.key in found:
            continue
        if status(observation, "status") in VOID or not reader.subject_is_patient(observation):
            continue
        found[observation.key] = observation
        if depth < DEEPEST:
            members = as_list(observation.json.get("hasMember"))
            todo += [(r, observation, depth + 1) for r in members]
    return list(found.values())


def concepts(resource: Resource, observations: list[Resource]) -> Iterator[tuple[object, str, str]]:
    """The concepts in which a report may state its result, each with its path and resource."""
    if resource.type == "Observation":
        stated = [resource]
    else:
        yield resource.json.get("conclusionCode"), f"{resource.path}.conclusionCode", resource.key
        stated = []
    final = [o for o in observations if status(o, "status") not in OPEN]
    for observation in [*stated, *final]:
        for name in ("interpretation", "valueCodeableConcept"):
            yield observation.json.get(name), f"{observation.path}.{name}", observation.key
        for i, part in enumerate(as_list(observation.json.get("component"))):
            for name in ("interpretation", "valueCodeableConcept"):
                if isinstance(part, dict):
                    place = f"{observation.path}.component[{i}].{name}"
                    yield part.get(name), place, observation.key


def read_result(
    reader: Reader, resource: Resource, result: Result, modality: str, regions: list[str]
) -> None:
    """Reads what a report of some regions concludes; `modality` is empty when it is not known."""
    facts = reader.knowledge.facts
    classes: list[str] = []
    result.observations = result_observations(reader, resource)
    asking = {o.key for o in result.observations if asks_of_finding(reader, o)}
    for concept, path, about in concepts(resource, result.observations):
        for m in reader.mappings(concept, path, about) if concept is not None else ():
            cls = reader.result_of(m)
            only = facts.value(cls, ia("ofModality"))
            if m.intake != "fact" or not reader.is_a(cls, "Result"):
                if about == resource.key:  # an Observation is read on its own for what else it says
                    reader.record.note(
                        "info",
                        about,
                        f"{path}: {reader.knowledge.label(m.subject)} "
                        "is no result; it was not used.",
                    )
            elif only and modality and only != modality:
                reader.record.note(
                    "warning",
                    about,
                    f"{path}: {reader.knowledge.label(cls)} cannot "
                    "be the result of this study; it was not used.",
                )
            else:
                if cls == ia("NormalResult") and about in asking:
                    continue
                reader.used.add(about)
                normal = cls == ia("NormalResult") and modality
                classes.append(facts.value(modality, ia("normalResult"), cls) if normal else cls)
                result.diagnoses += [m.subject] if cls != m.subject else []
    classes += asked_of(reader, resource, result, regions)
    classes = hold_open(reader, result.observations, weigh(reader, resource, classes))
    result.classes = doubted(reader, resource, result.observations, classes)


def asks_of_finding(reader: Reader, observation: Resource) -> bool:
    """Whether the code of an Observation, or of a component, is a finding of imaging: its value
    then answers that question and says nothing of the whole study.
    """
    return any(
        m.intake == "fact" and reader.is_a(reader.result_of(m), "Result")
        for part in parts(observation)
        for m in reader.concepts.meaning(part.json.get("code")).mappings
    )


def asked_of(reader: Reader, resource: Resource, result: Result, regions: list[str]) -> list[str]:
    """The classes of a result that its Observations affirm, suspect or deny by code and value.

    What is denied at a part of what was examined, or of one side when the report does not name the
    same side, is not denied of all of it. A benign finding is read from a conclusion only.
    """
    rows: list[str] = []
    facts = reader.knowledge.facts
    _, examined = body_sites(reader, resource)
    coded = reader.concepts.meaning(resource.json.get("code")).mappings
    examined = examined or next((m.side for m in coded if m.side), None)
    final = [o for o in result.observations if status(o, "status") not in OPEN]
    for part in (p for o in final for p in parts(o)):
        values = reader.concepts.meaning(part.json.get("valueCodeableConcept")).mappings
        affirmed = affirms(reader, part, values)
        suspected = any(reader.is_a(v.subject, "SuspectedAnswer") for v in values)
        sites, side = body_sites(reader, part.resource)
        for m in reader.concepts.meaning(part.json.get("code")).mappings:
            cls = reader.result_of(m)
            if m.intake != "fact" or not reader.is_a(cls, "Result"):
                continue
            at = sites or ([m.site] if m.site else [])
            whole = side in (None, examined) and all(
                any(reader.regions.inside(r, site) for r in regions) for site in at
            )
            term = (
                cls
                if affirmed
                else inherited(reader.knowledge, cls, "whenDoubtful")
                if suspected
                else facts.value(cls, ia("whenDenied"))
                if affirmed is False and whole and m.denies
                else None
            )
            if term and not reader.is_a(term, "BenignResult"):
                rows.append(term)
                reader.used.add(part.key)
    return rows


def hold_open(reader: Reader, observations: list[Resource], classes: list[str]) -> list[str]:
    """The classes of a result, doubted when one of its Observations is not final and suspicious."""
    for observation in observations:
        if status(observation, "status") not in OPEN:
            continue
        said = reader.concepts.meaning(observation.json.get("valueCodeableConcept")).mappings
        if any(map(reader.is_suspicious, said)):
            reader.record.note(
                "warning",
                observation.key,
                f"{observation.path} is not final, and its "
                "coded result is suspicious; the report closes nothing until it is.",
            )
            return sorted(
                {c for c in classes if not reader.is_a(c, "BenignResult")} | {ia("DoubtedResult")}
            )
    return classes


def weigh(reader: Reader, resource: Resource, classes: list[str]) -> list[str]:
    """The result classes without those that a more worrying one contradicts."""
    if not classes:
        return [UNKNOWN]
    exclude = reader.knowledge.definitions.exclude
    kept: list[str] = []
    for cls in sorted(set(classes), key=lambda cls: (rank(reader.knowledge, cls), cls)):
        if not any(exclude(worse, cls) for worse in kept):
            kept.append(cls)
    if apart := set(classes) - set(kept):
        reader.record.note(
            "warning",
            resource.key,
            f"{resource.path} concludes contradictory things; the more worrying one was used.",
        )
    return sorted(set(classes) - apart)


def doubted(
    reader: Reader, resource: Resource, observations: list[Resource], classes: list[str]
) -> list[str]:
    """The classes of a result, with a doubt that words of its report raise.

    A benign code that words doubt is a doubted result. Words of suspicion beside any other code
    that is not suspicious itself are a doubt besides, which holds back what another study would
    close.
    """
    benign = any(reader.is_a(c, "BenignResult") for c in classes)
    if any(reader.is_a(c, "SuspiciousResult") for c in classes):
        return classes
    found = doubts(reader, [resource, *observations])
    if found is None or (not benign and found[2].kind != "suspicious"):
        return classes
    about, place, hit = found
    reader.record.note(
        "warning",
        resource.key,
        f"{about.path}.{place} says "
        f'"{hit.quote[:QUOTED]}", which its code does not say: ask whether the report '
        "means it.",
    )
    held = [c for c in classes if not reader.is_a(c, "BenignResult") and c != UNKNOWN]
    return sorted([*held, ia("DoubtedResult")])


def statements(key: str, result: Result) -> list[Statement]:
    """The statements about the result of a study."""
    iri = node(key, "result")
    said: list[Statement] = [(node(key), ia("hasResult"), iri)]
    said += [(iri, RDF_TYPE, cls) for cls in result.classes]
    return said + [(iri, ia("namesDiagnosis"), d) for d in result.diagnoses]
