"""The verdicts on orders and what to order instead, read from what the rules concluded."""

from reasoner.answer.recommendations import by_severity, flag_row
from reasoner.graph.index import Index
from reasoner.graph.knowledge import Knowledge
from reasoner.graph.memoize import memoized
from reasoner.inference.proof import Proofs, resource
from reasoner.names import RDF_TYPE, SKOS, curie, ia

OF = ia("ofPresentation")


def orders(
    knowledge: Knowledge, facts: Index, proofs: Proofs, presentation: str, answer: dict
) -> list[dict]:
    """The orders of a presentation with their verdicts, and the studies to order instead.

    `answer` holds its recommendations.
    """
    rows = list(verdicts(knowledge, facts, proofs, presentation).values())
    return in_order(rows, answer["recommendations"])


def verdicts(
    knowledge: Knowledge, facts: Index, proofs: Proofs, presentation: str
) -> dict[str, dict]:
    """The rows of the orders of a presentation, as the rules judge them."""
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
    about = [n for n in facts.subjects(ia("ofOrder"), order) if facts.holds(n, OF, presentation)]
    flagged, unrated, instead = (
        [n for n in about if facts.holds(n, RDF_TYPE, ia(kind))]
        for kind in ("OrderFlag", "UnratedOrder", "OrderAlternatives")
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
        "decidedBy": [
            {
                "scenario": curie(k.value(r, ia("ofScenario"))),
                "generic": curie(k.value(r, ia("ofProcedureRated"))),
            }
            for r in facts.objects(node, ia("decidedBy"))
        ],
        "alternatives": [curie(g) for n in instead for g in facts.objects(n, ia("offers"))],
    }


def notation(knowledge: Knowledge, term: str) -> str:
    """The notation of a term."""
    return knowledge.facts.value(term, SKOS + "notation")


def in_order(rows: list[dict], recommendations: list[dict]) -> list[dict]:
    """The rows of orders by identifier, their alternatives as the recommendations are ranked.

    Of several ratings that decide alike the row names the last in rank.
    """
    ranked = list(dict.fromkeys(r["generic"] for r in recommendations))
    ordered = []
    for row in rows:
        offered = [generic for generic in ranked if generic in row["alternatives"]]
        deciding = last_deciding(recommendations, row["decidedBy"])
        ordered.append({**row, "decidedBy": deciding, "alternatives": offered})
    return sorted(ordered, key=by_name)


def last_deciding(recommendations: list[dict], deciding: list[dict]) -> dict | None:
    """The last in rank of the recommendations that decide, by scenario and procedure."""
    last = None
    for row in recommendations if deciding else ():
        key = {"scenario": row["scenario"], "generic": row["generic"]}
        last = key if key in deciding else last
    return last


@memoized
def judgement(knowledge: Knowledge, category: str) -> str:
    """How an order of a category, given by its notation, stands to the criteria."""
    counted = knowledge.facts.value(categories(knowledge)[category], ia("countsAs"))
    return notation(knowledge, counted)


@memoized
def categories(knowledge: Knowledge) -> dict[str, str]:
    """The appropriateness categories by their notation."""
    return {notation(knowledge, c): c for c in knowledge.members("ia:AppropriatenessCategory")}


def by_name(row: dict) -> str:
    """The order of rows by identifier."""
    return row["id"]
