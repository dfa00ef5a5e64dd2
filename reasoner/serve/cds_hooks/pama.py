"""The rating of a draft order as the Argonaut guide "CDS Hooks for PAMA" writes it.

The guide has three codes; it names "may be appropriate" itself as an example of a finer value that
goes into a further coding. An order without a code has no rating at all: the guide forbids one.
"""

from reasoner.answer.order_verdicts import NO_CRITERIA, Verdict
from reasoner.answer.orders import categories
from reasoner.answer.wording import CATEGORY
from reasoner.graph.knowledge import Knowledge
from reasoner.intake.bundle import as_list
from reasoner.names import IA, expand

EXTENSION = "http://fhir.org/argonaut/Extension/pama-rating"
SYSTEM = "http://fhir.org/argonaut/CodeSystem/pama-rating"
ALIAS = "no-guidelines-apply"


def rated(
    knowledge: Knowledge, order: dict, consult: str, mechanism: str, alias: bool, verdict: Verdict
) -> dict:
    """A ServiceRequest with the rating of a verdict in place of any earlier one."""
    code = ALIAS if alias and verdict.code == NO_CRITERIA else verdict.code
    finer = [category(knowledge, verdict.category)] if verdict.category else []
    text = CATEGORY[verdict.category][0] if verdict.category else code.replace("-", " ")
    text += "; set aside because of a contraindication" if verdict.aside else ""
    extensions = [
        {
            "url": EXTENSION,
            "valueCodeableConcept": {
                "coding": [{"system": SYSTEM, "code": code}, *finer],
                "text": text,
            },
        },
        {"url": EXTENSION + "-qcdsm-consulted", "valueString": mechanism},
        {"url": EXTENSION + "-consult-id", "valueUri": f"urn:uuid:{consult}"},
    ]
    applied = (
        [{"url": EXTENSION + "-auc-applied", "valueUri": expand(verdict.scenario)}]
        if verdict.scenario
        else []
    )
    return {**order, "extension": others(order) + extensions + applied}


def others(order: dict) -> list:
    """The extensions of an order that are no rating."""
    return [
        e
        for e in as_list(order.get("extension"))
        if not (isinstance(e, dict) and str(e.get("url")).strip().startswith(EXTENSION))
    ]


def unrated(order: dict) -> dict | None:
    """A ServiceRequest without the rating that it carries from earlier; None without one."""
    extensions = others(order)
    if len(extensions) == len(as_list(order.get("extension"))):
        return None
    return {name: value for name, value in order.items() if name != "extension"} | (
        {"extension": extensions} if extensions else {}
    )


def category(knowledge: Knowledge, notation: str) -> dict:
    """The coding of an appropriateness category in the words of the ontology."""
    iri = categories(knowledge)[notation]
    return {"system": IA, "code": iri.removeprefix(IA), "display": knowledge.label(iri)}
