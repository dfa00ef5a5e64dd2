"""The examples: each is used by a command that is written down, and each command does what is said.

A command of a README ends with 0, unless the words behind it say another exit code.
"""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys

import pytest
from conftest import ROOT

from reasoner.intake.opening import example

FOLDER = ROOT / "examples"
NAMES = ("README.md", "examples/README.md")
FILES = sorted(path for path in FOLDER.rglob("*") if path.is_file() and path.name != "README.md")
COMMAND = re.compile(
    r"^    (?:pip install \S+ && )?(nextstudy (?:ask|query|show|validate|import|cohort) .*)$", re.M
)
ELSEWHERE = {"path/to/checkout", "export"}  # what a reader has, or has made before
CURL = re.compile(r"^    curl .*$", re.M)
SAID = {  # what a command prints, so that no example drifts from what is said of it
    "ask examples/record.json": ["MRI thigh without and with IV contrast", "Image first"],
    "ask examples/record-lacking-facts.json": ["Radiography", "lower extremity", "usually"],
    "ask examples/record-with-pacemaker.json": [
        "CT thigh with IV contrast is usually",
        "set aside",
    ],
    "ask examples/patient.ttl": ["MRI forearm without and with IV contrast"],
    "validate examples/patient.ttl": ["0 violations, 0 warnings"],
    "validate examples/patient-broken.ttl": ["3 violations", "ia:Ultrasond", "ia:hasDepth"],
    "import examples/made-up-ratings-2026.csv --dry-run": ["0 of 34 have ratings now"],
    "import examples/made-up-ratings-2026.csv --out imported": ["2 scenarios, 5 ratings"],
}


def commands():
    """The commands on a record, a table or a term that the READMEs write down, and how they end."""
    found = {}
    for name in NAMES:
        text = (ROOT / name).read_text(encoding="utf-8")
        for line in COMMAND.findall(text):
            command, _, remark = line.partition("#")
            words = shlex.split(command)
            if len(words) > 2 and not ELSEWHERE & set(words):
                code = re.search(r"ends with (\d)", remark)
                found[command.strip().removeprefix("nextstudy ")] = int(code[1]) if code else 0
    return found


COMMANDS = commands()


def run(arguments, folder):
    """Runs a command in a folder where the examples lie: exit code, output, errors."""
    done = subprocess.run(
        [sys.executable, "-m", "reasoner", *shlex.split(arguments)],
        cwd=folder,
        capture_output=True,
        encoding="utf-8",
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1", "COLUMNS": "200"},
    )
    return done.returncode, done.stdout, done.stderr


@pytest.fixture
def folder(tmp_path):
    """A folder with the examples, in which commands may write."""
    shutil.copytree(FOLDER, tmp_path / "examples")
    return tmp_path


@pytest.mark.parametrize("arguments", COMMANDS)
def test_a_command_ends_as_its_readme_says(folder, arguments):
    if arguments.startswith("cohort"):
        pytest.importorskip("pyarrow", reason="the cohort extra is not installed")
    if "imported/" in arguments:
        run("import examples/made-up-ratings-2026.csv --out imported", folder)
    code, out, err = run(arguments, folder)
    assert code == COMMANDS[arguments], out + err
    for words in SAID.get(arguments, []):
        assert words in " ".join(out.split()), words
    assert out + err, "a command that says nothing shows nothing"


def test_every_command_of_the_readme_of_examples_is_run():
    text = (FOLDER / "README.md").read_text(encoding="utf-8")
    written = [line for line in text.splitlines() if line.startswith("    nextstudy")]
    assert {line.partition("#")[0].strip() for line in written} - {"nextstudy serve"} <= {
        f"nextstudy {command}" for command in COMMANDS
    }
    assert set(SAID) <= set(COMMANDS)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(FOLDER).as_posix())
def test_each_file_is_used_by_a_command_and_described(path):
    text = (FOLDER / "README.md").read_text(encoding="utf-8")
    name = path.relative_to(FOLDER).parts[0]
    assert re.search(rf"^    .*examples/{re.escape(name)}", text, re.M), "no command uses it"
    assert re.search(rf"^\| `{re.escape(name)}/?` \|", text, re.M), "the table does not name it"


def test_the_bundled_record_is_the_example_and_there_is_one_copy():
    assert example() == (FOLDER / "record.json").read_bytes()
    assert not list((ROOT / "reasoner").glob("example*.json"))


@pytest.mark.parametrize("name", NAMES)
def test_the_order_request_gets_the_card_that_is_promised(client, name):
    commands = CURL.findall((ROOT / name).read_text(encoding="utf-8"))
    assert commands
    for command in commands:
        _, _, data, _, header, address = shlex.split(command)
        kind, _, value = header.partition(": ")
        sent = (ROOT / data.removeprefix("@")).read_bytes()
        path = re.fullmatch(r"http://localhost:8642(/\S+)", address)[1]
        [card, *_] = client.post(path, content=sent, headers={kind: value}).json()["cards"]
        assert "MRI thigh without IV contrast: may be appropriate" in card["summary"]
        assert "MRI thigh without and with IV contrast" in card["suggestions"][0]["label"]


def test_the_export_has_an_order_of_every_judgement(reasoner):
    rows = {}
    for path in sorted((FOLDER / "export").glob("*.ndjson")):
        for line in path.read_text(encoding="utf-8").splitlines():
            resource = json.loads(line)
            about = resource.get("subject") or resource.get("patient")
            person = about["reference"] if about else f"Patient/{resource['id']}"
            rows.setdefault(person, []).append({"resource": resource})
    orders = [
        order
        for entries in rows.values()
        for p in reasoner.ask({"resourceType": "Bundle", "type": "collection", "entry": entries})[
            "presentations"
        ]
        for order in p["orders"]
    ]
    assert len(rows) == len(orders) == 5
    assert {o["judgement"] for o in orders} == {
        "appropriate",
        "not-appropriate",
        "no-criteria-apply",
        None,
    }
    assert sum(o["setAside"] for o in orders) == 1


def test_no_rating_of_the_made_up_table_is_of_a_topic_that_exists():
    text = (FOLDER / "made-up-ratings-2026.csv").read_text(encoding="utf-8")
    rows = text.splitlines()[1:]
    assert rows and all(row.split(",")[1].endswith("(made up)") for row in rows)
