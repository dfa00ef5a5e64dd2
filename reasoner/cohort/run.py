"""A whole run: a plan, two passes, and tables that get their names when all is done.

Everything is made in `DIR/.work` first: nothing half-written stands under a final name.
"""

import errno
import os
import shutil
from collections import Counter
from collections.abc import Callable
from datetime import date
from functools import partial
from pathlib import Path

import orjson

from reasoner.cohort import local as passes
from reasoner.cohort.faults import Fault
from reasoner.cohort.lock import claimed
from reasoner.cohort.plan import PLAN, Plan, begin, places, plan, told
from reasoner.cohort.rows import TABLES
from reasoner.cohort.sources import size
from reasoner.cohort.summary import write_summary
from reasoner.cohort.workers import Workers
from reasoner.errors import InputError
from reasoner.files import write

SMALL = 8 << 20  # bytes of input for which other processes do not pay
FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
BATCH = 100_000  # lines that could not be read, in a part of their table
DONE, RESULT = "done.json", "result"


def run(
    given: Path,
    out: Path,
    on: date | None = None,
    jobs: int = 1,
    whole: bool = False,
    ontology: Path | None = None,
    tell: passes.Told = lambda *_: None,
) -> dict:
    """Answers all patients of an input, writes tables and a summary into a folder, and returns what there was.

    Raises InputError for an input, folder or file that cannot be used, and for a disk that is full.
    """
    with Workers(1 if size(given) < SMALL else jobs) as workers:
        workers.ready(passes.get_ready)
        return complete(
            plan(given, on, whole, ontology),
            out,
            partial(answered, workers=workers, tell=tell),
            workers,
        )


def complete(
    made: Plan, out: Path, answered: Callable[[Plan, Path], dict], workers: Workers
) -> dict:
    """Carries out a plan, or goes on with it, and returns what there was; `answered` fills the work folder with parts of tables and counts them."""
    try:
        work = begin(out, made)
        with claimed(work):
            if not (work / DONE).exists():
                write(work / DONE, orjson.dumps(answered(made, work)))
            counts = finish(made, out, work, workers)
        clear(work)
        return counts
    except OSError as error:
        remedy = "Make room" if error.errno in FULL else "Check the folder and its permissions"
        raise InputError(
            str(out),
            f"it cannot be written ({error.strerror or error})",
            f"{remedy}, then run the same command again: what is done is kept.",
        ) from None


def answered(made: Plan, work: Path, workers: Workers, tell: passes.Told) -> dict:
    """Does both passes on this machine, and returns what there was."""
    found = passes.both(made, work, workers, tell)
    spread, faults = [told(work, n) for n in range(len(made.pieces))], passes.faults(made, work)
    write_faults(work, faults)
    if lines := sum(map(troubles, spread)):
        write_lines(made, work, spread)
    return count(made, found, [piece["ownerless"] for piece in spread], lines, faults)


def troubles(piece: dict) -> int:
    """How many lines of a piece could not be read; those without a row share the last one."""
    return len(piece["trouble"]) + max(piece["more"] - 1, 0)


def finish(made: Plan, out: Path, work: Path, workers: Workers) -> dict:
    """Gives the parts their final names, table by table, then the plots and the summary, and returns what there was in all."""
    for name in [*TABLES, "unreadable", *(["answers"] if made.whole else [])]:
        folder = work / RESULT / name
        if (out / name).exists():
            continue
        folder.mkdir(parents=True, exist_ok=True)
        for part in sorted(work.glob(f"answered/*/{name}.*")):
            os.replace(part, folder / f"part-{part.parent.name}{part.suffix}")
        os.replace(folder, out / name)
    counts = orjson.loads((work / DONE).read_bytes())
    write_summary(out, counts, work / RESULT, workers)
    for name in ("plots", "summary.md"):
        if (work / RESULT / name).exists() and not (out / name).exists():
            os.replace(work / RESULT / name, out / name)
    return counts


def clear(work: Path) -> None:
    """Removes a work folder, its plan last, so that a run that is stopped meanwhile goes on."""
    for path in sorted(work.iterdir(), key=lambda path: (path.name == PLAN, path.name == DONE)):
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    work.rmdir()


def count(
    made: Plan,
    answered: list[dict],
    ownerless: list[dict[str, int]],
    lines: int,
    faults: list[Fault],
) -> dict:
    """What there was: patients, what could not be read, the lines and files among it, and
    resources that name no patient, by type.
    """
    of_no_one = sum(map(Counter, ownerless), Counter())
    unread = sum(part["unreadable"] for part in answered) + lines + len(faults)
    return {
        "patients": sum(part["patients"] for part in answered),
        "unreadable": unread,
        "lines": lines,
        "faults": [[fault.path, fault.message, bool(fault.types)] for fault in faults],
        "ownerless": dict(sorted(of_no_one.items())),
        "passed_over": made.passed_over,
        "versions": made.versions,
    }


def write_faults(work: Path, faults: list[Fault]) -> None:
    """Writes the files that could not be read as a part of the table of what could not be."""
    from reasoner.cohort.parquet import Columns, write_table

    columns = Columns()
    for fault in faults:
        columns.fail(fault.path, None, fault.message)
    if faults:
        folder = work / "answered" / "files"
        folder.mkdir(parents=True, exist_ok=True)
        write_table(columns.tables()["unreadable"], folder / "unreadable.parquet")


def write_lines(made: Plan, work: Path, spread: list[dict]) -> None:
    """Writes the lines that could not be read, each with its place, as parts of their table."""
    from reasoner.cohort.parquet import Columns, write_table

    place, columns, part = places(made, work), Columns(), 0
    for n, piece in enumerate(spread):
        for number, message in piece["trouble"]:
            columns.fail(place(n, number), None, message)
        if columns.unreadable > BATCH or n == len(spread) - 1:
            folder = work / "answered" / f"lines-{part:05}"
            folder.mkdir(parents=True, exist_ok=True)
            write_table(columns.tables()["unreadable"], folder / "unreadable.parquet")
            columns, part = Columns(), part + 1
