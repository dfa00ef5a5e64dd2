"""What a record denies, suspects or leaves without a place, for every class of the graph that an
annotation says it of, so that a class added tomorrow is held to the same.
"""

import pytest
from test_facts import (
    ABSENT,
    KNEE,
    concept,
    condition,
    denied,
    notes,
    observation,
    order,
    record,
    resource,
    stated,
)

from reasoner.graph.knowledge import load
from reasoner.intake.annotations import below, inherited
from reasoner.names import IA, curie, home, ia

KNOWLEDGE = load(home() / "ontology")
FACTS = KNOWLEDGE.facts
REPORT = {"code": concept("RadiographyKnee"), "status": "final", "effectiveDateTime": "2026-11-20"}
UNKNOWN_SITE = {"bodySite": [{"coding": [{"system": "urn:local", "code": "x"}]}]}


def site(name):
    """A body site of the vocabulary, as a Condition or an Observation gives it."""
    return {"bodySite": [concept(name)]}


def short(terms):
    """The names of terms without their prefix, sorted."""
    return sorted(curie(term).removeprefix("ia:") for term in terms)


def having(annotation, root):
    """The names of the classes below a root that have an annotation of their own."""
    return short(t for t in FACTS.having(ia(annotation)) if KNOWLEDGE.is_a(t, ia(root)))


def injury(name="AcuteInjury", region="Knee", **more):
    """A confirmed injury of a region that came about yesterday."""
    return condition("i", name, onsetDateTime="2026-11-19", **site(region), **more)


def values(name, annotation):
    """The names of the terms that an annotation of a class names."""
    return short(FACTS.objects(ia(name), ia(annotation)))


SIGNS = having("contradicts", "Sign")


@pytest.fixture(scope="module")
def topic(reasoner):
    """The reasoner of all topics."""
    return reasoner


@pytest.mark.parametrize("name", SIGNS)
def test_a_sign_that_is_stated_denies_its_contraries_with_all_below_them(topic, name):
    answer = record(topic, injury(), observation("s", name, valueBoolean=True))
    contraries = {t for other in values(name, "contradicts") for t in below(KNOWLEDGE, ia(other))}
    assert set(short(contraries)) <= denied(answer)
    assert name in stated(answer, "hasSign")


@pytest.mark.parametrize("name", SIGNS)
def test_two_signs_that_are_contrary_are_so_to_each_other(name):
    assert all(name in values(other, "contradicts") for other in values(name, "contradicts"))


@pytest.mark.parametrize("name", having("whenDenied", "Sign"))
def test_a_sign_that_is_denied_states_what_its_denial_means(topic, name):
    answer = record(topic, injury(), observation("s", name, valueBoolean=False))
    assert set(values(name, "whenDenied")) <= stated(answer, "hasSign")
    assert name in denied(answer)


@pytest.mark.parametrize("name", SIGNS)
def test_contrary_signs_that_are_both_stated_deny_neither(topic, name):
    other = values(name, "contradicts")[0]
    both = [observation(n, n, valueBoolean=True) for n in (name, other)]
    answer = record(topic, injury(), *both)
    assert not {name, other} & denied(answer)


def test_signs_are_contrary_at_all():
    assert {"AbleToBearWeight", "ClearSensorium", "SkeletalMaturity"} <= set(SIGNS)


def test_what_is_tender_at_one_bone_and_not_at_another_is_both(topic):
    tender = observation("t", "FocalTenderness", valueBoolean=True, **site("FifthMetatarsalBase"))
    absent = observation("n", "FocalTenderness", **ABSENT, **site("NavicularOfFoot"))
    for region in ("Foot", "Toe"):
        answer = record(topic, injury(region=region), tender, absent)
        assert "FocalTenderness" in stated(answer, "hasSign")
        assert "LocalDenial" in stated(answer, "lacksSign")
        assert "Denial" not in stated(answer, "lacksSign")


def test_what_is_tender_within_what_is_not_is_neither(topic):
    tender = observation("t", "FocalTenderness", valueBoolean=True, **site("Patella"))
    absent = observation("n", "FocalTenderness", **ABSENT, **site("Knee"))
    for region in ("Knee", "LowerExtremity"):
        answer = record(topic, injury(region=region), tender, absent)
        assert "FocalTenderness" not in stated(answer, "hasSign") | denied(answer)


def test_what_is_denied_at_a_site_that_cannot_be_read_is_not_denied_everywhere(topic):
    absent = observation("n", "FocalTenderness", **ABSENT, **UNKNOWN_SITE)
    answer = record(topic, injury(), absent)
    assert "FocalTenderness" not in denied(answer)
    assert "at a site that could not be read" in notes(answer)
    placed = observation("n", "FocalTenderness", **ABSENT)
    assert "FocalTenderness" in denied(record(topic, injury(), placed))


@pytest.mark.parametrize("name", having("deniedBy", "ClinicalFinding"))
def test_a_finding_that_is_refuted_is_denied_where_it_was_suspected(topic, name):
    refuted = condition("r", name, "refuted", **site("Knee"))
    other = "Osteoarthritis" if name != "Osteoarthritis" else "Osteonecrosis"
    host = condition("i", other, onsetDateTime="2026-11-19", **site("Knee"))
    if inherited(KNOWLEDGE, ia(name), "deniedBy"):
        assert name in denied(record(topic, host, refuted))
    assert name not in stated(record(topic, host, refuted), "hasFinding")


def test_a_finding_that_an_observation_denies_is_denied(topic):
    answer = record(topic, injury(), observation("n", "LisfrancInjury", **ABSENT))
    assert "LisfrancInjury" in denied(answer)
    assert "LisfrancInjury" not in denied(
        record(topic, injury(), observation("n", "LisfrancInjury", valueBoolean=True))
    )


@pytest.mark.parametrize("verification", ["confirmed", "provisional"])
def test_the_denial_of_what_a_problem_is_counts_for_nothing(topic, verification):
    refuted = condition("r", "Fracture", "refuted", **site("Knee"))
    answer = record(topic, injury(), condition("f", "Fracture", verification, **KNEE), refuted)
    assert "Fracture" not in denied(answer)
    assert "which the record states as well" in notes(answer)


def test_a_refuted_injury_of_a_part_is_denied_of_that_part(topic):
    refuted = condition("r", "Sprain", "refuted", **site("Toe"))
    answer = record(topic, injury(region="Foot"), refuted)
    assert "LocalDenial" in stated(answer, "lacksSign")


@pytest.mark.parametrize("name", having("whenUnplaced", "PastEvent"))
def test_a_past_event_without_a_place_is_withheld_and_one_with_a_place_is_not(topic, name):
    kind = values(name, "whenUnplaced")[0]
    done = {"status": "completed", "code": concept(name), "performedDateTime": "2020-01-01"}
    host = condition("h", "Osteomyelitis", "provisional", **KNEE)
    answer = record(topic, host, resource("Procedure", "x", **done))
    assert stated(answer, "hasUnread") >= {kind}
    assert name not in stated(answer, "hasHistory")
    for placed in (KNEE, {"reasonReference": [{"reference": "Condition/h"}]}):
        answer = record(topic, host, resource("Procedure", "x", **done, **placed))
        assert kind not in stated(answer, "hasUnread")
        assert name in stated(answer, "hasHistory")


@pytest.mark.parametrize("annotation", ["whenPast", "asResult"])
def test_a_mapped_class_is_past_as_the_nearest_class_above_it_is(annotation):
    for term, past in KNOWLEDGE.codes.past.items() if annotation == "whenPast" else ():
        assert past == inherited(KNOWLEDGE, term, annotation), term
    fracture = KNOWLEDGE.codes.past[ia("TibialSpineFracture")]
    assert FACTS.value(fracture, ia("asResult")) == ia("PriorOsseousInjurySeen")


def test_a_fracture_of_the_past_on_a_radiograph_is_no_fresh_one(topic):
    icd = "http://hl7.org/fhir/sid/icd-10-cm"
    classes = {}
    for code in ("S82.111S", "S82.111A"):
        conclusion = {"conclusionCode": [{"coding": [{"system": icd, "code": code}]}]}
        report = resource("DiagnosticReport", "d", **REPORT, **conclusion)
        classes[code] = stated(record(topic, injury(), report), "hasResult")
    assert "PriorOsseousInjurySeen" in classes["S82.111S"]
    assert "FractureSeen" not in classes["S82.111S"]
    assert "FractureSeen" in classes["S82.111A"]


@pytest.mark.parametrize("name", ["Osteonecrosis", "MeniscalTear", "Fracture", "Osteomyelitis"])
def test_what_is_confirmed_is_not_suspected_for_the_reason_of_an_order(topic, name):
    confirmed = condition("c", name, **KNEE)
    ordered = order(reasonCode=[concept(name)])
    answer = record(topic, confirmed, ordered)
    assert name in stated(answer, "hasFinding")
    assert name not in stated(answer, "suspects")
    answer = record(topic, confirmed, condition("s", name, "provisional", **KNEE))
    assert name not in stated(answer, "suspects")
    narrower = short(set(below(KNOWLEDGE, ia(name))) - {ia(name)})
    for other in narrower[:1]:
        assert other in stated(
            record(topic, confirmed, order(reasonCode=[concept(other)])), "suspects"
        )


def reported(topic, name, **value):
    """The classes of the result of a radiograph of the knee with one Observation."""
    part = observation("o", name, **value)
    report = resource("DiagnosticReport", "d", result=[{"reference": "Observation/o"}], **REPORT)
    return stated(record(topic, injury(), part, report), "hasResult")


def test_what_an_observation_of_a_report_affirms_denies_or_suspects_is_its_result(topic):
    suspected = {"valueCodeableConcept": concept("SuspectedAnswer")}
    assert "FractureSeen" in reported(topic, "Fracture", valueBoolean=True)
    assert "NoFractureSeen" in reported(topic, "Fracture", **ABSENT)
    assert "NoFractureSeen" not in reported(topic, "TibialPlateauFracture", **ABSENT)
    assert "NoFractureSeen" not in reported(topic, "Fracture", **ABSENT, **site("Patella"))
    assert not {"FractureSeen", "NoFractureSeen"} & reported(topic, "Fracture", **suspected)
    assert "OsteonecrosisSeen" in reported(topic, "Osteonecrosis", **suspected)
    assert "ArticularCollapseSeen" not in reported(topic, "OsteonecrosisWithCollapse", **suspected)


INITIAL = {
    "AcuteInjury": [observation("u", "UnableToBearWeight", valueBoolean=True)],
    "Osteonecrosis": [],
    "Osteomyelitis": [],
}
UNREAD = {
    "of a code that is not known": resource(
        "DiagnosticReport",
        "d",
        status="final",
        code={"coding": [{"system": "http://loinc.org", "code": "99999-9"}]},
        category=[concept("ProjectionRadiography")],
    ),
    "of a report that is not final": resource(
        "DiagnosticReport", "d", **{**REPORT, "status": "preliminary"}
    ),
    "of pictures without a region": resource(
        "ImagingStudy",
        "d",
        status="available",
        started="2026-11-20",
        modality=[{"system": "http://dicom.nema.org/resources/ontology/DCM", "code": "DX"}],
    ),
    "of an observation that it was done": resource(
        "Observation",
        "d",
        status="final",
        valueBoolean=True,
        effectiveDateTime="2026-11-20",
        code={"coding": [{"system": "http://snomed.info/sct", "code": "1295421002"}]},
    ),
}


def initial(topic, *resources):
    """The scenarios of initial imaging that apply."""
    direct = topic.memory.direct(record(topic, *resources))
    phase, first = ia("inPhase"), ia("InitialImagingPhase")
    rows = [s for p in direct["presentations"] for s in p["scenarios"]]
    applying = [s["id"] for s in rows if s["status"] == "applies"]
    return [i for i in applying if first in FACTS.objects(IA + i.removeprefix("ia:"), phase)]


@pytest.mark.parametrize("name", INITIAL)
@pytest.mark.parametrize("how", UNREAD)
def test_imaging_that_cannot_be_read_never_leaves_initial_imaging_applying(topic, name, how):
    verification = "confirmed" if name == "AcuteInjury" else "provisional"
    region = "Ankle" if name == "AcuteInjury" else "Hip"
    host = condition("h", name, verification, onsetDateTime="2026-11-19", **site(region))
    assert initial(topic, host, *INITIAL[name])
    done = UNREAD[how]
    done = {**done, "code": concept("RadiographyHip")} if done.get("status") == "x" else done
    if how == "of a report that is not final" and region == "Ankle":
        done = {**done, "code": concept("RadiographyAnkle")}
    elif how == "of a report that is not final":
        done = {**done, "code": concept("RadiographyHip")}
    assert not initial(topic, host, *INITIAL[name], done)


def test_an_observation_that_no_radiograph_was_done_holds_nothing_back(topic):
    none = {**UNREAD["of an observation that it was done"], "valueBoolean": False}
    assert initial(topic, condition("h", "Osteonecrosis", "provisional", **site("Hip")), none)


@pytest.mark.parametrize("bone", short(FACTS.having(ia("adjoins"))))
def test_pain_of_a_joint_is_a_sign_of_its_bone_and_brings_the_studies_of_the_joint(topic, bone):
    joint = values(bone, "adjoins")[0]
    host = condition("h", "Osteonecrosis", "provisional", **site(bone))
    pain = condition("p", "JointPain", **site(joint))
    study = resource("DiagnosticReport", "d", **{**REPORT, "code": concept(f"Radiography{joint}")})
    answer = record(topic, host, pain, study)
    assert len(answer.presentations) == 1
    assert stated(answer, "hasSign") == {"JointPain"}
    assert any(p == ia("hasStudy") for _, p, _ in answer.statements)
    alone = record(topic, host, study)
    assert "UnreadImaging" in stated(alone, "hasUnread")


def test_a_foreign_body_joins_the_suspected_infection_of_its_region_only(topic):
    infection = condition("h", "SoftTissueInfection", "provisional", **site("Hand"))
    body = condition("f", "RetainedForeignBody", "provisional", **site("Hand"))
    far = condition("f", "RetainedForeignBody", "provisional", **site("Foot"))
    assert len(record(topic, infection, body).presentations) == 1
    assert len(record(topic, infection, far).presentations) == 2
    unplaced = condition("f", "RetainedForeignBody", "provisional")
    assert len(record(topic, infection, unplaced).presentations) == 1


@pytest.mark.parametrize("name", having("whenPlanned", "PastEvent"))
@pytest.mark.parametrize("kind", ["ServiceRequest", "Procedure"])
def test_an_operation_that_is_planned_is_a_purpose_and_no_past(topic, name, kind):
    host = condition("h", "Osteonecrosis", **KNEE)
    status = {"ServiceRequest": "active", "Procedure": "preparation"}[kind]
    planned = resource(kind, "o", status=status, intent="plan", code=concept(name))
    answer = record(topic, host, planned)
    assert "TreatmentPlanning" in stated(answer, "hasPurpose")
    assert name not in stated(answer, "hasHistory")
    assert not answer.orders


def test_a_mechanism_of_which_a_record_says_that_it_is_unknown_is_unknown(topic):
    unknown = {"valueCodeableConcept": concept("UnknownAnswer")}
    answer = record(topic, injury(), observation("m", "InjuryMechanism", **unknown))
    assert "UnknownMechanism" in stated(answer, "hasMechanism")
    silent = record(topic, injury(), observation("m", "InjuryMechanism"))
    assert "UnknownMechanism" not in stated(silent, "hasMechanism")


def no(*_):
    """The answer of a part of intake that is broken: it says nothing."""
    return ()


TWINS = {
    "joining.opposites": lambda t: (
        test_a_sign_that_is_stated_denies_its_contraries_with_all_below_them(t, "ClearSensorium")
    ),
    "joining.is_local": test_what_is_tender_at_one_bone_and_not_at_another_is_both,
    "agreement.within": test_what_is_tender_within_what_is_not_is_neither,
    "agreement.names": lambda t: test_the_denial_of_what_a_problem_is_counts_for_nothing(
        t, "confirmed"
    ),
    "order_facts.is_confirmed": lambda t: (
        test_what_is_confirmed_is_not_suspected_for_the_reason_of_an_order(t, "Osteonecrosis")
    ),
    "joining.is_confirmed": lambda t: (
        test_what_is_confirmed_is_not_suspected_for_the_reason_of_an_order(t, "Osteonecrosis")
    ),
    "results.asked_of": (
        test_what_an_observation_of_a_report_affirms_denies_or_suspects_is_its_result
    ),
    "studies.mentioned": lambda t: (
        test_imaging_that_cannot_be_read_never_leaves_initial_imaging_applying(
            t, "AcuteInjury", "of an observation that it was done"
        )
    ),
    "joining.joins_others": test_a_foreign_body_joins_the_suspected_infection_of_its_region_only,
    "regions.Regions.adjoin": lambda t: (
        test_pain_of_a_joint_is_a_sign_of_its_bone_and_brings_the_studies_of_the_joint(t, "Femur")
    ),
    "regions.Regions.share_area": test_what_is_tender_at_one_bone_and_not_at_another_is_both,
    "procedures.planned_facts": lambda t: (
        test_an_operation_that_is_planned_is_a_purpose_and_no_past(
            t, "MusculoskeletalOperation", "Procedure"
        )
    ),
    "orders.operations": lambda t: test_an_operation_that_is_planned_is_a_purpose_and_no_past(
        t, "MusculoskeletalOperation", "ServiceRequest"
    ),
}


@pytest.mark.parametrize("part", TWINS)
def test_a_part_of_intake_that_says_nothing_is_noticed(topic, part, monkeypatch):
    monkeypatch.setattr(f"reasoner.intake.{part}", no)
    with pytest.raises((AssertionError, TypeError)):
        TWINS[part](topic)


def test_past_events_that_are_not_placed_are_noticed(topic, monkeypatch):
    monkeypatch.setattr("reasoner.intake.joining.placed", lambda reader, problem, facts: facts)
    with pytest.raises(AssertionError):
        test_a_past_event_without_a_place_is_withheld_and_one_with_a_place_is_not(
            topic, "SurgicalHardware"
        )
