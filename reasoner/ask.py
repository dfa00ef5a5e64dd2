"""Ask: a record in, an answer out. The door that every other door opens."""

from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path

from reasoner import catalogue
from reasoner import knowledge as graph
from reasoner.canonical import REMEMBERED, Memory
from reasoner.derive import derive, index
from reasoner.explain import Proofs, Step, resource
from reasoner.facts import Facts
from reasoner.intake import Record, read
from reasoner.knowledge import Knowledge
from reasoner.names import curie, ia
from reasoner.store import Statement, serialize
from reasoner.turtle import WELL_KNOWN, format_turtle


@dataclass
class Reply:
    """An answer, and on demand the conclusions and proofs behind it."""

    knowledge: Knowledge
    record: Record
    answer: dict

    @cached_property
    def conclusions(self) -> list[Statement]:
        """What follows for the record, in its own names."""
        return derive(self.knowledge, self.record.statements)

    @cached_property
    def facts(self) -> Facts:
        """The record and its conclusions, indexed."""
        return index(self.record.statements + self.conclusions)

    def proofs(self, presentation: str) -> list[Step]:
        """The proofs of a presentation (by its id in the answer): recommendations as ranked, then flags, alerts, steps."""
        proofs = Proofs(self.knowledge, self.record.statements, self.facts)
        shown = next(p for p in self.answer["presentations"] if p["id"] == presentation)
        ranks = {(r["scenario"], r["generic"]): r["rank"] for r in shown["recommendations"]}
        curies = lambda n: tuple(curie(self.facts.value(n, ia(p)) or "") for p in ("ofScenario", "recommends"))
        node = next(p for p in self.record.presentations if resource(p) == presentation)
        return [proofs.proof(n) for n in sorted(proofs.of(node), key=lambda n: (ranks.get(curies(n), len(ranks) + 1), n))]

    def turtle(self) -> bytes:
        """The graph of the record and its conclusions, in canonical Turtle."""
        return format_turtle(serialize(self.record.statements + self.conclusions, WELL_KNOWN))


class Reasoner:
    """The knowledge, loaded once, and the questions it answers."""

    def __init__(self, ontology: Path | None = None, memory: int = REMEMBERED):
        self.knowledge = graph.load(ontology)
        self.memory = Memory(self.knowledge, memory)

    def reply(self, data, on: date | None = None, words: str | None = None) -> Reply:
        """The reply to a record: bytes or parsed JSON; `words` also looks up catalogued scenarios.

        Raises InputError for what cannot be read.
        """
        record = read(self.knowledge, data, on)
        answer = self.memory.answer(record)
        found = catalogue.matches(self.knowledge, data, answer, words)
        return Reply(self.knowledge, record, {**answer, "catalogued": found} if found or words else answer)

    def ask(self, data, on: date | None = None) -> dict:
        """The answer to a record: bytes or parsed JSON."""
        return self.reply(data, on).answer


def example() -> bytes:
    """A bundled record: a deep thigh mass that radiograph and ultrasound did not settle."""
    return (Path(__file__).parent / "example.json").read_bytes()
