"""Selects the newest of several versions of a resource: by version number, else by the instant
of its last change, else by its position.

FHIR R4, resource.html (meta.versionId, meta.lastUpdated); http.html, history: the newest versions
stand first.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from reasoner.intake.record import Note

LONGEST = 18  # digits of a version number


@dataclass(slots=True)
class Version:
    """A resource as it was found: its path, full URL and content, or none when it was deleted; its
    type, its name, its server's base URL, what the server said of it, and where it stands, of a
    history backwards.
    """

    path: str
    url: str
    json: Any
    kind: str
    name: str
    base: str
    response: Any
    place: int


def newest(versions: list[Version], key: str, notes: list[Note]) -> Version:
    """The newest of some versions of a resource, noting what became of the others; one that was
    deleted is a version without content.
    """
    if len(versions) == 1:
        note_deleted(versions[0], key, notes)
        return versions[0]
    left = highest(highest(versions, number), instant)
    whole = [f for f in left if not excerpt(f.json)]
    chosen = max(whole or left, key=lambda f: f.place)
    rivals = {id(f) for f in left} - {id(f) for f in versions if excerpt(f.json)}
    for other in sorted(versions, key=lambda f: f.place):
        if other is chosen or other.json == chosen.json:
            continue
        if id(other) in rivals and other.json is not None:
            notes.append(
                Note(
                    "warning",
                    key,
                    f"{other.path} repeats {key} with other content, and neither version nor date "
                    f"says which is newer; the later one, at {chosen.path}, was used.",
                )
            )
        elif other.json is not None:
            notes.append(
                Note(
                    "info",
                    key,
                    f"{other.path} is an older version of {key}; "
                    f"the newest, at {chosen.path}, was used.",
                )
            )
    note_deleted(chosen, key, notes)
    return chosen


def note_deleted(chosen: Version, key: str, notes: list[Note]) -> None:
    """Notes that a resource was deleted."""
    if chosen.json is None:
        notes.append(
            Note("info", key, f"{chosen.path} says that {key} was deleted; it counts for nothing.")
        )


def highest(versions: list[Version], of: Callable[[Version], Any]) -> list[Version]:
    """What is left when those go that are surely lower than another; one of which nothing is known
    stays.
    """
    known = [value for f in versions if (value := of(f)) is not None]
    if len(known) < 2:
        return versions
    most = max(known)
    return [f for f in versions if (value := of(f)) is None or value == most]


def number(version: Version) -> int | None:
    """The version number of a resource, of what a server said of it when it was deleted, if it is a
    number.
    """
    given = meta(version, "versionId")
    if (
        given is None
        and isinstance(version.response, dict)
        and isinstance(tag := version.response.get("etag"), str)
    ):
        given = tag.removeprefix("W/").strip('"')
    return (
        int(given)
        if isinstance(given, str) and given.isascii() and given.isdigit() and len(given) <= LONGEST
        else None
    )


def instant(version: Version) -> datetime | None:
    """The instant at which a resource was last changed or deleted, if known with its zone."""
    given = meta(version, "lastUpdated")
    if given is None and isinstance(version.response, dict):
        given = version.response.get("lastModified")
    try:
        moment = (
            datetime.fromisoformat(given) if isinstance(given, str) and len(given) < 40 else None
        )
    except ValueError:
        return None
    return moment if moment and moment.tzinfo else None


def meta(version: Version, name: str):
    """An element of `meta` of a resource, if it has it."""
    held: Any = version.json.get("meta") if isinstance(version.json, dict) else None
    return held.get(name) if isinstance(held, dict) else None


def excerpt(json) -> bool:
    """Whether a server says that it left parts of a resource out."""
    held = json.get("meta") if isinstance(json, dict) else None
    tags = held.get("tag") if isinstance(held, dict) else None
    return (
        any(isinstance(t, dict) and t.get("code") == "SUBSETTED" for t in tags)
        if isinstance(tags, list)
        else False
    )
