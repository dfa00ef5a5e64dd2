"""The file forms of a population: a bulk export, one Bundle a line, or one Bundle a file."""

import gzip
from collections.abc import Callable
from typing import NamedTuple

import orjson

from reasoner.synth.persons import Person
from reasoner.synth.record import SERVER
from reasoner.synth.truth import csv_lines


class Stretch(NamedTuple):
    """A range of persons: bytes to append to files, whole files, CSV of truth, resource count."""

    appended: dict[str, bytes]
    whole: dict[str, bytes]
    truth: bytes
    resources: int


def bundle(one: Person) -> dict:
    """The Bundle of a person."""
    entries = [
        {"fullUrl": f"{SERVER}{r['resourceType']}/{r['id']}", "resource": r} for r in one.resources
    ]
    return {"resourceType": "Bundle", "id": one.id, "type": "collection", "entry": entries}


def bulk(persons: list[Person]) -> tuple[dict[str, bytes], dict[str, bytes]]:
    """A FHIR bulk export: NDJSON by type of resource, each file in the order of the persons."""
    lines: dict[str, list[bytes]] = {}
    for one in persons:
        for resource in one.resources:
            lines.setdefault(resource["resourceType"], []).append(
                orjson.dumps(resource, option=orjson.OPT_APPEND_NEWLINE)
            )
    return {f"{kind}.ndjson": b"".join(rows) for kind, rows in lines.items()}, {}


def bundles(persons: list[Person]) -> tuple[dict[str, bytes], dict[str, bytes]]:
    """One Bundle a line."""
    return {
        "bundles.ndjson": b"".join(
            orjson.dumps(bundle(one), option=orjson.OPT_APPEND_NEWLINE) for one in persons
        )
    }, {}


def files(persons: list[Person]) -> tuple[dict[str, bytes], dict[str, bytes]]:
    """One Bundle a file."""
    return {}, {
        f"bundles/{one.id}.json": orjson.dumps(
            bundle(one), option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE
        )
        for one in persons
    }


FORMS = {"bulk": bulk, "bundles": bundles, "files": files}


def stretch(
    form: str, person: Callable[[int], Person], first: int, end: int, compress: bool
) -> Stretch:
    """The persons from number `first` up to, but without, `end` in a form.

    `person` makes one of its number. Compressed, each stretch is a gzip member of its own.
    """
    persons = [person(number) for number in range(first, end)]
    content = FORMS[form](persons)
    if compress:
        content = tuple(
            {f"{name}.gz": gzip.compress(data, 6, mtime=0) for name, data in part.items()}
            for part in content
        )
    return Stretch(
        *content,
        csv_lines(row for one in persons for row in one.truth),
        sum(len(one.resources) for one in persons),
    )
