"""The verdict of an order is a conclusion: whatever the outcome it says what safety says, and why
there is no rating.
"""

import json

import pytest
from bundles import (
    CT_THIGH,
    DEEP,
    LIPOMA,
    MRI_THIGH,
    NORMAL,
    PACEMAKER,
    SUPERFICIAL,
    SUSPICIOUS,
    THIGH,
    UNSAFE,
    US_LEG,
    XR_FEMUR,
    bundle,
    device,
    inconclusive,
    mass,
    order,
    refer,
    report,
)
from conftest import CASES

from reasoner.answer.assemble import Answer
from reasoner.answer.order_verdicts import NO_CRITERIA, Verdicts
from reasoner.answer.orders import categories, judgement
from reasoner.inference.rules import derive, index
from reasoner.intake import read
from reasoner.intake.record import Unread
from reasoner.names import RDF_TYPE, SKOS, curie, ia

C = "https://w3id.org/imaging-appropriateness/case/"
HEAD = f"""@prefix ia: <https://w3id.org/imaging-appropriateness/ns/> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
@prefix c: <{C}> .
c:p a ia:Patient ; ia:birthDate "1981-03-04"^^xsd:date %s .
"""
FOUND = (
    "ia:hasFinding [ a ia:SoftTissueMass ; ia:hasSite ia:Thigh ; ia:hasDepth ia:DeepToFascia %s ] ;"
)
STUDY = "ia:hasStudy [ a ia:Study ; ia:ofProcedure ia:%s ; ia:hasResult [ a ia:%s ] ] ;"
RADIOGRAPH = STUDY % ("Radiography", "NormalRadiograph")
DONE = f"{RADIOGRAPH} {STUDY % ('Ultrasound', 'IndeterminateResult')}"
MRI, CT, XR = (
    "ia:ofProcedure ia:MriWithoutAndWithIvContrast",
    "ia:ofProcedure ia:CtWithIvContrast",
    "ia:ofProcedure ia:Radiography",
)
UNSAFE_PACEMAKER = "; ia:hasDevice [ a ia:CardiacPacemaker ; ia:hasMrLabel ia:MrUnsafe ]"
MRI_KNEE = "ia:ofProcedure ia:MriWithoutIvContrast ; ia:ofOrderable ia:MriKneeWithoutIvContrast"


def graph(
    *orders: str,
    patient: str = "",
    kind: str = "Presentation",
    finding: str | None = "",
    more: str = DONE,
) -> bytes:
    """A patient graph with a presentation and orders, each given by what is said of it."""
    named = " , ".join(f"c:o{n}" for n in range(len(orders)))
    told = "\n".join(f"c:o{n} a ia:Order ; {said} ." for n, said in enumerate(orders))
    found = FOUND % finding if finding is not None else ""
    return (
        HEAD % patient
        + f"c:m a ia:{kind} ; ia:hasPatient c:p ; {found} {more} ia:hasOrder {named} .\n{told}"
    ).encode()


def rows(reasoner, data, unread: str = "") -> dict[str, dict]:
    """The rows of the orders of a record, by name; the same with and without names. `unread` is a
    kind of what it holds unread.
    """
    record = read(reasoner.knowledge, data)
    if unread:
        record.withhold(
            Unread(ia(unread), "Condition/words", "entry[9]", "words"), "There are words."
        )
    answer = reasoner.memory.answer(record)
    direct = Answer(
        reasoner.knowledge,
        record,
        index(record.statements + derive(reasoner.knowledge, record.statements)),
    ).as_dict()
    assert json.dumps([p["orders"] for p in answer["presentations"]]) == json.dumps(
        [p["orders"] for p in direct["presentations"]]
    )
    return {o["id"]: o for p in answer["presentations"] for o in p["orders"]}


def only(reasoner, *orders: str, unread: str = "", **more) -> dict:
    """The row of the only order of a patient graph."""
    return rows(reasoner, graph(*orders, **more), unread)["o0"]


def test_the_graph_says_how_each_category_counts_and_ranks(reasoner):
    k = reasoner.knowledge
    ranks = {name: int(k.facts.value(term, ia("rank"))) for name, term in categories(k).items()}
    found = {name: (ranks[name], judgement(k, name)) for name in categories(k)}
    assert found == {
        "usually-appropriate": (1, "appropriate"),
        "may-be-appropriate": (2, "appropriate"),
        "may-be-appropriate-disagreement": (3, "appropriate"),
        "usually-not-appropriate": (4, "not-appropriate"),
    }


@pytest.mark.parametrize(
    ("found", "outcome", "judged"),
    [
        (inconclusive(), "recommendation", "not-appropriate"),
        ([mass(THIGH, DEEP), report("xr-1", XR_FEMUR, NORMAL)], "more-information", None),
        (
            [*inconclusive(), report("mr-1", MRI_THIGH, SUSPICIOUS, day="2026-05-01")],
            "next-step",
            "not-appropriate",
        ),
        ([mass(THIGH, DEEP), report("us-1", US_LEG, LIPOMA)], "no-imaging", "not-appropriate"),
    ],
)
@pytest.mark.parametrize("unsafe", [True, False])
def test_a_contraindication_sets_an_order_aside_whatever_the_outcome(
    reasoner, found, outcome, judged, unsafe
):
    made = bundle(
        *found,
        *([device("d", PACEMAKER, UNSAFE)] if unsafe else []),
        order("mri", MRI_THIGH),
        order("ct", CT_THIGH),
    )
    ordered = rows(reasoner, made)
    assert reasoner.ask(made)["presentations"][0]["outcome"] == outcome
    mri, ct = ordered["ServiceRequest/mri"], ordered["ServiceRequest/ct"]
    assert mri["setAside"] is unsafe and not ct["setAside"] and not ct["safety"]
    assert [(f["hazard"], f["severity"], f["because"]) for f in mri["safety"]] == (
        [("ia:MagneticField", "contraindicated", ["Device/d"])] if unsafe else []
    )
    if unsafe:
        assert mri["judgement"] == judged and MRI.split(":")[-1] not in str(ct["alternatives"])


def test_a_contraindication_holds_also_for_a_problem_that_no_topic_covers(reasoner):
    row = only(
        reasoner, MRI, kind="UncoveredPresentation", finding=None, more="", patient=UNSAFE_PACEMAKER
    )
    assert row["setAside"] and row["judgement"] == NO_CRITERIA
    assert not only(reasoner, MRI, kind="UncoveredPresentation", finding=None, more="")["setAside"]


def test_a_rating_is_withheld_only_for_what_could_set_the_study_aside(reasoner):
    mri, ct = rows(reasoner, graph(MRI, CT), "UnreadMriHazard").values()
    assert (mri["category"], mri["judgement"], mri["withheld"], mri["ratings"]) == (
        None,
        None,
        ["ia:MriContraindicated"],
        [],
    )
    assert mri["why"] and not mri["setAside"] and mri["alternatives"] == []
    assert (ct["category"], ct["withheld"], ct["alternatives"]) == ("may-be-appropriate", [], [])


@pytest.mark.parametrize(
    "kind",
    [
        "UnreadContrastHazard",
        "UnreadKidneyHazard",
        "UnreadPregnancyHazard",
        "UnreadImaging",
        "UnreadReason",
    ],
)
def test_no_rating_is_withheld_for_a_caution(reasoner, kind):
    mri = only(reasoner, MRI, unread=kind)
    assert (mri["category"], mri["judgement"], mri["withheld"]) == (
        "usually-appropriate",
        "appropriate",
        [],
    )


def test_nothing_is_withheld_from_an_order_that_is_set_aside(reasoner):
    row = only(reasoner, MRI, unread="UnreadMriHazard", patient=UNSAFE_PACEMAKER)
    assert row["setAside"] and row["withheld"] == [] and row["judgement"] == "not-appropriate"


REASONS = {
    "ReasonNotRead": dict(kind="UnreadPresentation", finding=None, more=""),
    "ReasonOutside": dict(kind="UncoveredPresentation", finding=None, more=""),
    "ScenarioNotKnown": dict(more=RADIOGRAPH),
    "StudyNotNamed": dict(said="ia:hasLaterality ia:Left"),
    "OrderForAnotherRegion": dict(said=MRI_KNEE),
    "OrderForTheOtherSide": dict(
        said=f"{MRI} ; ia:hasLaterality ia:Left", finding="; ia:hasLaterality ia:Right"
    ),
    "HazardNotRead": dict(unread="UnreadMriHazard"),
    "ContrastNotTold": dict(said="ia:ofProcedure ia:Mri"),
    "StudyNotRated": dict(said=XR),
    "StageNotRated": dict(more=STUDY % ("Ultrasound", "SimpleBenignResult")),
}


@pytest.mark.parametrize("reason", sorted(REASONS))
def test_an_order_says_why_it_has_no_rating(reasoner, reason):
    given = {"said": MRI, **REASONS[reason]}
    row = only(reasoner, given.pop("said"), **given)
    k = reasoner.knowledge.facts
    counted = k.value(ia(reason), ia("countsAs"))
    assert k.value(ia(reason), ia("message")) in row["why"] and row["category"] is None
    assert row["judgement"] == (k.value(counted, SKOS + "notation") if counted else None)


def test_only_what_was_read_is_said_to_lie_outside(reasoner):
    k = reasoner.knowledge
    without = {r for r in k.members("ia:UnratedReason") if k.facts.value(r, ia("countsAs"))}
    assert {curie(r) for r in without} == {
        "ia:ReasonOutside",
        "ia:StudyNotRated",
        "ia:StageNotRated",
        "ia:NoScenarioFits",
    }
    assert all(
        k.facts.value(r, ia("evenWhenSetAside")) in ("true", "false")
        and k.facts.value(r, ia("message"))
        for r in k.members("ia:UnratedReason")
    )


@pytest.mark.parametrize(("side", "judged"), [("Left", "appropriate"), ("Right", None)])
def test_an_order_for_the_side_of_the_finding_is_rated(reasoner, side, judged):
    row = only(
        reasoner, f"{MRI} ; ia:hasLaterality ia:{side}", finding="; ia:hasLaterality ia:Left"
    )
    assert row["judgement"] == judged


def test_an_order_for_a_larger_region_that_holds_the_finding_is_rated(reasoner):
    assert (
        only(reasoner, f"{MRI} ; ia:ofOrderable ia:MriThighWithoutAndWithIvContrast")["judgement"]
        == "appropriate"
    )


def test_of_two_studies_in_one_order_the_less_favorable_decides(reasoner):
    row = only(reasoner, f"{MRI} , ia:CtWithIvContrast , ia:ImageGuidedBiopsy")
    assert (row["category"], row["judgement"], row["why"]) == (
        "usually-not-appropriate",
        "not-appropriate",
        [],
    )
    assert len(row["ratings"]) == 3


@pytest.mark.parametrize("first", [0, 1])
def test_an_order_for_two_problems_has_a_verdict_for_each_and_the_less_favorable_counts(
    reasoner, first
):
    masses = [mass(THIGH, SUPERFICIAL, name="a", onset="2026-02-01"), mass(THIGH, DEEP, name="b")]
    both = order("us", US_LEG, None, reasonReference=refer("Condition/a", "Condition/b"))
    answer = reasoner.ask(bundle(*masses[first:], *masses[:first], both))
    assert {p["id"]: p["orders"][0]["category"] for p in answer["presentations"]} == {
        "Condition/a": "usually-appropriate",
        "Condition/b": "may-be-appropriate",
    }
    assert Verdicts(answer).of("ServiceRequest/us").category == "may-be-appropriate"


def test_an_order_of_another_presentation_gets_no_verdict_here(reasoner):
    answer = reasoner.ask(
        bundle(
            mass(THIGH, DEEP, name="a"),
            mass("sct:14975008", DEEP, name="b"),
            order("xr", XR_FEMUR, "Condition/a"),
        )
    )
    assert {p["id"]: [o["id"] for o in p["orders"]] for p in answer["presentations"]} == {
        "Condition/a": ["ServiceRequest/xr"],
        "Condition/b": [],
    }
    assert answer["presentations"][0]["orders"][0]["why"] == []


@pytest.mark.parametrize(("code", "alerted"), [(MRI_THIGH, True), (CT_THIGH, False)])
def test_an_order_that_must_not_be_carried_out_is_no_remedy(reasoner, code, alerted):
    [p] = reasoner.ask(bundle(*inconclusive(), device("d", PACEMAKER, UNSAFE), order("o", code)))[
        "presentations"
    ]
    assert (
        "ia:UnfollowedIndeterminateUltrasound" in {a["pitfall"] for a in p["alerts"]}
    ) is alerted


def under_the_verdict(reasoner, *resources):
    """The step of a verdict, and the texts of the steps that it rests on, however far."""
    [p] = reasoner.explain(bundle(*inconclusive(), *resources)).presentations
    steps = {s["id"]: s for s in p["steps"]}
    verdict = next(s for s in p["steps"] if s["kind"] == "order")
    found, waiting = {}, [*verdict["because"]]
    while waiting:
        step = steps[waiting.pop()]
        found[step["id"]] = step
        waiting += [n for n in step["because"] if n not in found]
    return verdict["text"], [step["text"] for step in found.values()]


def test_the_proof_of_a_verdict_reaches_the_rating_and_the_hazard(reasoner):
    wanted = order("o", MRI_THIGH)
    verdict, proof = under_the_verdict(reasoner, device("d", PACEMAKER, UNSAFE), wanted)
    assert verdict.endswith("(ServiceRequest/o): judged not appropriate; instead: row 1")
    assert any(text.startswith("contraindicated: ") for text in proof)
    assert any(text.endswith("(Device/d)") for text in proof)
    verdict, proof = under_the_verdict(reasoner, wanted)
    assert verdict.endswith("(ServiceRequest/o): judged appropriate")
    assert "row 1: MRI thigh without and with IV contrast: usually appropriate" in proof
    assert any(text.startswith("ratings of Soft Tissue Masses 2022, seen ") for text in proof)


@pytest.mark.parametrize("case", CASES)
def test_every_order_of_every_case_has_one_verdict_with_premises(case, replies):
    reply = replies[case]
    ordered = {(s, o) for s, p, o in reply.record.statements if p == ia("hasOrder")}
    made = [s for s, p, o in reply.conclusions if p == RDF_TYPE and o == ia("OrderVerdict")]
    assert len(made) == len(set(made)) == len(ordered)
    assert sum(len(p["orders"]) for p in reply.answer["presentations"]) == len(ordered)
    for o in (o for p in reply.answer["presentations"] for o in p["orders"]):
        assert o["judgement"] or o["why"] or o["setAside"], o
        assert not (o["withheld"] and (o["category"] or o["judgement"])), o


def test_each_of_many_orders_of_one_kind_has_a_row_of_its_own(reasoner):
    many = [order(f"o{i}", (MRI_THIGH, CT_THIGH, XR_FEMUR)[i % 3]) for i in range(40)]
    found = rows(reasoner, bundle(*inconclusive(), *many))
    assert len(found) == 40
    assert {o["judgement"] for o in found.values()} <= {"appropriate", NO_CRITERIA}
    for name, row in found.items():
        alike = found[f"ServiceRequest/o{int(name.removeprefix('ServiceRequest/o')) % 3}"]
        assert {**row, "id": ""} == {**alike, "id": ""}
