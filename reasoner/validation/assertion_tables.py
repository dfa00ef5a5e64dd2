"""Reads the tables of assertions, `ontology/assertions/`: rows of what must hold.

They are edited apart from the graph, so that one slip does not change both.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from reasoner.errors import TableError
from reasoner.files import read_csv
from reasoner.graph.store import Statement, literal
from reasoner.names import expand, ia

FOLDER = "assertions"
COLUMNS = {
    "patients": "name upon patient presentation flags steps follows source".split(),
    "terms": "term property values source".split(),
    "codes": "code display term intake source license".split(),
    "words": "words hazards source".split(),
}
NONE = "none"  # a cell that says: nothing at all; an empty one is not looked at


@dataclass(frozen=True)
class Line:
    """A row of a table of assertions: its cells by column, and where it stands."""

    path: Path
    number: int
    cells: dict[str, str]

    @property
    def name(self) -> str:
        """The subject of the row: its first cell."""
        return next(iter(self.cells.values()))

    def fail(self, column: str, hint: str) -> TableError:
        """The error about a cell that cannot be understood."""
        return TableError(str(self.path), self.number, column, self.cells[column], hint)

    def members(self, column: str) -> list[str]:
        """The parts of a cell between semicolons; none for the word `none`."""
        parts = [part.strip() for part in self.cells[column].split(";")]
        return [] if parts == [NONE] else [part for part in parts if part]


def table(ontology: Path, name: str) -> list[Line]:
    """The rows of a table of assertions of an ontology folder; none where there is no such table.

    Raises TableError for a row that has not its columns, or names no source.
    """
    path = ontology / FOLDER / f"{name}.csv"
    if not path.exists():
        return []
    columns, rows = COLUMNS[name], read_csv(path)
    first, header = next(rows, (1, []))
    if header != columns:
        hint = f"The header is {','.join(columns)}."
        raise TableError(str(path), first, columns[0], ",".join(header), hint)
    lines = []
    for number, cells in rows:
        if len(cells) != len(columns):
            hint = f"A row has {len(columns)} cells; this one has {len(cells)}."
            raise TableError(str(path), number, columns[0], ",".join(cells), hint)
        line = Line(path, number, dict(zip(columns, (c.strip() for c in cells), strict=True)))
        if not line.cells["source"]:
            raise line.fail("source", "Name what the row was read from.")
        lines.append(line)
    return lines


def asserted(ontology: Path) -> Iterator[Statement]:
    """The terms that rows about patients name, each with the row: a check sees which lack one."""
    for line in table(ontology, "patients"):
        text = " ".join(cell for column, cell in line.cells.items() if column != "source")
        for word in dict.fromkeys(text.replace(";", " ").split()):
            if word.startswith("ia:"):
                yield expand(word), ia("assertedIn"), literal(line.name)
