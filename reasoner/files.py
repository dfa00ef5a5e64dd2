"""Reads CSV tables, refusing what is no UTF-8, too large, or a formula of a spreadsheet; and writes
files atomically, so that no reader ever sees a part of one.
"""

import csv
import io
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

from reasoner.errors import InputError, TableError
from reasoner.messages.escaping import is_formula

LARGEST = 64 << 20  # bytes of a table
WIDEST = 1000  # columns
CELL = 1 << 17  # characters of a cell
FORMULA = (
    "A spreadsheet would run it as a formula: write its value, or begin it with another character."
)


def read_csv(path: Path) -> Iterator[tuple[int, list[str]]]:
    """The rows of a table, each with the line on which it ends, the header among them.

    Raises InputError for what is no table in CSV, TableError for a cell that is a formula, and
    OSError for a file that does not open.
    """
    reader = csv.reader(io.StringIO(text_of(path), newline=""), strict=True)
    names: list[str] = []
    begun, held = 1, csv.field_size_limit(CELL)
    while True:
        csv.field_size_limit(CELL)
        try:
            cells = next(reader, None)
        except csv.Error as error:
            message = f"this is no CSV ({error})"
            raise InputError(f"{path}:{begun}", message, "Correct the quotes there.") from None
        finally:
            csv.field_size_limit(held)
        if cells is None:
            return
        refuse(path, reader.line_num, cells, names)
        names = names or cells
        yield reader.line_num, cells
        begun = reader.line_num + 1


def refuse(path: Path, line: int, cells: list[str], names: list[str]) -> None:
    """Raises InputError for a row that is too wide, TableError for a cell that is a formula."""
    if len(cells) > WIDEST:
        message = f"a row has {len(cells):,} cells, and no table has more than {WIDEST:,}"
        raise InputError(f"{path}:{line}", message, "See what separates its cells.")
    for place, cell in enumerate(cells):
        if is_formula(cell):
            column = names[place] if place < len(names) else f"{place + 1}"
            raise TableError(str(path), line, column, cell[:200], FORMULA)


def text_of(path: Path) -> str:
    """The text of a table. Raises InputError if it is too large, holds NUL or is no UTF-8."""
    with path.open("rb") as file:
        data = file.read(LARGEST + 1)
    if len(data) > LARGEST:
        message = f"it has more than {LARGEST >> 20} megabytes"
        raise InputError(str(path), message, "Give a table of ratings.")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        message = "the text is not UTF-8"
        raise InputError(f"{path}:{line}", message, "Save the table as CSV in UTF-8.") from None
    if (place := text.find("\0")) >= 0:
        line = text.count("\n", 0, place) + 1
        message = "the file holds NUL bytes"
        raise InputError(f"{path}:{line}", message, "Save it as CSV in UTF-8.")
    return text


def write(path: Path, data: bytes) -> bool:
    """Writes a file atomically, by renaming a temporary one; returns whether it changed."""
    if path.exists() and path.read_bytes() == data:
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        os.chmod(name, path.stat().st_mode & 0o777 if path.exists() else 0o644)
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    return True


def write_all(contents: dict[Path, bytes]) -> list[Path]:
    """Writes files whose contents are all ready; returns those that changed."""
    return [path for path, data in contents.items() if write(path, data)]
