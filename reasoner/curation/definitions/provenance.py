"""What every compiled term says of itself: words, place in the tables, and sources."""

from collections.abc import Iterable, Iterator

from reasoner.curation.definitions.lexicon import Lexicon
from reasoner.graph.store import Statement, literal
from reasoner.names import LABEL, OWL, RDF_TYPE, SKOS, SOURCE, ia

DEFINITION = SKOS + "definition"


class Terms:
    """Writes the terms of one row, each with the table and the name of the row."""

    def __init__(self, lexicon: Lexicon, table: str, row: str):
        self.lexicon, self.table, self.row = lexicon, table, row

    def individual(
        self, iri: str, types: Iterable[str], label: str, definition: str
    ) -> Iterator[Statement]:
        """A term of some types that is an individual."""
        yield iri, RDF_TYPE, OWL + "NamedIndividual"
        yield from self.term(iri, types, label, definition)

    def term(
        self, iri: str, types: Iterable[str], label: str, definition: str
    ) -> Iterator[Statement]:
        """A term of some types; words that a document edited by hand gives it stand."""
        for cls in types:
            yield iri, RDF_TYPE, cls
        edited = self.lexicon.edited
        for predicate, words in ((LABEL, label), (DEFINITION, definition)):
            if edited.value(iri, predicate) is None:
                yield iri, predicate, literal(words, "en")
        yield iri, ia("fromTable"), literal(self.table)
        yield iri, ia("fromRow"), literal(self.row)

    def sources(self, iri: str, sources: Iterable[str]) -> Iterator[Statement]:
        """The sources of a term."""
        for source in sources:
            yield iri, SOURCE, source
