"""One record, one answer, whatever the door: Python, command line, HTTP, and cohorts.

CDS Hooks, where the answer has another form, is `test_doors_cds`.
"""

import copy
import gzip
import json
import re
import subprocess
import sys
from collections import Counter

import pytest
from bundles import DEEP, MRI_THIGH, THIGH, bundle, inconclusive, mass, order, patient
from conftest import ROOT
from doors import RECORDS, TYPES, bundles, outcome
from spoil import essence

pytest.importorskip("fastapi", reason="the serve extra is not installed")


MARK = "\ufeff".encode()


@pytest.fixture(scope="module")
def asked(reasoner):
    """What Python gets for each record, by its name."""
    return {name: outcome(reasoner, path.read_bytes()) for name, path in RECORDS.items()}


@pytest.fixture(scope="module")
def documents():
    """The records that are plain Bundles, by name."""
    return bundles()


# Over HTTP, and at the command line


def through_http(client, name: str) -> dict:
    """What HTTP gets for a record."""
    path = RECORDS[name]
    sent = client.post(
        "/api/answer", content=path.read_bytes(), headers={"Content-Type": TYPES[path.suffix]}
    )
    return (
        sent.json()
        if sent.status_code == 200
        else {"refused": sent.text, "status": sent.status_code}
    )


def differs(one: dict, other: dict) -> bool:
    """Whether two doors say other things of one record; refusals are alike if they say why."""
    if "refused" in one and "refused" in other:
        told = re.findall(r"[A-Za-z]{4,}", re.sub(r"_:\w+", "", one["refused"]))[:6]
        said = other["refused"].replace("\\", "")
        return not all(word in said for word in told) or other.get("status", 400) >= 500
    return json.dumps(one, sort_keys=True) != json.dumps(other, sort_keys=True)


def test_http_says_what_python_says(client, asked):
    assert [name for name in RECORDS if differs(asked[name], through_http(client, name))] == []


@pytest.mark.parametrize(
    "name",
    [
        "example",
        *[n for n in RECORDS if n.startswith("field/")][:40:20],
        *[n for n in RECORDS if n.endswith(("mr-unsafe", "turtle", "in-words"))][:3],
    ],
)
def test_the_command_line_says_what_python_says(asked, name):
    run = [sys.executable, "-m", "reasoner", "ask", str(RECORDS[name]), "--format", "json"]
    done = subprocess.run(run, cwd=ROOT, capture_output=True, text=True)
    said = json.loads(done.stdout) if done.returncode == 0 else {"refused": done.stderr}
    assert done.returncode == (2 if "refused" in asked[name] else 0)
    assert not differs(asked[name], said)


def test_what_two_doors_say_otherwise_is_seen(asked):
    answer = asked["example"]
    noted = [{"severity": "info", "about": "Patient/p1", "message": "It is noted."}]
    assert differs(answer, {**answer, "notes": noted})
    assert differs(answer, {"refused": "no"}) and differs(
        {"refused": "the file is XML, which is not read"}, {"refused": "bad Turtle"}
    )
    assert not differs(answer, copy.deepcopy(answer)) and not differs(
        {"refused": "it is XML"}, {"refused": "sorry, it is XML"}
    )


FORMS = {
    "a byte order mark": lambda data: MARK + data,
    "lines": lambda data: b"\n".join(
        json.dumps(e["resource"]).encode() for e in json.loads(data)["entry"]
    ),
    "lines after a mark": lambda data: MARK + FORMS["lines"](data),
    "lines that end as on Windows": lambda data: FORMS["lines"](data).replace(b"\n", b"\r\n"),
    "compressed": gzip.compress,
    "lines compressed": lambda data: gzip.compress(FORMS["lines"](data)),
}


@pytest.mark.parametrize("form", FORMS)
def test_every_door_reads_every_form(reasoner, client, tmp_path, form):
    pytest.importorskip("pyarrow", reason="the cohort extra is not installed")
    from cohorts import rows, run

    record = bundle(*inconclusive(), order("o1", MRI_THIGH))
    data = FORMS[form](json.dumps(record).encode())
    path = (
        tmp_path
        / "in"
        / (
            "record"
            + (".ndjson" if "lines" in form else ".json")
            + (".gz" if "compressed" in form else "")
        )
    )
    path.parent.mkdir()
    path.write_bytes(data)
    plain, told = (
        reasoner.ask(record),
        client.post("/api/answer", content=data, headers={"Content-Type": "application/fhir+json"}),
    )
    from_path, from_bytes = outcome(reasoner, path), outcome(reasoner, data)
    run(path.parent, tmp_path / "out")
    assert [row["outcome"] for row in rows(tmp_path / "out", "presentations")] == [
        p["outcome"] for p in plain["presentations"]
    ]
    assert [
        a.get("refused") or essence(a)
        for a in (
            from_path,
            from_bytes,
            told.json() if told.status_code == 200 else {"refused": told.text},
        )
    ] == [essence(plain)] * 3


# In a cohort


def rows_in_tables(answers: list[dict]) -> dict[str, Counter]:
    """What the tables of a cohort must hold of some answers, by table."""
    found: dict[str, Counter] = {
        table: Counter()
        for table in ("presentations", "recommendations", "alerts", "questions", "notes", "orders")
    }
    for answer in answers:
        found["notes"].update((n["severity"], n["about"], n["message"]) for n in answer["notes"])
        for p in answer["presentations"]:
            found["presentations"][p["id"], p["outcome"], p["region"] and p["region"]["id"]] += 1
            found["recommendations"].update(
                (p["id"], r["rank"], r["generic"], r["category"], r["setAside"], *hazards(r))
                for r in p["recommendations"]
            )
            found["alerts"].update(
                (p["id"], a["pitfall"], a["severity"], a["order"], a["message"])
                for a in p["alerts"]
            )
            found["questions"].update((p["id"], q["id"], q["text"]) for q in p["questions"])
        found["orders"].update(verdicts(answer))
    return found


def hazards(row: dict) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The hazards that contraindicate a study, and those that caution."""
    return tuple(
        tuple(f["hazard"] for f in row["safety"] if f["severity"] == severity)
        for severity in ("contraindicated", "caution")
    )


def verdicts(answer: dict):
    """Each order that one presentation has, with its category and whether it is set aside."""
    of: dict[str, list[dict]] = {}
    for p in answer["presentations"]:
        for o in p["orders"]:
            of.setdefault(o["id"], []).append(o)
    return [
        (name, found[0].get("category"), found[0].get("setAside"))
        for name, found in of.items()
        if len(found) == 1
    ]


COLUMNS = {
    "presentations": "presentation outcome region",
    "recommendations": "presentation rank generic category set_aside contraindicated_by cautions",
    "alerts": "presentation pitfall severity order message",
    "questions": "presentation criterion question",
    "notes": "severity about message",
    "orders": "order category set_aside",
}


def tabled(out) -> dict[str, Counter]:
    """What the tables of a cohort hold of the same."""
    from cohorts import rows

    def cells(row: dict, columns: str) -> tuple:
        """Some cells of a row, lists as tuples."""
        found = [row[name] for name in columns.split()]
        return tuple(tuple(cell) if isinstance(cell, list) else cell for cell in found)

    return {
        table: Counter(cells(row, columns) for row in rows(out, table))
        for table, columns in COLUMNS.items()
    }


def untold(wanted: dict[str, Counter], held: dict[str, Counter]) -> dict[str, list]:
    """The rows that the tables lack, and, but for orders, those that no answer has."""
    found = {
        table: [
            *(wanted[table] - held[table]),
            *(() if table == "orders" else held[table] - wanted[table]),
        ]
        for table in wanted
    }
    return {table: some[:5] for table, some in found.items() if some}


@pytest.fixture(scope="module")
def cohort(documents, tmp_path_factory):
    """A cohort of all records that are plain Bundles."""
    pytest.importorskip("pyarrow", reason="the cohort extra is not installed")
    from cohorts import ndjson, run

    base = tmp_path_factory.mktemp("doors")
    run(ndjson(base / "in" / "all.ndjson", *documents.values()), base / "out", whole=True)
    return base / "out"


def test_a_cohort_gives_each_record_the_answer_that_python_gives(cohort, asked, documents):
    held = Counter(
        json.dumps(json.loads(line), sort_keys=True)
        for path in cohort.rglob("*.ndjson")
        for line in path.read_text(encoding="utf-8").splitlines()
    )
    assert [
        name
        for name in documents
        if "refused" not in asked[name] and not held[json.dumps(asked[name], sort_keys=True)]
    ] == []


def test_the_tables_of_a_cohort_say_what_the_answers_say(cohort, asked, documents):
    assert (
        untold(
            rows_in_tables([asked[name] for name in documents if "refused" not in asked[name]]),
            tabled(cohort),
        )
        == {}
    )


def lines_of(server: str, *found: dict) -> list[dict]:
    """Resources that name the patient p1 by the address of a server."""
    return [{**r, "subject": {"reference": f"{server}/Patient/p1"}} for r in found]


def mingled(rows: list[dict]) -> list[str]:
    """The patients of a table that have the problems of two."""
    of: dict[str, set[str]] = {}
    for row in rows:
        of.setdefault(row["patient"], set()).add(row["presentation"])
    return [name for name, problems in of.items() if {"Condition/one", "Condition/two"} <= problems]


def test_a_cohort_keeps_the_patients_of_two_servers_apart(tmp_path):
    pytest.importorskip("pyarrow", reason="the cohort extra is not installed")
    from cohorts import ndjson, rows, run

    for name, server in (("one", "https://one.example/fhir"), ("two", "https://two.example/fhir")):
        found = [patient()] if name == "one" else []
        found += lines_of(server, mass(THIGH, DEEP, name=name))
        ndjson(tmp_path / "in" / f"{name}.ndjson", *found)
    run(tmp_path / "in", tmp_path / "out")
    assert mingled(rows(tmp_path / "out", "presentations")) == []


def test_a_cohort_takes_the_only_server_of_an_export_for_its_own(tmp_path):
    pytest.importorskip("pyarrow", reason="the cohort extra is not installed")
    from cohorts import ndjson, rows, run

    found = lines_of("https://one.example/fhir", mass(THIGH, DEEP, name="one"))
    ndjson(tmp_path / "in" / "all.ndjson", patient(), *found)
    run(tmp_path / "in", tmp_path / "out")
    held = rows(tmp_path / "out", "presentations")
    assert [row["presentation"] for row in held] == ["Condition/one"]
    both = [
        {**row, "presentation": name} for row in held for name in ("Condition/one", "Condition/two")
    ]
    assert mingled(both) == [held[0]["patient"]]


def test_a_row_that_is_lost_or_made_up_is_seen(asked):
    answer = asked["example"]
    wanted = rows_in_tables([answer])
    for table in ("recommendations", "questions", "alerts", "presentations", "orders"):
        assert wanted[table], table
        lost = wanted | {table: Counter(list(wanted[table])[1:])}
        assert untold(wanted, lost) == {table: [next(iter(wanted[table]))]}
    assert untold(wanted, wanted | {"notes": Counter([("warning", "x", "y")])}) == {
        "notes": [("warning", "x", "y")]
    }


def test_every_order_of_an_answer_has_a_verdict(asked):
    of = [
        (name, o)
        for name, answer in asked.items()
        for p in answer.get("presentations", ())
        for o in p["orders"]
    ]
    assert len(of) > 40
    assert [
        (name, o["id"])
        for name, o in of
        if not {"id", "procedure", "category", "setAside", "safety"} <= set(o)
    ] == []
