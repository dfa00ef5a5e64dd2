"""Reads a rating table in one of the known layouts, and notes what is wrong with a row."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from reasoner.curation.importing.notations import category, radiation
from reasoner.errors import TableError
from reasoner.files import read_csv

LAYOUTS = {  # our name of a cell: its column, first those that a table must have
    "2020": (
        {
            "topic": "topic",
            "number": "variant_no",
            "scenario": "variant_text",
            "procedure": "procedure",
            "category": "category",
        },
        {"panel": "panel", "row": "row_no", "adult": "adult_rrl", "pediatric": "pediatric_rrl"},
    ),
    "2026": (
        {
            "topic": "topic",
            "number": "scenario_no",
            "scenario": "scenario",
            "procedure": "procedure",
            "category": "category",
        },
        {
            "row": "row_no",
            "area": "body_area",
            "phase": "phase",
            "recovered": "procedure_recovered",
            "adult": "adult_rrl",
            "pediatric": "pediatric_rrl",
        },
    ),
}


@dataclass(frozen=True)
class Fault:
    """Something wrong with a table: its kind, its line (0 for none), and a sentence about it."""

    kind: str
    line: int
    message: str


@dataclass
class Line:
    """One row of a rating table, its cells stripped; category and levels as notations."""

    number: int
    cells: dict[str, str]
    category: str = ""
    adult: str = "not-stated"
    pediatric: str = "not-stated"

    @property
    def topic(self) -> tuple[str, str]:
        """The panel and the topic."""
        return self.cells["panel"], self.cells["topic"]

    @property
    def scenario(self) -> tuple[str, str, str, str]:
        """Panel, topic, number and text of the scenario."""
        return (*self.topic, self.cells["number"], self.cells["scenario"])


@dataclass
class Rows:
    """A table as it was read: its layout, the rows with a rating, dropped lines and faults."""

    layout: str = ""
    read: int = 0
    lines: list[Line] = field(default_factory=list)
    dropped: list[Fault] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    numbered: dict[tuple[str, ...], dict[str, int]] = field(default_factory=dict)


def layout(path: Path, header: list[str]) -> tuple[str, dict[str, str]]:
    """The name of the layout that a header has, and the column of each cell.

    Raises TableError for a header of no known layout.
    """
    for name, (needed, optional) in LAYOUTS.items():
        if set(needed.values()) <= set(header):
            return name, needed | {
                key: column for key, column in optional.items() if column in header
            }
    wanted = min(
        (sorted(set(needed.values()) - set(header)) for needed, _ in LAYOUTS.values()), key=len
    )
    raise TableError(
        str(path),
        1,
        wanted[0],
        ",".join(header)[:200],
        "A table has the columns "
        + ", or ".join(",".join(needed.values()) for needed, _ in LAYOUTS.values())
        + ".",
    )


def records(path: Path) -> Iterator[tuple[int, list[str]]]:
    """The line numbers and cells of a CSV file. Raises InputError when it is none."""
    for line, cells in read_csv(path):
        yield line, [" ".join(re.sub(r"[\x00-\x1f\x7f]", " ", cell).split()) for cell in cells]


def read(path: Path) -> Rows:
    """The rows of a rating table, and those that were dropped, each with its reason."""
    rows, source = Rows(), records(path)
    header = next(source, (1, []))[1]
    if twice := next((name for name in header if name and header.count(name) > 1), None):
        raise TableError(str(path), 1, twice, twice, "Two columns have this name: keep one.")
    rows.layout, columns = layout(path, header)
    place = {key: header.index(column) for key, column in columns.items()}
    for number, cells in source:
        if any(cells):
            rows.read += 1
            _take(rows, number, cells, columns, place, len(header))
    return rows


def _take(
    rows: Rows,
    number: int,
    cells: list[str],
    columns: dict[str, str],
    place: dict[str, int],
    width: int,
) -> None:
    """Adds or drops one row of a table of `width` columns."""
    if any(cells[width:]):
        rows.dropped.append(
            Fault(
                "long-row",
                number,
                f"The row has {len(cells)} cells, and the header {width}: "
                "is a comma not in quotes?",
            )
        )
        return
    if len(cells) <= max(place.values()):
        rows.dropped.append(Fault("short-row", number, f"The row has {len(cells)} cells."))
        return
    line = Line(number, {"panel": "", "row": ""} | {key: cells[at] for key, at in place.items()})
    absent = next((key for key in ("topic", "number", "scenario") if not line.cells[key]), None)
    if absent:
        rows.dropped.append(Fault("empty-cell", number, f"The row has no {columns[absent]}."))
        return
    numbers = rows.numbered.setdefault(line.scenario, {})
    if line.cells["procedure"]:
        numbers.setdefault(line.cells["row"], number)
    _judge(line, rows)


def _judge(line: Line, rows: Rows) -> None:
    """Adds a row with its category and radiation levels, or drops it."""
    cells, rating = line.cells, category(line.cells["category"])
    if not cells["procedure"]:
        rows.dropped.append(
            Fault("no-procedure", line.number, f"The row names no procedure: {where(line)}.")
        )
        return
    if not rating:
        rows.dropped.append(
            Fault(
                "unknown-category",
                line.number,
                f"{cells['category']!r} is no category: {cells['procedure']}, {where(line)}.",
            )
        )
        return
    line.category = rating
    for group in ("adult", "pediatric"):
        level, wrong = radiation(cells.get(group, ""), group)
        setattr(line, group, level)
        if wrong:
            rows.faults.append(
                Fault(
                    "unknown-radiation",
                    line.number,
                    f"The {group} level {cells[group]!r} is taken as not stated: {wrong}.",
                )
            )
    rows.lines.append(line)


def where(line: Line) -> str:
    """A row's scenario in words."""
    return f"scenario {line.cells['number']} of {line.cells['topic']}, {line.cells['scenario']!r}"
