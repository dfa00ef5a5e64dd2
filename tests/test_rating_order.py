"""One order of ratings everywhere: answers, pages, documents and questions cannot go apart."""

import re

import pytest

from reasoner.answer.recommendations import CHILD, best_first, order_key
from reasoner.docs.graph import Graph
from reasoner.docs.scenario_pages import ratings_of
from reasoner.graph.knowledge import load
from reasoner.names import RDF_TYPE, curie, ia

KNOWLEDGE = load()
RATED = {
    KNOWLEDGE.facts.value(rating, ia("ofScenario"))
    for rating in KNOWLEDGE.facts.subjects(RDF_TYPE, ia("Rating"))
}
SCENARIOS = sorted(curie(scenario) for scenario in RATED)


def asked(reasoner, scenario):
    """The procedures of a scenario as the question lists them."""
    return list(reasoner.query("what-is-rated-in-a-scenario", scenario=scenario)["procedure"])


@pytest.fixture(scope="module")
def graph():
    """The graph as the documentation reads it."""
    return Graph()


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_page_documents_and_questions_have_the_same_order(reasoner, client, graph, scenario):
    local, expected = scenario.removeprefix("ia:"), asked(reasoner, scenario)
    assert expected
    told = client.get(f"/api/scenarios/{local}").json()["ratings"]
    assert [r["procedure"]["id"] for r in told] == expected
    table = re.search(
        r'<table class="ratings">.*?</table>', client.get(f"/scenarios/{local}").text, re.S
    )
    assert re.findall(r'<th scope="row"><a href="/terms/(\w+)"', table[0]) == [
        name.removeprefix("ia:") for name in expected
    ]
    assert [curie(r["procedure"]) for r in ratings_of(graph, ia(local))] == expected


def test_the_table_of_an_edition_has_the_order_of_its_scenarios(reasoner):
    rows = reasoner.query("ratings-of-an-edition")
    for scenario, part in rows.groupby("scenario"):
        assert list(part["procedure"]) == asked(reasoner, scenario)


def test_every_answer_for_an_adult_has_the_order_of_its_scenario(reasoner, replies):
    compared = set()
    for name, reply in replies.items():
        for p in reply.answer["presentations"]:
            rows = [r for r in p["recommendations"] if not r["setAside"]]
            scenarios = {r["scenario"] for r in rows}
            if len(scenarios) == 1 and not reply.record.child:
                left = {r["generic"] for r in rows}
                expected = [g for g in asked(reasoner, *scenarios) if g in left]
                assert [r["generic"] for r in rows] == expected, name
                compared |= scenarios
    assert len(compared) >= 3


def test_an_order_by_label_alone_would_be_seen(reasoner):
    facts = reasoner.knowledge.facts
    ratings = [
        r
        for r in facts.subjects(ia("ofScenario"), ia("SuperficialMassInitialImaging"))
        if facts.holds(r, RDF_TYPE, ia("Rating"))
    ]
    label = {r: reasoner.knowledge.label(facts.value(r, ia("ofProcedureRated"))) for r in ratings}
    assert best_first(reasoner.knowledge, ratings) != sorted(ratings, key=label.get)


def test_children_are_ranked_by_their_own_radiation_levels(reasoner):
    knowledge = reasoner.knowledge
    ratings = knowledge.facts.subjects(RDF_TYPE, ia("Rating"))
    by = {
        kind: [order_key(knowledge, r, kind) for r in ratings]
        for kind in ("hasAdultRadiation", CHILD)
    }
    assert by["hasAdultRadiation"] != by[CHILD]
