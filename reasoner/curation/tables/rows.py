"""Rows of a table whose cells are checked against the graph.

A cell that does not fit raises TableError with file, line, column, value and the nearest name.
"""

import difflib
import re
from collections.abc import Iterator
from pathlib import Path

from reasoner.errors import TableError
from reasoner.files import read_csv
from reasoner.graph.index import Index
from reasoner.names import LABEL, RDF_TYPE, RDFS, SKOS, curie, expand, ia

# a category cell that says: the table of the edition leaves this procedure out of this scenario
NOT_RATED = "not-rated"


class Row:
    """One row of a table; its methods read cells, and raise TableError where one does not fit."""

    def __init__(self, path: Path, line: int, cells: dict[str, str], known: Index):
        self.path, self.line, self.cells, self.known = path, line, cells, known

    def fail(self, column: str, hint: str) -> TableError:
        """The error about a cell."""
        return TableError(str(self.path), self.line, column, self.cells[column], hint)

    def term(self, column: str, cls: str) -> str:
        """The IRI of a declared member of a class."""
        kinds = [ia(cls), *self.known.subjects(RDFS + "subClassOf", ia(cls))]
        iri = expand(self.cells[column])
        if not any(self.known.holds(iri, RDF_TYPE, kind) for kind in kinds):
            members = [member for kind in kinds for member in self.known.subjects(RDF_TYPE, kind)]
            near = difflib.get_close_matches(self.cells[column], [curie(m) for m in members], 1, 0)
            raise self.fail(
                column,
                f"Name a {cls}; the nearest is {near[0]}." if near else f"Declare a {cls} first.",
            )
        return iri

    def notation(self, column: str, cls: str) -> str:
        """The IRI of the member of a closed list that has the cell as its notation."""
        members = {
            self.known.value(m, SKOS + "notation"): m
            for m in self.known.subjects(RDF_TYPE, ia(cls))
        }
        names = ", ".join(sorted(members))
        if not self.cells[column]:
            unrated = f", or {NOT_RATED} where its table leaves the procedure out"
            more = unrated if column == "category" else ""
            raise self.fail(column, f"Fill it in from the guideline: {names}{more}.")
        if self.cells[column] not in members:
            near = difflib.get_close_matches(self.cells[column], sorted(members), 1, 0)
            raise self.fail(column, f"Write one of {names}; the nearest is {near[0]}.")
        return members[self.cells[column]]

    def matching(self, column: str, pattern: str, hint: str) -> str:
        """The text of a cell that has a form."""
        if not re.fullmatch(pattern, self.cells[column]):
            raise self.fail(column, hint)
        return self.cells[column]

    def date(self, column: str) -> str:
        """The text of a cell that is a date, as precise as it is known."""
        hint = "Write the date as 2026, 2026-01 or 2026-01-31."
        return self.matching(column, r"\d{4}(-\d{2}){0,2}", hint)

    def label_of(self, column: str, iri: str) -> None:
        """Checks that a label column repeats the label of its term, so that a table reads true."""
        label = self.known.value(iri, LABEL)
        if self.cells[column] != label:
            raise self.fail(column, f"The label of {curie(iri)} is {label!r}.")


def rows(path: Path, columns: list[str], known: Index) -> Iterator[Row]:
    """The rows of a table with exactly these columns, every cell stripped.

    Raises TableError for another header, or a row with more or fewer cells.
    """
    lines = read_csv(path)
    header = next(lines, (1, []))[1]
    if header != columns:
        odd = next((c for c in header + columns if (c in header) != (c in columns)), "order")
        raise TableError(str(path), 1, odd, ",".join(header), f"The header is {','.join(columns)}.")
    for line, cells in lines:
        if len(cells) != len(columns):
            hint = f"A row has {len(columns)} cells; this one has {len(cells)}."
            raise TableError(str(path), line, columns[0], ",".join(cells), hint)
        yield Row(path, line, dict(zip(columns, map(str.strip, cells), strict=True)), known)
