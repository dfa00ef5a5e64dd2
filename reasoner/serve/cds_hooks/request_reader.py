"""Reads a CDS Hooks request leniently, with a note on each deviation from the specification.

The draft orders that are sent back (`Draft.sent`) are never changed; the reasoner reads corrected
copies.
"""

import hashlib

from reasoner.errors import InputError
from reasoner.inference.proof import resource
from reasoner.intake.bundle import as_list, parse
from reasoner.intake.record import node
from reasoner.serve.cds_hooks.prefetch import mend_prefetch, require, resource_of
from reasoner.serve.cds_hooks.request import Draft, HookRequest, entries_of, has_id
from reasoner.serve.problems import Problem

HINT = "Send a CDS Hooks 2.0 request: a JSON object with hook, hookInstance, context and prefetch."

MOST = 1000  # draft orders that are judged in one request, each of which has a card


def read_request(body: bytes, hook: str) -> HookRequest:
    """The request in a body.

    Raises InputError for what is no request of CDS Hooks, and Problem for one without the data
    that every answer rests on.
    """
    sent = parse(body, HINT)
    if not isinstance(sent, dict) or not isinstance(sent.get("context"), dict):
        raise InputError("context", "the body holds no context object", HINT)
    notes: list[str] = []
    if sent.get("hook") != hook:
        notes.append(
            f"hook does not say {hook}, which this service answers; the request was read as {hook}."
        )
    instance = sent.get("hookInstance")
    if not isinstance(instance, str) or not instance:
        notes.append(
            "hookInstance is missing; the consultation id was made from the request itself."
        )
        instance = hashlib.sha256(body).hexdigest()
    request = HookRequest(instance, {}, notes=notes)
    orders = (
        mend_orders(request, sent["context"].get("draftOrders")) if hook != "patient-view" else []
    )
    request.selected = (
        selected(request, sent["context"].get("selections"))
        if hook == "order-select"
        else request.drafts
    )
    if len(request.selected) > MOST:
        raise Problem(
            413,
            "too-many-orders",
            f"context.draftOrders: there are {len(request.selected)} "
            f"draft orders to judge, and at most {MOST} are judged in one request. Send "
            "context.selections with those that are new, or fewer orders.",
        )
    fetched = mend_prefetch(request, sent.get("prefetch"), {draft.name for draft in request.drafts})
    if request.selected or hook == "patient-view":
        require(request)
    context = {
        "patientId": patient_of(request, sent["context"], fetched),
        "draftOrders": {"resourceType": "Bundle", "type": "collection", "entry": orders},
    }
    request.document = {
        "context": context,
        "prefetch": fetched,
        "fhirServer": sent.get("fhirServer"),
    }
    return request


def selected(request: HookRequest, given) -> list[Draft]:
    """The drafts that are newly selected, which are the only ones to judge; all when nothing says
    which.
    """
    if given is None:
        request.notes.append("context.selections is missing; all draft orders were judged.")
        return request.drafts
    names = [name for name in as_list(given) if isinstance(name, str)]
    if not names:
        request.notes.append("context.selections is empty; all draft orders were judged.")
        return request.drafts
    references = {
        references for name in names for references in (name, "/".join(name.rsplit("/", 2)[-2:]))
    }
    chosen = [d for d in request.drafts if is_named(d, references)]
    if chosen or not any("ServiceRequest" in name or "/" not in name for name in names):
        return chosen
    request.notes.append("context.selections names no draft order that was sent; all were judged.")
    return request.drafts


def is_named(draft: Draft, references: set[str]) -> bool:
    """Whether selections, or the last two parts of longer addresses among them, name a draft order:
    by type and id, or by id alone.
    """
    return draft.name in references or (has_id(draft.sent) and draft.sent["id"] in references)


def patient_of(request: HookRequest, context: dict, fetched: dict) -> str | None:
    """The id of the patient: from the context, the prefetched patient, or the first draft."""
    given = context.get("patientId")
    if isinstance(given, int) and not isinstance(given, bool):
        request.notes.append("context.patientId is a number; it was read as text.")
        return str(given)
    if isinstance(given, str) and given:
        return given
    request.notes.append("context.patientId is missing.")
    subjects = [d.sent.get("subject") for d in request.drafts]
    named = [
        s["reference"]
        for s in subjects
        if isinstance(s, dict) and isinstance(s.get("reference"), str)
    ]
    return (
        fetched["patient"].get("id")
        if "patient" in fetched
        else next((n.rsplit("/", 1)[-1] for n in named), None)
    )


def mend_orders(request: HookRequest, given) -> list[dict]:
    """The entries of the draft orders, with defaults for what a draft leaves out.

    Adds each draft as it was sent to the request.
    """
    place = "context.draftOrders"
    entries, names = [], set()
    for i, entry in enumerate(entries_of(request, given, place)):
        draft = resource_of(entry)
        if not isinstance(draft, dict) or draft.get("resourceType") != "ServiceRequest":
            entries.append(entry)
            continue
        where, identifier, url = (
            f"{place}.entry[{i}].resource",
            draft.get("id"),
            entry.get("fullUrl"),
        )
        key = (
            f"ServiceRequest/{identifier}"
            if isinstance(identifier, str) and identifier
            else url
            if isinstance(url, str) and url
            else where
        )
        name = resource(node(key))
        if name in names:
            request.notes.append(f"{where} repeats an earlier draft order; the first was used.")
            continue
        names.add(name)
        request.drafts.append(Draft(name, draft, where))
        entries.append({**entry, "resource": mend_draft(request, draft, where)})
    return entries


def mend_draft(request: HookRequest, sent: dict, where: str) -> dict:
    """A draft order as the reasoner reads it."""
    mended = dict(sent)
    for name, value in (("status", "draft"), ("intent", "order")):
        if not isinstance(sent.get(name), str) or not sent[name]:
            mended[name] = value
            request.notes.append(f"{where}.{name} is missing; it was read as {value}.")
    if not has_id(sent):
        request.notes.append(
            f"{where}.id is missing; the order is rated in a card, and cannot be updated."
        )
    if not as_list(sent.get("reasonCode")) and "reasonCode" in sent:
        request.notes.append(f"{where}.reasonCode is empty.")
    for name in ("code", "reasonCode"):
        for concept in as_list(sent.get(name)):
            if isinstance(concept, dict) and any(not c for c in as_list(concept.get("coding"))):
                request.notes.append(f"{where}.{name} has an empty coding; it was passed over.")
    return mended
