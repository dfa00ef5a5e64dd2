"""What bears on safety besides devices and kidneys: conditions, drugs, allergies, and screening."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from reasoner.graph.ranks import worst
from reasoner.graph.terminology import Mapping
from reasoner.intake import device_removals, devices, kidney
from reasoner.intake.bundle import Resource, as_list
from reasoner.intake.conditions import counts
from reasoner.intake.dates import first_moment, months_before, surely_later, surely_within
from reasoner.intake.elements import (
    Part,
    Reader,
    affirms,
    coded,
    has_value,
    hazard_of,
    status,
    unread_kind,
    when_doubtful,
    words_in,
)
from reasoner.intake.record import node
from reasoner.intake.unread import past, understood, withhold
from reasoner.names import RDF_TYPE, ia

CLEARED = ia("MriSafetyScreeningPassed")
CLEARS_FOR = 12  # months that a screening clears for: the project's own bound, no source read
TAKEN = {"active", "intended", "on-hold", "unknown", "draft", ""}  # drugs that may be in the body
DRUGS = ("MedicationStatement", "MedicationRequest")
WHEN = (
    "effectiveDateTime",
    "effectivePeriod",
    "effectiveInstant",
    "issued",
    "performedDateTime",
    "performedPeriod",
    "onsetDateTime",
    "onsetPeriod",
    "recordedDate",
)


def states(reader: Reader, resource: Resource, codes: Sequence[Mapping], patient: str) -> bool:
    """Whether a Condition or Procedure, whose code says so much, bears on safety; it is stated."""
    if device_removals.state_removal(reader, resource, codes):
        return True
    return any([state(reader, resource, m, patient, resource.path) for m in codes])


def state(reader: Reader, resource: Resource, m: Mapping, patient: str, path: str) -> bool:
    """Whether what a code means is a device in place or a condition of the patient; it is stated.

    A code that only suggests it states the class that the graph gives for that, or is unread.
    """
    device = reader.is_a(m.subject, "Device")
    if not device and not reader.is_a(m.subject, "PatientCondition"):
        return False
    cls = m.subject if m.intake == "fact" else when_doubtful(reader.knowledge, m.subject)
    if cls is None:
        return doubtful(reader, resource, m, path)
    if cls == CLEARED:
        return screening(reader, resource, patient)
    if device and m.intake == "fact":
        devices.in_place(reader, resource, m, patient)
    else:
        suffers(reader, resource, cls, patient)
    return True


def doubtful(reader: Reader, resource: Resource, m: Mapping, path: str) -> bool:
    """Raises the question that a code only suggests; whether there is one."""
    hazard = hazard_of(reader.knowledge, m.subject)
    if hazard is None:
        return False
    label = reader.knowledge.label(m.subject)
    withhold(
        reader,
        resource,
        unread_kind(reader.knowledge, hazard),
        path,
        m.code,
        f"{path}: {m.code} ({m.label}) may mean {label}, or something else; find out which.",
    )
    return True


def screening(reader: Reader, resource: Resource, patient: str) -> bool:
    """States that a screening cleared the patient for MRI, if it is plainly of these months."""
    path, moment = resource.path, first_moment(resource.json, *WHEN)
    finished = resource.type != "Procedure" or status(resource, "status") == "completed"
    recent = surely_within(moment, reader.newest, CLEARS_FOR)
    own = reader.may_clear(resource)
    if finished and recent and own:
        suffers(reader, resource, CLEARED, patient)
    else:
        why = (
            "is not completed"
            if not finished
            else "may be of somebody else"
            if not own
            else f"is of {moment[:10]}"
            if moment
            else "has no date"
        )
        reader.record.note(
            "warning",
            resource.key,
            f"{path} says that a screening for MRI was passed, "
            f"and {why}; it clears nothing, because only one of the {CLEARS_FOR} "
            "months before the newest date does (the project's own bound).",
        )
    return True


def suffers(reader: Reader, resource: Resource, cls: str, patient: str) -> None:
    """States a condition of the patient with its severity, if recorded."""
    iri, grade = node(resource.key), resource.json.get("severity")
    reader.asserts(resource.key, cls)
    reader.record.say(patient, ia("hasCondition"), iri)
    reader.record.say(iri, RDF_TYPE, cls)
    if grade is not None:
        for m in reader.mappings(grade, f"{resource.path}.severity", resource.key):
            if reader.is_a(m.subject, "Severity"):
                reader.record.say(iri, ia("hasSeverity"), m.subject)


def medications(reader: Reader, patient: str) -> None:
    """States the drugs that bear on safety and that the patient may be taking."""
    for resource in reader.envelope.of(*DRUGS):
        if status(resource, "status") not in TAKEN or resource.json.get("doNotPerform") is True:
            continue
        if reader.is_foreign(resource) or not understood(reader, resource):
            continue
        concept = resource.json.get("medicationCodeableConcept")
        target = reader.envelope.resolve(resource.json.get("medicationReference"), resource)
        drug = reader.envelope.held(target, "Medication")
        for given in (concept, drug.json.get("code") if drug else None):
            for m in reader.concepts.meaning(given).mappings:
                state(reader, resource, m, patient, resource.path)


def allergies(reader: Reader, patient: str) -> None:
    """States reactions to contrast agents with the worst severity recorded; others are screened."""
    facts = reader.knowledge.facts
    for resource in reader.envelope.of("AllergyIntolerance"):
        if not counts(reader, resource) or not understood(reader, resource):
            continue
        reactions = [r for r in as_list(resource.json.get("reaction")) if isinstance(r, dict)]
        concepts = [(resource.json.get("code"), f"{resource.path}.code")]
        concepts += [
            (r.get("substance"), f"{resource.path}.reaction[{i}].substance")
            for i, r in enumerate(reactions)
        ]
        kinds, known, asked = set(), False, False
        for concept, path in concepts:
            for m in reader.mappings(concept, path, resource.key) if concept is not None else ():
                allergy = reader.is_a(m.subject, "ContrastAllergy")
                if allergy and m.intake != "fact":
                    asked |= doubtful(reader, resource, m, path)
                kinds |= (
                    {m.subject}
                    if allergy and m.intake == "fact"
                    else set(facts.subjects(ia("allergen"), m.subject))
                )
                known = True
                if not allergy and bears(reader, m) and not reader.is_a(m.subject, "MedicationUse"):
                    asked |= state(reader, resource, m, patient, path)
        if kinds:
            state_allergy(reader, resource, sorted(kinds), reactions, patient)
        elif known and not asked:
            reader.record.note(
                "info", resource.key, f"{resource.path} names no contrast agent; it was not used."
            )
        elif not asked:
            unread_allergy(reader, resource)


def unread_allergy(reader: Reader, resource: Resource) -> None:
    """Asks about contrast when an allergy has neither words nor a code of a known substance.

    What its words say is looked for with all other words.
    """
    if not any(word.strip() for word in words_in(resource.json, "code")):
        codes = ", ".join(str(k.get("code")) for k in coded(resource.json, "code"))
        withhold(
            reader,
            resource,
            ia("UnreadAllergy"),
            f"{resource.path}.code",
            codes,
            f"{resource.path} is an allergy to something that could not be read "
            f"({codes or 'no code and no words'}): ask whether it is a contrast agent.",
        )


def state_allergy(
    reader: Reader, resource: Resource, kinds: list[str], reactions: list[dict], patient: str
) -> None:
    """States a reaction to contrast of some kinds."""
    iri = node(resource.key)
    reader.asserts(resource.key, kinds[0])
    reader.record.say(patient, ia("hasCondition"), iri)
    for cls in kinds:
        reader.record.say(iri, RDF_TYPE, cls)
    stated = [("reactionSeverity", r.get("severity")) for r in reactions]
    stated.append(("criticality", resource.json.get("criticality")))
    grade = worst(reader.knowledge, "ia:Severity", graded(reader, stated))
    if grade:
        reader.record.say(iri, ia("hasSeverity"), grade)


def graded(reader: Reader, stated: Iterable[tuple[str, Any]]) -> list[str]:
    """The severities that codes of FHIR count as, by the properties of severities in the graph."""
    codes = [(name, code) for name, code in stated if isinstance(code, str)]
    return [s for name, code in codes for s in reader.knowledge.facts.subjects(ia(name), code)]


def observation(
    reader: Reader, part: Part, codes: Sequence[Mapping], values: Sequence[Mapping], patient: str
) -> bool:
    """Whether an Observation or a component bears on safety: kidneys, or a state of the patient."""
    if any(m.subject == kidney.kidney_observable(reader.knowledge) for m in codes):
        reader.gfr.append(part)
        reader.asserted.add(part.key)
        return True
    asked = [m for m in map(partial(as_state, reader), codes) if bears(reader, m)]
    told = [m for m in values if bears(reader, m)]
    if told:  # the value itself names the state, if the question is one that is read
        for m in told:
            if codes:
                state(reader, part.resource, m, patient, part.path)
            else:
                doubtful(reader, part.resource, m, f"{part.path}.valueCodeableConcept")
        return True
    if not asked:
        return False
    affirmed = affirms(reader, part, values)
    for m in asked:
        if affirmed:
            state(reader, part.resource, m, patient, part.path)
        elif m.subject != CLEARED:
            not_affirmed(reader, part, m, affirmed)
    if affirmed is not True and any(m.subject == CLEARED for m in asked):
        withhold(
            reader,
            part.resource,
            ia("UnreadMriHazard"),
            f"{part.path}.value",
            "",
            f"{part.path} does not plainly say that the screening for MRI was passed: clear up "
            "why before MRI is ordered.",
        )
    return True


def as_state(reader: Reader, m: Mapping) -> Mapping:
    """A code of an observable as a code of the state that it asks about, if it asks about one."""
    about = reader.knowledge.facts.value(m.subject, ia("asksAbout"))
    return replace(m, subject=about) if about else m


def bears(reader: Reader, m: Mapping) -> bool:
    """Whether a code means a device or a condition of the patient."""
    return reader.is_a(m.subject, "PatientCondition") or reader.is_a(m.subject, "Device")


def is_past(reader: Reader, part: Part, hazard: str) -> bool:
    """Whether a hazard that passes was observed long ago, or its value is a date that is past."""
    due = first_moment(part.json, "valueDateTime")
    over = bool(due) and surely_later(months_before(reader.newest, 1), due)
    return past(reader, part.resource, hazard) or over


def not_affirmed(reader: Reader, part: Part, m: Mapping, affirmed: bool | None) -> None:
    """Notes a state that is denied, or that was asked about without a clear answer."""
    label = reader.knowledge.label(m.subject)
    hazard = hazard_of(reader.knowledge, m.subject)
    if affirmed is False:
        reader.record.note(
            "info", part.key, f"{part.path} denies {label}; it counts for nothing else."
        )
    elif has_value(part.json) and hazard and not is_past(reader, part, hazard):
        withhold(
            reader,
            part.resource,
            unread_kind(reader.knowledge, hazard),
            f"{part.path}.value",
            label,
            f"{part.path} asks about {label}, and its answer is unknown or could not be read.",
        )
    else:
        reader.record.note(
            "info",
            part.key,
            f"{part.path} says only that {label} was asked about; no answer is recorded.",
        )
