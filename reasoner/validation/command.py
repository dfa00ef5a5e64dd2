"""The command `nextstudy validate`: a progress bar on a terminal, a report, and an exit code that CI can trust."""

import sys
from pathlib import Path

from reasoner.console import complain, progress_console, write
from reasoner.errors import ConfigurationError, NextstudyError
from reasoner.shown import line
from reasoner.validation.findings import SEVERITIES, at_least

FIT, FINDINGS, UNREADABLE, MISCONFIGURED = 0, 1, 2, 3
FORMATS = ("text", "markdown", "json", "junit", "sarif", "github", "turtle")


def add_arguments(command) -> None:
    """The arguments of the command."""
    command.add_argument("paths", nargs="*", type=Path, metavar="PATH",
                         help="an ontology folder, or Turtle files to check with the vocabulary as context; by default the graph that comes with the program")
    command.add_argument("--format", choices=FORMATS, default="text")
    command.add_argument("--fail-on", choices=tuple(reversed(SEVERITIES)), default="violation", help="the least severity that gives exit code 1")


def run(options) -> int:
    """0 when fit, 1 with findings, 2 when the input cannot be read, 3 when a shape or check does not run."""
    from reasoner.validation import reports, validate
    try:
        with Bar() as bar:
            report = validate.validate(options.paths, bar.show)
        body = reports.FORMATS[options.format](report.findings, report.checks)
    except ConfigurationError as error:
        complain(error)
        return MISCONFIGURED
    except (NextstudyError, OSError) as error:
        told = error if isinstance(error, NextstudyError) else f"{error.filename or 'file'}: {error.strerror}. Check the path and its permissions."
        complain(told)
        return UNREADABLE
    write(body)
    return FINDINGS if at_least(report.findings, options.fail_on) else FIT


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
