"""Answers many patients one after another, by the same functions as a single one.

What equal cases share is calculated once and remembered.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date

from reasoner.answer import catalogued_scenarios
from reasoner.api import Reasoner
from reasoner.cohort.rows import Rows, rows
from reasoner.intake.missing import Missing
from reasoner.intake.read import read_document

REMEMBERED = 8_000  # presentations cached; two processes with more do not fit into a gigabyte


@dataclass(frozen=True)
class PatientAnswer:
    """One patient's answer and its rows for each table.

    The answer shares parts with the answers of others and must not be changed.
    """

    answer: dict
    rows: Rows


class RecordAnswerer:
    """Answers records on one graph and day, with a cache of what equal presentations share."""

    def __init__(self, reasoner: Reasoner, on: date | None = None):
        self.reasoner, self.on = reasoner, on

    def answer(self, document, missing: Iterable[Missing] = ()) -> PatientAnswer:
        """The answer to a record of parsed JSON; `missing` are files that may hold more of it.

        Raises InputError or ContradictionError for what has none.
        """
        knowledge = self.reasoner.knowledge
        record, envelope = read_document(knowledge, document, self.on, missing)
        answer = self.reasoner.memory.answer(record)
        if more := catalogued_scenarios.matches(knowledge, document, answer, None):
            answer["catalogued"] = more
        return PatientAnswer(answer, rows(knowledge, record, envelope, answer))


CACHE: dict[tuple, RecordAnswerer] = {}  # the last one of this process


def cached_answerer(
    graph: str | None, on: str | None, load: Callable[[], Reasoner]
) -> RecordAnswerer:
    """The answerer for a graph, known by a name, and a day.

    A process holds the last one, so that it loads a graph once.
    """
    if (graph, on) not in CACHE:
        CACHE.clear()
        CACHE[graph, on] = RecordAnswerer(load(), date.fromisoformat(on) if on else None)
    return CACHE[graph, on]
