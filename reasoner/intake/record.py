"""The Record: triples, notes and unread items of one patient, the result of intake."""

import re
from dataclasses import dataclass, field
from typing import NamedTuple
from urllib.parse import quote

from reasoner.graph.store import Statement
from reasoner.names import CASE, RDF_TYPE, ia

ADULT = 18  # years
PLAIN = re.compile(r"[A-Za-z0-9/:._~-]*").fullmatch  # a key that is part of an IRI as it stands


class Note(NamedTuple):
    """A message about input that was not used, or not as it stands; `about` names the resource."""

    severity: str
    about: str
    message: str


class Unread(NamedTuple):
    """Something that bears on an answer and could not be read.

    `kind` is a class below ia:UnreadItem, `about` the resource, `place` the path within it,
    `quote` the words or the code, and `presentation` an IRI, empty when it bears on the patient.
    """

    kind: str
    about: str
    place: str
    quote: str
    presentation: str = ""


@dataclass
class Record:
    """One patient as it was read.

    The statements, the presentations and the imaging orders in order, the notes, what could not
    be read, and the age in whole years if known.
    """

    patient: str
    statements: list[Statement] = field(default_factory=list)
    presentations: list[str] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    age: int | None = None
    minor: bool = False  # whether the patient is known to be a child
    orders: list[str] = field(default_factory=list)  # keys of draft and active imaging orders
    unread: list[Unread] = field(default_factory=list)
    also: dict[str, list[str]] = field(default_factory=dict)  # presentation, further Conditions
    days: dict[str, str] = field(default_factory=dict)  # of studies, as precise as recorded
    read_besides: set[str] = field(default_factory=set)  # types that are read only in part

    def __post_init__(self) -> None:
        self._noted, self._stated = set(self.notes), set(self.statements)
        self._withheld = set(self.unread)
        self._unread_of: dict[str, list[Unread]] = {}
        for item in self.unread:
            self._unread_of.setdefault(item.presentation, []).append(item)

    @property
    def child(self) -> bool:
        """Whether the patient is known to be a child."""
        return self.minor or (self.age is not None and self.age < ADULT)

    def note(self, severity: str, about: str, message: str) -> None:
        """Adds a note once."""
        note = Note(severity, about, message)
        if note not in self._noted:
            self._noted.add(note)
            self.notes.append(note)

    def say(self, subject: str, predicate: str, obj) -> None:
        """Adds a statement once."""
        statement = (subject, predicate, obj)
        if statement not in self._stated:
            self._stated.add(statement)
            self.statements.append(statement)

    def leave_out(self, things: set[str]) -> None:
        """Takes out the statements that lead to some things."""
        if things:
            self.statements = [s for s in self.statements if s[2] not in things]
            self._said = set(self.statements)

    def state_age_group(self) -> None:
        """States for each presentation that the patient is a child, if that is known."""
        for presentation in self.presentations if self.child else ():
            self.say(presentation, ia("ofAgeGroup"), ia("Child"))

    def unread_of(self, presentation: str) -> list[Unread]:
        """What could not be read and bears on a presentation: on it alone, or on all."""
        own = self._unread_of.get(presentation, []) if presentation else []
        return [*self._unread_of.get("", []), *own]

    def withhold(self, item: Unread, message: str, severity: str = "warning") -> None:
        """States that something could not be read, and warns of it with its place and quote."""
        if item in self._withheld:
            return
        self._withheld.add(item)
        self.unread.append(item)
        self._unread_of.setdefault(item.presentation, []).append(item)
        holder = item.presentation or node(self.patient)
        unread = node(item.about, "unread")
        self.say(holder, ia("hasUnread"), unread)
        self.say(unread, RDF_TYPE, item.kind)
        self.note(severity, item.about, message)


def node(key: str, part: str = "") -> str:
    """The IRI of a resource of the record, or of a part of what it states."""
    name = key if PLAIN(key) else quote(key, safe="/:._~-", errors="replace")
    return f"{CASE}{name}#{part}" if part else CASE + name
