"""Recognizes elements of an order in the form of FHIR R5, which is not read, and says how to
send them as R4.

FHIR R5 (5.0.0, ServiceRequest) makes `code` a CodeableReference, which holds a `concept` or a
`reference`, and `reason` takes the place of reasonCode and reasonReference. A sender that mixes
releases may write other elements so.
"""

from reasoner.intake.identity import Resource, as_list

REFERABLE = ("code", "bodySite")  # concepts in R4
HOLDS = ("concept", "reference")  # what only a CodeableReference has
REASON = "reason"
AS_R4 = {
    "code": "code as a CodeableConcept",
    "bodySite": "bodySite as a CodeableConcept",
    REASON: "the reason as reasonCode or reasonReference",
}


def of_r5(json: dict) -> list[str]:
    """The elements of an order, but for its reason, that are written as in R5."""
    return [
        name
        for name in REFERABLE
        if any(
            isinstance(item, dict) and any(part in item for part in HOLDS)
            for item in as_list(json.get(name))
        )
    ]


def with_concepts(resource: Resource) -> Resource:
    """An order with concepts in the place of references to them: what it may be, and no fact."""
    json = dict(resource.json)
    for name in REFERABLE:
        items = [
            item.get(HOLDS[0]) if isinstance(item, dict) and not item.get("coding") else item
            for item in as_list(json.get(name))
        ]
        if name in json:
            json[name] = items if isinstance(json[name], list) else next(iter(items), None)
    return Resource(resource.type, resource.key, resource.path, json, resource.base)


def r5_message(path: str, names: list[str]) -> str:
    """What is found of R5 in an order, and how to send it instead."""
    elements = " and ".join(f"{path}.{name}" for name in names)
    wanted = " and ".join(AS_R4[name] for name in names)
    verb = "is" if len(names) == 1 else "are"
    return (
        f"{elements} {verb} written as in FHIR R5, which is not read; the order is not rated. "
        f"Send it as FHIR R4 (4.0.1): {wanted}."
    )
