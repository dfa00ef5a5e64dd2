"""Orders: drafts and active requests, with the presentation they are for, or as a presentation of their own."""

from reasoner.intake.bundle import Resource, as_list
from reasoner.intake.elements import Reader, first_day, status
from reasoner.intake.presentations import Problem, add_finding, describe
from reasoner.intake.record import node
from reasoner.intake.studies import Imaging, imaging, opposite
from reasoner.names import RDF_TYPE, ia

INTENTS = {"order", "plan", "proposal", "original-order", "reflex-order", "filler-order", "instance-order"}
CPT = "http://www.ama-assn.org/go/cpt"
IMAGING_CATEGORIES = {"363679005", "imaging", "RAD"}


def read_orders(reader: Reader, problems: list[Problem], patient: str) -> None:
    """Reads the orders of the record, in order; a reason that no Condition says makes a presentation."""
    for resource in reader.envelope.of("ServiceRequest"):
        if status(resource, "status") not in ("draft", "active") or status(resource, "intent") not in INTENTS or resource.json.get("doNotPerform") is True:
            reader.record.note("info", resource.key, f"{resource.path} is no draft or active order (status {status(resource, 'status') or 'missing'}, intent {status(resource, 'intent') or 'missing'}).")
        elif reader.subject_is_patient(resource):
            found = imaging(reader, resource.json.get("code"), f"{resource.path}.code", resource.key)
            if found or is_imaging(resource):
                reader.record.orders.append(resource.key)
                place(reader, problems, resource, found, patient)
            else:
                reader.record.note("info", resource.key, f"{resource.path}.code names no imaging procedure that is known; the order was not judged.")


def is_imaging(resource: Resource) -> bool:
    """Whether the category of an order says that it is imaging, or its code is of the radiology chapter of CPT, whose numbers begin with 7; no such code is mapped here."""
    codings = lambda name: [k for c in as_list(resource.json.get(name)) if isinstance(c, dict) for k in as_list(c.get("coding")) if isinstance(k, dict)]
    return any(str(k.get("code")) in IMAGING_CATEGORIES for k in codings("category")) or any(
        k.get("system") == CPT and isinstance(k.get("code"), str) and len(k["code"]) == 5 and k["code"][0] == "7" for k in codings("code"))


def place(reader: Reader, problems: list[Problem], resource: Resource, found: Imaging | None, patient: str) -> None:
    """Attaches an order to the presentations it is for, or makes it one of its own."""
    own = Problem(resource.key, onset=first_day(resource, "authoredOn"))
    reasons = [m for m in reader.mappings(resource.json.get("reasonCode"), f"{resource.path}.reasonCode", resource.key) if m.intake == "fact"]
    covered = [m for m in reasons if reader.is_a(m.subject, "ClinicalFinding")]
    if resource.json.get("bodySite") is not None:
        describe(reader, own, resource.json["bodySite"], f"{resource.path}.bodySite", resource.key)
    own.regions = own.regions or [m.site for m in covered if m.site][:1] or (found.regions[:1] if found else [])
    own.sides = own.sides or [ia(m.laterality.capitalize()) for m in covered if m.laterality][:1] or ([found.side] if found and found.side else [])
    conditions = reasons_named(reader, resource)
    named = [p for p in problems if p.key in conditions]
    stated = bool(conditions or any(not isinstance(r, dict) or r.get("text") or any(as_list(r.get("coding"))) for r in as_list(resource.json.get("reasonCode"))))
    near = [p for p in problems if not opposite(next(iter(own.sides), None), p.sides)
            and (reader.regions.related(own.regions, p.regions) or not own.regions or not p.regions)]
    if named:
        mine = named
    else:
        mine = near if covered or not stated else []
    if mine:
        if not named:
            reader.record.note("info", resource.key, f"{resource.path} was taken to be for {', '.join(p.key for p in mine)}, which it does not name.")
        for problem in mine:
            state(reader, problem, resource, found)
        return
    if not stated and status(resource, "status") == "active":
        reader.record.note("warning", resource.key, f"{resource.path} gives no reason and fits no presentation; it was not judged.")
        return
    if not stated:
        reader.record.note("warning", resource.key, f"{resource.path} gives no reason; nothing can be said of it. Give a reasonCode or reasonReference.")
    add_finding(reader, own, sorted({m.subject for m in covered}), patient)
    state(reader, own, resource, found)
    if covered:
        problems.append(own)
    else:
        reader.record.say(own.iri, RDF_TYPE, ia("UncoveredPresentation"))


def reasons_named(reader: Reader, resource: Resource) -> set[str]:
    """The Conditions that an order names as its reason; a reference to what is not in the record becomes a note."""
    targets = {t for t in map(reader.envelope.resolve, as_list(resource.json.get("reasonReference"))) if t}
    if not targets:
        return targets
    known = {r.key: r.type for r in reader.envelope.resources}
    for target in sorted(targets - set(known)):
        reader.record.note("warning", resource.key, f"{resource.path}.reasonReference names {target}, which is not in the record.")
    return {t for t in targets if known.get(t) == "Condition"}


def state(reader: Reader, problem: Problem, resource: Resource, found: Imaging | None) -> None:
    """States an order of a presentation."""
    iri, say = node(resource.key, "order" if problem.key == resource.key else ""), reader.record.say
    say(problem.iri, ia("hasOrder"), iri)
    say(iri, RDF_TYPE, ia("Order"))
    if found:
        say(iri, ia("ofProcedure"), found.generic)
        if found.orderable:
            say(iri, ia("ofOrderable"), found.orderable)
