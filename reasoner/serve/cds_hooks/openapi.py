"""OpenAPI models of CDS Hooks; they document requests and responses, and refuse none."""

from typing import Literal
from uuid import UUID

from pydantic import BaseModel, Field

from reasoner.serve.json_api.openapi import PROBLEMS, Coding, Open

NOT_SENT = {412: {**PROBLEMS[400], "description": "The patient or the conditions were not sent"}}

NOT_KEPT = {
    status: {**PROBLEMS[400], "description": why}
    for status, why in (
        (403, "The page is of an origin that may not send feedback"),
        (415, "The feedback is no application/json"),
        (503, "The file of the feedback cannot be written"),
        (507, "The file of the feedback is full"),
    )
}


class HookRequest(Open):
    """A CDS Hooks request; deviations from the specification are forgiven and noted.

    Of draft orders only those that context.selections names are judged, if it is there. Without
    prefetch.patient and prefetch.conditions there is no answer; null says that there is no data.
    """

    hook: str
    hookInstance: str
    context: dict
    prefetch: dict = {}


class Action(Open):
    """A change to a draft order."""

    type: str
    description: str
    resource: dict


class Suggestion(Open):
    """A study to order instead."""

    label: str
    uuid: str
    isRecommended: bool = False
    actions: list[Action]


class Link(Open):
    """A page of the explorer."""

    label: str
    url: str
    type: str


class CardSource(Open):
    """Whose guidance a card gives."""

    label: str
    url: str
    topic: Coding | None = None


class Card(Open):
    """One piece of advice."""

    uuid: str
    summary: str = Field(max_length=139)
    indicator: str
    detail: str = ""
    source: CardSource
    suggestions: list[Suggestion] = []
    selectionBehavior: str = ""
    overrideReasons: list[Coding] = []
    links: list[Link] = []


class HookResponse(Open):
    """Cards, the ratings of draft orders as system actions, and by which graph they were made."""

    cards: list[Card]
    systemActions: list[Action] = []
    extension: dict = {}


class ServiceEntry(Open):
    """A service."""

    id: str
    hook: str
    title: str
    description: str
    usageRequirements: str
    prefetch: dict[str, str]


class Discovery(Open):
    """The services."""

    services: list[ServiceEntry]


class FeedbackItem(Open):
    """What became of a card."""

    card: UUID
    outcome: Literal["accepted", "overridden"]
    outcomeTimestamp: str = ""


class Feedback(Open):
    """What became of some cards."""

    feedback: list[FeedbackItem]


class Kept(BaseModel):
    """How many pieces of feedback came, how many were kept, and how many are about cards that this
    service did not send lately. Where no feedback is kept at all, the last is left out.
    """

    received: int
    kept: int
    unknown: int = 0
