"""Reads Conditions (FHIR): which of them hold now, and the problem that each states or suspects."""

from collections.abc import Sequence

from reasoner.graph.terminology import Mapping
from reasoner.intake.attributes import describe, implied, read_sites
from reasoner.intake.bundle import Resource, as_list
from reasoner.intake.dates import first_day, first_moment, surely_within
from reasoner.intake.elements import Reader, coded, hazard_of, status, unread_kind
from reasoner.intake.facts import encounter_of
from reasoner.intake.presentations import Problem, add_finding, words_of
from reasoner.intake.record import Unread
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


def holds(resource: Resource) -> bool:
    """Whether a Condition holds now: it is neither refuted nor over.

    An abatement ends a Condition, whatever its status says (FHIR R4, con-4).
    """
    return not (
        status(resource, "verificationStatus") in DENIED
        or status(resource, "clinicalStatus") in ENDED
        or abatement(resource)
    )


def abatement(resource: Resource) -> str | None:
    """The element that says when a Condition ended; None without one."""
    return next((name for name in ABATEMENTS if resource.json.get(name) is not None), None)


def counts(reader: Reader, resource: Resource, as_what: str = "for nothing") -> bool:
    """Whether a Condition or AllergyIntolerance holds now; one that does not becomes a note.

    `as_what` says how one that does not hold counts.
    """
    verification = status(resource, "verificationStatus")
    clinical = status(resource, "clinicalStatus")
    abated = abatement(resource)
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
    reader.record.note("info", resource.key, f"{resource.path} {why}; it counts {as_what}.")
    if why == "is inactive" and resource.type == "Condition" and not abated:
        inactive(reader, resource)
    else:
        reader.foreign.add(resource.key)
    return False


def inactive(reader: Reader, resource: Resource) -> None:
    """Asks about a hazard that an inactive Condition names: it may not be gone."""
    for m in reader.concepts.meaning(resource.json.get("code")).mappings:
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
    codes = reader.concepts.meaning(resource.json.get("code")).mappings
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


def condition(reader: Reader, resource: Resource, codes: Sequence[Mapping]) -> Problem | None:
    """The problem that an active Condition, whose code says so much, states or suspects.

    A code that may mean a finding, and a Condition that is not confirmed, make a suspicion.
    """
    findings = [m for m in codes if reader.is_a(m.subject, "ClinicalFinding")]
    facts = [m for m in findings if m.intake == "fact"]
    if not findings:
        return None
    doubted = status(resource, "verificationStatus") in CONSIDERED
    problem = Problem(
        resource.key,
        onset=first_moment(resource.json, "onsetDateTime", "onsetPeriod"),
        recorded=first_day(resource.json, "recordedDate"),
        classes=sorted({m.subject for m in facts or findings}),
        suspected=doubted or not facts,
        encounters={encounter} if (encounter := encounter_of(reader, resource)) else set(),
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
    implied(reader, problem, facts or findings)
    return problem


def say_unread(reader: Reader, not_read: list[Resource], patient: str) -> None:
    """Makes each Condition that could not be read a presentation, where the record has no other."""
    alone = not reader.record.presentations
    for resource in not_read:
        words = words_of(resource, "code")
        if alone:
            unread_problem(reader, resource, words, patient)
        elif not words:
            reader.record.note("info", resource.key, f"{resource.path} says nothing that is read.")


def outside(reader: Reader, resource: Resource) -> bool:
    """Whether the code of a Condition is known and lies outside of every topic."""
    return any(
        reader.knowledge.codes.outside(str(k.get("system")), str(k.get("code")))
        for k in coded(resource.json, "code")
    ) or bool(reader.concepts.meaning(resource.json.get("code")).mappings)


def unread_problem(reader: Reader, resource: Resource, words: str, patient: str) -> None:
    """States a problem that could not be read as a presentation that says so."""
    problem = Problem(resource.key)
    add_finding(reader, problem, patient)
    reader.record.say(problem.iri, RDF_TYPE, ia("UnreadPresentation"))
    item = Unread(ia("UnreadReason"), resource.key, "code", words, problem.iri)
    reader.record.withhold(
        item,
        f"{resource.path}.code states a problem that could not be read"
        f"{f' ({words})' if words else ''}; whether criteria cover it is not "
        "known.",
    )
