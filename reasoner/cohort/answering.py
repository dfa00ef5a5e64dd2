"""Answers for many patients, one after another, by the same functions as for a single one; what cases share is found once."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date

from reasoner.answer import catalogued_scenarios
from reasoner.api import Reasoner
from reasoner.cohort.rows import Rows, rows
from reasoner.intake.missing import Missing
from reasoner.intake.read import read_document

REMEMBERED = 8_000  # presentations; more would not fit beside a second process into a gigabyte


@dataclass(frozen=True)
class Answered:
    """One patient's answer, and the rows that it gives to each table; the answer shares parts with others and must not be changed."""

    answer: dict
    rows: Rows


class Population:
    """Answers records and remembers what they share."""

    def __init__(self, reasoner: Reasoner, on: date | None = None):
        self.reasoner, self.on = reasoner, on

    def read(self, document, missing: Iterable[Missing] = ()) -> Answered:
        """The answer to a record of parsed JSON, and of files that may hold more of it.

        Raises InputError or ContradictionError for what has none.
        """
        knowledge = self.reasoner.knowledge
        record, envelope = read_document(knowledge, document, self.on, missing)
        answer = self.reasoner.memory.shared(record)
        if more := catalogued_scenarios.matches(knowledge, document, answer, None):
            answer["catalogued"] = more
        return Answered(answer, rows(knowledge, record, envelope, answer))


HELD: dict[tuple, Population] = {}  # of this process


def held(graph: str | None, on: str | None, load: Callable[[], Reasoner]) -> Population:
    """The population for a graph, by the name it has, and a day; this process loads the last one that it was asked for only once."""
    if (graph, on) not in HELD:
        HELD.clear()
        HELD[graph, on] = Population(load(), date.fromisoformat(on) if on else None)
    return HELD[graph, on]
