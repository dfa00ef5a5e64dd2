"""Records as they come: broken, strange, half-filled. An error names its place, nothing is dropped
in silence, nothing is guessed.
"""

import copy
import json
from datetime import date
from time import perf_counter

import pytest
from bundles import (
    BIOPSY,
    CT_THIGH,
    DEEP,
    EGFR,
    FOREARM,
    HEMANGIOMA,
    INDETERMINATE,
    LIPOMA,
    MASS,
    MRI_THIGH,
    NORMAL,
    NOT_LABELED,
    PACEMAKER,
    PACEMAKER_IN_SITU,
    PALPABLE_MASS,
    SUBJECT,
    SUPERFICIAL,
    SUSPICIOUS,
    THIGH,
    UNSAFE,
    US_LEG,
    XR_FEMUR,
    allergy,
    bundle,
    concept,
    condition,
    device,
    egfr,
    inconclusive,
    mass,
    observation,
    order,
    patient,
    refer,
    report,
)
from conftest import CASES, ROOT
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from reasoner.errors import InputError, NextstudyError
from reasoner.intake.record import node

SCHEMA = Draft202012Validator(
    json.loads((ROOT / "reasoner" / "answer" / "answer.schema.json").read_text())
)
C = "ia:MassAfterInconclusiveRadiographAndUltrasound"
D = C + "MriContraindicated"
PLAIN_CT, PET = "ia:CtWithoutIvContrast", "ia:FdgPetCt"
PREFIX = (
    "@prefix ia: <https://w3id.org/imaging-appropriateness/ns/> .\n"
    "@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .\n@prefix : <http://example.org/> .\n"
)
GRAPH = PREFIX + (
    ":p a ia:Patient . :m a ia:Presentation ; ia:hasPatient :p ; ia:hasFinding [ a "
    "ia:SoftTissueMass ; ia:hasSite ia:Thigh ; ia:hasDepth ia:DeepToFascia ] . "
)


def only(answer):
    """The only presentation of an answer."""
    assert len(answer["presentations"]) == 1
    return answer["presentations"][0]


def applies(answer):
    """The scenarios that apply to the only presentation."""
    return [s["id"] for s in only(answer)["scenarios"] if s["status"] == "applies"]


def asked(answer):
    """What is asked about the only presentation."""
    return {q["id"] for q in only(answer)["questions"]}


def assumed(answer):
    """What the scenarios that apply assume."""
    return {
        a["id"]
        for s in only(answer)["scenarios"]
        if s["status"] == "applies"
        for a in s["assumptions"]
    }


def flags(answer, hazard):
    """The procedures with a flag for a hazard, and how it speaks."""
    return {
        r["generic"]: f["severity"]
        for r in only(answer)["recommendations"]
        for f in r["safety"]
        if f["hazard"] == hazard
    }


def said(answer, about):
    """The notes about something, in one text."""
    return "\n".join(n["message"] for n in answer["notes"] if n["about"] == about)


NO_RECORD = {
    "nothing": b"",
    "white space": b" \n ",
    "words": b"a patient with a lump",
    "half an object": b'{"resourceType": "Bundle", "entry": [',
    "NaN": b'{"a": NaN}',
    "a number": b"7",
    "a text": b'"x"',
    "null": b"null",
    "true": b"true",
    "an empty object": b"{}",
    "an empty list": b"[]",
    "lines of which one is broken": b'{"a": 1}\n{"b": }',
    "no UTF-8": b'{"a": "\xff"}',
    "deep nesting": b"[" * 100_000,
    "nesting that closes": b"[" * 900 + b"]" * 900,
    "an XML document": b"<Bundle xmlns='http://hl7.org/fhir'/>",
    "an empty Bundle": bundle() | {"entry": []},
    "an entry that is no list": bundle() | {"entry": 5},
    "no patient": bundle() | {"entry": [{"resource": mass(THIGH)}]},
    "two patients": bundle(patient(), patient() | {"id": "p2"}),
    "entries without resources": bundle() | {"entry": [{}, None, 3, {"resource": None}]},
    "no resourceType": [patient() | {"resourceType": None}],
    "a resourceType that is no text": [patient() | {"resourceType": ["Patient"]}],
    "a request without patient": {"context": {"patientId": ""}},
    "a request about someone else": {
        "context": {"patientId": "p2"},
        "prefetch": {"patient": patient()},
    },
    "a birth after the record": bundle(patient(born="2031-01-01"), mass(THIGH)),
}


@pytest.mark.parametrize("name", NO_RECORD)
def test_what_is_no_record_of_one_patient_is_refused_with_its_place(reasoner, name):
    with pytest.raises(InputError) as caught:
        reasoner.ask(NO_RECORD[name])
    assert caught.value.place and caught.value.message and caught.value.hint
    assert str(caught.value).startswith(caught.value.place)


def with_(resource, **changes):
    """A resource with elements replaced."""
    return {**resource, **changes}


STRANGE = {  # what is wrong, where the note says it is, the resource
    "code as text": ("code", "Condition/x", with_(condition("x", MASS), code="mass")),
    "code as number": ("code", "Condition/x", with_(condition("x", MASS), code=7)),
    "no code": ("", "Condition/x", with_(condition("x", MASS), code=None)),
    "coding without code": (
        "code",
        "Condition/x",
        with_(condition("x", MASS), code={"coding": [{}]}),
    ),
    "coding of lists": (
        "code",
        "Condition/x",
        with_(condition("x", MASS), code={"coding": [{"system": ["s"], "code": {"a": 1}}]}),
    ),
    "text only": ("code", "Condition/x", with_(condition("x", MASS), code={"text": "lump"})),
    "unknown system": (
        "code",
        "Condition/x",
        with_(condition("x", MASS), code={"coding": [{"system": "http://nobody", "code": "1"}]}),
    ),
    "site as text": ("bodySite", "Condition/x", with_(mass(name="x"), bodySite="thigh")),
    "onset in words": ("onsetDateTime", "Condition/x", mass(THIGH, name="x", onset="yesterday")),
    "onset that never was": (
        "onsetDateTime",
        "Condition/x",
        mass(THIGH, name="x", onset="2026-13-45"),
    ),
    "onset as number": ("onsetDateTime", "Condition/x", mass(THIGH, name="x", onset=2026)),
    "birth date in words": ("birthDate", "Patient/p1", patient(born="in spring")),
    "report date that never was": (
        "effectiveDateTime",
        "DiagnosticReport/x",
        report("x", XR_FEMUR, NORMAL, day="2026-02-30"),
    ),
    "another patient's report": (
        "subject",
        "DiagnosticReport/x",
        with_(report("x", XR_FEMUR, NORMAL), subject={"reference": "Patient/p2"}),
    ),
    "another patient's device": (
        "patient",
        "Device/x",
        with_(device("x", PACEMAKER, UNSAFE), patient={"reference": "Patient/p2"}),
    ),
    "a device's observation": (
        "subject",
        "Observation/x",
        with_(egfr("x", 22), subject={"reference": "Device/d"}),
    ),
    "a subject in words": ("subject", "Observation/x", with_(egfr("x", 80), subject="Jane Doe")),
    "a subject by name": (
        "subject",
        "Observation/x",
        with_(egfr("x", 80), subject={"display": "Jane Doe"}),
    ),
    "report without result": ("", "DiagnosticReport/x", report("x", XR_FEMUR)),
    "report in words": ("", "DiagnosticReport/x", report("x", XR_FEMUR, conclusion="Normal.")),
    "report of an unknown study": ("code", "DiagnosticReport/x", report("x", "loinc:1-1", NORMAL)),
    "report of a laboratory": ("code", "DiagnosticReport/x", report("x", EGFR, NORMAL)),
    "report without code": (
        "code",
        "DiagnosticReport/x",
        with_(report("x", XR_FEMUR, NORMAL), code=None),
    ),
    "report without status": (
        "status",
        "DiagnosticReport/x",
        with_(report("x", XR_FEMUR, NORMAL), status=None),
    ),
    "a radiograph's result on an ultrasound": (
        "conclusionCode",
        "DiagnosticReport/x",
        report("x", US_LEG, NORMAL),
    ),
    "a diagnosis as an attribute": (
        "stage",
        "Condition/x",
        mass(THIGH, name="x", stage=[{"summary": concept(LIPOMA)}]),
    ),
    "eGFR in words": ("valueQuantity.value", "Observation/x", egfr("x", "25 mL")),
    "eGFR of true": ("valueQuantity.value", "Observation/x", egfr("x", True)),
    "eGFR in a strange unit": ("valueQuantity.code", "Observation/x", egfr("x", 25, unit="%")),
    "eGFR in a list of units": ("valueQuantity.code", "Observation/x", egfr("x", 25, unit=["mL"])),
    "eGFR without value": ("valueQuantity", "Observation/x", observation("x", EGFR)),
    "size in inches": (
        "valueQuantity",
        "Observation/x",
        observation("x", "loinc:33728-7", valueQuantity={"value": 2, "code": "[in_i]"}),
    ),
    "observation of nothing known": ("", "Observation/x", observation("x", "loinc:2-2")),
    "observation entered in error": (
        "status",
        "Observation/x",
        observation("x", PALPABLE_MASS, status="entered-in-error"),
    ),
    "felt or not, nobody understands": (
        "value",
        "Observation/x",
        observation("x", PALPABLE_MASS, valueCodeableConcept=concept("sct:1")),
    ),
    "allergy to peanuts": ("", "AllergyIntolerance/x", allergy("x", "sct:91935009")),
    "procedure under way": (
        "status",
        "Procedure/x",
        {
            "resourceType": "Procedure",
            "id": "x",
            "status": "in-progress",
            "subject": SUBJECT,
            "code": concept(MRI_THIGH),
        },
    ),
    "pictures of nothing known": (
        "",
        "ImagingStudy/x",
        {"resourceType": "ImagingStudy", "id": "x", "status": "available", "subject": SUBJECT},
    ),
    "order of a drug": ("code", "ServiceRequest/x", order("x", "loinc:3-3")),
    "order without code": ("code", "ServiceRequest/x", order("x", None)),
    "order for a reason that is not there": (
        "reasonReference",
        "ServiceRequest/x",
        order("x", BIOPSY, reason="Condition/gone"),
    ),
    "a resource inside another": (
        "contained",
        "DiagnosticReport/x",
        report("x", XR_FEMUR, NORMAL, contained=[observation("o", EGFR)]),
    ),
    "a type that is not read": ("", "Encounter", {"resourceType": "Encounter", "id": "x"}),
}


@pytest.mark.parametrize("name", STRANGE)
def test_what_cannot_be_used_is_noted_with_its_place_and_the_rest_is_used(reasoner, name):
    element, about, resource = STRANGE[name]
    rest = (
        [mass(THIGH, DEEP)]
        if resource["resourceType"] == "Patient"
        else [patient(), mass(THIGH, DEEP)]
    )
    answer = reasoner.ask(bundle(*rest, resource))
    assert element in said(answer, about) and said(answer, about)
    first = answer["presentations"][0]
    assert first["id"] == "Condition/mass-1" and first["region"]["id"] == "ia:Thigh"
    assert not list(SCHEMA.iter_errors(answer))


UNUSED = {
    "no known code": (observation("x", "loinc:8867-4"), "is not in the tables"),
    "no code at all": (
        {**observation("x", "loinc:8867-4"), "code": {"text": "Heart rate"}},
        "text is not interpreted",
    ),
    "no element code": (
        {key: value for key, value in observation("x", "loinc:8867-4").items() if key != "code"},
        "bears on nothing",
    ),
    "a condition with no known code": (condition("x", "icd:E03.9"), "is not in the tables"),
    "a condition with nothing said": (
        {key: value for key, value in condition("x", "icd:E03.9").items() if key != "code"},
        "could not be read",
    ),
}


@pytest.mark.parametrize("name", UNUSED)
def test_one_note_says_why_a_resource_is_not_used(reasoner, name):
    resource, why = UNUSED[name]
    [note] = [n for n in reasoner.ask(bundle(resource))["notes"] if n["about"].endswith("/x")]
    assert why in note["message"] and note["message"].startswith("Bundle.entry[1].resource")


def test_a_concept_says_the_same_each_time_wherever_it_stands(reasoner):
    given = bundle(*(observation(f"x{n}", "loinc:8867-4") for n in range(3)))
    first, again = (reasoner.ask(given)["notes"] for _ in range(2))
    assert first == again and [
        n["message"].split(".code")[0] for n in first if n["about"].startswith("Observation/x")
    ] == [f"Bundle.entry[{n}].resource" for n in (1, 2, 3)]


def test_what_strangers_send_fills_no_memory(reasoner):
    from reasoner.intake.concepts import LONGEST, MOST, REMEMBERED, concepts

    found = concepts(reasoner.knowledge)

    def held():
        return found._remembered.cache_info().currsize

    before = held()
    for n in range(5):
        found.meaning([n] * (MOST + 1))
        found.meaning({"text": f"{n}" * LONGEST})
    assert held() == before
    found.meaning({"text": "a text that was never here before"})
    assert held() == before + 1 and found._remembered.cache_info().maxsize == REMEMBERED


@pytest.mark.parametrize(
    "nested", [{"start": {"start": "2026-04-18"}}, {"start": ["2026-04-18"]}, {"end": 5}]
)
def test_a_period_of_what_is_no_date_gives_a_study_no_date(reasoner, nested):
    study = with_(report("xr-1", XR_FEMUR, NORMAL), effectiveDateTime=None, effectivePeriod=nested)
    assert "has no date" in said(
        reasoner.ask(bundle(mass(THIGH, DEEP), study)), "DiagnosticReport/xr-1"
    )


@pytest.mark.parametrize("onset", ["2026", "2026-04", "2026-04-18", "2026-04-18T08:00:00+02:00"])
def test_dates_of_any_precision_are_read(reasoner, onset):
    answer = reasoner.ask(
        bundle(mass(THIGH, DEEP, onset=onset), report("xr-1", XR_FEMUR, NORMAL, day="2026-04-18"))
    )
    assert "date" not in said(answer, "Condition/mass-1")
    assert only(answer)["outcome"] == "more-information"


def test_a_code_is_read_wherever_the_wild_puts_it(reasoner):
    wild = with_(
        mass(),
        code={"coding": concept(MASS)["coding"][0]},
        bodySite=concept(THIGH, DEEP),
        clinicalStatus="active",
        id=None,
    )
    answer = reasoner.ask(bundle(wild))
    assert applies(answer) == ["ia:DeepMassInitialImaging"]


def test_the_most_telling_code_of_a_study_is_read(reasoner):
    vague = with_(
        report("xr-1", XR_FEMUR, NORMAL), code=concept("sct:168537006", "loinc:43468-8", XR_FEMUR)
    )
    answer = reasoner.ask(bundle(mass(THIGH, DEEP), vague))
    assert only(answer)["outcome"] == "more-information"
    assert not said(answer, "DiagnosticReport/xr-1")


def test_an_id_that_is_no_text_gives_the_place_as_name(reasoner):
    answer = reasoner.ask(bundle(patient(), with_(mass(THIGH, DEEP), id=7)))
    assert "entry" in only(answer)["id"]


def test_references_are_followed_by_full_url_and_by_version(reasoner):
    document = bundle(
        patient(),
        mass(THIGH, DEEP),
        report("xr-1", "loinc:43468-8", NORMAL, basedOn=refer("urn:uuid:order")),
        order(
            "o",
            "loinc:43468-8",
            reason="https://ehr.example.org/fhir/Condition/mass-1/_history/2",
            status="completed",
        ),
    )
    document["entry"][3]["fullUrl"] = "urn:uuid:order"
    assert only(reasoner.ask(document))["outcome"] == "more-information"


def test_pictures_of_one_mass_are_not_settled_by_a_report_on_another(reasoner):
    pictures = {
        "resourceType": "ImagingStudy",
        "id": "mri-1",
        "status": "available",
        "subject": SUBJECT,
        "started": "2026-05-01",
        "procedureCode": [concept(MRI_THIGH)],
    }
    answer = reasoner.ask(
        bundle(
            *inconclusive(),
            pictures,
            mass(FOREARM, DEEP, name="mass-2"),
            report("mri-2", "loinc:30684-5", LIPOMA, day="2026-05-01"),
        )
    )
    assert [p["outcome"] for p in answer["presentations"]] == ["next-step", "next-step"]
    assert answer["presentations"][0]["nextSteps"] == []


def test_a_report_outweighs_pictures_of_its_kind(reasoner):
    pictures = {
        "resourceType": "ImagingStudy",
        "id": "us-2",
        "status": "available",
        "subject": SUBJECT,
        "started": "2026-04-21",
        "procedureCode": [concept(US_LEG)],
    }
    assert applies(reasoner.ask(bundle(*inconclusive(), pictures))) == [C]


@pytest.mark.parametrize(
    "state, outcome",
    [
        ("preliminary", "more-information"),
        ("registered", "more-information"),
        ("final", "more-information"),
        (None, "recommendation"),
    ],
)
def test_pictures_say_that_a_study_was_done_when_their_report_cannot_be_used(
    reasoner, state, outcome
):
    pictures = {
        "resourceType": "ImagingStudy",
        "id": "p",
        "status": "available",
        "subject": SUBJECT,
        "started": "2026-04-18",
        "procedureCode": [concept(XR_FEMUR)],
    }
    told = report("xr-1", XR_FEMUR, NORMAL, status=state, imagingStudy=refer("ImagingStudy/p"))
    given = [pictures, told] if state else []
    assert only(reasoner.ask(bundle(mass(THIGH, DEEP), *given)))["outcome"] == outcome


@pytest.mark.parametrize("word", ["entered-in-error", "preliminary", "cancelled"])
def test_an_observation_that_counts_for_nothing_gives_a_report_no_result(reasoner, word):
    shown = observation("shown", US_LEG, status=word, interpretation=[concept("v3:IND")])
    answer = reasoner.ask(
        bundle(
            mass(THIGH, DEEP),
            report("xr-1", XR_FEMUR, NORMAL),
            report("us-1", US_LEG, result=refer("Observation/shown")),
            shown,
        )
    )
    assert only(answer)["outcome"] == "more-information"
    assert word == "preliminary" or word in said(answer, "Observation/shown")


def test_an_observation_of_a_report_is_read_for_what_else_it_says(reasoner):
    size = observation(
        "size",
        "loinc:33728-7",
        focus=refer("Condition/mass-1"),
        valueQuantity={"value": 62, "code": "mm"},
    )
    answer = reasoner.ask(
        bundle(
            mass(THIGH, DEEP),
            report("us-1", US_LEG, INDETERMINATE, result=refer("Observation/size")),
            size,
        )
    )
    assert "5 cm" in said(answer, "Condition/mass-1")


def test_a_passed_screening_turns_the_assumption_into_a_fact(reasoner):
    assert "ia:MriContraindicated" in assumed(reasoner.ask(bundle(*inconclusive())))
    day, code = {"effectiveDateTime": "2026-04-19"}, "ia:MriSafetyScreeningPassed"
    procedure = {"resourceType": "Procedure", "id": "s", "status": "completed", "subject": SUBJECT}
    for passed in (
        observation("s", code, valueBoolean=True, **day),
        condition("s", code, recordedDate="2026-04-19"),
        {**procedure, "code": concept(code), "performedDateTime": "2026-04-19"},
    ):
        answer = reasoner.ask(bundle(*inconclusive(), passed))
        assert applies(answer) == [C] and "ia:MriContraindicated" not in assumed(answer) | asked(
            answer
        )
    unread = observation("s", "loinc:9-9", valueCodeableConcept=concept(code), **day)
    assert "ia:MriContraindicated" in asked(reasoner.ask(bundle(*inconclusive(), unread)))


@pytest.mark.parametrize(
    "change",
    [
        {"valueBoolean": False},
        {"valueCodeableConcept": concept("sct:385660001")},
        {"valueString": "no"},
        {"dataAbsentReason": concept("sct:1")},
        {"status": "preliminary"},
        {"status": "entered-in-error"},
        {"subject": {"reference": "Patient/p2"}},
        {"valueCodeableConcept": concept("sct:280416009")},
    ],
)
def test_a_screening_clears_nobody_unless_it_plainly_says_so(reasoner, change):
    screening = observation("s", "ia:MriSafetyScreeningPassed", effectiveDateTime="2026-04-19")
    answer = reasoner.ask(bundle(*inconclusive(), with_(screening, **change)))
    void = change.get("status") == "entered-in-error" or "subject" in change
    assert ("ia:MriContraindicated" in assumed(answer)) is void
    assert void or "ia:MriContraindicated" in asked(answer)
    assert said(answer, "Observation/s")


@pytest.mark.parametrize(
    "word", ["preparation", "in-progress", "on-hold", "not-done", "stopped", "unknown"]
)
def test_a_screening_that_is_not_completed_clears_nobody(reasoner, word):
    answer = reasoner.ask(
        bundle(
            *inconclusive(),
            {
                "resourceType": "Procedure",
                "id": "s",
                "status": word,
                "subject": SUBJECT,
                "code": concept("ia:MriSafetyScreeningPassed"),
            },
        )
    )
    assert "ia:MriContraindicated" in assumed(answer)
    assert said(answer, "Procedure/s")


def test_an_egfr_without_date_is_heard_beside_the_newest(reasoner):
    undated = egfr("undated", 22, day=None)
    for others in ([], [egfr("new", 80, day="2026-05-01")]):
        assert "ia:MriWithoutAndWithIvContrast" in flags(
            reasoner.ask(bundle(*inconclusive(), undated, *others)), "ia:GadoliniumContrast"
        )


@pytest.mark.parametrize(
    "value,sign,low,asks",
    [
        (29.9, None, True, False),
        (30, None, False, False),
        (30, "<", True, False),
        (30, "<=", False, True),
        (15, "<", True, False),
        (29, ">", False, True),
        (30, ">", False, False),
        (30, ">=", False, False),
        (29, ">=", False, True),
        (60, "<", False, True),
        (60, ">", False, False),
        (-1, None, False, True),
        (25, "~", False, True),
    ],
)
def test_bounds_of_an_egfr_decide_as_far_as_they_reach(reasoner, value, sign, low, asks):
    answer = reasoner.ask(
        bundle(*inconclusive(), egfr("e", value, **({"comparator": sign} if sign else {})))
    )
    assert bool(flags(answer, "ia:GadoliniumContrast")) == low
    assert ("ia:ReducedKidneyFunction" in asked(answer)) == asks


def test_a_newer_egfr_that_cannot_be_read_leaves_a_question(reasoner):
    answer = reasoner.ask(
        bundle(*inconclusive(), egfr("old", 80, day="2026-03-01"), egfr("new", "25 mL"))
    )
    assert "ia:ReducedKidneyFunction" in asked(answer)


def test_a_contraindicated_study_is_set_aside_and_stays_in_the_answer(reasoner):
    rows = only(reasoner.ask(bundle(mass(THIGH, SUPERFICIAL), device("d", PACEMAKER, UNSAFE))))[
        "recommendations"
    ]
    aside = [r for r in rows if r["setAside"]]
    assert {r["generic"] for r in aside} == {
        "ia:MriWithoutAndWithIvContrast",
        "ia:MriWithoutIvContrast",
    }
    assert rows[-len(aside) :] == aside and all(
        r["safety"][0]["because"] == ["Device/d"] for r in aside
    )


def test_the_age_on_the_day_of_asking_decides_which_radiation_ranks(reasoner):
    document = bundle(patient(born="2008-05-01"), *inconclusive())

    def order_of(answer):
        return [
            r["generic"] for r in only(answer)["recommendations"] if r["generic"] in (PLAIN_CT, PET)
        ]

    assert order_of(reasoner.ask(document)) == [
        PLAIN_CT,
        PET,
    ]  # a child: the level of PET/CT is not stated
    assert order_of(reasoner.ask(document, date(2026, 4, 30))) == [PLAIN_CT, PET]
    assert order_of(reasoner.ask(document, date(2026, 5, 1))) == [
        PET,
        PLAIN_CT,
    ]  # an adult: four signs rank before varies
    with pytest.raises(InputError, match="birthDate"):
        reasoner.ask(document, date(2008, 4, 30))


def test_without_a_birth_date_adult_levels_rank_and_a_note_says_so(reasoner):
    answer = reasoner.ask(bundle(patient(born=None), *inconclusive()))
    rows = [r["generic"] for r in only(answer)["recommendations"]]
    assert rows.index(PET) < rows.index(PLAIN_CT)
    assert "age" in said(answer, "Patient/p1")


def test_a_request_whose_patient_could_not_be_fetched_is_answered(reasoner):
    answer = reasoner.ask(
        {
            "context": {"patientId": "p1"},
            "prefetch": {
                "conditions": bundle(mass(THIGH, DEEP))
                | {"entry": [{"resource": mass(THIGH, DEEP)}]}
            },
        }
    )
    assert answer["patient"] == "Patient/p1" and applies(answer) == ["ia:DeepMassInitialImaging"]
    assert "age" in said(answer, "Patient/p1")


def test_a_prefetch_that_is_no_object_is_noted(reasoner):
    answer = reasoner.ask({"context": {"patientId": "p1"}, "prefetch": ["x"]})
    assert said(answer, "prefetch")


@pytest.mark.parametrize("reason", [[], [{}], {"coding": [{}]}, None])
def test_an_empty_reason_is_no_reason(reasoner, reason):
    answer = reasoner.ask(
        bundle(mass(THIGH, DEEP), order("o", BIOPSY, reason=None, reasonCode=reason))
    )
    assert [a["order"] for a in only(answer)["alerts"]] == ["ServiceRequest/o"]


def test_a_draft_without_reason_and_without_mass_hears_that_no_reason_was_read(reasoner):
    answer = reasoner.ask(bundle(order("o", CT_THIGH, reason=None)))
    assert (only(answer)["id"], only(answer)["outcome"], only(answer)["finding"]) == (
        "ServiceRequest/o",
        "not-read",
        None,
    )
    assert "reason" in said(answer, "ServiceRequest/o")


@pytest.mark.parametrize("status", ["completed", "active", "draft"])
def test_a_problem_in_words_is_said_beside_an_order_that_makes_no_presentation(reasoner, status):
    lump = condition("x", MASS) | {"code": {"text": "lump"}}
    walk = order("o", None, reason=None, status=status) | {"code": {"text": "physiotherapy"}}
    answer = reasoner.ask(bundle(lump, walk))
    assert [(p["id"], p["outcome"]) for p in answer["presentations"]] == [
        ("Condition/x", "not-read")
    ]
    drafted = order("o", CT_THIGH, reason="Condition/x")
    answer = reasoner.ask(bundle(lump, drafted))
    assert [p["id"] for p in answer["presentations"]] == ["ServiceRequest/o"]


def test_deep_nesting_is_no_crash(reasoner):
    def deep(end):
        return (
            '{"resourceType": "Condition", "id": "x", "code": '
            + "[" * 1000
            + end
            + "]" * 1000
            + "}"
        ).encode()

    lines = b"\n".join([json.dumps(patient()).encode(), deep("1"), deep("2")])
    try:
        assert said(reasoner.ask(lines), "Condition/x")
    except InputError as error:
        assert "nested" in str(error)


def test_the_work_grows_with_the_record_and_not_with_its_square(reasoner):
    def seconds(n):
        document = bundle(
            *inconclusive(),
            *(observation(f"o{i}", f"loinc:{i}-1") for i in range(n)),
            *(condition(f"c{i}", "icd:E11.9") for i in range(n)),
        )
        started = perf_counter()
        reasoner.ask(document)
        return perf_counter() - started

    seconds(10)
    assert seconds(4000) < 25 * seconds(400) + 0.5


# Nothing is dropped in silence

CODES = [
    MASS,
    PALPABLE_MASS,
    PACEMAKER,
    PACEMAKER_IN_SITU,
    NORMAL,
    INDETERMINATE,
    SUSPICIOUS,
    LIPOMA,
    HEMANGIOMA,
    XR_FEMUR,
    US_LEG,
    MRI_THIGH,
    CT_THIGH,
    BIOPSY,
    EGFR,
    THIGH,
    DEEP,
    "icd:Z95.0",
    "icd:N18.4",
    "sct:19887002",
    "sct:60342002",
    "sct:1348311005",
    "loinc:33728-7",
    "loinc:82810-3",
    "ia:MriSafetyScreeningPassed",
    "sct:999",
    "radlex:RID14",
]
STATUSES = [
    "final",
    "preliminary",
    "active",
    "draft",
    "completed",
    "available",
    "inactive",
    "entered-in-error",
    "not-done",
    "revoked",
    "unknown",
    None,
]
code, status = st.sampled_from(CODES), st.sampled_from(STATUSES)
TYPES = {
    "Condition": lambda name, draw: {
        **condition(name, draw(code)),
        "verificationStatus": concept(
            f"verification:{draw(st.sampled_from(['confirmed', 'refuted', 'entered-in-error']))}"
        ),
        "bodySite": [concept(draw(code))],
        "onsetDateTime": draw(st.sampled_from(["2026-04-01", "2027", "soon"])),
    },
    "DiagnosticReport": lambda name, draw: {
        **report(name, draw(code), draw(code)),
        "status": draw(status),
        "basedOn": refer("ServiceRequest/r0"),
    },
    "Observation": lambda name, draw: {
        **observation(name, draw(code)),
        "status": draw(status),
        draw(st.sampled_from(["valueCodeableConcept", "interpretation"])): concept(draw(code)),
    },
    "Device": lambda name, draw: {
        **device(name, draw(code), draw(st.sampled_from([UNSAFE, NOT_LABELED, NORMAL]))),
        "status": draw(status),
    },
    "AllergyIntolerance": lambda name, draw: allergy(
        name, draw(code), draw(st.sampled_from(["mild", "severe", None]))
    ),
    "Procedure": lambda name, draw: {
        "resourceType": "Procedure",
        "id": name,
        "status": draw(status),
        "subject": SUBJECT,
        "code": concept(draw(code)),
    },
    "ImagingStudy": lambda name, draw: {
        "resourceType": "ImagingStudy",
        "id": name,
        "status": draw(status),
        "subject": SUBJECT,
        "procedureCode": [concept(draw(code))],
    },
    "ServiceRequest": lambda name, draw: {
        **order(
            name, draw(code), reason=draw(st.sampled_from(["Condition/r0", "Condition/r1", None]))
        ),
        "status": draw(status),
    },
    "Encounter": lambda name, draw: {"resourceType": "Encounter", "id": name},
}


@st.composite
def resources(draw):
    """Some resources of the patient p1, and sometimes of another."""
    made = [
        TYPES[draw(st.sampled_from(sorted(TYPES)))](f"r{n}", draw)
        for n in range(draw(st.integers(1, 8)))
    ]
    for resource in made:
        if "subject" in resource and draw(st.integers(0, 9)) == 0:
            resource["subject"] = {"reference": "Patient/p2"}
    return made


@settings(max_examples=400)
@given(made=resources())
def test_every_resource_is_used_or_noted(reasoner, made):
    reply = reasoner.reply(bundle(patient(), *made))
    stated = {
        text.split("#")[0]
        for s, _, o in reply.record.statements
        for text in (s, o)
        if isinstance(text, str)
    }
    noted = {n.about for n in reply.record.notes}
    for resource in made:
        key = f"{resource['resourceType']}/{resource['id']}"
        assert node(key) in stated or key in noted or resource["resourceType"] in noted


# Whatever is done to a record, an answer or an error that names its place

SMALL = {
    name: path
    for name, path in CASES.items()
    if path.suffix == ".json" and path.stat().st_size < 9000
}
DOCUMENTS = [json.loads(path.read_text()) for _, path in sorted(SMALL.items())]
JUNK = [
    None,
    True,
    False,
    0,
    -1,
    10**400,
    1e308,
    float("nan"),
    float("inf"),
    "",
    "x",
    "Patient/p2",
    "2026-13-45",
    "\ud800",
    'a b<>"{}|^`\\',
    [],
    {},
    [[]],
    [{}],
    [None],
    {"coding": {}},
    {"coding": [None]},
    {"reference": 1},
    {"code": []},
    {"value": {}},
    {"resourceType": "Bundle", "entry": {}},
    {"resourceType": "Patient"},
    [1, "a", {"b": [None]}],
]


def mutate(document, data):
    """Deletes, replaces, repeats or moves something at a path that hypothesis draws."""
    at, steps = document, []
    while isinstance(at, (dict, list)) and at:
        keys = sorted(at) if isinstance(at, dict) else range(len(at))
        steps.append((at, data.draw(st.sampled_from(keys), label="step")))
        at = at[steps[-1][1]]
    if not steps:
        return
    holder, key = steps[data.draw(st.integers(0, len(steps) - 1), label="depth")]
    action = data.draw(
        st.sampled_from(["delete", "replace", "replace", "repeat", "wrap", "unwrap"]),
        label="action",
    )
    if action == "delete":
        del holder[key]
    elif action == "replace":
        holder[key] = copy.deepcopy(data.draw(st.sampled_from(JUNK), label="junk"))
    elif action == "repeat" and isinstance(holder, list):
        holder.append(copy.deepcopy(holder[key]))
    elif action == "wrap":
        holder[key] = [holder[key]]
    elif isinstance(holder[key], list) and holder[key]:
        holder[key] = holder[key][0]


@pytest.mark.parametrize("place", [("id",), ("bodySite", 0, "coding", 0, "code"), ("note",)])
def test_half_a_character_is_refused_and_its_place_named(reasoner, place):
    """In parsed JSON as in bytes."""
    resource = copy.deepcopy(mass(THIGH, DEEP))
    at = resource
    for step in place[:-1]:
        at = at[step]
    at[place[-1]] = "half \ud800"
    document = bundle(resource)
    with pytest.raises(InputError, match=f'{place[-1]}": "half '):
        reasoner.ask(document)
    with pytest.raises(InputError, match="surrogate"):
        reasoner.ask(json.dumps(document).encode())
    at[place[-1]] = "whole \U0001f9b4"
    assert reasoner.ask(document) == reasoner.ask(json.dumps(document).encode())


@settings(max_examples=1200)
@given(data=st.data())
def test_a_mutated_record_gets_a_valid_answer_or_an_error_that_names_its_place(reasoner, data):
    document = copy.deepcopy(data.draw(st.sampled_from(DOCUMENTS), label="case"))
    for _ in range(data.draw(st.integers(1, 4), label="mutations")):
        mutate(document, data)
    try:
        answer = reasoner.ask(document)
    except NextstudyError:
        return
    json.dumps(answer)
    assert not list(SCHEMA.iter_errors(answer))


@settings(max_examples=300)
@given(
    name=st.sampled_from(sorted(SMALL)),
    start=st.floats(0, 1),
    length=st.integers(0, 40),
    patch=st.sampled_from([b"", b"0", b'"', b"{", b"\xff", b"\x00", b"null", b"\\ud800", b"\n"]),
)
def test_damaged_bytes_get_a_valid_answer_or_an_error_that_names_its_place(
    reasoner, name, start, length, patch
):
    whole = SMALL[name].read_bytes()
    at = int(start * len(whole))
    try:
        answer = reasoner.ask(whole[:at] + patch + whole[at + length :])
    except NextstudyError as error:
        assert str(error)
        return
    assert not list(SCHEMA.iter_errors(answer))


# Patient graphs


def test_a_patient_graph_is_answered_and_its_blank_nodes_get_lasting_names(reasoner):
    reply = reasoner.reply(GRAPH.encode())
    assert applies(reply.answer) == ["ia:DeepMassInitialImaging"]
    assert reply.turtle() == reasoner.reply(GRAPH.encode()).turtle()
    assert all(
        "_:" not in b for c in only(reply.answer)["scenarios"][0]["criteria"] for b in c["because"]
    )


BAD_GRAPH = {  # what is added to a good graph, what the place names, what the error names
    "undeclared class": (":m a ia:Presentatoin .", "example.org/m", "ia:Presentation"),
    "undeclared property": (":m ia:hasStudies :s .", "example.org/m", "ia:hasStudy"),
    "undeclared individual": (
        ":m ia:hasFinding :f . :f ia:hasSite ia:Thihg .",
        "example.org/f",
        "ia:Thigh",
    ),
    "value that is no boolean": (':p ia:value "yes"^^xsd:boolean .', "ia:value", "datatype"),
    "value that is no decimal": (':p ia:value "abc"^^xsd:decimal .', "ia:value", "datatype"),
    "value that is no integer": (':p ia:value "2.5"^^xsd:integer .', "ia:value", "datatype"),
    "birth that never was": (
        ':p ia:birthDate "1981-13-45"^^xsd:date .',
        "ia:birthDate",
        "datatype",
    ),
    "birth in words": (':p ia:birthDate "yesterday" .', "ia:birthDate", "datatype"),
    "birth in the future": (
        (
            ':p ia:birthDate "2031-01-01"^^xsd:date . :m ia:hasStudy :s . :s ia:performedOn '
            '"2026-01-01"^^xsd:date .'
        ),
        "ia:birthDate",
        "2031",
    ),
    "text for a thing": (':m ia:hasStudy "ultrasound" .', "ia:hasStudy", "a thing"),
    "text for a class": (':m a "Presentation" .', "type", "a thing"),
    "thing for a value": (":p ia:value ia:Thigh .", "ia:value", "a value"),
    "invented rating": (
        (
            ":r a ia:Rating ; ia:ofScenario ia:DeepMassInitialImaging ; ia:ofProcedureRated "
            "ia:FdgPetCt ."
        ),
        "example.org/r",
        "ontology",
    ),
    "rewritten knowledge": ("ia:MrUnsafe ia:hasSeverity ia:Mild .", "ia:MrUnsafe", "ontology"),
    "second patient": (":q a ia:Patient .", "graph", "2 members"),
    "presentation without patient": (":n a ia:Presentation .", "example.org/n", "patient"),
    "broken syntax": (":m ia:hasStudy", "line", "Turtle"),
}


@pytest.mark.parametrize("name", BAD_GRAPH)
def test_a_patient_graph_that_is_wrong_is_refused_with_its_place(reasoner, name):
    added, place, named = BAD_GRAPH[name]
    with pytest.raises(InputError) as caught:
        reasoner.ask((GRAPH + added).encode())
    assert place in caught.value.place
    assert named in str(caught.value)


def test_words_of_others_in_a_patient_graph_are_noted(reasoner):
    answer = reasoner.ask((GRAPH + ":m :color :blue .").encode())
    assert said(answer, "http://example.org/color")


def test_a_number_without_datatype_is_no_kidney_function(reasoner):
    answer = reasoner.ask(
        (
            GRAPH
            + (
                ":p ia:hasMeasurement :e . :e a ia:Measurement ; ia:ofObservable ia:EstimatedGfr "
                '; ia:value "25 mL" .'
            )
        ).encode()
    )
    assert "ia:ReducedKidneyFunction" in asked(answer)
    assert said(answer, "http://example.org/e")


@pytest.mark.parametrize(
    ("system", "code", "judged"),
    [
        ("http://www.ama-assn.org/go/cpt", "73720", True),
        ("http://www.ama-assn.org/go/cpt", "99213", False),
        ("http://loinc.org", "73720", False),
    ],
)
def test_an_order_of_the_radiology_chapter_is_imaging_although_its_code_is_not_mapped(
    reasoner, system, code, judged
):
    drawn = {
        **order("o", None, reason=None, reasonCode=[concept("sct:25064002")]),
        "code": {"coding": [{"system": system, "code": code}]},
    }
    answer = reasoner.ask(bundle(drawn))
    assert [p["id"] for p in answer["presentations"]] == (["ServiceRequest/o"] if judged else [])
    assert any(n["about"] == "ServiceRequest/o" for n in answer["notes"])


@pytest.mark.parametrize("name", ["a", "zz"])
@pytest.mark.parametrize(
    ("first", "second", "suspicious"),
    [
        ("2026-04-20T08:00:00Z", "2026-04-20T17:00:00Z", True),
        ("2026-04-20T17:00:00Z", "2026-04-20T08:00:00Z", False),
        ("2026-04-20", "2026-04-20T08:00:00Z", True),
        ("2026-04-20", "2026", True),
        ("2026-04-20", "2026-04-19", False),
        ("2026-04-20T08:00:00+02:00", "2026-04-20T07:00:00Z", True),
    ],
)
def test_of_two_studies_of_a_kind_the_later_decides_and_where_that_is_not_known_the_more_worrying(
    reasoner, name, first, second, suspicious
):
    """Whatever the resources are called."""
    found = reasoner.ask(
        bundle(
            *inconclusive()[:2],
            report("us-1", US_LEG, INDETERMINATE, day=first),
            report(name, US_LEG, SUSPICIOUS, day=second),
        )
    )
    decided = any("Initial imaging is read as suspicious" in n["message"] for n in found["notes"])
    assert decided is suspicious
    earlier = any(
        "An older study of this kind was read as suspicious" in n["message"] for n in found["notes"]
    )
    assert earlier is not suspicious
    assert any("may be as new as" in n["message"] for n in found["notes"]) is (
        suspicious and second in ("2026", "2026-04-20T08:00:00Z") and "T" not in first
    )


@pytest.mark.parametrize("names", [("a", "z"), ("z", "a")])
@pytest.mark.parametrize(
    ("first", "second", "low"),
    [
        ("2026-04-10T08:00:00Z", "2026-04-10T16:00:00Z", True),
        ("2026-04-10T16:00:00Z", "2026-04-10T08:00:00Z", False),
        ("2026-04-10", "2026-04-10", True),
        ("2026-03-01", "2026", True),
        ("2026-03-02", "2026-03-01", False),
    ],
)
def test_an_egfr_counts_unless_another_is_surely_newer(reasoner, names, first, second, low):
    found = reasoner.ask(
        bundle(*inconclusive(), egfr(names[0], 85, first), egfr(names[1], 20, second))
    )
    assert (
        any(
            "ia:GadoliniumContrast" == f["hazard"]
            for r in found["presentations"][0]["recommendations"]
            for f in r["safety"]
        )
        is low
    )


@pytest.mark.parametrize("turn", range(3))
@pytest.mark.parametrize("undated", [[], [None]])
def test_dates_that_are_later_in_a_circle_lose_nothing(reasoner, turn, undated):
    """Each of the three is later than the next, by the instant or by the day."""
    days = ["2026-09-21T23:00:00-12:00", "2026-09-23T00:30:00+14:00", "2026-09-22"]
    days = days[turn:] + days[:turn]
    kidneys = [egfr(f"e{n}", 20 if n == 0 else 85, day) for n, day in enumerate(days + undated)]
    assert flags(reasoner.ask(bundle(*inconclusive(), *kidneys)), "ia:GadoliniumContrast")
    reports = [
        report(f"us-{n}", US_LEG, INDETERMINATE if n else SUSPICIOUS, day=day)
        for n, day in enumerate(days)
    ]
    found = reasoner.ask(bundle(*inconclusive()[:2], *reports))
    assert any("read as suspicious" in note["message"] for note in found["notes"])


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("ia:hasFinding [ a ia:SoftTissueMass ] , [ a ia:SoftTissueMass ]", "2 findings"),
        (
            "ia:hasFinding [ a ia:SoftTissueMass ; ia:hasSite :thigh ]",
            "is not a term of the ontology",
        ),
        ("ia:hasOrder [ a ia:Order ; ia:ofProcedure :mri ]", "is not a term of the ontology"),
    ],
)
def test_a_graph_says_one_finding_and_names_terms(reasoner, text, said):
    with pytest.raises(InputError, match=said):
        reasoner.ask(
            (
                PREFIX + f":p a ia:Patient . :m a ia:Presentation ; ia:hasPatient :p ; {text} ."
            ).encode()
        )


def test_what_a_graph_says_twice_counts_once(reasoner):
    once = PREFIX + (
        ":p a ia:Patient . :m a ia:Presentation ; ia:hasPatient :p ; ia:hasFinding [ a "
        "ia:SoftTissueMass ; ia:hasSite ia:Thigh ] ; ia:hasOrder :o . :o a ia:Order ; "
        "ia:ofProcedure ia:CtWithIvContrast ."
    )
    assert reasoner.ask((once + " :m ia:hasOrder :o .").encode()) == reasoner.ask(once.encode())
