"""What a rendering needs of a reply."""

from collections.abc import Callable
from typing import Protocol

from reasoner.explain import Step
from reasoner.intake import Record
from reasoner.knowledge import Knowledge


class Replied(Protocol):
    """A reply to a record: its answer, and on demand its proofs and its graph."""

    knowledge: Knowledge
    record: Record
    answer: dict

    def proofs(self, presentation: str) -> list[Step]:
        """The proofs of a presentation, by its id in the answer."""

    def turtle(self) -> bytes:
        """The record and its conclusions as Turtle."""


def proof_lines(reply: Replied, number: int, made: Callable[[str], str]) -> list[str]:
    """The proofs of a presentation, by its number, as lines of words made fit to be shown."""
    name = reply.answer["presentations"][number]["id"]
    return [line for step in reply.proofs(name) for line in step.shown(made).lines()]
