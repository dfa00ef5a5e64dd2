"""The two passes of a run on this machine: partitions each piece, and answers each partition.

A piece or partition that is done has its folder under its final name, so that nothing is done or
counted twice.
"""

import gc
import os
import shutil
from collections.abc import Callable
from multiprocessing import parent_process
from pathlib import Path

import orjson

from reasoner.cohort.faults import Fault, missing
from reasoner.cohort.partition import partition, write_report
from reasoner.cohort.plan import Plan, piece_report, places
from reasoner.cohort.workers import Workers
from reasoner.intake.missing import Missing

# Called with the stage, the bytes done, the bytes in all, and the patients answered.
ProgressFunction = Callable[[str, int, int, int], None]


def no_progress(stage: str, done: int, total: int, patients: int) -> None:
    """Shows nothing of a run's progress."""


def get_ready() -> None:
    """Imports all that answering takes, which takes long."""
    from reasoner.cohort import answer_partition  # noqa: F401


def run_passes(plan: Plan, work: Path, workers: Workers, tell: ProgressFunction) -> list[dict]:
    """Runs both passes, and returns the counts of each partition."""

    def weight(n: int) -> int:
        return plan.pieces[n].end - plan.pieces[n].start

    left = [n for n in range(len(plan.pieces)) if not (work / "partitioned" / f"{n:05}").exists()]
    left.sort(key=weight, reverse=True)  # so that no process waits long for another's last piece
    done = plan.size - sum(map(weight, left))
    tell("reading", done, plan.size, 0)
    for n, _ in workers.each(partition_piece, [(plan, n, work) for n in left], left):
        done += weight(n)
        tell("reading", done, plan.size, 0)
    lacking = missing(faults(plan, work))
    sizes = {n: sum(path.stat().st_size for path in parts(work, n)) for n in range(plan.partitions)}
    counts = {n: one for n in sizes if (one := partition_counts(work, n))}
    left = [n for n in sizes if n not in counts and (sizes[n] or not n)]  # one part at least
    done, patients = 0, sum(one["patients"] for one in counts.values())
    tell("answering", done, sum(sizes.values()), patients)
    for n, one in workers.each(
        answer_one_partition, [(plan, n, work, lacking) for n in left], left
    ):
        counts[n] = one
        done, patients = done + sizes[n], patients + one["patients"]
        tell("answering", done, sum(sizes.values()), patients)
    return [counts[n] for n in sorted(counts)]


def faults(plan: Plan, work: Path) -> list[Fault]:
    """The files that could not be read: some were found when the run was planned, and some when
    their pieces were partitioned.
    """
    reports = (piece_report(work, n) for n in range(len(plan.pieces)))
    damaged = [Fault(**fault) for piece in reports for fault in piece["faults"]]
    return plan.faults + damaged


def partition_counts(work: Path, number: int) -> dict | None:
    """The counts of a partition that was answered; None for one that was not."""
    path = work / "answered" / f"{number:05}" / "counts.json"
    return orjson.loads(path.read_bytes()) if path.exists() else None


def parts(work: Path, number: int) -> list[Path]:
    """The files of a partition, in the order of the pieces."""
    return sorted(work.glob(f"partitioned/[0-9]*[0-9]/{number:05}"))


def unfinished_folder(folder: Path) -> Path:
    """The name of a folder while it is being filled; removes what an earlier run left there."""
    unfinished = folder.with_name(f"{folder.name}.unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    return unfinished


def partition_piece(plan: Plan, number: int, work: Path) -> dict:
    """Partitions one piece."""
    folder = work / "partitioned" / f"{number:05}"
    unfinished = unfinished_folder(folder)
    report = partition(plan.pieces[number], number, plan.partitions, unfinished)
    write_report(unfinished, report)
    os.replace(unfinished, folder)
    return report


def answer_one_partition(plan: Plan, number: int, work: Path, lacking: list[Missing]) -> dict:
    """Answers one partition; `lacking` are the files that may hold more of its records."""
    from reasoner.cohort import answer_partition

    folder = work / "answered" / f"{number:05}"
    unfinished = unfinished_folder(folder)
    gc.disable()  # records hold no circles that matter, and looking for them takes long
    try:
        files = [piece.paths[0] for piece in plan.pieces]
        answerer, partition_files = plan.answerer(), parts(work, number)
        counts = answer_partition.answer(
            answerer, partition_files, unfinished, places(plan, work), plan.whole, files, lacking
        )
    finally:
        if parent_process():
            gc.freeze()  # nor does what this process remembers
        gc.enable()
    os.replace(unfinished, folder)
    for path in parts(work, number):
        path.unlink()  # what is answered needs no room twice
    return counts
