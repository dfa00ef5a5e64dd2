"""The studies that every scenario still possible rates alike, as rows of an answer.

The rule `agree-on-studies` decides; here its conclusions become rows.
"""

from reasoner.answer.recommendations import Rated, number, rated
from reasoner.graph.index import Index
from reasoner.graph.knowledge import Knowledge
from reasoner.inference.proof import Proofs
from reasoner.names import curie, ia

ALIKE = (
    "procedure",
    "generic",
    "category",
    "adultRadiation",
    "pediatricRadiation",
    "setAside",
    "safety",
    "scenarios",
    "unless",
    "source",
    "inferred",
)


def agreed(knowledge: Knowledge, facts: Index, proofs: Proofs, nodes: list[str]) -> list[Rated]:
    """The agreed studies of some conclusions, not yet ranked, because labels differ by region."""
    return [
        Rated(
            r.standing,
            r.node,
            r.procedure,
            {
                **r.row,
                "scenarios": [curie(s) for s in facts.objects(r.node, ia("ofScenario"))],
                "unless": unless(knowledge, facts, r.node),
            },
        )
        for r in rated(knowledge, facts, proofs, nodes, "agreesOn")
    ]


def unless(knowledge: Knowledge, facts: Index, node: str) -> list[dict]:
    """The criteria that would undo an agreed study, assumed to be unmet, in the order of asking."""
    criteria = sorted(
        facts.objects(node, ia("unlessIn")), key=lambda c: (number(knowledge, c, "askOrder", 99), c)
    )
    assumption = knowledge.facts.value
    return [
        {"id": curie(c), "label": knowledge.label(c), "assumed": assumption(c, ia("assumption"))}
        for c in criteria
    ]


def agreed_rows(ranked: list[dict]) -> list[dict]:
    """Ranked rows with the keys of agreed studies alone."""
    return [{key: row[key] for key in ALIKE if key in row} for row in ranked]
