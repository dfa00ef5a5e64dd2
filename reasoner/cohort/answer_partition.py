"""Second pass of a cohort run: answers the records of a partition.

Joins the lines of each record, and writes one part of each table.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

import orjson

from reasoner.cohort.answering import RecordAnswerer
from reasoner.cohort.parquet import Columns, write_table
from reasoner.cohort.servers import ALONE, Line, Lines, qualified_names, split_by_server
from reasoner.errors import InputError, NextstudyError
from reasoner.files import write
from reasoner.intake.missing import Missing

LARGEST = 64 << 20  # bytes of a record
BUG = "nextstudy fails on this record; please report it"


def records(parts: list[Path]) -> dict[bytes, list[Line]]:
    """The lines of a partition by the key of their record, in the order of the input.

    A record that is too large has its first line alone, without JSON.
    """
    lines_of: dict[bytes, list[Line]] = {}
    limited, sizes = sum(part.stat().st_size for part in parts) > LARGEST, Counter[bytes]()
    for part in parts:
        with part.open("rb") as file:
            for line in file:
                key, piece, number, data = line.split(b"\t", 3)
                if key in lines_of:
                    lines_of[key].append((piece, number, data))
                else:
                    lines_of[key] = [(piece, number, data)]
                if limited:
                    sizes[key] += len(data)
                    if sizes[key] > LARGEST:
                        lines_of[key] = [(*lines_of[key][0][:2], b"")]
    return lines_of


def answer(
    answerer: RecordAnswerer,
    parts: list[Path],
    folder: Path,
    place: Callable[[int, int], str],
    whole: bool,
    files: Sequence[str],
    missing: Sequence[Missing] = (),
) -> dict:
    """Answers the records of a partition and writes their tables into `folder`.

    `place` names a line, `files` the file of each piece; `missing` are the files that could not be
    read and may hold more of any record that is put together from lines. Returns how many were
    answered and not.
    """
    columns = Columns()
    lines = records(parts)
    answers = answer_records(answerer, columns, lines, place, whole, files, missing)
    folder.mkdir(parents=True)
    for name, table in columns.tables().items():
        write_table(table, folder / f"{name}.parquet")
    if whole:
        write(folder / "answers.ndjson", answers)
    counts = {"patients": columns.patients, "unreadable": columns.unreadable}
    write(folder / "counts.json", orjson.dumps(counts))
    return counts


def answer_records(
    answerer: RecordAnswerer,
    columns: Columns,
    lines_of: Lines,
    place: Callable[[int, int], str],
    whole: bool,
    files: Sequence[str],
    missing: Sequence[Missing] = (),
) -> bytes:
    """Adds the answers to some records to the columns, after `split_by_server`.

    Returns the answers as lines of JSON when they are wanted whole.
    """
    names = qualified_names(lines_of)
    answers = bytearray()
    for key, lines in split_by_server(lines_of, files, LARGEST).items():
        answers += answer_record(
            answerer, columns, key, lines, place, whole, names.get(key), missing
        )
    return bytes(answers)


def answer_record(
    answerer: RecordAnswerer,
    columns: Columns,
    key: bytes,
    lines: list[Line],
    place: Callable[[int, int], str],
    whole: bool,
    name: str | None,
    missing: Sequence[Missing] = (),
) -> bytes:
    """Adds the answer to a record, or why it has none, to the columns, under a name that it needs.

    Returns the answer as a line of JSON when it is wanted whole, else nothing.
    """
    alone = key.startswith(ALONE)
    try:
        answered = answerer.answer(document(lines, alone), () if alone else missing)
    except NextstudyError as error:
        columns.fail(
            place(int(lines[0][0]), int(lines[0][1])),
            None if alone else orjson.loads(key),
            str(error),
        )
        return b""
    except Exception as error:  # a record that the program fails on must not stop the others
        columns.fail(
            place(int(lines[0][0]), int(lines[0][1])),
            None if alone else orjson.loads(key),
            f"{BUG} ({type(error).__name__}: {error}).",
        )
        return b""
    columns.add(answered, name)
    return orjson.dumps(answered.answer, option=orjson.OPT_APPEND_NEWLINE) if whole else b""


def document(lines: list[Line], alone: bool):
    """The parsed JSON of a record: a document of its own, or a list of resources.

    Raises InputError for a record that is too large.
    """
    if not lines[0][2]:
        raise InputError(
            "the record",
            f"it has more than {LARGEST >> 20} megabytes",
            "No patient has as much: see whether many share an identifier.",
        )
    return (
        orjson.loads(lines[0][2])
        if alone
        else orjson.loads(b"[%b]" % b",".join([data for _, _, data in lines]))
    )
