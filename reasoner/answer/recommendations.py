"""Sorts rated procedures best first: by category, radiation level and label, and those that are set
aside last; in answers, on pages and in documents alike.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from reasoner.answer.wording import NO_REASON
from reasoner.graph.index import Index
from reasoner.graph.knowledge import Knowledge
from reasoner.graph.memoize import memoized
from reasoner.inference.proof import Proofs
from reasoner.names import RDF_TYPE, SKOS, SOURCE, curie, ia

CODED = ("LOINC", "RPID", "SCTID")  # systems of order codes, in the order of an answer
ADULT, CHILD = "hasAdultRadiation", "hasPediatricRadiation"


@dataclass(frozen=True)
class Rated:
    """A rated procedure: what ranks it for adults and for children, its node, and its row but for
    its name and rank.
    """

    standing: tuple[tuple, ...]
    node: str
    procedure: str
    row: dict


def order_key(knowledge: Knowledge, rating: str, radiation: str = ADULT) -> tuple:
    """The sort key of a rating: the ranks of its category and radiation level, then its label.

    The label is the template of the procedure, so that the order is the same in every region.
    """
    k = knowledge.facts
    ranks = [
        number(knowledge, k.value(rating, ia(name)), "rank", 99)
        for name in ("hasCategory", radiation)
    ]
    return *ranks, k.value(k.value(rating, ia("ofProcedureRated")), ia("labelTemplate"), "")


def best_first(knowledge: Knowledge, ratings: Iterable[str]) -> list[str]:
    """Ratings of a scenario in the order of an answer for an adult."""
    return sorted(ratings, key=lambda rating: (*order_key(knowledge, rating), rating))


def rated(
    knowledge: Knowledge,
    facts: Index,
    proofs: Proofs,
    nodes: list[str],
    speaking: str = "recommends",
) -> list[Rated]:
    """The rated procedures of some conclusions, not yet ranked: a child has another order.

    `speaking` is the property that names the procedure of a conclusion.
    """
    k = knowledge.facts
    rating = {n: facts.value(n, ia("ofRating")) for n in nodes}
    places = {
        n: (order_key(knowledge, rating[n]), order_key(knowledge, rating[n], CHILD)) for n in nodes
    }
    procedure = {n: facts.value(n, ia(speaking)) for n in nodes}
    least = least_favorable(knowledge, facts, nodes)

    def notation(node: str, predicate: str) -> str:
        return k.value(k.value(rating[node], ia(predicate)), SKOS + "notation")

    results = []
    for n in nodes:
        safety = flags(facts, proofs, n)
        is_set_aside = any(f["severity"] == "contraindicated" for f in safety)
        row = {
            "rank": 0,
            "procedure": None,
            "generic": curie(procedure[n]),
            "category": notation(n, "hasCategory"),
            "adultRadiation": notation(n, "hasAdultRadiation"),
            "pediatricRadiation": notation(n, "hasPediatricRadiation"),
            "setAside": is_set_aside,
            "safety": safety,
            "scenario": curie(facts.value(n, ia("ofScenario"))),
            "edition": curie(k.value(rating[n], ia("inEdition"))),
            "rationale": k.value(rating[n], ia("rationale")) or NO_REASON,
            "source": attribution(knowledge, rating[n]),
        }
        if k.holds(rating[n], ia("isInferred"), "true"):
            row["inferred"] = True
        standings = tuple(
            [(is_set_aside, least.get(procedure[n], place[0]), *place[1:]) for place in places[n]]
        )
        results.append(Rated(standings, n, procedure[n], row))
    return results


def least_favorable(knowledge: Knowledge, facts: Index, nodes: list[str]) -> dict[str, float]:
    """The rank of the least favorable category of each procedure that scenarios rate differently.

    `nodes` are conclusions about one presentation; the rule `find-conflicts` decides.
    """
    presentations = {facts.value(n, ia("ofPresentation")) for n in nodes}
    return {
        facts.value(c, ia("recommends")): number(
            knowledge, facts.value(c, ia("hasCategory")), "rank", 99
        )
        for c in facts.subjects(RDF_TYPE, ia("ConflictConclusion"))
        if facts.value(c, ia("ofPresentation")) in presentations
    }


def ranked(
    knowledge: Knowledge,
    procedures: list[Rated],
    orderables: dict[str, str],
    region: str | None,
    side: str | None,
    child: bool,
) -> list[dict]:
    """The rows of rated procedures in order, named for a region and coded for a side.

    For a child they are ordered by pediatric radiation levels.
    """
    rows = []
    in_order = sorted(procedures, key=lambda r: (*r.standing[child], r.node))
    for rank, r in enumerate(in_order, 1):
        named = ordered(knowledge, r.procedure, orderables.get(r.procedure), region, side)
        rows.append({**r.row, "rank": rank, "procedure": named})
    return rows


@memoized
def ordered(
    knowledge: Knowledge, generic: str, orderable: str | None, region: str | None, side: str | None
) -> dict:
    """A procedure in its orderable form where there is one, else labeled with the region.

    It is `{id, label, codes}`; codes of the side stand first.
    """
    if orderable or not region:
        label = knowledge.label(orderable or generic)
    else:
        label = knowledge.facts.value(generic, ia("labelTemplate"), "").format(
            area=knowledge.label(region)
        )
    return {
        "id": curie(orderable or generic),
        "label": label,
        "codes": codes(knowledge, orderable or generic, side),
    }


def codes(knowledge: Knowledge, term: str, side: str | None) -> list[dict]:
    """The order codes of a procedure; those of the side of the finding first.

    A code that is only related, such as one of special views, is read and not offered.
    """
    fits = [m for m in knowledge.codes.of(term) if m.prefix in CODED and m.intake == "fact"]
    sided = [m for m in fits if m.side and side == m.side and m.predicate != "relatedMatch"]
    plain = [m for m in fits if not m.laterality and m.predicate in ("exactMatch", "closeMatch")]
    return [
        {"system": knowledge.codes.systems[m.prefix].systems[0], "code": m.code}
        for ms in (sided, plain)
        for m in sorted(ms, key=lambda m: (CODED.index(m.prefix), m.code))
    ]


def flags(facts: Index, proofs: Proofs, recommendation: str) -> list[dict]:
    """The safety flags of a recommendation, contraindications first."""
    return sorted(
        (
            {**flag_row(facts, f), "because": proofs.evidence(f)}
            for f in facts.subjects(ia("ofRecommendation"), recommendation)
        ),
        key=by_severity,
    )


def flag_row(facts: Index, flag: str) -> dict:
    """A safety flag, without its evidence."""
    return {
        "hazard": curie(facts.value(flag, ia("hasHazard"))),
        "severity": facts.value(flag, ia("severity")),
        "advice": facts.value(flag, ia("advice")),
    }


def by_severity(flag: dict) -> tuple:
    """The order of safety flags: contraindications first, then by hazard and advice."""
    return flag["severity"] != "contraindicated", flag["hazard"], flag["advice"]


def attribution(knowledge: Knowledge, rating: str) -> str:
    """Where a rating is from: publisher, topic, edition and the date it was seen."""
    k = knowledge.facts
    edition, day = knowledge.label(k.value(rating, SOURCE)), k.value(rating, ia("dateSeen"))
    return f"American College of Radiology, {edition}; seen {day}"


def number(knowledge: Knowledge, iri: str | None, predicate: str, default: float) -> float:
    """A number of the graph, for sorting."""
    return float(knowledge.facts.value(iri, ia(predicate), str(default))) if iri else default
