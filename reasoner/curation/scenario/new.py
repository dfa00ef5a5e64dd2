"""Writes the stubs of a new scenario where they belong: document, rating rows and a case.

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
from reasoner.curation.build import edited_facts
from reasoner.curation.cases import cases_beside
from reasoner.curation.scenario.plan import Plan, planned
from reasoner.curation.scenario.stubs import case, criterion, definition, exclusions, rows
from reasoner.curation.scenario.tasks import tasks
from reasoner.curation.tables.ratings import RATINGS
from reasoner.curation.tables.rows import rows as table_rows
from reasoner.errors import InputError
from reasoner.files import write_all
from reasoner.graph.index import Index
from reasoner.graph.store import serialize
from reasoner.graph.turtle.format import WELL_KNOWN, format_turtle
from reasoner.intake.screens import load
from reasoner.names import IA, RDF_TYPE, curie, ia


def scenario(
    ontology: Path,
    name: str,
    topic: str,
    edition: str,
    criteria: list[str],
    label: str,
    like: str | None = None,
    refuted_by: dict[str, str] | None = None,
    define: dict[str, str] | None = None,
    seen: str = "",
    basis: str = "",
    cases: Path | None = None,
) -> tuple[list[Path], list[str]]:
    """Writes the stubs of a scenario, all files or none.

    Returns the files that were written, and what is left to do, a sentence each. `topic` is the
    stem of a file in `topics/`, the other names are CURIEs or local names; `refuted_by` gives the
    refuting class of new criteria, `define` what new classes are equivalent to, in Manchester
    syntax as Protégé shows it; `seen` and `basis` fill those columns of the rating rows. Raises
    InputError for a name that does not fit.
    """
    document = topic_file(ontology, topic)
    known, table = edited_facts(ontology), ontology / "tables" / f"{document.stem}.csv"
    rated = [row.cells for row in table_rows(table, RATINGS, known)] if table.is_file() else []
    plan = planned(known, name, edition, criteria, label, like, refuted_by or {}, define or {})
    statements = [
        *definition(plan, known),
        *(s for c in plan.criteria if is_criterion(known, c) for s in criterion(c, plan, known)),
        *exclusions(plan, known),
    ]
    text = format_turtle(document.read_bytes() + b"\n" + serialize(statements, WELL_KNOWN))
    answers = with_document(ontology, document, text)
    refuse_equal(answers.knowledge.facts, plan)
    cases = cases or cases_beside(ontology) or ontology.resolve().parent / "tests" / "cases"
    stem = cases / document.stem / f"should-find-{hyphenated(plan.name[len(IA) :])}"
    record_file, expected_file = stem.with_suffix(".json"), stem.with_suffix(".expected.json")
    for path in (record_file, expected_file):
        if path.exists():
            raise InputError(
                str(path),
                "this case is there already",
                "Choose another name for the scenario, or move the case away.",
            )
    record, expected, unmet = case(plan, answers, [cases])
    files = {
        document: text,
        table: extended(table, rows(plan, rated, seen, basis)),
        record_file: as_json(record),
        expected_file: as_json(expected),
    }
    empty = ["category", *(["date_seen"] if not seen else []), *(["basis"] if not basis else [])]
    todo = tasks(plan, known, table, record_file, unmet, statements, ", ".join(empty))
    return write_all(files), todo


def refuse_equal(facts: Index, plan: Plan) -> None:
    """Raises InputError where a scenario of the same edition has the same criteria."""
    criteria = facts.objects(plan.name, ia("hasCriterion"))
    for other in facts.subjects(ia("inEdition"), plan.edition):
        if other != plan.name and facts.objects(other, ia("hasCriterion")) == criteria:
            raise InputError(
                "--criteria",
                f"{curie(other)} has the same criteria in this edition",
                "Add the criterion that sets the new scenario apart.",
            )


def hyphenated(name: str) -> str:
    """An UpperCamel name as the stem of a file: `mass-after-biopsy`."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", name).lower()


def topic_file(ontology: Path, topic: str) -> Path:
    """The document of a topic, by file name or by CURIE. Raises InputError for an unknown one."""
    stem = hyphenated(topic.removeprefix("ia:"))
    stems = sorted(path.stem for path in (ontology / "topics").glob("*.ttl"))
    if stem not in stems:
        raise InputError(
            f"--topic {topic}",
            "there is no such topic",
            f"Topics are: {', '.join(stems) or 'none'}.",
        )
    return ontology / "topics" / f"{stem}.ttl"


def is_criterion(known: Index, cls: str) -> bool:
    """Whether a class in a definition is a criterion itself; a scenario stands for its own."""
    return not known.holds(cls, RDF_TYPE, ia("Scenario"))


def with_document(ontology: Path, document: Path, text: bytes) -> Memory:
    """The answers of an ontology with one document replaced; its folder stays as it is."""
    with TemporaryDirectory() as spare:
        copy = Path(shutil.copytree(ontology, Path(spare) / "ontology"))
        (copy / document.relative_to(ontology)).write_bytes(text)
        return Memory(load(copy, unfinished=True, ratings=None), 0)


def extended(table: Path, new: list[dict[str, str]]) -> bytes:
    """The bytes of a table with rows added at its end."""
    before = table.read_bytes() if table.is_file() else ",".join(RATINGS).encode() + b"\n"
    ending = "\r\n" if b"\r\n" in before else "\n"
    text = io.StringIO()
    csv.DictWriter(text, RATINGS, lineterminator=ending).writerows(new)
    return before + (b"" if before.endswith(b"\n") else ending.encode()) + text.getvalue().encode()


def as_json(data: dict) -> bytes:
    """The bytes of a file of a case."""
    return json.dumps(data, indent=1, ensure_ascii=False).encode() + b"\n"
