"""Rows of many patients as Arrow tables: the rows of each case stand once, and are taken as often as there are patients."""

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from reasoner.cohort.population import Answered, Pattern, fill
from reasoner.cohort.tables import NUMBER, TABLES, TEXT, TEXTS, YES

TYPES = {TEXT: pa.string(), TEXTS: pa.list_(pa.string()), NUMBER: pa.int32(), YES: pa.bool_()}
UNREADABLE = pa.schema([("place", pa.string()), ("patient", pa.string()), ("message", pa.string())])
SCHEMAS = {name: pa.schema([("patient", pa.string()), *[(column, TYPES[kind]) for column, kind in columns.items()]]) for name, columns in TABLES.items()} | {"unreadable": UNREADABLE}
REASONED = [name for name in TABLES if name != "notes"]


class Columns:
    """Collects the answers of some patients, and turns them into tables."""

    def __init__(self):
        self.patients: list[str] = []
        self._answers: list[Answered] = []
        self._notes: tuple[list, list, list, list] = ([], [], [], [])
        self.unreadable: tuple[list, list, list] = ([], [], [])

    def add(self, found: Answered) -> None:
        """Adds the answer of a patient."""
        self.patients.append(found.patient)
        self._answers.append(found)
        for severity, about, message in found.notes + found.remarks:
            for column, value in zip(self._notes, (found.patient, severity, about, message), strict=True):
                column.append(value)

    def fail(self, place: str, patient: str | None, message: str) -> None:
        """Adds a line or record that could not be read."""
        for column, value in zip(self.unreadable, (place, patient, message), strict=True):
            column.append(value)

    def tables(self) -> dict[str, pa.Table]:
        """All tables, patients in the order in which they came."""
        number: dict[int, int] = {}
        results = [found.result for found in self._answers if number.setdefault(id(found.result), len(number)) == len(number) - 1]
        results = list({id(r): r for r in results}.values())
        which = np.array([number[id(found.result)] for found in self._answers], dtype=np.int64)
        patients = pa.array(self.patients, pa.string())
        made = {name: self._table(name, [getattr(r.rows, name) for r in results], which, patients) for name in REASONED}
        made["notes"] = pa.table(dict(zip(SCHEMAS["notes"].names, self._notes, strict=True)), SCHEMAS["notes"])
        made["unreadable"] = pa.table(dict(zip(UNREADABLE.names, self.unreadable, strict=True)), UNREADABLE)
        return made

    def _table(self, name: str, templates: list[list[tuple]], which: np.ndarray, patients: pa.Array) -> pa.Table:
        """One table: for each patient the rows of his case, with his own names in them."""
        schema = SCHEMAS[name]
        counts = np.array([len(rows) for rows in templates], dtype=np.int64)
        starts = np.concatenate([[0], np.cumsum(counts)[:-1]]) if len(counts) else counts
        per = counts[which] if len(which) else np.array([], dtype=np.int64)
        whose = np.repeat(np.arange(len(which)), per)
        first = np.concatenate([[0], np.cumsum(per)[:-1]]) if len(per) else per
        taken = np.arange(int(per.sum())) - np.repeat(first, per) + np.repeat(starts[which] if len(which) else starts, per)
        rows = [row for template in templates for row in template]
        columns = list(zip(*rows, strict=True)) if rows else [()] * (len(schema) - 1)
        made = [patients.take(pa.array(whose))]
        for field, cells in zip(list(schema)[1:], columns, strict=True):
            patterns = {n: cell for n, cell in enumerate(cells) if type(cell) is Pattern}
            if not patterns:
                made.append(pa.array(cells, field.type).take(pa.array(taken)))
            else:
                answers = self._answers
                made.append(pa.array([fill(patterns[t], answers[w].names) if t in patterns else cells[t] for t, w in zip(taken.tolist(), whose.tolist(), strict=True)], field.type))
        return pa.Table.from_arrays(made, schema=schema)


def write_table(table: pa.Table, path) -> None:
    """Writes a table as Parquet that every reader opens with plain types."""
    pq.write_table(table, path, compression="zstd", store_schema=False)
