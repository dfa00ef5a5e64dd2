"""Reads the input of a cohort: files of lines or of one document each, plain or compressed.

The input is cut into pieces, which processes can read independently of each other.
"""

import gzip
import io
import os
import zlib
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass
from pathlib import Path

from reasoner.cohort.faults import FETCH, Fault, damage
from reasoner.errors import InputError
from reasoner.intake.encoding import BLANK, BOM, GZIP

LINES, EITHER = (".ndjson", ".jsonl"), (".json",)
PIECE = 128 << 20  # bytes of a plain file of lines that are read as one piece
GROUP = 16 << 20  # bytes of documents that are read as one piece
LONGEST = 64 << 20  # bytes of a line or document
BLOCK = 1 << 16
HINT = (
    "Give a FHIR bulk export (NDJSON by resource type), a folder or file of bundles, or one bundle "
    "a line; each may be compressed with gzip."
)


@dataclass(frozen=True)
class Piece:
    """A part of the input: the lines of a file that begin in a range of bytes, or some documents.

    A document is a file of its own.
    """

    paths: list[str]
    start: int
    end: int  # in bytes, as they lie there
    lines: bool
    packed: list[str]  # the files among them that are compressed

    @property
    def compressed(self) -> bool:
        """Whether it is compressed, at least its first file."""
        return bool(self.packed)


# The number of a line in its piece, from 1, or that of the file of a document, and its data: None
# when it is too long to be read.
Line = tuple[int, bytes | None]


def pieces(given: Path) -> tuple[list[Piece], list[str], list[Fault]]:
    """The pieces of an input in order, the names of the files in it that are of no kind that is
    read, and those that could not be. Raises InputError when there are none of the first and last.
    """
    result, passed_over, documents, packed, weight = [], [], [], [], 0
    faults: list[Fault] = []
    for path in files(given, faults):
        if path != given and not (kind(path) and is_file(path)):
            passed_over.append(str(path))
            continue
        try:
            size, lined, zipped = path.stat().st_size, by_line(path), compressed(path)
        except (InputError, OSError) as error:
            faults.append(fault_of(path, error))
            continue
        if documents and (lined or weight + size > GROUP):
            result.append(Piece(documents, 0, weight, False, packed))
            documents, packed, weight = [], [], 0
        if lined:
            cuts = [0] if zipped else range(0, max(size, 1), PIECE)
            ends = [min(start + PIECE, size) if len(cuts) > 1 else size for start in cuts]
            result += [
                Piece([str(path)], start, end, True, [str(path)] * zipped)
                for start, end in zip(cuts, ends, strict=True)
            ]
        else:
            documents.append(str(path))
            packed += [str(path)] * zipped
            weight += size
    result += [Piece(documents, 0, weight, False, packed)] if documents else []
    if not result and not faults:
        raise InputError(str(given), "there is no file of FHIR data", HINT)
    return result, passed_over, faults


def fault_of(path: Path, error: InputError | OSError) -> Fault:
    """The fault of a file that caused an error, with the types that its first bytes name."""
    if isinstance(error, OSError):
        return Fault.of(str(path), unreadable(error))
    with suppress(OSError):
        return damage(path, str(path)) or Fault.of(str(path), error)
    return Fault.of(str(path), error)


def is_file(path: Path) -> bool:
    """Whether a path is a file of bytes with an end, and no pipe or device; one that cannot be
    looked at is taken for one.
    """
    try:
        return path.is_file()
    except OSError:
        return True


def files(given: Path, faults: list[Fault]) -> list[Path]:
    """The files of an input in order, without hidden ones, and the links to folders and to
    nothing, which are not followed.

    Folders in it that cannot be read are added to the faults. Raises InputError for an input that
    is neither a file nor a folder, or a folder that cannot be read.
    """
    if not given.exists():
        raise InputError(str(given), "there is no such file or folder", HINT)
    if given.is_file():
        return [given]
    if not given.is_dir():
        message = "it is neither a file nor a folder, but a pipe or a device"
        raise InputError(str(given), message, HINT)
    paths = []

    def closed(error: OSError) -> None:
        if Path(error.filename) == given:
            refuse(error)
        faults.append(Fault.of(str(error.filename), unreadable(error)))

    for folder, below, names in os.walk(given, onerror=closed):
        below[:] = [name for name in below if not name.startswith(".")]
        paths += [Path(folder, name) for name in names if not name.startswith(".")] + [
            path for name in below if (path := Path(folder, name)).is_symlink()
        ]
    return sorted(paths)


def size(given: Path) -> int:
    """The bytes of the files of an input that are read, as stored.

    Raises InputError for an input that cannot be read.
    """
    paths = (path for path in files(given, []) if path == given or kind(path))
    return sum(path.stat().st_size for path in paths if os.access(path, os.R_OK) and path.is_file())


def unreadable(error: OSError) -> InputError:
    """The error of a file or folder that cannot be read."""
    message = f"it cannot be read ({error.strerror})"
    return InputError(
        str(error.filename), message, "Mend its permissions, or leave it out of the input."
    )


def refuse(error: OSError) -> None:
    """Raises InputError for a file or folder that cannot be read."""
    raise unreadable(error) from None


def kind(path: Path) -> str:
    """The suffix of a file that is read, such as `.ndjson`; empty for another file."""
    suffix = (path.with_suffix("") if path.suffix == ".gz" else path).suffix
    return suffix if suffix in LINES + EITHER else ""


def by_line(path: Path) -> bool:
    """Whether a file holds one JSON value a line.

    Decided by its suffix, or because a value ends with its first line and more follows than can in
    one document.
    """
    if kind(path) in LINES:
        return True
    with opened(path) as file:
        (first, last), (following, _) = edges(file), edges(file)
    return (
        first in (b"{", b"[") and last in (b"}", b"]") and following not in (b"", b",", b"}", b"]")
    )


def edges(file) -> tuple[bytes, bytes]:
    """The first and the last byte of the next line that is not blank; empty when there is none.

    Of a line that is too long to be read the last byte is that of its beginning.
    """
    first = last = b""
    place = 0
    while place <= LONGEST and (part := file.readline(BLOCK)):
        place += len(part)
        if text := part.strip(BLANK + BOM):
            first, last = first or text[:1], text[-1:]
        if first and part[-1:] == b"\n":
            break
    return first, last


@contextmanager
def opened(path: Path):
    """Opens a file for reading, decompressed.

    Raises InputError when it cannot be read, or when its compressed data are damaged.
    """
    try:
        with path.open("rb") as raw:
            with gzip.GzipFile(fileobj=raw) if packed(path, raw) else nullcontext(raw) as file:
                yield file
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise InputError(str(path), f"the compressed file is damaged ({error})", FETCH) from None
    except OSError as error:
        error.filename = str(path)
        refuse(error)


def packed(path: Path, file: io.BufferedReader) -> bool:
    """Whether an open file is compressed with gzip, by its name or its first bytes."""
    return path.suffix == ".gz" or file.peek(2).startswith(GZIP)


def compressed(path: Path) -> bool:
    """Whether a file is compressed with gzip. Raises InputError when it cannot be read."""
    try:
        with path.open("rb") as file:
            return packed(path, file)
    except OSError as error:
        error.filename = str(path)
        refuse(error)
        raise


def read(piece: Piece, root: str = "", without: Collection[str] = ()) -> Iterator[Line]:
    """The lines of a piece, or its documents, but for some files; paths begin from `root`."""
    for number, path in enumerate(piece.paths, 1):
        if path in without:
            continue
        with opened(Path(root, path)) as file:
            if piece.lines:
                yield from lines(file, piece)
            else:
                data = file.read(LONGEST + 1)
                yield number, data.removeprefix(BOM) if len(data) <= LONGEST else None


def lines(file, piece: Piece) -> Iterator[Line]:
    """The lines of a file that begin in a piece of it."""
    if piece.start:
        file.seek(piece.start - 1)
        skip_line(file)
    place, number, end = file.tell(), 0, float("inf") if piece.compressed else piece.end
    while place < end and (data := file.readline(LONGEST + 1)):
        number, place = number + 1, place + len(data)
        if len(data) > LONGEST:
            place += skip_line(file) if data[-1:] != b"\n" else 0
            yield number, None
        else:
            yield number, data.removeprefix(BOM) if number == 1 and not piece.start else data


def skip_line(file) -> int:
    """Skips the rest of a line, and returns how many bytes that was."""
    size = 0
    while part := file.readline(BLOCK):
        size += len(part)
        if part[-1:] == b"\n":
            break
    return size


def fingerprint(paths: Iterable[str]) -> list[list]:
    """The names, sizes and modification times of files, which differ when a file has changed."""
    return [[path, (status := os.stat(path)).st_size, status.st_mtime_ns] for path in paths]
