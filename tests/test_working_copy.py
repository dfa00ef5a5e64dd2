"""Which graph a command takes: the one that is named, else the checkout's.

An installed program's is never written.
"""

import argparse
import json
import re
import shutil

import pytest
from conftest import ROOT
from installed import run, state

from reasoner.__main__ import main, parser
from reasoner.api import Reasoner
from reasoner.curation import working_copy
from reasoner.curation.build import build
from reasoner.errors import InputError, UnfilledError
from reasoner.graph.placeholders import MARK, unfilled
from reasoner.graph.query_files import named

NEW = ["new", "scenario", "MassAfterInconclusiveMri", "--topic", "soft-tissue-masses"]
NEW += ["--edition", "SoftTissueMasses2022", "--label", "mass after inconclusive MRI"]
NEW += ["--criteria", "SoftTissueMassPresentation,MriInconclusive"]
TOPIC = "ontology/topics/soft-tissue-masses/topic.ttl"
TABLE = "ontology/topics/soft-tissue-masses/ratings.csv"
CRITERIA = "ontology/topics/soft-tissue-masses/criteria.csv"
WORDS = "ontology/vocabulary.ttl"
ORDERABLE = "An orderable procedure has no declared body region."
READING = {  # the commands that read a graph, with arguments
    "ask": ["ask", "--format", "json"],
    "query": ["query", "differential-of-a-scenario", "--format", "csv"],
    "show": ["show", "ia:Schwannoma"],
    "import": ["import", "ratings-2020.csv"],
    "ratings": ["ratings"],
    "docs": ["docs", "site"],
    "diff": ["diff", "ia:SoftTissueMasses2022", "ia:SoftTissueMasses2022"],
    "validate": ["validate"],
    "serve": ["serve", "--workers", "0"],
    "cohort": ["cohort", "nothing", "--out", "out"],
}
WRITING = {"build": ["build"], "fmt": ["fmt"], "new": NEW}
REFUSING = {"synth": ["synth", "1", "--seed", "1", "--out", "out"]}
COMMANDS = {**READING, **WRITING, **REFUSING}


@pytest.fixture
def untouched(packages):
    """Asserts at the end that nothing was written into the installed program."""
    before = state(packages)
    yield
    assert state(packages) == before


def edit(path, before, after):
    """Replaces the first occurrence of a text in a file."""
    text = path.read_text(encoding="utf-8")
    assert before in text
    path.write_text(text.replace(before, after, 1), encoding="utf-8")


# an installed program in a checkout


def test_build_reads_the_table_of_the_checkout(packages, copy, untouched):
    edit(copy / TABLE, ",usually-appropriate,", ",usualy-appropriate,")
    code, out, err = run(packages, copy, "build")
    assert (code, out) == (2, "") and f"{copy / TABLE}:" in err and "usualy-appropriate" in err
    edit(copy / TABLE, ",usualy-appropriate,", ",usually-not-appropriate,")
    code, out, err = run(packages, copy / "tests", "build")
    written = copy / "ontology" / "topics" / "soft-tissue-masses" / "generated.ttl"
    assert (code, out, err) == (0, f"wrote {written}\n", "")
    assert run(packages, copy, "build") == (0, f"nothing changed in {copy / 'ontology'}\n", "")


def test_fmt_checks_the_files_of_the_checkout(packages, copy, untouched):
    sound = (0, f"every file is formatted in {copy / 'ontology'}\n", "")
    assert run(packages, copy, "fmt", "--check") == sound
    edit(copy / TOPIC, " ;\n", "  ;\n")
    code, out, err = run(packages, copy, "fmt", "--check")
    assert (code, out) == (1, f"would format {copy / TOPIC}\n") and "without --check" in err
    assert run(packages, copy, "fmt") == (0, f"formatted {copy / TOPIC}\n", "")
    assert run(packages, copy, "fmt", "--check") == sound


def test_new_writes_rows_into_the_checkout_that_answer_nobody_before_they_are_built(
    packages, copy, untouched
):
    before = run(packages, copy, "ask", "--format", "json")[1]
    code, out, _ = run(packages, copy, *NEW)
    assert code == 0 and out.count(f"wrote {copy}/") == 5
    lines = (copy / CRITERIA).read_text().splitlines()
    first = next(n for n, text in enumerate(lines, 1) if MARK in text)
    code, out, err = run(packages, copy, "build")
    assert (code, out) == (2, "") and f"{copy / CRITERIA}:{first}: " in err
    assert "is not filled in" in err and "in place of FILL IN" in err and "Traceback" not in err
    assert run(packages, copy, "ask", "--format", "json")[1] == before
    code, out, _ = run(packages, copy, "validate")
    assert code == 1 and "table-not-built" in out and f"{CRITERIA}:{first}: " in out
    assert run(packages, copy, "fmt", "--check")[0] == 0
    code, out, _ = run(packages, copy, "diff", ROOT / "ontology", "ontology")
    assert code == 0 and f"{CRITERIA.removeprefix('ontology/')}:{first}: " in out


def test_no_patient_is_answered_from_a_graph_with_a_text_to_fill_in(packages, copy, untouched):
    edit(copy / WORDS, '"schwannoma"@en', f'"{MARK}: the label"@en')
    lines = (copy / WORDS).read_text().splitlines()
    first = next(n for n, text in enumerate(lines, 1) if MARK in text)
    for words in (["ask"], ["serve"], ["cohort", ROOT / "examples" / "record.json", "--out", "o"]):
        code, out, err = run(packages, copy, *words)
        assert (code, out) == (2, "") and err.startswith(f"nextstudy: graph of {copy}/ontology\n")
        error = err.splitlines()[-1]
        assert error.startswith(f"nextstudy: {copy / WORDS}:{first}: ") and "is not filled" in error
        assert "Write it in place of FILL IN" in error and "Traceback" not in err
    code, out, _ = run(packages, copy, "validate")
    assert code == 1 and "text-to-fill-in" in out and f"{WORDS}:" in out
    assert run(packages, copy, "build")[0] == 2
    assert MARK in run(packages, copy, "show", "ia:Schwannoma")[1]


def test_outside_of_a_checkout_what_writes_refuses(packages, tmp_path, untouched):
    for words in WRITING.values():
        code, out, err = run(packages, tmp_path, *words)
        assert (code, out) == (2, "") and len(err.splitlines()) == 1, err
        assert f"there is no checkout at or above {tmp_path}" in err and "--ontology" in err


def test_the_installed_graph_is_not_written_even_when_it_is_named(packages, tmp_path, untouched):
    own = packages / "reasoner" / "data" / "ontology"
    edits = [["build", own], ["fmt", own], ["fmt", own / "safety.ttl"]]
    edits += [[*words, "--ontology", own] for words in WRITING.values()]
    for words in edits:
        code, out, err = run(packages, tmp_path, *words)
        assert (code, out) == (2, "") and "belongs to an installed program" in err, words
    for name in ("build", "fmt"):
        assert run(packages, own / "tables", name)[0] == 2
    assert run(packages, tmp_path, "fmt", own, "--check")[0] == 0


def test_reading_takes_the_checkout_and_says_so(packages, copy, tmp_path, untouched):
    edit(copy / WORDS, '"schwannoma"@en', '"tumor of a nerve sheath"@en')
    code, out, err = run(packages, copy / "tests", "show", "ia:Schwannoma")
    assert (code, err) == (0, f"nextstudy: graph of {copy / 'ontology'}\n")
    assert "tumor of a nerve sheath" in out
    code, out, err = run(packages, tmp_path, "show", "ia:Schwannoma")
    assert (code, err) == (0, "") and "tumor of a nerve sheath" not in out
    code, out, err = run(packages, copy, "ask", "--format", "json")
    assert code == 0 and json.loads(out)["presentations"] and err.count("\n") == 1
    assert run(packages, tmp_path, "show", "ia:Schwannoma", "--ontology", copy)[2] == ""


def test_queries_of_another_version_are_told_and_not_run(packages, copy, untouched):
    (copy / "queries" / "checks" / "own.rq").write_text("SELECT * { ?s ?p ?o }")
    told = "queries/checks/own.rq of this checkout is not what runs"
    assert told in run(packages, copy, "show", "ia:Schwannoma")[2]
    code, out, _ = run(packages, copy, "validate", "--format", "json", "--fail-on", "warning")
    (found,) = (f for f in json.loads(out)["findings"] if f["severity"] != "info")
    assert code == 1 and found["check"] == "queries-of-another-version"
    assert found["file"] == "queries/checks/own.rq" and "pip install ." in found["fix"]


def test_line_ends_make_no_other_version(copy):
    path = copy / "queries" / "checks" / "rated-twice.rq"
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert working_copy.other_queries(copy / "ontology") == []
    path.unlink()
    assert working_copy.other_queries(copy / "ontology") == ["checks/rated-twice.rq"]


# what validate looks at


def test_validate_takes_the_checkout_or_refuses(packages, copy, tmp_path, untouched):
    edit(copy / TOPIC, "skos:definition", "skos:note")
    code, out, err = run(packages, copy, "validate")
    assert code == 1 and TOPIC in out and err == f"nextstudy: graph of {copy / 'ontology'}\n"
    code, out, err = run(packages, tmp_path, "validate")
    assert (code, out) == (2, "") and "there is no checkout" in err and "--packaged" in err
    assert run(packages, tmp_path, "validate", "--packaged")[0] == 0
    assert run(packages, copy, "validate", "--packaged")[0] == 0


@pytest.mark.parametrize("words", [["."], ["--ontology", "."]])
def test_packaged_and_a_path_are_not_one_graph(words, monkeypatch, capsys):
    monkeypatch.chdir(ROOT)
    assert main(["validate", "--packaged", *words]) == 2
    assert "other paths are named too" in capsys.readouterr().err


def test_files_are_checked_in_the_context_of_their_checkout(copy, tmp_path, monkeypatch, capsys):
    twin, words = ROOT / "tests" / "broken" / "orderable-has-region.ttl", "A form without a region."
    shutil.copy(twin, copy / "patient.ttl")
    edit(copy / "ontology" / "shapes" / "guideline.ttl", ORDERABLE, words)
    monkeypatch.chdir(copy)
    assert main(["validate", "patient.ttl"]) == 1
    assert words in capsys.readouterr().out
    assert main(["validate", str(twin)]) == 1
    assert words not in capsys.readouterr().out
    assert main(["validate", str(twin), "--ontology", str(copy)]) == 1
    assert words in capsys.readouterr().out
    assert main(["validate", str(ROOT), "--ontology", str(copy)]) == 2
    assert "Leave out --ontology" in capsys.readouterr().err


# one meaning of --ontology


def test_every_command_is_tried_here():
    groups = [a for a in parser()._actions if isinstance(a, argparse._SubParsersAction)]
    assert sorted(groups[0].choices) == sorted(COMMANDS)


@pytest.mark.parametrize("before", [True, False])
@pytest.mark.parametrize("name", COMMANDS)
def test_ontology_counts_before_and_after_every_command(
    name, before, tmp_path, monkeypatch, capsys
):
    monkeypatch.chdir(tmp_path)
    given = ["--ontology", str(tmp_path / "nowhere")]
    words = COMMANDS[name]
    try:
        code = main([*given, *words] if before else [*words, *given])
    except SystemExit as stop:
        code = stop.code
    out, err = capsys.readouterr()
    assert (code, out) == (2, ""), err
    said = "Leave it out." if name in REFUSING else "nowhere: there is no such folder"
    assert said in err and len(err.splitlines()) == 1


def test_the_environment_of_the_service_counts_like_its_flag(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("NEXTSTUDY_ONTOLOGY", str(tmp_path / "nowhere"))
    assert main(["serve"]) == 2
    assert "nowhere: there is no such folder" in capsys.readouterr().err


def test_a_working_folder_that_is_gone_is_in_no_checkout(tmp_path, monkeypatch):
    (tmp_path / "gone").mkdir()
    monkeypatch.chdir(tmp_path / "gone")
    (tmp_path / "gone").rmdir()
    assert working_copy.checkout() is None and working_copy.to_read(None) is None


def test_a_named_folder_is_an_ontology_or_a_checkout_of_one(tmp_path):
    assert working_copy.named(ROOT) == working_copy.named(ROOT / "ontology") == ROOT / "ontology"
    with pytest.raises(InputError, match="has no catalog-v001.xml"):
        working_copy.named(tmp_path)


def test_a_catalog_of_something_else_is_passed_over(copy, monkeypatch):
    other = copy / "src" / "ontology"
    other.mkdir(parents=True)
    (other / "catalog-v001.xml").write_text('<catalog><uri name="urn:x" uri="x.ttl"/></catalog>')
    assert working_copy.checkout(other) == copy / "ontology"
    (copy / "ontology" / "catalog-v001.xml").unlink()
    assert working_copy.checkout(other) is None


def test_two_folders_are_not_one(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(["build", str(ROOT), "--ontology", str(ROOT)]) == 2
    assert main(["fmt", str(ROOT), "--check", "--ontology", str(ROOT)]) == 2
    assert capsys.readouterr().err.count("nextstudy: --ontology: ") == 2


# texts to fill in


def test_the_check_the_build_and_the_load_look_for_one_mark(copy):
    assert f'"{MARK}"' in named("checks", "text-to-fill-in").text
    edit(copy / WORDS, '"schwannoma"@en', f'"{MARK}: the label"@en')
    with pytest.raises(UnfilledError):
        build(copy / "ontology")
    with pytest.raises(UnfilledError):
        Reasoner(copy / "ontology")
    assert Reasoner(copy / "ontology", unfinished=True).knowledge.version


def test_a_mark_in_another_spelling_is_found(copy):
    edit(copy / WORDS, '"schwannoma"@en', '"FILL\\u0020IN: the label"@en')
    assert [row[2:] for row in unfilled(copy / "ontology")] == [("ia:Schwannoma", "label")]
    with pytest.raises(UnfilledError, match=re.escape("ia:Schwannoma")):
        Reasoner(copy / "ontology")
