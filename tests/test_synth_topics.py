"""Synthetic patients of any topic: made of its definitions, and answered by a cohort as their truth
says.
"""

import csv
import pickle
import re
from collections import Counter
from dataclasses import replace
from functools import partial

import pytest
from cohorts import rows, run
from constructed import construction, scenarios

from reasoner.errors import InputError
from reasoner.names import RDF_TYPE, curie, expand, ia
from reasoner.synth import truth
from reasoner.synth.covered import Row, person
from reasoner.synth.generate import generate
from reasoner.synth.models import (
    EXCLUDED,
    FACT_LESS,
    POSSIBLE,
    REFUTED,
    WHOLE,
    is_recorded,
    models,
    scenarios_of,
    stands_beside,
)
from reasoner.synth.output import TRUTH
from reasoner.synth.smallest.facts import Fact

PERSONS, SHARE = 800, 80
TOPICS = scenarios()
STATUS = {WHOLE: "applies", FACT_LESS: POSSIBLE, REFUTED: EXCLUDED}


@pytest.fixture(scope="module")
def crowd(tmp_path_factory):
    """The truth of persons of all topics, and the folder of the cohort of them."""
    base = tmp_path_factory.mktemp("topics")
    generate(PERSONS, 4, base / "in", topics="all", covered=SHARE, jobs=1)
    run(base / "in", base / "out", jobs=1)
    with (base / "in" / TRUTH).open(encoding="utf-8", newline="") as file:
        return [Row(**row) for row in csv.DictReader(file)], base / "out"


def disagreements(rows_of_truth, presentations):
    """The patients of whom a cohort says something else than the truth, each with what."""
    of = {row.patient: [] for row in rows_of_truth}
    for p in presentations:
        of[p["patient"].removeprefix("Patient/")].append(p)
    for row in rows_of_truth:
        applying = set(row.applies.split())
        shown = {p["scenario"] for p in of[row.patient] if p["scenario"]}
        if bool(shown) != bool(applying) or not shown <= applying:
            yield row.patient, f"{sorted(shown)} apply, not {sorted(applying)}"
        for status in (POSSIBLE, EXCLUDED):
            named = {s for p in of[row.patient] for s in p[status]}
            if applying & named:
                yield row.patient, f"{sorted(applying & named)} are {status}"
            if row.status == status and decides(row.scenario) and row.scenario not in named:
                yield row.patient, f"{row.scenario} is not {status}"


def decides(scenario):
    """Whether a scenario is one of a guideline, whose status a cohort shows."""
    return not stands_beside(construction().knowledge, expand(scenario))


def test_a_cohort_agrees_with_the_truth(crowd):
    rows_of_truth, out = crowd
    assert list(disagreements(rows_of_truth, rows(out, "presentations"))) == []


@pytest.mark.parametrize(
    "change, altered",
    [
        (WHOLE, {"applies": ""}),
        (WHOLE, {"applies": "ia:NoSuchScenario"}),
        (WHOLE, {"status": POSSIBLE}),
        (FACT_LESS, {"status": EXCLUDED}),
        (REFUTED, {"status": POSSIBLE}),
        ("", {"applies": "ia:NoSuchScenario"}),
    ],
)
def test_a_truth_that_was_altered_is_noticed(crowd, change, altered):
    rows_of_truth, out = crowd
    number = next(
        n
        for n, row in enumerate(rows_of_truth)
        if row.change == change and (not change or decides(row.scenario))
    )
    wrong = [*rows_of_truth]
    wrong[number] = wrong[number]._replace(**altered)
    named = {patient for patient, _ in disagreements(wrong, rows(out, "presentations"))}
    assert named == {wrong[number].patient}


def by_topic(rows_of_truth):
    """How many patients have a scenario that applies, by the label of its topic: at least, and at
    most, where scenarios of several topics apply to one patient.
    """
    facts, label = construction().knowledge.facts, construction().knowledge.label
    least, most = Counter(), Counter()
    for row in rows_of_truth:
        editions = {facts.value(expand(s), ia("inEdition")) for s in row.applies.split()}
        topics = {label(facts.value(edition, ia("ofTopic"))) for edition in editions}
        most.update(topics)
        least.update(topics if len(topics) == 1 else ())
    return least, most


def miscounted(rows_of_truth, out):
    """The topics of which the summary of a cohort counts other patients than the truth."""
    text = (out / "summary.md").read_text(encoding="utf-8")
    header = re.search(r"^\| topic \| scenario applies.*\n.*\n((?:\|.*\n)+)", text, re.M | re.I)
    cells = [line.strip("| ").split("|") for line in header[1].splitlines()]
    counted = Counter({c[0].strip(): int(c[1].strip().replace(",", "")) for c in cells})
    least, most = by_topic(rows_of_truth)
    wrong = [t for t in least | most | counted if not least[t] <= counted[t] <= most[t]]
    total = sum(bool(row.applies) for row in rows_of_truth)
    return wrong + (["all"] if counted.total() != total else [])


def test_the_summary_by_topic_agrees_with_the_truth(crowd):
    rows_of_truth, out = crowd
    assert miscounted(rows_of_truth, out) == []
    one = next(row for row in rows_of_truth if len(row.applies.split()) == 1)
    assert miscounted([row for row in rows_of_truth if row != one], out)


def test_every_current_scenario_has_models():
    built = construction()
    of_all = models(built.knowledge, "all").values()
    named = {of_each[WHOLE][0].known.scenario for those in of_all for of_each in those}
    assert named == set(map(curie, built.scenarios))


def test_every_topic_and_change_is_there(crowd):
    rows_of_truth, _ = crowd
    assert {row.topic for row in rows_of_truth} == {"", *TOPICS.values()}
    assert {(row.change, row.status) for row in rows_of_truth} == {("", ""), *STATUS.items()}
    covered = sum(bool(row.topic) for row in rows_of_truth) / len(rows_of_truth)
    assert abs(covered - SHARE / 100) < 0.05


def test_only_the_topics_that_are_named_are_there(tmp_path):
    topics = sorted(set(TOPICS.values()))[:2]
    generate(60, 2, tmp_path / "in", topics=", ".join(topics), covered=100, jobs=1)
    with (tmp_path / "in" / TRUTH).open(encoding="utf-8", newline="") as file:
        assert {row["topic"] for row in csv.DictReader(file)} == set(topics)


def test_a_person_depends_on_nothing_but_seed_and_number():
    made = models(construction().knowledge, sorted(TOPICS.values())[0])
    make = partial(person, made, 0.5, 3)
    again = pickle.loads(pickle.dumps(make))  # as another process gets it
    assert [make(number) for number in range(20)] == [again(number) for number in range(20)]
    assert [make(number) for number in range(20)] != [
        person(made, 0.5, 4, number) for number in range(20)
    ]


def test_without_topics_the_truth_is_that_of_the_archetypes(tmp_path):
    generate(3, 1, tmp_path / "in")
    header = (tmp_path / "in" / TRUTH).read_text(encoding="utf-8").splitlines()[0]
    assert header == ",".join(truth.Row._fields) != ",".join(Row._fields)


@pytest.mark.parametrize(
    "settings, place",
    [
        ({"topics": "no-such-topic"}, "--topics"),
        ({"topics": ""}, "--topics"),
        ({"topics": "all", "covered": 101}, "--covered"),
        ({"topics": "all", "covered": -1}, "--covered"),
        ({"covered": 10}, "--covered"),
    ],
)
def test_topics_that_will_not_do_are_refused(tmp_path, settings, place):
    with pytest.raises(InputError) as error:
        generate(5, 1, tmp_path / "new", **settings)
    assert error.value.place == place and error.value.hint
    assert not (tmp_path / "new").exists()


def test_all_topics_are_those_of_the_folders():
    named = scenarios_of(construction().knowledge, "all")
    assert {curie(s): topic for topic, those in named.items() for s in those} == TOPICS


def test_a_fact_that_no_code_says_is_not_recorded():
    built = construction()
    facts = built.patients(built.scenarios[0])[0].facts
    assert all(is_recorded(built.knowledge, fact) for fact in facts)
    coded = next(fact for fact in facts if fact.number is None and not fact.procedure)
    unknown = replace(coded, term=ia("NoSuchClass"))
    assert not is_recorded(built.knowledge, unknown)
    assert not is_recorded(built.knowledge, replace(unknown, denied=True))
    assert not is_recorded(built.knowledge, Fact(RDF_TYPE, ia("Presentation")))
