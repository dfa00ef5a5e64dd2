"""The command `nextstudy cohort`."""

import argparse
import os
from pathlib import Path

from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from reasoner.curation.working_copy import to_read
from reasoner.errors import InputError, needing
from reasoner.messages.escaping import line
from reasoner.terminal.console import complain, progress_console

ENGINES = ("local", "spark")
OK, UNREAD, INTERRUPTED = 0, 2, 130
NAMED = 10  # files that could not be read, by name


def add_arguments(sub: argparse.ArgumentParser, day) -> None:
    """Adds the arguments."""
    sub.add_argument(
        "input",
        type=Path,
        help="a FHIR bulk export such as examples/export, a folder or file of bundles, or one "
        "bundle a line; each may be compressed with gzip",
    )
    sub.add_argument(
        "--out",
        type=Path,
        required=True,
        metavar="DIR",
        help="a new folder for the tables and the summary; the same command goes on with a run "
        "that was stopped",
    )
    sub.add_argument(
        "--on",
        type=day,
        metavar="DATE",
        help="the day of asking, for the patients' ages; by default the newest date of each record",
    )
    sub.add_argument(
        "--jobs",
        type=int,
        default=os.cpu_count() or 1,
        metavar="N",
        help="the processes that work; by default as many as there are processors",
    )
    sub.add_argument(
        "--answers",
        action="store_true",
        help="also keep every answer whole, one JSON document a line; this takes several times the "
        "room and time",
    )
    sub.add_argument(
        "--engine",
        choices=ENGINES,
        default="local",
        help="spark runs the same on Apache Spark (needs the extra spark)",
    )
    sub.add_argument(
        "--master",
        metavar="URL",
        help="the Spark master: local[4], spark://host:7077, yarn, k8s://host:443; by default this "
        "machine with --jobs processes",
    )


def run(options: argparse.Namespace) -> int:
    """Answers a cohort: 0 when all is written, 2 when a file of the input could not be read and
    all else is written, 130 when interrupted.

    Raises InputError for what cannot be read or written, and when what it takes is not installed.
    """
    if options.jobs < 1:
        raise InputError("--jobs", f"{options.jobs} processes do nothing", "Give at least 1.")
    with needing("spark" if options.engine == "spark" else "cohort", "nextstudy cohort"):
        if options.engine == "spark":
            from reasoner.cohort.spark import run as work
        else:
            from reasoner.cohort.run import run as work
    ontology = to_read(options.ontology)
    console = progress_console()
    given = (
        {"master": options.master or f"local[{options.jobs}]"}
        if options.engine == "spark"
        else {"jobs": options.jobs}
    )
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console) as progress:
        bars: dict[str, tuple[int, int]] = {}  # of a stage its bar, and the patients before it

        def tell(stage: str, done: int, size: int, patients: int) -> None:
            bar, before = bars.setdefault(stage, (len(bars), patients))
            if bar == len(progress.tasks):
                progress.add_task(stage, rate="")
            spent = progress.tasks[bar].elapsed
            rate = (
                f"{patients:,} patients, {(patients - before) / spent:,.0f}/s"
                if patients > before and spent
                else ""
            )
            progress.update(bar, completed=done, total=size, rate=rate)

        tell("reading", 0, 1, 0)
        try:
            counts = work(
                options.input,
                options.out,
                on=options.on,
                whole=options.answers,
                ontology=ontology,
                ratings=options.ratings,
                tell=tell,
                **given,
            )
        except KeyboardInterrupt:
            complain("interrupted; run the same command again to go on.")
            return INTERRUPTED
    unread = counts["unreadable"] - len(counts["faults"])
    sentence = (
        f"{counts['patients']:,} patients answered, {unread:,} lines or records "
        f"not read. Read {options.out / 'summary.md'} first."
    )
    console.print(line(sentence), soft_wrap=True)
    for path, message, _ in counts["faults"][:NAMED]:
        complain(f"{path}: {message}")
    if more := counts["faults"][NAMED:]:
        complain(f"{len(more):,} more files could not be read: see the table `unreadable`.")
    return UNREAD if counts["faults"] else OK
