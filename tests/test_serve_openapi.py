"""The OpenAPI of the JSON doors under requests that nobody made up: whatever comes, the service
does not break.

For a longer search: EXAMPLES=300 pytest tests/test_serve_openapi.py
"""

import os

import pytest
from hypothesis import HealthCheck, Phase, settings

pytest.importorskip("fastapi", reason="the serve extra is not installed")
schemathesis = pytest.importorskip("schemathesis", reason="schemathesis is not installed")

from serving import service  # noqa: E402

from reasoner.intake.opening import example  # noqa: E402
from reasoner.serve import Settings, create_app  # noqa: E402

DOORS = ("/api/", "/cds-services", "/health", "/about")
SCHEMA = schemathesis.openapi.from_dict(create_app(Settings()).openapi()).include(
    path_regex=r"^/(api/|cds-services|health|about)"
)


@pytest.fixture(scope="module")
def served():
    """A running service."""
    with service() as found:
        yield found


@SCHEMA.parametrize()
@settings(
    max_examples=int(os.environ.get("EXAMPLES", "25")),
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
def test_no_request_breaks_the_service(served, case):
    response = case.call(base_url=served.address)
    assert response.status_code < 500, response.text
    if response.status_code >= 400 and response.status_code != 422:
        assert response.headers["content-type"][0].startswith(
            ("application/problem+json", "application/json")
        )


def test_every_door_is_described(client):
    paths = client.get("/openapi.json").json()["paths"]
    ours = {p: what for p, what in paths.items() if p.startswith(DOORS)}
    assert {
        "/api/answer",
        "/api/terms",
        "/api/scenarios",
        "/api/scenarios/{id}",
        "/health",
        "/about",
        "/cds-services",
        "/cds-services/{service}",
        "/cds-services/{service}/feedback",
    } <= set(ours)
    for path, operations in ours.items():
        for verb, operation in operations.items():
            assert operation.get("description"), path
            assert operation["responses"]["200"]["content"]["application/json"]["schema"], path
            assert verb == "get" or operation["requestBody"]["content"], path


def test_an_answer_is_the_answer_of_every_door(client, reasoner):
    sent = client.post("/api/answer", content=example())
    assert sent.json() == reasoner.ask(example()) and sent.headers["x-nextstudy-snapshot"] == "1"
    assert client.post("/api/answer?on=2026-11-22", content=example()).status_code == 200
    assert client.post("/api/answer?on=yesterday", content=example()).status_code == 422
    refused = client.post("/api/answer", content=b"not a record")
    assert (
        refused.status_code == 400
        and refused.headers["content-type"] == "application/problem+json"
        and "Bundle" in refused.json()["detail"]
    )


@pytest.mark.parametrize(
    ("search", "first"),
    [
        ("24703-1", "ia:MriThighWithoutAndWithIvContrast"),
        ("LOINC:24703-1", "ia:MriThighWithoutAndWithIvContrast"),
        ("schwannoma", "ia:Schwannoma"),
        ("ia:DeepMassInitialImaging", "ia:DeepMassInitialImaging"),
        ("  thigh ", "ia:Thigh"),
    ],
)
def test_terms_are_found_by_label_and_code(client, search, first):
    found = client.get("/api/terms", params={"search": search}).json()
    assert found["terms"][0]["id"] == first and found["total"] >= 1


def test_terms_are_limited_and_may_be_none(client):
    assert client.get("/api/terms", params={"search": "no such thing at all"}).json()["terms"] == []
    everything = client.get("/api/terms", params={"limit": 3}).json()
    assert len(everything["terms"]) == 3 < everything["total"]


def test_scenarios_are_listed_by_edition_and_shown_with_ratings(client):
    current = client.get("/api/scenarios", params={"edition": "ia:SoftTissueMasses2022"}).json()[
        "scenarios"
    ]
    assert [s["id"] for s in current] == [
        "ia:SuperficialMassInitialImaging",
        "ia:DeepMassInitialImaging",
        "ia:MassAfterInconclusiveRadiographAndUltrasound",
        "ia:MassAfterInconclusiveRadiographAndUltrasoundMriContraindicated",
    ]
    assert len(client.get("/api/scenarios").json()["scenarios"]) > 4
    shown = client.get("/api/scenarios/MassAfterInconclusiveRadiographAndUltrasound").json()
    assert (
        shown == client.get("/api/scenarios/ia:MassAfterInconclusiveRadiographAndUltrasound").json()
    )
    assert (
        shown["ratings"][0]["procedure"]["id"] == "ia:MriWithoutAndWithIvContrast"
        and shown["ratings"][0]["category"] == "usually-appropriate"
    )
    assert {
        "when": {"id": "ia:MriContraindicated", "label": "MRI contraindicated"},
        "leadsTo": {
            "id": "ia:MassAfterInconclusiveRadiographAndUltrasoundMriContraindicated",
            "label": (
                "soft tissue mass after inconclusive radiograph and ultrasound, MRI contraindicated"
            ),
        },
    } in shown["exclusions"]
    assert client.get("/api/scenarios/Lipoma").status_code == 404


def test_health_and_about(client):
    assert client.get("/health").json() == {"status": "ok", "snapshot": 1}
    about = client.get("/about").json()
    assert (
        "ia:SoftTissueMasses2022" in {edition["id"] for edition in about["editions"]}
        and "pyoxigraph" in about["engines"]
        and any("not a medical device" in n for n in about["notes"])
    )
