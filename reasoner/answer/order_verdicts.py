"""How an order of an answer stands, with all that an answer says of it in one place.

*Appropriate* is an order that criteria are consistent with: usually appropriate, and also may be
appropriate, which no criterion contradicts. *Not appropriate* is one that criteria speak against,
or a contraindication sets aside. *No criteria apply* is one whose reason, stage or study was read
and that no scenario rates. An order of which too little is known has no code at all, and says why.
The rules decide; here an order is only looked up.
"""

from dataclasses import dataclass, field

from reasoner.answer.order_decisions import NO_CRITERIA

__all__ = ["NO_CRITERIA", "Verdict", "Verdicts"]


@dataclass(frozen=True)
class Verdict:
    """What an answer says of an order: a code, or why there is none, and what stands behind it.

    `order` is its row in the presentation, `row` the recommendation that it is judged by, `aside`
    and `cautions` are the advice of safety rules, `withheld` the criteria that must be cleared
    first, `alternatives` the recommendations to order instead.
    """

    presentation: dict | None = None
    order: dict | None = None
    code: str | None = None
    row: dict | None = None
    category: str | None = None
    scenario: str | None = None
    aside: list[str] = field(default_factory=list)
    cautions: list[str] = field(default_factory=list)
    withheld: list[str] = field(default_factory=list)
    why: list[str] = field(default_factory=list)
    alternatives: list[dict] = field(default_factory=list)

    @property
    def procedure(self) -> dict | None:
        """What is ordered: as the recommendation names it, else as the order does."""
        return (self.row or self.order or {}).get("procedure")


class Verdicts:
    """The verdicts on the orders of an answer, which is looked through once for all of them."""

    def __init__(self, answer: dict):
        self.presentations = {p["id"]: p for p in answer["presentations"]}
        self.decisions = {row["id"]: row for row in answer["orders"]}

    def of(self, name: str) -> Verdict:
        """The verdict on an order, given by its name in the answer; empty for one it has not."""
        decision = self.decisions.get(name)
        if decision is None:
            return Verdict()
        p = self.presentations.get(decision["presentation"])
        order = next(row for row in p["orders"] if row["id"] == name) if p else None
        rows: dict[str, dict] = {}
        if p and order and order["alternatives"]:
            rows = {r["generic"]: r for r in p["recommendations"]}
        return Verdict(
            p,
            order,
            decision["judgement"],
            recommended(p, decision["recommendation"]) if p else None,
            decision["category"],
            decision["scenario"],
            decision["contraindicated"],
            decision["cautions"],
            decision["withheld"],
            decision["why"],
            [rows[generic] for generic in order["alternatives"]] if order else [],
        )


def recommended(presentation: dict, rating: dict | None) -> dict | None:
    """The recommendation of a presentation by its scenario and procedure, if one decides."""
    return next(
        (
            r
            for r in presentation["recommendations"]
            if rating and (r["scenario"], r["generic"]) == (rating["scenario"], rating["generic"])
        ),
        None,
    )
