"""Runs SHACL shapes with pySHACL, so that a broken shape never looks like a fault of the data.

rdflib is kept from changing literals (`"yes"^^xsd:boolean` would become false), and neither graph
follows imports.
"""

import logging
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from reasoner.errors import ConfigurationError, TurtleError
from reasoner.graph.store import is_blank, is_literal
from reasoner.graph.turtle.scan import refuse_unreadable
from reasoner.names import BASE, RDF_TYPE, RDFS, SKOS, XSD

SHACL = "http://www.w3.org/ns/shacl#"
SHAPES = BASE + "shapes/"
TARGETS = ("targetClass", "targetSubjectsOf", "targetObjectsOf", "targetNode")
BLANK = "urn:blank:"
OUTSIDE = re.compile(r"(?<![A-Za-z0-9_$?])(?:SERVICE|FROM)(?![A-Za-z0-9_$])", re.I | re.A)
MEND = "Mend the shape; `nextstudy validate` of an unchanged checkout passes."


@dataclass(frozen=True)
class Result:
    """One SHACL result: the shape that made it, and what it is about."""

    shape: str
    severity: str
    subject: str
    property: str
    value: str
    message: str


@dataclass
class Shapes:
    """The shapes of a folder as one rdflib graph, as it is run, and the file of each document."""

    graph: object
    run: object
    files: dict[str, Path]

    @property
    def ids(self) -> list[str]:
        """The names of the shapes that have a message, sorted."""
        from rdflib import URIRef

        return sorted(
            str(s).removeprefix(SHAPES)
            for s in set(self.graph.subjects(URIRef(SHACL + "message"), None))
            if str(s).startswith(SHAPES)
        )

    def fix(self, shape: str) -> str:
        """How to mend what a shape finds: its `skos:note`, if it has one."""
        from rdflib import URIRef

        return str(self.graph.value(URIRef(shape), URIRef(SKOS + "note")) or "")


def read(folder: Path) -> Shapes:
    """The shapes of a folder, parsed again only when a file has changed.

    Raises ConfigurationError for a file that cannot be read.
    """
    paths = sorted(folder.glob("*.ttl"))
    return _read(folder, tuple((path, path.stat().st_mtime_ns) for path in paths))


@lru_cache(maxsize=4)
def _read(folder: Path, state: tuple) -> Shapes:
    from rdflib import Graph

    graph, files = Graph(bind_namespaces="none"), {}
    for path, _ in state:
        try:
            refuse_unreadable(written := path.read_bytes())
            graph.parse(data=written.decode("utf-8"), format="turtle")
        except OSError as error:
            raise ConfigurationError(
                str(path),
                f"the shapes cannot be read: {error.strerror}",
                "Check the permissions of the file.",
            ) from error
        except TurtleError as error:
            raise ConfigurationError(
                f"{path}:{error.line}:{error.column}",
                f"the shapes cannot be read: {error.message}",
                error.hint,
            ) from None
        except Exception as error:  # rdflib raises many kinds
            line = getattr(error, "lines", -1) + 1
            raise ConfigurationError(
                f"{path}:{line}" if line else str(path),
                f"the shapes cannot be read: {reason(error)}",
                MEND,
            ) from None
        files[path.stem] = path
    if not len(graph):
        raise ConfigurationError(
            str(folder), "there are no shapes", "Point to an ontology folder with shapes/*.ttl."
        )
    if odd := malformed(graph):
        raise ConfigurationError(str(folder), odd, MEND)
    return Shapes(graph, targeted(graph), files)


def targeted(graph) -> object:
    """The shapes, each property shape with the targets of the node shapes that it belongs to.

    It finds the same. pySHACL reads a property shape anew for each node of its node shape, but once
    for all nodes of its own targets: four times as fast over ten thousand ratings.
    """
    from rdflib import Graph, URIRef
    from rdflib.namespace import SH

    run, ways = Graph(bind_namespaces="none"), [URIRef(SHACL + name) for name in TARGETS]
    for triple in graph:
        run.add(triple)
    for shape in {s for way in ways for s in graph.subjects(way)}:
        if (None, None, shape) in graph or (shape, SH.deactivated, None) in graph:
            continue
        for part in graph.objects(shape, SH.property):
            run.remove((shape, SH.property, part))
            for way in ways:
                for target in graph.objects(shape, way):
                    run.add((part, way, target))
    return run


def malformed(graph) -> str:
    """The fault in the form of a shapes graph; empty when there is none.

    pySHACL would notice it only at a node, or never.
    """
    from rdflib.namespace import SH

    for shape in sorted(set(graph.objects(None, SH.property))):
        if len(list(graph.objects(shape, SH.path))) != 1:
            return f"the property shape {shape} does not have exactly one sh:path"
    for shape, pattern in sorted(graph.subject_objects(SH.pattern)):
        try:
            re.compile(str(pattern))
        except re.error as error:
            return f"the pattern of {shape} is no regular expression ({error})"
    return leaving(graph)


def leaving(graph) -> str:
    """Which query of a shape could read from outside the graph; nothing when none could.

    rdflib asks what SERVICE names and loads what FROM names. It reads escapes and comments in its
    own way, so the mere words are refused, wherever they stand.
    """
    from rdflib.namespace import SH
    from rdflib.plugins.sparql.parser import expandUnicodeEscapes

    parts = (SH.select, SH.ask, SH.construct, SH.update, SH.prefix, SH.namespace)
    for shape, text in sorted(pair for part in parts for pair in graph.subject_objects(part)):
        try:
            match = OUTSIDE.search(expandUnicodeEscapes(str(text)))
        except ValueError:
            return f"a query of {shape} has an escape of no character"
        if match:
            return f"a query of {shape} says {match[0]}, and only the graph may be asked"
    return ""


def reason(error: Exception) -> str:
    """The message of an error on one line, shortened."""
    text = getattr(error, "message", None) or str(error) or type(error).__name__
    return " ".join(str(text).split())[:200].rstrip(".")


def data(triples: Iterable) -> object:
    """An rdflib graph of Oxigraph triples: literals exactly as written, blank nodes as IRIs.

    pySHACL can focus on IRIs only; no shape of this project asks what a blank node is called.
    """
    from rdflib import Graph, Literal, URIRef

    # rdflib logs a traceback for an ill-typed literal, which a shape reports
    logging.getLogger("rdflib.term").setLevel(logging.ERROR)
    cache: dict = {}

    def term(node):
        if node not in cache:
            cache[node] = converted(node)
        return cache[node]

    def converted(node):
        if is_blank(node):
            return URIRef(BLANK + node.value)
        if not is_literal(node):
            return URIRef(node.value)
        if node.language:
            return Literal(node.value, lang=node.language)
        if node.datatype.value == XSD + "string":
            return Literal(node.value)
        return Literal(node.value, datatype=URIRef(node.datatype.value), normalize=False)

    graph = Graph(bind_namespaces="none")
    add = graph.store.add
    for t in triples:
        add((term(t.subject), term(t.predicate), term(t.object)), graph)
    return graph


def plain(node) -> str:
    """The IRI, blank node label or text of an rdflib term."""
    return str(node).replace(BLANK, "_:", 1)


def targets(shapes: Shapes, graph) -> dict[str, set[str]]:
    """The nodes that each shape with a target looks at."""
    from rdflib import URIRef

    properties = [URIRef(SHACL + name) for name in TARGETS]
    subclass_of, rdf_type = URIRef(RDFS + "subClassOf"), URIRef(RDF_TYPE)
    result = {}
    for shape in sorted({s for p in properties for s in shapes.graph.subjects(p)}):
        classes, subjects_of, objects_of, nodes = (
            set(shapes.graph.objects(shape, p)) for p in properties
        )
        for cls in classes:
            for subclass in graph.transitive_subjects(subclass_of, cls):
                nodes.update(graph.subjects(rdf_type, subclass))
        for p in subjects_of:
            nodes.update(graph.subjects(p))
        for p in objects_of:
            nodes.update(graph.objects(None, p))
        result[str(shape)] = {plain(node) for node in nodes}
    return result


def may_match_nothing(shapes: Shapes, shape: str) -> bool:
    """Whether a shape may be without a node that it looks at."""
    from rdflib import Literal, URIRef

    return (URIRef(shape), URIRef(SHAPES + "mayMatchNothing"), Literal(True)) in shapes.graph


def validate(shapes: Shapes, graph, focus: set[str] | None = None) -> list[Result]:
    """The results of all shapes on a graph, or on some of its nodes.

    Raises ConfigurationError for shapes that do not run.
    """
    import pyshacl
    from rdflib import Graph, URIRef
    from rdflib.namespace import SH

    options = {}
    if focus is not None:
        nodes = [URIRef(s.replace("_:", BLANK, 1)) for s in sorted(focus)]
        options["focus_nodes"] = nodes
    place = ", ".join(p.name for p in shapes.files.values())
    try:
        _, report, _ = pyshacl.validate(
            graph,
            shacl_graph=shapes.run,
            inplace=True,
            advanced=False,
            inference="none",
            do_owl_imports=False,
            **options,
        )
    except Exception as error:  # pySHACL raises many kinds for shapes that it cannot load
        raise ConfigurationError(place, f"the shapes do not run: {reason(error)}", MEND) from error
    if not isinstance(report, Graph):
        raise ConfigurationError(place, f"the shapes do not run: {reason(report)}", MEND)
    results = []
    for node in report.subjects(SH.focusNode):
        shape, path = report.value(node, SH.sourceShape), report.value(node, SH.resultPath)
        value, severity = report.value(node, SH.value), report.value(node, SH.resultSeverity)
        results.append(
            Result(
                str(shape),
                str(severity).rsplit("#")[-1].lower(),
                plain(report.value(node, SH.focusNode)),
                str(path) if isinstance(path, URIRef) else "",
                "" if value is None else plain(value),
                str(report.value(node, SH.resultMessage) or ""),
            )
        )
    return results
