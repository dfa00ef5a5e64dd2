"""Diff gives each kind of change its verdict, names the patients whose answers change, and reads
git without touching it.
"""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from reasoner.__main__ import main
from reasoner.curation.build import build
from reasoner.curation.scenario.new import scenario
from reasoner.diff.compare import diff
from reasoner.diff.editions import renaming
from reasoner.diff.render import FORMATS
from reasoner.diff.terms import descriptions
from reasoner.names import home

TOPIC, CRITERIA, SCENARIOS, TABLE = (
    f"topics/soft-tissue-masses/{name}"
    for name in ("topic.ttl", "criteria.csv", "scenarios.csv", "ratings.csv")
)
DEEP = "should-start-with-radiograph-for-deep-mass-of-the-hand"
FEW = (
    DEEP,
    "should-stop-when-ultrasound-shows-a-simple-cyst",
    "should-ask-for-depth-when-only-a-lump-is-coded",
)
NEW_TERM = (
    '\nia:Ganglion a owl:Class ;\n    rdfs:label "ganglion"@en ;\n'
    '    skos:definition "A cyst of a joint or tendon sheath."@en .\n'
)


def put(folder, name, old, new, times=1):
    """Replaces text that is there in a file of an ontology folder, in as many places as there must
    be; 0 for any number.
    """
    path = folder / name
    text = path.read_text()
    assert text.count(old) == (times or text.count(old)) > 0
    path.write_text(text.replace(old, new))


def built(folder, name, old, new):
    """Replaces text that is there once in a table of an ontology folder, and builds."""
    put(folder, name, old, new)
    build(folder)


def rated(folder, scenario, procedure, old, new):
    """Replaces text in one row of the rating table, and builds."""
    path = folder / TABLE
    lines = path.read_text().splitlines(keepends=True)
    (number,) = [
        n
        for n, line in enumerate(lines)
        if line.startswith(f"{scenario},") and f",{procedure}," in line
    ]
    assert old in lines[number]
    lines[number] = lines[number].replace(old, new)
    path.write_text("".join(lines))
    build(folder)


def dropped(folder, scenario, procedure):
    """Removes one row of the rating table, and builds."""
    path = folder / TABLE
    path.write_text(
        "".join(
            line
            for line in path.read_text().splitlines(keepends=True)
            if not (line.startswith(f"{scenario},") and f",{procedure}," in line)
        )
    )
    build(folder)


def unmapped(folder, name):
    """Removes the last row of a mapping table."""
    path = folder / "mappings" / name
    path.write_text("".join(path.read_text().splitlines(keepends=True)[:-1]))


def appended(folder, name, text):
    """Adds text to a file."""
    path = folder / name
    path.write_text(path.read_text() + text)


@pytest.fixture(scope="module")
def cases(tmp_path_factory):
    """A few of the test patients."""
    folder = tmp_path_factory.mktemp("patients")
    for name in FEW:
        shutil.copy(home() / "tests" / "cases" / "soft-tissue-masses" / f"{name}.json", folder)
    return folder


@pytest.fixture
def edited(tmp_path):
    """Two copies of the ontology, the second to be edited, both built from their tables."""
    before, after = tmp_path / "before", tmp_path / "after"
    shutil.copytree(home() / "ontology", before)
    build(before)
    shutil.copytree(before, after)
    return before, after


CHANGES = {
    "a label reworded": (
        "patch",
        lambda o: built(
            o, CRITERIA, ",superficial or palpable mass,", ",palpable or superficial mass,"
        ),
    ),
    "a definition reworded": (
        "patch",
        lambda o: built(
            o,
            CRITERIA,
            "lies above the fascia or can be felt",
            "can be felt or lies above the fascia",
        ),
    ),
    "a scenario relabelled, in the table too": (
        "patch",
        lambda o: [
            put(
                o,
                SCENARIOS,
                '"soft tissue mass, superficial or palpable, initial imaging"',
                "first imaging of a superficial mass",
            ),
            put(
                o,
                TABLE,
                '"soft tissue mass, superficial or palpable, initial imaging"',
                "first imaging of a superficial mass",
                0,
            ),
            build(o),
        ],
    ),
    "a rationale reworded": (
        "patch",
        lambda o: rated(
            o,
            "ia:MassAfterInconclusiveRadiographAndUltrasound",
            "ia:ImageGuidedBiopsy",
            "can miss",
            "may miss",
        ),
    ),
    "a new term": ("minor", lambda o: appended(o, TOPIC, NEW_TERM)),
    "a new alternative label": (
        "patch",
        lambda o: put(
            o, TOPIC, '"specialty"@en', '"specialty"@en ; skos:altLabel "field of medicine"@en'
        ),
    ),
    "a rating of an old edition": (
        "minor",
        lambda o: rated(
            o,
            "ia:MassMriContraindicated2017",
            "ia:FdgPetCt",
            "may-be-appropriate",
            "usually-not-appropriate",
        ),
    ),
    "an unused mapping removed": (
        "minor",
        lambda o: put(o, "mappings/uberon.sssom.tsv", *unread(o)),
    ),
    "a removed term": ("major", lambda o: put(o, TOPIC, *block(o, "ia:MusculoskeletalRadiology"))),
    "a removed rating of an old edition": (
        "major",
        lambda o: dropped(o, "ia:MassMriContraindicated2017", "ia:FdgPetCt"),
    ),
    "a rating that a case meets": (
        "major",
        lambda o: rated(
            o, "ia:DeepMassInitialImaging", "ia:Ultrasound", "-appropriate,O", "-appropriate,1"
        ),
    ),
    "a rating in force that no case meets": (
        "major",
        lambda o: rated(
            o,
            "ia:MassAfterInconclusiveRadiographAndUltrasoundMriContraindicated",
            "ia:FdgPetCt",
            ",4,",
            ",3,",
        ),
    ),
    "a criterion that a case meets": (
        "major",
        lambda o: put(
            o,
            SCENARIOS,
            "SoftTissueMassPresentation DeepOrDifficultMass",
            "SoftTissueMassPresentation LargeMass",
            2,
        ),
    ),
    "a question with a lower number, where another settles more": (
        "minor",
        lambda o: built(o, CRITERIA, ",11,", ",2,"),
    ),
}


def unread(folder):
    """A row of the UBERON table that no record reader relies on, and nothing in its place."""
    lines = (folder / "mappings" / "uberon.sssom.tsv").read_text().splitlines(keepends=True)
    column = (
        next(line for line in lines if line.startswith("subject_id"))
        .rstrip("\n")
        .split("\t")
        .index("intake")
    )
    return next(
        line
        for line in lines
        if line.startswith("ia:") and not line.rstrip("\n").split("\t")[column]
    ), ""


def block(folder, name):
    """The statements about a term, and nothing in their place, together with what points at it."""
    text = (folder / TOPIC).read_text()
    start = text.index(f"\n{name} a ")
    return text[start : text.index(" .\n", start) + 3], ""


@pytest.mark.parametrize("name", CHANGES)
def test_each_kind_of_change_gets_its_verdict(edited, cases, name):
    before, after = edited
    verdict, edit = CHANGES[name]
    edit(after)
    found = diff(str(before), str(after), cases)
    assert found.compared == len(FEW)
    assert (found.verdict, bool(found.reasons)) == (verdict, True), found.reasons


def test_equal_folders_differ_in_nothing(edited, cases):
    before, after = edited
    found = diff(str(before), str(after), cases)
    assert (
        found.verdict,
        found.reasons,
        found.came,
        found.went,
        found.changed,
        found.patients,
    ) == ("none", {}, [], [], [], [])
    assert "Nothing changed" in FORMATS["text"](found) and "Nothing changed" in FORMATS["markdown"](
        found
    )


def test_spelling_is_no_change(edited, cases):
    before, after = edited
    put(
        after,
        SCENARIOS,
        "SoftTissueMassPresentation DeepOrDifficultMass",
        "DeepOrDifficultMass SoftTissueMassPresentation",
        2,
    )
    put(
        after,
        "appropriateness.ttl",
        "ontology/0.1.0/appropriateness",
        "ontology/0.2.0/appropriateness",
    )
    assert diff(str(before), str(after), cases).verdict == "none"


def test_the_patient_and_what_changed_of_the_answer_are_named(edited, cases):
    before, after = edited
    rated(
        after,
        "ia:DeepMassInitialImaging",
        "ia:Radiography",
        ",usually-appropriate,",
        ",usually-not-appropriate,",
    )
    found = diff(str(before), str(after), cases)
    agreed, deep = found.patients  # who is only asked for the depth is shown what all scenarios say
    assert (agreed["case"], deep["case"]) == (FEW[2], DEEP)
    assert {change["where"].partition("].")[2] for change in agreed["changes"]} == {
        "agreed[ia:Radiography]",
        "headline",
    }
    where = (
        "presentations[Condition/mass-1].recommendations[ia:Radiography ia:DeepMassInitialImaging]"
    )
    assert deep["changes"][0] == {
        "where": f"{where}.category",
        "before": "usually-appropriate",
        "after": "usually-not-appropriate",
    }
    assert not any(
        change["where"].endswith((".label", ".text", ".source", ".rationale"))
        for change in found.patients[0]["changes"]
    )
    assert [c["id"] for c in found.changed] == ["ia:DeepMassInitialImaging_Radiography"]
    text, markdown = FORMATS["text"](found), FORMATS["markdown"](found)
    assert (
        text.startswith("major:")
        and DEEP in text
        and "ia:UsuallyAppropriate -> ia:UsuallyNotAppropriate" in text
    )
    assert "### Test patients who get a different answer" in markdown and "-&gt;" in markdown


def test_a_change_that_no_test_patient_meets_asks_for_a_case(edited, cases):
    before, after = edited
    put(after, CRITERIA, ",42,", ",43,")
    found = diff(str(before), str(after), cases)
    assert (found.verdict, [c["id"] for c in found.untested]) == (
        "minor",
        ["ia:CrossSectionalImagingDone"],
    )
    assert "add a case that meets them" in FORMATS["text"](found)


def test_a_new_scenario_that_is_merely_listed_changes_no_answer(edited, tmp_path):
    before, after = edited
    patients = tmp_path / "patients"
    patients.mkdir()
    shutil.copy(home() / "tests" / "cases" / "soft-tissue-masses" / f"{DEEP}.json", patients)
    scenario(
        after,
        "LargeMassInitialImaging",
        "soft-tissue-masses",
        "SoftTissueMasses2022",
        ["SoftTissueMassPresentation", "LargeMass"],
        "large mass",
        cases=tmp_path / "new",
    )
    found = diff(str(before), str(after), patients)
    assert found.patients == [] and [t["builds"] for t in found.tables] == [False]
    unknown = ["tables that do not build, so that what they change is not known: 1"]
    assert found.reasons == {"major": unknown}


def test_editions_of_a_topic_are_compared_with_scenarios_paired_by_criteria(cases):
    found = diff("ia:SoftTissueMasses2017", "ia:SoftTissueMasses2022", cases)

    def scenarios(rows):
        return {row["id"] for row in rows if row["kind"] == "scenario"}

    assert scenarios(found.came) == {
        "ia:MassAfterInconclusiveRadiographAndUltrasound",
        "ia:MassAfterInconclusiveRadiographAndUltrasoundMriContraindicated",
    }
    assert scenarios(found.went) == {
        "ia:MassAfterNondiagnosticInitialEvaluation2017",
        "ia:MassMriContraindicated2017",
        "ia:MassWithHemorrhageOrVascularSuspicion2017",
    }
    assert {r["id"] for r in found.came if r["kind"] == "procedure"} == {
        "ia:ImageGuidedBiopsy",
        "ia:ImageGuidedFineNeedleAspiration",
        "ia:UltrasoundWithIvContrast",
    }
    moved = {
        c["id"] for c in found.changed if any(f["property"] == "ia:hasCategory" for f in c["facts"])
    }
    rows = (
        (home() / "tests" / "expected" / "what-changed-in-ratings.csv").read_text().splitlines()[1:]
    )
    assert len(moved) == len(rows) == 6
    assert found.verdict == "major" and DEEP in {p["case"] for p in found.patients}
    deep = next(p for p in found.patients if p["case"] == DEEP)
    assert not any(".scenarios[" in c["where"] and "edition" in c["where"] for c in deep["changes"])


def test_an_edition_differs_in_nothing_from_itself(cases):
    assert diff("ia:SoftTissueMasses2022", "ia:SoftTissueMasses2022", cases).verdict == "none"


def test_a_name_inside_a_longer_name_is_not_renamed():
    rename = renaming(
        {
            "https://w3id.org/imaging-appropriateness/ns/Mass2017": "https://w3id.org/imaging-appropriateness/ns/Mass"
        }
    )
    assert (
        rename("ia:Mass2017_Ultrasound, ia:Mass2017x, ia:Mass2017")
        == "ia:Mass_Ultrasound, ia:Mass2017x, ia:Mass"
    )


@pytest.fixture
def repository(tmp_path, monkeypatch):
    """A git repository with two revisions of an ontology, the current folder."""
    root = tmp_path / "repository"
    shutil.copytree(home() / "ontology", root / "ontology")
    shutil.copytree(
        home() / "tests" / "cases",
        root / "tests" / "cases",
        ignore=lambda folder, names: [
            n for n in names if Path(n).suffix and not n.startswith(DEEP)
        ],
    )

    def git(*words):
        return subprocess.run(
            ["git", "-c", "user.name=a", "-c", "user.email=a@example.org", *words],
            cwd=root,
            check=True,
            capture_output=True,
            text=True,
        ).stdout

    git("init", "--quiet")
    git("add", "--all")
    git("commit", "--quiet", "--message", "first")
    put(
        root / "ontology",
        CRITERIA,
        ",superficial or palpable mass,",
        ",palpable or superficial mass,",
    )
    build(root / "ontology")
    git("commit", "--quiet", "--all", "--message", "second")
    monkeypatch.chdir(root / "tests")
    return root, git


def test_revisions_are_read_beside_the_work_tree(repository, capsys):
    root, git = repository
    put(root / "ontology", CRITERIA, "can be felt.", "is felt.", 2)

    def state():
        return (git("status", "--porcelain"), git("rev-parse", "HEAD"), git("stash", "list"))

    before = state()
    assert main(["diff", "HEAD~1", "HEAD", "--format", "json"]) == 0
    committed = json.loads(capsys.readouterr().out)
    assert committed["verdict"] == "patch" and [c["id"] for c in committed["changed"]] == [
        "ia:SuperficialOrPalpableMass"
    ]
    assert main(["diff", "HEAD", str(root / "ontology"), "--format", "json"]) == 0
    pending = json.loads(capsys.readouterr().out)
    assert pending["compared"] == 1 and {c["id"] for c in pending["changed"]} == {
        "ia:PalpableMassPresentation",
        "ia:SuperficialOrPalpableMass",
    }
    assert state() == before


@pytest.mark.parametrize(
    "names, words",
    [
        (
            ("no-such-revision", "HEAD"),
            "no-such-revision: this is neither an ontology folder nor a git revision",
        ),
        (("--", "--output=x", "HEAD"), "--output=x: this is neither"),
        ((".", "HEAD"), ".: the folder has no catalog-v001.xml"),
        (
            ("ia:SoftTissueMasses2011", "ia:SoftTissueMasses2022"),
            "Did you mean ia:SoftTissueMasses2017?",
        ),
        (("ia:SoftTissueMasses2017", "HEAD"), "ia:SoftTissueMasses2017: this is neither"),
        (("--cases", "nowhere", "HEAD", "HEAD"), "nowhere: there is no such folder of cases"),
    ],
)
def test_what_cannot_be_compared_is_one_clear_error(repository, capsys, names, words):
    assert main(["diff", *names]) == 2
    out, err = capsys.readouterr()
    told = [line for line in err.splitlines() if not line.startswith("nextstudy: graph of ")]
    assert not out and words in err and len(told) == 1


def test_without_git_a_folder_still_works(edited, cases, monkeypatch, capsys):
    monkeypatch.setenv("PATH", "")
    assert diff(*map(str, edited), cases).verdict == "none"
    assert main(["diff", "HEAD", str(edited[0])]) == 2
    assert "Install git" in capsys.readouterr().err


def test_same_versions_same_bytes(edited, cases):
    before, after = edited
    appended(after, TOPIC, NEW_TERM)
    for render in FORMATS.values():
        assert render(diff(str(before), str(after), cases)) == render(
            diff(str(before), str(after), cases)
        )


def test_class_expressions_read_as_in_protege():
    told = descriptions(home() / "ontology")[
        "https://w3id.org/imaging-appropriateness/ns/DeepMassPresentation"
    ]
    assert told["http://www.w3.org/2002/07/owl#equivalentClass"] == [
        (
            "(ia:Presentation and ia:hasFinding some (ia:SoftTissueMass and ia:hasDepth value "
            "ia:DeepToFascia))"
        )
    ]
