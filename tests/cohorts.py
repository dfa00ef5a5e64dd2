"""Helpers for the tests of cohorts: inputs in every form, a run in this process, and its tables."""

import gzip
import json
from pathlib import Path

import orjson
import pyarrow.parquet as pq

from reasoner.cohort import run as running
from reasoner.cohort.parquet import SCHEMAS

THIGH = [
    {"coding": [{"system": "http://snomed.info/sct", "code": "68367000"}]}
]  # tells two masses apart
ANSWERED = [name for name in SCHEMAS if name != "unreadable"]


def run(given: Path, out: Path, **settings) -> dict:
    """Runs a cohort in this process, and returns what there was."""
    return running.run(given, out, **settings)


def rows(out: Path, table: str) -> list[dict]:
    """The rows of a table of a run, sorted."""
    found = [
        row
        for path in sorted((out / table).glob("*.parquet"))
        for row in pq.read_table(path).to_pylist()
    ]
    return sorted(found, key=lambda row: json.dumps(row, sort_keys=True))


def tables(out: Path, *without: str) -> dict[str, list[dict]]:
    """The rows of all tables of a run but some, sorted."""
    return {name: rows(out, name) for name in SCHEMAS if name not in without}


def contents(out: Path) -> dict[str, bytes]:
    """The bytes of the files of a folder by name."""
    return {
        str(path.relative_to(out)): path.read_bytes()
        for path in sorted(out.rglob("*"))
        if path.is_file()
    }


def unreadable(out: Path) -> dict[str, str]:
    """What could not be read: the message by the name of the file, with the line where there is
    one.
    """
    return {Path(row["place"]).name: row["message"] for row in rows(out, "unreadable")}


def ndjson(path: Path, *documents) -> Path:
    """A file of one JSON value a line; bytes stand as they are."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(
        b"".join((d if isinstance(d, bytes) else orjson.dumps(d)) + b"\n" for d in documents)
    )
    return path


def compressed(path: Path) -> Path:
    """The same file under its name with .gz, compressed; the plain one goes."""
    made = path.with_name(f"{path.name}.gz")
    made.write_bytes(gzip.compress(path.read_bytes(), mtime=0))
    path.unlink()
    return made


def patient(name: str, **more) -> dict:
    """A Patient."""
    return {"resourceType": "Patient", "id": name, "birthDate": "1970-01-01", **more}


def mass(name: str, who: str) -> dict:
    """A Condition: a mass of a patient, of which too little is known."""
    coding = [{"system": "http://snomed.info/sct", "code": "444905003"}]
    return {
        "resourceType": "Condition",
        "id": name,
        "subject": {"reference": f"Patient/{who}"},
        "code": {"coding": coding},
        "recordedDate": "2024-05-01",
    }


def bundle(*resources) -> dict:
    """A Bundle of resources."""
    return {
        "resourceType": "Bundle",
        "type": "collection",
        "entry": [{"resource": r} for r in resources],
    }
