"""Validation: the shipped graph is fit, every check and shape catches its broken twin and nothing
else does, and bad input never looks like a fault.

A twin also holds what its check must pass over: `tests/broken/findings.csv` lists all that is found
in each; `UPDATE_EXPECTED=1` writes it anew. The twin of a check of assertions is a table of them.
`UPDATE_EXPECTED=1` adds new terms to `ontology/released-terms.txt`, which only grows.
"""

import contextlib
import csv
import json
import os
import re
import shutil
import socket
import subprocess
import sys
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory
from xml.etree import ElementTree

import pytest

from reasoner.errors import ConfigurationError, TableError
from reasoner.graph import query_files as queries
from reasoner.graph import store
from reasoner.names import expand, home
from reasoner.validation import (
    assertion_tables,
    assertions,
    checks,
    codes_form,
    reports,
    shacl,
    validate,
)
from reasoner.validation import released_terms as releasing
from reasoner.validation.findings import SEVERITIES, Finding

ROOT = Path(__file__).parent.parent
ONTOLOGY = ROOT / "ontology"
TWINS = sorted((ROOT / "tests" / "broken").iterdir())
BROKEN = {p.stem: p for p in TWINS if p.suffix == ".ttl" or p.stem in assertions.CHECKS}
LIST = ROOT / "tests" / "broken" / "findings.csv"
COLUMNS = ("severity", "subject", "property", "value")
SHAPES = shacl.read(ONTOLOGY / "shapes")
NAMES = sorted([check.name for check in checks.every()] + SHAPES.ids)
RELEASED = ONTOLOGY / "released-terms.txt"
BOMB = """<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">
<!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">
<!ENTITY d "&c;&c;&c;&c;&c;&c;&c;&c;&c;&c;"><!ENTITY e "&d;&d;&d;&d;&d;&d;&d;&d;&d;&d;">
<!ENTITY f "&e;&e;&e;&e;&e;&e;&e;&e;&e;&e;"><!ENTITY g "&f;&f;&f;&f;&f;&f;&f;&f;&f;&f;">]>
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="x" rdf:value="&g;"/></rdf:RDF>"""


def found_in(path):
    """The findings in a file; of a table of assertions, in the graph with it instead of its own."""
    if path.suffix == ".ttl":
        return validate.validate([path]).findings
    with TemporaryDirectory() as spare:
        copy = Path(shutil.copytree(ONTOLOGY, Path(spare) / "ontology"))
        shutil.copy(path, copy / "assertions" / table_of(path.stem))
        return [f for f in validate.validate([copy]).findings if f.severity == "violation"]


def table_of(check):
    """The name of the table of assertions that a check reads."""
    return f"{assertions.CHECKS[check]}.csv"


def listed(findings):
    """Findings as they are listed, sorted; a blank node has no name."""
    rows = {tuple(re.sub(r"_:\w+", "_:", getattr(f, name)) for name in COLUMNS) for f in findings}
    return sorted(rows)


def read_list():
    """What the list says is found in each broken twin."""
    found = {name: [] for name in BROKEN}
    with LIST.open(encoding="utf-8", newline="") as lines:
        for twin, *row in list(csv.reader(lines))[1:]:
            found[twin].append(tuple(row))
    return {twin: sorted(rows) for twin, rows in found.items()}


LISTED = read_list()


@pytest.fixture(scope="session")
def twins():
    """The findings in every broken twin."""
    with ProcessPoolExecutor() as pool:
        return dict(zip(BROKEN, pool.map(found_in, BROKEN.values()), strict=True))


@pytest.fixture(scope="session")
def shipped():
    """The report on the graph of this checkout."""
    return validate.validate()


def run(*arguments, cwd=ROOT):
    """The exit code, output and errors of the command."""
    done = subprocess.run(
        [sys.executable, "-m", "reasoner", "validate", *map(str, arguments)],
        cwd=cwd,
        capture_output=True,
        text=True,
        timeout=120,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    return done.returncode, done.stdout, done.stderr


@pytest.fixture
def copy(tmp_path):
    """A working copy of the ontology, to be broken."""
    shutil.copytree(ONTOLOGY, tmp_path / "ontology")
    return tmp_path / "ontology"


def edit(path, before, after):
    """Replaces the first occurrence of a text in a file."""
    text = path.read_text(encoding="utf-8")
    assert before in text
    path.write_text(text.replace(before, after, 1), encoding="utf-8")


def test_every_check_and_shape_has_a_twin_and_the_reverse():
    assert sorted(BROKEN) == NAMES and len(set(NAMES)) == len(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_twin_is_caught_by_its_check_and_only_by_it(twins, name):
    assert {finding.check for finding in twins[name]} == {name}, twins[name]
    for finding in twins[name]:
        assert finding.message and finding.fix and "{" not in finding.message + finding.fix
        where = f"assertions/{table_of(name)}" if name in assertions.CHECKS else f"{name}.ttl"
        assert finding.file.endswith(where) and finding.line, "the place is known"
    assert listed(twins[name]) == LISTED.get(name), (
        "UPDATE_EXPECTED=1 pytest tests/test_validate.py -k list_of_findings writes it"
    )


@pytest.mark.skipif(os.environ.get("UPDATE_EXPECTED") != "1", reason="nothing is to be renewed")
def test_list_of_findings_is_written_anew(twins):
    rows = [(name, *row) for name in NAMES for row in listed(twins[name])]
    with LIST.open("w", encoding="utf-8", newline="") as lines:
        csv.writer(lines, lineterminator="\n").writerows([("twin", *COLUMNS), *rows])


def test_shipped_graph_is_fit(shipped):
    assert [f for f in shipped.findings if f.severity != "info"] == []
    assert shipped.checks == len(NAMES)


@pytest.mark.parametrize("name", queries.names("checks"))
def test_check_header(name):
    check = checks.described(queries.named("checks", name))
    assert (
        check.summary.endswith(".")
        and check.fix.endswith((".", "?"))
        and check.severity in SEVERITIES
    )
    declared = re.findall(r"^PREFIX (\w+):", queries.named("checks", name).text, re.M)
    body = re.sub(
        r'^(#\+|PREFIX).*$|<[^>]*>|"[^"]*"', "", queries.named("checks", name).text, flags=re.M
    )
    assert declared == sorted(declared) and set(declared) == set(
        re.findall(r"\b([a-z]+):(?=\w|\))", body)
    ), "every prefix is used, every used one declared"


def test_shapes_are_valid_shapes_and_apart_from_the_imports():
    import pyshacl

    conforms, _, text = pyshacl.validate(
        SHAPES.graph, shacl_graph=SHAPES.graph, meta_shacl=True, advanced=False, inference="none"
    )
    assert "Validation Failure" not in text
    assert not any(path.parent.name == "shapes" for path in store.catalog(ONTOLOGY).values())


def test_no_shape_holds_another():
    """pySHACL looks at no value within `sh:or` and its like when told which nodes to check."""
    from rdflib.namespace import SH

    nested = (SH["or"], SH["and"], SH["not"], SH.xone, SH.node, SH.qualifiedValueShape)
    assert not [p for _, p, _ in SHAPES.graph if p in nested]


MUTATIONS = {
    "delete a rating": (
        "topics/soft-tissue-masses/generated.ttl",
        "ia:DeepMassInitialImaging_CtWithIvContrast a ia:Rating",
        None,
        {"procedure-not-rated"},
    ),
    "two categories": (
        "topics/soft-tissue-masses/generated.ttl",
        "ia:hasCategory ia:UsuallyNotAppropriate",
        "ia:hasCategory ia:UsuallyNotAppropriate , ia:UsuallyAppropriate",
        {"rating-has-one-category"},
    ),
    "radiation for ultrasound": (
        "topics/soft-tissue-masses/generated.ttl",
        "ia:hasAdultRadiation ia:RadiationLevelO",
        "ia:hasAdultRadiation ia:RadiationLevel4",
        {"radiation-against-modality", "radiation-differs-in-edition"},
    ),
    "votes contradict": (
        "topics/soft-tissue-masses/generated.ttl",
        '"2 1 2 0 4 0 3 0 0"',
        '"9 1 2 0 4 0 3 0 0"',
        {"median-against-tabulation"},
    ),
    "exclusion leads astray": (
        "topics/soft-tissue-masses/generated.ttl",
        "ia:leadsTo ia:NoFurtherImaging",
        "ia:leadsTo ia:NoFurtherImagin",
        {"exclusion-leads-astray", "term-undeclared"},
    ),
    "scenario without edition": (
        "topics/soft-tissue-masses/generated.ttl",
        "    ia:inEdition ia:SoftTissueMasses2022 ;\n    ia:inPhase",
        "    ia:inPhase",
        {"scenario-has-edition", "patient-against-assertion"},
    ),
    "label of another term": (
        "vocabulary.ttl",
        'rdfs:label "schwannoma"@en',
        'rdfs:label "lipoma"@en',
        {"label-of-two-terms"},
    ),
    "definition dropped": (
        "vocabulary.ttl",
        '    skos:definition "The fear of closed spaces."@en ;\n',
        "",
        {"term-without-definition"},
    ),
    "check digit": (
        "mappings/snomed-ct.sssom.tsv",
        "SCTID:818981001",
        "SCTID:818981002",
        {"code-form"},
    ),
    "check digit of LOINC": (
        "mappings/loinc.sssom.tsv",
        "LOINC:24703-1",
        "LOINC:24703-2",
        {"code-form"},
    ),
    "term renamed": (
        "vocabulary.ttl",
        "\nia:Claustrophobia a ",
        "\nia:FearOfSpaces a ",
        {
            "term-undeclared",
            "mapped-term-undeclared",
            "released-term-vanished",
            "patient-against-assertion",
        },
    ),
    "scenario name as procedure": (
        "vocabulary.ttl",
        '"US area of interest"@en',
        '"soft tissue mass after inconclusive radiograph and ultrasound"@en',
        {"scenario-label-on-a-procedure", "table-not-built"},
    ),
    "complement": (
        "topics/soft-tissue-masses/topic.ttl",
        "owl:someValuesFrom ia:CrossSectionalProcedure",
        "owl:allValuesFrom ia:CrossSectionalProcedure",
        {"definition-outside-fragment"},
    ),
    "site of a mapping": (
        "mappings/snomed-ct.sssom.tsv",
        "\tia:LowerExtremity\tfact",
        "\tia:MrUnsafe\tfact",
        {"implied-site-is-no-region"},
    ),
    "code that ICD-10-CM has not": (
        "mappings/icd-10-cm.sssom.tsv",
        "ICD10CM:R22.0",
        "ICD10CM:R22.7",
        {"code-not-classified"},
    ),
    "subject of a mapping": (
        "mappings/radlex.sssom.tsv",
        "\nia:Abdomen\t",
        "\nia:Abdomn\t",
        {"mapped-term-undeclared"},
    ),
}


@pytest.mark.parametrize("name", MUTATIONS)
def test_mutation_is_found_and_nothing_else(copy, name):
    file, before, after, expected = MUTATIONS[name]
    if after is None:
        text = (copy / file).read_text(encoding="utf-8")
        start = text.index(before)
        before, after = text[start : text.index(" .\n", start) + 3], ""
    edit(copy / file, before, after)
    found = [f for f in validate.validate([copy.parent]).findings if f.severity != "info"]
    unbuilt = {"table-not-built"} if file.endswith("generated.ttl") else set()
    assert {f.check for f in found} == expected | unbuilt, found
    assert all(
        f.place
        for f in found
        if f.check not in ("released-term-vanished", "mapped-term-undeclared")
    )


def test_file_replaces_the_document_that_it_declares(copy):
    edit(copy / "vocabulary.ttl", '    skos:definition "The fear of closed spaces."@en ;\n', "")
    alone = shutil.copy(copy / "vocabulary.ttl", copy.parent / "edited.ttl")
    assert {f.check for f in validate.validate([alone]).findings} == {"term-without-definition"}


def test_shape_that_matches_nothing_is_found(copy):
    edit(
        copy / "shapes" / "guideline.ttl",
        "sh:targetClass ia:Rating ;",
        "sh:targetClass ia:Ratings ;",
    )
    assert [
        (f.check, f.severity) for f in validate.validate([copy]).findings if f.severity != "info"
    ] == [("shape-without-target", "violation")]


def test_file_without_anything_to_check_does_not_pass(tmp_path):
    (tmp_path / "empty.ttl").write_text("")
    (tmp_path / "strange.ttl").write_text("<https://example.org/a> a <https://example.org/B> .")
    assert {
        f.check
        for f in validate.validate([tmp_path / "empty.ttl", tmp_path / "strange.ttl"]).findings
    } == {"nothing-checked"}


def test_good_patient_graph_is_fit(tmp_path):
    text = """@prefix ia: <https://w3id.org/imaging-appropriateness/ns/> .
<https://example.org/p> a ia:Patient .
<https://example.org/x> a ia:Presentation ; ia:hasPatient <https://example.org/p> ;
    ia:hasFinding [ a ia:SoftTissueMass ; ia:hasSite ia:Thigh ] .
"""
    (tmp_path / "case.ttl").write_text(text)
    assert run(tmp_path / "case.ttl")[0] == 0


def bad_inputs(tmp_path):
    """Paths that cannot be read, by what is wrong with them."""
    half = (ONTOLOGY / "vocabulary.ttl").read_bytes()
    files = {
        "half.ttl": half[: len(half) // 2 + 7],
        "bomb.rdf": BOMB.encode(),
        "bomb.ttl": BOMB.encode(),
        "picture.ttl": bytes(range(256)),
        "note.txt": b"hello",
    }
    for name, data in files.items():
        (tmp_path / name).write_bytes(data)
    (tmp_path / "nothing").mkdir()
    return [tmp_path / name for name in [*files, "nothing", "absent.ttl", "absent"]]


def test_bad_input_is_one_clear_error(tmp_path):
    for path in bad_inputs(tmp_path):
        code, out, err = run(path)
        assert (code, out) == (2, ""), (path.name, out, err)
        assert (
            err.startswith("nextstudy: ") and len(err.splitlines()) == 1 and "Traceback" not in err
        ), err


@pytest.mark.skipif(
    os.name != "posix" or os.geteuid() == 0, reason="the superuser may open every folder"
)
def test_folder_without_permission(tmp_path):
    (tmp_path / "closed").mkdir(mode=0)
    assert run(tmp_path)[0] == 2


@pytest.mark.parametrize(
    "text",
    [
        "shape:rating a sh:NodeShape ;;; [",
        (
            "@prefix sh: <http://www.w3.org/ns/shacl#> . <urn:s> a sh:NodeShape ; sh:targetClass "
            "<urn:c> ; sh:property [ sh:minCount 1 ] ."
        ),
        (
            "@prefix sh: <http://www.w3.org/ns/shacl#> . <urn:s> a sh:NodeShape ; sh:targetNode "
            '<urn:c> ; sh:pattern "(" .'
        ),
    ],
)
def test_broken_shapes_are_no_findings(copy, text):
    (copy / "shapes" / "broken.ttl").write_text(text)
    code, out, err = run(copy)
    assert (code, out) == (3, "") and len(err.splitlines()) == 1 and "Traceback" not in err, err


def test_broken_check_is_no_finding(monkeypatch, capsys):
    real = queries.named
    monkeypatch.setattr(
        queries,
        "named",
        lambda kind, name: (
            queries.Query(name, real(kind, name).text + "}", real(kind, name).header)
            if name == "rated-twice"
            else real(kind, name)
        ),
    )
    from reasoner.__main__ import main

    assert main(["validate"]) == 3
    assert "rated-twice" in capsys.readouterr().err


@pytest.mark.parametrize("severity, code", [("violation", 0), ("warning", 1), ("info", 1)])
def test_fail_on(severity, code):
    assert run(BROKEN["finding-has-site"], "--fail-on", severity)[0] == code


AWKWARD = [
    Finding(
        "a-check",
        "violation",
        "ia:Thigh",
        "rdfs:label",
        'a <b> & "c" | 100%\n::x',
        "It is wrong.",
        "Mend it.",
        "some dir/a,b:c.ttl",
        7,
    ),
    Finding("a-check", "warning", "https://example.org/x y", "", "", "It is odd.", "Look."),
    Finding(
        "other-check",
        "info",
        "_:b0",
        "ia:hasSite",
        "ia:Nose\x07",
        "It is so.",
        "Nothing.",
        "x.ttl",
        0,
    ),
]


@pytest.mark.parametrize("name", reports.FORMATS)
def test_report_formats(name):
    text = reports.FORMATS[name](AWKWARD, 9)
    assert (
        text == reports.FORMATS[name](AWKWARD, 9)
        and text.endswith("\n")
        and reports.FORMATS[name]([], 9)
    )
    if name in ("json", "sarif"):
        body = json.loads(text)
        assert len(body["findings"] if name == "json" else body["runs"][0]["results"]) == 3
    elif name == "junit":
        suite = ElementTree.fromstring(text)
        assert suite.attrib["failures"] == "1" and int(suite.attrib["tests"]) == len(suite) == 3
    elif name == "github":
        assert (
            len(text.splitlines()) == 4
            and "%0A" in text
            and "file=some dir/a%2Cb%3Ac.ttl,line=7" in text
        )
    elif name == "markdown":
        assert (
            len([line for line in text.splitlines() if line.startswith("| ")]) == 4
            and "\\|" in text
        )
    elif name == "turtle":
        import rdflib

        graph = rdflib.Graph().parse(data=text, format="turtle")
        assert len(list(graph.subjects(rdflib.RDF.type, rdflib.SH.ValidationResult))) == 3
        assert (None, rdflib.SH.conforms, rdflib.Literal(False)) in graph
    else:
        assert "a,b:c.ttl:7: violation: ia:Thigh" in text


@pytest.mark.parametrize(
    "code, form, good",
    [
        ("818981001", "SCTID", True),
        ("818981002", "SCTID", False),
        ("24028007", "SCTID", True),
        ("24028070", "SCTID", False),
        ("12345", "SCTID", False),
        ("24703-1", "LOINC", True),
        ("24703-2", "LOINC", False),
        ("24730-1", "LOINC", False),
        ("24703", "LOINC", False),
        ("LA33-6", "LOINC", True),
        ("LA336", "LOINC", False),
        ("6809", "RXNORM", True),
        ("RX6809", "RXNORM", False),
        ("RID10312", "RADLEX", True),
        ("10312", "RADLEX", False),
        ("RPID2503", "RPID", True),
        ("RID2503", "RPID", False),
        ("R22.42", "ICD10CM", True),
        ("R2242", "ICD10CM", False),
        ("C3377", "NCIT", True),
    ],
)
def test_form_of_codes(code, form, good):
    assert codes_form.FORMS[form][0](code) is good


def test_released_terms_are_a_sorted_list_that_only_grows():
    if os.environ.get("UPDATE_EXPECTED") == "1":
        RELEASED.write_text(releasing.renewed(ONTOLOGY), encoding="utf-8")
    lines = RELEASED.read_text(encoding="utf-8").splitlines()
    assert lines == sorted(set(lines)) and all(
        re.fullmatch(r"ia:[\w-]+ \d+\.\d+\.\d+", line) for line in lines
    )
    assert home() == ROOT


def test_ready_to_use_files_name_the_command():
    assert (
        "nextstudy validate" in (ROOT / ".pre-commit-hooks.yaml").read_text()
        and "nextstudy validate" in (ROOT / "action.yml").read_text()
    )


CALLING = """@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix ia: <https://w3id.org/imaging-appropriateness/ns/> .
<urn:calls> a sh:NodeShape ; sh:targetClass ia:Rating ; sh:message "calls" ;
    sh:sparql [ a sh:SPARQLConstraint ; sh:select '''%s''' ] ."""
LEAVING = [
    "SELECT $this FROM <http://127.0.0.1:PORT/> WHERE { $this ?p ?o }",
    "SELECT $this { $this ?p ?o . { service <http://127.0.0.1:PORT/> { ?x ?y ?z } } }",
    "SELECT $this { $this ?p ?o . { \\u0053ERVICE <http://127.0.0.1:PORT/> { ?x ?y ?z } } }",
]


@pytest.fixture
def listener():
    """A listener on loopback, which waits for a call for a moment."""
    with socket.create_server(("127.0.0.1", 0)) as found:
        found.settimeout(0.2)
        yield found


@pytest.mark.parametrize("query", LEAVING)
def test_a_shape_whose_query_leaves_the_graph_is_refused(tmp_path, query):
    text = CALLING % query.replace("PORT", "9").replace("\\", "\\\\")
    (tmp_path / "calls.ttl").write_text(text)
    with pytest.raises(
        ConfigurationError,
        match="a query of .* says (FROM|service|SERVICE), and only the graph may be asked",
    ):
        shacl.read(tmp_path)


def test_a_shape_that_says_no_such_word_is_read(tmp_path):
    (tmp_path / "asks.ttl").write_text(
        CALLING % "SELECT $this { $this ?from 'a serviceable fromage' }"
    )
    assert shacl.read(tmp_path).graph


def test_a_checkout_with_a_shape_that_calls_out_does_not_call(copy, listener):
    (copy / "shapes" / "calls.ttl").write_text(
        CALLING % LEAVING[0].replace("PORT", str(listener.getsockname()[1]))
    )
    code, out, err = run(copy)
    assert (
        (code, out) == (3, "")
        and "only the graph may be asked" in err
        and len(err.splitlines()) == 1
    ), err
    with pytest.raises(TimeoutError):
        listener.accept()


def test_the_shapes_engine_would_call_out(listener):
    import pyshacl

    listener.settimeout(30)
    text = CALLING % LEAVING[0].replace("PORT", str(listener.getsockname()[1]))

    def answer():
        """Ends the first call, and takes no other: rdflib tries again in other formats."""
        listener.accept()[0].close()
        listener.close()
        return True

    with ThreadPoolExecutor(1) as threads:
        called = threads.submit(answer)
        with contextlib.suppress(Exception):
            pyshacl.validate(
                "<urn:x> a <https://w3id.org/imaging-appropriateness/ns/Rating> .",
                shacl_graph=text,
                data_graph_format="turtle",
                shacl_graph_format="turtle",
            )
        assert called.result()


ROWS = {  # a table of assertions with a row that is none: its line, and what the error names
    "another header": ("words", "words,hazard,source\n", (1, "words", "hazards")),
    "a cell too few": ("words", "words,hazards,source\nDialysis,kidney\n", (2, "words", "3 cells")),
    "no source": ("words", "words,hazards,source\nDialysis,kidney,\n", (2, "source", "read from")),
    "no such row": ("patients", "one,two,,,none,,,x\n", (2, "upon", "before")),
    "itself": ("patients", "one,one,,,none,,,x\n", (2, "upon", "before")),
    "no such word": ("patients", "one,,,,none,,meets ia:MriCleared,x\n", (2, "follows", "met")),
    "no word": ("patients", "one,,,,none,,ia:MriCleared,x\n", (2, "follows", "met")),
}


@pytest.mark.parametrize("fault", ROWS)
def test_a_row_of_assertions_that_is_none_is_named(copy, fault):
    table, text, (line, column, hint) = ROWS[fault]
    header = ",".join(assertion_tables.COLUMNS[table]) + "\n"
    (copy / "assertions" / f"{table}.csv").write_text(header * (table == "patients") + text)
    with pytest.raises(TableError) as caught:
        validate.validate([copy])
    assert (caught.value.line, caught.value.column) == (line, column) and hint in str(caught.value)


def test_the_shipped_assertions_are_there_and_cite_declared_sources(reasoner):
    least = {"patients": 150, "terms": 300, "codes": 1500, "words": 20}
    members = reasoner.knowledge.members("ia:Source")
    for table, count in least.items():
        lines = assertion_tables.table(ONTOLOGY, table)
        assert len(lines) >= count, table
        for line in lines:
            cited = re.findall(r"\bia:\w+", line.cells["source"])
            assert {expand(name) for name in cited} <= members, line
    names = [line.name for line in assertion_tables.table(ONTOLOGY, "patients")]
    assert len(set(names)) == len(names)


def test_a_graph_that_does_not_load_does_not_pass(copy):
    fact = "\tia:LowerExtremity\tfact"
    edit(copy / "mappings" / "snomed-ct.sssom.tsv", fact, f"{fact}s")
    shutil.rmtree(copy / "assertions")
    [found] = [f for f in validate.validate([copy]).findings if f.severity != "info"]
    assert found.check == "graph-not-loaded" and "fact, question" in found.fix


def test_an_edited_document_alone_is_held_to_the_assertions(copy):
    edit(copy / "safety.ttl", 'ia:severity "contraindicated"', 'ia:severity "caution"')
    alone = shutil.copy(copy / "safety.ttl", copy.parent / "edited.ttl")
    found = validate.validate([alone]).findings
    assert {f.check for f in found} == {"patient-against-assertion"}
    assert all(f.file.endswith("assertions/patients.csv") and f.line > 1 for f in found)
