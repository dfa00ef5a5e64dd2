"""Ratings by import: a made-up table joined by the hashes of made-up texts, what every door then
answers, and the two catalogues when they are at hand.
"""

import csv
import io
import json
import os
import shutil
from collections import Counter, defaultdict

import pytest
from conftest import CASES, ROOT

from reasoner.__main__ import main
from reasoner.api import Reasoner
from reasoner.curation.importing import import_ratings
from reasoner.curation.importing.generic_procedures import GenericProcedures, template
from reasoner.curation.importing.identifiers import same
from reasoner.curation.importing.listings import COLUMNS, key_of, listed, topic_of
from reasoner.curation.importing.notations import category
from reasoner.curation.importing.user_ratings import plain_area
from reasoner.errors import InputError, TableError
from reasoner.graph.imported_ratings import FILE, NONE, ratings_file, resolved
from reasoner.names import RDF_TYPE, SKOS, expand, ia
from reasoner.serve import Settings

ONTOLOGY = ROOT / "ontology"
CATALOGUE = ROOT.parent / "shared" / "catalogue"
needs_catalogue = pytest.mark.skipif(not CATALOGUE.is_dir(), reason="no catalogue at hand")
HEADER = "topic,scenario_no,scenario,body_area,phase,row_no,procedure,category,procedure_recovered"
KNEE, OSTEONECROSIS = "Acute Trauma to the Knee", "Osteonecrosis"
TRAUMA = CASES["acute-trauma-knee/should-call-a-road-accident-significant-trauma-of-the-knee"]
TEXTS = {  # made up: a number, a text, its body area, and the scenarios that it is about
    KNEE: (
        ("1", "Purple knee after a duel", "knee", "KneeInjurySignificantTrauma"),
        (
            "2",
            "Green knee",
            "knee",
            "KneeInjuryAfterRadiographMature KneeInjuryAfterRadiographImmature",
        ),
        (
            "3",
            "Green knee",
            "knee",
            "KneeInjuryAfterRadiographMature KneeInjuryAfterRadiographImmature",
        ),
        ("4", "Knee of long ago", "knee", ""),
        ("5", "Knee that is gone", "knee", "KneeInjuryWithSign"),
    ),
    OSTEONECROSIS: (
        ("1", "Blue bone, hip, at first", "hip", "OsteonecrosisInitialImaging"),
        ("2", "Blue bone, wrist, at first", "wrist", "OsteonecrosisInitialImaging"),
    ),
}
FOLDERS = {KNEE: "acute-trauma-knee", OSTEONECROSIS: "osteonecrosis"}


def row(topic, number, text, area, place, procedure, rated="Usually appropriate", recovered=""):
    """A line of a table in the newer layout."""
    cells = [topic, number, text, area, "", place, procedure, rated, recovered]
    out = io.StringIO()
    csv.writer(out, lineterminator="").writerow(cells)
    return out.getvalue()


SOUND = [
    row(KNEE, "1", "Purple knee, after a duel", "knee", 1, "Radiography knee", recovered="yes"),
    row(KNEE, "1", "Purple knee, after a duel", "knee", 2, "CTA lower extremity with IV contrast"),
    row(
        KNEE,
        "1",
        "Purple knee, after a duel",
        "knee",
        3,
        "Radiography lumbar spine",
        "May be appropriate",
    ),
    row(
        KNEE,
        "1",
        "Purple knee, after a duel",
        "knee",
        4,
        "Moon dust therapy",
        "Usually not appropriate",
    ),
    row(KNEE, "2", "Green knee", "knee", 1, "MRI knee without IV contrast"),
    row(KNEE, "3", "Green knee", "knee", 1, "MRI knee without IV contrast"),
    row(KNEE, "4", "Knee of long ago", "knee", 1, "US knee"),
    row(KNEE, "5", "Knee in other words", "knee", 1, "US knee"),
    row(KNEE, "9", "Knee on a spring", "knee", 1, "US knee"),
    row(OSTEONECROSIS, "1", "Blue bone, hip, at first", "hip", 1, "Radiography hip"),
    row(OSTEONECROSIS, "2", "Blue bone, wrist, at first", "wrist", 2, "Radiography wrist"),
    row(
        OSTEONECROSIS,
        "2",
        "Blue bone, wrist, at first",
        "wrist",
        3,
        "US wrist",
        "May be appropriate",
    ),
    row(OSTEONECROSIS, "1", "Blue bone, hip, at first", "hip", 2, "US hip"),
    row("Purple Toes", "1", "Purple toes", "foot", 1, "US foot"),
]


@pytest.fixture(scope="module")
def ontology(tmp_path_factory):
    """An ontology folder whose listings are of made-up texts."""
    folder = tmp_path_factory.mktemp("made-up") / "ontology"
    shutil.copytree(ONTOLOGY, folder)
    for path in folder.glob("topics/*/listing.csv"):
        path.unlink()
    for topic, texts in TEXTS.items():
        rows = [
            (scenario, "2026", number, area, key_of(text, area))
            for number, text, area, scenario in texts
        ]
        out = io.StringIO()
        csv.writer(out, lineterminator="\n").writerows([COLUMNS, *rows])
        (folder / "topics" / FOLDERS[topic] / "listing.csv").write_text(out.getvalue())
    return folder


def made(folder, lines=SOUND):
    """A table of some lines."""
    path = folder / "made-up-2026.csv"
    path.write_text("\n".join([HEADER, *lines]) + "\n")
    return path


@pytest.fixture(scope="module")
def joined(ontology, tmp_path_factory):
    """The report of an import of the sound table, and the folder of its ratings."""
    folder = tmp_path_factory.mktemp("data")
    report, path = import_ratings(made(folder), ontology, folder=str(folder / "ratings"))
    assert path == folder / "ratings" / FILE
    return report, folder / "ratings"


@pytest.fixture(scope="module")
def rated(ontology, joined):
    """The reasoner with the made-up ratings."""
    return Reasoner(ontology, ratings=joined[1])


def answer_to(reasoner, data=None):
    """The answer to the first presentation of a record."""
    return reasoner.ask(data or TRAUMA.read_bytes())["presentations"][0]


def test_a_text_is_known_whatever_its_case_and_its_body_area():
    assert key_of("Purple KNEE, after a duel.", "knee") == key_of("purple after a duel", "")
    assert key_of("Purple hip after a duel", "hip") == key_of("Purple knee after a duel", "knee")
    assert key_of("Purple kneecap", "knee") != key_of("Purple cap", "knee")


def test_each_row_of_a_listing_says_how_it_was_joined(joined):
    entries = joined[0]["entries"]
    assert {status: len(places) for status, places in entries.items()} == {
        "joined": 3,
        "ambiguous": 2,
        "older": 1,
        "reworded": 1,
        "new": 1,
    }
    assert entries["ambiguous"] == [f"{KNEE} 2, knee", f"{KNEE} 3, knee"]
    assert entries["reworded"] == [f"{KNEE} 5, knee"] and entries["new"] == [f"{KNEE} 9, knee"]
    assert joined[0]["vanished"] == [f"{KNEE} 5, knee"]


def test_what_contradicts_itself_or_lacks_a_row_is_said_and_never_guessed(joined, rated):
    report, facts = joined[0], rated.knowledge.facts
    assert report["scenarios"]["incomplete"] == ["ia:OsteonecrosisInitialImaging"]
    assert len(report["contradictions"]) == 1 and "US hip" in report["contradictions"][0]
    scenario = ia("OsteonecrosisInitialImaging")
    ratings = [
        r
        for r in facts.subjects(ia("ofScenario"), scenario)
        if facts.holds(r, RDF_TYPE, ia("Rating"))
    ]
    assert [facts.value(r, ia("ofProcedureRated")) for r in ratings] == [ia("Radiography")]
    assert facts.objects(scenario, ia("ratingState")) and facts.holds(
        scenario, ia("ratingState"), "incomplete"
    )


def test_both_keys_of_an_ambiguous_row_get_its_ratings(rated):
    for name in ("KneeInjuryAfterRadiographMature", "KneeInjuryAfterRadiographImmature"):
        assert rated.knowledge.facts.holds(
            f"{ia(name)}_MriWithoutIvContrast", ia("ofScenario"), ia(name)
        )


def test_an_answer_is_rated_by_the_imported_table(rated):
    answer = answer_to(rated)
    assert answer["outcome"] == "recommendation"
    assert answer["ratings"] == ["complete", "disagreement-not-recorded", "inferred"]
    rows = {r["procedure"]["label"]: r for r in answer["recommendations"]}
    assert list(rows) == [
        "CTA lower extremity with IV contrast",
        "Radiography knee",
        "radiography lumbar spine"
        if "radiography lumbar spine" in rows
        else "Radiography lumbar spine",
        "Moon dust therapy",
    ]
    assert rows["Radiography knee"]["inferred"] is True
    assert "inferred" not in rows["CTA lower extremity with IV contrast"]
    assert rows["CTA lower extremity with IV contrast"]["generic"] == "ia:CtaWithIvContrast"


def test_a_study_of_another_part_of_the_body_is_not_the_generic_one(rated):
    answer = answer_to(rated)
    elsewhere = [r for r in answer["recommendations"] if "lumbar" in r["procedure"]["label"]]
    assert [r["generic"] for r in elsewhere] == ["ia:ImportedRadiographyLumbarSpine"]
    radiography = [r for r in answer["recommendations"] if r["generic"] == "ia:Radiography"]
    assert [r["category"] for r in radiography] == ["usually-appropriate"]


def test_the_answer_names_the_table_by_its_hash(rated, joined, ontology):
    data = TRAUMA.read_bytes()
    assert rated.ask(data)["knowledge"]["ratings"] == joined[0]["sha256"]
    assert Reasoner(ontology, ratings=None).ask(data)["knowledge"]["ratings"] is None


def test_without_ratings_an_answer_says_so_and_judges_no_order(reasoner):
    record = json.loads(TRAUMA.read_text())
    patient = next(
        e["resource"] for e in record["entry"] if e["resource"]["resourceType"] == "Patient"
    )
    problem = next(
        e["resource"] for e in record["entry"] if e["resource"]["resourceType"] == "Condition"
    )
    order = {
        "resourceType": "ServiceRequest",
        "id": "order",
        "status": "draft",
        "intent": "order",
        "subject": {"reference": f"Patient/{patient['id']}"},
        "code": {"coding": [{"system": "http://loinc.org", "code": "28565-0"}]},
        "reasonReference": [{"reference": f"Condition/{problem['id']}"}],
    }
    record["entry"].append({"resource": order})
    answer = reasoner.ask(record)["presentations"][0]
    assert answer["ratings"] == ["not-loaded"] and answer["recommendations"] == []
    assert answer["outcome"] == "recommendation" and answer["questions"]
    assert "its ratings are not loaded" in answer["headline"] and "import" in answer["headline"]
    (judged,) = answer["orders"]
    assert judged["judgement"] is None and judged["category"] is None
    assert judged["why"] == [
        "The ratings of the scenario are not loaded: import a table that you are licensed to use."
    ]


def test_soft_tissue_masses_are_complete(reasoner):
    assert answer_to(reasoner, CASES["example"].read_bytes())["ratings"] == ["complete"]


def test_what_is_loaded_is_the_users_folder_or_none(tmp_path, monkeypatch):
    monkeypatch.setenv("NEXTSTUDY_RATINGS", "")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert resolved() == str(tmp_path / "nextstudy" / "ratings") and ratings_file() is None
    (tmp_path / "nextstudy" / "ratings").mkdir(parents=True)
    (tmp_path / "nextstudy" / "ratings" / FILE).write_text("")
    assert ratings_file() == tmp_path / "nextstudy" / "ratings" / FILE
    assert ratings_file(None) is None is ratings_file(NONE)
    monkeypatch.setenv("NEXTSTUDY_RATINGS", "none")
    assert ratings_file() is None and resolved() == NONE
    monkeypatch.setenv("NEXTSTUDY_RATINGS", str(tmp_path / "elsewhere"))
    assert resolved() == str(tmp_path / "elsewhere")


def run(capsys, *arguments):
    """What a command prints. Fails where it ends with an error."""
    assert main(list(map(str, arguments))) == 0
    return capsys.readouterr().out


def test_each_door_of_the_command_line_finds_the_ratings(ontology, tmp_path, capsys):
    data = tmp_path / "data"
    table = made(tmp_path)
    given = ("--ontology", ontology, "--ratings", data)
    assert "wrote" in run(capsys, *given, "import", table)
    asked = run(capsys, *given, "ask", TRAUMA)
    assert "Radiography knee (inferred)" in asked and "does not mark" in asked
    assert "not loaded" in run(capsys, *given, "ask", "--no-ratings", TRAUMA)
    shown = run(capsys, *given, "ratings")
    assert "SHA-256" in shown and "made-up-2026.csv: edition 2026" in shown
    lines = list(csv.reader(io.StringIO(run(capsys, *given, "ratings", "--join"))))
    assert lines[0] == ["scenario", "topic", "scenario_no", "body_area"]
    assert ["ia:KneeInjurySignificantTrauma", KNEE, "1", "knee"] in lines
    assert len(lines) == 1 + 8
    out = tmp_path / "out"
    run(
        capsys,
        *given,
        "cohort",
        TRAUMA.parent / TRAUMA.name,
        "--out",
        out,
        "--jobs",
        1,
        "--answers",
    )
    answered = "".join(p.read_text() for p in out.rglob("*.ndjson"))
    assert "not-loaded" not in answered and "disagreement-not-recorded" in answered


def test_the_service_answers_with_the_ratings(ontology, joined):
    from fastapi.testclient import TestClient

    from reasoner.serve import create_app

    settings = Settings(ontology=ontology, ratings=str(joined[1]))
    with TestClient(create_app(settings)) as client:
        response = client.post(
            "/api/answer", content=TRAUMA.read_bytes(), headers={"Content-Type": "application/json"}
        )
    assert response.status_code == 200
    assert response.json()["knowledge"]["ratings"] == joined[0]["sha256"]


def test_nothing_is_left_half_written(ontology, tmp_path, monkeypatch):
    folder = str(tmp_path / "ratings")
    _, path = import_ratings(made(tmp_path), ontology, folder=folder)
    before = path.read_bytes()

    def fail(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(OSError):
        import_ratings(made(tmp_path, SOUND[:4]), ontology, folder=folder)
    assert path.read_bytes() == before and os.listdir(folder) == [FILE]


def test_a_table_that_fits_nothing_replaces_nothing(ontology, tmp_path):
    with pytest.raises(InputError, match="no row of it fits"):
        import_ratings(made(tmp_path, SOUND[-1:]), ontology, folder=str(tmp_path / "ratings"))
    assert not (tmp_path / "ratings").exists()
    report, path = import_ratings(made(tmp_path), ontology, folder=None)
    assert path is None and report["ratings"]["joined"]


def test_a_listing_with_a_scenario_that_is_none_is_refused(ontology, tmp_path):
    folder = tmp_path / "ontology"
    shutil.copytree(ontology, folder)
    path = folder / "topics" / FOLDERS[KNEE] / "listing.csv"
    path.write_text(path.read_text().replace("KneeInjuryWithSign", "KneeInjuryWithSing"))
    with pytest.raises(TableError, match="KneeInjuryWithSing"):
        import_ratings(made(tmp_path), folder, folder=None)


def test_names_are_the_generic_procedures_of_the_graph(reasoner):
    procedures = GenericProcedures(reasoner.knowledge.facts)
    knee = {ia("Knee")}
    for name, procedure in (
        ("MRI knee without IV contrast", "MriWithoutIvContrast"),
        ("Radiography knee", "Radiography"),
        ("MR arthrography knee", "MrArthrography"),
        ("Bone scan knee", "BoneScan"),
    ):
        assert procedures.of(name, knee).procedure == ia(procedure), name
    assert procedures.of("Radiography hip", knee).procedure not in (ia("Radiography"), None)
    assert procedures.of("Radiography lumbar spine", knee).study == ia("RadiographyLumbarSpine")
    assert procedures.of("CTA lower extremity with IV contrast", knee).region == ia(
        "LowerExtremity"
    )
    assert template("CT abdomen and pelvis with IV contrast") == "CT {area} with IV contrast"


def test_every_importable_scenario_has_a_row_of_a_listing(reasoner):
    facts = reasoner.knowledge.facts
    known = {s for rows in listed(ONTOLOGY, facts).values() for k in rows for s in k.scenarios}
    wanted = {
        s
        for edition in facts.subjects(ia("ratedByImport"), "true")
        for s in facts.subjects(ia("inEdition"), edition)
        if facts.holds(s, RDF_TYPE, ia("Scenario"))
    }
    assert wanted and known == wanted


def catalogue(year):
    """The rows of a catalogue that belong to topics whose ratings are imported."""
    column = {"2020": "variant_no", "2026": "scenario_no"}[year]
    names = {
        same(name)
        for path in ONTOLOGY.glob("topics/*/listing.csv")
        for name in topic_of(path.parent)[1]
    }
    with (CATALOGUE / f"ratings-{year}.csv").open(newline="", encoding="utf-8-sig") as file:
        for cells in csv.DictReader(file):
            if same(cells["topic"]) in names and cells["procedure"]:
                yield cells["topic"], cells[column], cells.get("body_area", ""), cells


@needs_catalogue
@pytest.mark.parametrize(("year", "scenarios", "older"), [("2026", 34, 0), ("2020", 24, 9)])
def test_a_catalogue_is_joined_whole(year, scenarios, older, tmp_path):
    report, path = import_ratings(
        CATALOGUE / f"ratings-{year}.csv", ONTOLOGY, folder=str(tmp_path / "ratings")
    )
    assert len(report["scenarios"]["joined"]) == scenarios
    assert {k: len(v) for k, v in report["entries"].items() if v} == {
        "joined": {"2026": 323, "2020": 24}[year],
        **({"ambiguous": 4} if year == "2026" else {"older": older}),
    }
    assert not report["vanished"] and not report["contradictions"]
    assert not report["scenarios"]["incomplete"]


@needs_catalogue
@pytest.mark.parametrize("year", ["2026", "2020"])
def test_the_ratings_of_a_catalogue_are_equal_row_for_row(year, tmp_path, reasoner):
    folder = tmp_path / "ratings"
    import_ratings(CATALOGUE / f"ratings-{year}.csv", ONTOLOGY, folder=str(folder))
    knowledge = Reasoner(ratings=folder).knowledge
    facts, procedures = knowledge.facts, GenericProcedures(reasoner.knowledge.facts)
    joins = defaultdict(list)
    for entry in facts.subjects(RDF_TYPE, ia("ListingEntry")):
        place = tuple(
            facts.value(entry, ia(name)) for name in ("topicListed", "listingNumber", "bodyArea")
        )
        joins[place] += facts.objects(entry, ia("joinedTo"))
    checked = Counter()
    for topic, number, area, cells in catalogue(year):
        for scenario in joins[topic, number, area]:
            lines = [
                r
                for r in facts.subjects(ia("ofScenario"), scenario)
                if facts.holds(r, RDF_TYPE, ia("Rating"))
            ]
            named = {facts.value(r, ia("ofProcedureRated")): r for r in lines}
            about = facts.subjects(RDF_TYPE, ia("BodyRegion"))
            places = {p for p in about if plain_area(knowledge.label(p)) == plain_area(area)}
            places = places or set(facts.objects(scenario, ia("aboutRegion")))
            meant = procedures.of(cells["procedure"], places).procedure
            assert meant in named, (cells["procedure"], scenario)
            held = facts.value(facts.value(named[meant], ia("hasCategory")), SKOS + "notation")
            assert held == category(cells["category"]), (cells["procedure"], scenario)
            inferred = facts.holds(named[meant], ia("isInferred"), "true")
            assert inferred or not cells.get("procedure_recovered")
            checked[scenario] += 1
    assert len(checked) == {"2026": 34, "2020": 24}[year]
    assert expand("ia:KneeInjurySignificantTrauma") in checked
