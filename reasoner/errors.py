"""Why this file exists: an error a user can cause says where it is and how to mend it, and carries both as data."""

from dataclasses import dataclass, fields


class NextstudyError(Exception):
    """Every error a user can cause: its message names the place and the remedy."""

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
        return f"{self.path}:{self.line}: column {self.column}: {self.value!r} is not understood. {self.hint}"


@dataclass(eq=False)
class InputError(NextstudyError, ValueError):
    """Patient input that cannot be read; `place` is a path inside it, such as `Bundle.entry[3].resource`."""

    place: str
    message: str
    hint: str

    def __str__(self) -> str:
        return f"{self.place}: {self.message}. {self.hint}"


@dataclass(eq=False)
class DefinitionError(NextstudyError, ValueError):
    """An axiom that cannot be decided at run time; `term` is the class it stands on."""

    term: str
    message: str
    hint: str

    def __str__(self) -> str:
        return f"{self.term}: {self.message}. {self.hint}"
