"""Writes a whole population, by several processes.

The bytes depend on the number of persons, seed, form and program, not on the number of processes.
"""

import os
import signal
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import NamedTuple

from reasoner.errors import InputError
from reasoner.graph.knowledge import load
from reasoner.synth import covered as covering
from reasoner.synth import persons, truth
from reasoner.synth.forms import FORMS, Stretch, stretch
from reasoner.synth.models import models
from reasoner.synth.output import TRUTH, Folder
from reasoner.synth.persons import Person
from reasoner.synth.truth import csv_lines

STRETCH = 1000  # persons generated at once: some megabytes
COVERED = 10.0  # percent of the patients
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
    topics: str | None = None,
    covered: float | None = None,
) -> Written:
    """Writes the first n persons of a seed and their truth into a new or empty folder.

    With `topics`, names with commas between them or "all", the persons are made of the definitions
    of those topics, and `covered` percent of them have such a problem. Without, they are those of
    the table of archetypes, and `masses` is the share of any archetype. Calls `progress` with the
    number of persons done and the number in all. Raises InputError for a number, a form, a topic
    or a folder that cannot be used; then, and when it is interrupted, nothing is written.
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
    if covered is not None and (topics is None or not 0 <= covered <= 100):
        fault = (
            "it says nothing without --topics"
            if topics is None
            else f"{covered:g} is no percentage"
        )
        raise InputError("--covered", fault, "Give --topics, and a number from 0 to 100.")
    person: Callable[[int], Person]
    columns: tuple[str, ...]
    if topics is None:
        person, columns = partial(persons.person, seed, masses=masses), truth.Row._fields
    else:
        share = (COVERED if covered is None else covered) / 100
        made, columns = models(load(), topics), covering.Row._fields
        person = partial(covering.person, made, share, seed)
    resources = rows = 0
    with Folder(out) as folder:
        folder.append(TRUTH, csv_lines([columns]))
        for number, part in enumerate(stretches(n, person, form, compress, processes(n, jobs)), 1):
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
    n: int, person: Callable[[int], Person], form: str, compress: bool, jobs: int
) -> Iterator[Stretch]:
    """The stretches of a population in order; only a few are in memory at any time."""
    tasks = [
        (form, person, first, min(first + STRETCH, n), compress) for first in range(0, n, STRETCH)
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
