"""Second pass: the records of a bucket are put together, answered, and written as one part of each table."""

from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

import orjson

from reasoner.cohort.answering import Population
from reasoner.cohort.parquet import Columns, write_table
from reasoner.cohort.servers import ALONE, Line, Lines, apart, told_apart
from reasoner.errors import InputError, NextstudyError
from reasoner.files import write
from reasoner.intake.missing import Missing

LARGEST = 64 << 20  # bytes of a record
BUG = "nextstudy fails on this record; please report it"


def records(parts: list[Path]) -> dict[bytes, list[Line]]:
    """The lines of a bucket by record, in the order of the input; of a record that is too large only the first, without JSON."""
    found: dict[bytes, list[Line]] = {}
    limited, sizes = sum(part.stat().st_size for part in parts) > LARGEST, Counter[bytes]()
    for part in parts:
        with part.open("rb") as file:
            for line in file:
                key, piece, number, data = line.split(b"\t", 3)
                if key in found:
                    found[key].append((piece, number, data))
                else:
                    found[key] = [(piece, number, data)]
                if limited:
                    sizes[key] += len(data)
                    if sizes[key] > LARGEST:
                        found[key] = [(*found[key][0][:2], b"")]
    return found


def answer(
    population: Population,
    parts: list[Path],
    folder: Path,
    place: Callable[[int, int], str],
    whole: bool,
    files: Sequence[str],
    missing: Sequence[Missing] = (),
) -> dict:
    """Answers the records of a bucket and writes their tables into `folder`.

    `place` names a line, `files` the file of each piece; `missing` are the files that could not be
    read and may hold more of any record that is put together from lines. Returns how many were
    answered and not.
    """
    columns = Columns()
    held = records(parts)
    answers = answer_records(population, columns, held, place, whole, files, missing)
    folder.mkdir(parents=True)
    for name, table in columns.tables().items():
        write_table(table, folder / f"{name}.parquet")
    if whole:
        write(folder / "answers.ndjson", answers)
    told = {"patients": columns.patients, "unreadable": columns.unreadable}
    write(folder / "told.json", orjson.dumps(told))
    return told


def answer_records(
    population: Population,
    columns: Columns,
    held: Lines,
    place: Callable[[int, int], str],
    whole: bool,
    files: Sequence[str],
    missing: Sequence[Missing] = (),
) -> bytes:
    """Adds the answers to some records, the patients of several servers apart."""
    names = told_apart(held)
    answers = bytearray()
    for key, lines in apart(held, files, LARGEST).items():
        answers += answer_record(
            population, columns, key, lines, place, whole, names.get(key), missing
        )
    return bytes(answers)


def answer_record(
    population: Population,
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
        found = population.read(document(lines, alone), () if alone else missing)
    except NextstudyError as error:
        columns.fail(
            place(int(lines[0][0]), int(lines[0][1])),
            None if alone else orjson.loads(key),
            str(error),
        )
        return b""
    except (
        Exception
    ) as error:  # a record that the program fails on must not keep the others from their answers
        columns.fail(
            place(int(lines[0][0]), int(lines[0][1])),
            None if alone else orjson.loads(key),
            f"{BUG} ({type(error).__name__}: {error}).",
        )
        return b""
    columns.add(found, name)
    return orjson.dumps(found.answer, option=orjson.OPT_APPEND_NEWLINE) if whole else b""


def document(lines: list[Line], alone: bool):
    """The parsed JSON of a record: a document of its own, or a list of resources. Raises InputError for a record that is too large."""
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
