"""Patients of several servers that have one id: told apart by the server that references name.

The only server that the lines of a patient name is that of all of them.
"""

import os
from collections.abc import Iterable, Sequence
from typing import Any

import orjson

from reasoner.intake.identity import as_list, parted, server

ALONE = b'"='  # how the key of a document begins that is a record of its own
Line = tuple[Any, Any, bytes]  # the numbers of its piece and of itself, as text or number, its JSON
Lines = dict[bytes, list[Line]]


def located(base: str, name: str) -> str:
    """The name of a patient with the server in front."""
    return f"https://{server(base)}/{name}"


def patient_of(json) -> str:
    """The patient of a Bundle with the server in front, empty when its full URL names none."""
    for entry in as_list(json.get("entry")) if type(json) is dict else ():
        resource = entry.get("resource") if type(entry) is dict else None
        if type(resource) is dict and resource.get("resourceType") == "Patient":
            base, named = parted(url) if type(url := entry.get("fullUrl")) is str else ("", "")
            return located(base, named) if base else ""
    return ""


def short(key: bytes) -> bytes:
    """The key of a patient without the server in front."""
    return b'"' + b"/".join(key.rsplit(b"/", 2)[-2:]) if b"://" in key else key


def apart(found: Lines, files: Sequence[str], largest: int) -> Lines:
    """The records with the patients of several servers apart; `files` names the file of each piece.

    Of several servers, each has its own lines, and those that name none when it is the only one
    of them in their file, else in their folder. What is left is of nobody that is known.
    """
    if not any(b"://" in key for key in found):
        return found
    made: Lines = {key: lines for key, lines in found.items() if key.startswith(ALONE)}
    named: dict[bytes, list[bytes]] = {}
    for key in found:
        if key not in made:
            named.setdefault(short(key), []).append(key)
    for name, keys in named.items():
        servers = [key for key in keys if key != name]
        if len(servers) < 2:
            made[name] = joined([line for key in keys for line in found[key]], largest)
            continue
        taken = {key: list(found[key]) for key in servers}
        held: dict[str, set[bytes]] = {}  # of a file, and of a folder, the servers that it names
        for key in servers:
            for line in found[key]:
                file = files[int(line[0])]
                held.setdefault(file, set()).add(key)
                held.setdefault(os.path.dirname(file) + "/", set()).add(key)
        for line in found.get(name, ()):
            file = files[int(line[0])]
            near = held.get(file) or held.get(os.path.dirname(file) + "/") or ()
            taken.setdefault(next(iter(near)) if len(near) == 1 else name, []).append(line)
        made |= {key: joined(lines, largest) for key, lines in taken.items()}
    return made


def told_apart(keys: Iterable[bytes]) -> dict[bytes, str]:
    """The names with the server in front, by key, of patients whose id somebody else has too."""
    full = {key: orjson.loads(key).rpartition(" ")[2] for key in keys if b"://" in key}
    servers: dict[bytes, set[str]] = {}
    for key, name in full.items():
        servers.setdefault(short(key), set()).add(name)
    return {key: name for key, name in full.items() if len(servers[short(key)]) > 1}


def joined(lines: list[Line], largest: int) -> list[Line]:
    """Lines in the order of the input; of a record that is too large the first, without JSON."""
    lines = sorted(lines, key=lambda line: (int(line[0]), int(line[1])))
    sizes = [len(data) for _, _, data in lines]
    return lines if all(sizes) and sum(sizes) <= largest else [(*lines[0][:2], b"")]
