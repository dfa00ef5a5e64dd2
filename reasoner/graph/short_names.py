"""Shortens IRIs for people, with the prefixes that the project's Turtle files use."""

from reasoner.graph.turtle.layout import WELL_KNOWN
from reasoner.names import curie


def short(iri: str) -> str:
    """An IRI as a CURIE, such as `rdfs:label`, where its prefix is known; else unchanged."""
    for prefix, namespace in WELL_KNOWN.items():
        if iri.startswith(namespace) and len(iri) > len(namespace):
            return f"{prefix}:{iri[len(namespace) :]}"
    return curie(iri)
