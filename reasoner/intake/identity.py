"""Identifies resources by server, type and id, and groups the versions of one resource.

FHIR R4, bundle.html: the full URL of an entry identifies it; an entry without one is known by type
and id alone.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from reasoner.intake.record import Note
from reasoner.intake.versions import Version, newest

HISTORY = "/_history/"


@dataclass(slots=True)
class Resource:
    """One resource: `key` as references name it (`Condition/mass-1`), its path in the input, its
    JSON, and its server's base URL where the input says it.
    """

    type: str
    key: str
    path: str
    json: dict
    base: str = ""


def as_list(value) -> list:
    """A list as it is, nothing for None, anything else as the only item: FHIR in the wild mixes
    them up.
    """
    return value if isinstance(value, list) else [] if value is None else [value]


@lru_cache(maxsize=4096)
def server(base: str) -> str:
    """What tells a server from others: its base URL without the protocol, the host in small
    letters.
    """
    host, slash, path = base.partition("://")[2].rstrip("/").partition("/")
    return host.lower() + slash + path


def unversioned(url: str) -> str:
    """A URL without the version that it names."""
    return url[: url.index(HISTORY)] if HISTORY in url else url


def parted(url: str) -> tuple[str, str]:
    """The base URL of a server, and the name (`Condition/1`) of a resource on it, in an absolute
    URL; two empty texts when it is of another form.
    """
    parts = unversioned(url).rsplit("/", 2)
    if (
        len(parts) < 3
        or "://" not in parts[0] + "/"
        or not parts[0].partition("://")[2]
        or not parts[1].isalpha()
        or not parts[2]
    ):
        return "", ""
    return parts[0], f"{parts[1]}/{parts[2]}"


def base_of(url: str, name: str, kind: str) -> str:
    """The base URL of the server in the full URL of a resource, empty when it says none."""
    if "://" not in url:
        return ""
    if len(url) > len(name) and url.endswith(name) and url[-len(name) - 1] == "/":
        return url[: -len(name) - 1]
    base, other = parted(url)
    return base if not kind or other.startswith(kind + "/") else ""


def identified(
    versions: list[Version], own: set[str], notes: list[Note]
) -> list[tuple[str, Version, list[str]]]:
    """The resources among what was found under one name, each with its key, in its newest version,
    and with its full URLs; `own` are the servers of the record.
    """
    name, first = versions[0].name, versions[0]
    if len(versions) == 1 and first.json is not None:
        return [(name, first, [first.url] if first.url else [])]
    groups: dict[str, list[Version]] = {}
    for item in versions:
        groups.setdefault(
            name if not item.url or server(item.base) in own else unversioned(item.url), []
        ).append(item)
    passing = [
        group for group in groups if not groups[group][0].base
    ]  # names for this input only (urn:uuid), and none
    alike: dict[str, str] = {}
    for n, group in enumerate(passing):
        same = alike.setdefault(repr(groups[group][0].json), group)
        if same != group or (n and len(groups) == len(passing) == 2 and name in groups):
            groups[same if same != group else passing[0]] += groups.pop(group)
    chosen_versions: list[tuple[str, Version, list[str]]] = []
    for n, group in enumerate(
        sorted(groups, key=lambda group: (group != name, bool(groups[group][0].base), group))
    ):
        key = group if n else name
        chosen = newest(groups[group], key, notes)
        if chosen.json is not None:
            chosen_versions.append((key, chosen, [item.url for item in groups[group] if item.url]))
            if len(chosen_versions) > 1:
                notes.append(
                    Note(
                        "info",
                        key,
                        f"{chosen.path} is another {name} than that at "
                        f"{chosen_versions[0][1].path}: "
                        "their full URLs differ.",
                    )
                )
    return chosen_versions


def listed(key: str, path: str, json: dict, base: str) -> Iterable[Resource]:
    """The resources inside a resource that it refers to, each with the key and path of its own; a
    patient among them is never one to be asked about.
    """
    inside = {
        r["id"]: (i, r)
        for i, r in enumerate(as_list(json.get("contained")))
        if isinstance(r, dict)
        and isinstance(r.get("id"), str)
        and isinstance(r.get("resourceType"), str)
    }
    waiting = [{name: value for name, value in json.items() if name != "contained"}]
    while waiting and inside:
        for target in references(waiting.pop()):
            if target.startswith("#") and (held := inside.pop(target[1:], None)):
                waiting.append(held[1])
                if held[1]["resourceType"] not in ("", "Patient"):
                    yield Resource(
                        held[1]["resourceType"],
                        key + target,
                        f"{path}.contained[{held[0]}]",
                        held[1],
                        base,
                    )


def references(json) -> Iterable[str]:
    """The texts of the references anywhere in a resource, in order."""
    waiting = [json]
    while waiting:
        item = waiting.pop()
        if isinstance(item, dict):
            if isinstance(target := item.get("reference"), str):
                yield target
            waiting += [
                value for value in reversed(item.values()) if isinstance(value, (dict, list))
            ]
        else:
            waiting += [value for value in reversed(item) if isinstance(value, (dict, list))]
