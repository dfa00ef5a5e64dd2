"""Writes a whole population, by several processes.

The bytes depend on the number of persons, seed, form and program, not on the number of processes.
"""

import os
import signal
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import NamedTuple

from reasoner.errors import InputError
from reasoner.synth.forms import FORMS, Stretch, stretch
from reasoner.synth.output import TRUTH, Folder
from reasoner.synth.truth import csv_lines

STRETCH = 1000  # persons generated at once: some megabytes
ALONE = 5 * STRETCH  # so many are generated faster than processes start


class Written(NamedTuple):
    """What was written."""

    persons: int
    resources: int
    rows: int


def generate(
    n: int,
    seed: int,
    out: Path,
    form: str = "bulk",
    compress: bool = False,
    jobs: int | None = None,
    masses: float = 1.0,
    progress: Callable[[int, int], None] | None = None,
) -> Written:
    """Writes the first n persons of a seed and their truth into a new or empty folder.

    Calls `progress` with the number of persons done and the number in all. Raises InputError for
    a number, a form or a folder that cannot be used; then, and when it is interrupted, nothing is
    written.
    """
    for name, value, least in (
        ("N", n, 1),
        ("--seed", seed, 0),
        ("--jobs", jobs if jobs is not None else 1, 1),
    ):
        if value < least:
            raise InputError(name, f"{value} is too small", f"Give {least} or more.")
    if not 0 <= masses <= 1:
        raise InputError("--masses", f"{masses} is no share", "Give a number from 0 to 1.")
    if form not in FORMS:
        raise InputError("--form", f"there is no form {form!r}", f"Forms are: {', '.join(FORMS)}.")
    resources = rows = 0
    with Folder(out) as folder:
        folder.append(TRUTH, csv_lines((), header=True))
        for number, part in enumerate(
            stretches(n, seed, masses, form, compress, processes(n, jobs)), 1
        ):
            for name, data in part.appended.items():
                folder.append(name, data)
            for name, data in part.whole.items():
                folder.put(name, data)
            folder.append(TRUTH, part.truth)
            resources, rows = resources + part.resources, rows + part.truth.count(b"\n")
            if progress:
                progress(min(number * STRETCH, n), n)
    return Written(n, resources, rows)


def processes(n: int, jobs: int | None) -> int:
    """How many processes to use: those asked for, else one for each core when it is worth it."""
    if jobs is None:
        jobs = (
            1
            if n <= ALONE
            else len(os.sched_getaffinity(0))
            if hasattr(os, "sched_getaffinity")
            else os.cpu_count() or 1
        )
    return min(jobs, -(-n // STRETCH))


def stretches(
    n: int, seed: int, masses: float, form: str, compress: bool, jobs: int
) -> Iterator[Stretch]:
    """The stretches of a population in order; only a few are in memory at any time."""
    tasks = [
        (form, seed, masses, first, min(first + STRETCH, n), compress)
        for first in range(0, n, STRETCH)
    ]
    if jobs == 1:
        yield from (stretch(*task) for task in tasks)
        return
    pool = ProcessPoolExecutor(
        jobs,
        get_context("spawn"),
        initializer=signal.signal,
        initargs=(signal.SIGINT, signal.SIG_IGN),
    )
    waiting = deque()
    try:
        for task in tasks:
            waiting.append(pool.submit(stretch, *task))
            if len(waiting) > 2 * jobs:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        pool.shutdown(cancel_futures=True)
