"""Second pass: the records of a bucket are put together, answered, and written as one part of each table."""

import os
from collections import Counter
from pathlib import Path

import orjson

from reasoner.cohort.columns import Columns, write_table
from reasoner.cohort.population import Population
from reasoner.errors import InputError, NextstudyError
from reasoner.files import write

Places = list[tuple[int, int]]


def records(parts: list[Path]) -> dict[bytes, list[tuple[int, int, bytes]]]:
    """The lines of a bucket by record, in the order of the input: (piece, number, JSON)."""
    found: dict[bytes, list] = {}
    for part in parts:
        with part.open("rb") as file:
            for line in file:
                key, piece, number, data = line.split(b"\t", 3)
                found.setdefault(key, []).append((int(piece), int(number), data))
    return found


def answer(population: Population, parts: list[Path], folder: Path, place, whole: bool) -> dict:
    """Answers the records of a bucket and writes their tables into `folder`; `place` names a line. Returns how many there were, of which kind."""
    columns, answers = Columns(), []
    before = Counter(seen=population.seen, cases=population.cases, single=population.single)
    for key, lines in records(parts).items():
        alone = key.startswith(b'"=')
        try:
            document = orjson.loads(lines[0][2]) if alone else [orjson.loads(data) for _, _, data in lines]
            columns.add(population.read(document))
            if whole:
                answers.append(orjson.dumps(population.answer(document)))
        except RecursionError:
            columns.fail(place(*lines[0][:2]), None if alone else orjson.loads(key), "the record is nested too deeply to be read")
        except NextstudyError as error:
            columns.fail(place(*lines[0][:2]), None if alone else orjson.loads(key), str(error))
    folder.mkdir(parents=True)
    tables = columns.tables()
    for name, table in tables.items():
        write_table(table, folder / f"{name}.parquet")
    if whole:
        write(folder / "answers.ndjson", b"".join(line + b"\n" for line in answers))
    after = Counter(seen=population.seen, cases=population.cases, single=population.single)
    told = {name: after[name] - before[name] for name in after} | {"patients": len(columns.patients), "unreadable": tables["unreadable"].num_rows}
    write(folder / "told.json", orjson.dumps(told))
    return told


def settle(made: Path, final: Path) -> None:
    """Gives a finished folder its name, in one step."""
    try:
        os.replace(made, final)
    except OSError as error:
        raise InputError(str(final), f"the folder cannot be written ({error.strerror})", "Free some room, then run the same command again.") from None
