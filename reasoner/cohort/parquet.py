"""Writes rows of many patients as Arrow tables and Parquet files."""

from collections.abc import Callable, Iterable, Iterator

import pyarrow as pa
import pyarrow.parquet as pq

from reasoner.cohort.answering import PatientAnswer
from reasoner.cohort.tables import NUMBER, TABLES, TEXT, TEXTS, YES

TYPES = {TEXT: pa.string(), TEXTS: pa.list_(pa.string()), NUMBER: pa.int32(), YES: pa.bool_()}
UNREADABLE = pa.schema([("place", pa.string()), ("patient", pa.string()), ("message", pa.string())])
SCHEMAS = {
    name: pa.schema(
        [("patient", pa.string()), *[(column, TYPES[kind]) for column, kind in columns.items()]]
    )
    for name, columns in TABLES.items()
} | {"unreadable": UNREADABLE}


class Columns:
    """Collects the answers of some patients, and turns them into tables."""

    def __init__(self):
        self._rows: dict[str, list[tuple]] = {name: [] for name in SCHEMAS}
        self._owners: dict[str, list[str]] = {
            name: [] for name in TABLES
        }  # the patient of each row
        self.patients = 0

    def add(self, answered: PatientAnswer, name: str | None = None) -> None:
        """Adds the rows of a patient, under `name` where another server has the same id."""
        self.patients += 1
        patient = name or answered.answer["patient"]
        for name, rows in answered.rows.items():
            self._rows[name] += rows
            self._owners[name] += [patient] * len(rows)

    def fail(self, place: str, patient: str | None, message: str) -> None:
        """Adds a line or record that could not be read."""
        self._rows["unreadable"].append((place, patient, message))

    @property
    def unreadable(self) -> int:
        """How many lines or records could not be read."""
        return len(self._rows["unreadable"])

    def tables(self) -> dict[str, pa.Table]:
        """All tables, patients in the order in which they came."""
        return {
            name: table(schema, self._rows[name], self._owners.get(name))
            for name, schema in SCHEMAS.items()
        }


def table(schema: pa.Schema, rows: list[tuple], first: list | None = None) -> pa.Table:
    """Rows as a table; `first` gives the first column when the rows do not hold it."""
    columns = ([first] if rows and first is not None else []) + list(zip(*rows, strict=True)) or [
        ()
    ] * len(schema)
    return pa.Table.from_arrays(
        [pa.array(cells, field.type) for field, cells in zip(schema, columns, strict=True)],
        schema=schema,
    )


def write_table(table: pa.Table, path) -> None:
    """Writes a table as Parquet that every reader opens with plain types."""
    pq.write_table(table, path, compression="zstd", store_schema=False)


def packed(table: pa.Table) -> bytes:
    """A table as one message that carries its schema."""
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as stream:
        stream.write_table(table)
    return sink.getvalue().to_pybytes()


def unpacked(message: bytes) -> pa.Table:
    """The table in a message."""
    with pa.ipc.open_stream(message) as stream:
        return stream.read_all()


def batches(
    rows: Iterable[tuple], schema: pa.Schema, size: Callable[[tuple], int], most: int
) -> Iterator[pa.RecordBatch]:
    """Rows in batches, each ended by the row with which their sizes reach the most, in bytes."""
    batch, filled = [], 0
    for row in rows:
        batch.append(row)
        filled += size(row)
        if filled >= most:
            yield from table(schema, batch).to_batches()
            batch, filled = [], 0
    yield from table(schema, batch).to_batches() if batch else ()
