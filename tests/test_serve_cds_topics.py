"""CDS Hooks for topics whose ratings are not loaded: what the scenario is, and what rules say."""

import json
from types import SimpleNamespace

import pytest
from bundles import observation, order
from conftest import ROOT
from hook_requests import hook

pytest.importorskip("fastapi", reason="the serve extra is not installed")

from reasoner.names import ia  # noqa: E402
from reasoner.serve import Settings  # noqa: E402
from reasoner.serve.cds_hooks.prefetch import PREFETCHED, prefetch_templates  # noqa: E402
from reasoner.serve.cds_hooks.response import respond  # noqa: E402

CASES = ROOT / "tests" / "cases"
EFFUSION = CASES / "acute-trauma-knee" / "should-name-the-scenario-of-a-fall-with-an-effusion.json"
RADIOGRAPH, MRI = "loinc:24801-3", "loinc:30691-0"
NOT_LOADED = "are not loaded"


def asked(reasoner, name, study=RADIOGRAPH, **more):
    """The response to a request of a hook about the injured knee."""
    record = [e["resource"] for e in json.loads(EFFUSION.read_text())["entry"]]
    problem = next(r for r in record if r["resourceType"] == "Condition")
    patient = next(r for r in record if r["resourceType"] == "Patient")
    draft = order("draft-1", study, f"Condition/{problem['id']}")
    draft["subject"] = {"reference": f"Patient/{patient['id']}"}
    request = {**hook(draft, record=record), "hook": name}
    request["prefetch"] |= more
    snapshot = SimpleNamespace(reasoner=reasoner, number=1)
    return respond(snapshot, Settings(), name, json.dumps(request).encode(), "http://x")


@pytest.mark.parametrize("study", [RADIOGRAPH, MRI])
def test_an_order_without_ratings_is_not_rated_and_says_why(reasoner, study):
    response = asked(reasoner, "order-select", study)
    [card] = response["cards"]
    assert NOT_LOADED in card["summary"] and "no criteria apply" not in card["summary"]
    assert "This scenario applies: knee injury by fall or twist, with a sign" in card["detail"]
    assert "Ottawa knee rule of 1995: not usable yet" in card["detail"]
    assert "systemActions" not in response, "nothing is written into an order that is not rated"
    assert card["links"][0]["url"] == "http://x/scenarios/KneeInjuryWithSign"


def test_the_chart_of_a_patient_without_ratings_names_the_scenario(reasoner):
    [card] = asked(reasoner, "patient-view")["cards"]
    assert NOT_LOADED in card["detail"] and "Ottawa knee rule" in card["detail"]
    assert card["indicator"] == "info" and "knee" in card["source"]["label"].lower()


def test_a_rule_speaks_in_its_own_words(reasoner):
    sign = observation("walk", "sct:285674009", valueBoolean=True)  # unable to bear weight
    sign["subject"] = {"reference": "Patient/p"}
    bundle = {"resourceType": "Bundle", "type": "searchset", "entry": [{"resource": sign}]}
    [card] = asked(reasoner, "order-select", signs=bundle)["cards"]
    assert "radiography knee indicated by this rule" in card["detail"].lower()


def test_the_prefetch_asks_for_what_the_definitions_read(reasoner):
    knowledge = reasoner.knowledge
    queries = prefetch_templates(knowledge)
    codes = {
        m.code
        for m in knowledge.codes.of(ia("JointEffusion"))
        if m.prefix == "SCTID" and m.intake == "fact"
    }
    signs = set(queries["signs"].partition("&code=")[2].split(","))
    assert codes and codes <= signs
    assert queries["encounters"] == "Encounter?patient={{context.patientId}}"
    assert set(queries) == set(PREFETCHED)
    assert all(len(query) < 4000 for query in queries.values()), "an address stays short"


def test_what_is_new_in_the_prefetch_need_not_be_sent(reasoner):
    def notes(**more):
        about = asked(reasoner, "patient-view", **more)["extension"]
        return json.dumps(about)

    assert "encounters" not in notes() and "Not sent: reports" in notes()
    failed = {"resourceType": "OperationOutcome", "issue": [{"severity": "error"}]}
    assert "Not sent" in notes(encounters=failed) and "encounters" in notes(encounters=failed)
