"""The command `nextstudy synth`: a population into a folder, with a progress bar on a terminal."""

import argparse
import sys
from pathlib import Path

from reasoner.errors import InputError
from reasoner.terminal.console import complain, print_lines, progress_console

OK, INTERRUPTED = 0, 130
MASSES = 0.1
FORMS = ("bulk", "bundles", "files")  # those of forms.py, which is read only when it is needed


def add_arguments(command: argparse.ArgumentParser) -> None:
    """The arguments of the command."""
    command.add_argument("n", type=int, metavar="N", help="how many patients")
    command.add_argument(
        "--seed",
        type=int,
        required=True,
        metavar="S",
        help="the seed: the same patients for the same seed, and a larger N adds to them",
    )
    command.add_argument(
        "--out",
        type=Path,
        required=True,
        metavar="DIR",
        help="a new or empty folder; truth.csv in it says what must be answered",
    )
    command.add_argument(
        "--form",
        choices=FORMS,
        default="bulk",
        help="NDJSON by type of resource, one Bundle a line, or one Bundle a file",
    )
    command.add_argument(
        "--masses",
        type=float,
        default=MASSES,
        metavar="SHARE",
        help="the share of patients in whom there may be a mass, from 0 to 1; the others have what "
        f"hospitals see besides. By default {MASSES}: more than in life, so that there is "
        "something to see",
    )
    command.add_argument(
        "--topics",
        metavar="NAMES",
        help="make the patients of the definitions of some topics, in place of masses: names of "
        "folders of ontology/topics/ with commas between them, or all. Some lack a fact, some have "
        "one that refutes a scenario; truth.csv says which scenarios apply",
    )
    command.add_argument(
        "--covered",
        type=float,
        metavar="PERCENT",
        help="with --topics: how many patients in a hundred have a problem that one of them "
        "covers; the others have what no topic covers. By default 10",
    )
    command.add_argument(
        "--gzip", action="store_true", help="compress the resources; the truth stays plain"
    )
    command.add_argument(
        "--jobs",
        type=int,
        metavar="J",
        help="the processes to use; by default one for each core. The files are the same for any "
        "number",
    )


def run(options: argparse.Namespace) -> int:
    """Writes a population: 0 when all is written, 130 when interrupted, with nothing written.

    Raises InputError for arguments that cannot be used.
    """
    from reasoner.synth.generate import generate

    if options.ontology:
        message = "the patients are made for the graph that comes with the program"
        raise InputError("--ontology", message, "Leave it out.")
    try:
        with Bar() as bar:
            written = generate(
                options.n,
                options.seed,
                options.out,
                options.form,
                options.gzip,
                options.jobs,
                options.masses,
                bar.show,
                options.topics,
                options.covered,
            )
    except KeyboardInterrupt:
        complain("interrupted; nothing was written.")
        return INTERRUPTED
    print_lines(
        f"wrote {written.persons} patients, {written.resources} resources and {written.rows} rows "
        f"of truth into {options.out}"
    )
    return OK


class Bar:
    """A progress bar on standard error, when that is a terminal; otherwise nothing."""

    def __enter__(self) -> "Bar":
        self.bar = None
        if sys.stderr.isatty():
            from rich.progress import Progress

            self.bar = Progress(console=progress_console(), transient=True)
            self.task = self.bar.add_task("patients", total=None)
            self.bar.start()
        return self

    def show(self, done: int, total: int) -> None:
        """Moves the bar."""
        if self.bar:
            self.bar.update(self.task, completed=done, total=total)

    def __exit__(self, *error) -> None:
        if self.bar:
            self.bar.stop()
