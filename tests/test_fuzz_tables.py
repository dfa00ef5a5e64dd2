"""Tables of any bytes: each is read, or refused with its place and remedy; nothing else happens."""

import codecs

import pytest
from conftest import ROOT
from hypothesis import example, given, settings
from hypothesis import strategies as st
from test_import import HEADER, SOUND

from reasoner import files as table_files
from reasoner.curation.importing.report import FORMATS, as_dict
from reasoner.curation.importing.survey import examine
from reasoner.curation.importing.table_layouts import read
from reasoner.curation.tables.ratings import RATINGS
from reasoner.curation.tables.rows import rows
from reasoner.errors import InputError, NextstudyError, TableError
from reasoner.files import read_csv
from reasoner.graph.index import Index
from reasoner.graph.terminology import table
from reasoner.messages.escaping import is_formula

TOKENS = [
    *"\",;\t\r\n =+-@'|#0",
    "\r\n",
    '""',
    "\0",
    "\ufeff",
    "\u2028",
    "\x1b",
    "O",
    "\u2622",
    "é",
    "9" * 30,
    "1" * 9,
    "\u00b2",
    "\u0663",
    "1",
    "2",
    "5",
    "Usually appropriate",
    "US knee",
    "=cmd|' /C calc'!A0",
    "x" * 300,
    *HEADER.split(","),
]
texts = st.lists(st.sampled_from(TOKENS) | st.characters(), max_size=40).map("".join)
tables = st.one_of(
    texts.map(lambda text: text.encode("utf-8", "surrogatepass")),
    st.tuples(texts, st.integers(0, len(SOUND))).map(
        lambda given: f"{HEADER}\n{SOUND[: given[1]]}{given[0]}{SOUND[given[1] :]}".encode(
            "utf-8", "surrogatepass"
        )
    ),
    st.tuples(st.integers(0, 900), st.integers(0, 255)).map(
        lambda given: flipped(f"{HEADER}\n{SOUND}".encode(), *given)
    ),
    texts.map(lambda text: text.encode("utf-16", "surrogatepass")),
)


def flipped(data: bytes, place: int, byte: int) -> bytes:
    """Bytes with another one at a place."""
    return data[:place] + bytes([byte]) + data[place + 1 :]


class Looked:
    """How many rows and cells were looked at."""

    def __init__(self, monkeypatch):
        self.cells = 0
        look = table_files.is_formula

        def counted(cell: str) -> bool:
            self.cells += 1
            return look(cell)

        monkeypatch.setattr(table_files, "is_formula", counted)


@given(data=tables)
@example(data=b"")
@example(data=f'{HEADER}\n"{SOUND}'.encode())
@settings(max_examples=300)
def test_a_table_of_any_bytes_is_surveyed_or_refused_with_place_and_remedy(tmp_path_factory, data):
    path = tmp_path_factory.mktemp("t") / "ratings-2020.csv"
    path.write_bytes(data)
    with pytest.MonkeyPatch.context() as patch:
        looked = Looked(patch)
        try:
            found = read(path)
            report = as_dict(examine(found), Origin, 0, 0)
        except NextstudyError as error:
            assert str(path) in str(error) and error.hint
        else:
            assert found.read == report["rows"]["kept"] + report["rows"]["dropped"]
            for made in FORMATS.values():
                assert made(report)
        assert looked.cells <= len(data) + 1


def test_a_row_of_any_number_is_no_work(tmp_path):
    for number in ("999999999", "9" * 5000, "\u00b2"):
        path = tmp_path / "ratings-2020.csv"
        path.write_text(
            f"{HEADER}\n{SOUND}".replace("walk,3,", f"walk,{number},"), encoding="utf-8"
        )
        said = [f.message for f in examine(read(path)).faults if f.kind == "missing-row"]
        assert len(said) == (number == "999999999") and all(len(text) < 600 for text in said)


class Origin:
    """Where a table is from."""

    file, digest, edition, seen = "ratings-2020.csv", "0", "2020", "2020"


@given(data=tables)
@settings(max_examples=150)
def test_other_tables_of_any_bytes_are_refused_alike(tmp_path_factory, data):
    path = tmp_path_factory.mktemp("t") / "any.csv"
    path.write_bytes(data)
    for reading in (
        lambda: list(rows(path, RATINGS, Index())),
        lambda: list(read_csv(path)),
        lambda: list(table(path, ",")),
        lambda: list(table(path, "\t")),
    ):
        try:
            reading()
        except NextstudyError as error:
            assert str(path) in str(error) and error.hint


def refused(tmp_path, data: bytes) -> NextstudyError:
    """The error about a table."""
    path = tmp_path / "ratings-2020.csv"
    path.write_bytes(data)
    with pytest.raises((InputError, TableError)) as error:
        read(path)
    return error.value


SOUND_TABLE = f"{HEADER}\n{SOUND}\n".encode()
FAULTS = {  # a table, what the error names, and its line
    "formula": (SOUND_TABLE.replace(b"Moon dust therapy", b"=HYPERLINK(A1)"), "=HYPERLINK(A1)", 6),
    "a plus": (SOUND_TABLE.replace(b"Moon dust therapy", b"+1+cmd"), "procedure", 6),
    "an at sign": (SOUND_TABLE.replace(b"Moon dust therapy", b"@SUM(A1)"), "spreadsheet", 6),
    "a tab": (SOUND_TABLE.replace(b"Moon dust therapy", b"\t=1+1"), "spreadsheet", 6),
    "full width": (
        SOUND_TABLE.replace(b"Moon dust therapy", "\uff1d1+1".encode()),
        "spreadsheet",
        6,
    ),
    "in quotes": (SOUND_TABLE.replace(b"Moon dust therapy", b'"\r\n-2+3"'), "spreadsheet", 7),
    "in the header": (SOUND_TABLE.replace(b"row_no", b"=row"), "spreadsheet", 1),
    "NUL": (SOUND_TABLE.replace(b"Moon", b"Mo\0on"), "NUL", 6),
    "a quote that swallows": (SOUND_TABLE.replace(b"Moon", b'"Moon'), "CSV", 6),
    "a quote too many": (SOUND_TABLE.replace(b"Purple Toes,2", b'"Purple" Toes,2', 1), "CSV", 7),
    "a huge cell": (SOUND_TABLE.replace(b"Moon", b"M" * 200_000), "CSV", 6),
    "a huge quote": (SOUND_TABLE.replace(b"Moon", b'"' + b"M,\n" * 200_000), "CSV", 6),
    "UTF-16": (SOUND_TABLE.decode().encode("utf-16"), "UTF-8", 1),
    "Latin": (SOUND_TABLE.replace(b"Moon", b"M\xf6\xf6n"), "UTF-8", 6),
    "digits": (SOUND_TABLE.replace(b"Moon", b"+" + b"1" * 130_000 + b"x"), "spreadsheet", 6),
    "columns": (b"a," * 1_000_000 + b"\n", "1,000,001", 1),
    "cells": (SOUND_TABLE + b"a," * 1_000_000, "1,000,001", 9),
    "a column twice": (SOUND_TABLE.replace(b"row_no", b"topic"), "topic", 1),
    "nothing": (b"", "topic", 1),
    "only a mark": (codecs.BOM_UTF8, "topic", 1),
}


@pytest.mark.parametrize("name", FAULTS)
def test_what_is_no_table_is_refused_with_its_line(tmp_path, name):
    data, named, line = FAULTS[name]
    error = refused(tmp_path, data)
    assert named in str(error) and f".csv:{line}:" in str(error) and len(str(error)) < 900


def test_the_sound_table_is_read(tmp_path):
    """The whole twin of every broken table above; signs and numbers are no formulas."""
    path = tmp_path / "ratings-2020.csv"
    path.write_bytes(SOUND_TABLE.replace(b"Varies,", b"-,-").replace(b"row_no", b"row_no"))
    assert len(read(path).lines) == 7
    path.write_bytes(SOUND_TABLE.replace(b",Varies,", b",Varies,,,"))
    assert len(read(path).lines) == 7


def test_what_has_no_end_is_not_read_to_it(monkeypatch, tmp_path):
    monkeypatch.setattr(table_files, "LARGEST", 1000)
    with pytest.raises(InputError, match="more than"):
        list(read_csv(type(tmp_path)("/dev/zero")))


def test_no_table_of_the_project_holds_a_formula():
    for path in sorted((ROOT / "ontology" / "tables").glob("*.csv")):
        assert not any(is_formula(cell) for _, cells in read_csv(path) for cell in cells), path
