"""What a record repeats costs as often as it is repeated, and what would cost more is refused."""

import json
import time
from bisect import bisect_left
from itertools import pairwise

import pytest
from bundles import (
    BIOPSY,
    CT_THIGH,
    PACEMAKER,
    THIGH,
    XR_FEMUR,
    bundle,
    device,
    inconclusive,
    mass,
    order,
    patient,
    report,
)
from counted import lines_run
from hypothesis import given, settings
from hypothesis import strategies as st

from reasoner.answer.assemble import Answer
from reasoner.errors import InputError
from reasoner.graph.store import Store, quads
from reasoner.inference.rules import derive, index
from reasoner.intake import bounds, dates, read
from reasoner.intake.dates import Newest, surely_later
from reasoner.names import ia

DAYS = ["", "2020", "2021", "2020-01", "2020-02", "2021-01", "2020-01-01", "2020-01-02"]
TIMES = ["T00:00:00", "T10:00:00Z", "T23:00:00-09:00", "T01:00:00+14:00", "T23:00:00"]
MOMENTS = st.sampled_from(
    [*DAYS, *(day + time for day in DAYS if len(day) == 10 for time in TIMES)]
)


@given(st.lists(MOMENTS, max_size=6), MOMENTS)
@settings(max_examples=250)
def test_the_newest_of_moments_tells_whether_any_is_later(moments, other):
    assert Newest(moments).than(other) == any(surely_later(m, other) for m in moments)


@given(st.lists(MOMENTS, max_size=6))
@settings(max_examples=150)
def test_moments_are_the_latest_when_no_latest_one_is_later(moments):
    top = [m for m in moments if not any(surely_later(o, m) for o in moments)]
    expected = [not any(surely_later(o, m) for o in top) for m in moments]
    assert dates.latest(moments, moments) == expected


def on_days(n: int) -> list[dict]:
    """Masses with as many onsets, which are as many problems, in one region."""
    return [
        mass(
            THIGH,
            name=f"mass-{i}",
            onset=f"{1990 + i // 300}-{1 + i % 12:02d}-{1 + i % 25:02d}",
        )
        for i in range(n)
    ]


def test_more_problems_than_can_be_weighed_are_refused(reasoner):
    with pytest.raises(InputError, match="more than can be weighed") as found:
        read(reasoner.knowledge, bundle(patient(), *on_days(900)))
    assert found.value.place == "record" and "fewer problems" in found.value.hint


def test_orders_with_reasons_of_their_own_are_refused_in_like_numbers(reasoner, monkeypatch):
    monkeypatch.setattr(bounds, "MOST", 50)
    with pytest.raises(InputError, match="more than can be weighed"):
        read(reasoner.knowledge, bundle(patient(), *on_days(9)))
    monkeypatch.setattr(bounds, "MOST", 10**9)
    assert len(read(reasoner.knowledge, bundle(patient(), *on_days(9))).presentations) == 9


def test_a_graph_of_many_presentations_and_devices_is_refused(reasoner, monkeypatch):
    text = "@prefix ia: <https://w3id.org/imaging-appropriateness/ns/> . "
    text += "<a:p> a ia:Patient ; ia:hasDevice [], [], [], [] ."
    text += "".join(f" <a:m{i}> a ia:Presentation ; ia:hasPatient <a:p> ." for i in range(4))
    assert len(read(reasoner.knowledge, text.encode()).presentations) == 4
    monkeypatch.setattr(bounds, "MOST", 15)
    with pytest.raises(InputError, match="4 problems and 4 devices"):
        read(reasoner.knowledge, text.encode())


@pytest.mark.parametrize("code", [XR_FEMUR, BIOPSY])
def test_orders_of_one_kind_are_judged_alike(reasoner, code):
    """Each has the verdict and the alerts that the rules give it when they look at all orders."""
    orders = [order(f"order-{i}", code) for i in range(4)]
    record = read(
        reasoner.knowledge, bundle(patient(), mass(THIGH), *orders, order("other", CT_THIGH))
    )
    answer = reasoner.memory.answer(record)
    told = index(record.statements + derive(reasoner.knowledge, record.statements))
    assert answer == Answer(reasoner.knowledge, record, told).as_dict()
    rows = [row for p in answer["presentations"] for row in p["orders"]]
    assert len({row["id"] for row in rows}) == len(rows) == 5


def test_the_first_removal_that_is_later_is_named(reasoner):
    """Of removals in any order of dates the first of the record that is surely later."""
    found = []
    for when in ("2019-01-01", "2020-06", "2020-05-01", "2021", "2020-12-01"):
        step = found[-1][1] if found else None
        found.append((when, Newest([when], step)))
    for mine in ("2018-03-04", "2019-05-05", "2020-05-20", "2020-11-30", "2021-02-02"):
        later = [when for when, _ in found if surely_later(when, mine)]
        place = bisect_left(found, True, key=lambda step, mine=mine: step[1].than(mine))
        assert [when for when, _ in found[place : place + 1]] == later[:1]
    assert all(a[1] is not b[1] for a, b in pairwise(found))


def slowdown(work) -> float:
    """How much longer work takes at a size of 400 than at one of 100, of three tries the best."""
    seconds = {100: [], 400: []}
    for size in [*seconds] * 3:
        start = time.process_time()
        work(size)
        seconds[size].append(time.process_time() - start)
    return min(seconds[400]) / min(seconds[100])


@pytest.mark.parametrize("rated", [True, False])
def test_rules_cost_as_much_as_there_are_orders(reasoner, rated):
    def statements(n: int):
        orders = [order(f"o{i}", (XR_FEMUR, CT_THIGH)[i % 2]) for i in range(n)]
        given = inconclusive() if rated else [mass(THIGH)]
        return read(reasoner.knowledge, bundle(patient(), *given, *orders)).statements

    records = {n: statements(n) for n in (100, 400)}
    assert slowdown(lambda n: derive(reasoner.knowledge, records[n])) < 8  # squared it were 16


def test_a_rule_that_looks_at_all_orders_for_each_is_noticed():
    def flags(n: int) -> list:
        rows = [(f"a:f{i}", ia("ofOrder"), f"a:o{i}") for i in range(n)]
        rows += [(f"a:f{i}", ia("ofPresentation"), "a:p") for i in range(n)]
        return quads(rows)

    stores = {n: Store(flags(n)) for n in (100, 400)}
    each = f"""CONSTRUCT {{ ?f a ?f }} WHERE {{
      ?f <{ia("ofOrder")}> ?o . ?f <{ia("ofPresentation")}> ?p .
      FILTER EXISTS {{ ?g <{ia("ofOrder")}> ?o . ?g <{ia("ofPresentation")}> ?p . }} }}"""
    assert slowdown(lambda n: stores[n].construct(each)) > 8


# Work in lines of Python that run, at a size and at twice that size.


def copies(made: dict, n: int, **changes) -> list[dict]:
    """As many resources that differ in their id, and in what `changes` says."""
    return [
        {**made, "id": f"{made['id']}-{i}", **{key: value(i) for key, value in changes.items()}}
        for i in range(n)
    ]


def day(i: int) -> str:
    """One of thousands of days."""
    return f"{2000 + i % 26}-{1 + i // 26 % 12:02d}-{1 + i // 312 % 28:02d}"


REPORT = report("radiograph", XR_FEMUR, day="2026-09-14")
MEDIA = {
    "resourceType": "Media",
    "id": "m",
    "status": "completed",
    "type": {"text": "image"},
    "modality": {
        "coding": [{"system": "http://dicom.nema.org/resources/ontology/DCM", "code": "MR"}]
    },
}
KINDS = {
    "reports of one day": lambda n: copies(REPORT, n),
    "reports": lambda n: copies(REPORT, n, effectiveDateTime=day),
    "reports and media": lambda n: (
        copies(REPORT, n, effectiveDateTime=day) + copies(MEDIA, n, createdDateTime=day)
    ),
    "conditions alike": lambda n: copies(mass(THIGH), n),
    "devices": lambda n: copies(device("d", PACEMAKER), n),
    "orders": lambda n: copies(order("o", XR_FEMUR), n),
    "subjects by identifier": lambda n: copies(
        REPORT, n, subject=lambda i: {"identifier": {"system": "u:x", "value": f"{i}"}}
    ),
    "contained": lambda n: copies(
        REPORT, n, contained=lambda i: [{"resourceType": "Observation", "id": "c"}]
    ),
    "one id": lambda n: [{**REPORT, "effectiveDateTime": day(i)} for i in range(n)],
}


def growth(reasoner, kind: str, n: int = 60) -> float:
    """How many times as many lines run for twice as many resources of a kind."""
    documents = [
        json.loads(json.dumps(bundle(patient(), mass(THIGH), *KINDS[kind](size))))
        for size in (1, n + 1, 2 * n + 1)
    ]
    read(reasoner.knowledge, documents[0])
    counts = [lines_run(read, reasoner.knowledge, document) for document in documents]
    return (counts[2] - counts[0]) / (counts[1] - counts[0])


@pytest.mark.parametrize("kind", KINDS)
def test_twice_as_many_resources_take_twice_the_work(reasoner, kind):
    assert growth(reasoner, kind) < 2.5


def test_reports_that_are_compared_with_each_other_take_more(reasoner, monkeypatch):
    """The broken twin: each moment looked for among all moments."""

    def latest(moments, among):
        return [not any(surely_later(o, m) for o in among) for m in moments]

    monkeypatch.setattr("reasoner.intake.attachment.latest", latest)
    assert growth(reasoner, "reports of one day") > 2.5
