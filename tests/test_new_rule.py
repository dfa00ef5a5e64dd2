"""A rule that is added, as CONTRIBUTING.md shows it, is seen at every door; none is left out."""

import json

import pytest
from test_contributing import apply, checkout, examples, nextstudy, python, repeated

__all__ = ["checkout"]  # the fixture
SAID = "This study is on record: read its result first."
SERVE = """
import json, sys
from fastapi.testclient import TestClient
from reasoner.serve import Settings, create_app
record = json.load(sys.stdin)
request = {"hook": "order-select", "hookInstance": "d1577c69-dfbe-44ad-ba6d-3e05e953b2ea"}
orders = [e for e in record["entry"] if e["resource"]["resourceType"] == "ServiceRequest"]
others = [e for e in record["entry"] if e not in orders]
draft = [e for e in orders if e["resource"]["id"] == "again"]
patient = next(e["resource"] for e in others if e["resource"]["resourceType"] == "Patient")
request["context"] = {
    "userId": "Practitioner/d", "patientId": patient["id"],
    "selections": ["ServiceRequest/again"],
    "draftOrders": {"resourceType": "Bundle", "type": "collection", "entry": draft},
}
keys = {"Condition": "conditions", "DiagnosticReport": "reports", "Observation": "measurements"}
request["prefetch"] = {"patient": patient}
for kind, key in keys.items():
    entries = [e for e in others if e["resource"]["resourceType"] == kind]
    request["prefetch"][key] = {"resourceType": "Bundle", "type": "searchset", "entry": entries}
FHIR = {"Content-Type": "application/fhir+json"}
with TestClient(create_app(Settings())) as client:
    said = {
        "api": client.post("/api/answer", json=record).text,
        "explained": client.post("/api/answer?explain=true", json=record).text,
        "page": client.post("/drop", json=record, headers=FHIR).text,
        "cards": client.post("/cds-services/imaging-order-select", json=request).text,
    }
json.dump(said, sys.stdout)
"""
TABLE = """
import sys
import pyarrow.parquet as pq
rows = pq.read_table(sys.argv[1] + "/alerts").to_pylist()
print([row["pitfall"] for row in rows])
"""


@pytest.fixture
def extended(checkout):
    """A checkout with the rule."""
    apply(examples()["A rule"], checkout)
    return checkout


def doors(folder, tmp_path) -> dict[str, str]:
    """What each door of a checkout says of a record with an order that repeats a study."""
    record = json.dumps(repeated())
    said = {
        form: nextstudy(folder, "ask", "-", "--format", form, *more, input=record)
        for form in ("text", "json", "markdown", "turtle")
        for more in [("--explain",) if form == "text" else ()]
    }
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "record.json").write_text(record)
    nextstudy(folder, "cohort", tmp_path / "in", "--out", tmp_path / "out")
    said["cohort"] = python(folder, "-c", TABLE, tmp_path / "out")
    return said | json.loads(python(folder, "-c", SERVE, input=record))


def test_a_new_rule_is_seen_at_every_door(extended, tmp_path):
    said = doors(extended, tmp_path)
    assert "ia:RepeatedStudy" in said["cohort"] and "ia:RepeatedStudy" in said["turtle"]
    texts = {door: text for door, text in said.items() if door not in ("cohort", "turtle")}
    assert [door for door, text in texts.items() if SAID not in text] == []


def test_without_the_rule_no_door_says_it(checkout, tmp_path):
    said = doors(checkout, tmp_path)
    assert [door for door, text in said.items() if "RepeatedStudy" in text or SAID in text] == []
