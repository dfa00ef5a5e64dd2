"""Forms that nobody made up: whatever comes, a record is taken out of it or it is refused."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

pytest.importorskip("python_multipart", reason="the serve extra is not installed")
from counted import lines_run, with_examples  # noqa: E402

from reasoner.errors import InputError  # noqa: E402
from reasoner.serve.explorer import record_pages  # noqa: E402
from reasoner.serve.explorer.record_pages import form_of, uploaded  # noqa: E402
from reasoner.serve.problems import Problem  # noqa: E402

KIND = "multipart/form-data; boundary=x"
PART = b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n'
TOKENS = [
    b"--x",
    b"--x--",
    b"\r\n",
    b"\n",
    b"\r",
    b"--",
    b"-",
    b": ",
    b"=",
    b";",
    b'"',
    b"\\",
    b"\x00",
    b"\xff",
    b"{}",
    b"Content-Disposition: form-data",
    b'name="a"',
    b'filename="b.json"',
    b"filename*=UTF-8''%zz",
    b"Content-Transfer-Encoding: base64",
    b"Content-Type: text/plain",
    b"Content-Type: multipart/mixed; boundary=y",
    b"--y",
    b"a" * 9000,
    PART,
]
BODIES = st.lists(st.sampled_from(TOKENS) | st.binary(max_size=9), max_size=40).map(b"".join)
KINDS = st.sampled_from(
    [
        KIND,
        "multipart/form-data",
        "multipart/form-data; boundary=",
        "Multipart/Form-Data;BOUNDARY=x",
        'multipart/form-data; boundary="x',
        "multipart/form-data; boundary=x; boundary=y",
        "multipart/mixed; boundary=x",
        "application/json",
        "",
        ";",
        "multipart/form-data; boundary=\xe9",
        "multipart/form-data; boundary=" + "x" * 5000,
        "multipart/form-data; charset=utf-7; boundary=x",
    ]
)
LARGE = [
    PART * 200,
    PART + b"v" * 90_000,
    b"--x\r\n" + b"a: b\r\n" * 9000,
    PART + b"\r\n--" * 9000,
    PART + b"v\r\n--x--\r\n" + b"\r\n" * 9000,
    b"--x" * 9000,
]


@with_examples([(KIND, data) for data in LARGE])
@given(st.tuples(KINDS, BODIES))
@settings(max_examples=400)
def test_a_form_gives_a_record_or_is_refused(sent):
    kind, body = sent
    try:
        found = uploaded(body, kind)
    except InputError as error:
        assert error.place == "form" and error.hint
        return
    assert isinstance(found, bytes) and len(found) <= len(body)
    if "multipart/form-data" not in kind.lower():
        assert found == body


@given(st.binary(min_size=1, max_size=3000), st.sampled_from(["a", "file"]))
def test_the_record_in_a_form_comes_out_as_it_is(record, name):
    if b"\r\n--x" in record or not record.strip():
        return
    head = f'--x\r\nContent-Disposition: form-data; name="{name}"; filename="r"\r\n\r\n'.encode()
    assert uploaded(head + record + b"\r\n--x--\r\n", KIND) == record


@pytest.mark.parametrize(
    "made",
    [
        lambda n: PART + b"v" * 1000 * n,
        lambda n: PART + b"\r\n--" * 100 * n,
        lambda n: b"--x\r\n" + b"a: b\r\n" * 20 * n,
        lambda n: PART + b"\r\n--x" * 3 * n,
        lambda n: (PART + b"v\r\n") * n,
    ],
    ids=["a long part", "almost boundaries", "headers", "boundaries", "parts"],
)
def test_twice_the_form_is_not_four_times_the_work(made):
    once, twice = (lines_run(attempt, made(n)) for n in (40, 80))
    assert twice < 3 * once


def attempt(data):
    """Reads a form, or finds that it is refused."""
    try:
        uploaded(data, KIND)
    except InputError:
        pass


def test_without_its_bound_a_form_of_many_parts_is_read_to_its_end(monkeypatch):
    body = (PART + b"v\r\n") * 150 + b"--x--\r\n"
    with pytest.raises(InputError, match="more than 100 parts"):
        uploaded(body, KIND)
    monkeypatch.setattr(record_pages, "FIELDS", 1000)
    assert uploaded(body, KIND) == b"v"


@given(
    st.lists(
        st.sampled_from(
            [
                b"finding",
                b"=",
                b"&",
                b"%41",
                b"%",
                b"+",
                b"SoftTissueMass",
                b";",
                b"\xff",
                b"study",
                b"age",
            ]
        ),
        max_size=400,
    ).map(b"".join)
)
def test_a_query_string_gives_a_form_or_is_refused(query):
    try:
        form_of(query)
    except Problem as problem:
        assert problem.status == 400 and query.count(b"&") >= record_pages.FIELDS
