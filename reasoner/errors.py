"""The errors that a user can cause. Each names the place and the remedy, in its message and as
attributes, so that the command line, the service and a program can all show them.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields
from typing import Any, cast


class NextstudyError(Exception):
    """Every error a user can cause: its message names the place and the remedy.

    `exit_code` is what the command ends with: 2 for input that cannot be read, 1 for anything else.
    """

    exit_code = 2

    def __post_init__(self) -> None:
        names = [field.name for field in fields(cast(Any, self))]
        self.args = tuple(getattr(self, name) for name in names)  # so that it pickles


@dataclass(eq=False)
class TurtleError(NextstudyError, ValueError):
    """A Turtle file that cannot be read or formatted.

    Line and column count from 1, and are 0 when unknown.
    """

    path: str
    line: int
    column: int
    message: str
    hint: str

    def __str__(self) -> str:
        position = f":{self.line}:{self.column}" if self.line else ""
        return f"{self.path or 'Turtle'}{position}: {self.message}. {self.hint}"


@dataclass(eq=False)
class TableError(NextstudyError, ValueError):
    """A cell of a CSV or TSV table that has no valid value.

    `line` counts from 1, `column` is the name in the header.
    """

    path: str
    line: int
    column: str
    value: str
    hint: str

    def __str__(self) -> str:
        fault = f"{self.value!r} is not understood" if self.value else "the cell is empty ('')"
        return f"{self.path}:{self.line}: column {self.column}: {fault}. {self.hint}"


@dataclass(eq=False)
class UnfilledError(NextstudyError, ValueError):
    """A text that still begins with FILL IN: the value of `predicate` of `term`."""

    path: str
    line: int
    term: str
    predicate: str
    hint: str

    def __str__(self) -> str:
        place, text = f"{self.path}:{self.line}", f"the {self.predicate} of {self.term}"
        return f"{place}: {text} is not filled in. {self.hint}"


@dataclass(eq=False)
class PlacedError(NextstudyError, ValueError):
    """Base of the errors that consist of a place, a message and a remedy."""

    place: str
    message: str
    hint: str

    def __str__(self) -> str:
        return f"{self.place}: {self.message}. {self.hint}"


class InputError(PlacedError):
    """Patient input that cannot be read.

    `place` is a path inside it, such as `Bundle.entry[3].resource`.
    """


class DefinitionError(PlacedError):
    """An OWL axiom outside the fragment that is decided at run time; `place` is its class."""


class ConfigurationError(PlacedError):
    """A shape, check or rule that does not run: the fault is in it, not in the data."""


class OutputError(PlacedError):
    """A result that cannot be written; `place` is where it was to go."""

    exit_code = 1


class ServiceError(PlacedError):
    """A service that cannot start, for a reason that lies outside of what it was given."""

    exit_code = 1


@dataclass(eq=False)
class ContradictionError(NextstudyError, ValueError):
    """A record that puts one thing, by its IRI, into two classes that exclude each other."""

    thing: str
    first: str
    second: str

    def __str__(self) -> str:
        one, other = (name.rsplit("/", 1)[-1] for name in (self.first, self.second))
        return (
            f"{self.thing}: the record makes it both ia:{one} and ia:{other}, "
            "which exclude each other. Correct the record."
        )


@contextmanager
def named(file: str | None) -> Iterator[None]:
    """Puts the name of a file in front of the place of an error inside it; - is standard input."""
    try:
        yield
    except InputError as error:
        if file is None:
            raise
        name = "standard input" if file == "-" else file
        place = name if error.place in ("input", name) else f"{name}: {error.place}"
        raise InputError(place, error.message, error.hint) from None


def installing(extra: str = "") -> str:
    """The command that installs the project with an extra of it, from its own folder.

    No index has it.
    """
    return f"pip install '.[{extra}]'" if extra else "pip install ."


@contextmanager
def needing(extra: str, place: str) -> Iterator[None]:
    """Wraps imports of what an extra brings; without an extra, of what the project itself needs.

    Raises InputError for a package that is not installed, which says how to get it. A module of
    this project that is missing is a fault of ours and stays what it is.
    """
    try:
        yield
    except ModuleNotFoundError as error:
        name = error.name or "a package"
        if name.split(".")[0] == "reasoner":
            raise
        hint = f"Install it with: {installing(extra)}, in a checkout of nextstudy"
        raise InputError(place, f"{name} is not installed", f"{hint}.") from None
