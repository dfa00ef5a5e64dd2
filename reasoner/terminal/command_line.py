"""Parses a command line and ends it: a misspelled name is refused with the nearest one, and every
error becomes one line and an exit code.
"""

import argparse
import re
import sys
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any, NoReturn

from reasoner.errors import NextstudyError
from reasoner.messages.nearest import listed, nearest
from reasoner.terminal.console import Closed, complain, discard_output, open_output, write

OK, FAILED, BAD_INPUT, INTERRUPTED, PIPE_CLOSED = 0, 1, 2, 130, 141  # as shells count signals
UNFIT = re.compile(r"invalid (int|float) value: (.*)", re.S)
MISSING = re.compile(r"the following arguments are required: (.*)", re.S)
NUMBERS = {"int": "whole number", "float": "number"}
FILES = {  # why a file cannot be used, and what helps
    FileNotFoundError: "there is no such file or folder. Check the path.",
    IsADirectoryError: (
        "this is a folder. Give a file in it; `nextstudy cohort` reads whole folders."
    ),
    PermissionError: "it cannot be opened (Permission denied). Check its permissions.",
}
EXAMPLES = {
    "ask": "nextstudy ask examples/record.json --explain",
    "query": "nextstudy query why-not-this-study --set procedure=ia:CtWithIvContrast",
    "show": "nextstudy show LOINC:24703-1",
    "validate": "nextstudy validate examples/patient.ttl",
    "import": "nextstudy import examples/made-up-ratings-2026.csv --out imported",
    "ratings": "nextstudy ratings --join",
    "serve": "nextstudy serve --port 8080",
    "cohort": "nextstudy cohort examples/export --out out",
    "synth": "nextstudy synth 1000 --seed 1 --out export",
    "build": "nextstudy build ontology",
    "diff": "nextstudy diff HEAD ontology",
    "new": "nextstudy new scenario MassAfterBiopsy --topic soft-tissue-masses --edition "
    "SoftTissueMasses2022 --criteria SoftTissueMassPresentation,BiopsyDone "
    "--label 'mass after a biopsy'",
    "docs": "nextstudy docs site",
    "fmt": "nextstudy fmt --check ontology",
}


class Parser(argparse.ArgumentParser):
    """The arguments of a command. Options are written in full, so that one that is added later
    changes the meaning of none.
    """

    def __init__(self, *arguments: Any, **settings: Any):
        self.options: list[str] = []
        super().__init__(*arguments, **{"allow_abbrev": False, **settings})

    def add_argument(self, *names: str, **settings: Any) -> argparse.Action:
        """Adds an argument, and notes the names of an option."""
        self.options += [name for name in names if name.startswith("--")]
        return super().add_argument(*names, **settings)

    def print_help(self, file: Any = None) -> None:
        """Prints the help where results go, so that it fails as they do."""
        write(self.format_help())

    def parse_args(self, arguments: Sequence[str] | None = None, namespace: Any = None) -> Any:
        """The arguments of a command line. Ends with 2 where one is not understood."""
        given = sys.argv[1:] if arguments is None else list(arguments)
        if given and given[0].startswith("--"):
            name = given[0].partition("=")[0]
            if name not in self.options and name != "--":
                self.error(self.unknown_option(name))
        options, rest = self.parse_known_args(given, namespace)
        if not rest:
            return options
        of: Parser = options.parser if "parser" in options else self
        odd = next((word for word in rest if word.startswith("-") and word != "-"), "")
        of.error(
            of.unknown_option(odd.partition("=")[0]) if odd else f"{rest[0]!r} is one too many"
        )

    def unknown_option(self, name: str) -> str:
        """The sentence about an option that a command does not have."""
        return unknown("option", name, self.options, f"Options are {listed(self.options, 'and')}")

    def _check_value(self, action: argparse.Action, value: Any) -> None:
        """Ends with 2 for what is none of the choices of an argument."""
        if action.choices is None or value in action.choices:
            return
        choices = [str(choice) for choice in action.choices]
        if isinstance(action, argparse._SubParsersAction):
            what, every = "command", f"Commands are {listed(choices, 'and')}"
        else:
            what = action.option_strings[-1].lstrip("-") if action.option_strings else "name"
            every = f"It may be {listed(choices)}"
        self.error(unknown(what, str(value), choices, every))

    def error(self, message: str) -> NoReturn:
        """Says in one line what is wrong with the arguments, and ends with 2."""
        message = message.removeprefix("argument ").replace(
            "expected one argument", "it has no value"
        )
        message = MISSING.sub(r"\1 is missing", message)
        message = UNFIT.sub(lambda match: f"{match[2]} is no {NUMBERS[match[1]]}", message)
        complain(f"{message}. See `{self.prog} --help`.")
        raise SystemExit(BAD_INPUT)


def day(text: str) -> date:
    """The date of an argument. Raises ArgumentTypeError for what is no date."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no date; write it as 2026-11-22") from None


def unknown(what: str, name: str, known: Iterable[str], every: str) -> str:
    """The sentence about a name that is not known: the nearest, else what there is."""
    near = nearest(name, known)
    return f"unknown {what} {name!r}" + (f"; the nearest is {near[0]}" if near else f". {every}")


def run(top: argparse.ArgumentParser, arguments: Sequence[str] | None) -> int:
    """Runs a command, and gives its exit code: 0 for an answer, 2 for input that cannot be read,
    130 when interrupted, 141 when nobody reads its output any more, 1 for anything else.
    """
    open_output()
    try:
        options = top.parse_args(arguments)
        return options.run(options)
    except Closed:
        discard_output()
        return PIPE_CLOSED
    except NextstudyError as error:
        complain(error)
        return error.exit_code
    except KeyboardInterrupt:
        complain("interrupted.")
        return INTERRUPTED
    except OSError as error:
        other = f"{error.strerror or error}. Check the path and its permissions."
        known = (text for kind, text in FILES.items() if isinstance(error, kind))
        message = next(known, other)
        complain(f"{error.filename}: {message}" if error.filename else message)
        return FAILED if message == other else BAD_INPUT
