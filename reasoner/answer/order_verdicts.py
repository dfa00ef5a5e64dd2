"""The judgement of an imaging order, read from the verdicts of an answer.

Rules give each order of a presentation its verdict. *Appropriate* is an order that criteria are
consistent with: usually appropriate, and also may be appropriate, which no criterion contradicts.
*Not appropriate* is one that criteria speak against, or a contraindication sets aside. *No criteria
apply* is one whose reason, stage or study was read and that no scenario rates. An order of which
too little is known has no code at all, and says why. The table stands in the graph: `ia:countsAs`.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from reasoner.answer.orders import decisive, rank
from reasoner.graph.knowledge import Knowledge

NO_CRITERIA = "no-criteria-apply"
DIFFERENT = "The problems that the order is for lead to different ratings; order for one of them."


@dataclass(frozen=True)
class Verdict:
    """What is said of an order: a code, or why there is none, and what stands behind it.

    `order` is its row in the answer, `row` the recommendation that it is judged by, `aside` and
    `cautions` are the advice of safety rules, `withheld` the criteria that must be cleared first,
    `alternatives` the recommendations to order instead.
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


class Judge:
    """The verdicts on the orders of an answer, which is looked through once for all of them."""

    def __init__(self, knowledge: Knowledge, answer: dict):
        self.knowledge = knowledge
        self._rows: dict[str, list[tuple[dict, dict]]] = {}
        self._warnings: dict[str, list[str]] = {}
        for p in answer["presentations"]:
            for row in p["orders"]:
                self._rows.setdefault(row["id"], []).append((p, row))
        for n in answer["notes"]:
            if n["severity"] == "warning":
                self._warnings.setdefault(n["about"], []).append(n["message"])

    def verdict(self, name: str) -> Verdict:
        """The verdict on an order, given by its name in the answer.

        Of an order for several presentations it is the least favorable of those that agree.
        """
        found = self._rows.get(name)
        if not found:
            return Verdict(why=list(self._warnings.get(name, ())))
        return agreed(self.knowledge, found)


def judge(knowledge: Knowledge, answer: dict, name: str) -> Verdict:
    """The verdict on one order of an answer; of several, ask one `Judge`."""
    return Judge(knowledge, answer).verdict(name)


def agreed(knowledge: Knowledge, found: list[tuple[dict, dict]]) -> Verdict:
    """The verdict on an order, given by its rows, each with its presentation."""
    verdicts = [read(knowledge, p, row) for p, row in found]
    least = max(reversed(verdicts), key=lambda v: standing(knowledge, v))
    same = len({v.code for v in verdicts}) == 1
    base = least if same else Verdict(*found[0], alternatives=verdicts[0].alternatives)
    return replace(
        base,
        aside=once(v.aside for v in verdicts),
        cautions=once(v.cautions for v in verdicts),
        withheld=once(v.withheld for v in verdicts),
        why=once([[] if same else [DIFFERENT], *(v.why for v in verdicts)]),
    )


def once(texts: Iterable[list[str]]) -> list[str]:
    """Some lists as one, each text once."""
    return list(dict.fromkeys(text for some in texts for text in some))


def standing(knowledge: Knowledge, verdict: Verdict) -> float:
    """How unfavorable a verdict is."""
    return rank(knowledge, verdict.category) if verdict.category else float("inf")


def read(knowledge: Knowledge, p: dict, row: dict) -> Verdict:
    """The verdict that a row says for a presentation."""
    rows = rated_as(p, row["generic"])
    rated = decisive(knowledge, rows) if rows and row["category"] else None
    applying = [s["id"] for s in p["scenarios"] if s["status"] == "applies"]
    first = next(iter(applying), None) if row["setAside"] and row["judgement"] else None
    unrated = row["judgement"] in (None, NO_CRITERIA)
    return Verdict(
        p,
        row,
        row["judgement"],
        None if unrated else rated,
        None if unrated else row["category"],
        None if unrated else rated["scenario"] if rated else first,
        advice(row, "contraindicated"),
        advice(row, "caution"),
        row["withheld"],
        row["why"] if unrated else [],
        [decisive(knowledge, rated_as(p, generic)) for generic in row["alternatives"]],
    )


def rated_as(p: dict, generic: str | None) -> list[dict]:
    """The recommendations of a presentation about a procedure, one for each scenario."""
    return [r for r in p["recommendations"] if r["generic"] == generic]


def advice(row: dict, severity: str) -> list[str]:
    """The advice of the safety rules of a severity that concern an order."""
    return [f["advice"] for f in row["safety"] if f["severity"] == severity]
