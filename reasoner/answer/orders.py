"""The verdicts on orders, read from what was concluded, and what to order instead.

The rules decide; here their conclusions become rows, and rated studies are compared by the ranks
that the graph gives to categories and radiation levels.
"""

from reasoner.answer.recommendations import by_severity, flag_row, number
from reasoner.graph.index import Index
from reasoner.graph.knowledge import Knowledge
from reasoner.graph.memoize import memoized
from reasoner.inference.proof import Proofs, resource
from reasoner.names import RDF_TYPE, SKOS, curie, ia

OF = ia("ofPresentation")


def orders(
    knowledge: Knowledge, facts: Index, proofs: Proofs, presentation: str, answer: dict, child: bool
) -> list[dict]:
    """The orders of a presentation with their verdicts, and the studies to order instead.

    `answer` holds its recommendations and conflicts.
    """
    rows = list(verdicts(knowledge, facts, proofs, presentation).values())
    return with_alternatives(knowledge, rows, answer, withheld(facts, presentation), child)


def verdicts(
    knowledge: Knowledge, facts: Index, proofs: Proofs, presentation: str
) -> dict[str, dict]:
    """The rows of the orders of a presentation as the rules judge them, without alternatives."""
    nodes = set(facts.subjects(RDF_TYPE, ia("OrderVerdict")))
    mine = sorted(nodes.intersection(facts.subjects(OF, presentation)))
    return {
        facts.value(node, ia("ofOrder")): verdict(knowledge, facts, proofs, presentation, node)
        for node in mine
    }


def verdict(
    knowledge: Knowledge, facts: Index, proofs: Proofs, presentation: str, node: str
) -> dict:
    """The row of one verdict."""
    k, order = knowledge.facts, facts.value(node, ia("ofOrder"))
    about = set(facts.subjects(ia("ofOrder"), order)).intersection(facts.subjects(OF, presentation))
    flagged, unrated = (
        sorted(about.intersection(facts.subjects(RDF_TYPE, ia(kind))))
        for kind in ("OrderFlag", "UnratedOrder")
    )
    generic = facts.value(order, ia("ofProcedure"))
    ordered = facts.value(order, ia("ofOrderable")) or generic
    safety = [{**flag_row(facts, f), "because": proofs.evidence(f)} for f in flagged]
    held = [
        w for w in facts.subjects(ia("withheldFrom"), order) if facts.holds(w, OF, presentation)
    ]
    reasons = sorted(
        (r for u in unrated for r in facts.objects(u, ia("unratedFor"))),
        key=lambda r: (k.value(r, ia("evenWhenSetAside")) != "true", r),
    )
    category, judged, alike = (
        facts.value(node, ia(name)) for name in ("hasCategory", "judgedAs", "agreedCategory")
    )
    return {
        "id": resource(order),
        "procedure": ordered and {"id": curie(ordered), "label": knowledge.label(ordered)},
        "generic": generic and curie(generic),
        "category": category and notation(knowledge, category),
        "judgement": judged and notation(knowledge, judged),
        "agreed": alike and notation(knowledge, alike),
        "ratings": [
            {
                "scenario": curie(k.value(r, ia("ofScenario"))),
                "category": notation(knowledge, k.value(r, ia("hasCategory"))),
            }
            for r in facts.objects(node, ia("ofRating"))
        ]
        if not held
        else [],
        "setAside": any(f["severity"] == "contraindicated" for f in safety),
        "safety": sorted(safety, key=by_severity),
        "withheld": sorted({curie(facts.value(w, ia("ofCriterion"))) for w in held}),
        "why": [k.value(r, ia("message")) for r in dict.fromkeys(reasons)],
    }


def notation(knowledge: Knowledge, term: str) -> str:
    """The notation of a term."""
    return knowledge.facts.value(term, SKOS + "notation")


def withheld(facts: Index, presentation: str) -> list[str]:
    """The rated procedures of a presentation that get no rating as an order."""
    nodes = facts.subjects(RDF_TYPE, ia("WithheldRating"))
    studies = [
        facts.value(n, ia("withheldFrom")) for n in nodes if facts.holds(n, OF, presentation)
    ]
    found = {facts.value(study, ia("recommends")) for study in studies}
    return sorted(curie(procedure) for procedure in found if procedure)


def with_alternatives(
    knowledge: Knowledge, rows: list[dict], answer: dict, unread: list[str], child: bool
) -> list[dict]:
    """The rows of orders with the studies to order instead, in a defined order.

    `answer` holds the recommendations and conflicts of the presentation, `unread` the studies
    that get no rating.
    """
    offered = offers(knowledge, answer, unread) if rows else []
    made = [
        {**row, "alternatives": [r["generic"] for r in better(knowledge, row, offered, child)]}
        for row in rows
    ]
    return sorted(made, key=by_name)


def offers(knowledge: Knowledge, answer: dict, unread: list[str]) -> list[dict]:
    """The recommendations that may be offered: appropriate, not set aside, disputed or withheld."""
    of: dict[str, list[dict]] = {}
    for r in answer["recommendations"]:
        of.setdefault(r["generic"], []).append(r)
    left_out = {*unread, *(c["procedure"] for c in answer["conflicts"])}
    found = [decisive(knowledge, rows) for generic, rows in of.items() if generic not in left_out]
    return [
        r
        for r in found
        if not r["setAside"] and judgement(knowledge, r["category"]) == "appropriate"
    ]


def better(knowledge: Knowledge, row: dict, offered: list[dict], child: bool) -> list[dict]:
    """Of the studies that may be offered those to order instead of an order.

    They are of a better category, or of the same with less radiation; the best of them if any is
    usually appropriate. A study that waits for something unread is not replaced by a lesser one.
    """
    if row["withheld"]:
        return []
    rows = [r for r in offered if r["generic"] != row["generic"] or row["why"]]
    if row["category"] and not row["setAside"]:
        mine = rank(knowledge, row["category"])
        own = next((r for r in offered if r["generic"] == row["generic"]), None)
        rows = [
            r
            for r in rows
            if rank(knowledge, r["category"]) < mine
            or (r["category"] == row["category"] and own and spares(knowledge, r, own, child))
        ]
    best = min(categories(knowledge), key=lambda category: rank(knowledge, category))
    return [r for r in rows if r["category"] == best] or rows


def decisive(knowledge: Knowledge, rows: list[dict]) -> dict:
    """Of the rows of one procedure in several scenarios the least favorable."""
    if len(rows) == 1:
        return rows[0]
    return max(reversed(rows), key=lambda r: rank(knowledge, r["category"]))


def spares(knowledge: Knowledge, row: dict, other: dict, child: bool) -> bool:
    """Whether a study takes less radiation than another, at the age of the patient."""
    name = "pediatricRadiation" if child else "adultRadiation"
    one, two = (level(knowledge, r[name]) for r in (row, other))
    return one is not None and two is not None and one < two


@memoized
def rank(knowledge: Knowledge, category: str) -> float:
    """The rank of a category, given by its notation: the lower the better."""
    return number(knowledge, categories(knowledge)[category], "rank", 99)


@memoized
def judgement(knowledge: Knowledge, category: str) -> str:
    """How an order of a category, given by its notation, stands to the criteria."""
    counted = knowledge.facts.value(categories(knowledge)[category], ia("countsAs"))
    return notation(knowledge, counted)


@memoized
def categories(knowledge: Knowledge) -> dict[str, str]:
    """The appropriateness categories by their notation."""
    return {notation(knowledge, c): c for c in knowledge.members("ia:AppropriatenessCategory")}


@memoized
def levels(knowledge: Knowledge) -> dict[str, float]:
    """The ranks of radiation levels that have a dose, and so can be compared, by their notation."""
    k = knowledge.facts
    return {
        notation(knowledge, x): float(k.value(x, ia("rank")))
        for x in knowledge.members("ia:RelativeRadiationLevel")
        if k.value(x, ia("adultDose"))
    }


def level(knowledge: Knowledge, notation: str) -> float | None:
    """The rank of a radiation level; None for one that cannot be compared."""
    return levels(knowledge).get(notation)


def by_name(row: dict) -> str:
    """The order of rows by identifier."""
    return row["id"]
