"""The command: what it prints, where it prints it, and how it ends."""

import contextlib
import csv
import io
import json
import os
import shutil
import socket
import subprocess
import sys
import threading
import time

import pytest
from bundles import INDETERMINATE, US_LEG, bundle, inconclusive, mass, patient, report
from conftest import ROOT

from reasoner.__main__ import main
from reasoner.answer.render import FORMATS
from reasoner.errors import InputError
from reasoner.graph.store import Store
from reasoner.intake.opening import example

C = "ia:MassAfterInconclusiveRadiographAndUltrasound"


@pytest.fixture
def run(capsys, tmp_path, monkeypatch):
    """Runs the command in an empty folder: (exit code, standard output, standard error)."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments):
        try:
            code = main([str(a) for a in arguments])
        except SystemExit as stop:  # argparse leaves this way
            code = stop.code
        out, err = capsys.readouterr()
        return code, out, err

    return run


@pytest.fixture
def record(tmp_path):
    """A file with a record."""
    path = tmp_path / "record.json"
    path.write_text(json.dumps(bundle(*inconclusive())))
    return path


@pytest.mark.parametrize("format", FORMATS)
def test_every_format_says_the_same_scenario_and_study(run, record, format):
    code, out, err = run("ask", record, "--format", format)
    assert (code, err) == (0, "")
    assert "MRI thigh without and with" in out or format == "turtle"
    assert C in out or "soft tissue mass after inconclusive radiograph and ultrasound" in out


@pytest.mark.parametrize("explain", [False, True])
@pytest.mark.parametrize("format", FORMATS)
def test_every_format_renders_every_outcome(reasoner, format, explain):
    records = {
        "no presentation": bundle(patient()),
        "more-information": bundle(mass()),
        "no-imaging": bundle(mass(), report("us", US_LEG, "sct:93163002")),
        "next-step": bundle(
            *inconclusive(), report("m", "loinc:24703-1", INDETERMINATE, day="2026-05-01")
        ),
        "no-criteria": bundle(mass(code="icd:R22.0")),
    }
    for name, document in records.items():
        reply = reasoner.reply(document)
        assert name in {p["outcome"] for p in reply.answer["presentations"]} | {"no presentation"}
        assert FORMATS[format](reply, explain).strip()


def test_json_is_the_answer_and_nothing_else(run, record):
    code, out, _ = run("ask", record, "--format", "json")
    answer = json.loads(out)
    assert code == 0 and answer["patient"] == "Patient/p1"
    assert not {"steps", "sources"} & set(answer["presentations"][0])


def test_explain_adds_a_proof_down_to_the_record(run, record):
    _, out, _ = run("ask", record, "--format", "json", "--explain")
    presentation = json.loads(out)["presentations"][0]
    first, steps = presentation["recommendations"][0], presentation["steps"]
    assert "MRI thigh without and with IV contrast" in steps[first["step"] - 1]["text"]
    assert "DiagnosticReport/us-1" in [s["about"] for s in steps if not s["because"]]
    shorter, longer = (run("ask", record, *extra)[1] for extra in ((), ("--explain",)))
    assert len(longer) > len(shorter) and "(DiagnosticReport/us-1)\n" in longer


def test_without_a_file_the_example_is_answered(run):
    code, out, _ = run("ask", "--format", "json")
    assert code == 0
    assert json.loads(out)["presentations"]


def test_a_dash_reads_standard_input_and_the_terminal_need_not_know_utf_8():
    done = subprocess.run(
        [sys.executable, "-m", "reasoner", "ask", "-", "--format", "text"],
        input=example(),
        capture_output=True,
        cwd=ROOT,
        env={**os.environ, "PYTHONIOENCODING": "ascii"},
    )
    assert (done.returncode, done.stderr) == (0, b"")
    assert "☢" in done.stdout.decode()


def test_the_day_of_asking_decides_the_age(run, tmp_path):
    (tmp_path / "child.json").write_text(
        json.dumps(bundle(patient(born="2010-06-01"), *inconclusive()))
    )
    now, later = (
        json.loads(run("ask", "child.json", "--format", "json", *on)[1])["presentations"][0][
            "recommendations"
        ]
        for on in ((), ("--on", "2030-01-01"))
    )
    assert [r["generic"] for r in now] != [r["generic"] for r in later]


BAD = {  # what is wrong, what the message names, the arguments
    "a missing file": ("nosuch.json", ["ask", "nosuch.json"]),
    "a folder as a file": ("folder", ["ask", "folder"]),
    "no JSON": ("line 1", ["ask", "words.txt"]),
    "bytes": ("line 1", ["ask", "bytes"]),
    "two patients": ("2 patients", ["ask", "two.json"]),
    "a broken patient graph": ("line 1", ["ask", "broken.ttl"]),
    "a day that never was": ("2026-13-45", ["ask", "--on", "2026-13-45"]),
    "a day in words": ("yesterday", ["ask", "--on", "yesterday"]),
    "a day before the birth": ("birthDate", ["ask", "--on", "1900-01-01"]),
    "an unknown format": ("xml", ["ask", "--format", "xml"]),
    "an unknown command": ("axe", ["axe"]),
    "an unknown question": ("differential-of-a-scenario", ["query", "differential-of-scenario"]),
    "a setting of nothing": (
        "--set scenario",
        ["query", "differential-of-a-scenario", "--set", "scenario"],
    ),
    "a parameter it has not": (
        "parameter",
        ["query", "differential-of-a-scenario", "--set", "color=ia:Thigh"],
    ),
    "a value that is no term": (
        "ia:Nowhere",
        ["query", "differential-of-a-scenario", "--set", "scenario=ia:Nowhere"],
    ),
    "a value that smuggles SPARQL": (
        "parameter scenario",
        ["query", "differential-of-a-scenario", "--set", "scenario=<x> } . { ?s ?p ?o"],
    ),
    "a query that is none": ("broken.rq", ["query", "broken.rq"]),
    "a query of bytes": ("bytes", ["query", "bytes"]),
    "an unknown term": ("ia:Schwannoma", ["show", "ia:Shwannoma"]),
    "a missing argument": ("term", ["show"]),
    "Turtle that cannot be read": ("broken.ttl:1", ["fmt", "broken.ttl"]),
    "a missing Turtle file": ("nosuch.ttl", ["fmt", "nosuch.ttl"]),
    "no ontology to build": ("catalog-v001.xml", ["build", "folder"]),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_input_ends_with_two_and_says_why_on_standard_error_only(run, tmp_path, name):
    (tmp_path / "folder").mkdir()
    for file, content in {
        "words.txt": "a lump",
        "broken.ttl": "<a> <b",
        "broken.rq": "SELECT * WHERE { ?s",
    }.items():
        (tmp_path / file).write_text(content)
    (tmp_path / "bytes").write_bytes(b"\xff\xfe\x00")
    (tmp_path / "two.json").write_text(json.dumps(bundle(patient(), {**patient(), "id": "p2"})))
    named, arguments = BAD[name]
    code, out, err = run(*arguments)
    assert (code, out) == (2, "")
    assert named in err and "Traceback" not in err


def test_a_file_that_cannot_be_written_ends_with_one():
    with open("/dev/full", "wb") as full:
        done = subprocess.run(
            [sys.executable, "-m", "reasoner", "ask"], stdout=full, stderr=subprocess.PIPE, cwd=ROOT
        )
    assert done.returncode == 1
    assert b"No space left" in done.stderr


def test_without_a_command_the_help_is_printed(run):
    code, out, _ = run()
    assert code == 0 and "usage: nextstudy" in out


def test_the_versions_of_program_and_graph_are_printed(run):
    code, out, _ = run("--version")
    assert code == 0 and out.startswith("nextstudy ") and "Soft Tissue Masses" in out


def test_questions_are_listed_with_their_parameters(run):
    code, out, _ = run("query")
    assert code == 0
    assert "why-not-this-study" in out and "--set" in out


def test_a_question_is_answered_in_every_format(run):
    rows = json.loads(run("query", "differential-of-a-scenario", "--format", "json")[1])
    table = list(
        csv.DictReader(
            io.StringIO(run("query", "differential-of-a-scenario", "--format", "csv")[1])
        )
    )
    assert rows and len(rows) == len(table)
    code, out, err = run("query", "differential-of-a-scenario")
    assert (code, err) == (0, "") and f"{len(rows)} rows" in out


def test_a_parameter_changes_the_answer(run):
    def ask(region):
        return run(
            "query", "studies-to-order-in-a-region", "--set", f"region={region}", "--format", "csv"
        )

    (code, hand, _), (_, foot, _) = ask("ia:Hand"), ask("ia:Foot")
    assert code == 0 and "hand" in hand and "hand" not in foot and "foot" in foot


def test_a_query_file_is_run(run, tmp_path):
    (tmp_path / "own.rq").write_text("ASK { ?s ?p ?o }")
    code, out, _ = run("query", "own.rq", "--format", "csv")
    assert (code, out) == (0, "answer\ntrue\n")


@pytest.fixture
def calls():
    """The port of a listener on loopback, and how often it was called."""
    called, listener = [], socket.create_server(("127.0.0.1", 0))

    def listen():
        with contextlib.suppress(OSError):
            while True:
                called.append(listener.accept()[0].close())

    threading.Thread(target=listen, daemon=True).start()
    yield listener.getsockname()[1], called
    listener.close()


LEAVING = [
    ("SELECT * {\n  SERVICE <http://127.0.0.1:PORT/> { ?s ?p ?o } }", "2:3: SERVICE asks"),
    ("SELECT * {\n  SERVICE SILENT <http://127.0.0.1:PORT/> { ?s ?p ?o } }", "2:3: SERVICE asks"),
    ("SELECT * FROM <http://127.0.0.1:PORT/> { ?s ?p ?o }", "1:10: FROM reads"),
    ("ASK FROM NAMED <file:///etc/passwd> {}", "1:5: FROM reads"),
    ("LOAD <http://127.0.0.1:PORT/>", "1:1: LOAD changes"),
    ("INSERT DATA { <a:b> <a:c> 1 }", "1:1: INSERT changes"),
    ("SELECT * { ?a ?b ('''x') . SERVICE<http://127.0.0.1:PORT/>{} }", "1:19: the text has no end"),
    ("ASK { FILTER(" + "!" * 20_000 + "true) }", "1:1014: more than 1000"),
    ("SELECT * " + "{" * 5000 + "}" * 5000, "1:210: brackets"),
]


@pytest.mark.parametrize("text, place", LEAVING, ids=range(len(LEAVING)))
def test_a_query_file_that_leaves_the_graph_or_overflows_a_stack_does_not_run(
    reasoner, tmp_path, calls, text, place
):
    port, called = calls
    (tmp_path / "own.rq").write_text(text.replace("PORT", str(port)))
    with pytest.raises(InputError) as raised:
        reasoner.query(tmp_path / "own.rq")
    assert str(raised.value).startswith(f"{tmp_path / 'own.rq'}:{place}") and called == []


def test_the_command_says_what_leaves_the_graph(run, tmp_path, calls):
    port, called = calls
    (tmp_path / "own.rq").write_text(LEAVING[0][0].replace("PORT", str(port)))
    code, out, err = run("query", "own.rq")
    assert (code, out, called) == (2, "", [])
    assert err == (
        "nextstudy: own.rq:2:3: SERVICE asks another service. "
        "Take SERVICE out: only the graph is asked.\n"
    )


def test_the_store_would_call_out(reasoner, calls):
    port, called = calls
    with pytest.raises(OSError):
        reasoner.knowledge.store.select(LEAVING[0][0].replace("PORT", str(port)))
    end = time.monotonic() + 10
    while not called and time.monotonic() < end:  # the listener takes note in a thread of its own
        time.sleep(0.01)
    assert called


def test_a_query_file_that_cannot_be_answered_is_one_error(run, tmp_path, monkeypatch):
    def fails(*_):  # as newer releases of Oxigraph do for a function that they do not know
        raise RuntimeError("The custom function <a:f> is not supported")

    monkeypatch.setattr(Store, "select", fails)
    (tmp_path / "own.rq").write_text("SELECT (<a:f>(1) AS ?x) {}")
    code, out, err = run("query", "own.rq")
    assert (code, out) == (2, "") and len(err.splitlines()) == 1, err
    assert err.startswith("nextstudy: own.rq: the query cannot be answered")


@pytest.mark.parametrize("term", ["ia:Schwannoma", "schwannoma", "LOINC:24703-1"])
def test_a_term_is_shown_by_name_label_and_code(run, term):
    code, out, _ = run("show", term)
    assert code == 0
    assert "Schwannoma" in out or "MriThighWithoutAndWithIvContrast" in out


def test_fmt_check_ends_with_one_and_changes_nothing(run, tmp_path):
    path = tmp_path / "own.ttl"
    path.write_text("@prefix b: <http://b/> . @prefix a: <http://a/> .\na:x a:p a:z , a:y .\n")
    before = path.read_bytes()
    assert run("fmt", "--check", path)[0] == 1
    assert path.read_bytes() == before
    assert run("fmt", path)[0] == 0
    assert path.read_bytes() != before
    assert run("fmt", "--check", path)[0] == 0


def test_build_changes_nothing_twice_and_refuses_a_bad_table(run, tmp_path):
    ontology = tmp_path / "ontology"
    shutil.copytree(ROOT / "ontology", ontology)
    run("build", ontology)
    assert run("build", ontology)[:2] == (0, f"nothing changed in {ontology}\n")
    table = ontology / "topics" / "soft-tissue-masses" / "ratings.csv"
    table.write_text(table.read_text().replace("ia:Ultrasound,", "ia:Ultrasond,", 1))
    code, out, err = run("build", ontology)
    assert (code, out) == (2, "")
    assert "ratings.csv:" in err and "ia:Ultrasond" in err
