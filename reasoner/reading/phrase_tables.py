"""Reads and checks tables of phrases, and expands each phrase to the sequences of words that it
matches.
"""

import re
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import NamedTuple

from reasoner.errors import TableError
from reasoner.files import read_csv
from reasoner.reading.folding import folded

PHRASE = re.compile(r"([\w']+\*?|<[a-z-]+>|\?)( ([\w']+\*?|<[a-z-]+>|\?))*")
SIGNS_OF_PHRASE = re.compile(r"[^\W_]+\*?|[<>.?]")
SHORTEST = 3  # letters before a `*`
Words = tuple[str, ...]


class Row(NamedTuple):
    """A row of a table of phrases: where it stands, and its cells."""

    path: Path
    line: int
    cells: dict[str, str]

    def fail(self, column: str, hint: str) -> TableError:
        """The error about a cell."""
        return TableError(str(self.path), self.line, column, self.cells[column], hint)


def rows(path: Path, columns: tuple[str, ...], key: int = 1) -> list[Row]:
    """The rows of a table.

    Raises TableError for another header, an empty cell, or the first `key` cells a second time.
    """
    try:
        lines = list(read_csv(path))
    except FileNotFoundError:
        raise TableError(
            str(path),
            1,
            columns[0],
            "",
            "Put the table there; a word that is not looked for is not found.",
        ) from None
    if not lines or lines[0][1] != list(columns):
        raise TableError(
            str(path),
            1,
            columns[0],
            ",".join(lines[0][1]) if lines else "",
            f"The header is {','.join(columns)}.",
        )
    table: list[Row] = []
    line_of: dict[tuple, int] = {}
    for line, cells in lines[1:]:
        row = Row(path, line, dict(zip(columns, (cell.strip() for cell in cells), strict=False)))
        if len(cells) != len(columns):
            raise TableError(
                str(path),
                line,
                columns[0],
                ",".join(cells),
                f"A row has {len(columns)} cells; this one has {len(cells)}.",
            )
        for column in columns:
            if not row.cells[column]:
                raise row.fail(column, f"Fill in the {column}.")
        key_cells = tuple(
            tuple(SIGNS_OF_PHRASE.findall(folded(row.cells[column])[0])) for column in columns[:key]
        )
        if key_cells in line_of:
            raise row.fail(columns[0], f"Line {line_of[key_cells]} has it already; keep one row.")
        line_of[key_cells] = line
        table.append(row)
    return table


def words_of(path: Path) -> dict[str, list[str]]:
    """The words of each class, of `screen-words.csv`. Raises TableError."""
    classes: dict[str, list[str]] = {}
    for row in rows(path, ("word", "class", "source"), 2):
        if not PHRASE.fullmatch(row.cells["word"]) or "<" in row.cells["word"]:
            raise row.fail("word", "Write words with one space between them; a word may end in *.")
        check_prefixes(row, "word")
        classes.setdefault(row.cells["class"], []).append(row.cells["word"])
    return classes


def check_prefixes(row: Row, column: str) -> None:
    """Raises TableError for a `*` after fewer letters than say something."""
    for word in row.cells[column].split():
        if word.endswith("*") and len(word) <= SHORTEST:
            raise row.fail(column, f"Write at least {SHORTEST} letters before *.")


def spelled(row: Row, part: str, classes: dict[str, list[str]]) -> Iterator[Words]:
    """The sequences of words that a phrase stands for. Raises TableError."""
    if not PHRASE.fullmatch(part):
        raise row.fail(
            "phrase",
            "Write words with one space between them; a word may end in *, <class> stands for a "
            "class, ' ... ' for a pair.",
        )
    check_prefixes(row, "phrase")
    choices = []
    for element in part.split():
        name = element[1:-1]
        if element.startswith("<") and name not in classes:
            raise row.fail(
                "phrase",
                f"screen-words.csv has no class {name}; it has {', '.join(sorted(classes))}.",
            )
        members = (
            [tokens(word) for word in classes[name]]
            if element.startswith("<")
            else [tokens(element)]
        )
        longer = [words for words in members if len(words) > 1 or not element.startswith("<")]
        choices.append(
            longer + [(element,)] * (len(longer) < len(members))
        )  # words of one token are the class itself
    for choice in product(*choices):
        yield tuple(word for words in choice for word in words)


def tokens(phrase: str) -> Words:
    """The words of a phrase of a table, folded, each with its `*`."""
    return tuple(re.findall(r"[^\W_]+\*?|\?", folded(phrase)[0]))
