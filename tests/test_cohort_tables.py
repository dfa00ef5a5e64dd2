"""The tables open anywhere with plain types, the questions of `queries/cohort/` run and add up, and
the plots are the same each time.
"""

import importlib.util
from collections import Counter
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest
from cohorts import contents, ndjson, patient, rows, run
from conftest import ROOT

from reasoner.cohort import summary
from reasoner.cohort.parquet import SCHEMAS
from reasoner.cohort.plots import PLOTS, draw
from reasoner.cohort.tables import NUMBER, TABLES, TEXT, TEXTS, YES
from reasoner.errors import InputError
from reasoner.synth.generate import generate

FOLDER = ROOT / "queries" / "cohort"
PLAIN = {TEXT: "string", TEXTS: "list<element: string>", NUMBER: "int32", YES: "bool"}


@pytest.fixture(scope="module")
def out(tmp_path_factory):
    """The cohort of a population."""
    base = tmp_path_factory.mktemp("cohort")
    generate(500, 11, base / "in")
    run(base / "in", base / "out")
    return base / "out"


@pytest.fixture(scope="module")
def empty(tmp_path_factory):
    """The cohort of nobody."""
    base = tmp_path_factory.mktemp("empty")
    run(ndjson(base / "in" / "a.ndjson"), base / "out")
    return base / "out"


def kinds(name: str) -> dict[str, str]:
    """The kind of each column of a table."""
    return (
        {"patient": TEXT, **TABLES[name]}
        if name in TABLES
        else {"place": TEXT, "patient": TEXT, "message": TEXT}
    )


@pytest.mark.parametrize("name", SCHEMAS)
@pytest.mark.parametrize("which", ["out", "empty"])
def test_a_table_has_plain_types(request, name, which):
    folder = request.getfixturevalue(which) / name
    schema = pq.read_schema(next(folder.glob("*.parquet")))
    assert {field.name: str(field.type) for field in schema} == {
        column: PLAIN[kind] for column, kind in kinds(name).items()
    }
    assert schema.metadata is None


@pytest.mark.parametrize("name", SCHEMAS)
@pytest.mark.parametrize("which", ["out", "empty"])
def test_duckdb_opens_a_table(request, name, which):
    found = duckdb.read_parquet(str(request.getfixturevalue(which) / name / "*.parquet"))
    types = {TEXT: "VARCHAR", TEXTS: "VARCHAR[]", NUMBER: "INTEGER", YES: "BOOLEAN"}
    assert dict(zip(found.columns, map(str, found.types), strict=True)) == {
        column: types[kind] for column, kind in kinds(name).items()
    }


@pytest.mark.parametrize("name", SCHEMAS)
@pytest.mark.parametrize("which", ["out", "empty"])
def test_polars_opens_a_table(request, name, which):
    polars = pytest.importorskip("polars")
    found = polars.read_parquet(request.getfixturevalue(which) / name / "*.parquet")
    types = {
        TEXT: polars.String,
        TEXTS: polars.List(polars.String),
        NUMBER: polars.Int32,
        YES: polars.Boolean,
    }
    assert dict(found.schema) == {column: types[kind] for column, kind in kinds(name).items()}


@pytest.mark.parametrize("which", ["out", "empty"])
def test_pandas_opens_a_table(request, which):
    pandas = pytest.importorskip("pandas")
    found = pandas.read_parquet(request.getfixturevalue(which) / "orders")
    assert list(found.columns) == ["patient", *TABLES["orders"]] and not any(
        str(kind) == "category" for kind in found.dtypes
    )


def test_every_cell_that_must_be_there_is_there(out):
    always = {
        "presentations": {
            "patient",
            "presentation",
            "outcome",
            "possible",
            "excluded",
            "age_group",
            "other_sources",
        },
        "orders": {"patient", "order", "status", "judgement", "set_aside", "better", "missing"},
        "recommendations": {
            "patient",
            "presentation",
            "rank",
            "procedure",
            "generic",
            "category",
            "set_aside",
        },
        "alerts": {"patient", "presentation", "pitfall", "pitfall_label", "severity", "message"},
        "questions": {"patient", "presentation", "criterion", "question", "decides"},
        "notes": {"patient", "severity", "about", "message"},
        "unreadable": {"place", "message"},
    }
    for name, columns in always.items():
        assert [
            column for column in columns for row in rows(out, name) if row[column] is None
        ] == []


def test_labels_stand_beside_identifiers(out):
    for name in ("orders", "presentations"):
        for row in rows(out, name):
            pairs = [
                (row[column], row[f"{column}_label"])
                for column in row
                if f"{column}_label" in row and isinstance(row[column], str)
            ]
            assert all(label and not label.startswith("ia:") for value, label in pairs if value), (
                row
            )


def questions() -> dict[str, str]:
    """The files of questions by name."""
    return {path.stem: path.read_text(encoding="utf-8") for path in FOLDER.glob("*.sql")}


def unlisted(found: dict[str, str]) -> set[str]:
    """The questions that the summary does not ask, or asks without a file."""
    return set(found) ^ set(summary.ORDER)


def unexplained(found: dict[str, str]) -> set[str]:
    """The questions that do not say what they ask, in a sentence."""
    return {
        name
        for name, text in found.items()
        if not " ".join(summary.SUMMARY.findall(text)).endswith(".")
    }


def test_every_question_is_asked_and_says_what():
    found = questions()
    assert (unlisted(found), unexplained(found)) == (set(), set())
    assert len(set(summary.ORDER)) == len(summary.ORDER) and set(PLOTS) <= set(summary.ORDER)


def test_a_question_that_is_not_asked_or_says_nothing_is_seen():
    assert unlisted(questions() | {"new": "-- summary: New."}) == {"new"}
    assert unlisted(
        {name: text for name, text in questions().items() if name != "orders-by-region"}
    ) == {"orders-by-region"}
    assert unexplained({"a": "SELECT 1", "b": "-- summary: No end"}) == {"a", "b"}
    assert unexplained({"c": "-- summary: On two\n-- summary: lines.\nSELECT 1"}) == set()


@pytest.fixture(scope="module")
def asked(out, tmp_path_factory):
    """The answers to all questions, by name."""
    return {found.name: found for found in summary.ask(out, tmp_path_factory.mktemp("spill"))}


def test_every_question_has_an_answer(asked):
    assert set(asked) == set(summary.ORDER)
    assert [name for name, found in asked.items() if not found.rows] == [
        "patients-in-several-records"
    ]
    assert all(
        not str(cell).startswith("ia:")
        for found in asked.values()
        for row in found.rows
        for cell in row
    )


def test_numbers_add_up_with_the_tables(out, asked):
    orders, last = rows(out, "orders"), lambda name: sum(row[-1] for row in asked[name].rows)
    assert last("orders-by-judgement") == last("orders-by-region") == len(orders)
    assert last("presentations-by-topic") == len(rows(out, "presentations"))
    assert all(sum(row[1:-1]) == row[-1] for row in asked["presentations-by-topic"].rows)
    assert last("orders-by-scenario") == sum(row["scenario"] is not None for row in orders)
    assert last("presentations-by-outcome") == len(rows(out, "presentations")) and last(
        "alerts-by-pitfall"
    ) == len(rows(out, "alerts"))
    for name in ("orders-by-scenario", "orders-by-region"):
        assert all(sum(row[1:-1]) == row[-1] for row in asked[name].rows)
    assert last("facts-that-orders-lack") == sum(len(row["missing"]) for row in orders)
    assert last("orders-without-category") <= sum(
        row["category"] is None and not row["set_aside"] for row in orders
    )
    assert Counter({row[0]: row[-1] for row in asked["reasons-without-criteria"].rows}) == Counter(
        row["reasons"]
        for row in orders
        if row["judgement"] == "no-criteria-apply" and row["outcome"] == "no-criteria"
    )
    assert all(
        row[1] == "set aside" or row[1] != "usually-appropriate"
        for row in asked["orders-with-better-studies"].rows
    )


def test_the_summary_says_what_there_was(out):
    text, orders = (out / "summary.md").read_text(), rows(out, "orders")
    assert (
        "- 500 patients were answered." in text
        and f"- {len(orders)} imaging orders were judged: " in text
    )
    for words in (
        "not a medical device",
        "Ratings: American College of Radiology, ACR Appropriateness Criteria",
        "not endorsed by the ACR",
    ):
        assert words in text
    assert sorted(path.name for path in (out / "plots").iterdir()) == sorted(
        f"{name}.{form}" for name in PLOTS for form in ("svg", "png")
    )
    assert all((out / part.split(")")[0]).exists() for part in text.split("](")[1:])
    assert "ia:" not in text and text.isascii() and "\n\n\n" not in text
    tables = [line for line in text.splitlines() if line.startswith("|")]
    assert max(map(len, tables)) < 300 and len(tables) < 200


def test_the_summary_of_nobody(empty):
    text = (empty / "summary.md").read_text()
    assert (
        text.count("None.") == len(summary.ORDER)
        and "![" not in text
        and not (empty / "plots").exists()
    )


def test_two_runs_write_the_same_bytes(out, tmp_path):
    generate(500, 11, tmp_path / "in")
    run(tmp_path / "in", tmp_path / "out")
    first, second = contents(out), contents(tmp_path / "out")
    assert set(first) == set(second)
    assert [
        name for name in first if first[name] != second[name] and not name.startswith("unreadable")
    ] == []


def test_a_plot_has_its_words_and_no_others(asked):
    drawn = draw(
        "orders-by-region", "A title", asked["orders-by-region"].columns, [("thigh", 1, 2, 3, 0, 6)]
    )
    assert drawn["png"][:4] == b"\x89PNG" and drawn["svg"].startswith(b"<?xml")
    for words in (b"A title", b"thigh", b"no criteria apply", b">6<"):
        assert words in drawn["svg"]
    assert b"information missing" not in drawn["svg"] and b"<dc:date>" not in drawn["svg"]


def test_long_labels_take_lines(asked):
    long = "a question with very many words, " * 6
    assert (
        draw("facts-that-orders-lack", "Title", ["question", "orders"], [(long, 1)])["svg"].count(
            b"a question"
        )
        > 1
    )


def test_a_question_that_does_not_run_is_named(out, tmp_path, monkeypatch):
    monkeypatch.setattr(summary, "question", lambda name: ("Wrong.", "SELECT nothing FROM orders"))
    with pytest.raises(
        InputError,
        match=(
            r"queries/cohort/orders-by-judgement.sql: the question has no answer \(.*nothing.*\). "
            r"Mend it"
        ),
    ):
        summary.ask(out, tmp_path)


def test_a_folder_with_signs_of_patterns_in_its_name_is_no_trap(tmp_path):
    run(ndjson(tmp_path / "in[1]*" / "a.ndjson", patient("a")), tmp_path / "out[1]?")
    assert "- 1 patient was answered." in (tmp_path / "out[1]?" / "summary.md").read_text()


def test_cells_do_not_break_a_table():
    assert summary.table(
        summary.AnsweredQuestion("n", "t", "", ["a_b", "c"], [("x|y\nz", 1200), (None, 3)])
    ) == ["| a b | c |", "|---|---:|", "| x\\|y\\\\nz | 1,200 |", "|  | 3 |"]


@pytest.mark.skipif(importlib.util.find_spec("pandas") is None, reason="pandas is not installed")
def test_the_lists_of_a_table_are_lists_in_pandas(out):
    import pandas

    found = pandas.concat(
        pandas.read_parquet(path) for path in Path(out / "orders").glob("*.parquet")
    )
    assert all(hasattr(cell, "__len__") and not isinstance(cell, str) for cell in found["better"])


def test_topics_and_sources_stand_beside_each_presentation(tmp_path):
    """A record of another topic has its own topic, and what decision rules say of it."""
    knee = "acute-trauma-knee/should-name-the-scenario-of-a-fall-with-an-effusion.json"
    (tmp_path / "in").mkdir()
    for place in (ROOT / "tests" / "cases" / knee, ROOT / "examples" / "record.json"):
        (tmp_path / "in" / place.name).write_text(place.read_text())
    run(tmp_path / "in", tmp_path / "out")
    by_topic = {row["topic"]: row for row in rows(tmp_path / "out", "presentations")}
    assert set(by_topic) == {"ia:AcuteTraumaKnee", "ia:SoftTissueMasses"}
    knee, mass = by_topic["ia:AcuteTraumaKnee"], by_topic["ia:SoftTissueMasses"]
    assert knee["scenario"] == "ia:KneeInjuryWithSign"
    assert any(text.startswith("Ottawa knee rule") for text in knee["other_sources"])
    assert mass["other_sources"] == [] and mass["topic_label"] == "Soft Tissue Masses"
    told = (tmp_path / "out" / "summary.md").read_text()
    assert "## Presentations by topic" in told and "| Acute Trauma to the Knee |" in told
