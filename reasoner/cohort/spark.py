"""A whole run on Apache Spark: the same lines, records, answers and tables as on one machine, with Spark moving them between processes.

    pieces -> rows by record (shuffled, sorted) -> tables of some patients -> Parquet

Files are read and written under their paths, so all workers must see the input and the output folder, as on one machine or a shared disk.
Spark itself repeats what fails, so a run that was stopped begins anew; what is unfinished it removes.
"""

import os
import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from functools import partial
from pathlib import Path

import orjson

from reasoner.cohort import spark_tasks
from reasoner.cohort.faults import Fault, missing
from reasoner.cohort.parquet import SCHEMAS
from reasoner.cohort.plan import Plan, plan
from reasoner.cohort.rows import NUMBER, TABLES, TEXT, TEXTS, YES
from reasoner.cohort.run import complete, count, write_faults
from reasoner.cohort.spark_session import session, watched
from reasoner.cohort.workers import Workers

KINDS = {TEXT: "STRING", TEXTS: "ARRAY<STRING>", NUMBER: "INT", YES: "BOOLEAN"}
ROW = "key BINARY, piece INT, number BIGINT, data BINARY, trouble STRING, whose BINARY"
PART = "name STRING, data BINARY"
UNREADABLE = "place STRING, patient STRING, message STRING"
STAGES = ("reading", "answering")


def run(
    given: Path,
    out: Path,
    on: date | None = None,
    whole: bool = False,
    ontology: Path | None = None,
    tell: Callable[[str, int, int, int], None] = lambda *_: None,
    master: str | None = None,
) -> dict:
    """Answers all patients of an input on Spark, writes tables and a summary into a folder, and returns what there was.

    `master` is a master URL of Spark, by default all processors of this machine; where a session is active in this process, it is used.
    Raises InputError for an input, folder or file that cannot be used, for a full disk, and for what Spark lacks: Java, a master, packages on the workers.
    """
    return complete(
        plan(given, on, whole, ontology, "spark"),
        out,
        partial(answered, ontology=ontology, master=master, tell=tell),
        Workers(1),
    )


def answered(
    made: Plan, work: Path, ontology: Path | None, master: str | None, tell: Callable
) -> dict:
    """Does all work on Spark, leaves the parts of the tables in the work folder, and returns what there was."""
    for unfinished in ("spark", "answered"):
        shutil.rmtree(work / unfinished, ignore_errors=True)
    folder = (work / "spark").resolve()
    folder.mkdir()
    names = [*SCHEMAS, *(["answers"] if made.whole else [])]
    with session(master, folder) as spark:
        context = spark.sparkContext
        partitions = max(made.buckets, context.defaultParallelism)
        graph = spark_tasks.packed_graph(ontology)
        task = spark_tasks.Task(graph, made.pieces, str(Path.cwd()), made.on, made.whole)
        numbers = spark.range(0, len(made.pieces), 1, max(1, min(len(made.pieces), partitions)))
        faults = made.faults + found_faults(context.broadcast(task), numbers)
        without = frozenset(fault.path for fault in faults)
        task = context.broadcast(replace(task, without=without, missing=tuple(missing(faults))))
        rows = numbers.mapInArrow(lambda found: spark_tasks.spread_pieces(found, task), ROW)
        rows = rows.repartition(partitions, "key").sortWithinPartitions("key", "piece", "number")
        parts = rows.mapInArrow(lambda found: spark_tasks.answer_rows(found, task), PART).persist()
        with watched(spark, STAGES, tell):
            counts, lines = counted(made, parts, faults)
        for stage in STAGES:
            tell(stage, 1, 1, counts["patients"] if stage == STAGES[-1] else 0)
        for n, name in enumerate(names, 1):
            write_parts(made, parts.where(f"name = '{name}'"), name, lines, folder)
            settle(folder / name, work)
            tell("writing", n, len(names), 0)
        parts.unpersist()
    write_faults(work, faults)
    return counts


def found_faults(task, numbers) -> list[Fault]:
    """The compressed files that are damaged, by pieces; nothing is asked where none is compressed."""
    if not any(piece.packed for piece in task.value.pieces):
        return []
    rows = numbers.mapInArrow(lambda found: spark_tasks.check_pieces(found, task), PART).collect()
    found = [Fault(**orjson.loads(row["data"])) for row in rows]
    return sorted(found, key=lambda fault: fault.path)


def counted(made: Plan, parts, faults: list[Fault]) -> tuple[dict, dict[int, int]]:
    """What there was in all, and how many lines each piece has."""
    found = [
        (row["name"], orjson.loads(row["data"]))
        for row in parts.where("name IN ('piece', 'count')").collect()
    ]
    pieces = [told for name, told in found if name == "piece"]
    lines = sum(piece["trouble"] for piece in pieces)
    answered = [told for name, told in found if name == "count"]
    more = sum(piece["more"] for piece in pieces)
    counts = count(made, answered, [piece["ownerless"] for piece in pieces], lines + more, faults)
    return counts | {"unreadable": counts["unreadable"] - lines}, {
        piece["piece"]: piece["lines"] for piece in pieces
    }  # the lines were counted with the records


def write_parts(made: Plan, parts, name: str, lines: dict[int, int], folder: Path) -> None:
    """Writes a table into a folder of its name."""
    path = f"file://{folder / name}"
    if name == "answers":
        parts.mapInArrow(spark_tasks.answers, "answer STRING").write.text(path)
    elif name == "unreadable":
        parts.mapInArrow(
            lambda found: spark_tasks.unreadable(found, made.pieces, lines), UNREADABLE
        ).write.parquet(path, compression="zstd")
    else:
        columns = ", ".join(
            f"`{column}` {KINDS[kind]}"
            for column, kind in {"patient": TEXT, **TABLES[name]}.items()
        )
        parts.mapInArrow(spark_tasks.table_of, columns).write.parquet(path, compression="zstd")


def settle(written: Path, work: Path) -> None:
    """Puts the parts of a table that Spark wrote where the parts of a run are."""
    for n, part in enumerate(sorted(written.glob("part-*"))):
        place = (
            work
            / "answered"
            / f"{n:05}"
            / f"{written.name}{'.ndjson' if part.suffix == '.txt' else part.suffix}"
        )
        place.parent.mkdir(parents=True, exist_ok=True)
        os.replace(part, place)
