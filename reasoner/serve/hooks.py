"""A CDS Hooks request as it comes: read leniently, and everything that had to be forgiven becomes a note.

What is sent back (`Draft.sent`) is never touched; what the reasoner reads is a mended copy.
"""

import hashlib
import uuid
from dataclasses import dataclass, field

from reasoner.errors import InputError
from reasoner.explain import resource
from reasoner.intake.bundle import as_list, parse
from reasoner.intake.record import node
from reasoner.knowledge import Knowledge
from reasoner.names import BASE, ia

CONSULT = uuid.uuid5(uuid.NAMESPACE_URL, BASE + "consult/")
HINT = "Send a CDS Hooks 2.0 request: a JSON object with hook, hookInstance, context and prefetch."
PREFETCHED = {"patient": "Patient/{}", "conditions": "Condition?patient={}", "reports": "DiagnosticReport?patient={}",
              "measurements": "Observation?patient={}&code=", "findings": "Observation?patient={}&category=exam,imaging",
              "studies": "ImagingStudy?patient={}", "procedures": "Procedure?patient={}", "devices": "Device?patient={}",
              "allergies": "AllergyIntolerance?patient={}", "orders": "ServiceRequest?patient={}&status=draft,active"}
MEASURED = ("EstimatedGfr", "MassSize", "PregnancyStatus", "PalpableMass")


@dataclass(frozen=True)
class Draft:
    """A draft order: its name in the answer, the resource as it was sent, and its place in the request."""

    name: str
    sent: dict
    place: str


@dataclass
class HookRequest:
    """A request that was understood: the drafts, what the reasoner reads, and what was forgiven."""

    instance: str
    document: dict
    drafts: list[Draft] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def consult(self) -> str:
        """The id of the consultation: the same for the same hook instance."""
        return str(uuid.uuid5(CONSULT, self.instance))

    def named(self, *parts: str) -> str:
        """A UUID for a card or suggestion of this request."""
        return str(uuid.uuid5(CONSULT, "|".join((self.instance, *parts))))


def prefetch_templates(knowledge: Knowledge) -> dict[str, str]:
    """What a client is asked to send along, as FHIR queries of the kind that is widely supported."""
    codes = [f"{knowledge.codes.systems[m.prefix].systems[0]}|{m.code}" for name in MEASURED for m in knowledge.codes.of(ia(name))
             if m.intake == "fact" and m.prefix in ("LOINC", "SCTID")]
    made = {key: query.replace("{}", "{{context.patientId}}") for key, query in PREFETCHED.items()}
    return made | {"measurements": made["measurements"] + ",".join(codes)}


def read_request(body: bytes, hook: str) -> HookRequest:
    """The request in a body. Raises InputError for what is no request of CDS Hooks."""
    sent = parse(body, HINT)
    if not isinstance(sent, dict) or not isinstance(sent.get("context"), dict):
        raise InputError("context", "the body holds no context object", HINT)
    notes: list[str] = []
    if sent.get("hook") != hook:
        notes.append(f"hook does not say {hook}, which this service answers; the request was read as {hook}.")
    instance = sent.get("hookInstance")
    if not isinstance(instance, str) or not instance:
        notes.append("hookInstance is missing; the consultation id was made from the request itself.")
        instance = hashlib.sha256(body).hexdigest()
    made = HookRequest(instance, {}, notes=notes)
    orders = mend_orders(made, sent["context"].get("draftOrders")) if hook != "patient-view" else []
    fetched = mend_prefetch(made, sent.get("prefetch"), {draft.name for draft in made.drafts})
    context = {"patientId": patient_of(made, sent["context"], fetched), "draftOrders": {"resourceType": "Bundle", "type": "collection", "entry": orders}}
    made.document = {"context": context, "prefetch": fetched, "fhirServer": sent.get("fhirServer")}
    return made


def patient_of(request: HookRequest, context: dict, fetched: dict) -> str | None:
    """The id of the patient: of the context, else that of the prefetched patient or the subject of the first draft."""
    given = context.get("patientId")
    if isinstance(given, int) and not isinstance(given, bool):
        request.notes.append("context.patientId is a number; it was read as text.")
        return str(given)
    if isinstance(given, str) and given:
        return given
    request.notes.append("context.patientId is missing.")
    subjects = [d.sent.get("subject") for d in request.drafts]
    named = [s["reference"] for s in subjects if isinstance(s, dict) and isinstance(s.get("reference"), str)]
    return fetched["patient"].get("id") if "patient" in fetched else next((n.rsplit("/", 1)[-1] for n in named), None)


def mend_orders(request: HookRequest, given) -> list[dict]:
    """The entries of the draft orders with what a draft leaves out filled in; each draft is kept as it was sent."""
    place = "context.draftOrders"
    entries = []
    for i, entry in enumerate(entries_of(request, given, place)):
        found = entry.get("resource") if isinstance(entry, dict) else None
        if not isinstance(found, dict) or found.get("resourceType") != "ServiceRequest":
            entries.append(entry)
            continue
        where, identifier, url = f"{place}.entry[{i}].resource", found.get("id"), entry.get("fullUrl")
        key = f"ServiceRequest/{identifier}" if isinstance(identifier, str) and identifier else url if isinstance(url, str) and url else where
        name = resource(node(key))
        if name in {draft.name for draft in request.drafts}:
            request.notes.append(f"{where} repeats an earlier draft order; the first was used.")
            continue
        request.drafts.append(Draft(name, found, where))
        entries.append({**entry, "resource": mend_draft(request, found, where)})
    return entries


def mend_draft(request: HookRequest, sent: dict, where: str) -> dict:
    """A draft order as the reasoner reads it."""
    mended = dict(sent)
    for name, value in (("status", "draft"), ("intent", "order")):
        if not isinstance(sent.get(name), str) or not sent[name]:
            mended[name] = value
            request.notes.append(f"{where}.{name} is missing; it was read as {value}.")
    if not isinstance(sent.get("id"), str) or not sent["id"]:
        request.notes.append(f"{where}.id is missing; the order is rated in a card, and cannot be updated.")
    if not as_list(sent.get("reasonCode")) and "reasonCode" in sent:
        request.notes.append(f"{where}.reasonCode is empty.")
    for name in ("code", "reasonCode"):
        for concept in as_list(sent.get(name)):
            if isinstance(concept, dict) and any(not c for c in as_list(concept.get("coding"))):
                request.notes.append(f"{where}.{name} has an empty coding; it was passed over.")
    return mended


def entries_of(request: HookRequest, given, place: str) -> list:
    """The entries of what should be a Bundle."""
    if isinstance(given, list):
        request.notes.append(f"{place} is a list, not a Bundle; its items were read.")
        return [{"resource": item} for item in given]
    if not isinstance(given, dict):
        request.notes.append(f"{place} is {'missing' if given is None else 'no Bundle'}.")
        return []
    if "entry" not in given and given.get("resourceType", "Bundle") != "Bundle":
        request.notes.append(f"{place} is a single resource, not a Bundle; it was read.")
        return [{"resource": given}]
    if not isinstance(given.get("type"), str):
        request.notes.append(f"{place} is a Bundle without type; its entries were read.")
    return as_list(given.get("entry"))


def mend_prefetch(request: HookRequest, given, drafted: set[str]) -> dict[str, dict]:
    """What was prefetched, without what is no resource and without older copies of the draft orders."""
    if isinstance(given, list):
        request.notes.append("prefetch is a list, not an object; its items were read.")
        given = {f"item{i}": item for i, item in enumerate(given)}
    if given is not None and not isinstance(given, dict):
        request.notes.append("prefetch is no object; it was not read.")
    given = given if isinstance(given, dict) else {}
    fetched: dict[str, dict] = {}
    for key, value in given.items():
        place = f"prefetch.{key}" if key in PREFETCHED else "prefetch of another name"
        if value is None or value == {}:
            request.notes.append(f"{place} is empty.")
        elif isinstance(value, dict) and value.get("resourceType") == "OperationOutcome":
            request.notes.append(f"{place} is an OperationOutcome: it could not be fetched, and what it would say is not known.")
        elif not isinstance(value, dict | list):
            request.notes.append(f"{place} is no resource; it was not read.")
        elif isinstance(value, dict) and value.get("resourceType") and value["resourceType"] != "Bundle":
            fetched[key] = value
        else:
            more = as_list(value.get("link")) if isinstance(value, dict) else []
            if any(isinstance(link, dict) and link.get("relation") == "next" for link in more):
                request.notes.append(f"{place} has further pages, which were not sent.")
            entries = [e for e in entries_of(request, value, place) if not outcome(request, e, place) and not repeats(e, drafted)]
            fetched[key] = {"resourceType": "Bundle", "type": "collection", "entry": entries}
    if missing := [key for key in PREFETCHED if key not in given]:
        request.notes.append(f"Not sent: {', '.join(f'prefetch.{key}' for key in missing)}; what they would say is not known.")
    return fetched


def outcome(request: HookRequest, entry, place: str) -> bool:
    """Whether an entry only says how the search went."""
    found = entry.get("resource") if isinstance(entry, dict) else None
    if isinstance(found, dict) and found.get("resourceType") == "OperationOutcome":
        request.notes.append(f"{place} holds an OperationOutcome; the other entries were read.")
        return True
    return False


def repeats(entry, drafted: set[str]) -> bool:
    """Whether an entry is an older copy of a draft order: the draft on the screen counts."""
    found = entry.get("resource") if isinstance(entry, dict) else None
    return isinstance(found, dict) and f"{found.get('resourceType')}/{found.get('id')}" in drafted
