"""Decodes input bytes: gzip, byte order marks, JSON and NDJSON.

A key that stands twice in one object is refused: parsers keep one of the two values, and not the
same one.
"""

import io
import json as standard
import re
import zlib
from collections import Counter
from gzip import BadGzipFile, GzipFile
from typing import Any, BinaryIO

import orjson

from reasoner.errors import InputError
from reasoner.messages.document_formats import recognize

ACCEPTED = "Give a FHIR R4 Bundle, a list or NDJSON of resources, or a CDS Hooks request."
LARGEST = 64 << 20  # bytes of a record, and of what is compressed when it is not
MEND = "Complete or correct the JSON there."
ONE_PATIENT = "Ask about one patient at a time."
AGAIN = "Decompress it once, and send that."
NEWLINE = b"\n"
BLANK, BOM, GZIP = b" \t\r\n", b"\xef\xbb\xbf", b"\x1f\x8b"
WIDE = (b"\xff\xfe", b"\xfe\xff")  # the byte order marks of UTF-16 and UTF-32
QUOTE = b"\\u0022"  # the one way to write a quotation mark without one
RELEASES = {
    "1": "DSTU2",
    "3": "STU3",
    "5": "R5",
    "6": "R6",
}  # by the first number of their version; 4 is R4 and R4B
RELEASED = re.compile(r";\s*fhirVersion\s*=\s*[\"']?([0-9])\.", re.I)
READ_AS = "Send it as FHIR R4 (4.0.1)."
DEEP = "No element of a record is a hundred levels deep."


def plain(data: bytes) -> bytes:
    """What was given, decompressed and without byte order mark; a second time it stays as it is.

    Raises InputError for what is damaged or too large, and for UTF-16.
    """
    if data.startswith(GZIP):
        data = decompressed(data)
    if data.startswith(WIDE):
        raise InputError(
            "line 1, column 1",
            "the byte order mark says that the text is UTF-16",
            "Write it in UTF-8.",
        )
    start = len(data) - len(data.lstrip(BLANK + BOM))
    return data[:start].replace(BOM, b"") + data[start:] if start and BOM in data[:start] else data


def taken(file: BinaryIO) -> bytes:
    """The bytes of an open file that has an end. Raises InputError when it is larger than any
    record.
    """
    data = file.read(LARGEST + 1)
    if len(data) > LARGEST:
        raise InputError("input", f"it has more than {LARGEST >> 20} megabytes", ONE_PATIENT)
    return data


def bare(line: bytes) -> bytes:
    """A line without blanks around it and without byte order mark."""
    line = line.strip()
    return plain(line).strip() if line.startswith(BOM) else line


def decompressed(data: bytes) -> bytes:
    """What gzip packed. Raises InputError when it is damaged, larger than any record, or packed
    twice: what a sum at its end does not vouch for is not read.
    """
    try:
        content = GzipFile(fileobj=io.BytesIO(data)).read(LARGEST + 1)
    except (EOFError, zlib.error, BadGzipFile) as error:
        raise InputError(
            "input", f"what is compressed is damaged ({error})", "Send it again, or not compressed."
        ) from None
    if len(content) > LARGEST:
        raise InputError(
            "input",
            f"it has more than {LARGEST >> 20} megabytes when it is decompressed",
            ONE_PATIENT,
        )
    if content.startswith(GZIP):
        raise InputError("input", "it is compressed twice", AGAIN)
    return content


def parse(data: bytes, hint: str = ACCEPTED):
    """The JSON of an input, NDJSON as a list. Raises InputError, whose place is the line where
    reading stopped, or the key that stands twice.
    """
    data = plain(data)
    try:
        document = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        lines = [
            (number, line) for number, line in enumerate(map(bare, data.splitlines()), 1) if line
        ]
        if not are_lines(lines):
            raise not_json(data, error, "", hint) from None
        return [parsed_line(number, line, hint) for number, line in lines]
    once(data, document)
    return document


def are_lines(lines: list[tuple[int, bytes]]) -> bool:
    """Whether what is no JSON is lines of JSON, of which at most one may be something else."""
    odd = sum(not (line.startswith(b"{") and line.endswith(b"}")) for _, line in lines)
    return len(lines) > 1 and (not odd or odd == 1 and len(lines) > 2)


def parsed_line(number: int, line: bytes, hint: str):
    """The JSON of one line of an input. Raises InputError."""
    try:
        document = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        raise not_json(line, error, f"line {number}", hint) from None
    once(line, document, f"line {number}, ")
    return document


def not_json(data: bytes, error: orjson.JSONDecodeError, line: str, hint: str) -> InputError:
    """The error about an input, or one line of it, that is no JSON: what it is, where that is
    known, else where reading stopped.
    """
    what = "the line" if line else "the input"
    if other := recognize(data):
        return InputError(
            line or "input", f"this {other.description}, which is not read", other.remedy
        )
    if not data.strip(BLANK):
        return InputError("input", "it is empty", hint)
    if data.lstrip(BLANK)[:1] in (b"{", b"["):
        hint = MEND
    line = line or f"line {error.lineno}"
    message, column = error.msg, error.colno
    try:
        data.decode()
    except UnicodeDecodeError as fault:
        before = data[: fault.start]
        line = line if what == "the line" else f"line {before.count(NEWLINE) + 1}"
        column = len(before[before.rfind(NEWLINE) + 1 :].decode(errors="replace")) + 1
        message = "here are bytes that are no UTF-8"
    return InputError(f"{line}, column {column}", f"{what} is not JSON: {message}", hint)


def refuse_media(kind: str) -> None:
    """Raises InputError when a media type names another release of FHIR than R4."""
    if (version := RELEASED.search(kind)) and (other := RELEASES.get(version[1])):
        raise InputError(
            "Content-Type", f"it says that this is FHIR {other}, which is not read", READ_AS
        )


def refuse_other(data: bytes) -> None:
    """Raises InputError for what is surely of a format that is not read."""
    if other := recognize(data, guess=False):
        raise InputError("input", f"this {other.description}, which is not read", other.remedy)


def once(data: bytes, document, before: str = "") -> None:
    """Raises InputError with the place of a key that stands twice in one object; `before` is put in
    front of the place.

    The parser does not tell. Written anew, what it kept has as many quotation marks as what was
    given, unless a key was dropped.
    """
    try:
        again = orjson.dumps(document)
    except orjson.JSONEncodeError:  # nested too deeply to be written
        again = b""
    if again == data or (
        again.count(b'"') == data.count(b'"') and (b"\\" not in data or QUOTE not in data)
    ):
        return
    if twice := repeated(data):
        raise InputError(
            before + twice[0],
            f'the key "{twice[1]}" stands twice in one object',
            "Give each key once: which of its two values is meant cannot be told.",
        )


Steps = tuple[Any, str | int]  # the way to a value: that to its holder or None, and its key
SHOWN = 100  # characters of a key in an error


class Repeating:
    """Stands for an object, of a type of resource or none, in which a key stands twice."""

    def __init__(self, items: list[tuple[str, object]]):
        counts = Counter(key for key, _ in items)
        self.key = next(key for key, number in counts.items() if number > 1)
        self.named = dict(items).get("resourceType")


def repeated(data: bytes) -> tuple[str, str] | None:
    """The place of the first object in which a key stands twice, and the key; None when there is
    none. Raises InputError for what is nested too deeply.
    """

    def as_object(items: list[tuple[str, object]]) -> object:
        plainly = dict(items)
        return plainly if len(plainly) == len(items) else Repeating(items)

    try:
        return first_repeated_key(standard.loads(data, object_pairs_hook=as_object))
    except RecursionError:
        raise InputError("input", "it is nested too deeply to be read", DEEP) from None


def first_repeated_key(document) -> tuple[str, str] | None:
    """The place of the first object in a document in which a key stands twice, and the key."""
    named = (
        document.get("resourceType")
        if isinstance(document, dict)
        else document.named
        if isinstance(document, Repeating)
        else None
    )
    first = named if isinstance(named, str) else "" if isinstance(document, list) else "input"
    waiting: list[tuple[Steps, object]] = [((None, first[:SHOWN]), document)]
    while waiting:
        steps, item = waiting.pop()
        if isinstance(item, Repeating):
            return path_of(steps), item.key[:SHOWN]
        if isinstance(item, dict):
            waiting += reversed([((steps, key), value) for key, value in item.items()])
        elif isinstance(item, list):
            waiting += reversed([((steps, n), value) for n, value in enumerate(item)])
    return None


def path_of(steps: Steps | None) -> str:
    """The path that steps make; it is written only when it is needed, and long keys are cut, so
    that no document makes it long work.
    """
    parts: list[str] = []
    while steps:
        steps, step = steps
        plain_step = f"[{step}]" if isinstance(step, int) else f".{step[:SHOWN]}"
        parts.append(plain_step if steps else str(step))
    return "".join(reversed(parts))


def unicode(document) -> None:
    """Raises InputError when parsed JSON holds half a character (a lone surrogate), as bytes that
    say it are refused: two such names would be one.
    """
    try:
        standard.dumps(document, ensure_ascii=False, default=str, skipkeys=True).encode()
    except UnicodeEncodeError as error:
        raise InputError(
            f"input, after {error.object[: error.start][-60:]}",
            "a text holds half a character (a lone surrogate)",
            "Give whole Unicode characters.",
        ) from None
    except (ValueError, RecursionError) as error:  # what holds itself, or is nested too deeply
        raise InputError("input", f"what was given is no JSON: {error}", ACCEPTED) from None
