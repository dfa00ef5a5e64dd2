"""Builds `generated/*.ttl`, which Protégé opens, from `tables/*.csv`, where rows are edited.

A table whose header begins with `scenario` is the rating grid of the topic of its file name; one
that begins with `orderable` lists the orderable form of each generic procedure by region; one that
begins with `edition` holds what open sources recommend, in schemes of their own; the tables of
the word screens become nothing, but they are checked too. All tables are checked before anything
is written: a bad cell raises TableError with file, line, column, value and the nearest valid name;
a text that begins with FILL IN raises UnfilledError.
"""

from collections.abc import Callable, Iterator
from pathlib import Path

from reasoner.curation.tables.orderables import orderables
from reasoner.curation.tables.ratings import ratings
from reasoner.curation.tables.recommendations import recommendations
from reasoner.files import read_csv, write_all
from reasoner.graph.index import Index
from reasoner.graph.placeholders import refuse_unfilled
from reasoner.graph.store import Statement, catalog, literal, read_turtle, serialize, text
from reasoner.graph.turtle.format import WELL_KNOWN, format_turtle
from reasoner.names import DCTERMS, DOCUMENTS, OWL, RDF_TYPE
from reasoner.reading.tables import check

LICENSE = "https://www.apache.org/licenses/LICENSE-2.0"
Reader = Callable[[Path, Index], Iterator[Statement]]
READERS: dict[str, Reader] = {
    "scenario": ratings,
    "orderable": orderables,
    "edition": recommendations,
}


def edited_facts(ontology: Path) -> Index:
    """The statements of the documents that are edited by hand, which tables refer to."""
    facts = Index()
    for path in catalog(ontology).values():
        if path.parent.name != "generated":
            facts.add(
                (text(t.subject), text(t.predicate), text(t.object)) for t in read_turtle(path)
            )
    return facts


def document(table: Path, known: Index) -> list[Statement]:
    """The statements of a generated document: its head, then those of its table.

    Raises TableError for a bad cell.
    """
    stem, iri = table.stem, f"{DOCUMENTS}generated/{table.stem}"
    version = known.value(DOCUMENTS + "appropriateness", OWL + "versionIRI", "/0/").split("/")[-2]
    terms = known.value(f"{DOCUMENTS}topics/{stem}", DCTERMS + "license") or LICENSE
    title = f"{stem.replace('-', ' ').capitalize()}: generated"
    origin = f"Built by `nextstudy build` from tables/{stem}.csv. Edit the table, never this file."
    head = [
        (iri, RDF_TYPE, OWL + "Ontology"),
        (iri, OWL + "versionIRI", f"{DOCUMENTS}{version}/generated/{stem}"),
        (iri, DCTERMS + "title", literal(title, "en")),
        # the terms of the topic it belongs to, where they are not the project's
        (iri, DCTERMS + "license", terms if ":" in terms else literal(terms)),
        (iri, OWL + "imports", DOCUMENTS + "appropriateness"),
        (iri, DCTERMS + "description", literal(origin, "en")),
    ]
    return head + list(reader(table)(table, known))


def reader(table: Path) -> Reader | None:
    """The function that reads a table, by the first cell of its header; None if it is not built."""
    header = next(read_csv(table), (1, [""]))[1]
    return READERS.get(header[0] if header else "")


def tables(ontology: Path) -> dict[Path, Path]:
    """The tables that become a document, each with its document."""
    paths = sorted((ontology / "tables").glob("*.csv"))
    return {path: ontology / "generated" / f"{path.stem}.ttl" for path in paths if reader(path)}


def built(ontology: Path) -> dict[Path, bytes]:
    """The bytes of each generated document, as its table makes it.

    Raises TableError for a bad cell, and UnfilledError for a text that is left to fill in.
    """
    known = edited_facts(ontology)
    refuse_unfilled(ontology)
    check(ontology)
    return {
        path: format_turtle(serialize(document(table, known), WELL_KNOWN))
        for table, path in tables(ontology).items()
    }


def build(ontology: Path) -> list[Path]:
    """Writes the generated documents, all or none, and returns those that changed.

    Raises TableError for a bad cell, and UnfilledError for a text that is left to fill in.
    """
    return write_all(built(ontology))
