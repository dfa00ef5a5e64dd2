"""Answers what the pages ask of the graph: where a term is documented, described and used."""

from collections import defaultdict
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from urllib.parse import quote

from reasoner.graph import query_files
from reasoner.graph.index import Index
from reasoner.graph.knowledge import Knowledge, load
from reasoner.graph.short_names import short
from reasoner.graph.store import catalog, is_literal, read_turtle, text
from reasoner.names import DCTERMS, IA, LABEL, OWL, RDF_TYPE, RDFS, SKOS, home, ia

RDF = RDF_TYPE.removesuffix("type")
CONNECTIVES = {OWL + "intersectionOf": " and ", OWL + "unionOf": " or ", OWL + "oneOf": ", "}
RESTRICTIONS = {
    OWL + "someValuesFrom": " some ",
    OWL + "hasValue": " value ",
    OWL + "allValuesFrom": " only ",
}
KINDS = {
    OWL + "AnnotationProperty": "annotation property",
    OWL + "ObjectProperty": "object property",
    OWL + "DatatypeProperty": "data property",
    OWL + "Class": "class",
}
INVERSE = {
    RDF_TYPE: "has the member",
    RDFS + "subClassOf": "is above",
    OWL + "equivalentClass": "is used in the definition of",
    OWL + "disjointWith": "is disjoint with",
}
WORDS = {
    RDF_TYPE: "is a",
    RDFS + "subClassOf": "is below",
    RDFS + "subPropertyOf": "is below",
    RDFS + "domain": "is said of",
    RDFS + "range": "has values in",
    OWL + "equivalentClass": "is defined as",
    OWL + "disjointWith": "is disjoint with",
    SKOS + "altLabel": "also called",
    SKOS + "notation": "short word",
    SKOS + "editorialNote": "note of the editors",
}
Part = tuple[str, str]  # a piece of a sentence: ("term", IRI) or ("text", words)


class Graph:
    """The loaded knowledge, and the statements of its documents as they were written."""

    def __init__(self, ontology: Path | None = None):
        self.ontology = ontology or home() / "ontology"
        self.knowledge: Knowledge = load(self.ontology, unfinished=True, ratings=None)
        self.facts, self.document = Index(), {}
        self.literals: set[tuple[str, str, str]] = set()
        self.users: dict[str, set[tuple[str, str]]] = defaultdict(set)
        for path in catalog(self.ontology).values():
            triples = read_turtle(path)
            rows = [(text(t.subject), text(t.predicate), text(t.object)) for t in triples]
            self.facts.add(rows)
            self.literals |= {
                row for row, t in zip(rows, triples, strict=True) if is_literal(t.object)
            }
            self.document |= {
                s: str(path.relative_to(self.ontology)) for s, p, _ in rows if p == LABEL
            }
        self._note_users()

    def _note_users(self) -> None:
        """Finds the terms that use each term, also inside their definitions."""

        def walk(top: str, predicate: str, node: str) -> None:
            for p, o in self.facts.about(node):
                outer = predicate or p
                if o.startswith("_:"):
                    walk(top, outer, o)
                elif (node, p, o) not in self.literals:
                    self.users[o].add((outer, top))
                self.users[p].add(("", top))

        for term in self.terms:
            walk(term, "", term)

    @cached_property
    def terms(self) -> list[str]:
        """The terms of the graph, sorted: what has a label and the vocabulary's namespace."""
        return sorted(s for s in self.facts.having(LABEL) if s.startswith(IA))

    def members(self, cls: str) -> list[str]:
        """The declared members of a class, given by its name, sorted."""
        return self.facts.subjects(RDF_TYPE, ia(cls))

    def ranked(self, cls: str) -> list[str]:
        """The declared members of a class, by their rank."""
        return sorted(self.members(cls), key=lambda member: int(self.value(member, "rank") or 99))

    def label(self, iri: str) -> str:
        """The label of a term, else the words for a foreign property, else the short form."""
        return (
            self.facts.value(iri, LABEL)
            or WORDS.get(iri)
            or (iri.removeprefix(DCTERMS) if iri.startswith(DCTERMS) else short(iri))
        )

    def definition(self, iri: str) -> str:
        """The definition of a term."""
        return self.facts.value(iri, SKOS + "definition", "")

    def value(self, iri: str, name: str) -> str:
        """One value of a property of the vocabulary, given by its name; empty without any."""
        return self.facts.value(iri, ia(name), "")

    def objects(self, iri: str, name: str) -> list[str]:
        """The values of a property of the vocabulary, given by its name, sorted."""
        return self.facts.objects(iri, ia(name))

    def subjects(self, name: str, iri: str) -> list[str]:
        """The subjects with a value of a property of the vocabulary, given by its name, sorted."""
        return self.facts.subjects(ia(name), iri)

    def is_a(self, iri: str, cls: str) -> bool:
        """Whether a term is declared as a member of a class, given by its name."""
        return self.facts.holds(iri, RDF_TYPE, ia(cls))

    def place(self, iri: str) -> str | None:
        """The page, and anchor, of a term, from the root of the pages; None when there is none."""
        if iri not in self.document:
            return None
        name = quote(iri.removeprefix(IA), safe="")
        if self.is_a(iri, "Rating"):
            scenario = quote(self.value(iri, "ofScenario").removeprefix(IA), safe="")
            return f"scenarios/{scenario}.html#{name}"
        for cls, folder in (("Scenario", "scenarios"), ("Edition", "editions")):
            if self.is_a(iri, cls):
                return f"{folder}/{name}.html"
        return f"{'properties' if name[0].islower() else 'terms'}/{name}.html"

    def kind(self, iri: str) -> str:
        """The kind of a term in words: the kind of property, or the classes it belongs to."""
        types = self.facts.objects(iri, RDF_TYPE)
        return ", ".join(
            [KINDS[t] for t in types if t in KINDS]
            + [self.label(t) for t in types if t.startswith(IA)]
        )

    def expression(self, node: str, inner: bool = False) -> Iterator[Part]:
        """A class expression, a term or a literal in reading order, as Protégé would show it."""
        for connective, word in CONNECTIVES.items():
            if heads := self.facts.objects(node, connective):
                yield "text", "(" if inner else ""
                for index, member in enumerate(self.listed(heads[0])):
                    yield "text", word if index else ""
                    yield from self.expression(member, inner=True)
                yield "text", ")" if inner else ""
                return
        for restriction, word in RESTRICTIONS.items():
            if fillers := self.facts.objects(node, restriction):
                yield from self.expression(self.facts.value(node, OWL + "onProperty", ""))
                yield "text", word
                yield from self.expression(fillers[0], inner=True)
                return
        yield ("text", "…") if node.startswith("_:") else ("term", node)

    def listed(self, node: str) -> Iterator[str]:
        """The members of a list."""
        while (first := self.facts.value(node, RDF + "first")) is not None:
            yield first
            node = self.facts.value(node, RDF + "rest", "")

    def statements(self, iri: str) -> list[tuple[str, list[list[Part]]]]:
        """The predicates of a term with their objects, but for label, definition and kind."""
        statements: dict[str, list[list[Part]]] = defaultdict(list)
        for p, o in self.facts.about(iri):
            if p not in (LABEL, SKOS + "definition") and not (p == RDF_TYPE and o.startswith(OWL)):
                is_text = (iri, p, o) in self.literals
                statements[p].append([("text", o)] if is_text else list(self.expression(o)))
        return sorted(
            statements.items(), key=lambda item: (item[0] != RDF_TYPE, self.label(item[0]))
        )

    def used(self, iri: str) -> list[tuple[str, list[str]]]:
        """Where a term is used: phrases such as `is above`, each with the using terms."""
        uses: dict[str, set[str]] = defaultdict(set)
        for predicate, user in self.users.get(iri, ()):
            if user != iri:
                words = "is said of"
                if predicate:
                    other = f"is the object of “{self.label(predicate)}” for"
                    words = INVERSE.get(predicate, other)
                uses[words].add(user)
        return sorted(
            (words, sorted(users, key=lambda u: (self.label(u).casefold(), u)))
            for words, users in uses.items()
        )

    def ask(self, question: str, **settings: str) -> list[dict]:
        """The rows of a question by variable, as text; an unbound variable is empty."""
        query = query_files.named("questions", question).with_values(**settings)
        names, rows = self.knowledge.store.select(query)
        return [
            {n: "" if cell is None else text(cell) for n, cell in zip(names, row, strict=True)}
            for row in rows
        ]
