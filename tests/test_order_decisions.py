"""What is decided on an order over all its presentations is a rule, and stands once."""

import itertools

import pytest
from bundles import MRI_THIGH, bundle, inconclusive, order, patient
from conftest import CASES

from reasoner.answer.order_decisions import decided
from reasoner.inference.proof import resource
from reasoner.names import RDF_TYPE, SKOS, ia

USUALLY, MAYBE, NOT = ("usually-appropriate", "may-be-appropriate", "usually-not-appropriate")
YES, NO, WITHOUT = "appropriate", "not-appropriate", "no-criteria-apply"


@pytest.mark.parametrize(
    ("verdicts", "followed", "judgement", "category"),
    [
        ([(YES, USUALLY)], [(YES, USUALLY)], YES, USUALLY),
        ([(YES, USUALLY), (YES, MAYBE)], [(YES, MAYBE)], YES, MAYBE),
        ([(NO, NOT), (NO, None)], [(NO, None)], NO, None),
        ([(WITHOUT, None)], [(WITHOUT, None)], WITHOUT, None),
        ([(WITHOUT, USUALLY)], [(WITHOUT, USUALLY)], WITHOUT, None),
        ([(None, MAYBE), (None, USUALLY)], [(None, MAYBE), (None, USUALLY)], None, None),
        ([(YES, USUALLY), (NO, NOT)], [], None, None),
        ([(YES, USUALLY), (None, None)], [], None, None),
        ([(WITHOUT, None), (None, None)], [], None, None),
    ],
)
def test_an_order_follows_the_least_favorable_of_verdicts_that_agree(
    reasoner, verdicts, followed, judgement, category
):
    for given in itertools.permutations(verdicts):
        found = decided(reasoner.knowledge, frozenset(given))
        assert (sorted(found[0], key=str), *found[1:3]) == (followed, judgement, category)
        assert bool(found[3]) is not bool(followed)
    if not followed:
        message = reasoner.knowledge.facts.value(ia("ProblemsDisagree"), ia("message"))
        assert found[3] == [message]


@pytest.mark.parametrize("case", CASES)
def test_the_answer_decides_on_orders_as_the_proof_does(case, replies):
    """The answer decides by what verdicts say alike, the proof by the verdicts themselves."""
    reply = replies[case]
    facts, terms = reply.facts, reply.knowledge.facts
    nodes = facts.subjects(RDF_TYPE, ia("OrderDecision"))
    rows = {row["id"]: row for row in reply.answer["orders"]}
    judged = {o["id"] for p in reply.answer["presentations"] for o in p["orders"]}
    assert judged == {resource(facts.value(node, ia("ofOrder"))) for node in nodes} <= set(rows)
    for node in nodes:
        row = rows[resource(facts.value(node, ia("ofOrder")))]
        for name, key in (("judgedAs", "judgement"), ("hasCategory", "category")):
            value = facts.value(node, ia(name))
            assert row[key] == (value and terms.value(value, SKOS + "notation"))
        followed = facts.objects(node, ia("followsVerdict"))
        assert row["different"] is not bool(followed)
        shown = {resource(facts.value(v, ia("ofPresentation"))) for v in followed}
        assert row["different"] or row["presentation"] in shown
    assert all(
        rows[name]["presentation"] is None and rows[name]["why"] for name in {*rows} - judged
    )


@pytest.mark.parametrize(("born", "group"), [("2015-05-05", "Pediatric"), ("1980-05-05", "Adult")])
def test_studies_are_offered_with_the_radiation_level_of_the_age(reasoner, born, group):
    reply = reasoner.reply(bundle(patient(born), *inconclusive(), order("o", MRI_THIGH)))
    facts, k = reply.facts, reply.knowledge.facts
    offered = facts.subjects(RDF_TYPE, ia("OfferedStudy"))
    assert offered
    for node in offered:
        [recommendation] = facts.objects(node, ia("because"))
        rating = facts.value(recommendation, ia("ofRating"))
        level = k.value(rating, ia(f"has{group}Radiation"))
        assert facts.value(node, ia("hasRadiation")) == level
    stated = {o for _, p, o in reply.record.statements if p == ia("ofAgeGroup")}
    assert stated == ({ia("Child")} if group == "Pediatric" else set())
