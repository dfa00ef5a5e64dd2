"""The command `nextstudy validate`: a progress bar, a report, and an exit code for CI."""

import sys
from pathlib import Path

from reasoner.curation.working_copy import checkout, named, packaged, to_read
from reasoner.errors import ConfigurationError, InputError, NextstudyError
from reasoner.messages.escaping import line
from reasoner.terminal.console import complain, progress_console, write
from reasoner.validation.findings import SEVERITIES, at_least

FIT, FINDINGS, UNREADABLE, MISCONFIGURED = 0, 1, 2, 3
FORMATS = ("text", "markdown", "json", "junit", "sarif", "github", "turtle")


def add_arguments(command) -> None:
    """The arguments of the command."""
    command.add_argument(
        "paths",
        nargs="*",
        type=Path,
        metavar="PATH",
        help="an ontology folder, or Turtle files to check with the vocabulary as context; by "
        "default the checkout around the working folder",
    )
    command.add_argument(
        "--packaged", action="store_true", help="check the graph that comes with the program"
    )
    command.add_argument("--format", choices=FORMATS, default="text")
    command.add_argument(
        "--fail-on",
        choices=tuple(reversed(SEVERITIES)),
        default="violation",
        help="the least severity that gives exit code 1",
    )


def run(options) -> int:
    """Prints the report on a graph.

    Returns 0 when it is fit, 1 with findings, 2 when the input cannot be read, 3 when a shape or
    check does not run.
    """
    from reasoner.validation import reports, validate

    try:
        with Bar() as bar:
            paths, context = asked(options)
            report = validate.validate(paths, bar.show, context)
        body = reports.FORMATS[options.format](report.findings, report.checks)
    except ConfigurationError as error:
        complain(error)
        return MISCONFIGURED
    except NextstudyError as error:
        complain(error)
        return UNREADABLE
    except OSError as error:
        place = error.filename or "file"
        complain(f"{place}: {error.strerror}. Check the path and its permissions.")
        return UNREADABLE
    write(body)
    return FINDINGS if at_least(report.findings, options.fail_on) else FIT


def asked(options) -> tuple[list[Path], Path | None]:
    """The paths to check and the context of files among them, as `validate` takes them.

    Raises InputError where nothing is named and there is no checkout: to check the graph that comes
    with the program instead would pass whatever stands in the folder that was meant.
    """
    given = options.ontology and named(options.ontology)
    if options.packaged and (options.paths or given):
        raise InputError("--packaged", "other paths are named too", "Give one of them.")
    if options.packaged:
        return [], None
    if options.paths:
        return options.paths, given
    if not given and not checkout():
        hint = (
            "Run it in a checkout, name a path, or give --packaged for the graph that comes with "
            "the program."
        )
        place = Path.cwd()
        raise InputError("nextstudy validate", f"there is no checkout at or above {place}", hint)
    return [to_read(given) or packaged()], None


class Bar:
    """A progress bar on standard error, when that is a terminal; otherwise nothing."""

    def __enter__(self) -> "Bar":
        self.bar = None
        if sys.stderr.isatty():
            from rich.markup import escape
            from rich.progress import Progress

            self.escape = escape
            self.bar = Progress(console=progress_console(), transient=True)
            self.task = self.bar.add_task("reading", total=None)
            self.bar.start()
        return self

    def show(self, name: str, done: int, total: int) -> None:
        """Moves the bar to a step."""
        if self.bar:
            self.bar.update(
                self.task, description=self.escape(line(name)), completed=done, total=total
            )

    def __exit__(self, *error) -> None:
        if self.bar:
            self.bar.stop()
