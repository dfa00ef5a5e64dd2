"""Lines of JSON, plain and compressed, cut, flipped and put together in any way: each door reads
them or says where and why not, loses no line in silence, and looks at each once.
"""

import gzip
import json
import zlib
from collections import Counter

import pytest
from bundles import bundle, inconclusive, mass, patient
from conftest import ROOT
from hypothesis import example, given, settings
from hypothesis import strategies as st

from reasoner.cohort import faults, sources
from reasoner.cohort import partition as spread
from reasoner.cohort.faults import damage, missing, types_of
from reasoner.cohort.partition import empty_report, joined_lines, keyed_lines
from reasoner.errors import InputError, NextstudyError
from reasoner.intake import encoding
from reasoner.intake.encoding import parse, plain, taken
from reasoner.intake.read import read
from reasoner.intake.readers import READ

RESOURCES = [patient(), *inconclusive(), mass(name="m2"), bundle(patient(), mass())]
LINES = [json.dumps(resource).encode() for resource in RESOURCES]
NEWLINES = [b"\n", b"\r\n", b"\n\n", b"\r", b" \t\n", b""]
ODD = [
    b"\xef\xbb\xbf",
    b"{",
    b"}",
    b"[",
    b"]",
    b",",
    b'"',
    b"null",
    b"1e999",
    b"\0",
    b"\xff",
    b"{}",
    b'{"a": 1, "a": 2}',
    b"\x1f\x8b",
    b"\xe2\x80\xa8",
    b'{"resourceType": "Group"}',
    b"[" * 2000,
    b'{"resourceType": "Condition", "subject": {"reference": "Group/1"}}',
    b'{"a":"\\ud800"}',
]
texts = st.lists(
    st.sampled_from(LINES) | st.sampled_from(ODD) | st.sampled_from(NEWLINES), max_size=12
).map(b"".join)
ndjson = st.one_of(
    texts,
    st.lists(
        st.tuples(st.sampled_from(LINES), st.sampled_from(NEWLINES[:3])), min_size=1, max_size=8
    ).map(lambda rows: b"".join(line + end for line, end in rows)),
)


def packings(data: bytes):
    """Ways to pack bytes with gzip, well and badly."""
    half, packed = len(data) // 2, gzip.compress(data, 6, mtime=0)
    return st.one_of(
        st.just(packed),
        st.just(gzip.compress(data[:half], mtime=0) + gzip.compress(data[half:], mtime=0)),
        st.just(gzip.compress(packed)),
        st.just(packed + b"\0" * 64),
        st.just(packed + b"tail"),
        st.integers(0, len(packed)).map(lambda place: packed[:place]),
        st.tuples(st.integers(0, len(packed) - 1), st.integers(1, 255)).map(
            lambda given: (
                packed[: given[0]] + bytes([packed[given[0]] ^ given[1]]) + packed[given[0] + 1 :]
            )
        ),
    )


given_bytes = st.one_of(ndjson, ndjson.flatmap(packings))


def whole(data: bytes) -> bytes | None:
    """What gzip packed, by the plain library; None for what is damaged."""
    try:
        return gzip.decompress(data)
    except (EOFError, OSError, zlib.error):
        return None


@given(data=given_bytes)
@example(data=b"")
@settings(max_examples=150)
def test_any_lines_are_a_record_or_an_error_with_place_and_remedy(reasoner, data):
    try:
        record = read(reasoner.knowledge, plain(data))
        assert record.patient
    except NextstudyError as error:
        assert (error.place and error.hint) if isinstance(error, InputError) else str(error)
    if data.startswith(b"\x1f\x8b") and whole(data) is None:
        with pytest.raises(InputError, match="damaged"):
            plain(data)


@given(data=given_bytes, name=st.sampled_from(["a.ndjson", "a.ndjson.gz", "a.json", "a.json.gz"]))
@settings(max_examples=200)
def test_no_line_of_a_population_is_lost_in_silence(tmp_path_factory, data, name):
    path = tmp_path_factory.mktemp("in") / name
    path.write_bytes(data)
    found, passed_over, refused = sources.pieces(path)
    assert len(found) + len(refused) >= 1 and not passed_over
    for number, piece in enumerate(found):
        hurt = faults.damaged(piece.paths, piece.packed)
        told = empty_report()
        without = {fault.path for fault in hurt}
        used = list(keyed_lines(piece, number, told, "", without))
        if hurt:
            assert not used and not told["lines"] and str(path) == hurt[0].path
            continue
        unpacked = whole(data) if piece.packed else data
        assert unpacked is not None
        lines = sum(1 for _ in sources.read(piece))
        assert told["lines"] == lines <= unpacked.count(b"\n") + 1
        blank = sum(is_blank(line) for _, line in sources.read(piece))
        unread = len(told["trouble"]) + sum(told["ownerless"].values())
        assert len(used) + unread + blank == lines
        for _, message in told["trouble"]:
            assert message
    for fault in refused:
        assert fault.path == str(path) and "nothing of it was used" in fault.message


def is_blank(line: bytes) -> bool:
    """Whether there is nothing on a line."""
    try:
        return not encoding.bare(line)
    except InputError:
        return False


def repeated(data, place: int):
    """JSON with a key twice in the object at a place, if there are as many; and how many."""
    spots = 0

    def written(value) -> str:
        nonlocal spots
        if isinstance(value, dict) and value:
            spots += 1
            mine = spots - 1 == place
            items = [f"{json.dumps(key)}: {written(inner)}" for key, inner in value.items()]
            return "{" + ", ".join(items + items[:1] * mine) + "}"
        if isinstance(value, list):
            return "[" + ", ".join(map(written, value)) + "]"
        return json.dumps(value)

    return written(data).encode(), spots


@given(resource=st.sampled_from(RESOURCES), place=st.integers(0, 12), before=st.integers(0, 3))
@settings(max_examples=80)
def test_a_key_that_stands_twice_anywhere_is_refused_at_every_door(
    tmp_path_factory, resource, place, before
):
    data, spots = repeated(resource, place % repeated(resource, -1)[1])
    assert spots
    text = b"\n".join([*LINES[:before], data, LINES[0]])
    with pytest.raises(InputError, match="stands twice"):
        parse(text)
    with pytest.raises(InputError, match="stands twice"):
        parse(data)
    assert parse(repeated(resource, -1)[0]) == resource
    path = tmp_path_factory.mktemp("in") / "a.ndjson"
    path.write_bytes(text)
    told = empty_report()
    list(joined_lines(sources.pieces(path)[0][0], 0, told))
    assert [line for line, message in told["trouble"] if "stands twice" in message] == [before + 1]


def test_a_place_is_written_only_once(monkeypatch):
    """A long key above many others is no long work: the place is put together at the end."""
    wide = b", ".join(b'"k%d": 1' % n for n in range(2000))
    with pytest.raises(InputError) as error:
        parse(b'{"%b": {%b, "a": {"z": 1, "z": 2}}}' % (b"x" * 100_000, wide))
    assert len(error.value.place) < 300 and error.value.place.endswith(".a")
    with pytest.raises(InputError) as error:
        parse(b'{"%b": 1, "%b": 2}' % (b"x" * 100_000, b"x" * 100_000))
    assert len(str(error.value)) < 500


def test_types_that_nobody_knows_take_no_more_than_their_room(tmp_path, monkeypatch):
    monkeypatch.setattr(spread, "KINDS", 5)
    lines = [json.dumps({"resourceType": f"T{n}" + "x" * 1000}).encode() for n in range(20)]
    (tmp_path / "a.ndjson").write_bytes(b"\n".join(lines))
    told = empty_report()
    assert not list(joined_lines(sources.pieces(tmp_path / "a.ndjson")[0][0], 0, told))
    assert sum(told["ownerless"].values()) == 20 and len(told["ownerless"]) == 6
    assert max(map(len, told["ownerless"])) == spread.LONG


def test_no_file_of_the_project_says_a_thing_twice():
    found = [*(ROOT / "tests").rglob("*.json"), *(ROOT / "reasoner").rglob("*.json")]
    assert len(found) > 50
    for path in found:
        parse(path.read_bytes())


@given(
    head=st.lists(st.sampled_from([*LINES, *ODD]), max_size=3).map(b"\n".join),
    name=st.sampled_from(["x.ndjson.gz", "Condition.000.ndjson.gz", "Device-1.ndjson", "b.json"]),
)
@settings(max_examples=60)
def test_what_a_file_may_hold_is_told_by_its_beginning_else_its_name_else_not(head, name):
    types = types_of(name, head)
    assert set(types) <= READ
    if b'"resourceType"' not in head:
        assert types == (
            sorted(READ & {"Condition", "Device"} & set(name.replace("-", ".").split(".")))
            or sorted(READ)
        )


def test_files_that_may_hold_more_are_said_as_one():
    found = [
        faults.Fault(f"/in/{n}.gz", "m", [kind]) for n, kind in enumerate(("Device", "Condition"))
    ]
    assert missing([]) == missing([faults.Fault("/in/b.gz", "m", [])]) == []
    assert [(m.name, m.types) for m in missing(found)] == [
        ("0.gz and 1 other files", ("Condition", "Device"))
    ]


def test_decompression_is_bounded(tmp_path, monkeypatch):
    """Bytes are counted: of a bomb no more is unpacked than the bound and one block."""
    counts: Counter[str] = Counter()
    opened = faults.GzipFile

    class Counting(opened):
        def read1(self, size=-1):
            data = super().read1(size)
            counts["bytes"] += len(data)
            return data

    monkeypatch.setattr(faults, "GzipFile", Counting)
    monkeypatch.setattr(faults, "SMALL", 1 << 20)
    (tmp_path / "a.gz").write_bytes(gzip.compress(b"\0" * (64 << 20), 9))
    fault = damage(tmp_path / "a.gz", "a.gz")
    assert fault and "grows more than" in fault.message
    assert counts["bytes"] <= faults.SWELL * (tmp_path / "a.gz").stat().st_size + 2 * faults.BLOCK


def test_a_record_has_an_end(monkeypatch, tmp_path):
    monkeypatch.setattr(encoding, "LARGEST", 1000)
    with open("/dev/zero", "rb") as file, pytest.raises(InputError, match="more than"):
        taken(file)
    with pytest.raises(InputError, match="more than"):
        plain(gzip.compress(b" " * 2000))
    with pytest.raises(InputError, match="compressed twice"):
        plain(gzip.compress(gzip.compress(b"{}")))
    assert plain(gzip.compress(b"{}")) == b"{}"


def test_the_sum_decides(tmp_path, monkeypatch):
    """The broken twin: without the check, lines in front of the damage are used."""
    path = tmp_path / "a.ndjson.gz"
    path.write_bytes(gzip.compress(b"\n".join(LINES))[:-8])
    piece = sources.pieces(path)[0][0]
    assert faults.damaged(piece.paths, piece.packed)
    with pytest.raises(InputError, match="damaged"):
        list(joined_lines(piece, 0, empty_report()))
    assert spread.damaged is faults.damaged
