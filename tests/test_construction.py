"""Every scenario is tested with the smallest patients of its own definition, as patient graph and
as FHIR: it applies to them, asks for what is taken away, and ends with what refutes it.

`UPDATE_EXPECTED=1` writes the golden tables anew: which scenarios overlap, and what no record says.
"""

import csv
import io
import os
from dataclasses import replace
from itertools import combinations

import pytest
from conftest import ROOT
from constructed import (
    applying,
    construction,
    less,
    of_fhir,
    of_turtle,
    scenarios,
)
from hermit import judge
from one_topic import of_topic
from realized import apart, differences, without_ratings

from reasoner.graph.knowledge import load
from reasoner.intake import read
from reasoner.names import IA, RDF_TYPE, curie, expand, ia
from reasoner.synth.smallest.fhir import TODAY
from reasoner.synth.smallest.patient_graph import as_turtle
from reasoner.synth.smallest.patients import Construction
from reasoner.synth.smallest.unsaid import unsaid
from reasoner.synth.smallest.ways import Thing

UPDATE = os.environ.get("UPDATE_EXPECTED") == "1"
ACCEPT = "read what changed; UPDATE_EXPECTED=1 pytest tests/test_construction.py accepts it"
OVERLAPS = ROOT / "tests" / "expected" / "topics" / "overlaps.csv"
UNSAID = ROOT / "tests" / "expected" / "topics" / "no-record-can-say.csv"
TOPICS = scenarios()
BATCH = 40  # patients that HermiT is asked about at a time
TOGETHER = 60  # combinations of ways in which two scenarios are tried together


@pytest.fixture(scope="module")
def built():
    """The construction of patients, once for all tests."""
    return construction()


def current(built, scenario):
    """The IRI of a scenario of a current edition; another one has no patients."""
    iri = expand(scenario)
    if iri not in built.scenarios:
        pytest.skip("of an edition that is not current")
    return iri


def test_the_tables_hold_the_scenarios_that_are_built(built):
    assert {curie(s) for s in built.scenarios} <= TOPICS.keys()


def wrong(built, scenario, facts):
    """How a patient graph and a record with some facts differ from a scenario that applies.

    A code may say more than its class, and so exclude another scenario.
    """
    graph, record = of_turtle(built, facts), of_fhir(built, facts)
    if scenario not in applying(graph):
        return f"does not apply: {graph.get(scenario)}"
    alike = graph[scenario] == record.get(scenario) and applying(graph) == applying(record)
    return None if alike else f"as FHIR: {record.get(scenario)}"


@pytest.mark.parametrize("scenario", TOPICS)
def test_a_scenario_applies_to_its_smallest_patients(built, scenario):
    patients = built.patients(current(built, scenario))
    assert patients
    faults = [(p.facts, fault) for p in patients if (fault := wrong(built, scenario, p.facts))]
    assert faults == []


def test_a_patient_without_a_fact_or_with_another_one_is_wrong(built):
    patient = built.patients(built.scenarios[0])[0]
    scenario = curie(patient.scenario)
    age = next(fact for fact in patient.facts if fact.number is not None)
    others = tuple(fact for fact in patient.facts if fact != age)
    assert wrong(built, scenario, others)
    assert wrong(built, scenario, (*others, replace(age, number=0.0)))


def test_every_way_to_meet_a_criterion_is_shown_by_some_patient(built):
    shown, ways = set(), set()
    for scenario in built.scenarios:
        for patient in built.shown(scenario):
            ways.add((patient.criterion, patient.way))
            if patient.facts:
                shown.add((patient.criterion, patient.way))
    assert [(curie(criterion), way) for criterion, way in ways - shown] == []


def test_a_way_that_contradicts_itself_is_shown_by_nobody(built):
    scenario = built.scenarios[0]
    criteria = built.criteria(scenario)
    offered = [built.in_order(c) for c in criteria]
    nowhere = Thing(terms=frozenset({(RDF_TYPE, ia("Nothing"))}))
    wanted = {*criteria, ia("NoSuchClass")}
    assert built.smallest(scenario, offered, set(criteria), set(), nowhere) != ()
    assert built.smallest(scenario, offered, wanted, set(), nowhere) == ()


def misjudged(built, scenario, facts):
    """What is concluded of a scenario otherwise than the classes of a patient demand."""
    want = less(built, scenario, facts)
    if want is None:
        return None
    rows = of_turtle(built, facts)
    got = rows[curie(scenario)]
    if (got.status, got.open, got.failed) != (want.status, want.open, want.failed):
        return f"{got}, wanted {want}"
    edition = built.knowledge.facts.value(scenario, ia("inEdition"))
    answered = any(
        built.knowledge.facts.holds(expand(other), ia("inEdition"), edition)
        for other in applying(rows)
    )
    asked = got.asked.intersection(map(curie, built.criteria(scenario)))
    if want.status == "possible" and not answered and asked != want.open:
        return f"asks {sorted(asked)}, wanted {sorted(want.open)}"
    return None


def fewer(facts):
    """The facts of a patient without each one of them."""
    return [tuple(other for other in facts if other != fact) for fact in facts]


@pytest.mark.parametrize("scenario", TOPICS)
def test_what_is_taken_away_is_asked_for(built, scenario):
    iri = current(built, scenario)
    rows = [(facts, misjudged(built, iri, facts)) for facts in fewer(built.patients(iri)[0].facts)]
    assert [row for row in rows if row[1]] == []


def test_most_scenarios_lose_a_fact_and_are_possible(built):
    taken = [
        less(built, scenario, facts)
        for scenario in built.scenarios
        for facts in fewer(built.patients(scenario)[0].facts)
    ]
    statuses = [verdict.status for verdict in taken if verdict]
    assert statuses.count("possible") > len(built.scenarios)


def test_another_verdict_than_the_classes_demand_is_noticed(built, monkeypatch):
    scenario = built.scenarios[0]
    facts = built.patients(scenario)[0].facts
    other = replace(less(built, scenario, facts), status="possible")
    monkeypatch.setattr("test_construction.less", lambda *_: other)
    assert misjudged(built, scenario, facts)


@pytest.mark.parametrize("scenario", TOPICS)
def test_what_refutes_a_criterion_excludes(built, scenario):
    iri = current(built, scenario)
    refutable = [
        c for c in built.criteria(iri)[1:] if built.knowledge.facts.objects(c, ia("refutedBy"))
    ]
    rows = {curie(c): built.refuted(iri, c) for c in refutable}
    assert [c for c, facts in rows.items() if not facts] == []
    verdicts = {c: of_turtle(built, facts)[scenario] for c, facts in rows.items()}
    assert {c: v for c, v in verdicts.items() if v.status != "excluded" or c not in v.failed} == {}


@pytest.mark.parametrize("scenario", TOPICS)
def test_what_excludes_is_the_cause(built, scenario):
    iri = current(built, scenario)
    rows = {curie(cls): built.with_(iri, cls) for cls in built.exclusions(iri)}
    assert [cls for cls, facts in rows.items() if not facts] == []
    verdicts = {cls: of_turtle(built, facts)[scenario] for cls, facts in rows.items()}
    assert {
        cls: v for cls, v in verdicts.items() if v.status != "excluded" or cls not in v.causes
    } == {}


def test_what_refutes_nothing_excludes_nobody(built):
    scenario = built.scenarios[0]
    facts = built.patients(scenario)[0].facts
    verdict = of_turtle(built, facts)[curie(scenario)]
    assert (verdict.status, verdict.failed, verdict.causes) == ("applies", frozenset(), frozenset())


def table(rows):
    """Rows as the text of a CSV file."""
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(rows)
    return out.getvalue()


def compare(path, rows):
    """Compares rows with a golden table, or writes it."""
    if UPDATE:
        path.write_text(table(rows), encoding="utf-8")
    golden = list(csv.reader(path.read_text(encoding="utf-8").splitlines()))
    new, gone = [r for r in rows if r not in golden], [r for r in golden if r not in rows]
    assert (new, gone) == ([], []), ACCEPT


def overlaps(built):
    """The pairs of scenarios that both apply: to a smallest patient of the first, or, within a
    topic, to somebody who meets the criteria of both.
    """
    yield ["scenario", "other", "shown_by"]
    pairs = []
    for scenario in built.scenarios:
        others = {
            other
            for patient in built.patients(scenario)
            for other in applying(of_turtle(built, patient.facts))
        }
        pairs += [(curie(scenario), other) for other in others - {curie(scenario)}]
    yield from ([*pair, "the smallest patient"] for pair in sorted(pairs))
    listed = sorted(map(curie, built.scenarios))
    for one, other in combinations(listed, 2):
        known = (one, other) in pairs or (other, one) in pairs
        if TOPICS[one] == TOPICS[other] and not known and together(built, one, other):
            yield [one, other, "the criteria of both"]


def together(built, one, other):
    """A patient who meets the criteria of two scenarios, neither of which is excluded."""
    first, second = expand(one), expand(other)
    criteria = list(dict.fromkeys([*built.criteria(first), *built.criteria(second)]))
    excluded = {*built.exclusions(first), *built.exclusions(second)}
    offered = [built.in_order(c) for c in criteria]
    return built.smallest(first, offered, set(criteria), excluded, Thing(), TOGETHER)


def test_scenarios_overlap_as_decided(built):
    compare(OVERLAPS, list(overlaps(built)))


def test_a_new_overlap_is_noticed(built, monkeypatch):
    monkeypatch.setattr("test_construction.UPDATE", False)
    rows = list(csv.reader(OVERLAPS.read_text(encoding="utf-8").splitlines()))
    with pytest.raises(AssertionError, match="UPDATE_EXPECTED=1"):
        compare(OVERLAPS, [*rows, [*sorted(TOPICS)[:2], "the smallest patient"]])
    with pytest.raises(AssertionError, match="UPDATE_EXPECTED=1"):
        compare(OVERLAPS, rows[:-1])


def asked_only(built, criterion):
    """Whether a criterion is a judgment that no record holds."""
    return built.knowledge.facts.value(criterion, ia("askedOnly")) == "true"


def bearing(built):
    """The criteria of scenarios, what refutes them, and what excludes scenarios; judgments that are
    only asked for, and what refutes those, left out.
    """
    refuters = built.knowledge.facts.objects
    for scenario in built.scenarios:
        for criterion in built.criteria(scenario):
            if not asked_only(built, criterion):
                yield criterion
                yield from refuters(criterion, ia("refutedBy"))
        yield from (c for c in built.exclusions(scenario) if not asked_only(built, c))


def test_a_record_can_say_each_criterion(built):
    """At least one way of each criterion, that of the scenario to be answered from a record."""
    criteria = {c for s in built.scenarios for c in built.criteria(s)}
    silent = [
        curie(c)
        for c in sorted(criteria)
        if not asked_only(built, c)
        and all(unsaid(built.knowledge, way) for way in built.ways.of(c))
    ]
    assert silent == [], "no record can say this: map a code, or mark the row asked_only"


def judged(built, term):
    """Whether a class is the judgment of a criterion that is only asked for."""
    criterion = term.removesuffix("Judged")
    return term.endswith("Judged") and asked_only(built, criterion)


def test_what_no_record_can_say_is_listed(built):
    rows = {
        (curie(term), curie(cls))
        for cls in bearing(built)
        for way in built.ways.of(cls)
        for term in unsaid(built.knowledge, way)
        if not judged(built, term)
    }
    compare(UNSAID, [["term", "criterion"], *map(list, sorted(rows))])


def test_a_term_without_a_code_cannot_be_said(built):
    way = Thing(parts=((ia("hasSign"), Thing(frozenset({ia("NoSuchSign")}))),))
    assert unsaid(built.knowledge, way) == {ia("NoSuchSign")}


def records(built, topic):
    """The statements of the patients of a topic, each with names of its own."""
    facts = [
        patient.facts
        for scenario in built.scenarios
        if TOPICS[curie(scenario)] == topic
        for patient in built.patients(scenario)
    ]
    graphs = [as_turtle(built.knowledge, one) for one in facts]
    return [
        apart(read(built.knowledge, graph, TODAY).statements, number)
        for number, graph in enumerate(graphs)
    ]


@pytest.mark.parametrize("topic", sorted(set(TOPICS.values())))
def test_the_patients_of_a_topic_are_realized_as_hermit_does(tmp_path, topic):
    """The topic stands alone, beside what topics share: HermiT is asked about what bears on it."""
    ontology = of_topic(topic, tmp_path / "ontology")
    built = Construction(load(ontology))
    batch = records(built, topic)
    assert batch
    graph = without_ratings(ontology)
    assert list(differences(built.knowledge.definitions, batch, graph, BATCH)) == []


def test_a_patient_who_is_realized_otherwise_is_noticed(built):
    (record, *_) = records(built, min(TOPICS.values()))
    scenario = curie(built.scenarios[0])
    twin = (
        f"<{IA}{scenario[3:]}> <http://www.w3.org/2000/01/rdf-schema#subClassOf> <{IA}Broken> .\n"
    )
    graph = without_ratings() + twin.encode()
    assert list(differences(built.knowledge.definitions, [record], graph)) != []


@pytest.fixture(scope="module")
def equivalent():
    """The sets of classes that HermiT calls equivalent."""
    return judge(without_ratings()).equivalent


def test_no_two_scenarios_are_equivalent(built, equivalent):
    scenarios_ = set(built.scenarios)
    assert [sorted(same & scenarios_) for same in equivalent if len(same & scenarios_) > 1] == []


def test_an_equivalent_scenario_is_noticed(built):
    scenario = built.scenarios[0]
    same = "http://www.w3.org/2002/07/owl#equivalentClass"
    twin = f"<{IA}Twin> <{RDF_TYPE}> <http://www.w3.org/2002/07/owl#Class> .\n"
    twin += f"<{IA}Twin> <{same}> <{scenario}> .\n"
    verdict = judge(without_ratings() + twin.encode())
    assert any({ia("Twin"), scenario} <= same for same in verdict.equivalent)
