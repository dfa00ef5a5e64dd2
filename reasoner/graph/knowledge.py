"""What is known before any patient comes: the graph, its compiled definitions, and its codes.

It is made once, at load.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from os import PathLike
from pathlib import Path
from typing import Any

from reasoner.graph import query_files as queries
from reasoner.graph.definitions import Definitions
from reasoner.graph.imported_ratings import OWN, imported
from reasoner.graph.index import Index
from reasoner.graph.memoize import memoized
from reasoner.graph.modules import Modules
from reasoner.graph.placeholders import MARK, refuse_unfilled
from reasoner.graph.realization import Program
from reasoner.graph.settling import settled
from reasoner.graph.store import Statement, Store, catalog, quads, read_turtle, text
from reasoner.graph.subgraphs import Subgraphs
from reasoner.graph.terminology import Codes
from reasoner.names import DOCUMENTS, IA, LABEL, OWL, RDF_TYPE, curie, expand, home, ia

# what topics are about; all else that is mapped describes a patient or a study
TOPICAL = ("ClinicalFinding", "Diagnosis", "Result", "ImagingFeature")


@dataclass(frozen=True)
class Scope:
    """What bears on a record: classes, and the definitions that find their members.

    The classes are those whose members rules, remarks and finding labels look at.
    """

    roles: set[str]
    program: Program

    @classmethod
    def of(cls, knowledge: "Knowledge", anchors: frozenset[str]) -> "Scope":
        """The scope of some anchors."""
        slices = knowledge.subgraphs
        roles = {
            c
            for c in knowledge.common.union(*(slices.roles_of(a) for a in anchors))
            if c.startswith(IA)
        }
        return cls(
            roles, knowledge.modules.program(roles.union(*(slices.scenarios(a) for a in anchors)))
        )


@dataclass(eq=False)
class Knowledge:
    """The graph: a store for queries, an index for look-ups, compiled definitions, code tables."""

    store: Store
    facts: Index
    definitions: Definitions
    codes: Codes
    subgraphs: Subgraphs
    ontology: Path
    memo: dict[Any, Any] = field(default_factory=dict, init=False, repr=False)

    @cached_property
    def version(self) -> str:
        """The version of the graph, from the version IRI of its entry document."""
        return self.facts.value(
            DOCUMENTS + "appropriateness", OWL + "versionIRI", "/unknown/"
        ).split("/")[-2]

    @cached_property
    def editions(self) -> list[str]:
        """The current editions."""
        return self.facts.subjects(ia("isCurrent"), "true")

    @cached_property
    def topics(self) -> list[str]:
        """The topics that have a current edition."""
        return sorted(
            {
                topic
                for edition in self.editions
                for topic in self.facts.objects(edition, ia("ofTopic"))
            }
        )

    @cached_property
    def versions(self) -> dict[str, Any]:
        """What an answer says of the graph that it was made by."""
        return {
            "version": self.version,
            "topics": list(map(curie, self.topics)),
            "editions": list(map(curie, self.editions)),
            "ratings": self.ratings,
        }

    @cached_property
    def ratings(self) -> str | None:
        """The SHA-256 of the table of ratings that the user imported; None without one."""
        tables = self.facts.subjects(RDF_TYPE, ia("ImportedTable"))
        return self.facts.value(tables[0], ia("fileDigest")) if tables else None

    @cached_property
    def modules(self) -> Modules:
        """The definitions by what they bear on."""
        return Modules(self.definitions.axioms)

    @cached_property
    def anchoring(self) -> Program:
        """The definitions that find the anchors of a record."""
        return self.modules.program(self.subgraphs.anchors)

    @cached_property
    def common(self) -> set[str]:
        """The classes that bear on every topic: those of safety, remarks and findings."""
        findings = {
            c
            for c in self.facts.subjects(RDF_TYPE, OWL + "Class")
            if ia("ClinicalFinding") in self.definitions.superclasses(c)
        }
        spoken = {c for name in ("remark", "outcome") for c in self.facts.having(ia(name))}
        return self.subgraphs.roles | spoken | findings | {ia("Presentation")}

    @cached_property
    def scope(self) -> Callable[[frozenset[str]], Scope]:
        """A function that gives what bears on a record with some anchors, with a cache."""
        return lru_cache(maxsize=256)(lambda anchors: Scope.of(self, anchors))

    @memoized
    def members(self, cls: str) -> frozenset[str]:
        """The declared members of a class, given as a CURIE."""
        return frozenset(self.facts.subjects(RDF_TYPE, expand(cls)))

    @memoized
    def is_a(self, term: str, cls: str) -> bool:
        """Whether a class or static individual of the ontology is below a class."""
        return cls in self.definitions.static.get(term, ()) or cls in self.definitions.superclasses(
            term
        )

    def label(self, iri: str) -> str:
        """The label of a term, or its local name."""
        return self.facts.value(iri, LABEL) or iri.rsplit("/", 1)[-1]


def load(
    ontology: Path | None = None,
    unfinished: bool = False,
    ratings: "str | PathLike[str] | None" = OWN,
) -> Knowledge:
    """The knowledge in an ontology folder, by default the one that comes with the package, and the
    ratings that the user imported: of the folder that `ratings` names; None leaves them out.

    Raises TurtleError, TableError or DefinitionError for a folder that cannot be read, and
    UnfilledError for one with texts that a curator has still to write: nobody may be answered with
    them. `unfinished` is for what a curator does before they are written.
    """
    ontology = ontology or home() / "ontology"
    triples = [t for path in catalog(ontology).values() for t in read_turtle(path)]
    if not unfinished and any(text(t.object).startswith(MARK) for t in triples):
        refuse_unfilled(ontology)
    return known(ontology, triples + imported(ratings))


def known(ontology: Path, triples: list[Any]) -> Knowledge:
    """The knowledge in the triples of an ontology folder, as its documents were read, and in its
    tables; texts that a curator has still to write are taken as they stand.

    Raises TableError or DefinitionError for what cannot be decided or read.
    """
    rows = [(text(t.subject), text(t.predicate), text(t.object)) for t in triples]
    literal = [type(t.object).__name__ == "Literal" for t in triples]
    definitions = Definitions(
        row for row, is_literal in zip(rows, literal, strict=True) if not is_literal
    )
    codes, facts = Codes(ontology), Index(rows)
    kinds = {ia(name) for name in TOPICAL}
    codes.topical = frozenset(
        term
        for term in codes.subjects()
        if kinds & definitions.superclasses(term).union(definitions.static.get(term, ()))
    )
    codes.past = dict(past_terms(codes, facts, definitions))
    statements = [
        (s, p, t.object if is_literal else o)
        for (s, p, o), t, is_literal in zip(rows, triples, literal, strict=True)
    ]
    criteria_of = list(criteria(facts, definitions))
    entailed = [*codes.statements(), *criteria_of, *settled(facts, definitions, criteria_of)]
    store = Store(quads(statements + entailed))
    for name in queries.names("load"):
        entailed += (concluded := store.construct(queries.named("load", name).text))
        store.add(concluded)
    facts.add((s, p, o if isinstance(o, str) else text(o)) for s, p, o in entailed)
    slices = Subgraphs(facts, statements + entailed)
    return Knowledge(store, facts, definitions, codes, slices, ontology)


def nearest_first(definitions: Definitions, term: str) -> list[str]:
    """A class and those above it, the ones with most classes above themselves first."""
    above = definitions.superclasses
    return sorted({term, *above(term)}, key=lambda c: (-len(above(c)), c != term, c))


def past_terms(codes: Codes, facts: Index, definitions: Definitions) -> Iterator[tuple[str, str]]:
    """Yields each mapped term with the term that it stands for once it is past, its own or that of
    the nearest class above it.
    """
    stated = {term: facts.value(term, ia("whenPast")) for term in facts.having(ia("whenPast"))}
    for term in codes.subjects():
        above = nearest_first(definitions, term)
        past = next((stated[one] for one in above if one in stated), None)
        if past:
            yield term, past


def criteria(facts: Index, definitions: Definitions) -> Iterator[Statement]:
    """Yields for each scenario its criteria and the scenarios above it.

    Criteria are the named classes that its definition intersects.
    """
    scenarios = facts.subjects(RDF_TYPE, ia("Scenario"))
    for scenario in scenarios:
        todo = [scenario]
        while todo:
            for cls in definitions.conjuncts(todo.pop()):
                if cls in scenarios:
                    todo.append(cls)
                elif cls != ia("Presentation"):  # it stands beside an anchor that stands alone
                    yield scenario, ia("hasCriterion"), cls
        for other in definitions.superclasses(scenario):
            if other != scenario and other in scenarios:
                yield scenario, ia("narrowerThan"), other
