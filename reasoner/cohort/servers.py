"""Distinguishes patients of several servers that share one id, by the server that references name.

The only server that the lines of a patient name is that of all of them.
"""

import os
from collections.abc import Iterable, Sequence
from typing import Any

import orjson

from reasoner.intake.identity import as_list, parted, server

ALONE = b'"='  # prefix of the key of a document that is a record of its own
Line = tuple[Any, Any, bytes]  # the numbers of its piece and of itself, as text or number, its JSON
Lines = dict[bytes, list[Line]]


def with_server(base: str, name: str) -> str:
    """The name of a patient with the server in front."""
    return f"https://{server(base)}/{name}"


def patient_of(json) -> str:
    """The patient of a Bundle with the server in front, empty when its full URL names none."""
    for entry in as_list(json.get("entry")) if type(json) is dict else ():
        resource = entry.get("resource") if type(entry) is dict else None
        if type(resource) is dict and resource.get("resourceType") == "Patient":
            base, named = parted(url) if type(url := entry.get("fullUrl")) is str else ("", "")
            return with_server(base, named) if base else ""
    return ""


def without_server(key: bytes) -> bytes:
    """The key of a patient without the server in front."""
    return b'"' + b"/".join(key.rsplit(b"/", 2)[-2:]) if b"://" in key else key


def split_by_server(records: Lines, files: Sequence[str], largest: int) -> Lines:
    """The records split by server where patients share an id; `files` names the file of each piece.

    Of several servers, each has its own lines, and those that name none when it is the only one
    of them in their file, else in their folder. What is left is of nobody that is known.
    """
    if not any(b"://" in key for key in records):
        return records
    result: Lines = {key: lines for key, lines in records.items() if key.startswith(ALONE)}
    named: dict[bytes, list[bytes]] = {}
    for key in records:
        if key not in result:
            named.setdefault(without_server(key), []).append(key)
    for name, keys in named.items():
        servers = [key for key in keys if key != name]
        if len(servers) < 2:
            result[name] = joined([line for key in keys for line in records[key]], largest)
            continue
        taken = {key: list(records[key]) for key in servers}
        servers_near: dict[str, set[bytes]] = {}  # by file and by folder: the servers it names
        for key in servers:
            for line in records[key]:
                file = files[int(line[0])]
                servers_near.setdefault(file, set()).add(key)
                servers_near.setdefault(os.path.dirname(file) + "/", set()).add(key)
        for line in records.get(name, ()):
            file = files[int(line[0])]
            near = servers_near.get(file) or servers_near.get(os.path.dirname(file) + "/") or ()
            taken.setdefault(next(iter(near)) if len(near) == 1 else name, []).append(line)
        result |= {key: joined(lines, largest) for key, lines in taken.items()}
    return result


def qualified_names(keys: Iterable[bytes]) -> dict[bytes, str]:
    """The names with the server in front, by key, of patients who share their id with another."""
    full = {key: orjson.loads(key).rpartition(" ")[2] for key in keys if b"://" in key}
    servers: dict[bytes, set[str]] = {}
    for key, name in full.items():
        servers.setdefault(without_server(key), set()).add(name)
    return {key: name for key, name in full.items() if len(servers[without_server(key)]) > 1}


def joined(lines: list[Line], largest: int) -> list[Line]:
    """Lines in the order of the input; of a record that is too large the first, without JSON."""
    lines = sorted(lines, key=lambda line: (int(line[0]), int(line[1])))
    sizes = [len(data) for _, _, data in lines]
    return lines if all(sizes) and sum(sizes) <= largest else [(*lines[0][:2], b"")]
