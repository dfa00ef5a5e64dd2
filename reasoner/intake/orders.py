"""Reads imaging orders: draft and active ServiceRequests (FHIR), each with the presentation that it
is for, or with one of its own.
"""

from dataclasses import replace

from reasoner.intake.annotations import is_true
from reasoner.intake.attachment import opposite
from reasoner.intake.attributes import describe, implied
from reasoner.intake.bounds import refuse_pairs
from reasoner.intake.bundle import Resource
from reasoner.intake.dates import first_day
from reasoner.intake.elements import Reader, status
from reasoner.intake.facts import Fact
from reasoner.intake.imaging import Imaging, elsewhere, imaging, is_imaging, something_else
from reasoner.intake.later import REASON, of_r5, r5_message, with_concepts
from reasoner.intake.order_facts import add_reason, facts_of_order, operations
from reasoner.intake.presentations import Problem, add_finding
from reasoner.intake.reasons import Reason, reason_of
from reasoner.intake.record import Unread, node
from reasoner.intake.unread import understood
from reasoner.names import RDF_TYPE, ia

INTENTS = {
    "order",
    "plan",
    "proposal",
    "original-order",
    "reflex-order",
    "filler-order",
    "instance-order",
}


def read_orders(reader: Reader, problems: list[Problem], patient: str) -> list[Fact]:
    """Reads the orders of the record, in order; returns what they state of their problems."""
    facts: list[Fact] = []
    for resource in reader.envelope.of("ServiceRequest"):
        state, intent, path = status(resource, "status"), status(resource, "intent"), resource.path
        if (
            state not in ("draft", "active")
            or intent not in INTENTS
            or resource.json.get("doNotPerform") is True
        ):
            reader.record.note(
                "info",
                resource.key,
                f"{path} is no draft or active order (status "
                f"{state or 'missing'}, intent {intent or 'missing'}).",
            )
        elif reader.subject_is_patient(resource):
            if not understood(reader, resource):
                unread_order(
                    reader,
                    resource,
                    patient,
                    ("modifierExtension", ""),
                    f"{path} has a modifier that is not understood; the order is not rated.",
                )
                continue
            if names := of_r5(resource.json):
                order_of_r5(reader, resource, patient, names)
                continue
            if planned := operations(reader, resource):
                facts += plan(reader, problems, resource, planned)
                continue
            procedure = imaging(reader, resource.json.get("code"), f"{path}.code", resource.key)
            sure = bool(procedure) or is_imaging(reader, resource)
            other = something_else(reader, resource)
            if not sure and not other and resource.json.get(REASON):
                order_of_r5(reader, resource, patient, [REASON])
            elif sure or not other:
                facts += attach_order(reader, problems, resource, procedure, patient, sure)
            else:
                reader.record.note(
                    "info",
                    resource.key,
                    f"{path}.code names no imaging procedure; the order was not judged.",
                )
    return facts


def order_of_r5(reader: Reader, resource: Resource, patient: str, names: list[str]) -> None:
    """States an order with elements that are written as in FHIR R5 as one that was not read."""
    names = names + [REASON] if resource.json.get(REASON) and REASON not in names else names
    message, shown = r5_message(resource.path, names), with_concepts(resource)
    if operations(reader, shown):
        reader.record.note("warning", resource.key, message)
    elif not unread_order(reader, shown, patient, (names[0], "FHIR R5"), message):
        reader.record.note("info", resource.key, message)


def unread_order(
    reader: Reader, resource: Resource, patient: str, item: tuple[str, str], message: str
) -> bool:
    """States an order that could not be read as one whose reason was not read.

    `item` is the place and a quote of what was not read. Returns whether it did: not when the order
    is known to be something else than imaging.
    """
    procedure = imaging(reader, resource.json.get("code"), f"{resource.path}.code", resource.key)
    if not procedure and not is_imaging(reader, resource) and something_else(reader, resource):
        return False
    own = Problem(resource.key)
    reader.record.orders.append(resource.key)
    add_finding(reader, own, patient)
    reader.record.say(own.iri, RDF_TYPE, ia("UnreadPresentation"))
    state(reader, own, resource, procedure)
    unread = Unread(ia("UnreadReason"), resource.key, *item, own.iri)
    reader.record.withhold(unread, message)
    return True


def plan(
    reader: Reader, problems: list[Problem], resource: Resource, planned: list[str]
) -> list[Fact]:
    """States a planned operation of the presentations that it is for; it is not judged.

    Returns what the plan and its reason state of them.
    """
    own, reason = purpose(reader, problems, resource, [])
    targets = presentations_of(reader, problems, own, reason)
    rated = [cls for cls in planned if reader.is_a(cls, "Operation")]
    for problem in targets if rated else ():
        operation = node(resource.key)
        reader.record.say(problem.iri, ia("plansOperation"), operation)
        for cls in rated:
            reader.record.say(operation, RDF_TYPE, cls)
    if not targets:
        reader.record.note(
            "info",
            resource.key,
            f"{resource.path} plans an operation and names no "
            "problem that is covered; it was not used.",
        )
    return facts_of_order(reader, resource, reason, targets)


def attach_order(
    reader: Reader,
    problems: list[Problem],
    resource: Resource,
    procedure: Imaging | None,
    patient: str,
    sure: bool,
) -> list[Fact]:
    """Attaches an order to the presentations it is for, or makes it one of its own.

    `sure` says whether it is known to be imaging. Returns what it states of them.
    """
    own, reason = purpose(
        reader, problems, resource, procedure.regions if procedure else elsewhere(reader, resource)
    )
    own.sides = own.sides or ([procedure.side] if procedure and procedure.side else [])
    targets = presentations_of(reader, problems, own, reason)
    if targets:
        if not any(p.is_named(reason.conditions) for p in targets):
            reader.record.note(
                "info",
                resource.key,
                f"{resource.path} was taken to be for "
                f"{', '.join(p.key for p in targets)}, which it does not name.",
            )
        reader.record.orders.append(resource.key)
        for problem in targets:
            state(reader, problem, resource, procedure)
            add_reason(reader, problem, own)
        if not procedure:
            reader.record.note(
                "warning",
                resource.key,
                f"{resource.path}.code names no study that is known, so the order is not rated.",
            )
    elif sure:
        stand_alone(reader, problems, own, resource, procedure, reason, patient)
        targets = [own] if any(p is own for p in problems) else []
    else:
        reader.record.note(
            "info",
            resource.key,
            f"{resource.path} is not known to be imaging and "
            "names no problem that is covered; it was not judged.",
        )
    return facts_of_order(reader, resource, reason, targets)


def purpose(
    reader: Reader, problems: list[Problem], resource: Resource, regions: list[str]
) -> tuple[Problem, Reason]:
    """The problem that an order itself describes, by default in `regions`, and its reason."""
    own = Problem(resource.key, onset=first_day(resource.json, "authoredOn"))
    reason = reason_of(reader, resource, problems)
    classes = sorted({m.subject for m in reason.covered})
    stated = [c for c in classes if is_true(reader.knowledge, c, "reasonStates")]
    own.classes = stated or classes
    own.suspected = bool(classes) and not stated
    if resource.json.get("bodySite") is not None:
        describe(reader, own, resource.json["bodySite"], f"{resource.path}.bodySite", resource.key)
    implied(reader, own, reason.covered)
    own.regions = own.regions or regions[:1]
    if stated != classes and stated:
        others = [c for c in classes if c not in stated]
        own.suspicions = [replace(own, classes=others, suspicions=[], part="suspicion")]
    return own, reason


def presentations_of(
    reader: Reader, problems: list[Problem], own: Problem, reason: Reason
) -> list[Problem]:
    """The presentations that an order is for: those that it names, else those near it.

    Near are those of the same region and side, when its reason is covered or when it gives none.
    """
    if named := [p for p in problems if p.is_named(reason.conditions)]:
        return named
    if reason.stated and not reason.covered:
        return []
    near = [p for p in problems if not opposite(next(iter(own.sides), None), p.sides)]
    return [
        p
        for p in near
        if not own.regions or not p.regions or reader.regions.related(own.regions, p.regions)
    ]


def stand_alone(
    reader: Reader,
    problems: list[Problem],
    own: Problem,
    resource: Resource,
    procedure: Imaging | None,
    reason: Reason,
    patient: str,
) -> None:
    """Makes an imaging order that belongs to no presentation one of its own, or notes it."""
    path, draft = resource.path, status(resource, "status") == "draft"
    outside = own.regions and all(reader.is_a(r, "SiteOutsideTopic") for r in own.regions)
    if not reason.stated and not draft:
        reader.record.orders.append(resource.key)
        reader.record.note(
            "warning",
            resource.key,
            f"{path} gives no reason and fits no presentation; it was not judged.",
        )
        return
    if outside and not reason.covered and not reason.outside:
        reader.record.note(
            "info",
            resource.key,
            f"{path} images a region outside of what criteria "
            "cover; its reason was not read, and it was not judged.",
        )
        return
    reader.record.orders.append(resource.key)
    if not reason.stated:
        reader.record.note(
            "warning",
            resource.key,
            f"{path} gives no reason; nothing can be said "
            "of it. Give a reasonCode or reasonReference.",
        )
    add_finding(reader, own, patient)
    state(reader, own, resource, procedure)
    if reason.covered:
        problems.append(own)
        refuse_pairs(len(problems), len(reader.envelope.of("ServiceRequest")), "orders")
    elif reason.unread or not reason.stated:
        reader.record.say(own.iri, RDF_TYPE, ia("UnreadPresentation"))
        for at, quote in reason.unread:
            at_ = at.removeprefix(f"{resource.path}.")
            item = Unread(ia("UnreadReason"), resource.key, at_, quote, own.iri)
            reader.record.withhold(
                item,
                f"{at} gives a reason that could not be read"
                f"{f' ({quote})' if quote else ''}; the order is not rated.",
            )
    else:
        reader.record.say(own.iri, RDF_TYPE, ia("UncoveredPresentation"))


def state(reader: Reader, problem: Problem, resource: Resource, procedure: Imaging | None) -> None:
    """States an order of a presentation."""
    iri = node(resource.key, "order" if problem.key == resource.key else "")
    say = reader.record.say
    say(problem.iri, ia("hasOrder"), iri)
    say(iri, RDF_TYPE, ia("Order"))
    if procedure:
        say(iri, ia("ofProcedure"), procedure.generic)
        if procedure.orderable:
            say(iri, ia("ofOrderable"), procedure.orderable)
        if procedure.side:
            say(iri, ia("hasLaterality"), procedure.side)
