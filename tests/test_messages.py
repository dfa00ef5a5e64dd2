"""What is said when something is misspelt, of another kind, closed or taken: one sentence that
names the place and the remedy, and the exit code; with a sound twin beside each fault.
"""

import gzip
import io
import os
import socket
import subprocess
import sys
import zipfile

import pyoxigraph as ox
import pytest
from bundles import bundle, inconclusive
from conftest import ROOT

from reasoner.__main__ import main
from reasoner.errors import InputError
from reasoner.graph import query_files as queries
from reasoner.graph.lookup import find, hint
from reasoner.graph.sparql.faults import explain
from reasoner.graph.sparql.grammar import begins, rules, stop, tokens
from reasoner.graph.turtle.format import format_turtle
from reasoner.intake.encoding import parse
from reasoner.intake.opening import example
from reasoner.messages.document_formats import recognize
from reasoner.names import ia
from reasoner.terminal.command_line import EXAMPLES

PREFIX = "PREFIX ia: <https://w3id.org/imaging-appropriateness/ns/>\n"
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT)}


def shell(line, **more):
    """How a line of the shell ends, where `nextstudy` is this command."""
    command = f'nextstudy() {{ {sys.executable} -m reasoner "$@"; }}; set -o pipefail; {line}'
    return subprocess.run(
        ["bash", "-c", command],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env=ENVIRONMENT,
        timeout=120,
        **more,
    )


def run(capsys, *arguments):
    """The exit code, standard output and standard error of the command."""
    try:
        code = main([str(argument) for argument in arguments])
    except SystemExit as stopped:
        code = stopped.code
    return code, *capsys.readouterr()


# The command line

SAID = {
    "aks": "unknown command 'aks'; the nearest is ask. See `nextstudy --help`.",
    "xyzzy": "unknown command 'xyzzy'. Commands are ask, query, show",
    "ask --fromat json": "unknown option '--fromat'; the nearest is --format. See `nextstudy ask",
    "ask --form json": "unknown option '--form'; the nearest is --format.",
    "--ontolgy x ask": "unknown option '--ontolgy'; the nearest is --ontology.",
    "ask --format jsn": "unknown format 'jsn'; the nearest is json.",
    "query --format=tabel": "unknown format 'tabel'; the nearest is table.",
    "new scenaro X": "unknown name 'scenaro'; the nearest is scenario.",
    "ask a b": "'b' is one too many.",
    "ask nosuch.json": "nosuch.json: there is no such file or folder. Check the path.",
    "ask /": "/: this is a folder. Give a file in it",
    "show": "term is missing. See `nextstudy show --help`.",
    "ask --on": "--on: it has no value.",
    "serve --port x": "--port: 'x' is no whole number.",
    "serve --port 99999": "port: 99999 is no port. Give one from 1 to 65535",
    "query why-not-study": "why-not-study: there is no such question or file. The nearest question "
    "is why-not-this-study.",
    "query why-not-this-study --set proc=ia:Thigh": "parameter proc: the query why-not-this-study "
    "has no such parameter. The nearest is procedure. It has: scenario, procedure.",
    "query why-not-this-study --set procedure=ia:CtWithIvContrst": "ia:CtWithIvContrst: the graph "
    "has no such term. The nearest is ia:CtWithIvContrast (",
    "show LOIN:24703-1": "LOIN:24703-1: the graph has no such term. No terminology here has the "
    "prefix LOIN. Write LOINC:24703-1 (MR Thigh WO and W contrast IV). Prefixes are ia, ",
}


@pytest.mark.parametrize("line", SAID)
def test_what_is_misspelt_is_one_sentence_with_the_nearest(capsys, line):
    code, out, err = run(capsys, *line.split())
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert err.startswith(f"nextstudy: {SAID[line]}") and "usage:" not in err


def test_each_command_has_an_example_in_its_help_that_is_understood(capsys):
    for name, line in EXAMPLES.items():
        code, out, _ = run(capsys, name, "--help")
        assert code == 0 and "Example: nextstudy" in out and line.split()[1] == name
        words = [word for word in line.split()[2:] if word.startswith("--")]
        assert all(word in out for word in words), name


# What reads and writes

ENDS = {  # a line of the shell, its exit code, and what is said
    "nextstudy query ratings-of-an-edition --format csv | true": (141, ""),
    "nextstudy ask | true": (141, ""),
    "nextstudy --help | true": (141, ""),
    "nextstudy ask >&-": (1, "standard output: the output cannot be written (it is closed)"),
    "nextstudy --help >&-": (1, "standard output: the output cannot be written (it is closed)"),
    "nextstudy show ia:Thigh > /dev/full": (1, "standard output: the output cannot be written (No"),
    "nextstudy ask - <&-": (2, "standard input: it is closed"),
    "nextstudy ask - < /dev/null": (2, "standard input: it is empty"),
    "nextstudy ask nosuch 2> /dev/full": (2, ""),
    "nextstudy ask nosuch 2>&-": (2, ""),
    "nextstudy ask > /dev/null": (0, ""),
}


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="only Linux has /dev/full")
@pytest.mark.parametrize("line", ENDS)
def test_a_pipe_that_ends_is_no_fault_and_what_cannot_be_written_is_said(line):
    code, said = ENDS[line]
    done = shell(line)
    assert (done.returncode, done.stdout) == (code, "")
    assert done.stderr.count("\n") == bool(said)
    assert done.stderr.startswith(f"nextstudy: {said}" if said else "")


def test_a_taken_port_is_one_sentence_and_ends_with_one():
    pytest.importorskip("uvicorn")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = shell(f"nextstudy serve --port {port}")
    said = f"nextstudy: 127.0.0.1:{port}: another program listens there. End it, or give another"
    assert done.returncode == 1 and done.stderr.startswith(said) and done.stderr.count("\n") == 1


@pytest.mark.parametrize(
    "host, said",
    [
        ("192.0.2.1", "192.0.2.1:8642: this machine does not have that address."),
        (
            "no-such-machine.invalid",
            "host: no machine is known by the name no-such-machine.invalid.",
        ),
    ],
)
def test_a_host_that_is_not_ours_is_one_sentence(host, said):
    pytest.importorskip("uvicorn")
    done = shell(f"nextstudy serve --host {host}")
    assert done.returncode == 1 and done.stderr.count("\n") == 1
    assert done.stderr.startswith(f"nextstudy: {said}")


# Terms and codes


@pytest.mark.parametrize(
    "name, term",
    [
        ("24703-1", "MriThighWithoutAndWithIvContrast"),
        ("LOINC:24703-1", "MriThighWithoutAndWithIvContrast"),
        ("loinc:24703-1", "MriThighWithoutAndWithIvContrast"),
        ("http://loinc.org|24703-1", "MriThighWithoutAndWithIvContrast"),
        ("ICD10CM:R2241", "SoftTissueMass"),
        ("R22.41", "SoftTissueMass"),
        ("SCTID:293637006", "AllergyToContrastMedia"),  # the exact match, and not the broader ones
        ("Schwannoma", "Schwannoma"),
        ("SCHWANNOMA", "Schwannoma"),
        (" ia:Thigh ", "Thigh"),
    ],
)
def test_a_term_is_found_by_what_people_call_it(reasoner, name, term):
    assert find(reasoner.knowledge, name) == ia(term)


@pytest.mark.parametrize(
    "name, said",
    [
        ("24703-2", "The nearest are LOINC:24703-1 (MR Thigh WO and W contrast IV)"),
        ("LOINC:24703-2", "The nearest are LOINC:24703-1 (MR Thigh WO and W contrast IV)"),
        (
            "SNOMED:93163002",
            "Write SCTID:93163002 (Lipoma (disorder)). Prefixes are ia, absent, DCM",
        ),
        (
            "SNOMED:1",
            "No terminology here has the prefix SNOMED. The nearest is SCTID (SNOMED CT).",
        ),
        ("a:Thigh", "Write ia:Thigh."),
        ("0002072", "a code of several terminologies: HP:0002072 (Chorea) and UBERON:0002072 ("),
        (
            "obsint:POS",
            "the code means ia:AbnormalResult (abnormal result) and ia:AffirmativeAnswer",
        ),
        ("iodinated contrast in dialysis", "ia:DialysisContrast and ia:DialysisIodinatedRule"),
        ("MRI thigh", "ia:MriThighWithoutIvContrast (MRI thigh without IV contrast)"),
        ("MRI thihg", "ia:MriThighWithoutIvContrast (MRI thigh without IV contrast)"),
        ("Shwannoma", "The nearest is ia:Schwannoma (schwannoma)."),
        ("ia:thigh", "The nearest is ia:Thigh (thigh)."),
        ("ICD10CM:Z99.99", "No code of ICD10CM here is like it."),
        ("xyzzy", "Name a term as ia:Thigh, by its label, or by a code with its prefix as LOINC:"),
        ("", "the name is empty"),
    ],
)
def test_a_name_that_is_not_there_is_refused_with_the_nearest(reasoner, name, said):
    with pytest.raises(InputError) as raised:
        find(reasoner.knowledge, name)
    assert said in str(raised.value)


def test_no_name_however_long_takes_long(reasoner):
    assert hint(reasoner.knowledge, "x" * 1_000_000) and hint(reasoner.knowledge, "1 " * 100_000)


def test_python_gives_the_same_help(reasoner):
    with pytest.raises(InputError, match="Write LOINC:24703-1"):
        reasoner.query("why-not-this-study", procedure="LOIN:24703-1")
    with pytest.raises(InputError, match="nearest is procedure"):
        reasoner.query("why-not-this-study", procedur="ia:CtWithIvContrast")
    assert len(reasoner.query("where-a-procedure-is-rated", procedure="24703-1").columns)


def test_the_doors_over_http_give_the_same_help():
    pytest.importorskip("httpx")
    from starlette.testclient import TestClient

    from reasoner.serve import create_app

    client = TestClient(create_app(), base_url="http://localhost")
    found = client.get("/api/terms", params={"search": "24703-1"}).json()
    assert found["total"] == 1 and "hint" not in found
    missed = client.get("/api/terms", params={"search": "LOIN:24703-1"}).json()
    assert missed["total"] == 0 and "Write LOINC:24703-1" in missed["hint"]
    assert "Write LOINC:24703-1" in client.get("/search", params={"q": "LOIN:24703-1"}).text
    assert "nearest is ia:Schwannoma" in client.get("/terms/Shwannoma").text
    told = client.get("/api/scenarios/DeepMasInitialImaging").json()["detail"]
    assert "nearest is ia:DeepMassInitialImaging" in told


# What was given instead of a record


def zipped():
    """A ZIP archive with a record in it."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        archive.writestr("record.json", example())
    return held.getvalue()


GIVEN = {
    "is FHIR XML": b'<?xml version="1.0"?>\n<Bundle xmlns="http://hl7.org/fhir"/>',
    "is XML of HL7 version 3": b'<ClinicalDocument xmlns="urn:hl7-org:v3"/>',
    "is RDF/XML": b'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"/>',
    "is an HTML page": b"<!DOCTYPE html>\n<html><body>Bundle</body></html>",
    "is an HL7 version 2 message": b"MSH|^~\\&|A|B|C|D|202601||ORM^O01|1|P|2.3\rPID|1\r",
    "is a PDF": b"%PDF-1.4\n%\xe2\xe3",
    "is a ZIP archive": zipped(),
    "is an image (PNG)": b"\x89PNG\r\n\x1a\n\x00\x00",
    "is an image (JPEG)": b"\xff\xd8\xff\xe0",
    "is a DICOM file": bytes(128) + b"DICM",
    "looks like a table": b"patient,code\np1,R22.41\np2,R22.42\n",
    "looks like YAML": b"resourceType: Bundle\nentry: []\n",
    "looks like data in single quotes": b"{'resourceType': 'Bundle'}",
    "it is empty": b" \n",
}


@pytest.mark.parametrize("said", GIVEN)
def test_what_is_no_record_is_named(reasoner, said):
    for data in (GIVEN[said], gzip.compress(GIVEN[said])):
        with pytest.raises(InputError) as raised:
            reasoner.ask(data)
        assert said in str(raised.value) and raised.value.hint


@pytest.mark.parametrize(
    "data",
    [
        b"a lump in the thigh, deep\nand more, since May\n",
        b'{"resourceType": "Bundle",',
        b"a: 1",
        b"the patient's text",
        b'"MSH|"',
        example(),
        b"7",
    ],
)
def test_nothing_is_named_that_it_is_not(data):
    assert recognize(data) is None


def test_a_line_of_another_kind_is_named_with_its_number():
    lines = [b'{"resourceType": "Patient", "id": "p"}', b'<A xmlns="http://hl7.org/fhir"/>', b"{}"]
    with pytest.raises(InputError, match="line 2: this is FHIR XML, which is not read"):
        parse(b"\n".join(lines))
    assert len(parse(b"\n".join(lines[::2]))) == 2


def test_bytes_that_are_no_text_are_said_with_their_place():
    with pytest.raises(InputError, match="line 2, column 8: .* here are bytes that are no UTF-8"):
        parse(b'{\n "a": "\xff"}')


def test_the_file_is_named_in_front_of_the_place(capsys, tmp_path):
    (tmp_path / "a.json").write_bytes(b'{"resourceType": "Bundle",')
    (tmp_path / "b.json").write_bytes(b"%PDF-1.7")
    assert f"{tmp_path}/a.json: line 1, column 27: " in run(capsys, "ask", tmp_path / "a.json")[2]
    assert f"{tmp_path}/b.json: this is a PDF" in run(capsys, "ask", tmp_path / "b.json")[2]


# Turtle


@pytest.mark.parametrize(
    "turtle, said",
    [
        (
            "ia:a ia:b ia:c .",
            "1:1: the prefix ia: is not declared. Add at the top: @prefix ia: <https",
        ),
        (
            "@prefix ia: <http://x/> .\niaa:a ia:b 1 .",
            "2:1: the prefix iaa: is not declared. The near",
        ),
        ("@prefx ia: <http://x/> .", "1:1: @prefx is no directive. Write @prefix."),
        ("<http://a> <http://b> 1", "1:24: the document ends in the middle of a statement."),
        (
            "<http://a> <http://b> <http://c>\n<http://d> <http://e> 1 .",
            "2:1: the statement before",
        ),
        ("<http://a> <http://b> .", "1:23: the object before . is missing."),
        ("<http://a> <http://b> tru .", "1:23: tru is no object. The nearest is true."),
        ("<a> <b> <c> .", "1:1: the IRI is relative, and the document has no base."),
        ('<http://a> <http://b> "x .', "1:23: what begins here has no end."),
        ('{"resourceType": "Patient"}', "1:1: this looks like JSON or TriG, and no Turtle."),
        (
            "<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'/>",
            "this is RDF/XML, and",
        ),
    ],
)
def test_turtle_that_is_wrong_is_told_with_place_and_remedy(turtle, said):
    with pytest.raises(ValueError) as raised:
        format_turtle(turtle.encode())
    assert said in str(raised.value) and "valid subject" not in str(raised.value)


# SPARQL

WRONG = {
    "": "1:1: the query is empty.",
    "SELECT ?x { ?x a ia:Thigh }": "1:18: the prefix ia: is not declared. Add at the top: PREFIX",
    PREFIX + "ASK { ?x a iaa:Thigh }": "2:12: the prefix iaa: is not declared. The nearest that is "
    "declared is `ia:`.",
    "SELCT * {}": "1:1: SELCT is no word of SPARQL at this place. The nearest is SELECT.",
    "ASK { ?a ?b ?c .\n FILTR(?a) }": "2:2: FILTR is no word of SPARQL at this place. The nearest",
    "ASK { FILTER(COUTN(?a)) }": "1:14: COUTN is no word of SPARQL at this place. The nearest is",
    "ASK { ?a ?b ?c ": "1:5: this { is not closed. Write } where it ends.",
    "ASK { ?a ?b ?c )": "1:16: ) stands here while a { is open.",
    "ASK { } }": "1:9: this } closes nothing.",
    "ASK { ?a ?b }": "1:13: something is missing before }.",
    PREFIX + "ASK { ?a a Schwannoma }": "2:12: Schwannoma has no prefix",
    "ASK { ?a ?b ?c ?d ?e ?f }": "1:16: what stands before ?d does not end.",
    "SELECT ?a, ?b { ?a ?b ?c }": "1:10: no comma stands between the variables of SELECT.",
    "SELECT COUNT(?a) AS ?n { ?a ?b ?c }": "1:8: an expression stands in brackets and gets a name",
    "ASK { ?a ?b ?c FILTER(?a = 1 AND ?b = 2) }": "1:30: AND is no word of SPARQL at this place. "
    "SPARQL writes &&.",
    "ASK { ?a ?b ?c FILTER(?a == 1) }": "1:27: SPARQL compares with one =.",
    "ASK { ?a ?b ?c FILTER ?a > 1 }": "1:23: the condition of FILTER stands in brackets.",
    "ASK { ?a ?b “c” }": "1:13: “ is no quotation mark of SPARQL.",
    "ASK { ?a <b c> ?d }": "1:10: an IRI may not hold ' '.",
    "ASK { ?a <b> ?c }": "1:10: the IRI <b> is relative, and the query has no BASE.",
    "SELECT * {} LIMIT x": "1:19: x cannot stand here. Write a whole number here.",
    "SELECT ?y { ?x a ?t } GROUP BY ?x": "1:8: ?y is neither grouped by nor in an aggregate",
    "ASK { BIND(1 AS ?a) BIND(2 AS ?a) }": "1:31: ?a has a value already",
    "ASK { VALUES (?a ?b) { (1 2) (1) } }": "1:30: values in this row: 1, and variables: 2.",
    "ASK { { ?a ?b _:c } { _:c ?d ?e } }": "1:23: _:c stands in two groups",
    "<?xml version='1.0'?>": "1:1: this is XML, and no query.",
}


@pytest.mark.parametrize("text", WRONG)
def test_why_a_query_is_refused_is_told_without_the_parser(text):
    with pytest.raises(SyntaxError) as refused:
        ox.Store().query(text)
    found = explain(text, str(refused.value))
    told = f"{found.line}:{found.column}: {found.message}. {found.remedy}"
    assert told.startswith(WRONG[text])
    assert "expected" not in told and "u{" not in told and "'..=" not in told and "\n" not in told


@pytest.mark.parametrize("kind", queries.KINDS)
def test_no_query_that_runs_is_stopped(kind):
    for name in queries.names(kind):
        assert stop(tokens(queries.named(kind, name).text)) is None, name


def test_the_next_token_decides_in_the_grammar():
    def choices(node):
        if node.kind == "one":
            yield node.inner
        if node.kind in ("one", "row"):
            for inner in node.inner:
                yield from choices(inner)
        elif node.kind in ("maybe", "many"):
            yield from choices(node.inner)

    for name, rule in rules().items():
        for branches in choices(rule):
            first = [key for branch in branches for key in begins(branch)]
            assert len(first) == len(set(first)), name


@pytest.mark.parametrize(
    "text",
    [
        "ASK { " + "{" * 20_000,
        "SELECT * {" + "?a ?b ?c . " * 9_000,
        "ASK { FILTER(" + "(" * 20_000,
        "VALUES " * 9_000,
        "\\" * 9_000,
    ],
)
def test_a_long_query_is_explained_too(text):
    assert explain(text, "").message


def test_the_file_of_a_query_is_named_with_its_line(capsys, tmp_path):
    path = tmp_path / "own.rq"
    path.write_text("SELECT ?x {\n  ?x a ia:Thigh\n}")
    code, out, err = run(capsys, "query", path)
    assert (code, out) == (2, "") and err.startswith(
        f"nextstudy: {path}:2:8: the prefix ia: is not"
    )
    path.write_text(PREFIX + "SELECT ?x {\n  ?x ia:hasRegion ia:Thigh\n}")
    assert run(capsys, "query", path)[0] == 0


def test_a_sound_record_is_answered_all_the_same(reasoner):
    assert reasoner.ask(bundle(*inconclusive()))["presentations"]


def test_a_term_of_another_kind_is_told_what_to_name_instead():
    """An orderable study is not rated itself; no rows alone would read as "not rated"."""
    done = shell("nextstudy query why-not-this-study --set procedure=LOINC:24703-1")
    assert done.returncode == 0 and "name ia:MriWithoutAndWithIvContrast" in done.stderr
    fitting = shell("nextstudy query why-not-this-study --set procedure=ia:CtWithIvContrast")
    assert fitting.stderr == "" and "procedure is ia:CtWithIvContrast" in fitting.stdout
