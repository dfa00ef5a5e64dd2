"""Describes each term of a graph as text, by which two versions of the graph are compared."""

import re
from collections import defaultdict
from pathlib import Path

from reasoner.graph.short_names import short
from reasoner.graph.store import catalog, is_blank, is_literal, read_turtle
from reasoner.names import DCTERMS, OWL, RDF_TYPE, RDFS, SKOS, XSD, curie, ia

RDF = RDF_TYPE.removesuffix("type")
WORDS = {
    RDFS + "label",
    RDFS + "comment",
    DCTERMS + "title",
    DCTERMS + "description",
    DCTERMS + "bibliographicCitation",
    *(
        SKOS + name
        for name in (
            "altLabel",
            "prefLabel",
            "definition",
            "editorialNote",
            "scopeNote",
            "note",
            "example",
        )
    ),
    *map(
        ia,
        (
            "question",
            "assumption",
            "remark",
            "message",
            "advice",
            "rationale",
            "labelTemplate",
            "basis",
        ),
    ),
}
OMITTED = {OWL + "versionIRI", OWL + "imports"}
KINDS = {
    ia(name): name.lower()
    for name in ("Rating", "Scenario", "Edition", "Topic", "Criterion", "Exclusion", "Source")
}
Description = dict[str, list[str]]  # the objects of each predicate of a term
Descriptions = dict[str, Description]  # by term


def descriptions(ontology: Path) -> Descriptions:
    """The description of each named subject of an ontology folder, objects as sorted text.

    Versions and imports of documents are left out, and what is disjoint is so in both directions.
    """
    facts: dict = defaultdict(lambda: defaultdict(list))
    for path in catalog(ontology).values():
        for t in read_turtle(path):
            facts[t.subject][t.predicate.value].append(t.object)
            if t.predicate.value == OWL + "disjointWith":
                facts[t.object][t.predicate.value].append(t.subject)
    return {
        node.value: {
            p: sorted({text(facts, o) for o in objects})
            for p, objects in predicates.items()
            if p not in OMITTED
        }
        for node, predicates in facts.items()
        if not is_blank(node)
    }


def text(facts: dict, node) -> str:
    """One object: a name, a literal with its datatype, or a class expression as Protégé shows it.

    The order inside an intersection means nothing, so its members are sorted.
    """
    if is_literal(node):
        plain = node.language or node.datatype.value == XSD + "string"
        number = (
            re.sub(r"\.0*$|(\.\d*?)0+$", r"\1", node.value)
            if node.datatype.value == XSD + "decimal"
            else node.value
        )
        return node.value if plain else f"{number} ({short(node.datatype.value)})"
    if not is_blank(node):
        return short(node.value)
    blank = facts.get(node, {})
    if OWL + "intersectionOf" in blank:
        parts = members(facts, blank[OWL + "intersectionOf"][0])
        return f"({' and '.join(sorted(text(facts, part) for part in parts))})"
    for predicate, word in ((OWL + "someValuesFrom", "some"), (OWL + "hasValue", "value")):
        if predicate in blank and OWL + "onProperty" in blank:
            on, filler = (text(facts, blank[p][0]) for p in (OWL + "onProperty", predicate))
            return f"{on} {word} {filler}"
    pairs = (f"{short(p)} {text(facts, o)}" for p, objects in blank.items() for o in objects)
    return f"[{'; '.join(sorted(pairs))}]"


def members(facts: dict, node) -> list:
    """The members of an RDF list."""
    parts = []
    while is_blank(node) and facts[node].get(RDF + "rest"):
        parts += facts[node][RDF + "first"]
        node = facts[node][RDF + "rest"][0]
    return parts


def label(*versions: Description) -> str:
    """The label of a term in the first version that has one."""
    return next((one[RDFS + "label"][0] for one in versions if one.get(RDFS + "label")), "")


def kind(description: Description) -> str:
    """The kind of a term, in a word."""
    types = description.get(RDF_TYPE, [])
    for iri, word in KINDS.items():
        if curie(iri) in types:
            return word
    if "owl:Ontology" in types:
        return "document"
    if "owl:Class" in types:
        return "class"
    return "property" if any(t.endswith("Property") for t in types) else "term"
