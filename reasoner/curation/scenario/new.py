"""Writes the stubs of a new scenario: rows of the tables of its topic, and a case.

A curator then writes only what no program can know, such as definitions and ratings.
"""

import csv
import io
import json
import re
import shutil
from pathlib import Path
from tempfile import TemporaryDirectory

from reasoner.answer.cache.answer_cache import Memory
from reasoner.curation.build import GENERATED, Builder
from reasoner.curation.cases import cases_beside
from reasoner.curation.definitions import criteria, scenarios
from reasoner.curation.definitions.topics import CRITERIA, RATINGS, SCENARIOS
from reasoner.curation.scenario.first_case import first_case
from reasoner.curation.scenario.plan import Plan, planned
from reasoner.curation.scenario.stubs import (
    QUESTION,
    Cells,
    criterion_row,
    rating_rows,
    scenario_row,
)
from reasoner.curation.scenario.tasks import tasks
from reasoner.curation.tables import ratings
from reasoner.curation.tables.rows import rows as table_rows
from reasoner.errors import InputError, TableError
from reasoner.files import write_all
from reasoner.graph.index import Index
from reasoner.graph.placeholders import MARK, refuse_unfilled
from reasoner.graph.store import serialize
from reasoner.graph.turtle.format import WELL_KNOWN
from reasoner.intake.load import load
from reasoner.names import IA, LABEL, ia

OPTIONS = {"met_when": "--define", "refuted_when": "--refuted-when", "criteria": "--criteria"}


def scenario(
    ontology: Path,
    name: str,
    topic: str,
    edition: str,
    given: list[str],
    label: str,
    like: str | None = None,
    define: dict[str, str] | None = None,
    refuted_when: dict[str, str] | None = None,
    seen: str = "",
    basis: str = "",
    cases: Path | None = None,
) -> tuple[list[Path], list[str]]:
    """Writes the stubs of a scenario with some criteria, all files or none.

    Returns the files that were written, and what is left to do, a sentence each. `topic` is a
    folder of `topics/`, the other names are CURIEs or local names; `define` says what new criteria
    are met by and `refuted_when` what refutes them, as in their table; `seen` and `basis` fill
    those columns of the rating rows. Raises InputError for a name that does not fit.
    """
    folder, topics = topic_folder(ontology, topic), Builder(ontology).topics
    known = topics.lexicon.known
    plan = planned(known, name, edition, given, label, like, define or {}, refuted_when or {})
    refuse_unfilled(ontology)
    for other in topics.criteria:
        topics.lexicon.declare(list(topics.definitions(other)))
    new = [c for c in plan.criteria if not known.value(c, LABEL)]
    table, row = folder / RATINGS, scenario_row(plan, known)
    rated = (
        [line.cells for line in table_rows(table, ratings.RATINGS, known)]
        if table.is_file()
        else []
    )
    added = {
        folder / CRITERIA: (criteria.COLUMNS, [criterion_row(c, plan) for c in new]),
        folder / SCENARIOS: (scenarios.COLUMNS, [row]),
        table: (ratings.RATINGS, rating_rows(plan, rated, seen, basis)),
    }
    files = {path: extended(path, columns, rows) for path, (columns, rows) in added.items() if rows}
    if asked := without_question(folder / CRITERIA, plan, known, new):
        before = files.get(folder / CRITERIA) or (folder / CRITERIA).read_bytes()
        change = {"role": "criterion", "question": QUESTION}
        changed = [r | (change if r["criterion"] in asked else {}) for r in as_rows(before)]
        files[folder / CRITERIA] = as_table(criteria.COLUMNS, changed)
    answers = answering(ontology, files, folder)
    cases = cases or cases_beside(ontology) or ontology.resolve().parent / "tests" / "cases"
    stem = cases / folder.name / f"should-find-{hyphenated(plan.name[len(IA) :])}"
    record_file, expected_file = stem.with_suffix(".json"), stem.with_suffix(".expected.json")
    for path in (record_file, expected_file):
        if path.exists():
            raise InputError(
                str(path),
                "this case is there already",
                "Choose another name for the scenario, or move the case away.",
            )
    record, expected, unmet = first_case(plan, answers, [cases])
    files |= {record_file: as_json(record), expected_file: as_json(expected)}
    empty = ["category", *(["date_seen"] if not seen else []), *(["basis"] if not basis else [])]
    cells = ", ".join(empty) if table in files else ""
    return write_all(files), tasks(plan, new, known, folder, record_file, unmet, row, cells)


def without_question(table: Path, plan: Plan, known: Index, new: list[str]) -> set[str]:
    """The criteria of the plan that are rows without a question. Raises InputError for others."""
    rows = {r["criterion"] for r in as_rows(table.read_bytes())} if table.is_file() else set()
    lacking = {
        c[len(IA) :] for c in plan.criteria if c not in new and not known.value(c, ia("question"))
    }
    if other := sorted(lacking - rows):
        fault = f"ia:{other[0]} has no question, and is no row of {table.name}"
        raise InputError("--criteria", fault, "Give it an ia:question where it is declared.")
    return lacking


def hyphenated(name: str) -> str:
    """An UpperCamel name as the stem of a file: `mass-after-biopsy`."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", name).lower()


def topic_folder(ontology: Path, topic: str) -> Path:
    """The folder of a topic, by its name or by CURIE. Raises InputError for an unknown one."""
    stem = hyphenated(topic.removeprefix("ia:"))
    stems = sorted(path.parent.name for path in (ontology / "topics").glob("*/topic.ttl"))
    if stem not in stems:
        raise InputError(
            f"--topic {topic}",
            "there is no such topic",
            f"Topics are: {', '.join(stems) or 'none'}.",
        )
    return ontology / "topics" / stem


def answering(ontology: Path, files: dict[Path, bytes], folder: Path) -> Memory:
    """The answers of an ontology with some tables replaced and compiled; it stays as it is.

    Raises InputError for what does not compile, with the option that it was given for.
    """
    with TemporaryDirectory() as spare:
        copy = Path(shutil.copytree(ontology, Path(spare) / "ontology"))
        for path, data in files.items():
            rows = [compilable(row) for row in as_rows(data)]
            (copy / path.relative_to(ontology)).write_bytes(as_table(list(rows[0]), rows))
        place = copy / folder.relative_to(ontology)
        try:
            statements = list(Builder(copy).topics.definitions(place))
        except TableError as error:
            option = OPTIONS.get(error.column, error.column)
            fault = f"{error.value} does not fit" if error.value else "this does not fit"
            raise InputError(option, fault, error.hint) from None
        (place / GENERATED).write_bytes(serialize(statements, WELL_KNOWN))
        return Memory(load(copy, unfinished=True, ratings=None), 0)


def compilable(row: Cells) -> Cells:
    """A row as far as it can be compiled while some of its cells are left to fill in."""
    if row.get("met_when", "").startswith(MARK):
        return row | {"role": "state", "met_when": ""}
    return row | {"phase": ""} if row.get("phase", "").startswith(MARK) else row


def as_rows(data: bytes) -> list[Cells]:
    """The rows of a table."""
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline="")))


def extended(table: Path, columns: list[str], new: list[Cells]) -> bytes:
    """The bytes of a table with rows added at its end."""
    before = table.read_bytes() if table.is_file() else ",".join(columns).encode() + b"\n"
    ending = "\r\n" if b"\r\n" in before else "\n"
    rows = as_table(columns, new, ending).split(ending.encode(), 1)[1]
    return before + (b"" if before.endswith(b"\n") else ending.encode()) + rows


def as_table(columns: list[str], rows: list[Cells], ending: str = "\n") -> bytes:
    """The bytes of a table with a header."""
    file = io.StringIO()
    writer = csv.DictWriter(file, columns, lineterminator=ending)
    writer.writeheader()
    writer.writerows(rows)
    return file.getvalue().encode()


def as_json(data: dict) -> bytes:
    """The bytes of a file of a case."""
    return json.dumps(data, indent=1, ensure_ascii=False).encode() + b"\n"
