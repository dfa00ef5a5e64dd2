"""First pass of a cohort run: partitions the lines of the input by patient.

All that is known of one patient lies in one partition. A line of a partition is
`key TAB piece TAB number TAB JSON`, with commas between the JSON of lines that followed each other.
A document that is a record of its own has a key of its own. All patients of one id lie in one
partition, with the server in the key where a reference or full URL says it, so that
`servers.split_by_server` can distinguish them.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator
from dataclasses import asdict
from pathlib import Path
from zlib import crc32

import orjson

from reasoner.cohort.faults import damaged
from reasoner.cohort.servers import patient_of, with_server, without_server
from reasoner.cohort.sources import LONGEST, Piece, read
from reasoner.errors import InputError
from reasoner.files import write
from reasoner.intake.encoding import bare, once
from reasoner.intake.identity import parted
from reasoner.intake.readers import READ
from reasoner.messages.document_formats import recognize

FULL = 24 << 20  # bytes that are buffered before they are written
LONG, KINDS, OTHERS = 64, 500, "of other types"  # of types: letters, how many, and all others
TROUBLE = 100_000  # lines of a piece that could not be read, by name
RUN = 1 << 20  # bytes of lines that are joined into one
OWNERS = ("subject", "patient")


def partition(piece: Piece, number: int, partitions: int, folder: Path) -> dict:
    """Partitions a piece into `folder`, a file a partition, and returns a report.

    The report counts lines, unreadable ones, resources without a patient by type, and lists files
    that are damaged.
    """
    buffers: dict[int, bytearray] = defaultdict(bytearray)
    faults = damaged(piece.paths, piece.packed)
    size, report = 0, empty_report() | {"faults": [asdict(fault) for fault in faults]}
    folder.mkdir(parents=True)
    without = {fault.path for fault in faults}
    for name, line, data in joined_lines(piece, number, report, without=without):
        buffer = buffers[crc32(without_server(name)) % partitions]
        buffer += b"%b\t%d\t%d\t%b\n" % (name, number, line, data)
        size += len(data)
        if size > FULL:
            flush(buffers, folder)
            size = 0
    flush(buffers, folder)
    return report


def empty_report() -> dict:
    """The report on a piece before its first line."""
    return {"lines": 0, "trouble": [], "more": 0, "ownerless": Counter()}


def fail(report: dict, line: int, message: str) -> None:
    """Adds a line that could not be read to the report; beyond `TROUBLE` lines only their count."""
    if len(report["trouble"]) < TROUBLE:
        report["trouble"].append((line, message))
    else:
        report["more"] += 1


def joined_lines(
    piece: Piece, number: int, report: dict, root: str = "", without: Collection[str] = ()
) -> Iterator[tuple[bytes, int, bytes]]:
    """Yields the lines of a piece that are part of a record: key as JSON, line number, and line.

    Lines of one record that follow each other are joined into one, with commas between.
    """
    key, first, size = b"", 0, 0
    parts: list[bytes] = []
    for name, line, data in keyed_lines(piece, number, report, root, without):
        if name != key or size > RUN:
            if parts:
                yield key, first, b",".join(parts)
            key, first, parts, size = name, line, [], 0
        parts.append(data)
        size += len(data)
    if parts:
        yield key, first, b",".join(parts)


def keyed_lines(
    piece: Piece, number: int, report: dict, root: str, without: Collection[str]
) -> Iterator[tuple[bytes, int, bytes]]:
    """Each line of a piece that is part of a record, with its key.

    Counts all lines in the report, and adds those that cannot be read.
    """
    what = "line" if piece.lines else "document"
    for line, data in read(piece, root, without):
        report["lines"] += 1
        if data is None:
            fail(
                report,
                line,
                f"the {what} has more than {LONGEST >> 20} megabytes. "
                "Write each resource on a line of its own.",
            )
            continue
        try:
            if not (data := bare(data)):
                continue
            json = orjson.loads(data)
        except orjson.JSONDecodeError as error:
            if other := recognize(data):
                message = f"the {what} {other.description}, which is not read. {other.remedy}"
                fail(report, line, message)
                continue
            place = (
                f"column {error.colno}"
                if piece.lines
                else f"line {error.lineno}, column {error.colno}"
            )
            fail(report, line, f"the {what} is not JSON: {error.msg} at {place}")
            continue
        except InputError as error:
            fail(report, line, str(error))
            continue
        try:
            once(data, json)
        except InputError as error:
            fail(report, line, f"the {what} says two things at once: {error}")
            continue
        key = owner(json)
        if key is None:
            key = f"={number}:{line}" + (f" {name}" if (name := patient_of(json)) else "")
        elif not key:
            if json.get("resourceType") in READ and has_unusable_owner(json):
                fail(
                    report,
                    line,
                    f"the {json['resourceType']} names no patient in a way that can "
                    "be followed. Write a reference such as Patient/p1.",
                )
            elif isinstance(json.get("resourceType"), str) and json["resourceType"]:
                kind = json["resourceType"][:LONG]
                known = kind in report["ownerless"] or len(report["ownerless"]) < KINDS
                report["ownerless"][kind if known else OTHERS] += 1
            else:
                fail(report, line, f"the {what} holds no FHIR resource")
            continue
        yield orjson.dumps(key), line, data if piece.lines else data.replace(b"\n", b" ")
    if report["more"]:
        message = (
            f"this {what} and {report['more'] - 1:,} others, of this one file, could not be read"
        )
        report["trouble"].append((report["lines"], f"{message}. See what the file is."))


def owner(json) -> str | None:
    """The patient that a resource is about (`Patient/p1`), after the server if that is stated.

    Empty when it names none; None for a document that is a record of its own.
    """
    if type(json) is not dict:
        return None
    kind = json.get("resourceType")
    if kind == "Bundle" or kind is None and ("entry" in json or "context" in json):
        return None
    if kind is None:
        return ""
    if kind == "Patient":
        return f"Patient/{json['id']}" if isinstance(json.get("id"), str) and json["id"] else ""
    for name in OWNERS:
        owner_element = json.get(name)
        if type(owner_element) is dict and type(target := owner_element.get("reference")) is str:
            if target[:8] == "Patient/" and target.find("/", 8) < 0 and len(target) > 8:
                return target
            base, named = parted(target)
            parts = target.split("/_history/")[0].split("/")
            if len(parts) > 1 and parts[-2] == "Patient" and parts[-1]:
                return with_server(base, named) if base else f"Patient/{parts[-1]}"
    return ""


def has_unusable_owner(json: dict) -> bool:
    """Whether a resource names an owner, but by no reference to a patient that can be followed.

    A Group is an example.
    """
    owners = [json[name] for name in OWNERS if json.get(name) is not None]
    return any(
        not isinstance(owner_element, dict)
        or not isinstance(owner_element.get("reference"), str)
        or "/" not in owner_element["reference"]
        for owner_element in owners
    )


def flush(buffers: dict[int, bytearray], folder: Path) -> None:
    """Appends the buffers to the files of the partitions, and empties them."""
    for number, data in buffers.items():
        with (folder / f"{number:05}").open("ab") as file:
            file.write(data)
    buffers.clear()


def write_report(folder: Path, report: dict) -> None:
    """Writes the report on a piece beside its partitions."""
    write(folder / "report.json", orjson.dumps(report))
