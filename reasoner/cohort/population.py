"""Answers for many patients: each case is reasoned over once, and every patient gets the answer of the case in his own names.

There is one reasoner. A case is read and answered by the same functions as a single record; what comes back is the
answer that the record would have had by itself, byte for byte.
"""

import re
from collections import OrderedDict
from dataclasses import dataclass
from datetime import date

from reasoner import catalogue
from reasoner.ask import Reasoner
from reasoner.canonical import restore
from reasoner.cohort.grouping import TODAY, TOKEN, Group, Grouping, Kind
from reasoner.cohort.shape import Unfit
from reasoner.cohort.tables import Rows, rows
from reasoner.errors import ContradictionError
from reasoner.intake.bundle import Envelope, open_envelope
from reasoner.intake.notes import arranged
from reasoner.intake.read import read_fhir, unread
from reasoner.intake.record import Note

CASES = 20_000  # that are remembered


@dataclass(frozen=True)
class Pattern:
    """A text with places for names: `form % names`."""

    form: str
    places: tuple[int, ...]

    def fill(self, names: list[str]) -> str:
        """The text with some names."""
        return self.form % tuple([names[place] for place in self.places])


@dataclass(eq=False)
class Result:
    """The answer of a case: rows whose names are patterns, notes as they arise, remarks, and the answer itself when it is wanted."""

    rows: Rows
    notes: list[tuple[str, Pattern | str, Pattern | str]]
    remarks: list[tuple[str, Pattern | str, Pattern | str]]
    answer: dict | None


@dataclass(eq=False)
class Answered:
    """One patient's answer: the result of the case, the names to put into it, and all notes."""

    patient: str
    result: Result
    names: list[str]
    notes: list[Note]
    remarks: list[Note]


class Population:
    """Answers records one after another and remembers cases; `whole` keeps what `answer` gives."""

    def __init__(self, reasoner: Reasoner, on: date | None = None, whole: bool = False):
        self.reasoner, self.on, self.whole = reasoner, on, whole
        self.grouping = Grouping(reasoner.knowledge, on)
        self._results: OrderedDict[tuple, Result] = OrderedDict()
        self._said: dict[int, list[tuple[str, Pattern | str]]] = {}
        self.seen = self.cases = self.single = 0

    def read(self, document) -> Answered:
        """The answer to a record of parsed JSON. Raises InputError or ContradictionError for what has none."""
        envelope = open_envelope(document)
        self.seen += 1
        try:
            group = self.grouping.group(envelope)
            result = self._results.get(group.key) or self._learn(group)
        except (Unfit, ContradictionError):
            return self._alone(envelope)
        notes = [Note(severity, fill(about, group.names), fill(message, group.names)) for severity, about, message in result.notes]
        for member in group.inert:
            own = [member.resource.key, member.resource.path]
            notes += [Note(severity, own[0], fill(message, own)) for severity, message in self._of_kind(member.kind)]
        remarks = [Note(severity, fill(about, group.names), fill(message, group.names)) for severity, about, message in result.remarks]
        return Answered(envelope.patient, result, group.names, arranged(notes, [r.key for r in envelope.resources], unread(envelope)), remarks)

    def answer(self, document) -> dict:
        """The answer to a record as the single path gives it, byte for byte; needs `whole`."""
        found = self.read(document)
        answer = restore(found.result.answer, dict(named(found.names))) | {"patient": found.patient, "notes": [n._asdict() for n in found.notes + found.remarks]}
        more = catalogue.matches(self.reasoner.knowledge, document, answer, None)
        return {**answer, "catalogued": more} if more else answer

    def _learn(self, group: Group) -> Result:
        """The result of a new case."""
        self.cases += 1
        found = self._results[group.key] = self._result(self.grouping.envelope(group), TODAY, len(group.names) - len(group.members))
        if len(self._results) > CASES:
            self._results.popitem(last=False)
        return found

    def _alone(self, envelope: Envelope) -> Answered:
        """The answer to a record that is read as it stands."""
        self.single += 1
        result = self._result(envelope, self.on, None)
        as_notes = lambda found: [Note(*row) for row in found]
        notes = arranged(as_notes(result.notes), [r.key for r in envelope.resources], unread(envelope))
        return Answered(envelope.patient, result, [], notes, as_notes(result.remarks))

    def _result(self, envelope: Envelope, on: date | None, ids: int | None) -> Result:
        """The result of a record; its names become patterns when it is said how many of them are names of resources."""
        knowledge = self.reasoner.knowledge
        record = read_fhir(knowledge, envelope, on)
        answer = self.reasoner.memory.answer(record)
        made = rows(knowledge, record, envelope, answer)
        told = [(n["severity"], n["about"], n["message"]) for n in answer["notes"]]
        if ids is not None:
            made = Rows(*[[patterned(row, ids) for row in table] for table in vars(made).values()])
            told = [patterned(row, ids) for row in told]
        cut = len(record.notes)
        return Result(made, told[:cut], told[cut:], answer if self.whole else None)

    def _of_kind(self, kind: Kind) -> list[tuple[str, Pattern | str]]:
        """The notes about a resource of a kind that decides nothing."""
        if kind.number not in self._said:
            if len(self._said) > CASES:
                self._said.clear()
            self._said[kind.number] = [(note.severity, patterned((note.message,), 1)[0]) for note in kind.notes]
        return self._said[kind.number]


def fill(text: Pattern | str, names: list[str]) -> str:
    """A text with its names."""
    return text if type(text) is str else text.fill(names)


def named(names: list[str]):
    """Tokens with the names they stand for."""
    return ((f"{name.split('/', 1)[0]}/~{n:04}", name) for n, name in enumerate(names))


def patterned(row: tuple, ids: int) -> tuple:
    """A row in which each text with tokens is a pattern; tokens of paths count after so many tokens of names."""
    return tuple([pattern(cell, ids) if type(cell) is str and "~" in cell else cell for cell in row])


def pattern(text: str, ids: int) -> Pattern | str:
    """A text with its tokens as places."""
    places = tuple(int(re.sub(r"\D", "", token)) + (ids if token[0] == "~" else 0) for token in TOKEN.findall(text))
    return Pattern("%s".join(part.replace("%", "%%") for part in TOKEN.split(text)), places) if places else text
