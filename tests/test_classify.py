"""The fast reasoner finds exactly what HermiT finds, refuses what it cannot decide, and says which
facts stand behind a class.
"""

from pathlib import Path

import pytest
from conftest import CASES
from hermit import judge
from hypothesis import given, settings
from hypothesis import strategies as st
from one_topic import of_topic
from patients import records
from realized import apart, differences, ntriples, verdicts_of, without_ratings

from reasoner.answer.cache.case_key import record_key
from reasoner.errors import DefinitionError
from reasoner.graph.definitions import (
    AND,
    DISJOINT,
    EQUIVALENT,
    ON,
    RDF,
    SOME,
    SUBCLASS,
    SUBPROPERTY,
    VALUE,
    Definitions,
)
from reasoner.graph.knowledge import load
from reasoner.intake import read
from reasoner.names import CASE, IA, OWL, RDF_TYPE, XSD, home, ia

PATIENTS, TBOXES = 640, 300


MASSES = "soft-tissue-masses"
TOPICS = sorted(p.parent.name for p in (home() / "ontology" / "topics").glob("*/scenarios.csv"))


@pytest.fixture(scope="module")
def ontologies(tmp_path_factory):
    """The ontology with one topic alone, by the name of the topic."""
    folder = tmp_path_factory.mktemp("topics")
    return {topic: of_topic(topic, folder / topic) for topic in TOPICS}


@pytest.fixture(scope="module")
def masses(ontologies):
    """What is known with soft tissue masses as the only topic."""
    return load(ontologies[MASSES])


@pytest.fixture(scope="module")
def graph(ontologies):
    """The documents of that graph without ratings, as N-Triples."""
    return without_ratings(ontologies[MASSES])


def cases_of(topic: str) -> list[Path]:
    """The cases of a topic; those in folders that are no topic's are about masses."""
    return [
        path
        for path in CASES.values()
        if path.parent.name == topic
        or (topic == MASSES and path.parent.name not in (*TOPICS, "blind"))
    ]


@pytest.mark.parametrize("topic", TOPICS)
def test_every_case_is_realized_as_hermit_does(ontologies, topic):
    """Beside the topics that it shares terms with; blind records are of all topics."""
    knowledge = load(ontologies[topic])
    graph = without_ratings(ontologies[topic])
    read_ = [read(knowledge, path.read_bytes()) for path in cases_of(topic)]
    keyed = [(record_key(record), record) for record in read_]
    unlike = {  # but for names
        key[0].statements if key else tuple(record.statements): record for key, record in keyed
    }
    batch = [apart(record.statements, n) for n, record in enumerate(unlike.values())]
    assert list(differences(knowledge.definitions, batch, graph)) == []


def test_generated_patients_are_realized_as_hermit_does(masses, graph):
    knowledge, drawn = masses, []

    @settings(max_examples=PATIENTS)
    @given(records(knowledge))
    def draw(record):
        drawn.append(record)

    draw()
    batch = [
        apart(r, n)
        for n, r in enumerate(drawn)
        if not knowledge.definitions.realize(r).contradictions
    ]
    assert len(batch) >= 500
    assert list(differences(knowledge.definitions, batch, graph)) == []


CLASSES, PROPERTIES, VALUES = [*"ABCDEF"], [*"pqr"], [*"vw"]
EXPRESSIONS = st.recursive(
    st.sampled_from(CLASSES)
    | st.tuples(st.just(VALUE), st.sampled_from(PROPERTIES), st.sampled_from(VALUES)),
    lambda inner: (
        st.tuples(st.just(SOME), st.sampled_from(PROPERTIES), inner)
        | st.tuples(st.just(AND), inner, inner)
    ),
    max_leaves=4,
)
AXIOMS = st.lists(
    st.tuples(st.just(SUBCLASS), st.sampled_from(CLASSES), EXPRESSIONS)
    | st.tuples(st.just(EQUIVALENT), st.sampled_from(CLASSES), EXPRESSIONS)
    | st.tuples(st.just(SUBPROPERTY), st.sampled_from(PROPERTIES), st.sampled_from(PROPERTIES)),
    min_size=3,
    max_size=8,
    unique=True,
)
FACTS = st.lists(
    st.tuples(st.sampled_from([*"xyz"]), st.just(RDF_TYPE), st.sampled_from(CLASSES))
    | st.tuples(
        st.sampled_from([*"xyz"]), st.sampled_from(PROPERTIES), st.sampled_from([*"xyz", *VALUES])
    ),
    min_size=2,
    max_size=6,
    unique=True,
)


class Small:
    """A small random ontology and record as triples, its names apart from those of any other."""

    def __init__(self, number, axioms, facts):
        self.base, self.blank, self.tbox = f"{IA}{number}-", f"_:n{number}x", []
        self.tbox += [(self.iri(c), RDF_TYPE, OWL + "Class") for c in CLASSES] + [
            (self.iri(p), RDF_TYPE, OWL + "ObjectProperty") for p in PROPERTIES
        ]
        self.tbox += [(self.iri(v), RDF_TYPE, OWL + "NamedIndividual") for v in VALUES]
        for predicate, left, right in axioms:
            self.tbox.append((self.iri(left), predicate, self.node(right)))

        def name(term):
            return self.iri(term) if len(term) == 1 else term

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
            self.tbox += [(n, RDF + "first", m) for n, m in zip(nodes, members, strict=True)] + [
                (nodes[0], RDF + "rest", nodes[1]),
                (nodes[1], RDF + "rest", RDF + "nil"),
            ]
        else:
            self.tbox += [
                (node, RDF_TYPE, OWL + "Restriction"),
                (node, ON, self.iri(first)),
                (node, kind, self.iri(second) if kind == VALUE else self.node(second)),
            ]
        return node


def test_random_definitions_are_realized_as_hermit_does():
    drawn = []

    @settings(max_examples=TBOXES)
    @given(AXIOMS, FACTS)
    def draw(axioms, facts):
        drawn.append(Small(len(drawn), axioms, facts))

    draw()
    verdicts = verdicts_of([small.tbox + small.facts for small in drawn], 100)
    for small, verdict in zip(drawn, verdicts, strict=True):
        assert verdict.consistent and not verdict.unsatisfiable
        found = Definitions(small.tbox).realize(small.facts)
        for name in map(small.iri, "xyz"):
            ours, theirs = (
                {c for c in classes if c.startswith(IA)}
                for classes in (found.classes(name), verdict.types.get(name, ()))
            )
            assert ours == theirs, (name, ours ^ theirs, small.tbox, small.facts)


def small(*axioms, facts=()):
    """The definitions and realization of a small ontology, and the name of its things."""
    made = Small(0, axioms, facts)
    definitions = Definitions(made.tbox)
    return definitions.realize(made.facts), made.iri


def test_a_defined_class_implies_more_than_its_definition():
    found, iri = small(
        (EQUIVALENT, "A", (SOME, "p", "C")),
        (SUBCLASS, "A", (SOME, "q", "D")),
        (EQUIVALENT, "E", (SOME, "q", "D")),
        facts=[("x", "p", "y"), ("y", RDF_TYPE, "C")],
    )
    assert found.classes(iri("x")) == {iri("A"), iri("E")}
    assert found.evidence(iri("x"), iri("E")) == [iri("y")]


def test_evidence_is_the_facts_behind_a_class_and_no_other():
    found, iri = small(
        (EQUIVALENT, "A", (AND, (SOME, "p", "B"), (SOME, "q", (SOME, "r", "C")))),
        (SUBCLASS, "D", "B"),
        facts=[
            ("x", "p", "y"),
            ("y", RDF_TYPE, "D"),
            ("x", "q", "z"),
            ("z", "r", "w"),
            ("w", RDF_TYPE, "C"),
            ("x", "p", "v"),
            ("v", RDF_TYPE, "C"),
        ],
    )
    assert set(found.evidence(iri("x"), iri("A"))) == {iri("y"), iri("w")}


def test_evidence_includes_alternatives():
    found, iri = small(
        (EQUIVALENT, "A", (SOME, "p", "B")),
        facts=[("x", "p", "y"), ("x", "p", "z"), ("y", RDF_TYPE, "B"), ("z", RDF_TYPE, "B")],
    )
    assert set(found.evidence(iri("x"), iri("A"))) == {iri("y"), iri("z")}


def test_evidence_of_a_value_is_the_thing_that_has_it():
    found, iri = small(
        (EQUIVALENT, "A", (SOME, "p", (VALUE, "q", "v"))),
        facts=[("x", "p", "y"), ("y", "q", "v"), ("x", "p", "z")],
    )
    assert found.evidence(iri("x"), iri("A")) == [iri("y")]


@pytest.mark.parametrize("order", [1, -1])
def test_evidence_of_a_subclass_is_not_what_its_superclass_implies(order):
    axioms = [
        (EQUIVALENT, "A", (SOME, "p", "C")),
        (EQUIVALENT, "B", (AND, "F", (SOME, "q", "D"))),
        (SUBCLASS, "B", "A"),
    ]
    found, iri = small(
        *axioms[::order], facts=[("x", RDF_TYPE, "F"), ("x", "q", "y"), ("y", RDF_TYPE, "D")]
    )
    assert found.classes(iri("x")) == {iri("F"), iri("B"), iri("A")}
    assert found.evidence(iri("x"), iri("A")) == [iri("y")]


def test_evidence_of_a_circle_of_facts_ends():
    found, iri = small(
        (EQUIVALENT, "A", (SOME, "p", "A")), facts=[("x", "p", "x"), ("x", RDF_TYPE, "A")]
    )
    assert found.evidence(iri("x"), iri("A")) == [iri("x")]


def test_evidence_in_the_bundled_example_is_each_study_for_its_criterion(reasoner, replies):
    answer = replies["example"].answer["presentations"][0]
    scenario = next(s for s in answer["scenarios"] if s["status"] == "applies")
    because = {c["id"]: c["because"] for c in scenario["criteria"]}
    assert because["ia:RadiographInconclusive"] != because["ia:NoncontrastUltrasoundInconclusive"]
    assert all(len(facts) == 1 for facts in because.values()), because


X, Y, P = f"{IA}X", f"{IA}Y", f"{IA}p"
OUTSIDE = {
    "complement": [(X, EQUIVALENT, "_:1"), ("_:1", OWL + "complementOf", Y)],
    "union": [
        (X, EQUIVALENT, "_:1"),
        ("_:1", OWL + "unionOf", "_:2"),
        ("_:2", RDF + "first", Y),
        ("_:2", RDF + "rest", RDF + "nil"),
    ],
    "only": [(X, SUBCLASS, "_:1"), ("_:1", ON, P), ("_:1", OWL + "allValuesFrom", Y)],
    "cardinality": [
        (X, SUBCLASS, "_:1"),
        ("_:1", ON, P),
        ("_:1", OWL + "minQualifiedCardinality", "1"),
        ("_:1", OWL + "onClass", Y),
    ],
    "one of": [(X, EQUIVALENT, "_:1"), ("_:1", OWL + "oneOf", "_:2")],
    "transitive": [(P, RDF_TYPE, OWL + "TransitiveProperty")],
    "functional": [(P, RDF_TYPE, OWL + "FunctionalProperty")],
    "inverse": [(P, OWL + "inverseOf", f"{IA}q")],
    "chain": [(P, OWL + "propertyChainAxiom", "_:1")],
    "equal properties": [(P, OWL + "equivalentProperty", f"{IA}q")],
    "equal things": [(X, OWL + "sameAs", Y)],
    "domain": [(P, SUBPROPERTY.replace("subPropertyOf", "domain"), X)],
    "range": [(P, SUBPROPERTY.replace("subPropertyOf", "range"), X)],
    "unnamed subclass": [("_:1", SUBCLASS, X), ("_:1", ON, P), ("_:1", SOME, Y)],
    "empty restriction": [(X, EQUIVALENT, "_:1"), ("_:1", ON, P)],
    "two fillers": [(X, EQUIVALENT, "_:1"), ("_:1", ON, P), ("_:1", SOME, Y), ("_:1", SOME, X)],
    "nothing": [(X, SUBCLASS, OWL + "Nothing")],
    "disjoint unnamed": [(X, DISJOINT, "_:1"), ("_:1", ON, P), ("_:1", SOME, Y)],
    "same list twice": [
        (X, EQUIVALENT, "_:1"),
        ("_:1", AND, "_:2"),
        ("_:1", AND, "_:3"),
        *[
            t
            for n in "23"
            for t in ((f"_:{n}", RDF + "first", Y), (f"_:{n}", RDF + "rest", RDF + "nil"))
        ],
    ],
    "some and value": [(X, EQUIVALENT, "_:1"), ("_:1", ON, P), ("_:1", SOME, Y), ("_:1", VALUE, X)],
    "two properties": [
        (X, EQUIVALENT, "_:1"),
        ("_:1", ON, P),
        ("_:1", ON, f"{IA}q"),
        ("_:1", SOME, Y),
    ],
    "data range": [(X, SUBCLASS, "_:1"), ("_:1", ON, P), ("_:1", SOME, XSD + "decimal")],
    "list without end": [(X, EQUIVALENT, "_:1"), ("_:1", AND, "_:2"), ("_:2", RDF + "first", Y)],
    "circular list": [
        (X, EQUIVALENT, "_:1"),
        ("_:1", AND, "_:2"),
        ("_:2", RDF + "first", Y),
        ("_:2", RDF + "rest", "_:2"),
    ],
    "everything in its definition": [
        (X, EQUIVALENT, "_:1"),
        ("_:1", ON, P),
        ("_:1", SOME, OWL + "Thing"),
    ],
}


@pytest.mark.parametrize("construct", OUTSIDE)
def test_a_construct_outside_the_fragment_is_refused(construct):
    with pytest.raises(DefinitionError):
        Definitions(OUTSIDE[construct])


def test_contradictions_are_found():
    apart = Definitions([(X, DISJOINT, Y), (f"{IA}Z", SUBCLASS, Y)])
    assert apart.realize([("x", RDF_TYPE, X), ("x", RDF_TYPE, f"{IA}Z")]).contradictions == [
        ("x", X, Y)
    ]
    assert apart.realize([("x", RDF_TYPE, X), ("y", RDF_TYPE, Y)]).contradictions == []


def test_hermit_calls_a_record_inconsistent_that_contradicts_itself(reasoner, graph):
    result, record = (
        CASE + "result",
        [
            (CASE + "result", RDF_TYPE, ia("NormalRadiograph")),
            (CASE + "result", RDF_TYPE, ia("SuspiciousResult")),
        ],
    )
    assert {x for x, _, _ in reasoner.knowledge.definitions.realize(record).contradictions} == {
        result
    }
    assert not judge(graph + ntriples(record)).consistent


def test_hermit_calls_a_record_consistent_that_does_not(graph):
    assert judge(graph + ntriples([(CASE + "result", RDF_TYPE, ia("NormalRadiograph"))])).consistent


@pytest.mark.parametrize(
    ("one", "other", "apart"),
    [
        ("SuspiciousResult", "SimpleBenignResult", True),
        ("SpecificBenignResult", "SuspiciousResult", True),
        ("IndeterminateResult", "SimpleBenignResult", True),
        ("SuspiciousResult", "IndeterminateResult", True),
        ("SimpleBenignResult", "SpecificBenignResult", False),
        ("SuspiciousResult", "DoubtedResult", False),
        ("IndeterminateResult", "IndeterminateResult", False),
    ],
)
def test_classes_exclude_each_other_by_the_classes_above_them(reasoner, one, other, apart):
    definitions = reasoner.knowledge.definitions
    assert definitions.exclude(ia(one), ia(other)) is apart
    assert definitions.exclude(ia(other), ia(one)) is apart
