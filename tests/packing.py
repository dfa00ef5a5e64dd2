"""A record packed again for another door: a Bundle as a CDS Hooks request, and its parts."""

INSTANCE = "d1577c69-dfbe-44ad-ba6d-3e05e953b2ea"
KEYS = {
    "Condition": "conditions",
    "DiagnosticReport": "reports",
    "Observation": "measurements",
    "ImagingStudy": "studies",
    "Procedure": "procedures",
    "Device": "devices",
    "AllergyIntolerance": "allergies",
    "ServiceRequest": "orders",
    "DeviceUseStatement": "implants",
    "MedicationRequest": "prescriptions",
    "MedicationStatement": "medications",
}
EVERY = (*KEYS.values(), "findings")


def resources(bundle: dict) -> list[dict]:
    """The resources of a Bundle."""
    return [e["resource"] for e in bundle["entry"] if isinstance(e.get("resource"), dict)]


def key(resource: dict) -> str:
    """The name of a resource as answers give it."""
    return f"{resource['resourceType']}/{resource.get('id')}"


def is_draft(resource: dict) -> bool:
    """Whether a resource is a draft order."""
    return resource.get("resourceType") == "ServiceRequest" and resource.get("status") == "draft"


def searchset(entries: list[dict]) -> dict:
    """The answer to a search."""
    return {"resourceType": "Bundle", "type": "searchset", "entry": entries}


def order_sign(bundle: dict, hook: str = "order-sign", **changes) -> dict:
    """The request that an ordering system makes: drafts as context, all else as prefetch.

    `changes` replace prefetched values; `...` leaves one out.
    """
    entries = [e for e in bundle["entry"] if isinstance(e.get("resource"), dict)]
    drafts = [e for e in entries if is_draft(e["resource"])]
    who = next(e["resource"] for e in entries if e["resource"].get("resourceType") == "Patient")
    prefetch: dict = {name: [] for name in EVERY}
    for entry in entries:
        kind = entry["resource"].get("resourceType")
        if not is_draft(entry["resource"]) and kind != "Patient":
            prefetch.setdefault(KEYS.get(kind, "others"), []).append(entry)
    sent = {name: searchset(found) if found else None for name, found in prefetch.items()}
    sent = {k: v for k, v in ({"patient": who} | sent | changes).items() if v is not ...}
    context = {"userId": "Practitioner/1", "patientId": who.get("id")}
    if hook != "patient-view":
        context["draftOrders"] = {"resourceType": "Bundle", "type": "collection", "entry": drafts}
    if hook == "order-select":
        context["selections"] = [key(e["resource"]) for e in drafts]
    made = {"hook": hook, "hookInstance": INSTANCE, "context": context, "prefetch": sent}
    url = next(e.get("fullUrl") or "" for e in entries if e["resource"] is who)
    return made | ({"fhirServer": url.rsplit("/", 2)[0]} if url.startswith("http") else {})
