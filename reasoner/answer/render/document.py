"""The parts of an answer in words, before they are laid out as text or as Markdown."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Cell:
    """A cell of a table, and its style on a terminal."""

    text: str
    style: str = ""


@dataclass(frozen=True)
class Column:
    """A column of a table.

    Where a row stands as a paragraph: the words before its cell, and whether it begins a line.
    """

    name: str
    lead: str = ""
    apart: bool = False


@dataclass(frozen=True)
class Table:
    """A table with the sentence above it and the lines under it."""

    columns: list[Column]
    rows: list[list[Cell]]
    above: str = ""
    under: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Remark:
    """A sentence of a kind; grave when it must be read before anything is ordered."""

    kind: str
    text: str
    grave: bool = False


@dataclass(frozen=True)
class Part:
    """One presentation in words, in reading order."""

    title: str
    headline: str
    warnings: list[Remark]
    tables: list[Table]
    remarks: list[Remark]


@dataclass(frozen=True)
class Document:
    """An answer in words: its presentations, or why there are none, and the remarks on all."""

    parts: list[Part]
    nothing: str
    warnings: list[Remark]
    catalogued: list[str]
    notes: list[Remark]
