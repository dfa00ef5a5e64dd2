"""The types of an answer, for programs that use one: what `answer.schema.json` says, as TypedDicts.

A key that an answer may lack is `NotRequired`. Terms are CURIEs such as `ia:Thigh`; `step` is the
number of the proof step of a conclusion, in an answer that was asked for with its proof.
"""

from typing import Literal, NotRequired, TypedDict

from reasoner.answer.study_types import (
    AgreedStudy,
    Order,
    OrderDecision,
    Procedure,
    Recommendation,
    Term,
)

StepKind = (
    Literal["fact", "shown", "criterion", "knowledge", "scenario", "assumption", "question"]
    | Literal["recommendation", "agreed", "conflict", "withheld", "flag", "unrated", "order"]
    | Literal["decision", "alert", "next step", "source"]
)


RatingState = Literal[
    "complete", "disagreement-not-recorded", "incomplete", "inferred", "not-loaded"
]


class GraphVersion(TypedDict):
    """The graph that an answer was made from: its version, topics and current editions, and the
    SHA-256 of the table of ratings that the user imported.
    """

    version: str
    topics: list[str]
    editions: list[str]
    ratings: str | None


class Finding(Term):
    """What a presentation is about; `suspected` when the record only suspects it."""

    suspected: NotRequired[bool]


class Criterion(Term):
    """A criterion of a scenario, and the resources of the record that decided it."""

    status: Literal["met", "unmet", "unknown"]
    because: list[str]
    step: NotRequired[int]


class Assumption(Term):
    """What an answer takes for granted while the record is silent."""

    step: NotRequired[int]


class Scenario(Term):
    """A scenario that was considered: whether it applies, and why or why not."""

    edition: str
    status: Literal["applies", "possible", "excluded"]
    criteria: list[Criterion]
    assumptions: list[Assumption]
    excludedBy: str | None
    leadsTo: str | None
    step: NotRequired[int]


class Diagnosis(Term):
    """A diagnosis of the differential."""

    mostConsequential: bool


class NextStep(Term):
    """What follows after a result, such as a referral, and the resources that it rests on."""

    because: list[str]
    step: NotRequired[int]


class Pathway(TypedDict):
    """Which steps would follow which result."""

    when: str
    steps: list[str]


class Alert(TypedDict):
    """A pitfall that an order (its reference) or a state of the patient reveals."""

    pitfall: str
    severity: Literal["warning", "info"]
    order: str | None
    message: str
    step: NotRequired[int]


class QuestionPart(TypedDict):
    """One part of a question: what a yes to it supposes."""

    id: str
    text: str
    supposes: list[str]


class Question(TypedDict):
    """A fact to ask for, and the scenarios that it decides."""

    id: str
    text: str
    decides: list[str]
    because: NotRequired[list[str]]
    parts: NotRequired[list[QuestionPart]]
    step: NotRequired[int]


class Conflict(TypedDict):
    """Two scenarios that apply and rate one procedure differently."""

    step: NotRequired[int]


class SourceCategory(Term):
    """A word of the scheme of a source, with its short form."""

    notation: str


class SourceStatement(TypedDict):
    """What a source says of a procedure, in words of its own scheme."""

    procedure: Procedure
    generic: str
    category: SourceCategory
    strength: str | None
    scenario: str
    dateSeen: str


class MissingFact(Term):
    """A criterion that is unknown and keeps a source from speaking."""

    question: str | None


class OtherSource(TypedDict):
    """A source beside the deciding edition: what it says, lacks, or why it is silent."""

    edition: str
    label: str
    scheme: Term
    issued: str
    status: Literal["applies", "possible", "excluded"]
    statements: list[SourceStatement]
    missing: list[MissingFact]
    excludedBy: list[Term]
    step: NotRequired[int]


class UnreadItem(TypedDict):
    """What a record holds and could not be read: where, in which words, and what it blocks."""

    resource: str
    place: str
    quote: str
    kind: str
    blocks: list[str]


class Step(TypedDict):
    """A step of a proof; it rests on the steps (`because`) and sources of some numbers."""

    id: int
    kind: StepKind
    text: str
    about: str
    because: list[int]
    sources: list[int]


class Source(TypedDict):
    """A source that steps of a proof name by number."""

    id: int
    about: str
    label: str
    citation: str | None


class Presentation(TypedDict):
    """The answer to one problem of the patient."""

    id: str
    finding: Finding | None
    region: Term | None
    outcome: Literal[
        "recommendation",
        "more-information",
        "not-read",
        "next-step",
        "no-imaging",
        "no-criteria",
    ]
    scenarios: list[Scenario]
    recommendations: list[Recommendation]
    agreed: list[AgreedStudy]
    differential: list[Diagnosis]
    nextSteps: list[NextStep]
    pathways: list[Pathway]
    alerts: list[Alert]
    questions: list[Question]
    conflicts: list[Conflict]
    otherSources: list[OtherSource]
    ratings: list[RatingState]
    orders: list[Order]
    unread: NotRequired[list[UnreadItem]]
    alsoRecordedAs: NotRequired[list[str]]
    headline: NotRequired[str]
    steps: NotRequired[list[Step]]
    sources: NotRequired[list[Source]]


class Note(TypedDict):
    """What a record holds that was not used, and why; `about` is a resource."""

    severity: Literal["info", "warning"]
    about: str
    message: str


class CataloguedScenario(Term):
    """A scenario that fits by its words alone, for what no computable scenario answers.

    `about` holds the resources that it fits, or `--words` for the words that were looked up.
    """

    topic: str
    topicLabel: str
    computable: bool
    about: list[str]


class JsonAnswer(TypedDict):
    """The answer to a record, one presentation for each problem."""

    patient: str
    knowledge: GraphVersion
    presentations: list[Presentation]
    orders: list[OrderDecision]
    notes: list[Note]
    unread: NotRequired[list[UnreadItem]]
    catalogued: NotRequired[list[CataloguedScenario]]


WhatIf = TypedDict(
    "WhatIf", {"presentation": str, "if": str, "about": str, "criterion": str, "changes": list[str]}
)
