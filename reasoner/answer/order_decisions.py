"""One row for each order of a record: how the rules decide on it over all its presentations."""

from collections.abc import Iterable

from reasoner.answer.orders import notation
from reasoner.graph.knowledge import Knowledge
from reasoner.graph.memoize import memoized
from reasoner.graph.store import Statement
from reasoner.inference.record_rules import conclude_of_record
from reasoner.inference.rules import index
from reasoner.names import CASE, RDF_TYPE, ia

NO_CRITERIA = "no-criteria-apply"
Judged = tuple[str | None, str | None]  # the judgement and the category of a verdict, as notations


def decisions(
    knowledge: Knowledge, presentations: list[dict], orders: Iterable[str], notes: list[dict]
) -> list[dict]:
    """The rows of the orders of an answer, by identifier.

    `orders` are the names of further orders: one that no presentation has says why in warnings.
    """
    rows: dict[str, list[tuple[dict, dict]]] = {}
    for presentation in presentations:
        for row in presentation["orders"]:
            rows.setdefault(row["id"], []).append((presentation, row))
    warnings: dict[str, list[str]] = {name: [] for name in orders if name not in rows}
    for note in notes if warnings else ():
        if note["severity"] == "warning" and note["about"] in warnings:
            warnings[note["about"]].append(note["message"])
    decided_rows = {name: decision(knowledge, name, verdicts) for name, verdicts in rows.items()}
    decided_rows |= {name: unread(name, messages) for name, messages in warnings.items()}
    return [decided_rows[name] for name in sorted(decided_rows)]


def unread(name: str, warnings: list[str]) -> dict:
    """The row of an order that is for no presentation."""
    return {
        "id": name,
        "presentation": None,
        "different": False,
        "judgement": None,
        "category": None,
        "scenario": None,
        "recommendation": None,
        "contraindicated": [],
        "cautions": [],
        "withheld": [],
        "why": list(dict.fromkeys(warnings)),
    }


def decision(knowledge: Knowledge, name: str, verdicts: list[tuple[dict, dict]]) -> dict:
    """The row of an order, given its verdicts, each with its presentation.

    The rules decide on the order. Which one of the verdicts that they follow the row shows is
    a matter of presentation only: of several presentations, in the order of the record, the last;
    of an order that is set aside without a rating, its first scenario that applies.
    """
    judged = [(row["judgement"], row["category"]) for _, row in verdicts]
    followed, judgement, category, reasons = decided(knowledge, frozenset(judged))
    deciding = [v for v, code in zip(verdicts, judged, strict=True) if code in followed]
    presentation, row = deciding[-1] if deciding else verdicts[0]
    rating = row["decidedBy"] if category else None
    scenario = rating["scenario"] if rating else None
    if deciding and judgement not in (None, NO_CRITERIA) and row["setAside"] and not rating:
        applying = (s["id"] for s in presentation["scenarios"] if s["status"] == "applies")
        scenario = next(applying, None)
    return {
        "id": name,
        "presentation": presentation["id"],
        "different": not deciding,
        "judgement": judgement,
        "category": category,
        "scenario": scenario,
        "recommendation": rating,
        "contraindicated": once(advice(row, "contraindicated") for _, row in verdicts),
        "cautions": once(advice(row, "caution") for _, row in verdicts),
        "withheld": once(row["withheld"] for _, row in verdicts),
        "why": once([reasons, *(unrated(row) for _, row in verdicts)]),
    }


def unrated(row: dict) -> list[str]:
    """Why a verdict gives no rating, none when it gives one."""
    return row["why"] if row["judgement"] in (None, NO_CRITERIA) else []


def advice(row: dict, severity: str) -> list[str]:
    """The advice of the safety rules of a severity that concern an order."""
    return [flag["advice"] for flag in row["safety"] if flag["severity"] == severity]


def once(texts: Iterable[list[str]]) -> list[str]:
    """Some lists as one, each text once."""
    return list(dict.fromkeys(text for some in texts for text in some))


@memoized
def decided(
    knowledge: Knowledge, verdicts: frozenset[Judged]
) -> tuple[list[Judged], str | None, str | None, list[str]]:
    """What the rules decide on an order with some verdicts: those that it follows, its judgement,
    its category, and why it has none, in words.
    """
    order = CASE + "order"
    stated: list[Statement] = []
    nodes = {f"urn:nextstudy:verdict:{n}": v for n, v in enumerate(sorted(verdicts, key=str))}
    for node, (judgement, category) in nodes.items():
        stated += [(node, RDF_TYPE, ia("OrderVerdict")), (node, ia("ofOrder"), order)]
        stated += statement_of(knowledge, node, "judgedAs", "ia:OrderJudgement", judgement)
        stated += statement_of(
            knowledge, node, "hasCategory", "ia:AppropriatenessCategory", category
        )
    facts = index(conclude_of_record(knowledge, stated))
    [node] = facts.subjects(ia("ofOrder"), order)
    values = [facts.value(node, ia(name)) for name in ("judgedAs", "hasCategory")]
    judgement, category = (value and notation(knowledge, value) for value in values)
    reasons = [
        knowledge.facts.value(r, ia("message")) for r in facts.objects(node, ia("unratedFor"))
    ]
    followed = [nodes[v] for v in facts.objects(node, ia("followsVerdict"))]
    return followed, judgement, category, reasons


def statement_of(
    knowledge: Knowledge, node: str, name: str, cls: str, value: str | None
) -> list[Statement]:
    """The statement that a verdict has the member of a class with a notation, if it has one."""
    terms = [t for t in sorted(knowledge.members(cls)) if notation(knowledge, t) == value]
    return [(node, ia(name), term) for term in terms if value]
