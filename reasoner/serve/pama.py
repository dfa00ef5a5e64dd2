"""The rating of a draft order as the Argonaut guide "CDS Hooks for PAMA" wants it, and only when enough is known to give one.

The guide has three codes. *Appropriate* is an order that criteria are consistent with: usually appropriate, and also may be
appropriate, which no criterion contradicts (the guide itself names it as an example of a finer value that goes into a further
coding). *Not appropriate* is an order that criteria speak against: usually not appropriate, or set aside by a
contraindication. *No criteria apply* is an order whose reason, stage or procedure no scenario rates. Whatever is not known
well enough has no rating at all: the guide forbids one.
"""

from dataclasses import dataclass, field

from reasoner.ask import Reply
from reasoner.explain import resource
from reasoner.intake.elements import as_list
from reasoner.intake.regions import Regions
from reasoner.knowledge import Knowledge
from reasoner.names import IA, RDF_TYPE, SKOS, expand, ia
from reasoner.serve.hooks import Draft, HookRequest
from reasoner.words import CATEGORY

EXTENSION = "http://fhir.org/argonaut/Extension/pama-rating"
SYSTEM = "http://fhir.org/argonaut/CodeSystem/pama-rating"
APPROPRIATE, NOT_APPROPRIATE, NO_CRITERIA, ALIAS = "appropriate", "not-appropriate", "no-criteria-apply", "no-guidelines-apply"
CODES = {"usually-appropriate": APPROPRIATE, "may-be-appropriate": APPROPRIATE, "may-be-appropriate-disagreement": APPROPRIATE,
         "usually-not-appropriate": NOT_APPROPRIATE}


@dataclass(frozen=True)
class Verdict:
    """What is said of a draft order: a code, or why there is none; and the row, scenario and contraindications behind it."""

    presentation: dict | None = None
    order: dict | None = None
    code: str | None = None
    row: dict | None = None
    category: str | None = None
    scenario: str | None = None
    aside: list[str] = field(default_factory=list)
    why: list[str] = field(default_factory=list)


def judge(knowledge: Knowledge, request: HookRequest, reply: Reply, draft: Draft) -> Verdict:
    """The verdict on a draft order; of an order for several presentations, one on which all agree."""
    found = [(p, o) for p in reply.answer["presentations"] for o in p["orders"] if o["id"] == draft.name]
    if not found:
        return Verdict(why=[n["message"] for n in reply.answer["notes"] if n["about"] == draft.name and n["severity"] == "warning"])
    verdicts = [judge_for(knowledge, request, reply, draft, p, o) for p, o in found]
    if len({v.code for v in verdicts}) > 1:
        return Verdict(*found[0], why=["The problems that the order is for lead to different ratings; order for one of them."])
    return verdicts[0]


def judge_for(knowledge: Knowledge, request: HookRequest, reply: Reply, draft: Draft, p: dict, order: dict) -> Verdict:
    """The verdict on a draft order for one presentation."""
    verdict = lambda **more: Verdict(p, order, **more)
    procedure = expand(order["procedure"]["id"]) if order["procedure"] else None
    if p["finding"] is None:
        why = unread_reason(knowledge, request, draft)
        return verdict(why=[why]) if why else verdict(code=NO_CRITERIA)
    applying = [s["id"] for s in p["scenarios"] if s["status"] == "applies"]
    excluded = contraindications(knowledge, p, procedure) if procedure else []
    if p["outcome"] == "more-information":
        return verdict(aside=excluded, why=["It is not known which scenario applies."])
    if procedure is None:
        return verdict(why=["The code of the order names no study that is known here."])
    if misplaced := elsewhere(knowledge, reply, draft, p, procedure):
        return verdict(aside=excluded, why=[misplaced])
    generic = knowledge.facts.value(procedure, ia("specializes")) or procedure
    rows = [r for r in p["recommendations"] if expand(r["generic"]) == generic]
    advice = list(dict.fromkeys([f["advice"] for r in rows if r["setAside"] for f in r["safety"] if f["severity"] == "contraindicated"] + excluded))
    if advice:
        row = rows[0] if rows else None
        return verdict(code=NOT_APPROPRIATE, row=row, category=row and row["category"], scenario=row["scenario"] if row else next(iter(applying), None), aside=advice)
    if len({CODES[r["category"]] for r in rows}) > 1:
        return verdict(why=["Two scenarios apply and rate this study differently."])
    if rows:
        return verdict(code=CODES[rows[-1]["category"]], row=rows[-1], category=rows[-1]["category"], scenario=rows[-1]["scenario"])
    if applying and unstated(knowledge, generic):
        return verdict(why=["The code of the order does not say how contrast is used, and the rating depends on it."])
    return verdict(code=NO_CRITERIA)


def unread_reason(knowledge: Knowledge, request: HookRequest, draft: Draft) -> str | None:
    """Why the reason of an order that no topic covers is not known well enough to say so; None when it is."""
    named = dict(request.conditions())
    references = [r.get("reference") for r in as_list(draft.sent.get("reasonReference")) if isinstance(r, dict)]
    concepts = as_list(draft.sent.get("reasonCode")) + [named[r].get("code") for r in references if isinstance(r, str) and r in named]
    codings = [c for concept in concepts if isinstance(concept, dict) for c in as_list(concept.get("coding")) if isinstance(c, dict)]
    coded = [(c["system"], c["code"]) for c in codings if isinstance(c.get("system"), str) and isinstance(c.get("code"), str) and c["code"]]
    if not coded:
        return "The order gives no coded reason."
    if not any(knowledge.codes.known(system) for system, _ in coded):
        return "The reason of the order is coded in no terminology that is known here."
    subjects = {m.subject for system, code in coded for m in knowledge.codes.find(system, code)}
    findings = {s for s in subjects if {ia("ClinicalFinding"), ia("Diagnosis")} & (knowledge.definitions.superclasses(s) | set(knowledge.definitions.static.get(s, ())))}
    return "The reason of the order is not recorded as an active problem that can be judged." if findings else None


def contraindications(knowledge: Knowledge, p: dict, procedure: str) -> list[str]:
    """The advice of the contraindications that took the presentation out of a scenario, where the procedure exposes to their hazard."""
    facts = knowledge.facts
    generic = facts.value(procedure, ia("specializes")) or procedure
    exposed = set(facts.objects(generic, ia("exposesTo")))
    classes = {expand(s["excludedBy"]) for s in p["scenarios"] if s["excludedBy"]}
    rules = [r for c in sorted(classes) for r in facts.subjects(ia("whenIn"), c) if facts.value(r, ia("severity")) == "contraindicated"]
    return [facts.value(r, ia("advice")) for r in rules if exposed & set(facts.objects(r, ia("hasHazard")))]


def elsewhere(knowledge: Knowledge, reply: Reply, draft: Draft, p: dict, procedure: str) -> str | None:
    """Why an order is for another place in the body than the finding; None when it is not."""
    regions = knowledge.facts.objects(procedure, ia("hasRegion"))
    if regions and p["region"] and not Regions(knowledge).related(regions, [expand(p["region"]["id"])]):
        return f"The order is for another region ({', '.join(map(knowledge.label, regions))}) than the finding ({p['region']['label']})."
    codings = as_list(draft.sent["code"].get("coding")) if isinstance(draft.sent.get("code"), dict) else []
    ordered = {m.laterality for c in codings if isinstance(c, dict) and isinstance(c.get("system"), str) and isinstance(c.get("code"), str)
               for m in knowledge.codes.find(c["system"], c["code"])} & {"left", "right"}
    found = {o for s, predicate, o in reply.record.statements if predicate == ia("hasLaterality") and resource(s) == p["id"]}
    if ordered and len(found) == 1 and found & {ia("Left"), ia("Right")} and not found & {ia(side.capitalize()) for side in ordered}:
        return f"The order is for the {' and '.join(sorted(ordered))} side, the finding is on the other."
    return None


def unstated(knowledge: Knowledge, generic: str) -> bool:
    """Whether a procedure leaves open how contrast is used."""
    return knowledge.facts.holds(generic, ia("hasContrast"), ia("ContrastNotStated"))


def rated(knowledge: Knowledge, order: dict, consult: str, mechanism: str, alias: bool, verdict: Verdict) -> dict:
    """A ServiceRequest with the rating of a verdict in place of any earlier rating, and otherwise as it is."""
    kept = [e for e in as_list(order.get("extension")) if not (isinstance(e, dict) and str(e.get("url")).strip().startswith(EXTENSION))]
    code = ALIAS if alias and verdict.code == NO_CRITERIA else verdict.code
    finer = [category(knowledge, verdict.category)] if verdict.category else []
    text = CATEGORY[verdict.category][0] if verdict.category else code.replace("-", " ")
    text += "; set aside because of a contraindication" if verdict.aside else ""
    made = [{"url": EXTENSION, "valueCodeableConcept": {"coding": [{"system": SYSTEM, "code": code}, *finer], "text": text}},
            {"url": EXTENSION + "-qcdsm-consulted", "valueString": mechanism},
            {"url": EXTENSION + "-consult-id", "valueUri": f"urn:uuid:{consult}"}]
    applied = [{"url": EXTENSION + "-auc-applied", "valueUri": expand(verdict.scenario)}] if verdict.scenario else []
    return {**order, "extension": kept + made + applied}


def category(knowledge: Knowledge, notation: str) -> dict:
    """The coding of an appropriateness category in the words of the ontology."""
    iri = next(c for c in knowledge.facts.subjects(SKOS + "notation", notation) if knowledge.facts.holds(c, RDF_TYPE, ia("AppropriatenessCategory")))
    return {"system": IA, "code": iri.removeprefix(IA), "display": knowledge.label(iri)}
