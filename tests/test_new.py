"""The stubs of a scenario: what they hold, that they are refused until they are filled in, and that
a filled one answers.
"""

import csv
import json
import re
import shutil
from itertools import chain, repeat

import pytest

from reasoner.__main__ import main
from reasoner.api import Reasoner
from reasoner.curation.build import build
from reasoner.curation.scenario.new import scenario
from reasoner.diff.terms import descriptions
from reasoner.errors import InputError, NextstudyError, TableError, UnfilledError
from reasoner.graph.placeholders import unfilled
from reasoner.graph.turtle.format import format_file, turtle_files
from reasoner.names import home, ia

MRI = "Study and ofProcedure some (Procedure and hasModality value MagneticResonanceImaging)"
LABEL = "soft tissue mass after inconclusive MRI"
DEFINE = {
    "MriInconclusive": (
        f"Presentation and hasStudy some ({MRI} and hasResult some InconclusiveResult)"
    ),
    "MriConclusive": f"Presentation and hasStudy some ({MRI} and hasResult some ConclusiveResult)",
}
PLAIN = (
    "MassAfterInconclusiveMri",
    "soft-tissue-masses",
    "SoftTissueMasses2022",
    ["SoftTissueMassPresentation", "MriInconclusive"],
    LABEL,
)
FULL = {
    "refuted_by": {"MriInconclusive": "MriConclusive"},
    "define": DEFINE,
    "seen": "2026-11",
    "basis": "an example",
}
TEXTS = (
    "A presentation with a soft tissue mass that MRI left uncharacterized.",
    "variant 5",
    "A presentation in which MRI showed a benign or suspicious lesion.",
    "A presentation in which MRI left the mass uncharacterized.",
    "Was MRI done, and did it leave the mass uncharacterized?",
)


@pytest.fixture
def ontology(tmp_path):
    """A checkout to work in: its ontology folder, with a few cases beside it."""
    shutil.copytree(home() / "ontology", tmp_path / "ontology")
    cases = tmp_path / "tests" / "cases" / "soft-tissue-masses"
    cases.mkdir(parents=True)
    for pattern in ("should-start-with-radiograph-for-deep*", "should-treat-an-indeterminate-mri*"):
        for path in (home() / "tests" / "cases" / "soft-tissue-masses").glob(pattern):
            shutil.copy(path, cases)
    return tmp_path / "ontology"


def state(ontology):
    """Every file of the checkout with its bytes."""
    return {path: path.read_bytes() for path in ontology.parent.rglob("*") if path.is_file()}


def new_rows(ontology, name="ia:MassAfterInconclusiveMri"):
    """The rows of a scenario in the table of the topic."""
    with (ontology / "tables" / "soft-tissue-masses.csv").open(
        encoding="utf-8", newline=""
    ) as file:
        return [row for row in csv.DictReader(file) if row["scenario"] == name]


def fill_texts(ontology):
    """Writes the texts that are left."""
    path, texts = (
        ontology / "topics" / "soft-tissue-masses.ttl",
        chain(TEXTS, repeat("Some words.")),
    )
    path.write_text(re.sub(r'"FILL IN[^"]*"', lambda _: f'"{next(texts)}"', path.read_text()))


def fill_rows(ontology, name="ia:MassAfterInconclusiveMri"):
    """Rates every procedure of a scenario alike."""
    path = ontology / "tables" / "soft-tissue-masses.csv"
    lines = [
        re.sub(r",,(?=(O|varies|4),)", ",may-be-appropriate,", line, count=1)
        if line.startswith(f"{name},")
        else line
        for line in path.read_text().splitlines()
    ]
    path.write_text("\n".join(lines) + "\n")


def test_a_filled_scenario_answers_its_case(ontology):
    written, left = scenario(ontology, *PLAIN, **FULL)
    assert {path.name for path in written} == {
        "soft-tissue-masses.ttl",
        "soft-tissue-masses.csv",
        "should-find-mass-after-inconclusive-mri.json",
        "should-find-mass-after-inconclusive-mri.expected.json",
    }
    fill_texts(ontology)
    fill_rows(ontology)
    assert [path.name for path in build(ontology)] == ["soft-tissue-masses.ttl"]
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


def test_every_file_stays_canonical_and_only_grows(ontology):
    before = state(ontology)
    written, _ = scenario(ontology, *PLAIN)
    after = state(ontology)
    assert {path for path in after if before.get(path) != after[path]} == set(written)
    assert not any(format_file(path, check=True) for path in turtle_files([ontology]))
    table = ontology / "tables" / "soft-tissue-masses.csv"
    assert after[table].startswith(before[table])

    def lines(files):
        return files[ontology / "topics" / "soft-tissue-masses.ttl"].decode().splitlines()

    assert not [
        line for line in set(lines(before)) if lines(before).count(line) > lines(after).count(line)
    ]


def test_there_is_one_row_for_each_procedure_of_the_edition_with_its_category_left_empty(ontology):
    scenario(ontology, *PLAIN, seen="2026-11", basis="an example")
    made = new_rows(ontology)
    with (ontology / "tables" / "soft-tissue-masses.csv").open(newline="") as file:
        edition = {
            row["procedure"]
            for row in csv.DictReader(file)
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
    lines = (ontology / "topics" / "soft-tissue-masses.ttl").read_text().splitlines()
    assert (
        "FILL IN" in lines[caught.value.line - 1]
        and caught.value.term == "ia:MassAfterInconclusiveMri"
    )
    assert [n for _, n, _, _ in unfilled(ontology)] == [
        n for n, line in enumerate(lines, 1) if "FILL IN" in line
    ] and len(unfilled(ontology)) == 5
    fill_texts(ontology)
    with pytest.raises(TableError) as refused:
        build(ontology)
    assert (refused.value.column, refused.value.value) == ("category", "")
    assert "Fill it in from the guideline" in str(refused.value) and "not-rated" in str(
        refused.value
    )
    assert {path: data for path, data in state(ontology).items() if "generated" in path.parts} == {
        p: d for p, d in before.items() if "generated" in p.parts
    }


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
                "--refuted-by",
                "MriInconclusive=MriConclusive",
            ]
        )
        == 0
    )
    out = capsys.readouterr().out
    assert (
        out.count("wrote ") == 4
        and "ia:MriInconclusive is new" in out
        and "Exclusions made: ia:SiteNotCovered." in out
    )
    assert main(["build", str(ontology)]) == 2
    assert "is not filled in" in capsys.readouterr().err
    assert main(words) == 2
    assert "ia:MassAfterInconclusiveMri is there already" in capsys.readouterr().err


def test_definitions_are_read_as_protege_writes_them(ontology):
    scenario(ontology, *PLAIN, **FULL)
    told = descriptions(ontology)
    equivalent = "http://www.w3.org/2002/07/owl#equivalentClass"
    assert told[ia("MriInconclusive")][equivalent] == [
        "(ia:Presentation and ia:hasStudy some (ia:Study and ia:hasResult some "
        "ia:InconclusiveResult and "
        "ia:ofProcedure some (ia:Procedure and ia:hasModality value ia:MagneticResonanceImaging)))"
    ]
    assert (
        told[ia("MriInconclusive")][ia("refutedBy")] == ["ia:MriConclusive"]
        and equivalent in told[ia("MriConclusive")]
    )


def test_the_ways_out_of_a_scenario_like_it_are_taken_over(ontology):
    scenario(ontology, *PLAIN, like="MassAfterInconclusiveRadiographAndUltrasound")

    def ways(name):
        return {
            (t[ia("excludes")][0], *t.get(ia("leadsTo"), []), t[ia("precedence")][0])
            for t in descriptions(ontology).values()
            if t.get(ia("ofScenario")) == [name] and ia("excludes") in t
        }

    assert (
        ways("ia:MassAfterInconclusiveMri")
        == ways("ia:MassAfterInconclusiveRadiographAndUltrasound")
        and len(ways("ia:MassAfterInconclusiveMri")) == 5
    )


def test_a_class_that_has_no_question_yet_becomes_a_criterion(ontology):
    scenario(
        ontology,
        "LargeMassInitialImaging",
        PLAIN[1],
        PLAIN[2],
        ["SoftTissueMassPresentation", "LargeMass"],
        "large soft tissue mass",
    )
    told = descriptions(ontology)[ia("LargeMass")]
    assert "ia:Criterion" in told["http://www.w3.org/1999/02/22-rdf-syntax-ns#type"]
    assert told[ia("refutedBy")] == ["ia:LargeMassRefuted"] and told[ia("question")][0].startswith(
        "FILL IN"
    )


REFUSED = {
    "a bad name": (("mass after MRI", *PLAIN[1:]), {}, "UpperCamel"),
    "a name that is taken": (("DeepMassInitialImaging", *PLAIN[1:]), {}, "is there already"),
    "a label that is taken": (
        (*PLAIN[:4], "deep mass, or mass in a difficult area"),
        {},
        "ia:DeepOrDifficultMass is there already",
    ),
    "no label": ((*PLAIN[:4], " "), {}, "the label is empty"),
    "no such topic": ((PLAIN[0], "headache", *PLAIN[2:]), {}, "Topics are: soft-tissue-masses"),
    "no such edition": (
        (*PLAIN[:2], "SoftTissueMasses2023", *PLAIN[3:]),
        {},
        "The nearest is ia:SoftTissueMasses20",
    ),
    "no anchor": (
        (*PLAIN[:3], ["MriInconclusive"], LABEL),
        {},
        "Name one of: ia:SoftTissueMassPresentation",
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
        {"define": {"MriInconclusive": "Presentation and hasStdy some Study"}},
        "The nearest is ia:hasStudy",
    ),
    "a definition with a bracket too few": (
        PLAIN,
        {"define": {"MriInconclusive": "Presentation and (hasStudy some Study"}},
        ") is missing before the end",
    ),
    "a definition with a bracket too many": (
        PLAIN,
        {"define": {"MriInconclusive": "Presentation) and hasStudy some Study"}},
        "')' is not expected",
    ),
    "an empty definition": (
        PLAIN,
        {"define": {"MriInconclusive": ""}},
        "a name is missing before the end",
    ),
    "a definition outside the fragment": (
        PLAIN,
        {"define": {"MriInconclusive": "Presentation and not InitialImagingDone"}},
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
