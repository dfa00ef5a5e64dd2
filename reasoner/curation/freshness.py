"""Compares the tables with the documents that were built from them, to find what is not built.

A rating that was changed in its table and not built answers for nobody, and looks done. Statements
are compared, not bytes: how a document is spelled is for `nextstudy fmt`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from reasoner.curation.build import document, edited_facts, tables
from reasoner.errors import TableError
from reasoner.files import read_csv
from reasoner.graph.store import catalog, quads, read_turtle, text
from reasoner.names import OWL, curie

BUILD = "Run `nextstudy build`."
VERSION = OWL + "versionIRI"


@dataclass(frozen=True)
class Unbuilt:
    """A table and its generated document that do not agree, and how to mend it.

    `builds` is false for a table with a cell that does not build. `differing` are the statements
    (subject, predicate, object as text) that only one of them has, those of the table first.
    """

    path: Path
    line: int
    message: str
    hint: str
    builds: bool = True
    differing: tuple[tuple[str, str, str], ...] = ()

    @property
    def only_version(self) -> bool:
        """Whether nothing but the version of the document differs."""
        return bool(self.differing) and {p for _, p, _ in self.differing} == {VERSION}


def unbuilt(ontology: Path) -> Iterator[Unbuilt]:
    """The tables and documents of an ontology folder that do not agree.

    Raises TurtleError and InputError for a folder that cannot be read.
    """
    known, listed = edited_facts(ontology), {path.resolve() for path in catalog(ontology).values()}
    paired = tables(ontology)
    for table, built in paired.items():
        try:
            wanted = triples(quads(document(table, known)))
        except TableError as error:
            place, hint = Path(error.path), error.hint
            yield Unbuilt(
                place, error.line, f"{cell(error)}, so the table does not build", hint, False
            )
            continue
        if not built.is_file():
            yield Unbuilt(table, 1, "the table was never built", BUILD)
        elif difference := differing(table, wanted, triples(read_turtle(built))):
            yield difference
        if built.resolve() not in listed:
            hint = (
                f"Add {built.name} to catalog-v001.xml and to the imports of appropriateness.ttl."
            )
            yield Unbuilt(table, 1, "the catalog does not list its document", hint)
    generated = {ontology / "generated" / p.name for p in listed if p.parent.name == "generated"}
    for orphan in sorted(generated - {*paired.values()}):
        fault = f"there is no table {orphan.stem}.csv that it could be built from"
        yield Unbuilt(orphan, 0, fault, "Put the table back, or take the document out.")


def triples(rows) -> set[tuple]:
    """Quads or triples of Oxigraph as tuples that can be compared."""
    return {(row.subject, row.predicate, row.object) for row in rows}


def differing(table: Path, wanted: set[tuple], actual: set[tuple]) -> Unbuilt | None:
    """The difference between a table and its document; None where they agree."""
    rows = [
        tuple(map(text, row))
        for side in (wanted - actual, actual - wanted)
        for row in sorted(side, key=str)
    ]
    if not rows:
        return None
    subjects = list(dict.fromkeys(s for s, _, _ in rows))
    line, more = line_of(table, subjects[0]), len(subjects) - 1
    others = f" and {more} more" if more else ""
    fault = f"the graph does not say of {curie(subjects[0])}{others} what the table says"
    return Unbuilt(table, line, fault, BUILD, differing=tuple(rows))


def line_of(table: Path, subject: str) -> int:
    """The line of the row that a generated individual is built from; 1 for one without a row."""
    for line, cells in read_csv(table):
        first, third = cells[0].strip(), cells[2].strip() if len(cells) > 2 else ""
        if curie(subject) in (first, f"{first}_{third.removeprefix('ia:')}"):
            return line
    return 1


def cell(error: TableError) -> str:
    """The fault of a cell, without its place."""
    fault = f"is {error.value!r}" if error.value else "is empty"
    return f"the cell {error.column} {fault}"
