"""A record without names gives the answer that the record itself gives, byte for byte."""

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from patients import records

from reasoner.answer.assemble import Answer
from reasoner.answer.cache.answer_cache import OFTEN
from reasoner.answer.cache.case_key import cases, strip
from reasoner.api import Reasoner
from reasoner.errors import ContradictionError, InputError
from reasoner.inference.rules import classify, derive, index
from reasoner.intake import Record, read
from reasoner.intake.opening import example
from reasoner.names import RDF_TYPE, ia
from reasoner.synth import population

CASES = sorted(
    p for p in (Path(__file__).parent / "cases").rglob("*.json") if ".expected" not in p.name
)


@pytest.fixture(scope="module")
def reasoner():
    return Reasoner()


def answers(reasoner, record) -> set[str]:
    """The answers to a record that comes again and again."""
    return {json.dumps(reasoner.memory.answer(record)) for _ in range(OFTEN + 1)}


@pytest.mark.parametrize("path", CASES, ids=lambda p: p.stem)
def test_an_answer_is_the_same_with_and_without_names(reasoner, path):
    reply = reasoner.reply(path.read_bytes())
    direct = Answer(reasoner.knowledge, reply.record, reply.facts).as_dict()
    assert json.dumps(reply.answer) == json.dumps(direct)
    assert answers(reasoner, reply.record) == {json.dumps(direct)}


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
    """What chooses scenarios for the one presentation of a record, and the names in it."""
    stripped, names = strip(read(reasoner.knowledge, data))
    [found] = cases(
        reasoner.knowledge, stripped, classify(reasoner.knowledge, list(stripped.statements))
    )
    return found.presented, {names[place] for place in found.names}


def test_two_patients_with_the_same_facts_are_one_case(reasoner):
    (one, names), (other, others) = (
        only(reasoner, example()),
        only(reasoner, renamed(example().decode())),
    )
    assert one == other and names.isdisjoint(others)


def test_another_patients_names_never_come_back(reasoner):
    reasoner.ask(example())
    answer = json.dumps(reasoner.ask(renamed(example().decode())))
    assert "Condition/zz" in answer and "Condition/mass" not in answer and "~" not in answer


def test_a_different_fact_is_a_different_case(reasoner):
    changed = example().replace(b"280416009", b"93163002")
    assert only(reasoner, example())[0] != only(reasoner, changed)[0]
    assert reasoner.ask(changed)["presentations"][0]["outcome"] == "no-imaging"


def test_what_came_often_is_remembered_as_a_whole_and_filled_with_the_names_of_each():
    order = {
        "resourceType": "ServiceRequest",
        "status": "draft",
        "intent": "order",
        "category": [{"text": "Imaging", "coding": [{"code": "363679005"}]}],
        "reasonCode": [{"coding": [{"system": "http://snomed.info/sct", "code": "25064002"}]}],
    }
    reasoner = Reasoner()

    def given(name):
        return [
            {"resourceType": "Patient", "id": name},
            {**order, "id": f"order-of-{name}"},
        ]

    found = [reasoner.ask(given(f"p{n}")) for n in range(OFTEN + 1)]
    [prepared] = reasoner.memory._cases(strip(read(reasoner.knowledge, given("p")))[0])
    assert prepared.whole and prepared.came == OFTEN
    for n, answer in enumerate(found):
        assert json.dumps(answer) == json.dumps(
            Reasoner(memory=0).ask(given(f"p{n}"))
        ) and f"order-of-p{n}" in json.dumps(answer["presentations"])


def test_an_answer_that_is_changed_changes_no_other(reasoner):
    before = json.dumps(reasoner.ask(example()))
    answer = reasoner.ask(example())
    answer["presentations"][0]["recommendations"][0]["procedure"]["label"] = "something else"
    answer["presentations"][0]["scenarios"].clear()
    answer["knowledge"].clear()
    assert json.dumps(reasoner.ask(example())) == before


@pytest.mark.parametrize("seed", range(3))
def test_answers_of_a_population_are_the_same_with_and_without_names(reasoner, seed):
    for person in population(60, seed):
        try:
            record = read(reasoner.knowledge, person.resources)
        except InputError:
            continue
        direct = Answer(
            reasoner.knowledge,
            record,
            index(record.statements + derive(reasoner.knowledge, record.statements)),
        ).as_dict()
        assert answers(reasoner, record) == {json.dumps(direct)}


@pytest.mark.parametrize(
    "mass",
    [
        "[ a ia:SoftTissueMass ; ia:hasSite ia:Thigh ; ia:hasDepth ia:DeepToFascia ]",
        "<urn:x#finding>",
    ],
)
@pytest.mark.parametrize(
    "name", ["_:p", "<urn:x>", "<urn:x#p>", "<https://w3id.org/imaging-appropriateness/case/a#p>"]
)
def test_a_presentation_may_have_any_name(reasoner, name, mass):
    """A blank node, an IRI, or a part of one whose other parts are other things."""
    text = f"""@prefix ia: <https://w3id.org/imaging-appropriateness/ns/> .
        <https://w3id.org/imaging-appropriateness/case/a> 
            a ia:Patient ; ia:hasDevice [ a ia:CardiacPacemaker ] .
        {name} a ia:Presentation ; ia:hasFinding {mass} ;
            ia:hasPatient <https://w3id.org/imaging-appropriateness/case/a> .
        <urn:x#finding> a ia:SoftTissueMass ; ia:hasSite ia:Thigh ; ia:hasDepth ia:DeepToFascia ."""
    record = read(reasoner.knowledge, text.encode())
    direct = Answer(
        reasoner.knowledge,
        record,
        index(record.statements + derive(reasoner.knowledge, record.statements)),
    ).as_dict()
    assert json.dumps(reasoner.memory.answer(record)) == json.dumps(direct)
    assert direct["presentations"][0]["outcome"] == "recommendation"


@pytest.mark.parametrize(
    "site, depth",
    [
        ("DeepMassInitialImaging", "DeepToFascia"),
        ("SuperficialMassInitialImaging", "SuperficialDepth"),
        ("SoftTissueMassPresentation", "DeepToFascia"),
    ],
)
def test_no_record_changes_what_is_answered_to_the_next(reasoner, site, depth):
    """A patient graph may give any term as a site, also one that is a scenario or an anchor."""

    def graph(where):
        return f"""@prefix ia: <https://w3id.org/imaging-appropriateness/ns/> .
            <urn:p> a ia:Patient . <urn:m> a ia:Presentation ;
                ia:hasPatient <urn:p> ; ia:hasFinding
                [ a ia:SoftTissueMass ; ia:hasSite ia:{where} ; ia:hasDepth ia:{depth} ] .
        """.encode()

    strange = graph(site).replace(
        f"ia:{depth}".encode(),
        b"ia:SuperficialDepth" if depth == "DeepToFascia" else b"ia:DeepToFascia",
    )
    fresh, used = Reasoner(), Reasoner()
    for record in (strange.replace(b"a ia:SoftTissueMass", b"a ia:ClinicalFinding"), strange):
        used.ask(record)
        used.explain(record)
    assert used.ask(graph("Thigh")) == fresh.ask(graph("Thigh"))
    assert (
        used.explain(graph("Thigh")) == fresh.explain(graph("Thigh"))
        and len(fresh.explain(graph("Thigh"))) > 20
    )


def outcome(find):
    """What a function answers, or the contradiction that it refuses."""
    try:
        return json.dumps(find())
    except ContradictionError as error:
        return (error.thing.rsplit("/", 1)[-1], error.first, error.second)


@given(data=st.data())
@settings(max_examples=120)
def test_any_graph_is_answered_the_same_with_and_without_names(reasoner, data):
    statements = data.draw(records(reasoner.knowledge))
    presentations = sorted(
        {
            s
            for s, p, o in statements
            if p == RDF_TYPE
            and ia("Presentation") in reasoner.knowledge.definitions.superclasses(o)
        }
    )
    record = Record(
        "Patient/p", statements, presentations, age=data.draw(st.sampled_from([None, 5, 40]))
    )

    def direct():
        return Answer(
            reasoner.knowledge,
            record,
            index(record.statements + derive(reasoner.knowledge, record.statements)),
        ).as_dict()

    assert {outcome(lambda: reasoner.memory.answer(record)) for _ in range(OFTEN + 1)} == {
        outcome(direct)
    }
