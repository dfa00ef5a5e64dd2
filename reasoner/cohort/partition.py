"""First pass: the lines of a piece are spread over buckets by patient, so that all that is known of one patient lies in one bucket.

A line of a bucket is `key TAB piece TAB number TAB JSON`, with commas between the JSON of lines that followed each other. A document that is a record of its own has a key of its own.
All patients of one id lie in one bucket, with the server in the key where a reference or full URL
says it: `servers.apart` tells them apart.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator
from dataclasses import asdict
from pathlib import Path
from zlib import crc32

import orjson

from reasoner.cohort.faults import damaged
from reasoner.cohort.servers import located, patient_of, short
from reasoner.cohort.sources import LONGEST, Piece, read
from reasoner.errors import InputError
from reasoner.files import write
from reasoner.intake.encoding import bare, once
from reasoner.intake.identity import parted
from reasoner.intake.readers import READ
from reasoner.messages.document_formats import recognize

FULL = 24 << 20  # bytes that are held before they are written
LONG, KINDS, OTHERS = 64, 500, "of other types"  # of types: letters, how many, and all others
TROUBLE = 100_000  # lines of a piece that could not be read, by name
RUN = 1 << 20  # bytes of lines that are put together as one
OWNERS = ("subject", "patient")


def spread(piece: Piece, number: int, buckets: int, folder: Path) -> dict:
    """Spreads a piece into `folder`, a file a bucket, and returns what happened: lines, unreadable
    ones, resources without a patient by type, and files that are damaged.
    """
    held: dict[int, bytearray] = defaultdict(bytearray)
    faults = damaged(piece.paths, piece.packed)
    size, told = 0, nothing() | {"faults": [asdict(fault) for fault in faults]}
    folder.mkdir(parents=True)
    without = {fault.path for fault in faults}
    for name, line, data in keyed(piece, number, told, without=without):
        made = held[crc32(short(name)) % buckets]
        made += b"%b\t%d\t%d\t%b\n" % (name, number, line, data)
        size += len(data)
        if size > FULL:
            flush(held, folder)
            size = 0
    flush(held, folder)
    return told


def nothing() -> dict:
    """What happened before the first line."""
    return {"lines": 0, "trouble": [], "more": 0, "ownerless": Counter()}


def fail(told: dict, line: int, message: str) -> None:
    """Notes a line that could not be read; beyond a number that memory holds, only that it was."""
    if len(told["trouble"]) < TROUBLE:
        told["trouble"].append((line, message))
    else:
        told["more"] += 1


def keyed(
    piece: Piece, number: int, told: dict, root: str = "", without: Collection[str] = ()
) -> Iterator[tuple[bytes, int, bytes]]:
    """The lines of a piece that are part of a record: its key as JSON, the line's number, and the line; lines of a record that follow each other as one, with commas between."""
    key, first, size = b"", 0, 0
    held: list[bytes] = []
    for name, line, data in owned(piece, number, told, root, without):
        if name != key or size > RUN:
            if held:
                yield key, first, b",".join(held)
            key, first, held, size = name, line, [], 0
        held.append(data)
        size += len(data)
    if held:
        yield key, first, b",".join(held)


def owned(
    piece: Piece, number: int, told: dict, root: str, without: Collection[str]
) -> Iterator[tuple[bytes, int, bytes]]:
    """Each line of a piece that is part of a record, with its key; `told` notes what happens to all lines."""
    what = "line" if piece.lines else "document"
    for line, data in read(piece, root, without):
        told["lines"] += 1
        if data is None:
            fail(
                told,
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
                said = f"the {what} {other.said}, which is not read. {other.remedy}"
                fail(told, line, said)
                continue
            place = (
                f"column {error.colno}"
                if piece.lines
                else f"line {error.lineno}, column {error.colno}"
            )
            fail(told, line, f"the {what} is not JSON: {error.msg} at {place}")
            continue
        except InputError as error:
            fail(told, line, str(error))
            continue
        try:
            once(data, json)
        except InputError as error:
            fail(told, line, f"the {what} says two things at once: {error}")
            continue
        key = owner(json)
        if key is None:
            key = f"={number}:{line}" + (f" {name}" if (name := patient_of(json)) else "")
        elif not key:
            if json.get("resourceType") in READ and lost(json):
                fail(
                    told,
                    line,
                    f"the {json['resourceType']} names no patient in a way that can "
                    "be followed. Write a reference such as Patient/p1.",
                )
            elif isinstance(json.get("resourceType"), str) and json["resourceType"]:
                kind = json["resourceType"][:LONG]
                known = kind in told["ownerless"] or len(told["ownerless"]) < KINDS
                told["ownerless"][kind if known else OTHERS] += 1
            else:
                fail(told, line, f"the {what} holds no FHIR resource")
            continue
        yield orjson.dumps(key), line, data if piece.lines else data.replace(b"\n", b" ")
    if told["more"]:
        said = f"this {what} and {told['more'] - 1:,} others, of this one file, could not be read"
        told["trouble"].append((told["lines"], f"{said}. See what the file is."))


def owner(json) -> str | None:
    """The patient that a resource is about (`Patient/p1`), with the server in front if it is said.

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
        found = json.get(name)
        if type(found) is dict and type(target := found.get("reference")) is str:
            if target[:8] == "Patient/" and target.find("/", 8) < 0 and len(target) > 8:
                return target
            base, named = parted(target)
            parts = target.split("/_history/")[0].split("/")
            if len(parts) > 1 and parts[-2] == "Patient" and parts[-1]:
                return located(base, named) if base else f"Patient/{parts[-1]}"
    return ""


def lost(json: dict) -> bool:
    """Whether a resource without a patient says whose it is, but not by a reference that can be followed, to a Group for example."""
    found = [json[name] for name in OWNERS if json.get(name) is not None]
    return any(
        not isinstance(f, dict)
        or not isinstance(f.get("reference"), str)
        or "/" not in f["reference"]
        for f in found
    )


def flush(held: dict[int, bytearray], folder: Path) -> None:
    """Adds what is held to the files of the buckets."""
    for bucket, data in held.items():
        with (folder / f"{bucket:05}").open("ab") as file:
            file.write(data)
    held.clear()


def note(folder: Path, told: dict) -> None:
    """Keeps what happened beside the buckets."""
    write(folder / "told.json", orjson.dumps(told))
