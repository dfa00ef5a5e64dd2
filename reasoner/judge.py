"""The judgement of an imaging order: how appropriate it is in the scenario that applies, what to order instead, or why none can be given.

*Appropriate* is an order that criteria are consistent with: usually appropriate, and also may be appropriate, which no
criterion contradicts. *Not appropriate* is an order that criteria speak against: usually not appropriate, or set aside by a
contraindication. *No criteria apply* is an order whose reason, stage or procedure no scenario rates. An order of which too
little is known has no code at all, and says why.
"""

from dataclasses import dataclass, field, replace
from functools import cached_property

from reasoner.explain import resource
from reasoner.intake import Record
from reasoner.intake.bundle import Envelope, as_list
from reasoner.intake.regions import Regions
from reasoner.kept import kept
from reasoner.knowledge import Knowledge
from reasoner.names import expand, ia

APPROPRIATE, NOT_APPROPRIATE, NO_CRITERIA = "appropriate", "not-appropriate", "no-criteria-apply"
CODES = {"usually-appropriate": APPROPRIATE, "may-be-appropriate": APPROPRIATE, "may-be-appropriate-disagreement": APPROPRIATE,
         "usually-not-appropriate": NOT_APPROPRIATE}
RANKS = list(CODES)
LEVELS = ["O", "1", "2", "3", "4", "5"]


@dataclass(frozen=True)
class Ordered:
    """An order to judge: its name in the answer, its ServiceRequest, and the codes of the Conditions that it names as its reason."""

    name: str
    json: dict
    named: list

    @classmethod
    def of(cls, name: str, json: dict, envelope: Envelope) -> "Ordered":
        """An order of a record, whose references are followed in its envelope."""
        targets = {envelope.resolve(reference) for reference in as_list(json.get("reasonReference"))}
        return cls(name, json, [r.json.get("code") for r in envelope.of("Condition") if r.key in targets])

    @cached_property
    def reasons(self) -> list[tuple[str, str]]:
        """The coded reasons, its own and those of the Conditions it names, as pairs of system and code."""
        codings = [c for concept in as_list(self.json.get("reasonCode")) + self.named if isinstance(concept, dict) for c in as_list(concept.get("coding")) if isinstance(c, dict)]
        return [(c["system"], c["code"]) for c in codings if isinstance(c.get("system"), str) and isinstance(c.get("code"), str) and c["code"]]


@dataclass(frozen=True)
class Verdict:
    """What is said of an order: a code, or why there is none; and the row, scenario and contraindications behind it."""

    presentation: dict | None = None
    order: dict | None = None
    code: str | None = None
    row: dict | None = None
    category: str | None = None
    scenario: str | None = None
    aside: list[str] = field(default_factory=list)
    why: list[str] = field(default_factory=list)


def judge(knowledge: Knowledge, record: Record, answer: dict, order: Ordered) -> Verdict:
    """The verdict on an order of a record, given the answer to the record; of an order for several presentations, the least favorable of those that agree on the code."""
    found = [(p, o) for p in answer["presentations"] for o in p["orders"] if o["id"] == order.name]
    if not found:
        return Verdict(why=[n["message"] for n in answer["notes"] if n["about"] == order.name and n["severity"] == "warning"])
    verdicts = [judge_for(knowledge, record, order, p, o) for p, o in found]
    if len(verdicts) == 1:
        return verdicts[0]
    if len({v.code for v in verdicts}) > 1:
        return Verdict(*found[0], why=["The problems that the order is for lead to different ratings; order for one of them."])
    least = max(reversed(verdicts), key=lambda v: RANKS.index(v.category) if v.category else len(RANKS))
    return replace(least, aside=list(dict.fromkeys(a for v in verdicts for a in v.aside)), why=list(dict.fromkeys(w for v in verdicts for w in v.why)))


def judge_for(knowledge: Knowledge, record: Record, order: Ordered, p: dict, row: dict) -> Verdict:
    """The verdict on an order for one presentation, whose answer lists it as `row`."""
    verdict = lambda **more: Verdict(p, row, **more)
    procedure = expand(row["procedure"]["id"]) if row["procedure"] else None
    if p["finding"] is None:
        why = unread_reason(knowledge, order)
        return verdict(why=[why]) if why else verdict(code=NO_CRITERIA)
    applying = [s["id"] for s in p["scenarios"] if s["status"] == "applies"]
    excluded = contraindications(knowledge, p, procedure) if procedure else []
    if p["outcome"] == "more-information":
        return verdict(aside=excluded, why=["It is not known which scenario applies."])
    if procedure is None:
        return verdict(why=["The code of the order names no study that is known here."])
    if misplaced := elsewhere(knowledge, record, order, p, procedure):
        return verdict(aside=excluded, why=[misplaced])
    generic = knowledge.facts.value(procedure, ia("specializes")) or procedure
    rows = [r for r in p["recommendations"] if expand(r["generic"]) == generic]
    advice = list(dict.fromkeys([f["advice"] for r in rows if r["setAside"] for f in r["safety"] if f["severity"] == "contraindicated"] + excluded))
    if advice:
        first = rows[0] if rows else None
        return verdict(code=NOT_APPROPRIATE, row=first, category=first and first["category"], scenario=first["scenario"] if first else next(iter(applying), None), aside=advice)
    if len({CODES[r["category"]] for r in rows}) > 1:
        return verdict(why=["Two scenarios apply and rate this study differently."])
    if rows:
        rated = decisive(rows)
        return verdict(code=CODES[rated["category"]], row=rated, category=rated["category"], scenario=rated["scenario"])
    if applying and unstated(knowledge, generic):
        return verdict(why=["The code of the order does not say how contrast is used, and the rating depends on it."])
    return verdict(code=NO_CRITERIA)


def unread_reason(knowledge: Knowledge, order: Ordered) -> str | None:
    """Why the reason of an order that no topic covers is not known well enough to say so; None when it is."""
    coded = order.reasons
    if not coded:
        return "The order gives no coded reason."
    if not any(knowledge.codes.known(system) for system, _ in coded):
        return "The reason of the order is coded in no terminology that is known here."
    findings = [m for system, code in coded for m in knowledge.codes.near(system, code) if is_finding(knowledge, m.subject)]
    if any(m.intake for m in findings):
        return "The reason of the order is not recorded as an active problem that can be judged."
    return "The code of the reason is too vague: it may mean a finding that criteria cover, or another." if findings else None


@kept
def is_finding(knowledge: Knowledge, term: str) -> bool:
    """Whether a term is a clinical finding or a diagnosis."""
    return bool({ia("ClinicalFinding"), ia("Diagnosis")} & (knowledge.definitions.superclasses(term) | set(knowledge.definitions.static.get(term, ()))))


def contraindications(knowledge: Knowledge, p: dict, procedure: str) -> list[str]:
    """The advice of the contraindications that took the presentation out of a scenario, where the procedure exposes to their hazard."""
    facts = knowledge.facts
    generic = facts.value(procedure, ia("specializes")) or procedure
    exposed = set(facts.objects(generic, ia("exposesTo")))
    holds = lambda s: s["excludedBy"] and s["excludedBy"] not in {c["id"] for c in s["criteria"]}  # a criterion of its own excludes because it is unmet
    classes = {expand(s["excludedBy"]) for s in p["scenarios"] if holds(s)}
    rules = [r for c in sorted(classes) for r in facts.subjects(ia("whenIn"), c) if facts.value(r, ia("severity")) == "contraindicated"]
    return list(dict.fromkeys(facts.value(r, ia("advice")) for r in rules if exposed & set(facts.objects(r, ia("hasHazard")))))


def elsewhere(knowledge: Knowledge, record: Record, order: Ordered, p: dict, procedure: str) -> str | None:
    """Why an order is for another place in the body than the finding; None when it is not."""
    regions = knowledge.facts.objects(procedure, ia("hasRegion"))
    if regions and p["region"] and not Regions(knowledge).related(regions, [expand(p["region"]["id"])]):
        return f"The order is for another region ({', '.join(map(knowledge.label, regions))}) than the finding ({p['region']['label']})."
    codings = as_list(order.json["code"].get("coding")) if isinstance(order.json.get("code"), dict) else []
    ordered = {m.laterality for c in codings if isinstance(c, dict) and isinstance(c.get("system"), str) and isinstance(c.get("code"), str)
               for m in knowledge.codes.find(c["system"], c["code"])} & {"left", "right"}
    found = {o for s, predicate, o in record.statements if predicate == ia("hasLaterality") and resource(s) == p["id"]}
    if ordered and len(found) == 1 and found & {ia("Left"), ia("Right")} and not found & {ia(side.capitalize()) for side in ordered}:
        return f"The order is for the {' and '.join(sorted(ordered))} side, the finding is on the other."
    return None


def unstated(knowledge: Knowledge, generic: str) -> bool:
    """Whether a procedure leaves open how contrast is used."""
    return knowledge.facts.holds(generic, ia("hasContrast"), ia("ContrastNotStated"))


def alternatives(verdict: Verdict, child: bool) -> list[dict]:
    """The rows of studies to order instead: of a better category, or of the same with less radiation; the usually appropriate ones if there are any."""
    if not verdict.presentation:
        return []
    of: dict[str, list[dict]] = {}
    for r in verdict.presentation["recommendations"]:
        of.setdefault(r["generic"], []).append(r)
    disputed = {c["procedure"] for c in verdict.presentation["conflicts"]}
    rows = [r for r in map(decisive, of.values()) if not r["setAside"] and CODES[r["category"]] == APPROPRIATE and r is not verdict.row and r["generic"] not in disputed]
    if verdict.category and verdict.row and not verdict.aside:
        rows = [r for r in rows if RANKS.index(r["category"]) < RANKS.index(verdict.category) or (r["category"] == verdict.category and spares(r, verdict.row, child))]
    return [r for r in rows if r["category"] == RANKS[0]] or rows


def decisive(rows: list[dict]) -> dict:
    """Of the rows of one procedure in several scenarios the one that an order is judged by: the least favorable, as in the answer."""
    return max(reversed(rows), key=lambda r: RANKS.index(r["category"]))


def spares(row: dict, other: dict, child: bool) -> bool:
    """Whether a study takes less radiation than another, at the age of the patient."""
    one, two = (r["pediatricRadiation" if child else "adultRadiation"] for r in (row, other))
    return one in LEVELS and two in LEVELS and LEVELS.index(one) < LEVELS.index(two)
