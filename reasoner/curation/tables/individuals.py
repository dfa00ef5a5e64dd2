"""The statements that declare an individual in a generated or imported document."""

from collections.abc import Iterator

from reasoner.graph.store import Statement, literal
from reasoner.names import LABEL, OWL, RDF_TYPE, SKOS, ia


def individual(iri: str, cls: str, label: str, definition: str) -> Iterator[Statement]:
    """The statements that declare an individual of a class: its types, label and definition."""
    yield iri, RDF_TYPE, OWL + "NamedIndividual"
    yield iri, RDF_TYPE, ia(cls)
    yield iri, LABEL, literal(label, "en")
    yield iri, SKOS + "definition", literal(definition, "en")
