"""The scenarios of a presentation: which apply, by which criteria, and what follows from that."""

from reasoner.answer.conclusions import Conclusions
from reasoner.graph.knowledge import Knowledge
from reasoner.graph.narrowness import width
from reasoner.inference.proof import variant
from reasoner.names import RDF_TYPE, curie, expand, ia

STATUSES = ("applies", "possible", "excluded")


def scenario(known: Conclusions, p: str, match: str) -> dict:
    """A scenario with its criteria and what it assumes."""
    s = known.facts.value(match, ia("ofScenario"))

    def mine(kind: str) -> list[str]:
        nodes = known.concluded(p, kind)
        of_scenario = [n for n in nodes if known.facts.holds(n, ia("ofScenario"), s)]
        return sorted(of_scenario, key=known.criterion_order)

    return {
        **known.term(s),
        "edition": curie(known.facts.value(match, ia("inEdition"))),
        "status": known.facts.value(match, ia("status")),
        "criteria": [
            {
                **known.term(known.facts.value(a, ia("ofCriterion"))),
                "status": known.facts.value(a, ia("status")),
                "because": known.proofs.evidence(a),
            }
            for a in mine("Assessment")
        ],
        "assumptions": [
            {
                "id": curie(known.facts.value(a, ia("ofCriterion"))),
                "label": known.facts.value(a, ia("message")),
            }
            for a in mine("Assumption")
        ],
        **exclusion(known, p, s),
    }


def ratings(knowledge: Knowledge, rows: list[dict]) -> list[str]:
    """What holds of the ratings of the scenarios that apply, else of those that are possible.

    `rows` are the scenarios of the answer.
    """
    decisive = next(
        (some for status in STATUSES[:2] if (some := [r for r in rows if r["status"] == status])),
        [],
    )
    held = {
        state
        for row in decisive
        for state in knowledge.facts.objects(expand(row["id"]), ia("ratingState"))
    }
    return sorted(held)


def exclusion(known: Conclusions, p: str, scenario: str) -> dict:
    """What takes a presentation out of a scenario, and where it leads; null where nothing does."""
    shown = (
        {name: known.short(node, name) for name in ("excludedBy", "leadsTo")}
        for node in known.concluded(p, "ExclusionConclusion")
        if known.facts.holds(node, ia("ofScenario"), scenario)
    )
    return next(shown, {"excludedBy": None, "leadsTo": None})


def match_order(known: Conclusions, match: str) -> tuple:
    """The sort key of a match: its status, then how wide the finding of its scenario is, its
    edition and its number in the edition.
    """
    scenario = known.facts.value(match, ia("ofScenario"))
    return (
        STATUSES.index(known.facts.value(match, ia("status"))),
        width(known.knowledge, scenario),
        known.facts.value(match, ia("inEdition")),
        variant(known.knowledge, scenario),
        scenario,
    )


def finding(known: Conclusions, stated: str | None, suspected: str | None) -> dict | None:
    """The finding of a presentation, or the one that is suspected."""
    term = known.term(finding_class(known, stated or suspected))
    return {**term, "suspected": True} if term and suspected else term


def finding_class(known: Conclusions, finding: str | None) -> str | None:
    """The class of finding that a topic is about: the least specific one below clinical finding
    that is no root by which facts are stated.
    """
    above = ia("ClinicalFinding")
    types = known.facts.objects(finding, RDF_TYPE) if finding else []
    root = ia("statedBy")
    classes = [
        cls
        for cls in types
        if known.knowledge.is_a(cls, above) and not known.knowledge.facts.value(cls, root)
    ]
    superclasses = known.knowledge.definitions.superclasses
    return min(classes, key=lambda cls: (len(superclasses(cls)), cls), default=None)


def matches_in_order(known: Conclusions, p: str) -> list[str]:
    """The matches of a presentation with scenarios: those that apply first."""

    def key(match: str) -> tuple:
        return match_order(known, match)

    return sorted(known.concluded(p, "ScenarioMatch"), key=key)
