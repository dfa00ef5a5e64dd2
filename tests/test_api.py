"""The Python API: what notebooks and programs call, its types, and what it says when it is called
wrongly.
"""

import csv
import json
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from bundles import bundle, inconclusive, mass, patient
from conftest import CASES, ROOT

import reasoner as package
from reasoner.answer import dataframe as frames
from reasoner.answer.render import FORMATS
from reasoner.errors import InputError
from reasoner.graph import query_files as queries
from reasoner.graph.store import literal

pandas = pytest.importorskip(
    "pandas", reason="pandas is not installed; the extra notebooks brings it"
)
EXPECTED = sorted((ROOT / "tests" / "expected").glob("*.csv"))
C = "ia:MassAfterInconclusiveRadiographAndUltrasound"
D = f"{C}MriContraindicated"
INTEGER, DECIMAL, BOOLEAN = (
    "http://www.w3.org/2001/XMLSchema#" + name for name in ("integer", "decimal", "boolean")
)


def run(code):
    """What a fresh Python prints."""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def as_written(cell):
    """A cell of a table as golden rows write it."""
    return (
        ""
        if pandas.isna(cell)
        else str(cell).lower()
        if pandas.api.types.is_bool(cell)
        else f"{cell:g}"
        if isinstance(cell, float)
        else str(cell)
    )


def test_importing_the_package_loads_nothing_else():
    heavy = "{'pyoxigraph', 'pandas', 'rdflib', 'orjson', 'rich', 'reasoner.api', 'pathlib'}"
    assert (
        run(
            f"import sys; before = set(sys.modules); import reasoner; print(sorted({heavy} & "
            "(set(sys.modules) - before)))"
        )
        == "[]"
    )


def test_asking_loads_no_pandas():
    assert (
        run(
            "import sys, reasoner; reasoner.load().ask(reasoner.example()); print('pandas' in "
            "sys.modules)"
        )
        == "False"
    )


def test_an_ontology_folder_may_be_given():
    loaded = package.load(str(ROOT / "ontology"))
    assert loaded.ask(package.example()) == package.load().ask(package.example())
    with pytest.raises(InputError, match="catalog-v001.xml"):
        package.load(ROOT / "tests")


def test_a_loaded_graph_needs_its_folder_no_more(reasoner, tmp_path):
    folder = tmp_path / "ontology"
    shutil.copytree(ROOT / "ontology", folder)
    loaded = package.load(folder)
    shutil.rmtree(folder)
    for path in CASES.values():
        if path.suffix == ".json":
            data = path.read_bytes()
            assert loaded.ask(data) == reasoner.ask(data), path


@pytest.mark.parametrize(
    "path",
    [path for path in EXPECTED if path.stem != "ratings-by-area"],
    ids=lambda path: path.stem,
)  # its golden rows are counts
def test_a_table_has_the_golden_rows(reasoner, path):
    table = reasoner.query(path.stem)
    with path.open(encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file)
    assert list(table.columns) == header
    assert [[as_written(cell) for cell in row] for row in table.itertuples(index=False)] == rows


def test_ratings_by_area_are_all_there(reasoner):
    assert reasoner.query("ratings-by-area").groupby("area").size().to_dict() == dict.fromkeys(
        reasoner.query("ratings-by-area")["area"].unique(), 38
    )


def test_columns_have_types(reasoner):
    words = "str" if int(pandas.__version__.split(".")[0]) >= 3 else "object"
    table = reasoner.query("where-a-rating-comes-from")[["procedure", "final", "median", "votes"]]
    assert table.dtypes.map(str).tolist() == [words, "Int64", "Float64", words]
    assert reasoner.query("editions-of-a-topic")["current"].tolist() == [False, True]
    assert reasoner.query("what-rests-on-each-source")["things"].sum() > 100


def test_cells_that_are_missing_mixed_or_wrongly_written_keep_their_rows():
    number, word = literal("45", datatype=INTEGER), literal("many")
    table = frames.frame(
        ["n", "mixed", "real", "wrong", "empty"],
        [
            [number, number, number, literal("yes", datatype=BOOLEAN), None],
            [
                None,
                word,
                literal("1.50", datatype=DECIMAL),
                literal("true", datatype=BOOLEAN),
                None,
            ],
        ],
    )
    assert table["n"].tolist() == [45, pandas.NA] and table["real"].tolist() == [45.0, 1.5]
    assert table["mixed"].tolist() == ["45", "many"] and table["wrong"].tolist() == ["yes", "true"]
    assert table["empty"].isna().all() and len(frames.frame(["x"], [])) == 0


@pytest.mark.parametrize(
    "scenario",
    [
        D,
        "soft tissue mass after inconclusive radiograph and ultrasound, MRI contraindicated",
        "https://w3id.org/imaging-appropriateness/ns/" + D[3:],
        f"<https://w3id.org/imaging-appropriateness/ns/{D[3:]}>",
    ],
)
def test_a_parameter_is_a_curie_a_label_or_an_iri(reasoner, scenario):
    assert (
        reasoner.query("what-is-rated-in-a-scenario", scenario=scenario)["procedure"][0]
        == "ia:CtWithIvContrast"
    )
    assert (
        reasoner.query("what-is-rated-in-a-scenario")["procedure"][0]
        == "ia:MriWithoutAndWithIvContrast"
    )


WRONG = {  # the question, its parameters, what the message names
    "an unknown question": ("differential-of-scenario", {}, "differential-of-a-scenario"),
    "an unknown parameter": (
        "differential-of-a-scenario",
        {"color": "ia:Thigh"},
        "It has: scenario",
    ),
    "an unknown term": (
        "differential-of-a-scenario",
        {"scenario": "ia:DeepMassInitialImagin"},
        "ia:DeepMassInitialImaging",
    ),
    "a value of another type": ("differential-of-a-scenario", {"scenario": 3}, "3 is not a term"),
    "a value that smuggles SPARQL": (
        "differential-of-a-scenario",
        {"scenario": "<x> } . { ?s ?p ?o"},
        "is not a term",
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_question_is_refused_with_what_would_be_right(reasoner, name):
    question, parameters, named = WRONG[name]
    with pytest.raises(InputError, match=named.replace("(", r"\(")):
        reasoner.query(question, **parameters)


def test_a_query_of_ones_own_is_run(reasoner, tmp_path):
    path = tmp_path / "own.rq"
    path.write_text("ASK { ?s ?p ?o }")
    assert reasoner.query(path)["answer"].tolist() == [True]
    path.write_text("SELECT * WHERE { ?s")
    with pytest.raises(InputError, match=r"own\.rq:1:16: this { is not closed"):
        reasoner.query(path)


def test_without_pandas_the_message_says_how_to_get_it(reasoner, monkeypatch):
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(InputError, match=r"pip install '\.\[notebooks\]'"):
        reasoner.query("radiation-levels")


def test_a_record_is_bytes_a_path_or_parsed_json(reasoner, tmp_path):
    document = bundle(*inconclusive())
    path = tmp_path / "record.json"
    path.write_text(json.dumps(document))
    assert reasoner.ask(document) == reasoner.ask(path) == reasoner.ask(path.read_bytes())
    assert (
        reasoner.ask(path)["presentations"][0]["recommendations"][0]["generic"]
        == "ia:MriWithoutAndWithIvContrast"
    )


BROKEN = {  # the record, what the message names
    "cut off": (b'{"resourceType": "Bundle"', "line 1"),
    "of two patients": (bundle(patient(), {**patient(), "id": "p2"}), "2 patients"),
    "without a patient": ({"resourceType": "Bundle", "entry": []}, "no Patient"),
    "a text": ("record.json", "pathlib.Path"),
    "a missing file": (Path("nosuch.json"), "nosuch.json"),
    "a folder": (ROOT, "cannot be read"),
    "nothing": (None, r"null \(None\)"),
    "an object of Python": (object(), "a object is no record"),
}


@pytest.mark.parametrize("method", ["ask", "explain", "what_if"])
@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_record_is_refused_with_its_place(reasoner, name, method):
    record, named = BROKEN[name]
    with pytest.raises(InputError, match=named):
        getattr(reasoner, method)(record)


def test_proof_lines_are_those_of_the_text(reasoner):
    record = bundle(*inconclusive())
    lines, text = reasoner.explain(record), FORMATS["text"](reasoner.reply(record), True)
    assert lines[0] == "soft tissue mass (Condition/mass-1)" and lines[1].startswith("1. recorded:")
    assert all(f" {line}\n" in text for line in lines[1:])


def test_each_presentation_has_its_proof(reasoner):
    record = bundle(mass(), mass(name="mass-2"))
    found = reasoner.explain(record)
    assert [p["id"] for p in found.presentations] == [
        p["id"] for p in reasoner.ask(record)["presentations"]
    ]


def test_what_would_change_the_answer(reasoner):
    rows = {row["criterion"]: row for row in reasoner.what_if(bundle(*inconclusive()))}
    assert rows["ia:MriContraindicated"]["presentation"] == "Condition/mass-1"
    assert any(
        "MRI contraindicated" in change for change in rows["ia:MriContraindicated"]["changes"]
    )
    assert [bool(row["changes"]) for row in rows.values()] == sorted(
        (bool(row["changes"]) for row in rows.values()), reverse=True
    )


@pytest.mark.parametrize(
    "case",
    [
        name
        for name, path in CASES.items()
        if path.read_text(encoding="utf-8").count('"Condition"') < 6
    ],
)
def test_every_case_can_be_asked_what_would_change_it(reasoner, case):
    answer = reasoner.ask(CASES[case])
    rows = reasoner.what_if(CASES[case])
    assert {row["presentation"] for row in rows} <= {p["id"] for p in answer["presentations"]}
    assert reasoner.ask(CASES[case]) == answer, "asking what would change it changed it"


def test_every_question_can_be_named():
    assert [queries.question(name).name for name in queries.names("questions")] == queries.names(
        "questions"
    )


def test_the_readme_tells_the_api(monkeypatch):
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    code = textwrap.dedent(text.split("In Python:\n\n", 1)[1].split("\n\n", 1)[0])
    monkeypatch.chdir(ROOT)
    told = {}
    exec(code, told)
    assert (
        told["answer"]["presentations"] and told["proof"] and told["changes"] and len(told["rated"])
    )
