"""Finds suspicions of malignancy that no result of a study contains, so that a benign code
alone never ends a work-up.

A benign code never ends a work-up beside one: unlinked Observations, confirmed malignant diagnoses,
later studies of another kind, and words of documents and notes open, warn and hold a stop back.
"""

from reasoner.intake.annotations import noun
from reasoner.intake.attachment import precedes, suspicious
from reasoner.intake.bundle import Resource, as_list
from reasoner.intake.dates import first_moment, surely_later
from reasoner.intake.elements import Reader, has_ended, objects, words_in
from reasoner.intake.hazard_words import doubts
from reasoner.intake.imaging import body_sites
from reasoner.intake.presentations import Problem
from reasoner.intake.record import Unread
from reasoner.intake.studies import Study
from reasoner.intake.unread import WHEN
from reasoner.names import ia

WORDS = (
    "Composition",
    "DocumentReference",
    "ClinicalImpression",
    "ServiceRequest",
    "ImagingStudy",
    "Communication",
)  # types whose words may speak of a result


def weigh_suspicions(reader: Reader, problems: list[Problem], studies: list[Study]) -> None:
    """States, for each problem, the suspicions of the record that no result of it holds."""
    for resource in reader.envelope.of("Observation", "Condition"):
        if is_suspicious(reader, resource):
            for problem in near(reader, resource, problems):
                hold(
                    reader,
                    problem,
                    resource,
                    conclusion(reader, resource),
                    f"{resource.path} is suspicious for malignancy, and it is not known of what: "
                    "nothing ends the work-up until it is.",
                )
    owned: dict[str, list[Study]] = {}
    for study in studies:
        for owner in study.owners if study.imaging else ():
            owned.setdefault(owner.key, []).append(study)
    for problem in problems:
        mine = owned.get(problem.key, [])
        closing = [s for s in mine if closes(reader, s)]
        for study in closing:
            newer_suspicion(reader, problem, study, mine)
        if closing:
            doubt_in_words(reader, problem, closing)


def is_suspicious(reader: Reader, resource: Resource) -> bool:
    """Whether an Observation that no report holds, or a confirmed Condition, is suspicious."""
    if resource.key in reader.used or reader.is_foreign(resource):
        return False
    if has_ended(resource):
        return False
    name = "code" if resource.type == "Condition" else "valueCodeableConcept"
    mappings = reader.concepts.meaning(resource.json.get(name)).mappings
    return any(m.intake == "fact" and reader.is_suspicious(m) for m in mappings)


def conclusion(reader: Reader, resource: Resource) -> str:
    """What a resource concludes: in its own words, else by the label of what its code means."""
    for name in ("conclusionCode", "valueCodeableConcept", "code"):
        if words := words_in(resource.json, name):
            return words[0]
        if mappings := reader.concepts.meaning(resource.json.get(name)).mappings:
            return reader.knowledge.label(mappings[0].subject)
    return ""


def near(reader: Reader, resource: Resource, problems: list[Problem]) -> list[Problem]:
    """The problems that a suspicion may be about: of its focus, or of its region, or any."""
    focus = {reader.envelope.resolve(r, resource) for r in as_list(resource.json.get("focus"))}
    regions, _ = body_sites(reader, resource)
    implied = [
        m.site for m in reader.concepts.meaning(resource.json.get("code")).mappings if m.site
    ]
    regions = regions or implied
    if named := [p for p in problems if p.is_named({f for f in focus if f})]:
        return named
    return [
        p
        for p in problems
        if not regions or not p.regions or reader.regions.related(regions, p.regions)
    ]


def closes(reader: Reader, study: Study) -> bool:
    """Whether the result of a study is benign."""
    return any(reader.is_a(c, "BenignResult") for c in study.result.classes)


def newer_suspicion(reader: Reader, problem: Problem, study: Study, mine: list[Study]) -> None:
    """Holds back what a benign study would close when a later study is suspicious."""
    for other in mine:
        later = bool(other.moment and study.moment) and surely_later(other.moment, study.moment)
        if later and suspicious(reader, other):
            hold(
                reader,
                problem,
                other.resource,
                conclusion(reader, other.resource),
                f"{other.resource.path} is suspicious, and later than {study.resource.key}, which "
                "is benign: nothing ends the work-up until somebody has weighed them.",
            )


def doubt_in_words(reader: Reader, problem: Problem, closing: list[Study]) -> None:
    """Holds a stop back for words of suspicion in what speaks of the problem or of its studies."""
    keys = {problem.key, *problem.also, *(s.resource.key for s in closing)}
    based = {
        reader.envelope.resolve(r, s.resource)
        for s in closing
        for name in ("basedOn", "imagingStudy")
        for r in as_list(s.resource.json.get(name))
    }
    orders = {
        reader.envelope.resolve(r, s.resource)
        for s in closing
        for r in as_list(s.resource.json.get("basedOn"))
    }
    first = min((s.moment for s in closing if s.moment), default="")
    for resource in reader.envelope.of("Condition", *WORDS):
        moment = first_moment(resource.json, *(n for n in WHEN if n != "recordedDate"))
        old = bool(moment and first) and surely_later(first, moment)
        if (
            reader.is_foreign(resource)
            or resource.key in orders
            or (old and resource.key not in keys)
        ):
            continue
        if resource.key in keys | based or speaks_of(reader, resource, keys | based):
            doubt = doubts(reader, [resource])
            if doubt and doubt[2].kind == "suspicious":
                _, place, hit = doubt
                hold(
                    reader,
                    problem,
                    resource,
                    hit.quote,
                    f'{resource.path}.{place} says "{hit.quote}", beside a benign result: ask '
                    f"whether it means the {noun(reader.knowledge, problem.classes)}.",
                )


def speaks_of(reader: Reader, resource: Resource, keys: set) -> bool:
    """Whether a document, a note or an order refers to some resources, or to no other problem."""
    if resource.type in ("Condition", "ImagingStudy"):
        return False
    targets = {
        reader.envelope.resolve(node, resource)
        for _, node in objects(resource.json)
        if "reference" in node
    }
    return bool(targets & keys) or not any(
        t and t.startswith(("Condition/", "DiagnosticReport/")) for t in targets
    )


def hold(reader: Reader, problem: Problem, resource: Resource, quote: str, message: str) -> None:
    """States a suspicion that cannot be weighed, for a problem that it does not precede."""
    moment = first_moment(resource.json, *WHEN)
    if resource.type == "Observation" and precedes(moment, problem):
        return
    item = Unread(ia("UnweighedSuspicion"), resource.key, "", quote, problem.iri)
    reader.record.withhold(item, message)
