"""Compares the tables with the documents that were built from them, to find what is not built.

A rating that was changed in its table and not built answers for nobody, and looks done. Statements
are compared, not bytes: how a document is spelled is for `nextstudy fmt`.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from reasoner.curation.build import GENERATED, Builder, Generated, generated_documents, is_generated
from reasoner.errors import TableError, TurtleError, UnfilledError
from reasoner.files import read_csv
from reasoner.graph.store import catalog, is_blank, parse, serialize, text
from reasoner.graph.turtle.format import WELL_KNOWN, format_turtle
from reasoner.names import OWL, curie

BUILD = "Run `nextstudy build`."
VERSION = OWL + "versionIRI"


@dataclass(frozen=True)
class Unbuilt:
    """A table and its generated document that do not agree, and how to mend it.

    `path` is the table, or the document where it has none; `builds` is false for a table with a
    cell that does not build. `differing` are the statements (subject, predicate, object as text)
    that only one of them has, those of the table first.
    """

    path: Path
    line: int
    message: str
    hint: str
    document: Path
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
    builder, listed = Builder(ontology), {path.resolve() for path in catalog(ontology).values()}
    paired = generated_documents(ontology)
    for document in paired:
        first = document.tables[0]
        try:
            wanted = format_turtle(serialize(builder.statements(document), WELL_KNOWN))
        except TableError as error:
            place, hint = Path(error.path), error.hint
            yield Unbuilt(
                place,
                error.line,
                f"{cell(error)}, so the table does not build",
                hint,
                document.path,
                False,
            )
            continue
        except UnfilledError as error:
            message = f"the {error.predicate} of {error.term} is not filled in"
            yield Unbuilt(Path(error.path), error.line, message, error.hint, document.path, False)
            continue
        if not document.path.is_file():
            yield Unbuilt(first, 1, "the table was never built", BUILD, document.path)
        elif wanted != (actual := document.path.read_bytes()):
            if difference := differing(
                document, statements(wanted), statements(actual, document.path)
            ):
                yield difference
        if document.path.resolve() not in listed:
            name = document.path.relative_to(ontology).as_posix()
            hint = f"Add {name} to catalog-v001.xml and to the imports of appropriateness.ttl."
            fault = "the catalog does not list its document"
            yield Unbuilt(first, 1, fault, hint, document.path)
    known = {document.path.resolve() for document in paired}
    for path in sorted(filter(is_generated, listed - known)):
        place = ontology / path.relative_to(ontology.resolve())
        table = "of its topic" if place.name == GENERATED else f"{place.stem}.csv"
        fault = f"there is no table {table} that it could be built from"
        yield Unbuilt(place, 0, fault, "Put the table back, or take the document out.", place)


def statements(data: bytes, path: Path | None = None) -> set[tuple[str, str, str]]:
    """The statements of a document as text, each class expression as what it says.

    Raises TurtleError for a document that cannot be read.
    """
    try:
        triples = parse(format_turtle(data))[0]
    except TurtleError as error:
        place = str(path or error.path)
        raise TurtleError(place, error.line, error.column, error.message, error.hint) from error
    inner = defaultdict(list)
    for t in triples:
        inner[t.subject].append((t.predicate.value, t.object))

    def said(node: Any) -> str:
        if not is_blank(node):
            return str(node)
        return f"[{' ; '.join(sorted(f'{p} {said(o)}' for p, o in inner[node]))}]"

    return {
        (
            text(t.subject),
            t.predicate.value,
            said(t.object) if is_blank(t.object) else text(t.object),
        )
        for t in triples
        if not is_blank(t.subject)
    }


def differing(
    document: Generated, wanted: set[tuple[str, str, str]], actual: set[tuple[str, str, str]]
) -> Unbuilt | None:
    """The difference between some tables and their document; None where they agree."""
    rows = [row for side in (wanted - actual, actual - wanted) for row in sorted(side)]
    if not rows:
        return None
    subjects = list(dict.fromkeys(s for s, _, _ in rows))
    table, line = place_of(document, subjects[0])
    more = len(subjects) - 1
    others = f" and {more} more" if more else ""
    fault = f"the graph does not say of {curie(subjects[0])}{others} what the table says"
    return Unbuilt(table, line, fault, BUILD, document.path, differing=tuple(rows))


def place_of(document: Generated, subject: str) -> tuple[Path, int]:
    """The table and line of the row that a generated term is built from.

    Line 1 of the first table for a term without a row.
    """
    name = curie(subject).removeprefix("ia:")
    for table in document.tables:
        for line, cells in read_csv(table):
            first, third = (cell.strip().removeprefix("ia:") for cell in [*cells, "", ""][0:3:2])
            if name in (first, f"{first}_{third}") or name.startswith(f"{first}_unless_"):
                return table, line
    return document.tables[0], 1


def cell(error: TableError) -> str:
    """The fault of a cell, without its place."""
    fault = f"is {error.value!r}" if error.value else "is empty"
    return f"the cell {error.column} {fault}"
