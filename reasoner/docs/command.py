"""The command `nextstudy docs`."""

import argparse
from pathlib import Path

from reasoner.curation.working_copy import to_read
from reasoner.terminal.command_line import OK
from reasoner.terminal.console import complain, print_lines


def add_arguments(command: argparse.ArgumentParser) -> None:
    """Adds the arguments."""
    command.add_argument(
        "folder", type=Path, help="the folder to write; files of other names in it stay"
    )


def run(options: argparse.Namespace) -> int:
    """Writes the documentation, and prints how many files changed.

    Raises InputError for an ontology folder that cannot be read.
    """
    from reasoner.docs.write import left_out, write_docs

    changed = write_docs(options.folder, to_read(options.ontology))
    if message := left_out():
        complain(message)
    print_lines(f"wrote {len(changed)} files; open {options.folder / 'index.html'}")
    return OK
