"""A table that is not built is found: by validate, and by diff of folders and of revisions."""

import json
import shutil
import subprocess

import pytest
from conftest import ROOT

from reasoner.__main__ import main
from reasoner.curation.build import build, generated_documents
from reasoner.curation.freshness import unbuilt
from reasoner.diff.compare import diff
from reasoner.diff.render import FORMATS
from reasoner.validation import built, validate

TABLE, DOCUMENT = "topics/soft-tissue-masses/ratings.csv", "topics/soft-tissue-masses/generated.ttl"
FIRST = "topics/soft-tissue-masses/criteria.csv"  # of the tables that DOCUMENT is built from
RATED = "ia:DeepMassInitialImaging"
RATING = "ia:DeepMassInitialImaging_Radiography"
DEEP = "should-start-with-radiograph-for-deep-mass-of-the-hand"


@pytest.fixture
def ontology(tmp_path):
    """A copy of the ontology folder with one test patient beside it."""
    shutil.copytree(ROOT / "ontology", tmp_path / "ontology")
    cases = tmp_path / "tests" / "cases"
    cases.mkdir(parents=True)
    shutil.copy(ROOT / "tests" / "cases" / "soft-tissue-masses" / f"{DEEP}.json", cases)
    return tmp_path / "ontology"


def rated(ontology, old, new, procedure="ia:Radiography"):
    """Changes the row of a rating; its line."""
    path = ontology / TABLE
    lines = path.read_text().splitlines(keepends=True)
    (number,) = (
        n
        for n, line in enumerate(lines)
        if line.startswith(f"{RATED},") and f",{procedure}," in line
    )
    assert old in lines[number]
    lines[number] = lines[number].replace(old, new)
    path.write_text("".join(lines))
    return number + 1


def lowered(ontology):
    """A rating changed in the table alone."""
    return rated(ontology, ",usually-appropriate,", ",usually-not-appropriate,")


def misspelt(ontology):
    """A category that there is none of."""
    return rated(ontology, ",usually-appropriate,", ",usualy-appropriate,")


def by_hand(ontology):
    """A rating changed in the generated document alone."""
    path = ontology / DOCUMENT
    head, rating, tail = path.read_text().partition(f"\n{RATING} a ")
    assert "ia:UsuallyAppropriate" in tail.split(" .\n")[0]
    changed = tail.replace("ia:UsuallyAppropriate", "ia:UsuallyNotAppropriate", 1)
    path.write_text(head + rating + changed)


def never_built(ontology):
    """A document that was deleted from the folder, and with it from the catalog."""
    (ontology / DOCUMENT).unlink()
    path = ontology / "catalog-v001.xml"
    lines = path.read_text().splitlines(keepends=True)
    path.write_text("".join(line for line in lines if DOCUMENT not in line))


def orphaned(ontology):
    """A document whose table was deleted."""
    (ontology / "tables" / "orderables.csv").unlink()


TWINS = {  # how a graph and its tables part, the place that is named, what is said, the remedy
    "a rating": (lowered, TABLE, f"{RATING} what the table says", "nextstudy build"),
    "a bad cell": (misspelt, TABLE, "category is 'usualy-appropriate'", "usually-appropriate"),
    "by hand": (by_hand, TABLE, f"{RATING} what the table says", "nextstudy build"),
    "never built": (never_built, FIRST, "the table was never built", "nextstudy build"),
    "no table": (orphaned, "generated/orderables.ttl", "no table orderables.csv", "Put the table"),
}


def found_in(ontology):
    """The findings about tables, each with its file and line."""
    return [row for row in built.findings(ontology) if row[0].check == built.NOT_BUILT.name]


def test_the_shipped_tables_are_built():
    assert list(unbuilt(ROOT / "ontology")) == []


@pytest.mark.parametrize("name", TWINS)
def test_validate_finds_what_is_not_built(ontology, name):
    part, place, words, remedy = TWINS[name]
    line = part(ontology)
    found, file, number = found_in(ontology)[0]
    assert found.severity == "violation" and file == ontology / place
    assert words in found.about and remedy in found.fix
    assert line is None or number == line


def test_validate_lists_it_with_file_and_line(ontology):
    line = lowered(ontology)
    (found,) = (f for f in validate.validate([ontology]).findings if f.severity != "info")
    assert (found.check, found.severity) == (built.NOT_BUILT.name, "violation")
    assert (found.file, found.line) == (str(ontology / TABLE), line)
    assert "Run `nextstudy build`." in found.fix


def test_a_built_change_is_no_finding(ontology):
    lowered(ontology)
    assert found_in(ontology)
    build(ontology)
    assert found_in(ontology) == []


def test_spelling_is_for_fmt(ontology):
    path = ontology / DOCUMENT
    path.write_text(path.read_text().replace(" ;\n", " ;\n\n"))
    assert list(unbuilt(ontology)) == []


def test_diff_counts_a_change_before_it_is_built(ontology):
    lowered(ontology)
    found = diff(str(ROOT / "ontology"), str(ontology))
    assert found.verdict == "major" and [c["id"] for c in found.changed] == [RATING]
    assert [p["case"] for p in found.patients] == [DEEP]
    row = found.tables[0]
    assert (row["version"], row["builds"]) == (str(ontology), True)
    for name in ("text", "markdown"):
        told = FORMATS[name](found)
        assert "Tables that are not built" in told and "nextstudy build" in told
    assert json.loads(FORMATS["json"](found))["tables"] == found.tables
    build(ontology)
    after = diff(str(ROOT / "ontology"), str(ontology))
    assert (after.patients, after.changed) == (found.patients, found.changed)
    assert after.tables == []


@pytest.mark.parametrize("part", [lowered, misspelt, by_hand, never_built, orphaned])
def test_diff_never_says_that_nothing_changed(ontology, part):
    part(ontology)
    for pair in ((ROOT / "ontology", ontology), (ontology, ROOT / "ontology")):
        found = diff(*map(str, pair))
        assert found.verdict in ("major", "minor") and found.tables
        assert "Nothing changed" not in FORMATS["text"](found)


def test_what_a_table_that_does_not_build_would_change_is_not_known(ontology):
    line = misspelt(ontology)
    found = diff(str(ROOT / "ontology"), str(ontology))
    assert found.verdict == "major" and "not known: 1" in found.reasons["major"][0]
    assert [t["place"] for t in found.tables] == [f"{TABLE}:{line}"]


def test_a_version_that_is_not_built_is_a_finding_and_no_change(ontology):
    path = ontology / "appropriateness.ttl"
    path.write_text(path.read_text().replace("0.1.0/appropriateness", "0.2.0/appropriateness"))
    assert len(found_in(ontology)) == len(generated_documents(ontology))
    assert diff(str(ROOT / "ontology"), str(ontology)).verdict == "none"


def test_a_revision_is_compared_as_built(ontology, monkeypatch, capsys):
    words = ("git", "-c", "user.name=a", "-c", "user.email=a@example.org")
    monkeypatch.chdir(ontology.parent)

    def commit(*more):
        return subprocess.run([*words, *more], check=True, capture_output=True)

    commit("init", "--quiet")
    for change in (lambda _: None, lowered):
        change(ontology)
        commit("add", "--all")
        commit("commit", "--quiet", "--message", "a change")
    assert main(["diff", "HEAD~1", "HEAD", "--format", "json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert [c["id"] for c in found["changed"]] == [RATING] and len(found["patients"]) == 1
    assert [t["version"] for t in found["tables"]] == ["HEAD"]
    assert main(["diff", "ia:SoftTissueMasses2017", "ia:SoftTissueMasses2022"]) == 0
    out, err = capsys.readouterr()
    assert "tables that are not built" in out
    told, unbuilt = err.splitlines()
    assert told == f"nextstudy: graph of {ontology}" and unbuilt.endswith("Run `nextstudy build`.")
