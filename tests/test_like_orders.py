"""Orders that differ only by their names are concluded on once, and what holds of one is stated of
all, as if each had been concluded on by itself.
"""

import json

import bundles as b
import pytest
from conftest import CASES

from reasoner.api import Reasoner
from reasoner.inference import rules
from reasoner.inference.like_orders import ORDER, one_of_each, stated_of_all
from reasoner.inference.rules import derive
from reasoner.intake import read
from reasoner.names import CASE, RDF_TYPE, ia

MEANT, WHO = ia("ofProcedure"), ia("ofOrder")
ALIKE = [("p", ORDER, "a:1"), ("p", ORDER, "a:10"), ("a:1", MEANT, "x"), ("a:10", MEANT, "x")]
ORDERS = (b"ServiceRequest", b"hasOrder")
ORDERING = [name for name, path in CASES.items() if any(o in path.read_bytes() for o in ORDERS)]


@pytest.fixture(scope="module")
def knowledge():
    return Reasoner().knowledge


def with_each_order_twice(statements):
    """A record in which each order stands a second time; its name begins with that of the first."""
    new = {o: f"{o}0" for _, p, o in statements if p == ORDER}
    again = [(new.get(s, s), p, new.get(o, o)) for s, p, o in statements if s in new or o in new]
    return [*statements, *(s for s in again if s not in statements)]


@pytest.mark.parametrize("case", ORDERING)
def test_what_is_concluded_of_like_orders_is_what_is_concluded_of_each(
    knowledge, monkeypatch, case
):
    record = read(knowledge, CASES[case].read_bytes())
    statements = with_each_order_twice(record.statements)
    once = derive(knowledge, statements)
    monkeypatch.setattr(rules, "one_of_each", lambda record: (record, {}))
    assert set(once) == set(derive(knowledge, statements))


def test_one_order_stands_for_those_that_differ_only_by_name():
    assert one_of_each(ALIKE) == ([ALIKE[0], ALIKE[2]], {"a:1": ["a:1", "a:10"]})
    assert one_of_each(ALIKE[::2]) == (ALIKE[::2], {})


@pytest.mark.parametrize("more", [("a:1", MEANT, "y"), ("a:1", RDF_TYPE, "y"), ("q", "of", "a:1")])
def test_an_order_of_which_more_is_stated_stands_for_itself(more):
    assert one_of_each([*ALIKE, more]) == ([*ALIKE, more], {})


def test_conclusions_are_stated_of_each_order_and_of_each_pair():
    kinds = {f"{CASE}a": [f"{CASE}a", f"{CASE}b"], f"{CASE}c": [f"{CASE}c", f"{CASE}d"]}
    code = CASE.replace(":", "%3A").replace("/", "%2F")
    own = (f"urn:x:{code}a:k", WHO, f"{CASE}a")
    longer = (f"urn:x:{code}ab", WHO, "urn:z")  # names another order, whose name begins alike
    rows = stated_of_all([own, ("urn:y", WHO, f"{CASE}c"), longer], kinds)
    assert set(rows) == {
        own,
        (f"urn:x:{code}b:k", WHO, f"{CASE}b"),
        ("urn:y", WHO, f"{CASE}c"),
        ("urn:y", WHO, f"{CASE}d"),
        longer,
    }
    pairs = stated_of_all([(f"urn:x:{code}a", WHO, f"{CASE}c")], kinds)
    assert set(pairs) == {
        (f"urn:x:{code}{x}", WHO, f"{CASE}{y}") for x in ("a", "b") for y in ("c", "d")
    }


def test_drafts_of_one_study_are_judged_by_one_run_of_each_rule(knowledge, monkeypatch):
    seen = []
    run = rules.run_rule

    def watched(subgraphs, rule, parts, inputs):
        seen.append(sum(p == ORDER for _, p, _ in inputs))
        return run(subgraphs, rule, parts, inputs)

    monkeypatch.setattr(rules, "run_rule", watched)
    drafts = [b.order(f"d{i}", b.MRI_THIGH) for i in range(9)]
    made = b.bundle(*b.inconclusive(), *drafts)
    record = read(knowledge, json.dumps(made).encode())
    concluded = derive(knowledge, record.statements)
    assert max(seen) == 1
    assert sum(o == ia("OrderVerdict") for _, _, o in concluded) == len(drafts)
