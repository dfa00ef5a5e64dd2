"""The reply to a record: its answer, and on demand the conclusions and proofs behind it."""

from dataclasses import dataclass
from datetime import date
from functools import cached_property

from reasoner.answer import catalogued_scenarios, render
from reasoner.answer.cache.answer_cache import Memory
from reasoner.answer.proof_steps import Proof, proof
from reasoner.graph.index import Index
from reasoner.graph.knowledge import Knowledge
from reasoner.graph.store import Statement, serialize
from reasoner.graph.turtle.format import WELL_KNOWN, format_turtle
from reasoner.inference.proof import Proofs, resource
from reasoner.inference.rules import derive, index
from reasoner.intake import Record, read
from reasoner.intake.opening import opened
from reasoner.terminal.console import Screen


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
    def facts(self) -> Index:
        """The record and its conclusions, indexed."""
        return index(self.record.statements + self.conclusions)

    @cached_property
    def proofs(self) -> list[Proof]:
        """The proof of each presentation of the answer, in its order."""
        premises = Proofs(self.knowledge, self.record.statements, self.facts)
        iris = {resource(p): p for p in reversed(self.record.presentations)}
        return [proof(premises, iris[p["id"]], p) for p in self.answer["presentations"]]

    @property
    def explained(self) -> dict:
        """The answer with its proofs: `steps` and `sources` of each presentation, and at each
        conclusion in it the number of its step.
        """
        presentations = zip(self.proofs, self.answer["presentations"], strict=True)
        return {**self.answer, "presentations": [proof.named(p) for proof, p in presentations]}

    def text(self, explain: bool = False) -> str:
        """The answer in words, headline first, without colors and not wrapped; with `explain`, the
        proofs too.
        """
        return render.laid_out(self, explain, Screen())

    def markdown(self, explain: bool = False) -> str:
        """The answer as Markdown, which a notebook shows for a reply; with `explain`, the proofs
        too.
        """
        return render.as_markdown(self, explain)

    __str__ = __repr__ = text
    _repr_markdown_ = markdown

    def turtle(self) -> bytes:
        """The graph of the record and its conclusions, in canonical Turtle."""
        return format_turtle(serialize(self.record.statements + self.conclusions, WELL_KNOWN))


def replied(memory: Memory, data, on: date | None = None, words: str | None = None) -> Reply:
    """The reply to a record, given as for `Reasoner.reply`; raises what that raises."""
    knowledge, data = memory.knowledge, opened(data)
    record = read(knowledge, data, on)
    answer = memory.answer(record)
    scenarios = catalogued_scenarios.matches(knowledge, data, answer, words)
    return Reply(
        knowledge, record, {**answer, "catalogued": scenarios} if scenarios or words else answer
    )
