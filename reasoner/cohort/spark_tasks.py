"""The work of the Python processes of Spark: both passes, by the same functions as on one machine.

Between the passes a row is a line of a record, under the record's key; a line that could not be
read, under a key of its own with what is wrong; or, with the number 0, the report on a whole piece.
After the passes a row is a table of some patients, or a count.
"""

import gc
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import wraps
from hashlib import sha256
from itertools import groupby
from operator import itemgetter
from pathlib import Path

import orjson
import pyarrow as pa

from reasoner.api import Reasoner
from reasoner.cohort.answer_partition import LARGEST, answer_records
from reasoner.cohort.answering import REMEMBERED, RecordAnswerer, cached_answerer
from reasoner.cohort.faults import damaged
from reasoner.cohort.parquet import SCHEMAS, Columns, batches, packed, unpacked
from reasoner.cohort.partition import empty_report, joined_lines
from reasoner.cohort.plan import Places
from reasoner.cohort.servers import Lines, without_server
from reasoner.cohort.sources import Piece
from reasoner.errors import InputError, PlacedError
from reasoner.graph.imported_ratings import ratings_file
from reasoner.intake.missing import Missing
from reasoner.names import home

ROW = pa.schema(
    [
        ("key", pa.binary()),
        ("piece", pa.int32()),
        ("number", pa.int64()),
        ("data", pa.binary()),
        ("trouble", pa.string()),
        ("whose", pa.binary()),
    ]
)
PART = pa.schema([("name", pa.string()), ("data", pa.binary())])
ANSWERS = pa.schema([("answer", pa.string())])
IMPORTED = "imported-ratings"  # the folder of imported ratings beside the files of the graph
FULL = 8 << 20  # bytes in a batch of rows
SOME = 1000  # patients in one table
FAILURE = "nextstudy cannot go on: "
SHARED = "Put the input and --out where every worker sees them under the same path."


@dataclass(frozen=True)
class Graph:
    """The files of an ontology folder as bytes, to be broadcast; `name` is their hash."""

    name: str
    files: dict[str, bytes]

    def load(self) -> Reasoner:
        """The reasoner on the graph, which is unpacked for as long as this takes."""
        folder = Path(tempfile.mkdtemp(prefix="nextstudy-"))
        try:
            for name, data in self.files.items():
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                (folder / name).write_bytes(data)
            return Reasoner(folder, REMEMBERED, ratings=folder / IMPORTED)
        finally:
            shutil.rmtree(folder)


@dataclass(frozen=True)
class Task:
    """The settings and the input of a run, broadcast to every process once."""

    graph: Graph
    pieces: list[Piece]
    root: str  # the folder that their paths are relative to
    on: str | None
    whole: bool
    without: frozenset[str] = frozenset()  # the files that could not be read
    missing: tuple[Missing, ...] = ()  # what records that are joined from lines may lack for that


def packed_graph(ontology: Path | None, ratings: str) -> Graph:
    """The graph in a folder, by default the one that comes with the program, and the imported
    ratings of another, ready to travel.
    """
    folder = ontology or home() / "ontology"
    files = {
        p.relative_to(folder).as_posix(): p.read_bytes()
        for p in sorted(folder.rglob("*"))
        if p.is_file()
    }
    if imported := ratings_file(ratings):
        files[f"{IMPORTED}/{imported.name}"] = imported.read_bytes()
    return Graph(sha256(repr(sorted(files.items())).encode()).hexdigest(), files)


def mendable(function: Callable) -> Callable:
    """Wraps a generator for Spark, so that `failure` can find its errors in the report of Spark.

    Only errors that a user can mend are marked so.
    """

    @wraps(function)
    def generate(*given):
        try:
            yield from function(*given)
        except PlacedError as error:
            raise RuntimeError(FAILURE + orjson.dumps(error.args).decode()) from None
        except OSError as error:
            reason = [
                str(error.filename or "a worker"),
                f"it cannot be used by a Spark worker ({error.strerror or error})",
                SHARED,
            ]
            raise RuntimeError(FAILURE + orjson.dumps(reason).decode()) from None

    return generate


def failure(report: str) -> InputError | None:
    """The error in a report of Spark that a user can mend; None without one."""
    message = next(
        (line.split(FAILURE, 1)[1] for line in report.splitlines() if FAILURE in line), None
    )
    return message and InputError(*orjson.loads(message))


@mendable
def partition_pieces(numbers: Iterator[pa.RecordBatch], task) -> Iterator[pa.RecordBatch]:
    """Partitions some pieces: yields their rows."""
    for batch in numbers:
        for number in batch.column(0).to_pylist():
            yield from batches(
                rows_of(task.value, number), ROW, lambda row: 100 + len(row[3] or b""), FULL
            )


@mendable
def check_pieces(numbers: Iterator[pa.RecordBatch], task) -> Iterator[pa.RecordBatch]:
    """Checks the compressed files of some pieces, and yields the faults of damaged ones."""
    for batch in numbers:
        for number in batch.column(0).to_pylist():
            piece = task.value.pieces[number]
            faults = damaged(piece.paths, piece.packed, task.value.root)
            rows = [("fault", orjson.dumps(asdict(fault))) for fault in faults]
            yield from batches(iter(rows), PART, lambda row: len(row[1]), FULL)


def rows_of(task: Task, number: int) -> Iterator[tuple]:
    """The rows of a piece."""
    report, piece = empty_report(), task.pieces[number]
    for key, line, data in joined_lines(piece, number, report, task.root, task.without):
        yield without_server(key), number, line, data, None, key
    trouble = report.pop("trouble")
    for line, message in trouble:
        yield b"%d:%d" % (number, line), number, line, None, message, None
    more = max(report.pop("more") - 1, 0)  # lines that have no row of their own
    summary = orjson.dumps({**report, "piece": number, "trouble": len(trouble), "more": more})
    yield b"%d:0" % number, number, 0, summary, None, None


@mendable
def answer_rows(rows: Iterator[pa.RecordBatch], task) -> Iterator[pa.RecordBatch]:
    """The tables of the records in rows, which come by key and in the order of the input."""
    settings = task.value
    answerer = cached_answerer(settings.graph.name, settings.on, settings.graph.load)
    lines = (
        row
        for batch in rows
        for row in zip(*(column.to_pylist() for column in batch.columns), strict=True)
    )
    gc.disable()  # records hold no circles that matter
    try:
        files = [piece.paths[0] for piece in settings.pieces]
        tables = parts(answerer, lines, settings.whole, files, settings.missing)
        yield from batches(tables, PART, lambda part: len(part[1]), FULL)
    finally:
        gc.enable()


def parts(
    answerer: RecordAnswerer,
    rows: Iterator[tuple],
    whole: bool,
    files: Sequence[str],
    missing: Sequence[Missing] = (),
) -> Iterator[tuple[str, bytes]]:
    """Yields the tables and counts of the records in rows, some patients at a time.

    `files` names the file of each piece, `missing` those that may hold more of any record.
    """
    columns, answers = Columns(), bytearray()
    for key, group in groupby(rows, itemgetter(0)):
        for _, piece, number, data, trouble, _ in group if not key.startswith(b'"') else ():
            if number:
                columns.fail(place(piece, number), None, trouble)
            else:
                yield "piece", data
        if key.startswith(b'"'):
            lines = lines_of(group)
            answers += answer_records(answerer, columns, lines, place, whole, files, missing)
        if columns.patients + columns.unreadable >= SOME or len(answers) > FULL:
            yield from finished(columns, answers)
            columns, answers = Columns(), bytearray()
    yield from finished(columns, answers)


def lines_of(group: Iterator[tuple]) -> Lines:
    """The lines of the patients of one id, by server.

    Of one that is too large only the first, without JSON, because a process does not hold it.
    """
    lines_by_server: Lines = {}
    sizes = Counter[bytes]()
    for _, piece, number, data, _, whose in group:
        lines = lines_by_server.setdefault(whose, [])
        sizes[whose] += len(data)
        if sizes[whose] <= LARGEST:
            lines.append((piece, number, data))
        else:
            lines_by_server[whose] = [(*(lines or [(piece, number)])[0][:2], b"")]
    return lines_by_server


def place(piece: int, number: int) -> str:
    """The provisional place of a line, until the number of lines before its piece is known."""
    return f"{piece}:{number}"


def finished(columns: Columns, answers: bytes) -> Iterator[tuple[str, bytes]]:
    """The tables and the count of some patients."""
    for name, table in columns.tables().items():
        if table.num_rows:
            yield name, packed(table)
    if answers:
        yield "answers", bytes(answers)
    yield "count", orjson.dumps({"patients": columns.patients, "unreadable": columns.unreadable})


@mendable
def table_of(parts: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """The rows of one table."""
    for batch in parts:
        for message in batch.column("data").to_pylist():
            yield from unpacked(message).to_batches()


@mendable
def unreadable(
    parts: Iterator[pa.RecordBatch], pieces: list[Piece], lines: dict[int, int]
) -> Iterator[pa.RecordBatch]:
    """The rows of the table `unreadable`, with their places in the input.

    `lines` is how many lines each piece has, by its number.
    """
    named = Places(pieces, lines.__getitem__)
    for batch in table_of(parts):
        places = [named(*map(int, place.split(":"))) for place in batch.column("place").to_pylist()]
        yield pa.RecordBatch.from_arrays(
            [pa.array(places, pa.string()), *batch.columns[1:]], schema=SCHEMAS["unreadable"]
        )


@mendable
def answers(parts: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Whole answers, one a row."""
    for batch in parts:
        for data in batch.column("data").to_pylist():
            yield pa.RecordBatch.from_arrays(
                [pa.array(data.removesuffix(b"\n").split(b"\n"), pa.string())], schema=ANSWERS
            )
