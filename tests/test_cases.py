"""The cases: a record beside what an answer to it must say.

An expectation states only what its case is about; `LACKS` says what each of its keys demands of a presentation.
"""

import json
from pathlib import Path

import pytest
from conftest import ROOT

OWN = ROOT / "tests" / "cases"
SHARED = ROOT.parent / "shared" / "cases"
EXPECTED = sorted(OWN.glob("*/*.expected.json")) + sorted(SHARED.glob("*.expected.json"))
RECORDS = sorted(p for suffix in ("json", "ttl") for folder in (OWN, SHARED) for p in folder.glob(f"**/*.{suffix}") if not p.name.endswith(".expected.json"))


def expected(record: Path) -> Path:
    """The expectation beside a record."""
    return record.with_name(f"{record.stem}.expected.json")


def rated(p, generic):
    """The recommendation of a generic procedure; an empty one when there is none. Of several the last, as ranks go."""
    return next((r for r in reversed(p["recommendations"]) if r["generic"] == generic), {"safety": [], "procedure": {}})


def order(p, name):
    """The row of an order; an empty one when there is none."""
    return next((o for o in p["orders"] if o["id"] == name), {"safety": []})


def of_status(p, *statuses):
    """The scenarios of a presentation that have one of some statuses."""
    return {s["id"] for s in p["scenarios"] if s["status"] in statuses}


def hazards(p, generic):
    """The hazards flagged on a generic procedure."""
    return {flag["hazard"] for flag in rated(p, generic)["safety"]}


def top(p):
    """The recommendation of rank 1."""
    return p["recommendations"][0] if p["recommendations"] else {"generic": None, "procedure": {"label": None, "codes": []}}


def ids(rows, key="id"):
    """What rows are about."""
    return {row[key] for row in rows}


def each(wanted, found):
    """What is wanted of some keys and found otherwise."""
    return {k: (v, found(k)) for k, v in wanted.items() if found(k) != v}


LACKS = {
    "outcome": lambda p, v: p["outcome"] != v,
    "outcomeIn": lambda p, v: p["outcome"] not in v,
    "applies": lambda p, v: of_status(p, "applies") ^ set(v),
    "possible": lambda p, v: set(v) - of_status(p, "possible"),
    "possibleOrApplies": lambda p, v: set(v) - of_status(p, "possible", "applies"),
    "excluded": lambda p, v: each(v, {s["id"]: s["excludedBy"] for s in p["scenarios"] if s["status"] == "excluded"}.get),
    "top": lambda p, v: top(p)["generic"] != v,
    "topIn": lambda p, v: top(p)["generic"] not in v,
    "topLabel": lambda p, v: top(p)["procedure"]["label"] != v,
    "topCode": lambda p, v: {v} - ids(top(p)["procedure"]["codes"], "code"),
    "label": lambda p, v: each(v, lambda g: rated(p, g)["procedure"].get("label")),
    "ratings": lambda p, v: each(v, lambda g: rated(p, g).get("category")),
    "radiation": lambda p, v: each(v, lambda g: [rated(p, g).get("adultRadiation"), rated(p, g).get("pediatricRadiation")]),
    "notAssumed": lambda p, v: set(v) & {a["id"] for s in p["scenarios"] if s["status"] != "excluded" for a in s["assumptions"]},
    "assumes": lambda p, v: set(v) - {a["id"] for s in p["scenarios"] if s["status"] == "applies" for a in s["assumptions"]},
    "asks": lambda p, v: set(v) - ids(p["questions"]),
    "alerts": lambda p, v: set(v) - ids(p["alerts"], "pitfall"),
    "noAlerts": lambda p, v: set(v) & ids(p["alerts"], "pitfall"),
    "nextSteps": lambda p, v: ids(p["nextSteps"]) ^ set(v),
    "cautions": lambda p, v: {g: hs for g, hs in v.items() if not set(hs) <= hazards(p, g)},
    "noCautions": lambda p, v: [[g, h] for g, h in v if h in hazards(p, g)],
    "flagged": lambda p, v: {g: h for g, h in v.items() if g != "not" and (h not in hazards(p, g) or h in hazards(p, v.get("not")))},
    "orders": lambda p, v: each(v, lambda name: {key: order(p, name).get(key) for key in v[name]}),
    "orderHazards": lambda p, v: each(v, lambda name: [[f["hazard"], f["severity"]] for f in order(p, name)["safety"]]),
}


@pytest.mark.parametrize("record", RECORDS, ids=lambda p: f"{p.parent.name}/{p.name}")
def test_a_record_gets_the_answer_that_its_case_expects(reasoner, record):
    answer, want = reasoner.ask(record.read_bytes()), json.loads(expected(record).read_text())
    found = {p["id"]: p for p in answer["presentations"]}
    lacks = {(name, key): (value, lack) for name, wanted in want["presentations"].items() if name in found
             for key, value in wanted.items() if (lack := LACKS[key](found[name], value))}
    assert set(found) == set(want["presentations"])
    assert not lacks
    assert set(want.get("noted", ())) <= ids(answer["notes"], "about")


@pytest.mark.parametrize("path", EXPECTED, ids=lambda p: p.name)
def test_every_expectation_has_a_record_and_demands_something(path):
    want = json.loads(path.read_text())
    assert [r for r in RECORDS if expected(r) == path]
    assert set(want) <= {"presentations", "noted"}
    assert all(set(p) <= set(LACKS) and p for p in want["presentations"].values())
    assert want["presentations"] or want["noted"]


def test_every_record_has_an_expectation_and_a_name_that_says_it():
    assert len([r for r in RECORDS if r.is_relative_to(OWN)]) >= 45
    for record in RECORDS:
        assert expected(record).is_file(), f"{record} has no twin"
        assert record.name.startswith("should-")


def bundles():
    """The cases of our own that are plain Bundles."""
    return [r for r in RECORDS if r.is_relative_to(OWN) and r.suffix == ".json" and json.loads(r.read_text()).get("resourceType") == "Bundle"]


@pytest.mark.parametrize("record", bundles(), ids=lambda p: p.stem)
def test_a_list_and_lines_of_resources_are_answered_like_the_bundle(reasoner, record):
    bundle = json.loads(record.read_text())
    resources = [e["resource"] for e in bundle["entry"]]
    lines = "\n".join(map(json.dumps, resources)).encode()
    answers = [reasoner.ask(document) for document in (bundle, resources, lines)]
    for answer in answers:
        answer["notes"] = [(n["severity"], n["about"]) for n in answer["notes"]]
        for row in [*answer["unread"], *(u for p in answer["presentations"] for u in p["unread"])]:
            row.pop("place")  # places differ between envelopes
    assert answers[0] == answers[1] == answers[2]
