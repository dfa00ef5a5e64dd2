"""A whole run: a plan, two passes, and tables that get their names when all is done.

Everything is made in `DIR/.work` first: nothing half-written stands under a final name.
"""

import os
import shutil
from collections import Counter
from collections.abc import Callable
from datetime import date
from functools import partial
from pathlib import Path

import orjson

from reasoner.cohort import passes
from reasoner.cohort.columns import SCHEMAS, Columns, write_table
from reasoner.cohort.plan import Plan, begin, places, plan, told
from reasoner.cohort.summary import write_summary
from reasoner.errors import InputError
from reasoner.files import write

SMALL = 8 << 20  # bytes of input for which other processes do not pay


def run(given: Path, out: Path, on: date | None = None, jobs: int = 1, whole: bool = False, ontology: Path | None = None, tell: passes.Told = lambda *_: None) -> dict:
    """Answers all patients of an input, writes tables and a summary into a folder, and returns what there was.

    Raises InputError for an input, folder or file that cannot be used, and for a disk that is full.
    """
    return complete(plan(given, on, whole, ontology), out, partial(answered, jobs=jobs, tell=tell))


def complete(made: Plan, out: Path, answered: Callable[[Plan, Path], dict]) -> dict:
    """Carries out a plan, or goes on with it, and returns what there was; `answered` fills the work folder with parts of tables and counts them."""
    try:
        work = begin(out, made)
        if not (work / "done.json").exists():
            write(work / "done.json", orjson.dumps(answered(made, work)))
        return finish(made, out, work)
    except OSError as error:
        if isinstance(error, FileNotFoundError):
            raise
        raise InputError(str(out), f"it cannot be written ({error.strerror})", "Make room, then run the same command again: what is done is kept.") from None


def answered(made: Plan, work: Path, jobs: int, tell: passes.Told) -> dict:
    """Does both passes on this machine, and returns what there was."""
    found = passes.both(made, work, 1 if made.size < SMALL else jobs, tell)
    spread = [told(work, n) for n in range(len(made.pieces))]
    if lines := sum(len(piece["trouble"]) for piece in spread):
        write_lines(made, work, spread)
    return count(made, found, [piece["ownerless"] for piece in spread], lines)


def finish(made: Plan, out: Path, work: Path) -> dict:
    """Gives the parts their final names, table by table, writes the summary, and returns what there was in all."""
    for name in [*SCHEMAS, *(["answers"] if made.whole else [])]:
        folder, final = work / "tables" / name, out / name
        if final.exists():
            continue
        folder.mkdir(parents=True, exist_ok=True)
        for part in sorted(work.glob(f"answered/*/{name}.*")):
            os.replace(part, folder / f"part-{part.parent.name}{part.suffix}")
        os.replace(folder, final)
    counts = orjson.loads((work / "done.json").read_bytes())
    write_summary(out, counts)
    shutil.rmtree(work)
    return counts


def count(made: Plan, answered: list[dict], ownerless: list[dict[str, int]], lines: int) -> dict:
    """What there was: patients, what could not be read, the lines among it, and resources that name no patient, by type."""
    of_no_one = sum(map(Counter, ownerless), Counter())
    return {"patients": sum(part["patients"] for part in answered), "unreadable": sum(part["unreadable"] for part in answered) + lines, "lines": lines,
            "ownerless": dict(sorted(of_no_one.items())), "passed_over": made.passed_over, "versions": made.versions}


def write_lines(made: Plan, work: Path, spread: list[dict]) -> None:
    """Writes the lines that could not be read, each with its place, as a part of their table."""
    place, columns = places(made, work), Columns()
    for n, piece in enumerate(spread):
        for number, message in piece["trouble"]:
            columns.fail(place(n, number), None, message)
    folder = work / "answered" / "lines"
    folder.mkdir(parents=True, exist_ok=True)
    write_table(columns.tables()["unreadable"], folder / "unreadable.parquet")
