"""Second pass: the records of a bucket are put together, answered, and written as one part of each table."""

import os
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import orjson

from reasoner.cohort.columns import Columns, write_table
from reasoner.cohort.population import Population
from reasoner.cohort.spread import short
from reasoner.errors import InputError, NextstudyError
from reasoner.files import write

LARGEST = 64 << 20  # bytes of a record
ALONE = b'"='  # how the key of a document begins that is a record of its own
Line = tuple[Any, Any, bytes]  # the numbers of its piece and of itself, as text or number, and its JSON
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


def apart(found: dict[bytes, list[Line]], files: Sequence[str]) -> dict[bytes, list[Line]]:
    """The records with the patients of several servers apart; `files` names the file of each piece.

    The only server that the lines of a patient name is that of all of them. Of several, each has its own lines, and those that name none
    when it is the only one of these in their file, else in their folder; what is left names nobody that is known.
    """
    if not any(b"://" in key for key in found):
        return found
    made: dict[bytes, list[Line]] = {}
    named: dict[bytes, list[bytes]] = {}
    for key, lines in found.items():
        if key.startswith(ALONE):
            made[key] = lines
        else:
            named.setdefault(short(key), []).append(key)
    for name, keys in named.items():
        servers = [key for key in keys if key != name]
        if len(servers) < 2:
            made[name] = joined([line for key in keys for line in found[key]])
            continue
        taken = {key: list(found[key]) for key in servers}
        held = [{key: {where(files[int(line[0])]) for line in found[key]} for key in servers} for where in (str, os.path.dirname)]
        for line in found.get(name, ()):
            near = [key for key in servers if files[int(line[0])] in held[0][key]] or [key for key in servers if os.path.dirname(files[int(line[0])]) in held[1][key]]
            taken.setdefault(near[0] if len(near) == 1 else name, []).append(line)
        made |= {key: joined(lines) for key, lines in taken.items()}
    return made


def told_apart(keys: Iterable[bytes]) -> dict[bytes, str]:
    """The names of patients with their server in front, by the keys of their records: of those whose id somebody else has too."""
    full = {key: orjson.loads(key).rpartition(" ")[2] for key in keys if b"://" in key}
    servers: dict[bytes, set[str]] = {}
    for key, name in full.items():
        servers.setdefault(short(key), set()).add(name)
    return {key: name for key, name in full.items() if len(servers[short(key)]) > 1}


def joined(lines: list[Line]) -> list[Line]:
    """Lines in the order of the input; of a record that is too large only the first, without JSON."""
    lines = sorted(lines, key=lambda line: (int(line[0]), int(line[1])))
    return lines if all(data for _, _, data in lines) and sum(len(data) for _, _, data in lines) <= LARGEST else [(*lines[0][:2], b"")]


def answer(population: Population, parts: list[Path], folder: Path, place: Callable[[int, int], str], whole: bool, files: Sequence[str]) -> dict:
    """Answers the records of a bucket and writes their tables into `folder`; `place` names a line, `files` the file of each piece. Returns how many were answered and how many not."""
    columns, answers = Columns(), bytearray()
    held = records(parts)
    names = told_apart(held)
    for key, lines in apart(held, files).items():
        answers += answer_record(population, columns, key, lines, place, whole, names.get(key))
    folder.mkdir(parents=True)
    for name, table in columns.tables().items():
        write_table(table, folder / f"{name}.parquet")
    if whole:
        write(folder / "answers.ndjson", bytes(answers))
    told = {"patients": columns.patients, "unreadable": columns.unreadable}
    write(folder / "told.json", orjson.dumps(told))
    return told


def answer_record(population: Population, columns: Columns, key: bytes, lines: list[Line], place: Callable[[int, int], str], whole: bool, name: str | None) -> bytes:
    """Adds the answer to a record, or why it has none, to the columns, under a name of its own if it needs one; returns the answer as a line of JSON when it is wanted whole, else nothing."""
    alone = key.startswith(ALONE)
    try:
        found = population.read(document(lines, alone))
    except NextstudyError as error:
        columns.fail(place(int(lines[0][0]), int(lines[0][1])), None if alone else orjson.loads(key), str(error))
        return b""
    except Exception as error:  # a record that the program fails on must not keep the others from their answers
        columns.fail(place(int(lines[0][0]), int(lines[0][1])), None if alone else orjson.loads(key), f"{BUG} ({type(error).__name__}: {error}).")
        return b""
    columns.add(found, name)
    return orjson.dumps(found.answer, option=orjson.OPT_APPEND_NEWLINE) if whole else b""


def document(lines: list[Line], alone: bool):
    """The parsed JSON of a record: a document of its own, or a list of resources. Raises InputError for a record that is too large."""
    if not lines[0][2]:
        raise InputError("the record", f"it has more than {LARGEST >> 20} megabytes", "No patient has as much: see whether many share an identifier.")
    return orjson.loads(lines[0][2]) if alone else orjson.loads(b"[%b]" % b",".join([data for _, _, data in lines]))
