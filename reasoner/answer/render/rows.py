"""Rows of a question as a table for a terminal, CSV or JSON; and the list of the questions."""

import csv
import io
import json

from reasoner.answer.render.document import Cell, Column, Table
from reasoner.graph import query_files
from reasoner.messages import escaping
from reasoner.names import curie
from reasoner.terminal.console import Screen, screen


def cell(value) -> str:
    """A term or literal in a table."""
    return "" if value is None else curie(value.value)


def as_csv(names: list[str], rows: list[list]) -> str:
    """Rows as CSV that a spreadsheet opens and runs nothing of; `as_rows_json` has them exactly."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerows([names, *([escaping.cell(cell(v)) for v in row] for row in rows)])
    return out.getvalue()


def as_rows_json(names: list[str], rows: list[list]) -> str:
    """Rows as a JSON list of objects, unbound variables left out."""
    data = [{n: cell(v) for n, v in zip(names, row, strict=True) if v is not None} for row in rows]
    return escaping.as_json(json.dumps(data, indent=1, ensure_ascii=False)) + "\n"


def as_table(names: list[str], rows: list[list]) -> str:
    """Rows as standard output shows them; where a term has a column with its label, the label is
    escaping.
    """
    return table(names, rows, screen())


def table(names: list[str], rows: list[list], at: Screen) -> str:
    """Rows as an aligned table, or as a list where that would not fit a narrow place."""
    from reasoner.answer.render.layout import Paper

    paper = Paper(at)
    places = [place for place, name in enumerate(names) if f"{name}Label" not in names]
    heads = [escaping.line(names[place].removesuffix("Label")) for place in places]
    if places:
        columns = [Column(head, f"{head}: ", True) for head in heads]
        cells = [[Cell(escaping.line(cell(row[place]))) for place in places] for row in rows]
        paper.table(Table(columns, cells))
    return paper.shown() + f"{len(rows)} {'row' if len(rows) == 1 else 'rows'}\n"


def questions() -> str:
    """The questions with their summaries and parameters."""
    files = [query_files.named("questions", name) for name in query_files.names("questions")]
    return "".join(
        f"{q.name}\n    {q.header['summary']}\n"
        + "".join(f"    --set {name}={default}\n" for name, default in q.parameters.items())
        for q in files
    )
