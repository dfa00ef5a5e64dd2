"""The fast reasoner finds exactly what HermiT finds, refuses what it cannot decide, and says which facts stand behind a class."""

from concurrent.futures import ProcessPoolExecutor

import pyoxigraph as ox
import pytest
from conftest import CASES
from hermit import judge
from hypothesis import given, settings
from hypothesis import strategies as st
from patients import records

from reasoner.classify import AND, DISJOINT, EQUIVALENT, ON, RDF, SOME, SUBCLASS, SUBPROPERTY, VALUE, Definitions
from reasoner.errors import DefinitionError
from reasoner.intake import read
from reasoner.names import CASE, IA, OWL, RDF_TYPE, home, ia
from reasoner.store import Store, catalog, quads, read_turtle

PATIENTS, TBOXES, BATCH = 650, 120, 140


def ntriples(statements):
    """Statements as N-Triples."""
    return Store(quads(statements)).dump()


@pytest.fixture(scope="module")
def graph():
    """The documents of the catalog without ratings, as N-Triples."""
    paths = [path for path in catalog(home() / "ontology").values() if path.parent.name != "generated" or path.stem == "orderables"]
    return ox.serialize((t for path in paths for t in read_turtle(path)), format=ox.RdfFormat.N_TRIPLES)


def apart(statements, number):
    """The statements between named things, with the individuals of the record named apart from those of other records."""
    name = lambda term: term.replace(CASE, f"{CASE}{number}/") if isinstance(term, str) else term
    return [(name(s), p, name(o)) for s, p, o in statements if isinstance(o, str)]


def differences(definitions, records, graph):
    """What the fast reasoner and HermiT say differently of the individuals of records; HermiT is asked about a batch at a time."""
    batches = [records[n:n + BATCH] for n in range(0, len(records), BATCH)]
    with ProcessPoolExecutor(2) as pool:
        verdicts = list(pool.map(judge, [graph + ntriples([s for record in batch for s in record]) for batch in batches]))
    for batch, verdict in zip(batches, verdicts):
        assert verdict.consistent
        for record in batch:
            found = definitions.realize(record)
            for individual in sorted({t for s, _, o in record for t in (s, o) if t.startswith(CASE)}):
                ours, theirs = ({c for c in classes if c.startswith(IA)} for classes in (found.classes(individual), verdict.types.get(individual, ())))
                if ours != theirs:
                    yield individual, {"only ours": ours - theirs, "only HermiT": theirs - ours}, record


def test_every_case_is_realized_as_hermit_does(reasoner, graph):
    knowledge = reasoner.knowledge
    batch = [apart(read(knowledge, path.read_bytes()).statements, n) for n, path in enumerate(CASES.values())]
    assert list(differences(knowledge.definitions, batch, graph)) == []


def test_generated_patients_are_realized_as_hermit_does(reasoner, graph):
    knowledge, drawn = reasoner.knowledge, []

    @settings(max_examples=PATIENTS)
    @given(records(knowledge))
    def draw(record):
        drawn.append(record)

    draw()
    batch = [apart(r, n) for n, r in enumerate(drawn) if not knowledge.definitions.realize(r).contradictions]
    assert len(batch) >= 500
    assert list(differences(knowledge.definitions, batch, graph)) == []


CLASSES, PROPERTIES, VALUES = [*"ABCDEF"], [*"pqr"], [*"vw"]
EXPRESSIONS = st.recursive(
    st.sampled_from(CLASSES) | st.tuples(st.just(VALUE), st.sampled_from(PROPERTIES), st.sampled_from(VALUES)),
    lambda inner: st.tuples(st.just(SOME), st.sampled_from(PROPERTIES), inner) | st.tuples(st.just(AND), inner, inner), max_leaves=4)
AXIOMS = st.lists(
    st.tuples(st.just(SUBCLASS), st.sampled_from(CLASSES), EXPRESSIONS) | st.tuples(st.just(EQUIVALENT), st.sampled_from(CLASSES), EXPRESSIONS)
    | st.tuples(st.just(SUBPROPERTY), st.sampled_from(PROPERTIES), st.sampled_from(PROPERTIES)), min_size=3, max_size=8, unique=True)
FACTS = st.lists(
    st.tuples(st.sampled_from([*"xyz"]), st.just(RDF_TYPE), st.sampled_from(CLASSES))
    | st.tuples(st.sampled_from([*"xyz"]), st.sampled_from(PROPERTIES), st.sampled_from([*"xyz", *VALUES])), min_size=2, max_size=6, unique=True)


class Small:
    """A small random ontology and record as triples, its names apart from those of any other."""

    def __init__(self, number, axioms, facts):
        self.base, self.blank, self.tbox = f"{IA}{number}-", f"_:n{number}x", []
        self.tbox += [(self.iri(c), RDF_TYPE, OWL + "Class") for c in CLASSES] + [(self.iri(p), RDF_TYPE, OWL + "ObjectProperty") for p in PROPERTIES]
        self.tbox += [(self.iri(v), RDF_TYPE, OWL + "NamedIndividual") for v in VALUES]
        for predicate, left, right in axioms:
            self.tbox.append((self.iri(left), predicate, self.node(right)))
        name = lambda term: self.iri(term) if len(term) == 1 else term
        self.facts = [tuple(map(name, fact)) for fact in facts]

    def iri(self, name):
        return self.base + name

    def new(self):
        self.blank += "x"
        return self.blank

    def node(self, expression):
        """The node of a class expression, its statements added."""
        if isinstance(expression, str):
            return self.iri(expression)
        kind, first, second = expression
        node = self.new()
        if kind == AND:
            members, nodes = [self.node(first), self.node(second)], [self.new(), self.new()]
            self.tbox += [(node, RDF_TYPE, OWL + "Class"), (node, AND, nodes[0])]
            self.tbox += [(n, RDF + "first", m) for n, m in zip(nodes, members)] + [(nodes[0], RDF + "rest", nodes[1]), (nodes[1], RDF + "rest", RDF + "nil")]
        else:
            self.tbox += [(node, RDF_TYPE, OWL + "Restriction"), (node, ON, self.iri(first)), (node, kind, self.iri(second) if kind == VALUE else self.node(second))]
        return node


def test_random_definitions_are_realized_as_hermit_does():
    drawn = []

    @settings(max_examples=TBOXES)
    @given(AXIOMS, FACTS)
    def draw(axioms, facts):
        drawn.append(Small(len(drawn), axioms, facts))

    draw()
    verdict = judge(ntriples([triple for small in drawn for triple in small.tbox + small.facts]))
    assert verdict.consistent and not verdict.unsatisfiable
    for small in drawn:
        found = Definitions(small.tbox).realize(small.facts)
        for name in map(small.iri, "xyz"):
            ours, theirs = ({c for c in classes if c.startswith(IA)} for classes in (found.classes(name), verdict.types.get(name, ())))
            assert ours == theirs, (name, ours ^ theirs, small.tbox, small.facts)
