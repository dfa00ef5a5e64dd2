"""Parses Turtle, stores graphs and runs SPARQL, all with Oxigraph, for the whole project."""

from collections.abc import Iterable
from functools import cache
from itertools import chain
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pyoxigraph as ox

from reasoner.errors import InputError, TurtleError
from reasoner.graph.turtle.faults import explain
from reasoner.graph.turtle.scan import refuse_unreadable
from reasoner.names import IA

Statement = tuple[str, str, "str | ox.Literal"]


def parse(
    data: bytes, base: str = "", rename: bool = False
) -> tuple[list[ox.Quad], dict[str, str]]:
    """The triples of a Turtle or N-Triples document and its prefixes: the one way in for Turtle.

    A byte order mark is passed over; `base` is the IRI that relative IRIs start from, and `rename`
    gives blank nodes names that no other document has. Raises TurtleError with line and column.
    """
    data = data.removeprefix(b"\xef\xbb\xbf")
    refuse_unreadable(data)
    parsed = ox.parse(
        data, format=ox.RdfFormat.TURTLE, base_iri=base or None, rename_blank_nodes=rename
    )
    try:
        return list(parsed), parsed.prefixes
    except SyntaxError as error:
        message = error.msg.partition(": ")[2] or error.msg
        message, hint = explain(message, data, parsed.prefixes)
        raise TurtleError("", error.lineno or 0, error.offset or 0, message, hint) from error


def read_turtle(path: Path) -> list[ox.Quad]:
    """The triples of a Turtle file, its blank nodes with names that no other file has.

    Raises TurtleError with line and column.
    """
    try:
        return parse(path.read_bytes(), rename=True)[0]
    except TurtleError as error:
        raise TurtleError(str(path), error.line, error.column, error.message, error.hint) from error


def catalog(folder: Path) -> dict[str, Path]:
    """The file of each document IRI, by `catalog-v001.xml` of an ontology folder, as in Protégé."""
    path = folder / "catalog-v001.xml"
    try:
        root = ElementTree.parse(path).getroot()
    except (OSError, ElementTree.ParseError) as error:
        inner = folder / "ontology"
        meant = inner if (inner / path.name).exists() else "an ontology folder of this project"
        why = (error.strerror or error) if isinstance(error, OSError) else error
        message, hint = f"the catalog cannot be read ({why})", f"Point to {meant}."
        raise InputError(str(path), message, hint) from error
    return {
        entry.attrib["name"]: folder / entry.attrib["uri"]
        for entry in root
        if entry.tag.endswith("uri")
    }


@cache
def _iri(value: str) -> ox.NamedNode:
    return ox.NamedNode(value)


def term(value: "str | ox.Literal") -> "ox.NamedNode | ox.BlankNode | ox.Literal":
    """The Oxigraph term of an IRI, a blank node label (`_:b`) or a literal."""
    if not isinstance(value, str):
        return value
    if value.startswith(IA):
        return _iri(value)  # cached: terms are few, unlike the individuals of records
    return ox.BlankNode(value[2:]) if value.startswith("_:") else ox.NamedNode(value)


def literal(value: str, language: str | None = None, datatype: str | None = None) -> ox.Literal:
    """A literal, English or of a datatype where that is said."""
    return (
        ox.Literal(value, language=language)
        if language
        else ox.Literal(value, datatype=datatype and ox.NamedNode(datatype))
    )


def is_literal(value: Any) -> bool:
    """Whether an Oxigraph term is a literal."""
    return isinstance(value, ox.Literal)


def is_blank(value: Any) -> bool:
    """Whether an Oxigraph term is a blank node."""
    return isinstance(value, ox.BlankNode)


def text(value: Any) -> str:
    """The IRI, blank node label or literal text of an Oxigraph term."""
    return str(value) if isinstance(value, ox.BlankNode) else value.value


Quads = list[ox.Quad]


def quads(statements: Iterable[Statement]) -> Quads:
    """Statements in the form that a store takes fastest."""
    return [ox.Quad(term(s), term(p), term(o)) for s, p, o in statements]


class Store:
    """A graph, and the queries on it."""

    def __init__(self, *parts: Quads):
        self._store = ox.Store()
        self._store.extend(chain.from_iterable(parts))

    def add(self, statements: Iterable[Statement]) -> None:
        """Adds statements."""
        self._store.extend(quads(statements))

    def add_triples(self, triples: Iterable[ox.Triple]) -> None:
        """Adds triples as they were read."""
        self._store.extend([ox.Quad(t.subject, t.predicate, t.object) for t in triples])

    def query(self, sparql: str) -> Any:
        """The answer of Oxigraph to a query."""
        return self._store.query(sparql)

    def construct(self, sparql: str) -> list[Statement]:
        """The statements that a CONSTRUCT query yields, IRIs as text and literals as terms."""
        return [
            (
                text(t.subject),
                t.predicate.value,
                t.object if isinstance(t.object, ox.Literal) else text(t.object),
            )
            for t in self.query(sparql)
        ]

    def select(self, sparql: str) -> tuple[list[str], list[list[Any]]]:
        """The variable names and rows of a SELECT, unbound values as None.

        An ASK gives one row under `answer`. Raises InputError for CONSTRUCT and DESCRIBE.
        """
        answer = self.query(sparql)
        if isinstance(answer, ox.QueryBoolean):
            return ["answer"], [[ox.Literal(bool(answer))]]
        if isinstance(answer, ox.QueryTriples):
            raise InputError(
                "query",
                "this is a CONSTRUCT or DESCRIBE, which gives no rows",
                "Ask with SELECT or ASK.",
            )
        names = [v.value for v in answer.variables]
        return names, [[row[name] for name in names] for row in answer]

    def dump(self) -> bytes:
        """The whole graph as N-Triples."""
        return self._store.dump(format=ox.RdfFormat.N_TRIPLES, from_graph=ox.DefaultGraph())


FORMS = {
    "turtle": ox.RdfFormat.TURTLE,
    "ntriples": ox.RdfFormat.N_TRIPLES,
    "rdfxml": ox.RdfFormat.RDF_XML,
    "jsonld": ox.RdfFormat.JSON_LD,
}


def serialize(
    statements: Iterable[Statement], prefixes: dict[str, str], form: str = "turtle"
) -> bytes:
    """Statements as Turtle, or in another of FORMS."""
    return ox.serialize(
        [ox.Triple(term(s), term(p), term(o)) for s, p, o in statements],
        format=FORMS[form],
        prefixes=prefixes,
    )
