"""The command `nextstudy diff`."""

import argparse
from pathlib import Path

from reasoner.curation.working_copy import named, to_read
from reasoner.terminal.command_line import OK
from reasoner.terminal.console import write


def add_arguments(command: argparse.ArgumentParser) -> None:
    """Adds the arguments."""
    command.add_argument(
        "before",
        help="an ontology folder, a git revision of the working copy, or an edition such as "
        "ia:SoftTissueMasses2017",
    )
    command.add_argument("after", help="the same, of the later version or edition")
    command.add_argument("--format", choices=("text", "markdown", "json"), default="text")
    command.add_argument(
        "--cases",
        type=Path,
        metavar="DIR",
        help="the test patients; by default tests/cases beside the ontology folder",
    )


def run(options: argparse.Namespace) -> int:
    """Prints what changed between two versions or editions.

    Raises InputError for a name that is neither a folder, a revision nor an edition.
    """
    from reasoner.diff.compare import diff
    from reasoner.diff.render import FORMATS

    ontology = options.ontology and named(options.ontology)
    if options.before.startswith("ia:") and options.after.startswith("ia:"):
        ontology = to_read(ontology)
    difference = diff(options.before, options.after, options.cases, ontology)
    write(FORMATS[options.format](difference))
    return OK
