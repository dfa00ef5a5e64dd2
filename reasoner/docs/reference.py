"""Renders all classes and properties on one page with pyLODE, as users of OWL expect.

pyLODE orders the members of a definition by memory address and writes to the log, so it runs in a
process of its own.
"""

import os
import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

from reasoner.docs.graph import Graph
from reasoner.errors import InputError, installing
from reasoner.graph.store import catalog, read_turtle
from reasoner.graph.store import text as text_of
from reasoner.names import DOCUMENTS, IA, OWL, RDF_TYPE

LINK = re.compile(rf'href="({re.escape(IA)}[^"]+)"')
# an expression inside another, which pyLODE does not lay out
NESTED = re.compile(r'<a href="nested-\d+">nested-\d+</a>')
ENTRY = DOCUMENTS + "appropriateness"


def available() -> bool:
    """Whether pyLODE is installed."""
    return find_spec("pylode") is not None


def page(graph: Graph) -> bytes:
    """The reference page, whose links to terms lead to the pages of this documentation.

    Raises InputError when pyLODE fails.
    """
    here = str(Path(__file__).parents[2])
    path = os.pathsep.join(filter(None, [here, os.environ.get("PYTHONPATH")]))
    done = subprocess.run(
        [sys.executable, "-m", __name__],
        input=ntriples(graph),
        capture_output=True,
        env={**os.environ, "PYTHONPATH": path, "PYTHONHASHSEED": "0"},
    )
    if done.returncode:
        fault = (done.stderr.decode().strip() or "it failed").splitlines()[-1]
        hint = (
            f"Install the version that fits with: {installing('docs')}, in a checkout of nextstudy"
        )
        raise InputError("pyLODE", fault, f"{hint}.")
    text = NESTED.sub("…", done.stdout.decode())
    return LINK.sub(lambda m: f'href="{graph.place(m[1]) or m[1]}"', text).encode()


def ntriples(graph: Graph) -> bytes:
    """The documents as N-Triples; only the entry is an ontology, because pyLODE describes one."""
    triples = [triple for path in catalog(graph.ontology).values() for triple in read_turtle(path)]
    parts = {
        text_of(t.subject)
        for t in triples
        if (text_of(t.predicate), text_of(t.object)) == (RDF_TYPE, OWL + "Ontology")
    } - {ENTRY}
    return "".join(
        f"{t.subject} {t.predicate} {t.object} .\n"
        for t in triples
        if text_of(t.subject) not in parts
    ).encode()


def lay_out(data: bytes) -> str:
    """The page that pyLODE makes of N-Triples; equal triples in equal order give equal bytes."""
    import itertools

    import pyoxigraph as ox
    import rdflib
    from dominate.dom_tag import dom_tag
    from pylode import OntPub

    serial, names, graph = itertools.count(), {}, rdflib.Graph()
    dom_tag.__hash__ = lambda tag: tag.__dict__.setdefault("serial", next(serial))

    def term(node):
        if isinstance(node, ox.NamedNode):
            return rdflib.URIRef(node.value)
        if isinstance(node, ox.BlankNode):
            return rdflib.BNode(names.setdefault(node.value, f"nested-{len(names)}"))
        return (
            rdflib.Literal(node.value, lang=node.language)
            if node.language
            else rdflib.Literal(node.value, datatype=rdflib.URIRef(node.datatype.value))
        )

    for quad in ox.parse(data, format=ox.RdfFormat.N_TRIPLES):
        graph.add((term(quad.subject), term(quad.predicate), term(quad.object)))
    return OntPub(ontology=graph).make_html()


if __name__ == "__main__":
    sys.stdout.buffer.write(lay_out(sys.stdin.buffer.read()).encode())
