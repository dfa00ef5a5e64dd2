"""What a record holds and could not be read: words that bear on a hazard, and modifiers.

Unread is a third thing between recorded and not recorded. What bears on a hazard withholds the
assumption that nothing is recorded, and asks; it never sets a study aside and never clears.
"""

import re

from reasoner.graph.terminology import Mapping
from reasoner.intake.bundle import Resource, as_list
from reasoner.intake.dates import first_moment, months_before, surely_later
from reasoner.intake.elements import Reader, hazard_of, objects, status, unread_kind
from reasoner.intake.record import Unread
from reasoner.names import ia
from reasoner.reading.screens import Hit, texts, words_and_forms

OTHERS = {  # types of resources that are not about the patient, or say nothing clinical
    "FamilyMemberHistory",
    "Practitioner",
    "PractitionerRole",
    "Organization",
    "Location",
    "Claim",
    "ClaimResponse",
    "ExplanationOfBenefit",
    "Coverage",
    "Provenance",
    "Medication",
    "Substance",
    "OperationOutcome",
    "Endpoint",
    "HealthcareService",
    "RelatedPerson",
    "CareTeam",
    "Immunization",
    "Account",
    "Schedule",
    "Slot",
    "Binary",
    "Questionnaire",
    "ValueSet",
    "CodeSystem",
    "ConceptMap",
    "StructureDefinition",
    "DeviceDefinition",
    "ActivityDefinition",
    "PlanDefinition",
    "Library",
    "Measure",
    "ResearchStudy",
    "Evidence",
    "EvidenceVariable",
    "CapabilityStatement",
    "SearchParameter",
    "OperationDefinition",
    "ImplementationGuide",
    "NamingSystem",
    "MedicationKnowledge",
    "SubstanceSpecification",
    "CatalogEntry",
    "Subscription",
    "MessageDefinition",
    "ExampleScenario",
    "GraphDefinition",
    "TestScript",
    "Parameters",
}
NOTHING = {"entered-in-error", "refuted", "resolved", "remission"}
STATUSES = ("status", "verificationStatus", "clinicalStatus")
NAMES = ("display", "text", "name")  # keys of words that name something, and are no prose
ELEMENTS = {  # what readers read, and what says nothing of today
    "Condition": (
        "code",
        "severity",
        "bodySite",
        "stage",
        "evidence",
        "clinicalStatus",
        "verificationStatus",
        "category",
    ),
    "Observation": ("code", "valueCodeableConcept", "component", "category", "interpretation"),
    "Procedure": ("code", "category", "bodySite", "outcome"),
    "Device": ("type", "safety", "specialization", "definition"),
    "AllergyIntolerance": ("code", "reaction", "clinicalStatus", "verificationStatus"),
    "MedicationRequest": ("medicationCodeableConcept",),
    "MedicationStatement": ("medicationCodeableConcept",),
    "ServiceRequest": ("code", "category", "bodySite"),
    "ImagingStudy": ("procedureCode", "modality", "series"),
}
SHOWN = 4  # places of prose that a note names
WARNED = 4  # resources of a kind that are warned of, before the rest is noted
PEOPLE = re.compile(
    r"(^|/)(Practitioner|PractitionerRole|Patient|Person|RelatedPerson|"
    r"Organization|CareTeam|Location)/"
)
WHEN = (
    "effectiveDateTime",
    "effectivePeriod",
    "effectiveInstant",
    "onsetDateTime",
    "onsetPeriod",
    "performedDateTime",
    "performedPeriod",
    "recordedDate",
    "authoredOn",
    "period",
    "created",
    "date",
    "authored",
    "issued",
    "started",
    "occurrenceDateTime",
    "sent",
)
MODIFIED = {
    "Device": "UnreadDevice",
    "DeviceUseStatement": "UnreadDevice",
    "AllergyIntolerance": "UnreadAllergy",
    "Procedure": "UnreadMriHazard",
}
QUOTED = 160  # characters of a quote


def understood(reader: Reader, resource: Resource) -> bool:
    """Whether a resource has no modifier that is not understood; one that has is unread.

    FHIR R4, extensibility: a resource with a modifier extension or implicit rules that are not
    known must not be used.
    """
    found = reader.envelope.not_understood(resource)
    if not found:
        return True
    message = (
        f"{found} may change what {resource.key} means and is not understood; it was not used."
    )
    kind = MODIFIED.get(resource.type) or coded_kind(reader, resource)
    if kind:
        withhold(reader, resource, ia(kind) if ":" not in kind else kind, found, "", message)
    else:
        reader.record.note("warning", resource.key, message)
    return False


def coded_kind(reader: Reader, resource: Resource) -> str | None:
    """The class of unread items that the codes of a resource point at, if they bear on a hazard."""
    said = [
        m
        for name in ("code", "valueCodeableConcept")
        for m in reader.concepts.said(resource.json.get(name)).mappings
    ]
    kinds = sorted(k for m in said if (k := hazard_of(reader.knowledge, m.subject)))
    return unread_kind(reader.knowledge, kinds[0]) if kinds else None


def withhold(
    reader: Reader,
    resource: Resource,
    kind: str,
    place: str,
    quote: str,
    message: str,
    severity: str = "warning",
) -> None:
    """States that something of a kind could not be read, with a warning."""
    within = place.removeprefix(resource.path).removeprefix(".")
    reader.record.withhold(Unread(kind, resource.key, within, quote[:QUOTED]), message, severity)


def screen_words(reader: Reader) -> None:
    """Looks for hazard words in every text of the patient's resources that no code has stated."""
    for resource in reader.envelope.resources:
        void = any(status(resource, name) in NOTHING for name in STATUSES)
        if resource.type not in OTHERS and not void and not reader.is_foreign(resource):
            screen_resource(reader, resource)


def screen_resource(reader: Reader, resource: Resource) -> None:
    """Looks for hazard words in one resource, and for codes of hazards where no code is read."""
    prose: list[str] = []
    hits: list[tuple[str, Hit]] = []
    words, forms = words_and_forms(resource.json)
    for place, text in words:
        if place.rpartition(".")[2] not in NAMES:
            prose.append(place)
        if "referenceRange" in place:
            continue
        hits += [(place, hit) for hit in reader.screens.hazards(text)]
        if resource.type == "AllergyIntolerance":  # whose words need not say that it is one
            hits += [(place, hit) for hit in reader.screens.agents(text)]
    hits += stray_codes(reader, resource)
    if hits:
        raise_hits(reader, resource, hits)
    if prose:
        more = ", ..." if len(prose) > SHOWN else ""
        reader.record.note(
            "info",
            resource.key,
            f"{resource.path}: words were screened and not "
            f"read further ({', '.join(prose[:SHOWN])}{more}).",
        )
    for place, kind in forms:
        reader.record.note(
            "warning", resource.key, f"{resource.path}.{place} is {kind}, which is not read."
        )


def stray_codes(reader: Reader, resource: Resource) -> list[tuple[str, Hit]]:
    """The codes of hazards in elements of a resource that no reader reads, as hits."""
    read = ELEMENTS.get(resource.type, ())
    found: list[tuple[str, Hit]] = []
    for name, value in resource.json.items():
        if name in read or not isinstance(value, (dict, list)) or resource.type == "Patient":
            continue
        for path, node in objects(value):
            said = mapped(reader, node)
            for m in said:
                kind = hazard_of(reader.knowledge, m.subject)
                if kind and not reader.is_a(m.subject, "PassiveDevice"):
                    label = reader.knowledge.label(m.subject)
                    at = f"{name}{'' if path.startswith('[') or not path else '.'}{path}"
                    hit = Hit(kind, label, f"{m.code}: {label}", 0, 0, False)
                    found.append((f"{at}.code", hit))
    return found


def mapped(reader: Reader, coding: dict) -> list[Mapping]:
    """The mappings of a coding."""
    system, code = coding.get("system"), coding.get("code")
    known = isinstance(system, str) and isinstance(code, str)
    return reader.concepts.of_code(system, code) if known else []


def raise_hits(reader: Reader, resource: Resource, hits: list[tuple[str, Hit]]) -> None:
    """Withholds what hazard words bear on; what is denied, or asked and answered no, is quoted.

    Words of what passes, and was written long ago, and words that only repeat what codes state,
    withhold nothing and are quoted too.
    """
    known, negative = known_places(reader, resource), negative_places(reader, resource.json)
    repeated = stated_words(reader, resource)
    found: dict[str, tuple[str, Hit]] = {}
    for place, hit in hits:
        if place in known:
            continue
        why = ""
        if is_within(place, negative) != hit.denied:
            why = "a denial in words clears nothing"
        elif any(hit.word.casefold() in label for label in repeated.get(hit.kind, ())):
            why = "its code states that already"
        elif hit.kind in reader.stated and settles(reader, hit.kind):
            why = "codes state that already"
        elif past(reader, resource, hit.kind):
            why = "it was written too long ago to bear on today (the project's own bound)"
        if why:
            reader.record.note(
                "info", resource.key, f'{resource.path}.{place} says "{hit.quote[:QUOTED]}"; {why}.'
            )
        else:
            found.setdefault(hit.kind, (place, hit))
    for kind, (place, hit) in sorted(found.items()):
        path = f"{resource.path}.{place}"
        many = reader.warned.get(kind, 0) >= WARNED
        reader.warned[kind] = reader.warned.get(kind, 0) + 1
        withhold(
            reader,
            resource,
            unread_kind(reader.knowledge, kind),
            path,
            hit.quote,
            f'{path} is not read as a fact, and says "{hit.quote[:QUOTED]}": clear up what '
            f'"{hit.word}" means before anything that it bears on is ordered.',
            severity="info" if many else "warning",
        )


def stated_words(reader: Reader, resource: Resource) -> dict[str, list[str]]:
    """The labels and displays of the hazards that the codes of a resource state, by their kind.

    Only what a reader made a fact of counts, and nothing of devices that raise no alarm.
    """
    found: dict[str, list[str]] = {}
    if resource.key not in reader.asserted:
        return found
    for _, node in objects(resource.json):
        for m in mapped(reader, node):
            kind = hazard_of(reader.knowledge, m.subject)
            if kind and m.intake == "fact" and not reader.is_a(m.subject, "PassiveDevice"):
                labels = (reader.knowledge.label(m.subject), m.label, str(node.get("display", "")))
                found.setdefault(kind, []).extend(label.casefold() for label in labels)
    return found


def is_within(place: str, places: list[str]) -> bool:
    """Whether a place is one of some places, or lies within one."""
    return any(place == p or place.startswith((f"{p}.", f"{p}[")) for p in places)


def settles(reader: Reader, kind: str) -> bool:
    """Whether words of a kind of hazard add nothing once a code has stated it."""
    cls = unread_kind(reader.knowledge, kind)
    return reader.knowledge.facts.value(cls, ia("settledOnceStated")) == "true"


def past(reader: Reader, resource: Resource, kind: str) -> bool:
    """Whether a hazard of a kind that passes was surely written down longer ago than it lasts."""
    months = reader.knowledge.facts.value(unread_kind(reader.knowledge, kind), ia("passesAfter"))
    moment = first_moment(resource.json, *WHEN)
    if not months or not moment or not reader.newest:
        return False
    return surely_later(months_before(reader.newest, int(float(months))), moment)


def known_places(reader: Reader, resource: Resource) -> set[str]:
    """The paths of texts in a resource that only repeat what is read, or name people.

    Displays of codes that are in the tables, texts of concepts that repeat such a display, and
    displays of references to people or to what is in the record itself.
    """
    found: set[str] = set()
    for path, node in objects(resource.json):
        prefix = f"{path}." if path else ""
        if tabled(reader, node):
            found.add(f"{prefix}display")
        labels = {
            str(k.get("display")).casefold()
            for k in as_list(node.get("coding"))
            if isinstance(k, dict) and tabled(reader, k)
        }
        text = node.get("text")
        if isinstance(text, str) and text.casefold() in labels:
            found.add(f"{prefix}text")
        target = node.get("reference")
        if isinstance(target, str) and (
            PEOPLE.search(target) or reader.envelope.reference_state(node, resource) == "here"
        ):
            found.add(f"{prefix}display")
    return found


def tabled(reader: Reader, coding: dict) -> bool:
    """Whether the code of a coding is in the tables."""
    return bool(mapped(reader, coding))


def negative_places(reader: Reader, json) -> list[str]:
    """The paths of the questions in a resource that are plainly answered no."""
    found = []
    for path, node in objects(json):
        answers = [a for a in as_list(node.get("answer")) if isinstance(a, dict)]
        if all(says_no(reader, answer) for answer in answers or [node]):
            prefix = f"{path}." if path else ""
            found += [f"{prefix}text"] if answers else [f"{prefix}code"]
    return found


def says_no(reader: Reader, json: dict) -> bool:
    """Whether an answer is a plain no: a boolean, a code or a word."""
    coding, word = json.get("valueCoding"), json.get("valueString")
    concept = {"coding": [coding]} if coding else json.get("valueCodeableConcept")
    said = (
        [m.subject for m in reader.concepts.said(concept).mappings]
        if isinstance(concept, dict)
        else []
    )
    said += [reader.screens.answer(word) or ""] if isinstance(word, str) else []
    return json.get("valueBoolean") is False or any(
        reader.is_a(subject, "NegativeAnswer") for subject in said if subject
    )


def doubts(reader: Reader, resources: list[Resource]) -> tuple[Resource, str, Hit] | None:
    """The first words in some resources that doubt a benign reading: resource, place, and hit.

    Words that name suspicion come before words that leave the reading open.
    """
    found: list[tuple[Resource, str, Hit]] = []
    for resource in resources:
        hits = [
            (place, h)
            for place, text in texts(resource.json)
            for h in reader.screens.doubts(text)
            if not h.denied
        ]
        known = known_places(reader, resource) if hits else set()
        found += [(resource, place, h) for place, h in hits if place not in known]
    return min(
        found, key=lambda hit: (hit[2].kind != "suspicious", resources.index(hit[0])), default=None
    )
