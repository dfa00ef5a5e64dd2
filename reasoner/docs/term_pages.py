"""What the page of a term shows, and the list of all terms."""

from urllib.parse import quote

from reasoner.docs.graph import Graph
from reasoner.names import IA, OWL, RDF_TYPE, ia


def about(graph: Graph, term: str) -> dict:
    """What every page about a term shows."""
    return {
        "term": term,
        "label": graph.label(term),
        "definition": graph.definition(term),
        "kind": graph.kind(term),
        "document": graph.document[term],
        "statements": graph.statements(term),
        "used": graph.used(term),
        "mappings": mappings(graph, term),
    }


def mappings(graph: Graph, term: str) -> list[dict]:
    """The codes of a term in other terminologies, each with the address of its concept."""
    codes = graph.knowledge.codes
    return [
        {
            "match": m.predicate.removesuffix("Match"),
            "system": codes.systems[m.prefix].prefix,
            "code": m.code,
            "label": m.label,
            "address": codes.systems[m.prefix].iri_base + quote(m.code),
            "intake": m.intake,
        }
        for m in codes.of(term)
    ]


def groups(graph: Graph) -> dict[str, list[str]]:
    """The terms by what they are: classes, properties, then individuals by class.

    Ratings are left out: they stand on the pages of their scenarios.
    """
    terms: dict[str, list[str]] = {}
    for term in graph.terms:
        terms.setdefault(group(graph, term), []).append(term)
    terms.pop(graph.label(ia("Rating")), None)
    first = [kind for kind in ("classes", "properties") if kind in terms]
    return {
        kind: sorted(terms[kind], key=lambda t: (graph.label(t).casefold(), t))
        for kind in first + sorted(set(terms) - set(first), key=str.casefold)
    }


def group(graph: Graph, term: str) -> str:
    """The group of a term; for an individual, the label of its first class."""
    types = graph.facts.objects(term, RDF_TYPE)
    if OWL + "Class" in types:
        return "classes"
    if graph.place(term).startswith("properties/"):
        return "properties"
    return next((graph.label(t) for t in types if t.startswith(IA)), "other")
