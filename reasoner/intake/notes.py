"""Orders the notes of a record by resource, and sums up those that are too many."""

from collections import Counter
from collections.abc import Iterable
from itertools import count

from reasoner.intake.record import Note

SHOWN = 20  # informative notes about one type of resource, before the rest is summed up


def arranged(notes: Iterable[Note], keys: Iterable[str], unread: dict[str, int]) -> list[Note]:
    """The notes about no resource, then those about each resource in the order of `keys`.

    Last is a note for each type in `unread`: the number of its resources, which were not read.
    """
    place = dict(zip(keys, count()))
    ordered = sorted(notes, key=lambda note: place.get(note.about, -1))
    ordered += [Note("info", kind, not_read(kind, unread[kind])) for kind in sorted(unread)]
    return summed(ordered) if len(ordered) > SHOWN else ordered


def not_read(kind: str, number: int) -> str:
    """The message that some resources are of a type that is not read."""
    resources = "resource is" if number == 1 else "resources are"
    return f"{number} {kind} {resources} of a type that is not read."


def summed(notes: list[Note]) -> list[Note]:
    """The notes in order, where the informative ones of a type beyond SHOWN become one note."""
    shown: list[Note] = []
    counts: Counter[str] = Counter()
    for note in notes:
        kind = note.about.split("/")[0]
        counts[kind] += note.severity == "info"
        if note.severity != "info" or counts[kind] <= SHOWN:
            shown.append(note)
    return shown + [
        Note("info", kind, f"{count - SHOWN} more notes about {kind} resources that were not used.")
        for kind, count in sorted(counts.items())
        if count > SHOWN
    ]
