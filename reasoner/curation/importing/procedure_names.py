"""Parses procedure names such as "MRI head without IV contrast": technique, contrast and region.

A name is a row of phrases of `words.tsv`, the longest that fits first, and the joiners between
them; every word must be one of them. A technique that follows a region or contrast of an earlier
one begins a second part ("MRI head ... and MRA neck ..."). A name that does not parse is left
unread: nothing is guessed.
"""

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

TOKEN = re.compile(r"[^\s(),]+(?:\(s\))?")
NO_CONTRAST = {"ia:ProjectionRadiography", "ia:Ultrasonography"}  # given only when the name says so
ASKS_CONTRAST = {
    "ia:ComputedTomography",
    "ia:CtAngiography",
    "ia:MagneticResonanceImaging",
    "ia:MagneticResonanceAngiography",
}
KINDS = {
    "modality": "modalities",
    "contrast": "contrasts",
    "region": "regions",
    "guidance": "guidances",
    "qualifier": "qualifiers",
}
AREA = "area of interest"


@dataclass(frozen=True, order=True)
class Part:
    """One study in a procedure name; all but the qualifiers are CURIEs, sorted."""

    modalities: tuple[str, ...] = ()
    contrasts: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    guidances: tuple[str, ...] = ()
    qualifiers: tuple[str, ...] = ()


Reading = tuple[Part, ...]


def table(name: str) -> Iterator[dict[str, str]]:
    """The rows of a table of this package."""
    with (Path(__file__).parent / name).open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)


def pairs(text: str) -> list[tuple[str, str]]:
    """The pairs of a cell such as `qualifier=stress;region=ia:Heart`."""
    return [
        (key, value) for key, _, value in (pair.partition("=") for pair in text.split(";") if pair)
    ]


@cache
def words() -> dict[tuple[str, ...], tuple[str, list[tuple[str, str]]]]:
    """The kind and meaning of each phrase, by its tokens; a meaning is pairs of kind and value."""
    return {
        tuple(tokens(row["phrase"])): (
            row["kind"],
            [(row["kind"], row["value"])] * bool(row["value"]) + pairs(row["also"]),
        )
        for row in table("words.tsv")
    }


@cache
def longest() -> int:
    """The number of words of the longest phrase."""
    return max(map(len, words()))


def tokens(name: str) -> list[str]:
    """The words of a name in lower case, without brackets and commas."""
    return TOKEN.findall(name.lower().replace("\u2019", "'"))


def phrases(name: str) -> list[tuple[str, list[tuple[str, str]]]] | None:
    """The kind and meaning of each phrase of a name, in order.

    None when a word is not known, or a joiner joins nothing.
    """
    parsed, parts, place = [], tokens(name), 0
    while place < len(parts):
        lengths = range(min(longest(), len(parts) - place), 0, -1)
        length = next((n for n in lengths if tuple(parts[place : place + n]) in words()), 0)
        if not length:
            return None
        parsed.append(words()[tuple(parts[place : place + length])])
        place += length
    joins = [kind == "joiner" for kind, _ in parsed]
    if (
        not parsed
        or joins[0]
        or joins[-1]
        or any(a and b for a, b in zip(joins[:-1], joins[1:], strict=True))
    ):
        return None
    return [phrase for phrase in parsed if phrase[0] != "joiner"]


def parse(name: str) -> Reading | None:
    """The studies in a procedure name, or None when the name is not in the grammar."""
    parsed = phrases(name)
    if parsed is None:
        return None
    parts: list[dict[str, set[str]]] = [{kind: set() for kind in KINDS}]
    is_begun = False  # whether this part has a region or a contrast
    for kind, meaning in parsed:
        if kind == "modality" and is_begun and parts[-1]["modality"]:
            parts.append({kind: set() for kind in KINDS})
            is_begun = False
        is_begun |= kind in ("region", "contrast")
        for key, value in meaning:
            parts[-1][key].add(value)
    reading = tuple(finish(part) for part in parts)
    return reading if all(acceptable(part) for part in reading) else None


def finish(part: dict[str, set[str]]) -> Part:
    """A part with the contrast that its technique implies.

    An area of interest that stands for a region is left out.
    """
    if not part["region"]:
        part["qualifier"].discard(AREA)
    if not part["contrast"] and not part["guidance"]:
        if part["modality"] & ASKS_CONTRAST:
            part["contrast"].add("ia:ContrastNotStated")
        elif part["modality"] and part["modality"] <= NO_CONTRAST:
            part["contrast"].add("ia:WithoutIvContrast")
    return Part(**{field: tuple(sorted(part[kind])) for kind, field in KINDS.items()})


def acceptable(part: Part) -> bool:
    """Whether a part names a technique or intervention, with at most one contrast and guidance."""
    return (
        bool(part.modalities or part.guidances)
        and len(part.contrasts) <= 1
        and len(part.guidances) <= 1
    )
