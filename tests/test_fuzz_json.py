"""JSON that nobody made up: a record is answered, or refused with a place and a remedy."""

import json

import pytest
from bundles import MRI_THIGH_PLAIN, bundle, inconclusive, order, patient
from counted import lines_run, with_examples
from hypothesis import given, settings
from hypothesis import strategies as st

from reasoner.errors import NextstudyError
from reasoner.intake import encoding
from reasoner.intake.encoding import parse

RECORD = bundle(patient(), *inconclusive(), order("o1", MRI_THIGH_PLAIN))
TEXT = json.dumps(RECORD).encode()
TOKENS = [
    b"{",
    b"}",
    b"[",
    b"]",
    b":",
    b",",
    b'"',
    b"\\",
    b"\\ud800",
    b"\\u0000",
    b"null",
    b"true",
    b"1e999",
    b"-",
    b"9" * 400,
    b"NaN",
    b'"resourceType":"Bundle"',
    b'"entry":[',
    b'{"resource":{',
    b'"resourceType":"Condition"',
    b'"id":"a"',
    b'"code":{"coding":[{',
    b'"contained":[',
    b'"reference":"#a"',
    b'"resourceType":"ServiceRequest"',
    b"\n",
    b"\xef\xbb\xbf",
    b"\xff",
    b"\x00",
    b"[" * 900,
    b'{"a":' * 900,
    b'"a":1,' * 300,
]
TEXTS = st.lists(st.sampled_from(TOKENS) | st.binary(max_size=4), max_size=30).map(b"".join)
ODD = st.recursive(
    st.none()
    | st.booleans()
    | st.sampled_from(
        [
            0,
            -1,
            1.5,
            1e308,
            10**30,
            "",
            " ",
            "x" * 3000,
            "\x1b[2J",
            "Patient/p1",
            "#a",
            "2026-13-40",
        ]
    ),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["id", "code", "coding", "reference", "resourceType", "value", "x"]),
            inner,
            max_size=3,
        )
    ),
    max_leaves=8,
)
LARGE = [
    b"[" * 100_000,
    b'{"a":' * 100_000,
    b'{"a":1,' * 20_000,
    b'{"a":"' + b"\\" * 99_999,
    b"{}\n" * 2000,
    b'{"resourceType":"Bundle","entry":[' * 3000,
]


def places(document, path=()):
    """The places of all values in a document."""
    yield path
    items = (
        document.items()
        if isinstance(document, dict)
        else enumerate(document)
        if isinstance(document, list)
        else ()
    )
    for key, value in items:
        yield from places(value, (*path, key))


PLACES = [path for path in places(RECORD) if path]


def spoilt(changes):
    """The record with other values at some places."""
    made = json.loads(TEXT)
    for path, value in changes:
        inner = made
        try:
            for key in path[:-1]:
                inner = inner[key]
            inner[path[-1]] = value
        except (IndexError, KeyError, TypeError):
            continue
    return made


def answered(reasoner, data):
    """The answer to a record, or None when it is refused with a place and a remedy."""
    try:
        return reasoner.ask(data)
    except NextstudyError as error:
        assert error.place and error.message and error.hint, error
        return None


@with_examples(LARGE)
@given(TEXTS)
@settings(max_examples=400)
def test_a_text_is_answered_or_refused(reasoner, data):
    answered(reasoner, data)


@given(st.integers(0, len(TEXT)), st.integers(0, len(TEXT)), st.binary(max_size=6))
@settings(max_examples=200)
def test_a_record_that_is_cut_and_mended_is_answered_or_refused(reasoner, first, last, between):
    answered(reasoner, TEXT[:first] + between + TEXT[last:])


@given(st.lists(st.tuples(st.sampled_from(PLACES), ODD), min_size=1, max_size=4))
@settings(max_examples=300)
def test_a_record_with_odd_values_is_answered_or_refused(reasoner, changes):
    answer = answered(reasoner, spoilt(changes))
    assert answer is None or {"presentations", "notes"} <= set(answer)


@pytest.mark.parametrize(
    "made",
    [
        lambda n: b'{"a":1,' * n,
        lambda n: b"[" + b'{"a":1,"a":2},' * n + b"1]",
        lambda n: b"{}\n" * n,
        lambda n: b'{"' + b"\\u0041" * n + b'":1}',
        lambda n: b"{\n" * n,
    ],
    ids=["objects", "keys twice", "lines", "escapes", "brackets"],
)
def test_twice_the_text_is_not_four_times_the_work(made):
    def read(data):
        try:
            parse(data)
        except NextstudyError:
            pass

    once, twice = (lines_run(read, made(n)) for n in (400, 800))
    assert twice < 3 * max(once, 100)


def test_without_the_look_for_repeated_keys_one_would_be_dropped(monkeypatch):
    twice = b'{"resourceType":"Patient","id":"a","id":"b"}'
    with pytest.raises(NextstudyError, match="stands twice"):
        parse(twice)
    monkeypatch.setattr(encoding, "once", lambda *_: None)
    assert parse(twice)["id"] == "b"
