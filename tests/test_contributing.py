"""Each worked commit of CONTRIBUTING.md, applied to a copy of the checkout, works."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import ROOT

TEXT = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
DIFF = re.compile(r"^```diff\n(.*?)^```$", re.S | re.M)
FILE = re.compile(r"^--- (\S+)\n\+\+\+ b/(\S+)\n", re.M)
SNOMED = "http://snomed.info/sct"
NCIT = "http://ncicb.nci.nih.gov/xml/owl/EVS/Thesaurus.owl"
ASKS = """
import sys
from fastapi.testclient import TestClient
from reasoner.serve import Settings, create_app
with TestClient(create_app(Settings())) as client:
    sys.stdout.write(client.get("/questions").text)
"""


def examples():
    """The diffs of each example by its heading, as one text."""
    parts = re.split(r"^### (.*)$", TEXT, flags=re.M)[1:]
    return {
        title: "".join(DIFF.findall(body))
        for title, body in zip(parts[::2], parts[1::2], strict=True)
    }


def apply(diff: str, folder: Path):
    """Applies a diff without line numbers to a folder.

    The lines of each hunk that are not added must stand in the file, and only once.
    """
    pieces = FILE.split(diff)
    assert not pieces[0].strip() and len(pieces) > 3, diff
    for before, name, body in zip(pieces[1::3], pieces[2::3], pieces[3::3], strict=True):
        path = folder / name
        assert path.exists() == (before != "/dev/null"), f"{name}: {before}"
        text = path.read_text(encoding="utf-8") if path.exists() else ""
        for hunk in body.split("@@ @@\n")[1:]:
            text = changed(text, hunk, name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def changed(text: str, hunk: str, name: str) -> str:
    """A text with one hunk applied."""
    lines = hunk.splitlines(keepends=True)
    assert all(line[0] in " +-" for line in lines), f"{name}: {hunk}"
    old = "".join(line[1:] for line in lines if line[0] in " -")
    new = "".join(line[1:] for line in lines if line[0] in " +")
    if not old and not text:
        return new
    assert old and f"\n{text}".count(f"\n{old}") == 1, f"{name}: not there, or not once:\n{old}"
    return f"\n{text}".replace(f"\n{old}", f"\n{new}")[1:]


@pytest.fixture
def checkout(tmp_path):
    """A copy of what of the checkout the examples change and run."""
    folder = tmp_path / "checkout"
    ignored = shutil.ignore_patterns("__pycache__", "*.so")
    for name in ("reasoner", "ontology", "queries", "examples", "tests/broken"):
        shutil.copytree(ROOT / name, folder / name, ignore=ignored)
    return folder


def python(folder: Path, *words, input=None):
    """What a Python of a checkout prints; it must end well."""
    environment = {**os.environ, "PYTHONPATH": str(folder)}
    done = subprocess.run(
        [sys.executable, *map(str, words)],
        cwd=folder,
        env=environment,
        input=input,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def nextstudy(folder: Path, *words, input=None):
    """What a command of a checkout prints."""
    return python(folder, "-m", "reasoner", *words, input=input)


def answer(folder: Path, record: dict) -> dict:
    """The answer of a checkout to a record."""
    return json.loads(nextstudy(folder, "ask", "-", "--format", "json", input=json.dumps(record)))


def bundle(*resources: dict) -> dict:
    """A patient with some resources."""
    patient = {"resourceType": "Patient", "id": "p", "birthDate": "1980-01-01"}
    return {
        "resourceType": "Bundle",
        "type": "collection",
        "entry": [{"resource": resource} for resource in (patient, *resources)],
    }


def coded(kind: str, name: str, system: str, code: str, **more) -> dict:
    """A resource of the patient with a code."""
    concept = {"coding": [{"system": system, "code": code}]}
    subject = {"reference": "Patient/p"}
    return {"resourceType": kind, "id": name, "subject": subject, "code": concept, **more}


def example_record(*more: dict) -> dict:
    """The bundled record, with more resources."""
    record = json.loads((ROOT / "examples" / "record.json").read_text(encoding="utf-8"))
    record["entry"] += [{"resource": resource} for resource in more]
    return record


def repeated() -> dict:
    """The bundled record with an order of the radiograph that it has."""
    order = coded("ServiceRequest", "again", "http://loinc.org", "24704-9")
    order |= {"status": "draft", "intent": "order", "subject": {"reference": "Patient/example"}}
    return example_record({**order, "reasonReference": [{"reference": "Condition/mass"}]})


def pitfalls(found: dict) -> set[str]:
    """The pitfalls of the first presentation of an answer."""
    return {alert["pitfall"] for alert in found["presentations"][0]["alerts"]}


def rule(folder, before):
    found = answer(folder, repeated())
    assert pitfalls(found) - pitfalls(before) == {"ia:RepeatedStudy"}
    text = nextstudy(folder, "ask", "-", "--explain", input=json.dumps(repeated()))
    assert "This study is on record: read its result first." in text


def question(folder, before):
    rows = nextstudy(folder, "query", "modalities-of-procedures", "--format", "csv").splitlines()
    assert rows[0] == "modality,modalityLabel,procedures" and len(rows) > 5
    assert "modalities-of-procedures" in nextstudy(folder, "query")


def check(folder, before):
    report = nextstudy(
        folder,
        *("validate", folder / "tests" / "broken" / "pitfall-leads-nowhere.ttl"),
        *("--format", "json"),
    )
    assert report.count('"pitfall-leads-nowhere"') and "ex" in report
    assert "harmless" in report and "https://example.org/sound" not in report


MASS = bundle(coded("Condition", "lump", NCIT, "C0000000"))
HAND = {"coding": [{"system": SNOMED, "code": "7569003"}]}
BITE = bundle(coded("Condition", "bite", NCIT, "C0000001", bodySite=[HAND]))
PACED = example_record(
    coded(
        *("Flag", "paced", SNOMED, "77386006"),
        **{"status": "active", "subject": {"reference": "Patient/example"}},
    )
)


def code(folder, before):
    assert before["presentations"][0]["outcome"] == "not-read"
    assert answer(folder, MASS)["presentations"][0]["finding"]["id"] == "ia:SoftTissueMass"


def topic(folder, before):
    nextstudy(folder, "build")
    nextstudy(folder, "fmt")
    nextstudy(folder, "validate")
    [presentation] = answer(folder, BITE)["presentations"]
    assert [s["id"] for s in presentation["scenarios"] if s["status"] == "applies"] == [
        "ia:DragonBiteFirstLook"
    ]
    assert [r["generic"] for r in presentation["recommendations"]] == [
        "ia:Radiography",
        "ia:Ultrasound",
    ]


def resource_type(folder, before):
    assert "Flag/paced" in grounds(answer(folder, PACED))
    assert "Flag/paced" not in grounds(before)


def grounds(found: dict) -> set[str]:
    """The resources that the safety flags of an answer rest on."""
    studies = found["presentations"][0]["recommendations"]
    return {ground for study in studies for flag in study["safety"] for ground in flag["because"]}


def door(folder, before):
    listed = json.loads(python(folder, "-c", ASKS))
    assert listed["radiation-levels"].startswith("The relative radiation levels")


def command(folder, before):
    assert "premature biopsy" in nextstudy(folder, "members", "ia:Pitfall").splitlines()
    assert "nextstudy members ia:Pitfall" in nextstudy(folder, "members", "--help")


EXAMPLES = {
    "A rule": (rule, repeated()),
    "A question": (question, None),
    "A check": (check, None),
    "A code": (code, MASS),
    "A topic": (topic, None),
    "A resource type of FHIR": (resource_type, PACED),
    "A door": (door, None),
    "A command": (command, None),
}


@pytest.mark.parametrize("title", EXAMPLES)
def test_a_worked_commit_works(title, checkout, reasoner):
    """`before` is what this checkout answers to the record of the example, without the commit."""
    works, record = EXAMPLES[title]
    before = record and reasoner.ask(record)
    apply(examples()[title], checkout)
    works(checkout, before)


def test_every_example_is_tried():
    assert sorted(examples()) == sorted(EXAMPLES)


def test_an_example_without_its_commit_does_not_work(checkout):
    with pytest.raises(AssertionError):
        command(checkout, None)
    with pytest.raises(AssertionError):
        question(checkout, None)


def test_a_hunk_that_does_not_fit_is_noticed(tmp_path):
    (tmp_path / "a.txt").write_text("one\ntwo\none\n")
    head = "--- a/a.txt\n+++ b/a.txt\n@@ @@\n"
    for hunk in (" three\n+four\n", " one\n+half\n"):
        with pytest.raises(AssertionError, match="not there, or not once"):
            apply(head + hunk, tmp_path)
    apply(f"{head} two\n+half\n", tmp_path)
    assert (tmp_path / "a.txt").read_text() == "one\ntwo\nhalf\none\n"


def test_an_example_adds_files_that_are_not_there():
    for diff in examples().values():
        for before, name in FILE.findall(diff):
            assert (ROOT / name).exists() == (before != "/dev/null"), name
