"""Converts the rows of a question to a pandas table, for notebooks."""

from decimal import Decimal
from typing import TYPE_CHECKING

from reasoner.errors import needing
from reasoner.graph.store import is_literal, text
from reasoner.names import XSD, curie

if TYPE_CHECKING:
    from pandas import DataFrame as DataFrame

WHOLE = {
    XSD + name
    for name in (
        "integer",
        "int",
        "long",
        "short",
        "byte",
        "nonNegativeInteger",
        "positiveInteger",
        "nonPositiveInteger",
        "negativeInteger",
        "unsignedInt",
        "unsignedLong",
        "unsignedShort",
        "unsignedByte",
    )
}
REAL = {XSD + name for name in ("decimal", "double", "float")}
TRUTH = {"true": True, "1": True, "false": False, "0": False}
DTYPES = {int: "Int64", float: "Float64", bool: "boolean", str: "str"}


def frame(names: list[str], rows: list[list]) -> "DataFrame":
    """Rows of Oxigraph terms as a table, one column a variable.

    An unbound cell is missing (`isna()`). Columns are Int64, Float64, boolean or str (object in
    pandas before 3), IRIs as CURIEs; one that mixes kinds is str. Raises InputError without pandas.
    """
    with needing("notebooks", "a table of rows"):
        from pandas import DataFrame, Series
    columns = {}
    for number, name in enumerate(names):
        cells = [row[number] for row in rows]
        values = [value(cell) for cell in cells]
        kinds = {type(v) for v in values if v is not None}
        kinds = {float} if kinds == {int, float} else kinds
        kind = kinds.pop() if len(kinds) == 1 else str
        columns[name] = Series(
            [
                None if cell is None else kind(v) if kind is not str else plain(cell)
                for cell, v in zip(cells, values, strict=True)
            ],
            dtype=DTYPES[kind],
        )
    return DataFrame(columns)


def plain(cell) -> str:
    """A term as text: an IRI as a CURIE, a literal as it is written."""
    return text(cell) if is_literal(cell) else curie(text(cell))


def value(cell) -> int | float | bool | str | None:
    """A term as a number or truth value where its datatype says so, else as text.

    None for an unbound cell.
    """
    if cell is None or not is_literal(cell):
        return cell and plain(cell)
    kind, written = cell.datatype.value, text(cell)
    try:
        if kind in WHOLE:
            return int(written)
        if kind in REAL:
            return float(Decimal(written))
        return TRUTH[written] if kind == XSD + "boolean" else written
    except (ArithmeticError, KeyError, ValueError):
        return written
