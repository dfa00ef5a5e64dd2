"""The two passes of a run: each piece is spread over buckets, and each bucket is answered.

A piece or bucket that is done has its folder under its final name, so nothing is done or counted twice.
"""

import gc
import os
import shutil
from collections.abc import Callable
from multiprocessing import parent_process
from pathlib import Path

import orjson

from reasoner.cohort.faults import Fault, missing
from reasoner.cohort.partition import note, spread
from reasoner.cohort.plan import Plan, places, told
from reasoner.cohort.workers import Workers
from reasoner.intake.missing import Missing

Told = Callable[[str, int, int, int], None]  # stage, bytes done, bytes in all, patients answered


def get_ready() -> None:
    """Opens all that answering takes."""
    from reasoner.cohort import answer_partition  # noqa: F401


def both(made: Plan, work: Path, workers: Workers, tell: Told) -> list[dict]:
    """Does both passes, and returns what each bucket tells."""
    weight = lambda n: made.pieces[n].end - made.pieces[n].start
    left = [n for n in range(len(made.pieces)) if not (work / "spread" / f"{n:05}").exists()]
    left.sort(key=weight, reverse=True)  # so that no process waits long for another's last piece
    done = made.size - sum(map(weight, left))
    tell("reading", done, made.size, 0)
    for n, _ in workers.each(spread_piece, [(made, n, work) for n in left], left):
        done += weight(n)
        tell("reading", done, made.size, 0)
    lacking = missing(faults(made, work))
    sizes = {n: sum(path.stat().st_size for path in parts(work, n)) for n in range(made.buckets)}
    answered = {n: found for n in sizes if (found := answer_of(work, n))}
    left = [n for n in sizes if n not in answered and (sizes[n] or not n)]  # one part at least
    done, patients = 0, sum(found["patients"] for found in answered.values())
    tell("answering", done, sum(sizes.values()), patients)
    for n, found in workers.each(answer_bucket, [(made, n, work, lacking) for n in left], left):
        answered[n] = found
        done, patients = done + sizes[n], patients + found["patients"]
        tell("answering", done, sum(sizes.values()), patients)
    return [answered[n] for n in sorted(answered)]


def faults(made: Plan, work: Path) -> list[Fault]:
    """The files that could not be read: some were found when the run was planned, and some when
    their pieces were spread.
    """
    spread = (told(work, n) for n in range(len(made.pieces)))
    found = [Fault(**fault) for piece in spread for fault in piece["faults"]]
    return made.faults + found


def answer_of(work: Path, bucket: int) -> dict | None:
    """What a bucket told when it was answered; None when it was not."""
    path = work / "answered" / f"{bucket:05}" / "told.json"
    return orjson.loads(path.read_bytes()) if path.exists() else None


def parts(work: Path, bucket: int) -> list[Path]:
    """The files of a bucket, in the order of the pieces."""
    return sorted(work.glob(f"spread/[0-9]*[0-9]/{bucket:05}"))


def fresh(folder: Path) -> Path:
    """A folder's name while it is being filled; what an earlier run left there is removed."""
    unfinished = folder.with_name(f"{folder.name}.unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    return unfinished


def spread_piece(made: Plan, number: int, work: Path) -> dict:
    """Spreads one piece."""
    folder = work / "spread" / f"{number:05}"
    unfinished = fresh(folder)
    happened = spread(made.pieces[number], number, made.buckets, unfinished)
    note(unfinished, happened)
    os.replace(unfinished, folder)
    return happened


def answer_bucket(made: Plan, number: int, work: Path, lacking: list[Missing]) -> dict:
    """Answers one bucket, whose records may lack what some files hold."""
    from reasoner.cohort import answer_partition as buckets

    folder = work / "answered" / f"{number:05}"
    unfinished = fresh(folder)
    gc.disable()  # records hold no circles that matter, and looking for them takes long
    try:
        files = [piece.paths[0] for piece in made.pieces]
        population, given = made.population(), parts(work, number)
        happened = buckets.answer(
            population, given, unfinished, places(made, work), made.whole, files, lacking
        )
    finally:
        if parent_process():
            gc.freeze()  # nor does what this process remembers
        gc.enable()
    os.replace(unfinished, folder)
    for path in parts(work, number):
        path.unlink()  # what is answered needs no room twice
    return happened
