"""The types of what an answer says of studies: procedures, ratings, safety flags, and orders."""

from typing import Literal, NotRequired, TypedDict

Category = Literal[
    "usually-appropriate",
    "may-be-appropriate",
    "may-be-appropriate-disagreement",
    "usually-not-appropriate",
]
Judgement = Literal["appropriate", "not-appropriate", "no-criteria-apply"]
Radiation = Literal["O", "1", "2", "3", "4", "5", "varies", "not-stated"]


class Term(TypedDict):
    """A term of the graph with its label."""

    id: str
    label: str


class Code(TypedDict):
    """A code of a terminology; `system` is its FHIR system."""

    system: str
    code: str


class Procedure(Term):
    """A procedure to order, with its codes."""

    codes: list[Code]


class SafetyFlag(TypedDict):
    """What a safety rule says of a procedure for this patient, and the resources behind it."""

    hazard: str
    severity: Literal["contraindicated", "caution"]
    advice: str
    because: list[str]
    step: NotRequired[int]


class RatedStudy(TypedDict):
    """A rated procedure: `generic` is the procedure that is rated, `procedure` its orderable form.

    `setAside` is true when a safety rule rules it out for this patient; `inferred` where the table
    of ratings lost the row, and the name of its procedure was recovered.
    """

    procedure: Procedure
    generic: str
    category: Category
    adultRadiation: Radiation
    pediatricRadiation: Radiation
    setAside: bool
    safety: list[SafetyFlag]
    source: str
    inferred: NotRequired[bool]
    step: NotRequired[int]


class Recommendation(RatedStudy):
    """A rated study of a scenario that applies."""

    rank: int
    scenario: str
    edition: str
    rationale: str


class Unless(Term):
    """A class of presentations that would take back an agreement, and what is assumed instead."""

    assumed: str


class AgreedStudy(RatedStudy):
    """A procedure that every scenario still possible rates alike."""

    scenarios: list[str]
    unless: list[Unless]


class OrderRating(TypedDict):
    """The category of an ordered study in one scenario that applies."""

    scenario: str
    category: Category


class RatedIn(TypedDict):
    """A rated study by its scenario and its generic procedure."""

    scenario: str
    generic: str


class Order(TypedDict):
    """An imaging order of the record, judged; `why` says what kept it from a category."""

    id: str
    procedure: Term | None
    generic: str | None
    category: Category | None
    judgement: Judgement | None
    ratings: list[OrderRating]
    setAside: bool
    safety: list[SafetyFlag]
    withheld: list[str]
    why: list[str]
    alternatives: list[str]
    agreed: Category | None
    decidedBy: RatedIn | None
    step: NotRequired[int]
    decisionStep: NotRequired[int]


class OrderDecision(TypedDict):
    """What is decided on an order over all presentations that it is for.

    `presentation` is the one whose verdict decides; `different` says that presentations judge the
    order differently, so that it has no judgement.
    """

    id: str
    presentation: str | None
    different: bool
    judgement: Judgement | None
    category: Category | None
    scenario: str | None
    recommendation: RatedIn | None
    contraindicated: list[str]
    cautions: list[str]
    withheld: list[str]
    why: list[str]
