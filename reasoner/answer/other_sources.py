"""What sources beside the deciding edition say of a presentation, each in words of its own.

The rule `consult-sources` decides; here its conclusions become rows.
"""

from reasoner.answer.conclusions import Conclusions
from reasoner.answer.recommendations import number, ordered
from reasoner.names import DCTERMS, SKOS, curie, ia

NOTATION = SKOS + "notation"
STANDINGS = ("applies", "possible", "excluded")


def other_sources(known: Conclusions, p: str, region: str | None, side: str | None) -> list[dict]:
    """The sources that speak of a presentation or lack a fact to do so, by their editions."""
    by_edition: dict[str, list[str]] = {}
    for node in known.concluded(p, "SourceStatement"):
        by_edition.setdefault(known.facts.value(node, ia("inEdition")), []).append(node)
    rows = [source(known, edition, nodes, (region, side)) for edition, nodes in by_edition.items()]
    return sorted(rows, key=by_standing)


def source(known: Conclusions, edition: str, nodes: list[str], place: tuple) -> dict:
    """What a source says, what it lacks, or what takes the patient out of its rules."""
    k, value = known.knowledge.facts, known.facts.value
    lacking = {c for n in nodes for c in known.facts.objects(n, ia("lacksFact"))}
    causes = sorted({c for n in nodes for c in known.facts.objects(n, ia("excludedBy"))})
    in_order = sorted(lacking, key=lambda c: (known.number(c, "askOrder", 99), c))
    return {
        "edition": curie(edition),
        "label": known.knowledge.label(edition),
        "scheme": known.term(k.value(edition, ia("usesScheme"))),
        "issued": k.value(edition, DCTERMS + "issued"),
        "status": value(nodes[0], ia("standing")),
        "statements": statements(known, nodes, place),
        "missing": [{**known.term(c), "question": k.value(c, ia("question"))} for c in in_order],
        "excludedBy": [known.term(c) for c in causes],
    }


def statements(known: Conclusions, nodes: list[str], place: tuple) -> list[dict]:
    """What a source says of each procedure, what it favors first."""
    k, value = known.knowledge.facts, known.facts.value
    rows = []
    for node in nodes:
        if recommendation := value(node, ia("quotes")):
            category = k.value(recommendation, ia("hasCategory"))
            procedure, orderable = (
                value(node, ia(name)) for name in ("speaksOf", "speaksOfOrderable")
            )
            row = {
                "procedure": ordered(known.knowledge, procedure, orderable, *place),
                "generic": curie(procedure),
                "category": {**known.term(category), "notation": k.value(category, NOTATION)},
                "strength": k.value(recommendation, ia("strength")),
                "scenario": curie(value(node, ia("ofScenario"))),
                "dateSeen": k.value(recommendation, ia("dateSeen")),
            }
            rows.append((number(known.knowledge, category, "rank", 99), node, row))
    return [row for _, _, row in sorted(rows, key=lambda row: row[:2])]


def by_standing(source: dict) -> tuple:
    """The order of sources: those that speak first, then by edition."""
    return STANDINGS.index(source["status"]), source["edition"]
