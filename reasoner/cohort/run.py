"""A whole run: a plan, two passes, and tables that get their names when all is done.

Everything is made in `DIR/.work` first: nothing half-written stands under a final name.
"""

import os
import shutil
from collections import Counter
from datetime import date
from pathlib import Path

import orjson

from reasoner.cohort import passes
from reasoner.cohort.columns import SCHEMAS, Columns, write_table
from reasoner.cohort.plan import Places, Plan, begin, plan, told
from reasoner.cohort.summary import write_summary
from reasoner.errors import InputError
from reasoner.files import write

SMALL = 8 << 20  # bytes of input for which other processes do not pay


def run(given: Path, out: Path, on: date | None = None, jobs: int = 1, whole: bool = False, ontology: Path | None = None, tell: passes.Told = lambda *_: None) -> dict:
    """Answers all patients of an input, writes tables and a summary into a folder, and returns what there was.

    Raises InputError for an input, folder or file that cannot be used, and for a disk that is full.
    """
    made = plan(given, on, whole, ontology)
    try:
        work = begin(out, made)
        if not (work / "done.json").exists():
            found = passes.both(made, work, 1 if made.size < SMALL else jobs, tell)
            write(work / "done.json", orjson.dumps(found))
        return finish(made, out, work)
    except OSError as error:
        if isinstance(error, FileNotFoundError):
            raise
        raise InputError(str(out), f"it cannot be written ({error.strerror})", "Make room, then run the same command again: what is done is kept.") from None


def finish(made: Plan, out: Path, work: Path) -> dict:
    """Gives the parts their final names, table by table, writes the summary, and returns what there was in all."""
    counts = count(made, work)
    for name in [*SCHEMAS, *(["answers"] if made.whole else [])]:
        folder, final = work / "tables" / name, out / name
        if final.exists():
            continue
        folder.mkdir(parents=True, exist_ok=True)
        for part in sorted(work.glob(f"answered/[0-9]*[0-9]/{name}.*")):
            os.replace(part, folder / f"part-{part.parent.name}{part.suffix}")
        if name == "unreadable" and counts["lines"]:
            write_lines(made, work, folder / "part-lines.parquet")
        os.replace(folder, final)
    write_summary(out, counts)
    shutil.rmtree(work)
    return counts


def count(made: Plan, work: Path) -> dict:
    """What there was: patients, distinct cases, what could not be read, and resources that name no patient, by type."""
    counts, ownerless, lines = Counter(), Counter(), 0
    for found in orjson.loads((work / "done.json").read_bytes()):
        counts.update(found)
    for n in range(len(made.pieces)):
        found = told(work, n)
        ownerless.update(found["ownerless"])
        lines += len(found["trouble"])
    return {"patients": counts["patients"], "unreadable": counts["unreadable"] + lines, "lines": lines,
            "ownerless": dict(sorted(ownerless.items())), "passed_over": made.passed_over, "versions": made.versions}


def write_lines(made: Plan, work: Path, path: Path) -> None:
    """Writes the lines that could not be read, each with its place, as a part of their table."""
    place, columns = Places(made, work), Columns()
    for n in range(len(made.pieces)):
        for number, message in told(work, n)["trouble"]:
            columns.fail(place(n, number), None, message)
    write_table(columns.tables()["unreadable"], path)
