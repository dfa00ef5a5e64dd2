"""What a graph says of each term, as text that two versions of the graph can be compared by."""

import re
from collections import defaultdict
from pathlib import Path

from reasoner.graph.store import catalog, is_blank, is_literal, read_turtle
from reasoner.names import DCTERMS, IA, OWL, RDF_TYPE, RDFS, SKOS, XSD, curie, ia

RDF = RDF_TYPE.removesuffix("type")
SHORT = {RDFS: "rdfs:", OWL: "owl:", SKOS: "skos:", DCTERMS: "dcterms:", RDF: "rdf:", XSD: "xsd:"}
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
PASSED_OVER = {OWL + "versionIRI", OWL + "imports"}
KINDS = {
    ia(name): name.lower()
    for name in ("Rating", "Scenario", "Edition", "Topic", "Criterion", "Exclusion", "Source")
}
Said = dict[str, dict[str, list[str]]]


def said(ontology: Path) -> Said:
    """For each named subject of an ontology folder its predicates, each with its objects as sorted text.

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
            for p, objects in told.items()
            if p not in PASSED_OVER
        }
        for node, told in facts.items()
        if not is_blank(node)
    }


def text(facts: dict, node) -> str:
    """One object: a name, a literal with its datatype, or a class expression in the manner of Protégé.

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
    told = facts.get(node, {})
    if OWL + "intersectionOf" in told:
        return (
            "("
            + " and ".join(
                sorted(text(facts, m) for m in members(facts, told[OWL + "intersectionOf"][0]))
            )
            + ")"
        )
    for predicate, word in ((OWL + "someValuesFrom", "some"), (OWL + "hasValue", "value")):
        if predicate in told and OWL + "onProperty" in told:
            return f"{text(facts, told[OWL + 'onProperty'][0])} {word} {text(facts, told[predicate][0])}"
    return (
        "["
        + "; ".join(
            sorted(f"{short(p)} {text(facts, o)}" for p, objects in told.items() for o in objects)
        )
        + "]"
    )


def members(facts: dict, node) -> list:
    """The members of an RDF list."""
    found = []
    while is_blank(node) and facts[node].get(RDF + "rest"):
        found += facts[node][RDF + "first"]
        node = facts[node][RDF + "rest"][0]
    return found


def short(iri: str) -> str:
    """An IRI as a CURIE where it has one."""
    space = next((space for space in SHORT if iri.startswith(space)), None)
    return SHORT[space] + iri[len(space) :] if space else curie(iri)


def label(*versions: dict[str, list[str]]) -> str:
    """The label of a term in the first version that has one."""
    return next((told[RDFS + "label"][0] for told in versions if told.get(RDFS + "label")), "")


def kind(told: dict[str, list[str]]) -> str:
    """What kind of term this is, in a word."""
    types = told.get(RDF_TYPE, [])
    return next(
        (word for iri, word in KINDS.items() if curie(iri) in types),
        "document"
        if "owl:Ontology" in types
        else "class"
        if "owl:Class" in types
        else "property"
        if any(t.endswith("Property") for t in types)
        else "term",
    )


def is_term(iri: str) -> bool:
    """Whether an IRI is a term of this project, whose disappearance others would notice."""
    return iri.startswith(IA)
