"""Why this file exists: an error a user can cause says where it is and how to mend it, and carries both as data."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields


class NextstudyError(Exception):
    """Every error a user can cause: its message names the place and the remedy.

    `exit_code` is what the command ends with: 2 for input that cannot be read, 1 for anything else.
    """

    exit_code = 2

    def __post_init__(self) -> None:
        self.args = tuple(getattr(self, field.name) for field in fields(self))  # so that it pickles


@dataclass(eq=False)
class TurtleError(NextstudyError, ValueError):
    """A Turtle file that cannot be read or formatted; line and column count from 1, and are 0 when unknown."""

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
    """A cell of a table that does not build; `line` counts from 1, `column` is the column's name."""

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
    """A text that a stub leaves to a curator; `term` and `predicate` say whose and which."""

    path: str
    line: int
    term: str
    predicate: str
    hint: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: the {self.predicate} of {self.term} is not filled in. {self.hint}"


@dataclass(eq=False)
class PlacedError(NextstudyError, ValueError):
    """An error that a place, a message and a remedy tell in full."""

    place: str
    message: str
    hint: str

    def __str__(self) -> str:
        return f"{self.place}: {self.message}. {self.hint}"


class InputError(PlacedError):
    """Patient input that cannot be read; `place` is a path inside it, such as `Bundle.entry[3].resource`."""


class DefinitionError(PlacedError):
    """An axiom that cannot be decided at run time; `place` is the class it stands on."""


class ConfigurationError(PlacedError):
    """A shape or check that does not run: the fault is not in what was to be checked."""


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
        return f"{self.thing}: the record makes it both ia:{one} and ia:{other}, which exclude each other. Correct the record."


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
