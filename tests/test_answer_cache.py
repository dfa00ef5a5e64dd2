"""A cached answer is the one that is computed without a cache, byte for byte."""

import json

import pytest
from conftest import CASES
from hypothesis import given, settings
from hypothesis import strategies as st
from patients import records

from reasoner.answer.cache.case_key import case_keys, number_of, record_key
from reasoner.answer.cache.template import Template
from reasoner.api import Reasoner
from reasoner.errors import ContradictionError, InputError
from reasoner.inference.classification import classify
from reasoner.inference.proof import resource
from reasoner.intake import Record, read
from reasoner.intake.opening import example
from reasoner.names import RDF_TYPE, ia
from reasoner.synth import population

AGAIN = 2  # times that an answer is asked for: the second time it is remembered
PLAIN = """@prefix ia: <https://w3id.org/imaging-appropriateness/ns/> .
@prefix case: <https://w3id.org/imaging-appropriateness/case/> .
"""


@pytest.fixture(scope="module")
def reasoner():
    return Reasoner()


def cached(reasoner, record) -> set[str]:
    """The answers to a record that comes again."""
    return {json.dumps(reasoner.memory.answer(record)) for _ in range(AGAIN)}


def direct(reasoner, record) -> str:
    """The answer to a record without a cache."""
    return json.dumps(reasoner.memory.direct(record))


@pytest.mark.parametrize("case", CASES)
def test_a_cached_answer_is_the_direct_one(reasoner, case):
    record = read(reasoner.knowledge, CASES[case].read_bytes())
    assert cached(reasoner, record) == {direct(reasoner, record)}


def renamed(text: str) -> bytes:
    """The example of another patient, whose resources sort the other way round."""
    for old, new in (
        ("example", "zoe"),
        ("radiograph", "a-9"),
        ("ultrasound", "A-1"),
        ("mass", "zz"),
    ):
        text = text.replace(f'/{old}"', f'/{new}"').replace(f'"id": "{old}"', f'"id": "{new}"')
    return text.encode()


def only(reasoner, data):
    """The key of the one presentation of a record, and the names in it."""
    key, names = record_key(read(reasoner.knowledge, data))
    classified = classify(reasoner.knowledge, list(key.statements))
    [case] = case_keys(reasoner.knowledge, key, classified)
    return case, {resource(names[n]) for n in case.places}


def test_two_patients_of_whom_the_same_is_stated_have_one_key(reasoner):
    other = example().decode().replace("/mass", "/lump").replace('"id": "mass"', '"id": "lump"')
    (one, names), (same, others) = only(reasoner, example()), only(reasoner, other.encode())
    assert one == same and names - others == {"Condition/mass"}


def test_another_patients_names_never_come_back(reasoner):
    reasoner.ask(example())
    answer = json.dumps(reasoner.ask(renamed(example().decode())))
    assert "Condition/zz" in answer and "Condition/mass" not in answer and "~" not in answer


def test_a_different_fact_has_a_different_key(reasoner):
    changed = example().replace(b"280416009", b"93163002")
    assert only(reasoner, example())[0] != only(reasoner, changed)[0]
    assert reasoner.ask(changed)["presentations"][0]["outcome"] == "no-imaging"


def test_an_answer_that_is_changed_changes_no_other(reasoner):
    before = json.dumps(reasoner.ask(example()))
    answer = reasoner.ask(example())
    answer["presentations"][0]["recommendations"][0]["procedure"]["label"] = "something else"
    answer["presentations"][0]["scenarios"].clear()
    answer["knowledge"]["topics"] = []
    assert json.dumps(reasoner.ask(example())) == before


def test_an_equal_record_is_neither_classified_nor_reasoned_about_again():
    reasoner = Reasoner()
    reasoner.ask(example())
    reasoner.ask(renamed(example().decode()).replace(b"zz", b"mass"))
    run = reasoner.memory.run.cache_info().misses
    reasoner.ask(example())
    assert reasoner.memory.run.cache_info().misses == run > 0


def test_no_more_is_remembered_than_was_asked_for():
    reasoner = Reasoner(memory=3)
    for person in list(population(40, 7, 1.0)):
        reasoner.ask(person.resources)
    sizes = [c.cache_info().currsize for c in (reasoner.memory.cases, reasoner.memory.templates)]
    assert sizes == [3, 3]


@pytest.mark.parametrize("seed", range(3))
def test_cached_answers_of_a_population_are_the_direct_ones(reasoner, seed):
    for person in population(60, seed):
        try:
            record = read(reasoner.knowledge, person.resources)
        except InputError:
            continue
        assert cached(reasoner, record) == {direct(reasoner, record)}


@pytest.mark.parametrize(
    "mass",
    [
        "[ a ia:SoftTissueMass ; ia:hasSite ia:Thigh ; ia:hasDepth ia:DeepToFascia ]",
        "<urn:x#finding>",
    ],
)
@pytest.mark.parametrize("name", ["_:p", "<urn:x>", "<urn:x#p>", "<urn:~00001>", "case:a\\#p"])
def test_a_presentation_may_have_any_name(reasoner, name, mass):
    """A blank node, an IRI, or a part of one whose other parts are other things."""
    text = f"""{PLAIN}
        case:a a ia:Patient ; ia:hasDevice [ a ia:CardiacPacemaker ] .
        {name} a ia:Presentation ; ia:hasPatient case:a ; ia:hasFinding {mass} .
        <urn:x#finding> a ia:SoftTissueMass ; ia:hasSite ia:Thigh ; ia:hasDepth ia:DeepToFascia .
        """
    record = read(reasoner.knowledge, text.encode())
    assert cached(reasoner, record) == {direct(reasoner, record)}
    answer = json.loads(direct(reasoner, record))
    assert answer["presentations"][0]["outcome"] == "recommendation"


def test_a_record_whose_names_sort_otherwise_inside_of_iris_is_not_remembered(reasoner):
    mass = "[ a ia:SoftTissueMass ; ia:hasSite ia:Thigh ]"
    text = f"""{PLAIN} <urn:p> a ia:Patient .
        <urn:a/b> a ia:Presentation ; ia:hasPatient <urn:p> ; ia:hasFinding {mass} .
        <urn:a-b> a ia:Presentation ; ia:hasPatient <urn:p> ; ia:hasFinding {mass} ."""
    record = read(reasoner.knowledge, text.encode())
    assert record_key(record) is None
    assert cached(reasoner, record) == {direct(reasoner, record)}


@pytest.mark.parametrize(
    "site, depth",
    [
        ("DeepMassInitialImaging", "DeepToFascia"),
        ("SuperficialMassInitialImaging", "SuperficialDepth"),
        ("SoftTissueMassPresentation", "DeepToFascia"),
    ],
)
def test_no_record_changes_what_is_answered_to_the_next(site, depth):
    """A patient graph may give any term as a site, also one that is a scenario or an anchor."""

    def graph(where, deep):
        finding = f"[ a ia:SoftTissueMass ; ia:hasSite ia:{where} ; ia:hasDepth ia:{deep} ]"
        return (
            f"{PLAIN} <urn:p> a ia:Patient . <urn:m> a ia:Presentation ; "
            f"ia:hasPatient <urn:p> ; ia:hasFinding {finding} ."
        ).encode()

    other = "SuperficialDepth" if depth == "DeepToFascia" else "DeepToFascia"
    strange, plain = graph(site, other), graph("Thigh", depth)
    fresh, used = Reasoner(), Reasoner()
    for record in (strange.replace(b"a ia:SoftTissueMass", b"a ia:ClinicalFinding"), strange):
        used.ask(record)
        used.explain(record)
    assert used.ask(plain) == fresh.ask(plain)
    assert used.explain(plain) == fresh.explain(plain) and len(fresh.explain(plain)) > 20


def outcome(find):
    """What a function answers, or the contradiction that it refuses."""
    try:
        return find()
    except ContradictionError as error:
        return (error.thing.rsplit("/", 1)[-1], error.first, error.second)


@given(data=st.data())
@settings(max_examples=120)
def test_any_graph_is_answered_the_same_with_and_without_a_cache(reasoner, data):
    statements = data.draw(records(reasoner.knowledge))
    above = reasoner.knowledge.definitions.superclasses
    presentations = sorted(
        {s for s, p, o in statements if p == RDF_TYPE and ia("Presentation") in above(o)}
    )
    age = data.draw(st.sampled_from([None, 5, 40]))
    record = Record("Patient/p", statements, presentations, age=age)
    answers = {outcome(lambda: json.dumps(reasoner.memory.answer(record))) for _ in range(AGAIN)}
    assert answers == {outcome(lambda: direct(reasoner, record))}


def test_a_template_is_filled_with_names_as_json_writes_them():
    template = Template({"id": "~00001", "because": ["~00000", "text of ~00001"], "n": [1, None]})
    filled = template.fill(['a"b', "Ω/1"])
    assert filled == {"id": "Ω/1", "because": ['a"b', "text of ~00001"], "n": [1, None]}


def test_a_number_is_read_back():
    key, _ = record_key(Record("Patient/p", [("urn:b", "urn:p", "urn:a")], []))
    assert [number_of(s) for s, _, _ in key.statements] == [1]
