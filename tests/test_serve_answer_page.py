"""The answer on a page: what to do first, what warns next, and words in place of references."""

import html
import json
import re

import pytest
from answers import AGREED
from bundles import (
    MRI_THIGH,
    PACEMAKER,
    THIGH,
    UNSAFE,
    bundle,
    device,
    inconclusive,
    mass,
    order,
    patient,
)

pytest.importorskip("fastapi", reason="the serve extra is not installed")

from reasoner.answer.radiation_legend import legend_line  # noqa: E402
from reasoner.answer.reply import Reply
from reasoner.answer.wording import NO_REASON, OUTCOME  # noqa: E402
from reasoner.intake.opening import example  # noqa: E402
from reasoner.serve.explorer.pages import page  # noqa: E402
from reasoner.serve.explorer.record_pages import template_values  # noqa: E402

IDENTIFIER = re.compile(r"\bia:\w+|\b(?:Condition|ServiceRequest|DiagnosticReport|Device)/[\w-]+")


def words(text: str) -> str:
    """What a reader sees of a part of a page, proof and copies aside."""
    shown = re.sub(r'<section class="(?:proof|copies)".*?</section>', "", text, flags=re.S)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", shown)).split())


def answer(client, *resources) -> str:
    """The page's part with the answer to a record of resources, or to the bundled example."""
    data = json.dumps(bundle(*resources)) if resources else example()
    return client.post("/drop?part", content=data).text


def agreeing(client, reasoner, rows) -> str:
    """The page's part with rows on which the scenarios that are still possible agree."""
    reply = reasoner.reply(bundle(patient(), mass(THIGH)))
    [shown] = reply.answer["presentations"]
    assert shown["outcome"] == "more-information"
    answered = {**reply.answer, "presentations": [{**shown, "agreed": rows}]}
    snapshot = client.app.state.nextstudy.current
    reply = Reply(reply.knowledge, reply.record, answered)
    return page("answer.html", **template_values(snapshot, reply)).body.decode()


def test_the_headline_comes_first_then_warnings_then_the_table_with_legend_and_source(client):
    text = words(answer(client))
    expected = [
        "Soft tissue mass of the thigh",
        "MRI thigh without and with IV contrast is usually appropriate for",
        "Warning : A biopsy or aspiration is ordered",
        "Study Category Adult Child Reason",
        "adult 10-30 mSv, child 3-10 mSv",
        "Source: American College of Radiology",
        "Info : The ultrasound",
        "Scenario:",
        "To ask next",
    ]
    places = [text.find(part) for part in expected]
    assert -1 not in places and places == sorted(places), dict(zip(expected, places, strict=True))
    assert OUTCOME["recommendation"] not in text.partition("What would change")[0]


def test_facts_and_terms_are_said_in_words(client):
    text = words(answer(client)).partition("What would change")[0]
    assert not IDENTIFIER.findall(text)
    assert (
        "Radiography femur: normal radiograph, 2026-09-14 ; US lower extremity: indeterminate"
        in text
    )
    assert 'title="DiagnosticReport/radiograph"' in answer(client)


def test_a_missing_reason_is_said_once_under_the_table(client):
    text = words(answer(client))
    assert NO_REASON not in text and text.count("the sources read give none") == 1


def test_two_problems_of_one_name_are_told_apart(client):
    thigh = mass(THIGH, "sct:24028007"), mass(THIGH, "sct:7771000", name="mass-2")
    text = words(answer(client, patient(), *thigh))
    assert [f"of the thigh Condition/mass-{n}" in text for n in (1, 2)] == [True, True]
    assert "of the thigh Condition" not in words(answer(client, patient(), thigh[0]))


def test_contraindications_and_withheld_orders_stand_before_the_table(client):
    unread = device("told", None) | {"type": {"text": "some implant, MR unsafe"}}
    text = words(answer(client, *inconclusive(), order("mri", MRI_THIGH), unread))
    before, table, _ = text.partition("Study Category Adult Child Reason")
    assert table and "its rating is withheld" in before and "it leaves open: MRI" in before
    assert before.count("some implant, MR unsafe ; it leaves") == 1
    aside = answer(client, *inconclusive(), order("mri", MRI_THIGH), device("d", PACEMAKER, UNSAFE))
    assert "contraindicated, set aside" in words(aside).partition("Study Category")[0]


def test_what_possible_scenarios_agree_on_is_a_table_of_its_own(client, reasoner):
    text = words(agreeing(client, reasoner, [AGREED, AGREED]))
    before, table, row = text.partition("Study Category Adult Child")
    assert before.count("Whichever scenario applies Assumed: no radiograph is recorded.")
    assert row.startswith(" Radiography femur ✓ usually appropriate")
    assert "below 0.1 mSv" in row and AGREED["source"] in row and "no radiograph" not in row
    assert "Whichever scenario" not in words(agreeing(client, reasoner, []))


def test_what_undoes_one_agreed_study_only_stands_beside_it(client, reasoner):
    text = words(agreeing(client, reasoner, [AGREED, {**AGREED, "unless": []}]))
    before, _, row = text.partition("Study Category Adult Child Assumed")
    assert "Assumed" not in before and row.count("no radiograph is recorded") == 1


def test_a_record_that_lacks_facts_gets_the_study_that_all_scenarios_want(client):
    text = words(answer(client, patient(), mass(THIGH)))
    row = text.partition("Whichever scenario applies")[2]
    assert "Radiography femur ✓ usually appropriate" in row.partition("To ask next")[0]


def test_a_study_that_is_set_aside_in_every_scenario_says_so_first(client, reasoner):
    flag = {"hazard": "ia:X", "severity": "contraindicated", "advice": "Not now.", "because": []}
    row = {**AGREED, "setAside": True, "safety": [flag]}
    text = words(agreeing(client, reasoner, [row]))
    assert "Contraindicated : Not now. Radiography femur" in text.partition("Study Category")[0]


@pytest.mark.parametrize("outcome", ["next-step", "no-imaging", "no-criteria", "not-read"])
def test_every_outcome_is_said_once(client, replies, outcome):
    found = [
        reply
        for reply in replies.values()
        if [p["outcome"] for p in reply.answer["presentations"]] == [outcome]
    ]
    assert found
    snapshot = client.app.state.nextstudy.current
    text = words(page("answer.html", **template_values(snapshot, found[0])).body.decode())
    assert text.partition("What would change")[0].count(OUTCOME[outcome]) == 1


def test_the_legend_has_the_signs_that_are_used_with_the_doses_of_the_graph(reasoner):
    row = {"adultRadiation": "4", "pediatricRadiation": "O"}
    line = legend_line(reasoner.knowledge, [row])
    assert line == "O 0 mSv; ☢☢☢☢ adult 10-30 mSv, child 3-10 mSv"
    row = {"adultRadiation": "varies", "pediatricRadiation": "not-stated"}
    assert legend_line(reasoner.knowledge, [row]) == ""
