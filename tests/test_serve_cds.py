"""CDS Hooks as an ordering system sees it: ratings only when enough is known, alternatives that
replace the order, and patience with sloppy requests.
"""

import json
import uuid
from types import SimpleNamespace

import jsonschema
import pytest
from answers import AGREED
from bundles import (
    BIOPSY,
    CT_THIGH,
    DEEP,
    FOREARM,
    INDETERMINATE,
    LIPOMA,
    MASS,
    MRI_THIGH,
    MRI_THIGH_PLAIN,
    NORMAL,
    PACEMAKER,
    SUPERFICIAL,
    SUSPICIOUS,
    SYSTEMS,
    THIGH,
    UNSAFE,
    US_LEG,
    XR_FEMUR,
    allergy,
    bundle,
    concept,
    concepts,
    condition,
    device,
    egfr,
    inconclusive,
    mass,
    observation,
    order,
    refer,
    report,
)
from hook_requests import SELECT, SIGN, VIEW, draft, hook
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from patients import bundles

pytest.importorskip("fastapi", reason="the serve extra is not installed")
from fastapi.testclient import TestClient  # noqa: E402

from reasoner.answer.order_verdicts import Verdicts  # noqa: E402
from reasoner.api import Reasoner  # noqa: E402
from reasoner.names import IA, RDF_TYPE, ia  # noqa: E402
from reasoner.serve import Settings, create_app  # noqa: E402
from reasoner.serve.cds_hooks.order_cards import OrderCards  # noqa: E402
from reasoner.serve.cds_hooks.pama import EXTENSION, SYSTEM  # noqa: E402
from reasoner.serve.cds_hooks.response import respond  # noqa: E402

CPT = "http://www.ama-assn.org/go/cpt"
TEXT = {"type": "string", "minLength": 1}
CODING = {
    "type": "object",
    "required": ["system", "code", "display"],
    "properties": {"system": TEXT, "code": TEXT, "display": TEXT},
}
ACTION = {
    "type": "object",
    "required": ["type", "description", "resource"],
    "additionalProperties": False,
    "properties": {
        "type": {"const": "update"},
        "description": TEXT,
        "resource": {"type": "object", "required": ["resourceType", "id"]},
    },
}
RESPONSE = {
    "type": "object",
    "required": ["cards"],
    "additionalProperties": False,
    "properties": {
        "systemActions": {"type": "array", "minItems": 1, "items": ACTION},
        "extension": {"type": "object", "minProperties": 1},
        "cards": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["uuid", "summary", "indicator", "source"],
                "additionalProperties": False,
                "dependentRequired": {"suggestions": ["selectionBehavior"]},
                "properties": {
                    "uuid": {"type": "string", "pattern": "^[0-9a-f-]{36}$"},
                    "summary": {**TEXT, "maxLength": 139},
                    "detail": TEXT,
                    "indicator": {"enum": ["info", "warning", "critical"]},
                    "source": {
                        "type": "object",
                        "required": ["label"],
                        "additionalProperties": False,
                        "properties": {
                            "label": TEXT,
                            "url": {"type": "string", "pattern": "^http"},
                            "topic": CODING,
                        },
                    },
                    "selectionBehavior": {"enum": ["at-most-one", "any"]},
                    "overrideReasons": {"type": "array", "minItems": 1, "items": CODING},
                    "links": {
                        "type": "array",
                        "minItems": 1,
                        "items": {
                            "type": "object",
                            "required": ["label", "url", "type"],
                            "additionalProperties": False,
                            "properties": {
                                "label": TEXT,
                                "url": {"type": "string", "pattern": "^http"},
                                "type": {"const": "absolute"},
                            },
                        },
                    },
                    "suggestions": {
                        "type": "array",
                        "minItems": 1,
                        "items": {
                            "type": "object",
                            "required": ["label", "uuid", "actions"],
                            "additionalProperties": False,
                            "properties": {
                                "label": TEXT,
                                "uuid": TEXT,
                                "isRecommended": {"type": "boolean"},
                                "actions": {"type": "array", "minItems": 1, "items": ACTION},
                            },
                        },
                    },
                },
            },
        },
    },
}

VALID = jsonschema.Draft202012Validator(RESPONSE)


def post(client, request: dict, path: str = SELECT) -> dict:
    """The response to a request, held against the schema and against itself."""
    response = client.post(
        path,
        json={
            **request,
            "hook": {SELECT: "order-select", SIGN: "order-sign", VIEW: "patient-view"}[path],
        },
    )
    assert response.status_code == 200, response.text
    found = response.json()
    VALID.validate(found)
    assert found["extension"].get("systemActions") == found.get("systemActions")
    return found


def rating(resource: dict) -> dict:
    """The Argonaut extensions of an order, by the end of their address."""
    return {
        e["url"].removeprefix(EXTENSION).lstrip("-") or "rating": next(
            v for k, v in e.items() if k.startswith("value")
        )
        for e in resource["extension"]
        if e["url"].startswith(EXTENSION)
    }


def code(found: dict) -> str | None:
    """The rating of the only draft order."""
    actions = found.get("systemActions", [])
    assert len(actions) <= 1
    return rating(actions[0]["resource"])["rating"]["coding"][0]["code"] if actions else None


def notes(found: dict) -> str:
    """What a response says about the request."""
    return "\n".join(found["extension"]["org.w3id.imaging-appropriateness"].get("notes", []))


def test_discovery_names_three_services_with_prefetch(client):
    services = client.get("/cds-services").json()["services"]
    assert {s["hook"] for s in services} == {"order-select", "order-sign", "patient-view"}
    assert len({s["id"] for s in services}) == 3
    for service in services:
        assert service["prefetch"]["patient"] == "Patient/{{context.patientId}}"
        assert all("{{context.patientId}}" in query for query in service["prefetch"].values())
        assert "98979-8" in service["prefetch"]["measurements"]


def test_a_rating_is_said_with_its_category_reason_and_source(client):
    found = post(client, hook(draft(), record=inconclusive()))
    card = found["cards"][0]
    assert (
        card["summary"]
        == "MRI thigh without IV contrast: may be appropriate for soft tissue mass of the thigh"
    )
    assert (
        "**Radiation**: adult O, child O" in card["detail"]
        and "vascularity" in card["detail"]
        and "American College of Radiology" in card["detail"]
    )
    assert (
        card["links"][0]["url"]
        == "http://testserver/scenarios/MassAfterInconclusiveRadiographAndUltrasound"
    )
    said = rating(found["systemActions"][0]["resource"])
    assert said["rating"]["coding"] == [
        {"system": SYSTEM, "code": "appropriate"},
        {"system": IA, "code": "MayBeAppropriate", "display": "may be appropriate"},
    ]
    assert (
        said["consult-id"] == f"urn:uuid:{uuid.UUID(said['consult-id'].removeprefix('urn:uuid:'))}"
        and said["qcdsm-consulted"]
    )
    assert said["auc-applied"] == ia("MassAfterInconclusiveRadiographAndUltrasound")


def test_a_system_action_changes_nothing_but_the_rating(client):
    earlier = [
        {"url": "http://example.org/own", "valueString": "kept"},
        {
            "url": EXTENSION,
            "valueCodeableConcept": {"coding": [{"system": SYSTEM, "code": "not-appropriate"}]},
        },
    ]
    sent = draft(extension=earlier, note=[{"text": "as sent"}])
    made = post(client, hook(sent, record=inconclusive()))["systemActions"][0]["resource"]
    assert {k: v for k, v in made.items() if k != "extension"} == {
        k: v for k, v in sent.items() if k != "extension"
    }
    assert made["extension"][0] == earlier[0]
    assert [e["url"] for e in made["extension"]].count(EXTENSION) == 1


def test_a_rating_that_no_longer_holds_is_taken_away(client):
    own, earlier = (
        {"url": "http://example.org/own", "valueString": "kept"},
        {
            "url": EXTENSION,
            "valueCodeableConcept": {"coding": [{"system": SYSTEM, "code": "appropriate"}]},
        },
    )
    sent = draft(extension=[own, earlier])
    [action] = post(client, hook(sent, record=inconclusive()[:2]))["systemActions"]
    assert action["resource"] == {**sent, "extension": [own]}
    assert "systemActions" not in post(
        client, hook(draft(extension=[own]), record=inconclusive()[:2])
    )


def test_a_card_says_for_which_problem_an_order_was_taken(client):
    card = post(client, hook(draft(reason=None), record=inconclusive()))["cards"][0]
    assert "taken to be for soft tissue mass of the thigh" in card["detail"]
    assert "Condition/" not in card["summary"] + card["detail"]
    assert (
        "taken to be for"
        not in post(client, hook(draft(), record=inconclusive()))["cards"][0]["detail"]
    )


def test_the_same_instance_is_the_same_consultation(client):
    first, again = (post(client, hook(draft(), record=inconclusive())) for _ in range(2))
    assert first == again
    other = post(
        client, {**hook(draft(), record=inconclusive()), "hookInstance": str(uuid.uuid4())}
    )
    assert (
        rating(other["systemActions"][0]["resource"])["consult-id"]
        != rating(first["systemActions"][0]["resource"])["consult-id"]
    )


def test_an_alternative_replaces_the_order_under_its_id_and_is_then_rated_as_promised(client):
    request = hook(draft(), record=inconclusive())
    suggestion = post(client, request)["cards"][0]["suggestions"][0]
    assert suggestion["isRecommended"] and "usually appropriate" in suggestion["label"]
    action = suggestion["actions"][0]
    assert action["type"] == "update" and action["resource"]["id"] == "draft-1"
    assert action["resource"]["code"]["coding"][0] == {
        "system": SYSTEMS["loinc"],
        "code": "24703-1",
        "display": "MR Thigh WO and W contrast IV",
    }
    assert action["resource"]["reasonReference"] == refer("Condition/mass-1")
    taken = post(client, hook(action["resource"], record=inconclusive()))
    assert rating(taken["systemActions"][0]["resource"]) == rating(action["resource"])
    assert "suggestions" not in taken["cards"][0]


def regions(knowledge) -> list[str]:
    """Each region that has orderables, by the project's own code."""
    found = {
        r
        for p in knowledge.facts.subjects(RDF_TYPE, ia("OrderableProcedure"))
        for r in knowledge.facts.objects(p, ia("hasRegion"))
    }
    return [r.replace(IA, "ia:") for r in sorted(found)]


@pytest.mark.parametrize("side", [[], ["sct:7771000"]], ids=["no-side", "left"])
def test_every_alternative_of_every_region_keeps_its_rating_when_taken(client, reasoner, side):
    for site in regions(reasoner.knowledge)[:: 4 if side else 1]:
        for depth, studies in (
            (DEEP, []),
            (SUPERFICIAL, []),
            (
                DEEP,
                [
                    report(
                        "xr-1",
                        XR_FEMUR,
                        NORMAL,
                        extension=[{"valueReference": refer("Condition/mass-1")[0]}],
                    ),
                    report(
                        "us-1",
                        US_LEG,
                        INDETERMINATE,
                        extension=[{"valueReference": refer("Condition/mass-1")[0]}],
                    ),
                ],
            ),
        ):
            record = [mass(site, depth, *side), *studies]
            offered = [
                s
                for card in post(client, hook(draft(BIOPSY), record=record))["cards"]
                for s in card.get("suggestions", [])
            ]
            assert offered, (site, depth)
            for action in (a for s in offered for a in s["actions"]):
                taken = post(client, hook(action["resource"], record=record))
                assert rating(taken["systemActions"][0]["resource"]) == rating(
                    action["resource"]
                ), (site, side, action["resource"]["code"])


@pytest.mark.parametrize(
    ("drafted", "record", "expected"),
    [
        (draft(MRI_THIGH), inconclusive(), "appropriate"),
        (draft(MRI_THIGH_PLAIN), inconclusive(), "appropriate"),
        (draft(BIOPSY), inconclusive(), "not-appropriate"),
        (
            draft(XR_FEMUR),
            inconclusive(),
            "no-criteria-apply",
        ),  # done already: the scenario that applies rates no radiograph
        (draft(XR_FEMUR), [mass(THIGH, DEEP)], "appropriate"),
        (draft(MRI_THIGH), [mass(THIGH, SUPERFICIAL)], "not-appropriate"),
        (draft(MRI_THIGH), [*inconclusive(), device("d", PACEMAKER, UNSAFE)], "not-appropriate"),
        (draft(MRI_THIGH), [*inconclusive(), device("d", PACEMAKER)], "not-appropriate"),
        (draft(CT_THIGH), [*inconclusive(), device("d", PACEMAKER, UNSAFE)], "appropriate"),
        (
            draft(MRI_THIGH),
            [*inconclusive(), observation("s", "ia:MriSafetyScreeningPassed", valueBoolean=True)],
            "appropriate",
        ),
        (
            draft(MRI_THIGH),
            [mass(THIGH, DEEP), report("us-1", US_LEG, LIPOMA)],
            "no-criteria-apply",
        ),
        (
            draft(CT_THIGH),
            [*inconclusive(), report("mr-1", MRI_THIGH, SUSPICIOUS, day="2026-05-01")],
            "no-criteria-apply",
        ),
        (draft(MRI_THIGH, None, reasonCode=concepts(["sct:25064002"])), [], "no-criteria-apply"),
        (
            draft(MRI_THIGH, None, reasonCode=concepts(["icd:G44.1"])),
            inconclusive(),
            "no-criteria-apply",
        ),
        # what is not known well enough has no rating
        (draft(MRI_THIGH), [mass(THIGH, DEEP), report("xr-1", XR_FEMUR, NORMAL)], None),
        (draft(MRI_THIGH), [mass()], None),
        (draft(MRI_THIGH, None), [], None),
        (draft(MRI_THIGH, None, reasonCode=[]), [], None),
        (draft(MRI_THIGH, None, reasonCode=[{"coding": [{}]}]), [], None),
        (draft(MRI_THIGH, None, reasonCode=[{"text": "lump in the thigh"}]), [], None),
        (
            draft(MRI_THIGH, None, reasonCode=[{"coding": [{"system": "urn:local", "code": "x"}]}]),
            [],
            None,
        ),
        (draft(MRI_THIGH, None, reasonCode=concepts([MASS])), [], None),
        (
            draft(MRI_THIGH, None, reasonCode=concepts(["sct:300848003"])),
            inconclusive(),
            None,
        ),  # a mass, of soft tissue or not
        (
            draft(
                None,
                None,
                code={"coding": [{"system": CPT, "code": "73718"}]},
                reasonCode=concepts(["sct:298349001"]),
            ),
            inconclusive(),
            None,
        ),  # a swelling, a mass or not
        (draft(MRI_THIGH, "Condition/nowhere"), [], None),
        (
            draft(MRI_THIGH, "Condition/mass-1"),
            [mass(THIGH, DEEP, clinicalStatus=concept("clinical:resolved"))],
            None,
        ),
        (draft("ia:MriKneeWithoutIvContrast"), inconclusive(), None),  # a study of another region
        (draft(MRI_THIGH), [mass(FOREARM, SUPERFICIAL)], None),
        (
            draft("loinc:26197-4"),
            [mass(THIGH, DEEP, "sct:24028007"), *inconclusive()[1:]],
            None,
        ),  # the other side
        (draft("loinc:24702-3"), inconclusive(), None),  # contrast not stated
        (
            draft(None, code={"coding": [{"system": CPT, "code": "73720"}]}),
            inconclusive(),
            None,
        ),  # no CPT here
    ],
)
def test_the_rating(client, drafted, record, expected):
    found = post(client, hook(drafted, record=record))
    assert code(found) == expected
    if expected is None:
        assert any("not rated" in card["summary"] for card in found["cards"])


def test_a_set_aside_order_says_why_and_offers_what_is_safe(client):
    found = post(
        client, hook(draft(MRI_THIGH), record=[*inconclusive(), device("d", PACEMAKER, UNSAFE)])
    )
    card = found["cards"][0]
    assert card["indicator"] == "critical" and "scanner" in card["detail"]
    assert [
        s["actions"][0]["resource"]["code"]["coding"][0]["code"] for s in card["suggestions"]
    ] == ["36172-5"]
    assert "contraindication" in rating(found["systemActions"][0]["resource"])["rating"]["text"]


def test_missing_information_is_asked_for(client):
    card = post(
        client, hook(draft(MRI_THIGH), record=[mass(THIGH, DEEP), report("xr-1", XR_FEMUR, NORMAL)])
    )["cards"][0]
    assert "ultrasound" in card["summary"] + card["detail"]
    assert any(link["url"] == "http://testserver/patient" for link in card["links"])
    assert "suggestions" not in card


def test_pitfalls_are_cards_of_their_own(client):
    found = post(client, hook(draft(BIOPSY), record=inconclusive()))
    assert [c["indicator"] for c in found["cards"] if "premature biopsy" in c["summary"]] == [
        "warning"
    ]


def test_order_sign_says_the_same_as_order_select(client):
    select, sign = (
        post(client, hook(draft(), record=inconclusive()), path) for path in (SELECT, SIGN)
    )
    assert select == sign


def test_patient_view_shows_the_next_study(client):
    found = post(
        client,
        {
            **hook(record=inconclusive()),
            "context": {"userId": "Practitioner/d1", "patientId": "p1"},
        },
        VIEW,
    )
    assert (
        "MRI thigh without and with IV contrast is usually appropriate"
        in found["cards"][0]["summary"]
    )
    assert "systemActions" not in found
    assert post(client, hook(), VIEW)["cards"] == []


def test_other_orders_are_left_alone(client):
    lab = order("lab-1", "loinc:4548-4")
    pill = {
        "resourceType": "MedicationRequest",
        "id": "m",
        "status": "draft",
        "intent": "order",
        "subject": {"reference": "Patient/p1"},
    }
    assert post(client, hook(lab, pill, record=inconclusive()))["cards"] == []
    assert post(client, hook(record=inconclusive()))["cards"] == []


def test_two_drafts_are_rated_each(client):
    found = post(client, hook(draft(), order("draft-2", CT_THIGH), record=inconclusive()))
    assert {
        a["resource"]["id"]: rating(a["resource"])["rating"]["coding"][1]["code"]
        for a in found["systemActions"]
    } == {"draft-1": "MayBeAppropriate", "draft-2": "MayBeAppropriate"}


def test_the_public_sandbox_finds_what_it_reads(client):
    """It takes the first coding of a rating, and of a suggestion the first coding with its display,
    the reasons, and the rating.
    """
    sent = draft(
        None,
        None,
        id="example-request-id",
        intent="plan",
        code={"coding": [{"system": CPT, "code": "73718", "display": "MRI"}], "text": "MRI"},
        reasonCode=[
            {
                "coding": [{"system": SYSTEMS["sct"], "code": MASS[4:], "display": "Mass"}],
                "text": "Mass",
            }
        ],
    )
    found = post(client, hook(sent, record=inconclusive()))
    assert found.get("systemActions") is None
    assert (
        found["cards"][0]["summary"]
        == "Imaging order: not rated: The code of the order could not be read: "
        "it names no study that is known here."
    )
    taken = found["cards"][0]["suggestions"][0]["actions"][0]["resource"]
    assert rating(taken)["rating"]["coding"][0]["code"] == "appropriate"
    assert (
        taken["code"]["coding"][0]["display"]
        and taken["reasonCode"][0]["coding"][0]["code"] == MASS[4:]
    )
    assert code(post(client, hook(taken, record=inconclusive()))) == "appropriate"


@pytest.mark.parametrize(
    ("sloppy", "said"),
    [
        (lambda r: r["context"]["draftOrders"].pop("type"), "Bundle without type"),
        (lambda r: r["prefetch"]["conditions"].pop("type"), "Bundle without type"),
        (lambda r: r["context"]["draftOrders"].pop("resourceType"), ""),
        (
            lambda r: r["context"].update(
                draftOrders=[e["resource"] for e in r["context"]["draftOrders"]["entry"]]
            ),
            "is a list",
        ),
        (
            lambda r: r["context"].update(
                draftOrders=r["context"]["draftOrders"]["entry"][0]["resource"]
            ),
            "single resource",
        ),
        (
            lambda r: r["context"]["draftOrders"]["entry"][0]["resource"].pop("status"),
            "status is missing",
        ),
        (
            lambda r: r["context"]["draftOrders"]["entry"][0]["resource"].pop("intent"),
            "intent is missing",
        ),
        (
            lambda r: r["context"]["draftOrders"]["entry"][0]["resource"].update(reasonCode=[]),
            "reasonCode is empty",
        ),
        (
            lambda r: r["context"]["draftOrders"]["entry"][0]["resource"]["code"]["coding"].insert(
                0, {}
            ),
            "empty coding",
        ),
        (lambda r: r["context"]["draftOrders"]["entry"].append({}), ""),
        (lambda r: r["context"]["draftOrders"]["entry"].append(None), ""),
        (
            lambda r: r["prefetch"].update(
                devices={"resourceType": "OperationOutcome", "issue": []}
            ),
            "OperationOutcome",
        ),
        (
            lambda r: r["prefetch"]["reports"]["entry"].append(
                {"resource": {"resourceType": "OperationOutcome"}}
            ),
            "OperationOutcome",
        ),
        (
            lambda r: r["prefetch"]["reports"].update(
                link=[{"relation": "next", "url": "https://fhir.example.org/?page=2"}]
            ),
            "further pages",
        ),
        (lambda r: r["prefetch"].update(devices=None), ""),
        (lambda r: r["prefetch"].update(devices={}), "prefetch.devices is no resource"),
        (lambda r: r["prefetch"].update(devices="none"), "no resource"),
        (
            lambda r: r["prefetch"].update(
                conditions=[e["resource"] for e in r["prefetch"]["conditions"]["entry"]]
            ),
            "is a list",
        ),
        (
            lambda r: r["prefetch"].update(
                orders={
                    "resourceType": "Bundle",
                    "type": "searchset",
                    "entry": [{"resource": draft(CT_THIGH)}],
                }
            ),
            "",
        ),
        (lambda r: r.pop("hookInstance"), "hookInstance is missing"),
        (lambda r: r["context"].pop("patientId"), "patientId is missing"),
        (lambda r: r["context"].update(patientId="Patient/p1"), ""),
        (lambda r: r["prefetch"].update(patient=None), "no Patient resource"),
        (lambda r: r["context"].pop("selections"), "selections is missing"),
        (lambda r: r["context"].update(selections=[]), "selections is empty"),
        (
            lambda r: r["context"].update(selections=["ServiceRequest/another"]),
            "selections names no draft order",
        ),
        (lambda r: r["context"].update(selections=["draft-1"]), ""),
        (
            lambda r: r["context"].update(
                selections=["https://fhir.example.org/ServiceRequest/draft-1"]
            ),
            "",
        ),
    ],
)
def test_sloppy_requests_are_rated_and_noted(client, sloppy, said):
    request = json.loads(json.dumps(hook(draft(), record=inconclusive())))
    sloppy(request)
    found = post(client, request)
    assert code(found) == "appropriate"
    assert said in notes(found)


def test_an_order_without_id_is_rated_in_a_card_only(client):
    sent = {k: v for k, v in draft().items() if k != "id"}
    found = post(client, hook(sent, record=inconclusive()))
    assert (
        "may be appropriate" in found["cards"][0]["summary"]
        and "systemActions" not in found
        and "id is missing" in notes(found)
    )


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"{}",
        b'{"context": []}',
        b'{"context": {}}',
        b'{"hook":"order-select","context":{"patientId":"p1","draftOrders":'
        + b'{"entry":[{"resource":{"resourceType":"ServiceRequest","id":"a","status":"draft","x":'
        + b"[" * 900
        + b"]" * 900
        + b'}}]}},"prefetch":{"patient":null,"conditions":null}}',
    ],
)
def test_what_is_no_request_is_refused_with_a_reason(client, body):
    response = client.post(SELECT, content=body)
    assert response.status_code in (200, 400)
    if response.status_code == 400:
        assert (
            response.headers["content-type"] == "application/problem+json"
            and response.json()["detail"]
        )


def test_a_request_about_two_patients_is_refused(client):
    request = hook(draft(), record=inconclusive())
    request["context"]["patientId"] = "somebody-else"
    assert client.post(SELECT, json=request).status_code == 400
    assert client.post("/cds-services/no-such", json=request).status_code == 404


def test_nothing_of_a_request_becomes_markup(client):
    evil = "<img src=x onerror=alert(1)>[x](javascript:alert(1))"
    request = hook(
        draft(
            None,
            "Condition/" + evil,
            code={"coding": [{"system": "http://loinc.org", "code": "24703-1"}], "text": evil},
        ),
        record=[],
    )
    request["prefetch"][evil] = "x"
    for card in post(client, request)["cards"]:
        assert "<img" not in card.get("detail", "") and "](javascript" not in card.get("detail", "")


def test_the_alias_stands_behind_a_setting():
    given = Settings(no_criteria_alias=True, mechanism="G9999", base_url="https://cds.example.org/")
    with TestClient(create_app(given)) as aliased:
        found = post(aliased, hook(draft(MRI_THIGH, None, reasonCode=concepts(["sct:25064002"]))))
    assert code(found) == "no-guidelines-apply"
    assert rating(found["systemActions"][0]["resource"])["qcdsm-consulted"] == "G9999"
    assert found["cards"][0]["source"]["url"] == "https://cds.example.org/"


def test_pages_of_other_origins_may_ask(client):
    preflight = client.options(
        SELECT,
        headers={
            "Origin": "https://ehr.example.org",
            "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "authorization,content-type",
        },
    )
    assert preflight.status_code == 200 and preflight.headers["access-control-allow-origin"] == "*"
    assert "authorization" in preflight.headers["access-control-allow-headers"]
    assert (
        client.get("/cds-services", headers={"Origin": "https://ehr.example.org"}).headers[
            "access-control-allow-origin"
        ]
        == "*"
    )


def test_the_records_of_patients_that_nobody_made_up(client, reasoner):
    """No rating without a scenario that applies or an end of the work-up; and none that is
    appropriate for MRI against a contraindication.
    """
    coded = {
        "mri": MRI_THIGH,
        "plain": MRI_THIGH_PLAIN,
        "ct": CT_THIGH,
        "xr": XR_FEMUR,
        "biopsy": BIOPSY,
    }

    @given(
        record=bundles(reasoner.knowledge),
        drafted=st.sampled_from(sorted(coded)),
        left_out=st.sets(st.sampled_from(["depth", "site", "reports", "device"])),
    )
    @settings(max_examples=80, phases=[Phase.generate])
    def holds(record, drafted, left_out):
        resources = [e["resource"] for e in record["entry"]]
        if "reports" in left_out:
            resources = [r for r in resources if r["resourceType"] != "DiagnosticReport"]
        if "device" in left_out:
            resources = [r for r in resources if r["id"] != "why"]
        for r in resources:
            if r["id"] == "mass":
                r["bodySite"] = r["bodySite"][
                    1 if "site" in left_out else 0 : 1 if "depth" in left_out else 2
                ]
        request = hook(
            order("draft-1", coded[drafted], "Condition/mass", subject={"reference": "Patient/p"}),
            record=resources,
        )
        found = post(client, request)
        outcomes = {
            p["outcome"]
            for p in reasoner.ask({"context": request["context"], "prefetch": request["prefetch"]})[
                "presentations"
            ]
        }
        if outcomes & {"more-information"}:
            assert code(found) is None
            assert any("not rated" in card["summary"] for card in found["cards"])
        if drafted in ("mri", "plain") and "device" not in left_out:
            assert code(found) != "appropriate"
            offered = [
                s["actions"][0]["resource"]["code"]["text"]
                for c in found["cards"]
                for s in c.get("suggestions", [])
            ]
            assert not any("MRI" in text for text in offered)

    holds()


def test_a_reason_is_followed_however_it_is_referred_to(client):
    headache = condition("h", "sct:25064002")
    here = "https://fhir.example.org/Condition/h"
    for reference in ("Condition/h", here, "Condition/h/_history/2"):
        assert (
            code(post(client, hook(draft(reason=reference), record=[headache])))
            == "no-criteria-apply"
        ), reference
    elsewhere = draft(reason="https://ehr.example/fhir/Condition/h")  # not the request's server
    assert code(post(client, hook(elsewhere, record=[headache]))) is None


@pytest.mark.parametrize("first", [0, 1])
def test_an_order_for_two_problems_is_judged_by_the_less_favorable(client, first):
    """Whichever is listed first: a superficial mass, where ultrasound is usually appropriate, and a
    deep one, where it may be.
    """
    masses = [mass(THIGH, SUPERFICIAL, name="a", onset="2026-02-01"), mass(THIGH, DEEP, name="b")]
    sent = draft(US_LEG, None, reasonReference=refer("Condition/a", "Condition/b"))
    found = post(client, hook(sent, record=masses[first:] + masses[:first]))
    finer = rating(found["systemActions"][0]["resource"])["rating"]["coding"][1]["code"]
    assert finer == "MayBeAppropriate"


def test_only_the_selected_order_is_judged_and_the_others_are_context(client):
    request = hook(
        draft(MRI_THIGH),
        order("draft-2", CT_THIGH),
        record=inconclusive(),
        selections=["ServiceRequest/draft-1"],
    )
    found = post(client, request)
    assert [a["resource"]["id"] for a in found["systemActions"]] == ["draft-1"]
    assert [c["summary"].split(":")[0] for c in found["cards"]] == [
        "MRI thigh without and with IV contrast"
    ]
    biopsy = hook(
        draft(BIOPSY),
        order("draft-2", CT_THIGH),
        record=inconclusive(),
        selections=["MedicationRequest/m"],
    )
    assert post(client, biopsy)["cards"] == []
    assert (
        len(post(client, biopsy, SIGN)["cards"]) > 1
    )  # what is signed is judged, whatever was selected


def test_a_draft_that_is_not_selected_may_remedy_a_pitfall(client):
    request = hook(
        draft(XR_FEMUR),
        order("draft-2", CT_THIGH),
        record=inconclusive(),
        selections=["ServiceRequest/draft-1"],
    )

    def pitfall(found):
        return [c for c in found["cards"] if "unfollowed" in c["summary"]]

    assert not pitfall(post(client, request))
    del request["context"]["draftOrders"]["entry"][1]
    assert pitfall(post(client, request))


def test_the_same_draft_twice_is_one_order(client):
    twice, once = (
        post(client, hook(*drafts, record=inconclusive()))
        for drafts in ((draft(), draft()), (draft(),))
    )
    assert [c["summary"] for c in twice["cards"]] == [
        c["summary"] for c in once["cards"]
    ] and twice["systemActions"] == once["systemActions"]


OUTCOME = {
    "resourceType": "OperationOutcome",
    "issue": [{"severity": "error", "code": "forbidden"}],
}
FAILED = {
    "absent": lambda fetched, key: fetched.pop(key),
    "outcome": lambda fetched, key: fetched.update({key: OUTCOME}),
    "empty": lambda fetched, key: fetched.update({key: {}}),
    "text": lambda fetched, key: fetched.update({key: "none"}),
    "only an error": lambda fetched, key: fetched.update(
        {key: {"resourceType": "Bundle", "type": "searchset", "entry": [{"resource": OUTCOME}]}}
    ),
}


@pytest.mark.parametrize("path", [SELECT, SIGN, VIEW])
@pytest.mark.parametrize("how", FAILED)
@pytest.mark.parametrize("key", ["patient", "conditions"])
def test_without_patient_or_conditions_there_is_no_answer(client, key, how, path):
    request = hook(draft(), record=inconclusive())
    FAILED[how](request["prefetch"], key)
    response = client.post(path, json=request)
    assert (
        response.status_code == 412
        and response.headers["content-type"] == "application/problem+json"
    )
    assert f"prefetch.{key}" in response.json()["detail"] and response.json()["notSent"] == [key]


def test_without_any_prefetch_both_are_named_unless_nothing_is_to_be_judged(client):
    request = hook(draft(), record=inconclusive())
    del request["prefetch"]
    assert client.post(SELECT, json=request).json()["notSent"] == ["patient", "conditions"]
    request["context"]["draftOrders"]["entry"] = []
    assert post(client, request)["cards"] == []


@pytest.mark.parametrize("key", ["patient", "conditions"])
def test_null_says_that_there_is_no_data(client, key):
    request = hook(draft(), record=inconclusive())
    request["prefetch"][key] = None
    assert post(client, request)["cards"]


@pytest.mark.parametrize("how", FAILED)
def test_what_else_was_not_sent_is_said_in_one_line_and_withholds_nothing(client, how):
    request = hook(draft(), record=inconclusive())
    request["prefetch"].update(
        dict.fromkeys(
            (
                "measurements",
                "findings",
                "studies",
                "procedures",
                "devices",
                "implants",
                "allergies",
                "prescriptions",
                "medications",
                "orders",
            )
        )
    )
    assert "Not sent" not in post(client, request)["cards"][0]["detail"]
    FAILED[how](request["prefetch"], "devices")
    found = post(client, request)
    assert code(found) == "appropriate"
    assert found["cards"][0]["detail"].count("Not sent: devices;") == 1


def test_a_request_may_begin_with_a_byte_order_mark(client):
    body = b"\xef\xbb\xbf" + json.dumps(hook(draft(), record=inconclusive())).encode()
    assert client.post(SELECT, content=body).status_code == 200


def test_what_the_readers_read_is_asked_for(client):
    asked = client.get("/cds-services").json()["services"][0]["prefetch"]
    assert {query.split("?")[0] for query in asked.values()} >= {
        "DeviceUseStatement",
        "MedicationRequest",
        "MedicationStatement",
        "Device",
        "Procedure",
    }
    assert all(
        "status=active" in query for query in asked.values() if query.startswith("Medication")
    )


UNSETTLED = [
    mass(THIGH, DEEP),
    report("xr-1", XR_FEMUR, NORMAL),
]  # it is not known whether an ultrasound was done


def test_safety_reaches_the_card_of_an_order_that_is_not_rated(client):
    reaction = {**allergy("a", "sct:426722004", "severe")}
    card = post(client, hook(draft(CT_THIGH), record=[*UNSETTLED, reaction]))["cards"][0]
    assert (
        "not rated" in card["summary"]
        and "**Caution**" in card["detail"]
        and "iodinated" in card["detail"]
    )
    assert (
        "**Caution**"
        not in post(client, hook(draft(CT_THIGH), record=UNSETTLED))["cards"][0]["detail"]
    )
    card = post(
        client, hook(draft(MRI_THIGH), record=[*UNSETTLED, device("d", PACEMAKER, UNSAFE)])
    )["cards"][0]
    assert (
        card["indicator"] == "critical"
        and "contraindicated, and not rated" in card["summary"]
        and "**Contraindicated**" in card["detail"]
    )


def test_an_unknown_device_withholds_the_rating_of_mri_and_of_nothing_else(client):
    unknown = {
        **device("d", None),
        "type": {"coding": [{"system": "urn:local", "code": "x"}], "text": "implant"},
    }
    record = [*inconclusive(), unknown]
    found = post(client, hook(draft(MRI_THIGH), record=record))
    card = found["cards"][0]
    assert (
        code(found) is None
        and card["indicator"] == "warning"
        and "suggestions" not in card
        and "Is MRI contraindicated" in card["detail"]
    )
    found = post(client, hook(draft(CT_THIGH), record=record))
    assert code(found) == "appropriate" and not any(
        "MRI" in s["label"] for s in found["cards"][0].get("suggestions", [])
    )
    assert any(
        "MRI" in s["label"]
        for s in post(client, hook(draft(CT_THIGH), record=inconclusive()))["cards"][0][
            "suggestions"
        ]
    )


def test_what_the_answer_warns_of_reaches_the_card_with_its_step(client):
    record = [
        mass(THIGH, DEEP),
        report("xr-1", XR_FEMUR, NORMAL),
        report("us-1", US_LEG, SUSPICIOUS, day="2026-04-20"),
    ]
    for path in (SELECT, VIEW):
        card = post(client, hook(draft(MRI_THIGH), record=record), path)["cards"][0]
        assert (
            card["indicator"] == "warning"
            and "suspicious" in card["detail"]
            and "sarcoma center" in card["detail"]
        )
        card = post(client, hook(draft(MRI_THIGH), record=inconclusive()), path)["cards"][0]
        assert card["indicator"] == "info" and "**Warning**" not in card["detail"]


def test_no_card_ends_the_work_up_beside_an_older_suspicious_study(client):
    older, newer = (
        report("us-1", US_LEG, SUSPICIOUS),
        report("us-2", US_LEG, LIPOMA, day="2026-05-20"),
    )
    for record in ([mass(THIGH, DEEP), older, newer], [mass(THIGH, DEEP), newer]):
        for path in (SELECT, VIEW):
            card = post(client, hook(draft(MRI_THIGH), record=record), path)["cards"][0]
            said = card["summary"] + card["detail"]
            if older in record:
                assert (
                    card["indicator"] == "warning"
                    and "no further imaging" not in said
                    and "uspicious" in said
                )
    assert "no further imaging" in said


def test_an_order_whose_code_is_not_read_gets_one_info_card(client):
    local = draft(
        None, code={"coding": [{"system": "urn:oid:1.2.3", "code": "IMG9"}], "text": "MRI"}
    )
    found = post(client, hook(local, record=inconclusive()))
    [card] = [c for c in found["cards"] if "not rated" in c["summary"]]
    assert (
        card["indicator"] == "info"
        and "could not be read" in card["summary"]
        and code(found) is None
    )


@pytest.mark.parametrize(
    "other",
    [
        order("lab", "loinc:4548-4"),
        order("lab", "loinc:4548-4", note=[{"text": "patient has a pacemaker"}]),
        {
            **order("lab", None),
            "code": {"coding": [{"system": "urn:oid:1.2.3", "code": "LAB9"}]},
            "category": [{"coding": [{"system": SYSTEMS["sct"], "code": "108252007"}]}],
        },
        {
            **order("head", None, None),
            "code": {"text": "MRI brain"},
            "bodySite": concepts(["sct:69536005"]),
            "reasonCode": [{"text": "headache"}],
        },
    ],
    ids=["laboratory", "laboratory-with-words", "laboratory-by-category", "outside"],
)
def test_other_orders_get_no_card(client, other):
    found = post(client, hook(other, record=inconclusive()))
    assert [c for c in found["cards"] if "Pitfall" not in c["summary"]] == [] and code(
        found
    ) is None


def test_reasons_that_are_not_read_get_one_card_for_all_orders(client):
    words = {"reasonCode": [{"text": "lump in the thigh"}]}
    found = post(
        client, hook(draft(MRI_THIGH, None, **words), order("draft-2", CT_THIGH, None, **words))
    )
    [card] = found["cards"]
    assert (
        card["indicator"] == "info"
        and "not rated" in card["summary"]
        and "draft-2" in card["detail"]
    )
    assert code(found) is None


@pytest.mark.parametrize("lacking", ["309527000", "1290067006"])
def test_a_reason_that_the_tables_lack_is_never_said_to_lie_outside(client, lacking):
    found = post(client, hook(draft(MRI_THIGH, None, reasonCode=concepts([f"sct:{lacking}"]))))
    assert code(found) is None and "not rated" in found["cards"][0]["summary"]


def test_a_warning_about_another_problem_stays_off_the_card(client):
    """The ultrasound of the thigh is suspicious; the order is for the forearm. Where it is for the
    thigh, the card says so.
    """

    def about(name):
        return {"extension": [{"valueReference": refer(f"Condition/{name}")[0]}]}

    record = [
        mass(THIGH, DEEP),
        mass(FOREARM, DEEP, name="arm"),
        report("us-1", US_LEG, SUSPICIOUS, **about("mass-1")),
    ]
    for reason, told in (("Condition/arm", False), ("Condition/mass-1", True)):
        card = post(
            client,
            hook(
                draft(MRI_THIGH if told else "ia:MriForearmWithoutAndWithIvContrast", reason),
                record=record,
            ),
        )["cards"][0]
        assert ("suspicious" in card["detail"]) is told


@pytest.mark.parametrize(
    "value",
    [
        [],
        [None],
        [1],
        {"entry": None},
        {"entry": [None, 1, {}]},
        {"resourceType": "Bundle", "entry": {}},
        {"resourceType": 5},
        {"resourceType": []},
        0,
        False,
        "x",
    ],
    ids=repr,
)
@pytest.mark.parametrize("key", ["patient", "conditions", "devices"])
def test_no_prefetch_of_any_shape_breaks_the_service(client, key, value):
    request = hook(draft(), record=inconclusive())
    request["prefetch"][key] = value
    assert client.post(SELECT, json=request).status_code in (200, 400, 412)


@pytest.mark.parametrize(
    "selections",
    [None, 1, {}, "ServiceRequest/draft-1", [None], [{"reference": "x"}], ["", "/"]],
    ids=repr,
)
def test_no_selections_of_any_shape_break_the_service(client, selections):
    assert post(client, hook(draft(), record=inconclusive(), selections=selections))["cards"]


UNLIKELY = {
    **AGREED,
    "procedure": {"id": "ia:MriThighWithoutIvContrast", "label": "MRI thigh", "codes": []},
    "generic": "ia:MriWithoutIvContrast",
    "category": "usually-not-appropriate",
    "unless": [],
}


def detail(reasoner, record, rows, sent=None, hook_name="order-select"):
    """The detail of the first card, where the scenarios that are still possible agree on rows."""
    answered = Reasoner.reply

    def agreeing(self, *given):
        reply = answered(self, *given)
        for p in reply.answer["presentations"]:
            p["agreed"] = rows
            for o in p["orders"]:
                o["agreed"] = (
                    None
                    if o["withheld"]
                    else next((r["category"] for r in rows if r["generic"] == o["generic"]), None)
                )
        return reply

    snapshot = SimpleNamespace(reasoner=reasoner, number=1)
    body = json.dumps({**hook(sent or draft(), record=record), "hook": hook_name}).encode()
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(Reasoner, "reply", agreeing)
        found = respond(snapshot, Settings(), hook_name, body, "http://testserver")
    return found["cards"][0]["detail"]


def test_what_possible_scenarios_agree_on_is_said_of_an_order_that_lacks_facts(reasoner):
    said = detail(reasoner, [mass(THIGH)], [AGREED, UNLIKELY])
    title = "**Whichever scenario applies**"
    assert title in said
    assert "- Radiography femur is usually appropriate (assumed: no radiograph is recorded)" in said
    assert "- MRI thigh is usually not appropriate" in said, "it is the study that is ordered"
    assert said.index(title) < said.index("**To ask**")
    other = detail(reasoner, [mass(THIGH)], [AGREED, UNLIKELY], draft(CT_THIGH))
    assert "Radiography femur is" in other and "MRI thigh is" not in other
    assert title not in detail(reasoner, [mass(THIGH)], [])


def test_nothing_is_said_of_an_order_whose_rating_is_withheld(reasoner):
    told = device("told", None) | {"type": {"text": "some implant, MR unsafe"}}
    said = detail(reasoner, [mass(THIGH), told], [AGREED, UNLIKELY])
    assert "Radiography femur is" in said and "MRI thigh is" not in said


def test_the_patient_card_says_what_possible_scenarios_agree_on(reasoner):
    assert "Radiography femur is usually appropriate" in detail(
        reasoner, [mass(THIGH)], [AGREED], hook_name="patient-view"
    )


def test_a_card_has_warnings_first_a_legend_and_no_reason_that_is_none(client):
    record = [*inconclusive(), device("d", PACEMAKER, UNSAFE), egfr("kidney", 25)]
    [card, *_] = post(client, hook(draft(CT_THIGH), record=record))["cards"]
    assert card["summary"].endswith("usually appropriate for soft tissue mass of the thigh")
    assert card["detail"].startswith("**Caution**")
    plain_mri = post(client, hook(draft(), record=inconclusive()))["cards"][0]["detail"]
    assert "**Radiation**: adult O, child O (O 0 mSv)" in plain_mri and "**Reason**" in plain_mri
    aspiration = post(client, hook(draft("sct:26308001"), record=inconclusive()))["cards"][0]
    assert "usually not appropriate" in aspiration["summary"]
    assert "**Reason**" not in aspiration["detail"] and "give no reason" not in aspiration["detail"]


def test_a_summary_that_would_be_too_long_says_no_problem_rather_than_half_of_it(reasoner):
    request = SimpleNamespace(drafts=[], named=lambda *_: "u", notes=[], consult="c")
    answered = reasoner.reply(bundle(*inconclusive(), order("o", MRI_THIGH))).answer
    cards = OrderCards(reasoner.knowledge, request, "http://testserver", answered, "m", False)
    verdict = Verdicts(answered).of("ServiceRequest/o")
    [p], sent = answered["presentations"], SimpleNamespace(name="ServiceRequest/o", sent={})
    short = cards.order(sent, verdict, [])["summary"]
    assert short.endswith("usually appropriate for soft tissue mass of the thigh")
    p["finding"]["label"] = "mass " * 30
    assert cards.order(sent, verdict, [])["summary"] == short.partition(" for soft")[0]
