"""Runs a cohort: plan, two passes, and tables that get their names when all is done.

Everything is written into `DIR/.work` first: nothing half-written stands under a final name.
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

from reasoner.cohort import local
from reasoner.cohort.faults import Fault
from reasoner.cohort.lock import locked
from reasoner.cohort.plan import PLAN, Plan, begin, make_plan, piece_report, places
from reasoner.cohort.sources import size
from reasoner.cohort.summary import write_summary
from reasoner.cohort.tables import TABLES
from reasoner.cohort.workers import Workers
from reasoner.errors import InputError
from reasoner.files import write
from reasoner.graph.imported_ratings import OWN

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
    tell: local.ProgressFunction = local.no_progress,
    ratings: str = OWN,
) -> dict:
    """Answers all patients of an input, writes tables and a summary, and returns the counts.

    Raises InputError for an input, folder or file that cannot be used, and for a disk that is full.
    """
    with Workers(1 if size(given) < SMALL else jobs) as workers:
        workers.prepare(local.get_ready)
        return complete(
            make_plan(given, on, whole, ontology, ratings=ratings),
            out,
            partial(run_locally, workers=workers, tell=tell),
            workers,
        )


def complete(plan: Plan, out: Path, fill: Callable[[Plan, Path], dict], workers: Workers) -> dict:
    """Carries out a plan, or continues with it, and returns the counts of `count`.

    `fill` fills the work folder with parts of tables and returns their counts.
    """
    try:
        work = begin(out, plan)
        with locked(work):
            if not (work / DONE).exists():
                write(work / DONE, orjson.dumps(fill(plan, work)))
            counts = finish(plan, out, work, workers)
        clear(work)
        return counts
    except OSError as error:
        remedy = "Make room" if error.errno in FULL else "Check the folder and its permissions"
        raise InputError(
            str(out),
            f"it cannot be written ({error.strerror or error})",
            f"{remedy}, then run the same command again: what is done is kept.",
        ) from None


def run_locally(plan: Plan, work: Path, workers: Workers, tell: local.ProgressFunction) -> dict:
    """Runs both passes on this machine, and returns the counts."""
    counts = local.run_passes(plan, work, workers, tell)
    reports = [piece_report(work, n) for n in range(len(plan.pieces))]
    faults = local.faults(plan, work)
    write_faults(work, faults)
    if lines := sum(map(troubles, reports)):
        write_lines(plan, work, reports)
    return count(plan, counts, [piece["ownerless"] for piece in reports], lines, faults)


def troubles(piece: dict) -> int:
    """How many lines of a piece could not be read; those without a row share the last one."""
    return len(piece["trouble"]) + max(piece["more"] - 1, 0)


def finish(plan: Plan, out: Path, work: Path, workers: Workers) -> dict:
    """Gives the parts their final names, table by table, then the plots and the summary.

    Returns the counts of the whole run.
    """
    for name in [*TABLES, "unreadable", *(["answers"] if plan.whole else [])]:
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
    plan: Plan,
    counts: list[dict],
    ownerless: list[dict[str, int]],
    lines: int,
    faults: list[Fault],
) -> dict:
    """Counts patients, what could not be read, the lines and files among it, and resources that
    name no patient, by type.
    """
    of_no_one = sum(map(Counter, ownerless), Counter())
    unread = sum(part["unreadable"] for part in counts) + lines + len(faults)
    return {
        "patients": sum(part["patients"] for part in counts),
        "unreadable": unread,
        "lines": lines,
        "faults": [[fault.path, fault.message, bool(fault.types)] for fault in faults],
        "ownerless": dict(sorted(of_no_one.items())),
        "passed_over": plan.passed_over,
        "versions": plan.versions,
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


def write_lines(plan: Plan, work: Path, reports: list[dict]) -> None:
    """Writes the lines that could not be read, each with its place, as parts of their table."""
    from reasoner.cohort.parquet import Columns, write_table

    place, columns, part = places(plan, work), Columns(), 0
    for n, piece in enumerate(reports):
        for number, message in piece["trouble"]:
            columns.fail(place(n, number), None, message)
        if columns.unreadable > BATCH or n == len(reports) - 1:
            folder = work / "answered" / f"lines-{part:05}"
            folder.mkdir(parents=True, exist_ok=True)
            write_table(columns.tables()["unreadable"], folder / "unreadable.parquet")
            columns, part = Columns(), part + 1
