"""Runs a cohort on Apache Spark: the same records, answers and tables as on one machine.

    pieces -> rows by record (shuffled, sorted) -> tables of some patients -> Parquet

Spark moves lines and tables between processes. Files are read and written under their paths, so
all workers must see the input and the output folder, as on one machine or a shared disk. Spark
itself repeats what fails, so a run that was stopped begins anew and removes what is unfinished.
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
from reasoner.cohort.local import ProgressFunction, no_progress
from reasoner.cohort.parquet import SCHEMAS
from reasoner.cohort.plan import Plan, make_plan
from reasoner.cohort.run import complete, count, write_faults
from reasoner.cohort.spark_session import session, watched
from reasoner.cohort.tables import NUMBER, TABLES, TEXT, TEXTS, YES
from reasoner.cohort.workers import Workers
from reasoner.graph.imported_ratings import OWN

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
    tell: ProgressFunction = no_progress,
    master: str | None = None,
    ratings: str = OWN,
) -> dict:
    """Answers all patients of an input on Spark, writes tables and a summary, returns the counts.

    `master` is a master URL of Spark, by default all processors of this machine; a session that is
    active in this process is used instead. Raises InputError for an input, folder or file that
    cannot be used, for a full disk, and for what Spark lacks: Java, a master, packages on the
    workers.
    """
    return complete(
        make_plan(given, on, whole, ontology, "spark", ratings),
        out,
        partial(run_on_spark, ontology=ontology, master=master, tell=tell),
        Workers(1),
    )


def run_on_spark(
    plan: Plan, work: Path, ontology: Path | None, master: str | None, tell: Callable
) -> dict:
    """Runs both passes on Spark, and returns the counts.

    The parts of the tables are left in the work folder.
    """
    for unfinished in ("spark", "answered"):
        shutil.rmtree(work / unfinished, ignore_errors=True)
    folder = (work / "spark").resolve()
    folder.mkdir()
    names = [*SCHEMAS, *(["answers"] if plan.whole else [])]
    with session(master, folder) as spark:
        context = spark.sparkContext
        partitions = max(plan.partitions, context.defaultParallelism)
        graph = spark_tasks.packed_graph(ontology, plan.ratings)
        task = spark_tasks.Task(graph, plan.pieces, str(Path.cwd()), plan.on, plan.whole)
        numbers = spark.range(0, len(plan.pieces), 1, max(1, min(len(plan.pieces), partitions)))
        faults = plan.faults + faults_of_files(context.broadcast(task), numbers)
        without = frozenset(fault.path for fault in faults)
        task = context.broadcast(replace(task, without=without, missing=tuple(missing(faults))))
        rows = numbers.mapInArrow(lambda batches: spark_tasks.partition_pieces(batches, task), ROW)
        rows = rows.repartition(partitions, "key").sortWithinPartitions("key", "piece", "number")
        parts = rows.mapInArrow(
            lambda batches: spark_tasks.answer_rows(batches, task), PART
        ).persist()
        with watched(spark, STAGES, tell):
            counts, lines = counted(plan, parts, faults)
        for stage in STAGES:
            tell(stage, 1, 1, counts["patients"] if stage == STAGES[-1] else 0)
        for n, name in enumerate(names, 1):
            write_parts(plan, parts.where(f"name = '{name}'"), name, lines, folder)
            settle(folder / name, work)
            tell("writing", n, len(names), 0)
        parts.unpersist()
    write_faults(work, faults)
    return counts


def faults_of_files(task, numbers) -> list[Fault]:
    """The faults of compressed files; Spark runs nothing where no file is compressed."""
    if not any(piece.packed for piece in task.value.pieces):
        return []
    rows = numbers.mapInArrow(
        lambda batches: spark_tasks.check_pieces(batches, task), PART
    ).collect()
    batches = [Fault(**orjson.loads(row["data"])) for row in rows]
    return sorted(batches, key=lambda fault: fault.path)


def counted(plan: Plan, parts, faults: list[Fault]) -> tuple[dict, dict[int, int]]:
    """The counts of the whole run, and how many lines each piece has, by its number."""
    messages = [
        (row["name"], orjson.loads(row["data"]))
        for row in parts.where("name IN ('piece', 'count')").collect()
    ]
    pieces = [message for name, message in messages if name == "piece"]
    lines = sum(piece["trouble"] for piece in pieces)
    counts_of_batches = [message for name, message in messages if name == "count"]
    more = sum(piece["more"] for piece in pieces)
    counts = count(
        plan, counts_of_batches, [piece["ownerless"] for piece in pieces], lines + more, faults
    )
    counts["unreadable"] -= lines  # they were counted with the records
    return counts, {piece["piece"]: piece["lines"] for piece in pieces}


def write_parts(plan: Plan, parts, name: str, lines: dict[int, int], folder: Path) -> None:
    """Writes a table into a folder of its name."""
    path = f"file://{folder / name}"
    if name == "answers":
        parts.mapInArrow(spark_tasks.answers, "answer STRING").write.text(path)
    elif name == "unreadable":
        parts.mapInArrow(
            lambda batches: spark_tasks.unreadable(batches, plan.pieces, lines), UNREADABLE
        ).write.parquet(path, compression="zstd")
    else:
        columns = ", ".join(
            f"`{column}` {KINDS[kind]}"
            for column, kind in {"patient": TEXT, **TABLES[name]}.items()
        )
        parts.mapInArrow(spark_tasks.table_of, columns).write.parquet(path, compression="zstd")


def settle(written: Path, work: Path) -> None:
    """Moves the parts of a table that Spark wrote to where the parts of a run are."""
    for n, part in enumerate(sorted(written.glob("part-*"))):
        suffix = ".ndjson" if part.suffix == ".txt" else part.suffix
        place = work / "answered" / f"{n:05}" / f"{written.name}{suffix}"
        place.parent.mkdir(parents=True, exist_ok=True)
        os.replace(part, place)
