"""Small FHIR R4 resources for tests: each says only what a test is about; codes are written
`system:code`.
"""

SYSTEMS = {
    "sct": "http://snomed.info/sct",
    "loinc": "http://loinc.org",
    "icd": "http://hl7.org/fhir/sid/icd-10-cm",
    "ncit": "http://ncicb.nci.nih.gov/xml/owl/EVS/Thesaurus.owl",
    "radlex": "http://www.radlex.org/RID/",
    "v3": "http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation",
    "ia": "https://w3id.org/imaging-appropriateness/ns/",
    "clinical": "http://terminology.hl7.org/CodeSystem/condition-clinical",
    "verification": "http://terminology.hl7.org/CodeSystem/condition-ver-status",
}
SUBJECT = {"reference": "Patient/p1"}
THIGH, FOREARM, DEEP, SUPERFICIAL = "sct:68367000", "sct:14975008", "sct:795002", "sct:26283006"
MASS, PALPABLE_MASS, PACEMAKER, PACEMAKER_IN_SITU = (
    "sct:444905003",
    "sct:443607001",
    "sct:14106009",
    "sct:441509002",
)
NORMAL, INDETERMINATE, SUSPICIOUS, LIPOMA, HEMANGIOMA = (
    "sct:168541005",
    "sct:280416009",
    "radlex:RID39314",
    "sct:93163002",
    "sct:400210000",
)
XR_FEMUR, US_LEG, MRI_THIGH, MRI_THIGH_PLAIN, CT_THIGH = (
    "loinc:24704-9",
    "loinc:80861-8",
    "loinc:24703-1",
    "loinc:36461-2",
    "loinc:36172-5",
)
BIOPSY, EGFR = "sct:277590007", "loinc:98979-8"
SAFE, CONDITIONAL, UNSAFE, NOT_LABELED = (
    "ncit:C106045",
    "ncit:C106046",
    "ncit:C106047",
    "ncit:C113844",
)


def concept(*codes: str) -> dict:
    """A CodeableConcept of codes that mean the same."""
    return {
        "coding": [
            {"system": SYSTEMS[prefix], "code": code}
            for prefix, code in (c.split(":", 1) for c in codes)
        ]
    }


def concepts(codes) -> list[dict]:
    """A list of CodeableConcepts, one a code."""
    return [concept(c) for c in codes]


def refer(*keys: str) -> list[dict]:
    """References to resources of the same record."""
    return [{"reference": key} for key in keys]


def patient(born: str | None = "1981-03-04", **more) -> dict:
    """The patient p1."""
    return {"resourceType": "Patient", "id": "p1", **({"birthDate": born} if born else {}), **more}


def condition(
    name: str, code: str, clinical: str = "active", verification: str = "confirmed", **more
) -> dict:
    """A Condition of the patient."""
    return {
        "resourceType": "Condition",
        "id": name,
        "subject": SUBJECT,
        "code": concept(code),
        "clinicalStatus": concept(f"clinical:{clinical}"),
        "verificationStatus": concept(f"verification:{verification}"),
        **more,
    }


def mass(
    *sites: str, name: str = "mass-1", code: str = MASS, onset: str = "2026-04-01", **more
) -> dict:
    """A Condition that states a mass; sites are body structures and depths."""
    return condition(
        name, code, onsetDateTime=onset, **({"bodySite": concepts(sites)} if sites else {}), **more
    )


def report(
    name: str, code: str, *conclusions: str, day: str = "2026-04-18", status: str = "final", **more
) -> dict:
    """A DiagnosticReport with conclusion codes."""
    return {
        "resourceType": "DiagnosticReport",
        "id": name,
        "status": status,
        "subject": SUBJECT,
        "code": concept(code),
        "effectiveDateTime": day,
        **({"conclusionCode": concepts(conclusions)} if conclusions else {}),
        **more,
    }


def order(
    name: str,
    code: str | None,
    reason: str | None = "Condition/mass-1",
    status: str = "draft",
    intent: str = "order",
    **more,
) -> dict:
    """A ServiceRequest with a Condition as its reason."""
    return {
        "resourceType": "ServiceRequest",
        "id": name,
        "status": status,
        "intent": intent,
        "subject": SUBJECT,
        **({"code": concept(code)} if code else {}),
        **({"reasonReference": refer(reason)} if reason else {}),
        **more,
    }


def observation(name: str, code: str, status: str = "final", **more) -> dict:
    """An Observation of the patient."""
    return {
        "resourceType": "Observation",
        "id": name,
        "status": status,
        "subject": SUBJECT,
        "code": concept(code),
        **more,
    }


def egfr(name: str, value, day: str = "2026-04-10", unit: str = "mL/min/{1.73_m2}", **more) -> dict:
    """An Observation of estimated GFR."""
    return observation(
        name, EGFR, effectiveDateTime=day, valueQuantity={"value": value, "code": unit, **more}
    )


def device(name: str, kind: str | None, *labels: str, status: str = "active") -> dict:
    """A Device of the patient with MR labels."""
    return {
        "resourceType": "Device",
        "id": name,
        "status": status,
        "patient": SUBJECT,
        **({"type": concept(kind)} if kind else {}),
        **({"safety": concepts(labels)} if labels else {}),
    }


def allergy(
    name: str, code: str, severity: str | None = None, verification: str = "confirmed"
) -> dict:
    """An AllergyIntolerance with the severity of its reaction."""
    return {
        "resourceType": "AllergyIntolerance",
        "id": name,
        "patient": SUBJECT,
        "code": concept(code),
        "clinicalStatus": concept("clinical:active"),
        "verificationStatus": concept(f"verification:{verification}"),
        **({"reaction": [{"severity": severity}]} if severity else {}),
    }


def inconclusive() -> list[dict]:
    """A deep thigh mass that radiograph and ultrasound left uncharacterized."""
    return [
        mass(THIGH, DEEP),
        report("xr-1", XR_FEMUR, NORMAL),
        report("us-1", US_LEG, INDETERMINATE, day="2026-04-20"),
    ]


def bundle(*resources: dict) -> dict:
    """A Bundle of resources; the patient p1 comes first unless there is one."""
    everyone = (
        resources
        if any(r.get("resourceType") == "Patient" for r in resources)
        else (patient(), *resources)
    )
    return {
        "resourceType": "Bundle",
        "type": "collection",
        "entry": [{"resource": r} for r in everyone],
    }
