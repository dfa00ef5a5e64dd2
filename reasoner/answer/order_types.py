"""The types of an answer that say how ordered studies are rated and decided on."""

from typing import Literal, TypedDict

Category = Literal[
    "usually-appropriate",
    "may-be-appropriate",
    "may-be-appropriate-disagreement",
    "usually-not-appropriate",
]


class OrderRating(TypedDict):
    """The category of an ordered study in one scenario that applies."""

    scenario: str
    category: Category


class DecidingStudy(TypedDict):
    """A study as a scenario rates it: its rating decides."""

    scenario: str
    generic: str


class OrderDecision(TypedDict):
    """What is decided on an order over all presentations that it is for."""

    id: str
    presentation: str | None
    different: bool
    judgement: Literal["appropriate", "not-appropriate", "no-criteria-apply"] | None
    category: Category | None
    scenario: str | None
    recommendation: DecidingStudy | None
    contraindicated: list[str]
    cautions: list[str]
    withheld: list[str]
    why: list[str]
