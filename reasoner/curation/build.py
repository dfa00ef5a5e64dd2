"""Builds the generated documents, which Protégé opens, from the tables, where rows are edited.

Each folder of `topics/` is compiled to its `generated.ttl`; `tables/orderables.csv`, which lists
the orderable form of each generic procedure by region, becomes `generated/orderables.ttl`; the
tables of the word screens become nothing, but they are checked too. All tables are checked before
anything is written: a bad cell raises TableError with file, line, column, value and the nearest
valid name; a text that begins with FILL IN raises UnfilledError.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from reasoner.curation.definitions.topics import Topics, tables_of, topic_folders
from reasoner.curation.tables.orderables import orderables
from reasoner.errors import UnfilledError
from reasoner.files import read_csv, write_all
from reasoner.graph.index import Index
from reasoner.graph.placeholders import refuse_unfilled, unfilled_cells
from reasoner.graph.store import Statement, catalog, literal, read_turtle, serialize, text
from reasoner.graph.turtle.format import WELL_KNOWN, format_turtle
from reasoner.names import DCTERMS, DOCUMENTS, OWL, RDF_TYPE
from reasoner.reading.tables import check

LICENSE = "https://www.apache.org/licenses/LICENSE-2.0"
GENERATED = "generated.ttl"  # of a topic, in its folder
Reader = Callable[[Path, Index], Iterator[Statement]]
READERS: dict[str, Reader] = {"orderable": orderables}


@dataclass(frozen=True)
class Generated:
    """A generated document: its file, its path in the IRI, and the tables it is built from."""

    path: Path
    name: str
    tables: tuple[Path, ...]

    @property
    def topic(self) -> Path | None:
        """The folder of the topic that it belongs to."""
        return self.path.parent if self.path.name == GENERATED else None


def is_generated(path: Path) -> bool:
    """Whether a document is made by `nextstudy build`."""
    return path.name == GENERATED or path.parent.name == "generated"


def edited_facts(ontology: Path) -> Index:
    """The statements of the documents that are edited by hand, which tables refer to."""
    facts = Index()
    for path in catalog(ontology).values():
        if not is_generated(path):
            facts.add(
                (text(t.subject), text(t.predicate), text(t.object)) for t in read_turtle(path)
            )
    return facts


def generated_documents(ontology: Path) -> list[Generated]:
    """The documents that are made from the tables of an ontology folder."""
    tables = [p for p in sorted((ontology / "tables").glob("*.csv")) if reader(p)]
    return [
        *(
            Generated(ontology / "generated" / f"{p.stem}.ttl", f"generated/{p.stem}", (p,))
            for p in tables
        ),
        *(
            Generated(f / GENERATED, f"topics/{f.name}/generated", tuple(tables_of(f)))
            for f in topic_folders(ontology)
        ),
    ]


def reader(table: Path) -> Reader | None:
    """The function that reads a table, by the first cell of its header; None if it is not built."""
    header = next(read_csv(table), (1, [""]))[1]
    return READERS.get(header[0] if header else "")


class Builder:
    """Makes the generated documents of an ontology folder."""

    def __init__(self, ontology: Path):
        self.ontology = ontology
        self.edited = edited_facts(ontology)

    @cached_property
    def topics(self) -> Topics:
        """The tables of the topics."""
        return Topics(self.ontology, self.edited)

    def statements(self, document: Generated) -> list[Statement]:
        """The statements of a generated document: its head, then those of its tables.

        Raises TableError for a bad cell, and UnfilledError for one that is left to fill in.
        """
        if document.topic:
            for path, line, row, column in unfilled_cells(self.ontology):
                if path in document.tables:
                    hint = "Write it in place of FILL IN."
                    raise UnfilledError(str(path), line, row, column, hint)
            return [*self.head(document), *self.topics.statements(document.topic)]
        (table,) = document.tables
        read = reader(table)
        return [*self.head(document), *(read(table, self.topics.lexicon.known) if read else ())]

    @property
    def version(self) -> str:
        """The version of the graph, from the version IRI of its entry document."""
        iri = self.edited.value(DOCUMENTS + "appropriateness", OWL + "versionIRI", "/0/")
        return iri.split("/")[-2]

    def head(self, document: Generated) -> Iterator[Statement]:
        """The head of a generated document."""
        name, iri = document.name, DOCUMENTS + document.name
        topic = document.topic.name if document.topic else document.path.stem
        # the terms of the topic it belongs to, where they are not the project's
        terms = self.edited.value(f"{DOCUMENTS}topics/{topic}", DCTERMS + "license") or LICENSE
        tables = " and ".join(t.relative_to(self.ontology).as_posix() for t in document.tables)
        title = f"{topic.replace('-', ' ').capitalize()}: generated"
        edit = "table" if len(document.tables) == 1 else "tables"
        origin = f"Built by `nextstudy build` from {tables}. Edit the {edit}, never this file."
        yield iri, RDF_TYPE, OWL + "Ontology"
        yield iri, OWL + "versionIRI", f"{DOCUMENTS}{self.version}/{name}"
        yield iri, DCTERMS + "title", literal(title, "en")
        yield iri, DCTERMS + "license", terms if ":" in terms else literal(terms)
        yield iri, OWL + "imports", DOCUMENTS + "appropriateness"
        yield iri, DCTERMS + "description", literal(origin, "en")


def built(ontology: Path) -> dict[Path, bytes]:
    """The bytes of each generated document, as its tables make it.

    Raises TableError for a bad cell, and UnfilledError for a text that is left to fill in.
    """
    builder = Builder(ontology)
    refuse_unfilled(ontology)
    check(ontology)
    return {
        document.path: format_turtle(serialize(builder.statements(document), WELL_KNOWN))
        for document in generated_documents(ontology)
    }


def build(ontology: Path) -> list[Path]:
    """Writes the generated documents, all or none, and returns those that changed.

    Raises TableError for a bad cell, and UnfilledError for a text that is left to fill in.
    """
    return write_all(built(ontology))
