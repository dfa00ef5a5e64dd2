"""Requests of CDS Hooks for the tests."""

from bundles import MRI_THIGH_PLAIN, order, patient

SELECT = "/cds-services/imaging-order-select"
SIGN = "/cds-services/imaging-order-sign"
VIEW = "/cds-services/imaging-patient-view"
INSTANCE = "d1577c69-dfbe-44ad-ba6d-3e05e953b2ea"
KEYS = {
    "Condition": "conditions",
    "DiagnosticReport": "reports",
    "Observation": "measurements",
    "Device": "devices",
    "AllergyIntolerance": "allergies",
    "ServiceRequest": "orders",
    "Procedure": "procedures",
}


def hook(*drafts: dict, record=(), **context) -> dict:
    """An order-select request: draft orders, and a record sent as prefetch."""
    by_type: dict[str, list] = {}
    for r in record:
        by_type.setdefault(r["resourceType"], []).append({"resource": r})
    prefetch = {
        KEYS[kind]: {"resourceType": "Bundle", "type": "searchset", "entry": entries}
        for kind, entries in by_type.items()
        if kind in KEYS
    }
    people = [e["resource"] for e in by_type.get("Patient", [])]
    who = people[0] if people else patient()
    drafted = [{"resource": d} for d in drafts]
    return {
        "hook": "order-select",
        "hookInstance": INSTANCE,
        "fhirServer": "https://fhir.example.org/",
        "context": {
            "userId": "Practitioner/d1",
            "patientId": who["id"],
            "selections": [f"ServiceRequest/{d.get('id')}" for d in drafts],
            "draftOrders": {"resourceType": "Bundle", "type": "collection", "entry": drafted},
            **context,
        },
        "prefetch": {"patient": who, "conditions": None, **prefetch},
    }


def draft(
    study: str | None = MRI_THIGH_PLAIN, reason: str | None = "Condition/mass-1", **more
) -> dict:
    """The draft order of a request."""
    return {**order("draft-1", study, reason), **more}
