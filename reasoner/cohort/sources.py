"""What a cohort is read from: files of lines or of one document each, plain or compressed, cut into pieces that can be read apart."""

import gzip
import os
import zlib
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import orjson

from reasoner.errors import InputError

LINES, EITHER = (".ndjson", ".jsonl"), (".json",)
PIECE = 128 << 20  # bytes of a plain file that are read as one piece
LONGEST = 64 << 20  # bytes of a line or document
BLOCK = 1 << 16
HINT = "Give a FHIR bulk export (NDJSON by resource type), a folder or file of bundles, or one bundle a line; each may be compressed with gzip."


@dataclass(frozen=True)
class Piece:
    """A part of a file: the lines that begin in a range of bytes, or the whole document when it has no lines."""

    path: str
    start: int
    end: int  # of the file as it lies there
    lines: bool

    def as_dict(self) -> dict:
        """The piece as JSON data."""
        return asdict(self)


@dataclass(frozen=True)
class Line:
    """A line with its number in its piece, from 1; no data when it is too long to be read."""

    number: int
    data: bytes | None


def pieces(given: Path) -> tuple[list[Piece], list[str]]:
    """The pieces of an input in order, and the names of the files in it that are of no kind that is read. Raises InputError when there are none."""
    if not given.exists():
        raise InputError(str(given), "there is no such file or folder", HINT)
    files = sorted(p for p in given.rglob("*") if p.is_file() and not any(part.startswith(".") for part in p.relative_to(given).parts)) if given.is_dir() else [given]
    read = [p for p in files if kind(p) or p == given]
    if not read:
        raise InputError(str(given), "there is no file of FHIR data", HINT)
    found = []
    for path in read:
        size, lined = path.stat().st_size, by_line(path)
        cuts = range(0, size, PIECE) if lined and path.suffix != ".gz" and size else [0]
        found += [Piece(str(path), start, min(start + PIECE, size) if len(cuts) > 1 else size, lined) for start in cuts]
    return found, [str(p) for p in files if p not in read]


def kind(path: Path) -> str:
    """The suffix that says how a file is built, empty when it is of no kind that is read."""
    suffix = (path.with_suffix("") if path.suffix == ".gz" else path).suffix
    return suffix if suffix in LINES + EITHER else ""


def by_line(path: Path) -> bool:
    """Whether a file holds one JSON value a line: its name says so, or its first line is one and more follows."""
    if kind(path) in LINES:
        return True
    with opened(path) as file:
        first = file.readline(BLOCK)
        try:
            orjson.loads(first)
        except orjson.JSONDecodeError:
            return False
        return bool(file.readline(BLOCK).strip())


class opened:
    """A file open for reading, decompressed. Raises InputError when what is compressed is damaged."""

    def __init__(self, path: Path):
        self.path = path

    def __enter__(self):
        self.raw = self.path.open("rb")
        self.file = gzip.GzipFile(fileobj=self.raw) if self.path.suffix == ".gz" else self.raw
        return self.file

    def __exit__(self, kind_, error, trace) -> None:
        self.file.close()
        self.raw.close()
        if isinstance(error, EOFError | zlib.error | gzip.BadGzipFile):
            raise InputError(str(self.path), f"the compressed file is damaged ({error})", "Fetch the file again; nothing was written.") from None


def read(piece: Piece) -> Iterator[Line]:
    """The lines of a piece, or its document as the only one."""
    path = Path(piece.path)
    with opened(path) as file:
        if not piece.lines:
            whole = file.read(LONGEST + 1)
            yield Line(1, whole.replace(b"\r", b" ").replace(b"\n", b" ") if len(whole) <= LONGEST else None)
            return
        compressed = path.suffix == ".gz"
        if piece.start:
            file.seek(piece.start - 1)
            pass_over(file)
        place, number = file.tell(), 0
        while (compressed or place < piece.end) and (line := file.readline(LONGEST)):
            number += 1
            place += len(line)
            if len(line) == LONGEST and line[-1:] != b"\n":
                place += pass_over(file)
                yield Line(number, None)
            else:
                yield Line(number, line)


def pass_over(file) -> int:
    """The bytes up to the end of the line, which are passed over."""
    size = 0
    while part := file.readline(BLOCK):
        size += len(part)
        if part[-1:] == b"\n":
            break
    return size


def fingerprint(found: list[Piece]) -> list[list]:
    """What tells whether files changed: their names, sizes and times."""
    return [[path, os.stat(path).st_size, os.stat(path).st_mtime_ns] for path in dict.fromkeys(p.path for p in found)]
