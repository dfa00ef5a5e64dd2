"""Importing rating tables: a sound table of our own making, one broken twin a fault, and the two
catalogues when they are at hand.
"""

import csv
import json
from pathlib import Path
from typing import get_type_hints
from xml.etree import ElementTree

import jsonschema
import pytest
from conftest import CASES, ROOT

from reasoner.__main__ import main
from reasoner.answer.types import CataloguedScenario
from reasoner.api import Reasoner
from reasoner.curation.build import build
from reasoner.curation.importing import import_table
from reasoner.curation.importing.notations import category, radiation
from reasoner.curation.importing.procedure_names import KINDS, Part, parse, table, words
from reasoner.curation.tables.ratings import RATINGS
from reasoner.errors import InputError, TableError
from reasoner.graph.turtle.format import format_turtle
from reasoner.names import LABEL, RDF_TYPE, expand, ia

ONTOLOGY = ROOT / "ontology"
SCHEMA = jsonschema.Draft202012Validator(
    json.loads((ROOT / "reasoner" / "answer" / "answer.schema.json").read_text(encoding="utf-8"))
)
CATALOGUE = ROOT.parent / "shared" / "catalogue"
HEADER = "panel,topic,variant_no,variant_text,row_no,procedure,category,adult_rrl,pediatric_rrl"


def scenario_rows(panel, topic, number, scenario, *rows):
    """The lines of a scenario in a rating table: `rows` are what follows the scenario's name."""
    return [f"{panel},{topic},{number},{scenario},{row}" for row in rows]


SOUND = "\n".join(
    [
        *scenario_rows(
            "Musculoskeletal",
            "Soft Tissue Masses",
            1,
            '"Lump of the knee, first look"',
            "1,US area of interest,Usually appropriate,O 0 mSv,O 0 mSv [ped]",
            "2,MRI knee without and with IV contrast,"
            "May be appropriate (Disagreement),O 0 mSv,O 0 mSv [ped]",
        ),
        *scenario_rows(
            "Neurologic",
            "Purple Toes",
            1,
            "Purple toes after a long walk",
            "1,MRI head without IV contrast,Usually appropriate,O 0 mSv,O 0 mSv [ped]",
            "2,CT head without IV contrast,May be appropriate,☢☢☢ 1-10 mSv,☢☢☢☢ 3-10 mSv [ped]",
            "3,Moon dust therapy,Usually not appropriate,Varies,",
        ),
        *scenario_rows(
            "Neurologic",
            "Purple Toes",
            2,
            "Purple toes that glow",
            "1,X-ray chest,Usually not appropriate,☢ <0.1 mSv,☢ <0.03 mSv [ped]",
            "2,MRI head without IV contrast,Usually appropriate,O 0 mSv,O 0 mSv [ped]",
        ),
    ]
)
LAYOUT_2026 = """\
topic,scenario_no,scenario,body_area,phase,row_no,procedure,category,procedure_recovered
Purple Toes,1,Purple toes,foot,initial imaging,1,US foot,Usually appropriate,yes
Purple Toes,1,Purple toes,foot,initial imaging,2,CT foot without IV contrast,May be appropriate,
"""
BROKEN = {  # kind of fault: (text of the sound table, what takes its place, rows dropped)
    "missing-first-row": ("glow,1,X-ray chest", "glow,9,X-ray chest", 0),
    "missing-row": ("walk,3,Moon", "walk,4,Moon", 0),
    "repeated-scenario-name": ("Purple toes that glow", "Purple toes after a long walk", 0),
    "number-of-several-scenarios": (
        "Toes,1,Purple toes after a long walk,3,",
        "Toes,1,Purple toes after a short walk,1,",
        0,
    ),
    "contradictory-rating": (
        "walk,2,CT head without IV contrast",
        "walk,2,MRI head without IV contrast",
        2,
    ),
    "topic-of-several-panels": ("Neurologic,Purple Toes,2", "Cardiac,Purple Toes,2", 0),
    "names-not-told-apart": (
        "walk,2,CT head without IV contrast",
        "walk,2,MRI head of without IV contrast",
        0,
    ),
    "unknown-radiation": ("☢☢☢ 1-10 mSv", "☢☢ 1-10 mSv", 0),
    "scenario-as-procedure": ("Moon dust therapy", "Purple toes that glow", 1),
    "no-procedure": ("Moon dust therapy", "", 1),
    "unknown-category": ("Moon dust therapy,Usually not", "Moon dust therapy,Possibly not", 1),
    "empty-cell": (
        "Neurologic,Purple Toes,1,Purple toes after a long walk,3",
        "Neurologic,Purple Toes,,Purple toes after a long walk,3",
        1,
    ),
    "short-row": (",Varies,", "", 1),
    "long-row": (",Varies,", ",Varies,,knee", 1),
    "repeated-rating": (
        "walk,2,CT head without IV contrast,May be appropriate,☢☢☢ 1-10 mSv,☢☢☢☢ 3-10 mSv [ped]",
        "walk,2,MRI head without IV contrast,Usually appropriate,O 0 mSv,O 0 mSv [ped]",
        1,
    ),
}
ALSO = {
    "missing-first-row": {"missing-row"},
    "repeated-scenario-name": {"contradictory-under-one-name"},
    "no-procedure": {"missing-row"},
    "empty-cell": set(),
    "short-row": set(),
    "long-row": {"missing-row"},
    "topic-of-several-panels": set(),
    "contradictory-rating": {"contradictory-rating"},
}


def made(
    folder: Path, rows: str = SOUND, header: str = HEADER, name: str = "ratings-2020.csv"
) -> Path:
    """A rating table in a folder."""
    path = folder / name
    path.write_text(f"{header}\n{rows}\n", encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """The folder and the report of the sound table's import."""
    folder = tmp_path_factory.mktemp("small")
    return folder / "out", import_table(made(folder), folder / "out", ONTOLOGY)


@pytest.fixture(scope="module")
def small_reasoner(small):
    """The reasoner on the sound table's graph."""
    return Reasoner(small[0] / "ontology")


def kinds(report: dict) -> set[str]:
    """The kinds of all findings of a report."""
    return set(report["faults"]) | set(report["dropped"])


def test_a_sound_table_comes_through_without_a_fault(small):
    report = small[1]
    assert report["rows"] == {"read": 7, "kept": 7, "dropped": 0} and not kinds(report)
    assert (report["topics"], report["scenarios"]) == (2, 3)
    assert (
        report["procedures"]["unparsed"] == ["Moon dust therapy"]
        and report["procedures"]["parsed"] == 5
    )
    assert report["procedures"]["reusedFromGraph"] == 1


@pytest.mark.parametrize("kind", BROKEN)
def test_a_broken_twin_has_its_fault_and_no_other(kind, tmp_path):
    old, new, dropped = BROKEN[kind]
    assert old in SOUND
    report = import_table(made(tmp_path, SOUND.replace(old, new)), None, ONTOLOGY)
    assert kind in kinds(report) and kinds(report) <= {kind} | ALSO.get(kind, set())
    assert report["rows"] == {"read": 7, "kept": 7 - dropped, "dropped": dropped}
    assert sum(len(rows) for rows in report["dropped"].values()) == dropped
    assert not list(tmp_path.glob("out*"))


def test_every_kind_of_fault_has_a_twin():
    from reasoner.curation.importing.report import KINDS as NAMED

    assert set(NAMED) == set(BROKEN) | {"contradictory-under-one-name"}


def test_contradictory_ratings_under_one_name_are_found(tmp_path):
    rows = SOUND.replace(
        "that glow,2,MRI head without IV contrast,Usually",
        "that glow,2,MRI head without IV contrast,Usually not",
    ).replace("that glow", "after a long walk")
    assert (
        "MRI head without IV contrast"
        in import_table(made(tmp_path, rows), None, ONTOLOGY)["faults"][
            "contradictory-under-one-name"
        ][0]["message"]
    )


def test_the_newer_layout_is_read(tmp_path):
    rows = LAYOUT_2026.split("\n", 1)
    report = import_table(
        made(tmp_path, rows[1].rstrip(), rows[0], "ratings-2026.csv"), tmp_path / "out", ONTOLOGY
    )
    assert (
        report["layout"] == "2026"
        and report["rows"]["kept"] == 2
        and report["radiationNotStated"] == {"adult": 2, "pediatric": 2}
    )
    stub = (tmp_path / "out/ontology/topics/purple-toes/topic.ttl").read_text()
    assert (
        "Phase in the table: initial imaging." in stub and "Body area in the table: foot." in stub
    )
    assert (
        "procedure name recovered: yes"
        in (tmp_path / "out/ontology/topics/purple-toes/ratings.csv").read_text()
    )
    assert (
        "missing-first-row"
        in import_table(
            made(tmp_path, rows[1].replace("US foot", "").rstrip(), rows[0], "t-2026.csv"),
            None,
            ONTOLOGY,
        )["faults"]
    )


def test_what_is_written_is_an_ontology_folder_that_builds_and_is_formatted(small):
    ontology = small[0] / "ontology"
    assert build(ontology) == []
    tables = {path.parent.name for path in (ontology / "topics").glob("*/ratings.csv")} - {
        path.parent.name for path in (ONTOLOGY / "topics").glob("*/ratings.csv")
    }
    assert tables == {"purple-toes", "soft-tissue-masses-2020"}
    for stem in tables:
        with (ontology / "topics" / stem / "ratings.csv").open(newline="") as file:
            assert next(csv.reader(file)) == RATINGS
    for name in (
        "imported-2020.ttl",
        "imported-2020-vocabulary.ttl",
        "topics/purple-toes/topic.ttl",
        "topics/purple-toes/generated.ttl",
    ):
        data = (ontology / name).read_bytes()
        assert format_turtle(data) == data
    named = {
        entry.attrib["uri"] for entry in ElementTree.parse(ontology / "catalog-v001.xml").getroot()
    }
    assert named == {
        path.relative_to(ontology).as_posix()
        for path in ontology.rglob("*.ttl")
        if "shapes" not in path.parts
    }
    for path in ONTOLOGY.rglob("*"):
        if path.is_file() and path.name != "catalog-v001.xml":
            assert (ontology / path.relative_to(ONTOLOGY)).exists()


def test_scenarios_are_catalogued_and_procedures_have_their_attributes(small_reasoner):
    facts = small_reasoner.knowledge.facts
    scenario = expand("ia:CataloguedPurpleToes2020_1")
    assert facts.value(scenario, LABEL) == "Purple toes after a long walk"
    assert {ia("Scenario"), ia("CataloguedScenario")} <= set(facts.objects(scenario, RDF_TYPE))
    assert (
        not facts.objects(scenario, ia("hasCriterion"))
        and len(facts.subjects(ia("ofScenario"), scenario)) == 3
    )
    mri = expand("ia:CataloguedMriHeadWithoutIvContrast")
    assert facts.objects(mri, ia("imagesRegion")) == [ia("Head")] and facts.objects(
        mri, ia("hasContrast")
    ) == [ia("WithoutIvContrast")]
    assert ia("MagneticField") in facts.objects(mri, ia("exposesTo"))
    assert not facts.objects(expand("ia:CataloguedMoonDustTherapy"), ia("hasModality"))
    assert facts.subjects(ia("ofProcedureRated"), ia("Ultrasound"))
    lump = expand("ia:CataloguedSoftTissueMasses2020_1")
    assert facts.value(facts.value(lump, ia("inEdition")), ia("ofTopic")) == ia("SoftTissueMasses")


def without_catalogue(answer: dict) -> dict:
    """An answer without what was found by words."""
    return {key: value for key, value in answer.items() if key != "catalogued"}


def test_an_import_changes_no_answer(small_reasoner, replies):
    for name, reply in replies.items():
        assert without_catalogue(small_reasoner.ask(CASES[name].read_bytes())) == reply.answer, name


def condition(text: str, **coding) -> dict:
    """A record with one active problem."""
    active = {"coding": [{"code": "active"}]}
    return {
        "resourceType": "Bundle",
        "entry": [
            {"resource": {"resourceType": "Patient", "id": "p"}},
            {
                "resource": {
                    "resourceType": "Condition",
                    "id": "c",
                    "subject": {"reference": "Patient/p"},
                    "clinicalStatus": active,
                    "verificationStatus": {"coding": [{"code": "confirmed"}]},
                    "code": {"text": text, "coding": [coding] if coding else []},
                }
            },
        ],
    }


def order(text: str) -> dict:
    """A record with one draft order and its reason."""
    record = condition("")
    record["entry"][1] = {
        "resource": {
            "resourceType": "ServiceRequest",
            "id": "o",
            "status": "draft",
            "intent": "order",
            "subject": {"reference": "Patient/p"},
            "code": {"coding": [{"system": "http://loinc.org", "code": "24703-1"}]},
            "reasonCode": [{"text": text}],
        }
    }
    return record


def test_what_no_topic_covers_is_looked_up_by_words(small_reasoner, reasoner):
    both = ["ia:CataloguedPurpleToes2020_1", "ia:CataloguedPurpleToes2020_2"]
    for record, about in (
        (condition("Purple toe (disorder)"), "Condition/c"),
        (condition("", system="urn:x", code="1", display="Toes, purple"), "Condition/c"),
        (order("purple toes"), "ServiceRequest/o"),
    ):
        answer = small_reasoner.ask(record)
        rows = answer["catalogued"]
        assert [row["id"] for row in rows] == both and all(
            row["about"] == [about] and row["computable"] is False for row in rows
        )
        assert {row["topic"] for row in rows} == {"ia:CataloguedPurpleToes"}
        assert all(row.keys() == get_type_hints(CataloguedScenario).keys() for row in rows)
        assert SCHEMA.is_valid(answer)
        assert not SCHEMA.is_valid({**answer, "catalogued": [{**rows[0], "about": about}]})
        assert "catalogued" not in reasoner.ask(record)
    assert "catalogued" not in small_reasoner.ask(condition("Purple elephants"))
    ended = condition("Purple toes")
    ended["entry"][1]["resource"]["clinicalStatus"]["coding"][0]["code"] = "resolved"
    assert "catalogued" not in small_reasoner.ask(ended)


def test_words_are_looked_up_and_said_not_to_be_computable(small, capfdbinary):
    ontology = str(small[0] / "ontology")
    for arguments in (
        ["--ontology", ontology, "ask", "--words", "toes that glow"],
        ["ask", "--ontology", ontology, "--words", "glowing toes that glow"],
    ):
        assert main(arguments) == 0
        text = b" ".join(capfdbinary.readouterr().out.split()).decode()
        assert (
            "Purple toes that glow (--words)" in text
            and "not computable yet" in text
            and text.count("(--words)") == 1
        )
    assert (
        main(["ask", "--words", "toes"]) == 0
        and b"No catalogued scenario matches" in capfdbinary.readouterr().out
    )
    assert (
        main(["ask", "--ontology", ontology, "--words", "toes", "--format", "markdown"]) == 0
        and "not computable yet" in capfdbinary.readouterr().out.decode()
    )
    assert (
        main(["show", "--ontology", ontology, "Purple toes that glow"]) == 0
        and b"CataloguedPurpleToes2020_2" in capfdbinary.readouterr().out
    )
    assert (
        main(
            [
                "query",
                "--ontology",
                ontology,
                "scenarios-of-an-edition",
                "--set",
                "edition=ia:CataloguedPurpleToes2020",
            ]
        )
        == 0
    )
    assert b"2 rows" in capfdbinary.readouterr().out


def test_answers_with_a_catalogue_follow_the_contract(small_reasoner):
    from jsonschema import validate

    validate(
        small_reasoner.ask(condition("purple toes")),
        json.loads((ROOT / "reasoner" / "answer" / "answer.schema.json").read_text()),
    )


@pytest.mark.parametrize(
    ("rows", "header", "said"),
    [
        (SOUND, HEADER.replace("category", "kategorie"), "category"),
        (SOUND.replace("Moon dust", '"Moon" dust'), HEADER, "no CSV"),
        ("", "", "category"),
    ],
)
def test_a_table_that_cannot_be_read_is_refused(rows, header, said, tmp_path, capsys):
    path = made(tmp_path, rows, header)
    with pytest.raises((TableError, InputError), match=said):
        import_table(path, tmp_path / "out", ONTOLOGY)
    assert (
        main(["import", str(path), "--out", str(tmp_path / "out")]) == 2
        and "Traceback" not in capsys.readouterr().err
    )
    assert [p.name for p in tmp_path.iterdir()] == [path.name]


def test_other_bad_input_is_refused(tmp_path):
    path = made(tmp_path)
    (tmp_path / "ratings-1999.csv").write_bytes(path.read_bytes().replace(b"Moon", b"M\xff\xfen"))
    for table_path, options, said in (
        (tmp_path / "ratings-1999.csv", {}, "UTF-8"),
        (path.rename(tmp_path / "table.csv"), {}, "--edition"),
        (tmp_path / "table.csv", {"edition": "new"}, "--edition"),
        (tmp_path / "table.csv", {"edition": "2020", "seen": "May"}, "date"),
    ):
        with pytest.raises(InputError, match=said):
            import_table(table_path, tmp_path / "out", ONTOLOGY, **options)
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine").touch()
    with pytest.raises(InputError, match="already"):
        import_table(tmp_path / "table.csv", tmp_path / "out", ONTOLOGY, "2020")
    assert (
        main(["import", str(tmp_path / "none-2020.csv")]) == 2
        and main(["ask", "--ontology", str(tmp_path)]) == 2
    )


def test_a_second_table_is_imported_on_top_of_the_first(small, tmp_path):
    base = small[0] / "ontology"
    report = import_table(made(tmp_path, name="ratings-2021.csv"), tmp_path / "out", base)
    facts = Reasoner(tmp_path / "out" / "ontology").knowledge.facts
    assert report["procedures"]["reusedFromGraph"] == report["procedures"]["individuals"]
    assert len(facts.subjects(ia("ofTopic"), expand("ia:CataloguedPurpleToes"))) == 2
    with pytest.raises(InputError, match="2020"):
        import_table(made(tmp_path), tmp_path / "again", base)


def test_an_import_gives_the_same_bytes_twice(small, tmp_path):
    import_table(made(tmp_path), tmp_path / "out", ONTOLOGY)
    for path in small[0].rglob("*"):
        if path.is_file():
            assert (
                tmp_path / "out" / path.relative_to(small[0])
            ).read_bytes() == path.read_bytes(), path.name


@pytest.mark.parametrize(
    ("text", "group", "level"),
    [
        ("☢☢☢ 1-10 mSv", "adult", "3"),
        ("☢☢ 0.1-1mSv", "adult", "2"),
        ("O 0 mSv", "adult", "O"),
        ("O", "pediatric", "O"),
        ("O 0 mSv [ped]", "pediatric", "O"),
        ("☢☢☢☢ 3-10 mSv [ped]", "pediatric", "4"),
        ("☢ <0.03 mSv [ped]", "pediatric", "1"),
        ("☢☢☢☢☢", "adult", "5"),
        ("Varies", "adult", "varies"),
        ("4", "adult", "4"),
        ("☢☢☢ 1\u201310 mSv", "adult", "3"),
        ("", "adult", "not-stated"),
        ("TBD TBD", "adult", "not-stated"),
        ("N/A", "pediatric", "not-stated"),
    ],
)
def test_each_spelling_of_a_radiation_level_is_read(text, group, level):
    assert radiation(text, group) == (level, None)


@pytest.mark.parametrize(
    ("text", "group"),
    [
        ("☢☢ 1-10 mSv", "adult"),
        ("☢ 0 mSv", "adult"),
        ("O 0 mSv [ped]", "adult"),
        ("☢☢☢☢☢☢", "adult"),
        ("a little", "adult"),
        ("7 mSv", "adult"),
        ("☢☢☢ 1-10 mSv", "pediatric"),
        ("6", "adult"),
    ],
)
def test_a_radiation_level_is_never_guessed(text, group):
    level, wrong = radiation(text, group)
    assert level == "not-stated" and wrong


def test_categories_are_read_in_any_case_and_never_guessed():
    assert [
        category(t)
        for t in (
            "Usually appropriate",
            "USUALLY NOT APPROPRIATE",
            "May be appropriate (Disagreement)",
            "may be appropriate",
        )
    ] == [
        "usually-appropriate",
        "usually-not-appropriate",
        "may-be-appropriate-disagreement",
        "may-be-appropriate",
    ]
    assert not any(map(category, ("", "appropriate", "usually appropriate?? no", "9")))


def test_names_are_read_by_the_grammar():
    ct, mr = "ia:ComputedTomography", "ia:MagneticResonanceImaging"
    assert parse("CT abdomen and pelvis with IV contrast") == (
        Part((ct,), ("ia:WithIvContrast",), ("ia:AbdomenAndPelvis",)),
    )
    assert parse("US area of interest") == (
        Part(("ia:Ultrasonography",), ("ia:WithoutIvContrast",)),
    )
    assert parse("Image-guided fine needle aspiration knee") == (
        Part(regions=("ia:Knee",), guidances=("ia:AspirationGuidance",)),
    )
    first, second = parse("MRI head without IV contrast and MRA neck with IV contrast")
    assert (first.modalities, first.regions, second.regions, second.contrasts) == (
        (mr,),
        ("ia:Head",),
        ("ia:Neck",),
        ("ia:WithIvContrast",),
    )
    assert parse("TRUS-guided biopsy prostate") == parse("TRUS guided biopsy prostate")
    assert parse("MRI hips without IV contrast") != parse("MRI hip without IV contrast")


@pytest.mark.parametrize(
    "name",
    [
        "",
        "and",
        "MRI head with contrast",
        "MRI head without",
        "head",
        "head with IV contrast",
        "MRI and and head",
        "with MRI head",
        "MRI head and",
        "MRI head without IV contrast with IV contrast",
        "Moon dust therapy",
        "MRI elbw without IV contrast",
        "PET/CT whole body",
    ],
)
def test_a_name_outside_the_grammar_is_left_unread(name):
    assert parse(name) is None


def test_the_words_of_the_grammar_are_terms_with_one_meaning():
    graph = Reasoner().knowledge.facts
    new = {row["term"]: row for row in table("terms.tsv")}
    said = {
        value for _, meaning in words().values() for kind, value in meaning if kind != "qualifier"
    }
    assert said and all(term in new or graph.value(expand(term), LABEL) for term in said)
    assert set(new) <= said and all(
        kind in KINDS for _, meaning in words().values() for kind, _ in meaning
    )
    phrases = [row["phrase"] for row in table("words.tsv")]
    assert len(phrases) == len(set(phrases)) == len(words())
    labels = [row["label"] for row in new.values()]
    assert len(labels) == len(set(labels)) and all(
        row["definition"].endswith(".") and row["label"] not in row["definition"]
        for row in new.values()
    )


needs_catalogue = pytest.mark.skipif(
    not CATALOGUE.exists(), reason="the published tables are not ours and not in the repository"
)


@pytest.fixture(scope="module")
def full(tmp_path_factory):
    """The folder and the report of the import of the 2020 table."""
    out = tmp_path_factory.mktemp("full") / "out"
    return out, import_table(CATALOGUE / "ratings-2020.csv", out, ONTOLOGY)


@needs_catalogue
def test_the_2020_table_comes_through_whole(full):
    report = full[1]
    assert report["rows"] == {"read": 8247, "kept": 8247, "dropped": 0} and (
        report["topics"],
        report["scenarios"],
    ) == (191, 875)
    assert report["procedures"]["names"] == 785 and report["procedures"]["parsedShare"] >= 0.85
    print(
        f"parsed: {report['procedures']['parsedShare']:.1%} of "
        f"{report['procedures']['names']} names"
    )
    assert set(report["faults"]) == {"topic-of-several-panels"}


@needs_catalogue
def test_the_2020_graph_loads_and_changes_no_answer(full, replies, reasoner):
    shipped, reasoner = reasoner, Reasoner(full[0] / "ontology")
    facts = reasoner.knowledge.facts
    ratings = [
        r
        for s in reasoner.knowledge.members("ia:CataloguedScenario")
        for r in facts.subjects(ia("ofScenario"), s)
    ]
    assert len(ratings) == 8247 and len(reasoner.knowledge.members("ia:CataloguedScenario")) == 875
    assert reasoner.knowledge.editions == shipped.knowledge.editions
    for name, reply in replies.items():
        assert without_catalogue(reasoner.ask(CASES[name].read_bytes())) == reply.answer, name
    assert len(reasoner.ask(condition("Headache"))["catalogued"]) >= 5


@needs_catalogue
def test_the_faults_of_the_2026_table_are_found():
    report = import_table(CATALOGUE / "ratings-2026.csv", None, ONTOLOGY)
    assert report["rows"] == {"read": 50573, "kept": 50361, "dropped": 212} and (
        report["topics"],
        report["scenarios"],
    ) == (262, 3965)
    assert (
        len(report["faults"]["missing-first-row"]) == 212
        and len(report["faults"]["repeated-scenario-name"]) == 148
    )
    assert (
        len(report["dropped"]["no-procedure"]) == 212
        and report["procedures"]["parsedShare"] >= 0.85
    )


def test_what_is_written_says_whose_it_is_and_repeats_no_label(small, small_reasoner):
    facts, license_ = small_reasoner.knowledge.facts, "http://purl.org/dc/terms/license"
    documents = [iri for iri in facts.having(license_) if "purple" in iri or "imported" in iri]
    assert len(documents) == 4 and all(
        "not to be published" in facts.value(iri, license_) for iri in documents
    )
    labels = {}
    for iri in (s for s in facts.having(LABEL) if "Catalogued" in s):
        assert labels.setdefault(facts.value(iri, LABEL), iri) == iri
        assert [s for s in facts.subjects(LABEL, facts.value(iri, LABEL))] == [iri]


def test_labels_of_what_a_table_tells_twice_are_told_apart(tmp_path):
    rows = SOUND.replace("Neurologic,Purple Toes,2", "Cardiac,Purple Toes,2").replace(
        "Purple toes that glow", "Purple toes."
    )
    import_table(made(tmp_path, rows), tmp_path / "out", ONTOLOGY)
    assert (
        '"Purple toes (Cardiac, variant 2)"@en'
        in (tmp_path / "out/ontology/topics/purple-toes-cardiac/topic.ttl").read_text()
    )


def test_a_name_of_two_studies_keeps_both_and_says_so(tmp_path):
    import_table(
        made(
            tmp_path,
            SOUND.replace(
                "Moon dust therapy", "MRI head without IV contrast and CT neck with IV contrast"
            ),
        ),
        tmp_path / "out",
        ONTOLOGY,
    )
    facts = Reasoner(tmp_path / "out/ontology").knowledge.facts
    both = expand("ia:CataloguedMriHeadWithoutIvContrastAndCtNeckWithIvContrast")
    assert (
        len(facts.objects(both, ia("hasModality")))
        == len(facts.objects(both, ia("hasContrast")))
        == len(facts.objects(both, ia("exemptFrom")))
        == 2
    )
    assert ia("IonizingRadiation") in facts.objects(both, ia("exposesTo")) and ia(
        "MagneticField"
    ) in facts.objects(both, ia("exposesTo"))
