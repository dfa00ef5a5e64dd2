"""What may deny a fact, or close one: only what is final, of the patient, of the problem, of the
side and the site, and says as much as the term. Each test has what does deny beside what does not.
"""

from collections import defaultdict

import pytest
from test_denials import REPORT, UNKNOWN_SITE, injury, site
from test_facts import ABSENT, concept, condition, denied, notes, observation, record, stated
from test_facts import resource as resource_

from reasoner.names import curie, ia

TENDER = "FocalTenderness"
SNOMED = "http://snomed.info/sct"
RIGHT, LEFT = ({"bodySite": [concept("Knee"), concept(name)]} for name in ("Right", "Left"))


@pytest.fixture(scope="module")
def topic(reasoner):
    """The reasoner of all topics."""
    return reasoner


def coded(code, key="c", **more):
    """A final Observation whose code is of SNOMED CT."""
    code = {"coding": [{"system": SNOMED, "code": code}]}
    return resource_("Observation", key, status="final", code=code, **more)


def narrower(topic):
    """The codes of SNOMED CT that say more than all signs they are about, with those signs."""
    found = defaultdict(list)
    for subject in topic.knowledge.codes.subjects():
        for m in topic.knowledge.codes.of(subject):
            if m.prefix == "SCTID" and m.intake == "fact":
                found[m.code].append(m)
    return {
        code: [curie(m.subject).removeprefix("ia:") for m in rows]
        for code, rows in found.items()
        if all(not m.denies and topic.knowledge.is_a(m.subject, ia("Sign")) for m in rows)
    }


def test_a_code_that_says_more_than_a_sign_does_not_deny_the_sign(topic):
    codes = narrower(topic)
    assert codes
    for code, names in codes.items():
        assert not set(names) & denied(record(topic, injury(), coded(code, **ABSENT))), code
    assert TENDER in denied(record(topic, injury(), observation("n", TENDER, **ABSENT)))


@pytest.mark.parametrize("status", ["preliminary", "registered", "final", "amended"])
def test_only_a_final_observation_denies(topic, status):
    absent = observation("n", TENDER, **ABSENT) | {"status": status}
    answer = record(topic, injury(), absent)
    assert (TENDER in denied(answer)) == (status in ("final", "amended"))
    assert (TENDER in denied(answer)) != ("is not final" in notes(answer))


def test_an_observation_without_a_subject_denies_nothing(topic):
    absent = observation("n", TENDER, **ABSENT)
    del absent["subject"]
    assert TENDER not in denied(record(topic, injury(), absent))


@pytest.mark.parametrize("kind", ["Condition/old", "RelatedPerson/mother"])
@pytest.mark.parametrize("value", [True, False])
def test_a_sign_of_another_problem_or_person_is_none_of_this_problem(topic, kind, value):
    name = "UnableToBearWeight"
    other = observation("u", name, valueBoolean=value, focus=[{"reference": kind}])
    answer = record(topic, injury(), other)
    assert name not in stated(answer, "hasSign") | denied(answer)
    own = observation("u", name, valueBoolean=value, focus=[{"reference": "Condition/i"}])
    assert name in stated(record(topic, injury(), own), "hasSign") | denied(
        record(topic, injury(), own)
    )


def test_a_sign_at_a_site_that_cannot_be_read_is_not_of_the_only_problem(topic):
    tender = observation("t", TENDER, valueBoolean=True, **UNKNOWN_SITE)
    answer = record(topic, injury(), tender)
    assert TENDER not in stated(answer, "hasSign")
    assert "at a site that could not be read" in notes(answer)


def test_a_sign_whose_interpretation_says_no_is_not_there(topic):
    found = {"valueCodeableConcept": concept("JointEffusion")}
    code = {"coding": [{"system": "urn:local", "code": "looked-for"}]}
    one = resource_("Observation", "e", status="final", code=code, **found)
    assert "JointEffusion" in stated(record(topic, injury(), one), "hasSign")
    no = one | {"interpretation": [concept("NegativeAnswer")]}
    assert "JointEffusion" not in stated(record(topic, injury(), no), "hasSign")


def reported(topic, *observations, problem=None, **more):
    """The classes of the result of a radiograph of the knee with some Observations."""
    refers = [{"reference": f"Observation/{o['id']}"} for o in observations]
    report = resource_("DiagnosticReport", "d", result=refers, **{**REPORT, **more})
    return stated(record(topic, problem or injury(), *observations, report), "hasResult")


def test_the_answer_to_one_question_is_not_the_result_of_a_study(topic):
    normal = {"valueCodeableConcept": concept("NormalResult")}
    part = observation("o", "Fracture", **normal, **site("Patella"))
    assert not {"NormalRadiograph", "NormalResult"} & reported(topic, part)
    assert "NoFractureSeen" not in reported(topic, part)
    whole = resource_("Observation", "o", status="final", code=REPORT["code"], **normal)
    assert "NormalRadiograph" in reported(topic, whole)


def test_a_fracture_that_one_side_has_not_is_not_denied_of_the_other(topic):
    problem = injury(region="Knee")
    left = observation("o", "Fracture", **ABSENT, **LEFT)
    assert "NoFractureSeen" not in reported(topic, left, problem=problem)
    assert "NoFractureSeen" not in reported(topic, left, problem=problem, **RIGHT)
    assert "NoFractureSeen" in reported(topic, left, problem=problem, **LEFT)


def test_contradictory_results_are_weighed_and_end_no_answer(topic):
    names = ("Osteomyelitis", "Fracture")  # as worrying, and the first contradicts neither other
    there = [observation(n, n, valueBoolean=True) for n in names]
    absent = observation("n", "Fracture", **ABSENT)
    assert "NoFractureSeen" in reported(topic, there[0], absent)
    seen = reported(topic, *there, absent)
    assert {"FractureSeen", "OsteomyelitisSeen"} <= seen
    assert "NoFractureSeen" not in seen


@pytest.mark.parametrize("verification", ["confirmed", "provisional", "entered-in-error"])
def test_what_an_order_names_is_of_the_problem_only_when_it_holds(topic, verification):
    sign = condition("e", "JointEffusion", verification)
    refers = [{"reference": f"Condition/{key}"} for key in ("i", "e")]
    code = concept("RadiographyKnee")
    order = resource_(
        "ServiceRequest", "o", status="draft", intent="order", code=code, reasonReference=refers
    )
    answer = record(topic, injury(), sign, order)
    assert ("JointEffusion" in stated(answer, "hasSign")) == (verification == "confirmed")


def test_many_contradictions_of_one_sign_are_one_note(topic):
    def said(count):
        both = [
            observation(f"{value}{n}", TENDER, valueBoolean=value)
            for n in range(count)
            for value in (True, False)
        ]
        return [m for m in record(topic, injury(), *both).notes if "neither" in m.message]

    assert len(said(20)) == len(said(1)) == 1


@pytest.mark.parametrize("day, counts", [("2026-11-10", True), ("2015-04-01", False)])
@pytest.mark.parametrize("value", [True, False])
def test_a_sign_of_long_ago_is_none_of_a_problem_of_unknown_onset(topic, day, counts, value):
    problem = condition("i", "AcuteInjury", recordedDate="2026-11-19", **site("Knee"))
    sign = observation("u", "UnableToBearWeight", valueBoolean=value, effectiveDateTime=day)
    answer = record(topic, problem, sign)
    found = stated(answer, "hasSign") | denied(answer)
    assert ("UnableToBearWeight" in found) == counts
