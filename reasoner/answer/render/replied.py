"""The part of a reply that renderings use."""

from typing import Protocol

from reasoner.answer.proof_steps import Proof
from reasoner.graph.knowledge import Knowledge
from reasoner.intake import Record


class Replied(Protocol):
    """A reply to a record: its answer, and on demand its proofs and its graph."""

    knowledge: Knowledge
    record: Record
    answer: dict

    @property
    def explained(self) -> dict:
        """The answer with the steps of its proofs."""

    @property
    def proofs(self) -> list[Proof]:
        """The proof of each presentation, in the order of the answer."""

    def turtle(self) -> bytes:
        """The record and its conclusions as Turtle."""
