"""The stubs of a scenario: what they hold, that they are refused until they are filled in, and that
a filled one answers.
"""

import csv
import json
import shutil
from itertools import chain

import pytest
from one_topic import of_masses

from reasoner.__main__ import main
from reasoner.api import Reasoner
from reasoner.curation.build import build
from reasoner.curation.freshness import unbuilt
from reasoner.curation.scenario.new import scenario
from reasoner.diff.terms import descriptions
from reasoner.errors import InputError, NextstudyError, TableError, UnfilledError
from reasoner.graph.placeholders import unfilled
from reasoner.names import OWL, home, ia

EQUIVALENT = OWL + "equivalentClass"
FOLDER = "topics/soft-tissue-masses"
LABEL = "soft tissue mass after inconclusive MRI"
DEFINE = {"MriInconclusive": "Shows(MagneticResonanceImaging, InconclusiveResult)"}
REFUTED = {"MriInconclusive": "Shows(MagneticResonanceImaging, ConclusiveResult)"}
PLAIN = (
    "MassAfterInconclusiveMri",
    "soft-tissue-masses",
    "SoftTissueMasses2022",
    ["SoftTissueMassPresentation", "MriInconclusive"],
    LABEL,
)
FULL = {
    "define": DEFINE,
    "refuted_when": REFUTED,
    "seen": "2026-11",
    "basis": "an example",
}
TEXTS = {  # what is written in place of FILL IN, by column
    "definition": "A presentation that MRI left uncharacterized.",
    "question": "Was MRI done, and did it leave the mass uncharacterized?",
    "met_when": DEFINE["MriInconclusive"],
    "variant": "5",
    "phase": "NextStudyPhase",
}


@pytest.fixture
def ontology(tmp_path):
    """A checkout to work in: its ontology folder, with a few cases beside it."""
    of_masses(tmp_path / "ontology")
    cases = tmp_path / "tests" / "cases" / "soft-tissue-masses"
    cases.mkdir(parents=True)
    for pattern in ("should-start-with-radiograph-for-deep*", "should-treat-an-indeterminate-mri*"):
        for path in (home() / "tests" / "cases" / "soft-tissue-masses").glob(pattern):
            shutil.copy(path, cases)
    return tmp_path / "ontology"


def state(ontology):
    """Every file of the checkout with its bytes."""
    return {path: path.read_bytes() for path in ontology.parent.rglob("*") if path.is_file()}


def rows(path):
    """The rows of a table."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def new_rows(ontology, name="ia:MassAfterInconclusiveMri"):
    """The rating rows of a scenario."""
    return [row for row in rows(ontology / FOLDER / "ratings.csv") if row["scenario"] == name]


def rewrite(path, change):
    """Changes every row of a table."""
    changed = [change(row) for row in rows(path)]
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(changed[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(changed)


def filled(row):
    """A row with the texts that were left to write."""
    return {
        c: TEXTS.get(c, "Some words.") if v.startswith("FILL IN") else v for c, v in row.items()
    }


def fill_texts(ontology):
    """Writes the texts that are left."""
    for name in ("criteria.csv", "scenarios.csv"):
        rewrite(ontology / FOLDER / name, filled)


def fill_rows(ontology, name="ia:MassAfterInconclusiveMri"):
    """Rates every procedure of a scenario alike."""

    def rated(row):
        given = {"category": "may-be-appropriate", "date_seen": "2026-11", "basis": "an example"}
        levels = {c: row[c] or "varies" for c in ("adult_radiation", "pediatric_radiation")}
        return row | ({**given, **levels} if row["scenario"] == name else {})

    rewrite(ontology / FOLDER / "ratings.csv", rated)


def test_a_filled_scenario_answers_its_case(ontology):
    written, left = scenario(ontology, *PLAIN, **FULL)
    assert {path.name for path in written} == {
        "criteria.csv",
        "scenarios.csv",
        "ratings.csv",
        "should-find-mass-after-inconclusive-mri.json",
        "should-find-mass-after-inconclusive-mri.expected.json",
    }
    fill_texts(ontology)
    fill_rows(ontology)
    assert [path.name for path in build(ontology)] == ["generated.ttl"]
    record = next(path for path in written if path.name.endswith("mri.json"))
    answer = Reasoner(ontology).ask(record.read_bytes())
    (shown,) = answer["presentations"]
    expected = json.loads(record.with_suffix(".expected.json").read_text())["presentations"]
    assert (
        [s["id"] for s in shown["scenarios"] if s["status"] == "applies"]
        == expected[shown["id"]]["applies"]
        == ["ia:MassAfterInconclusiveMri"]
    )
    assert len(shown["recommendations"]) == len(new_rows(ontology))
    assert not any("does not meet" in text for text in left)


def test_every_table_only_grows(ontology):
    before = state(ontology)
    written, _ = scenario(ontology, *PLAIN)
    after = state(ontology)
    assert {path for path in after if before.get(path) != after[path]} == set(written)
    for path in written:
        assert after[path].startswith(before.get(path, b""))


def test_there_is_one_row_for_each_procedure_of_the_edition_with_its_category_left_empty(ontology):
    scenario(ontology, *PLAIN, seen="2026-11", basis="an example")
    made = new_rows(ontology)
    edition = {
        row["procedure"]
        for row in rows(ontology / FOLDER / "ratings.csv")
        if row["edition"] == "ia:SoftTissueMasses2022"
    }
    assert {row["procedure"] for row in made} == edition and len(made) == len(edition)
    assert {
        (row["category"], row["date_seen"], row["basis"], row["scenario_label"]) for row in made
    } == {("", "2026-11", "an example", LABEL)}
    assert {row["procedure"]: (row["adult_radiation"], row["pediatric_radiation"]) for row in made}[
        "ia:FdgPetCt"
    ] == ("4", "not-stated")


def test_build_refuses_what_is_left_to_fill_in_and_says_where(ontology):
    scenario(ontology, *PLAIN)
    before = state(ontology)
    with pytest.raises(UnfilledError) as caught:
        build(ontology)
    assert caught.value.path.endswith("criteria.csv") and caught.value.predicate == "definition"
    assert caught.value.term == "MriInconclusive" and "scenarios.csv" in caught.value.hint
    left = [(path.name, term, column) for path, _, term, column in unfilled(ontology)]
    assert left == [
        *(("criteria.csv", "MriInconclusive", c) for c in ("definition", "met_when", "question")),
        *(
            ("scenarios.csv", "MassAfterInconclusiveMri", c)
            for c in ("definition", "phase", "variant")
        ),
    ]
    assert [u.builds for u in unbuilt(ontology)] == [False]
    fill_texts(ontology)
    with pytest.raises(TableError) as refused:
        build(ontology)
    assert (refused.value.column, refused.value.value) == ("category", "")
    assert "Fill it in from the guideline" in str(refused.value) and "not-rated" in str(
        refused.value
    )
    document = ontology / FOLDER / "generated.ttl"
    assert document.read_bytes() == before[document]


def test_the_command_says_what_is_left_and_build_exits_with_2(ontology, capsys):
    words = [
        "new",
        "scenario",
        PLAIN[0],
        "--topic",
        "ia:SoftTissueMasses",
        "--edition",
        f"ia:{PLAIN[2]}",
        "--criteria",
        ",".join(PLAIN[3]),
        "--label",
        LABEL,
        "--ontology",
        str(ontology),
    ]
    assert (
        main(
            [
                *words,
                *chain.from_iterable(
                    ("--define", f"{name}={text}") for name, text in DEFINE.items()
                ),
                "--refuted-when",
                f"MriInconclusive={REFUTED['MriInconclusive']}",
            ]
        )
        == 0
    )
    out = capsys.readouterr().out
    assert (
        out.count("wrote ") == 5
        and "ia:MriInconclusive is new" in out
        and "Ways out in its cell `unless`: SiteNotCovered:1:. " in out
    )
    assert main(["build", str(ontology)]) == 2
    assert "is not filled in" in capsys.readouterr().err
    assert main(words) == 2
    assert "ia:MassAfterInconclusiveMri is there already" in capsys.readouterr().err


def built_with(ontology):
    """What the graph states once the texts and rows that are left are written."""
    fill_texts(ontology)
    fill_rows(ontology, new_rows_of(ontology))
    build(ontology)
    return descriptions(ontology)


def new_rows_of(ontology):
    """The scenario whose rating rows are left to fill in."""
    table = rows(ontology / FOLDER / "ratings.csv")
    return next(row["scenario"] for row in table if not row["category"])


def test_definitions_are_read_as_protege_writes_them(ontology):
    line = "hasStudy some (Study and hasResult some InconclusiveResult)"
    scenario(ontology, *PLAIN, define={"MriInconclusive": line})
    terms = built_with(ontology)
    assert terms[ia("MriInconclusive")][EQUIVALENT] == [
        "(ia:Presentation and ia:hasStudy some (ia:Study and ia:hasResult some "
        "ia:InconclusiveResult))"
    ]
    assert terms[ia("MriInconclusive")][ia("refutedBy")] == ["ia:NoMriInconclusive"]
    assert EQUIVALENT not in terms[ia("NoMriInconclusive")]


def test_what_refutes_a_criterion_is_defined(ontology):
    scenario(ontology, *PLAIN, **FULL)
    assert "ConclusiveResult" in built_with(ontology)[ia("NoMriInconclusive")][EQUIVALENT][0]


def test_the_ways_out_of_a_scenario_like_it_are_taken_over(ontology):
    scenario(ontology, *PLAIN, like="MassAfterInconclusiveRadiographAndUltrasound")

    def ways(name):
        (row,) = (r for r in rows(ontology / FOLDER / "scenarios.csv") if r["scenario"] == name)
        return [way.split(":")[:3] for way in row["unless"].split()]

    assert len(ways("MassAfterInconclusiveMri")) == 5
    like = ways("MassAfterInconclusiveRadiographAndUltrasound")
    assert [w[:2] for w in ways("MassAfterInconclusiveMri")] == [w[:2] for w in like]


def test_a_class_that_has_no_question_yet_becomes_a_criterion(ontology):
    scenario(
        ontology,
        "LargeMassInitialImaging",
        PLAIN[1],
        PLAIN[2],
        ["SoftTissueMassPresentation", "LargeMass"],
        "large soft tissue mass",
    )
    (row,) = (r for r in rows(ontology / FOLDER / "criteria.csv") if r["criterion"] == "LargeMass")
    assert row["role"] == "criterion" and row["question"].startswith("FILL IN")
    assert built_with(ontology)[ia("LargeMass")][ia("refutedBy")] == ["ia:NoLargeMass"]


def test_a_class_without_question_that_is_no_row_is_refused(ontology):
    criteria = ["SoftTissueMassPresentation", "AntiplateletPresent"]
    with pytest.raises(InputError, match="has no question, and is no row of criteria.csv"):
        scenario(ontology, "NewOne", *PLAIN[1:3], criteria, "a new one")


REFUSED = {
    "a bad name": (("mass after MRI", *PLAIN[1:]), {}, "UpperCamel"),
    "a name that is taken": (("DeepMassInitialImaging", *PLAIN[1:]), {}, "is there already"),
    "a label that is taken": (
        (*PLAIN[:4], "deep mass, or mass in a difficult area"),
        {},
        "ia:DeepOrDifficultMass is there already",
    ),
    "no label": ((*PLAIN[:4], " "), {}, "the label is empty"),
    "no such topic": ((PLAIN[0], "headache", *PLAIN[2:]), {}, "soft-tissue-masses"),
    "no such edition": (
        (*PLAIN[:2], "SoftTissueMasses2023", *PLAIN[3:]),
        {},
        "The nearest is ia:SoftTissueMasses20",
    ),
    "no anchor": (
        (*PLAIN[:3], ["MriInconclusive"], LABEL),
        {},
        "ia:SoftTissueMassPresentation",
    ),
    "a criterion of something else": (
        (*PLAIN[:3], ["SoftTissueMassPresentation", "Schwannoma"], LABEL),
        {},
        "no class of presentations",
    ),
    "the criteria of another scenario": (
        (*PLAIN[:3], ["SoftTissueMassPresentation", "DeepOrDifficultMass"], LABEL),
        {},
        "ia:DeepMassInitialImaging has the same criteria",
    ),
    "no such model": (PLAIN, {"like": "DeepMas"}, "The nearest is ia:DeepMassInitialImaging"),
    "a definition of something else": (
        PLAIN,
        {"define": {"DeepOrDifficultMass": "Presentation"}},
        "this is no criterion that the command makes",
    ),
    "a definition with a typing error": (
        PLAIN,
        {"define": {"MriInconclusive": "hasStdy some Study"}},
        "The nearest is ia:hasStudy",
    ),
    "a definition with a bracket too few": (
        PLAIN,
        {"define": {"MriInconclusive": "(hasStudy some Study"}},
        "Count the brackets",
    ),
    "a definition with a bracket too many": (
        PLAIN,
        {"define": {"MriInconclusive": "Presentation) and hasStudy some Study"}},
        "Count the brackets",
    ),
    "a definition outside the fragment": (
        PLAIN,
        {"define": {"MriInconclusive": "not InitialImagingDone"}},
        "ia:not is no declared Class",
    ),
}


@pytest.mark.parametrize("fault", REFUSED)
def test_what_does_not_fit_is_refused_and_nothing_is_written(ontology, fault):
    arguments, options, words = REFUSED[fault]
    before = state(ontology)
    with pytest.raises(NextstudyError) as caught:
        scenario(ontology, *arguments, **options)
    assert isinstance(caught.value, InputError) and words in str(caught.value)
    assert state(ontology) == before


def test_a_case_that_is_there_is_not_overwritten(ontology):
    (
        ontology.parent
        / "tests"
        / "cases"
        / "soft-tissue-masses"
        / "should-find-mass-after-inconclusive-mri.json"
    ).write_text("{}")
    before = state(ontology)
    with pytest.raises(InputError, match="this case is there already"):
        scenario(ontology, *PLAIN)
    assert state(ontology) == before
