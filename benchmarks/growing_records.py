"""Records and documents that grow, by the door that takes them: a name, and a function of the size
that gives the bytes.

SIZES are those at which the time stands well above the noise; twice the size must not take three
times as long.
"""

import json
from collections.abc import Callable

import reasoner

SIZES = {"TURTLE": 3200, "FHIR": 3200, "DOCUMENTS": 1_000_000, "EXPRESSIONS": 200_000}
EXAMPLE = json.loads(reasoner.example())
RESOURCES = {
    f"{e['resource']['resourceType']}/{e['resource']['id']}": e["resource"]
    for e in EXAMPLE["entry"]
}
SNOMED = "http://snomed.info/sct"
SUBJECT = {"reference": "Patient/example"}
PATIENT = """@prefix ia: <https://w3id.org/imaging-appropriateness/ns/> .
@prefix c: <https://w3id.org/imaging-appropriateness/case/> .
c:p a ia:Patient ; ia:birthDate "1980-01-01"^^<http://www.w3.org/2001/XMLSchema#date> .
"""
MASS = """c:m a ia:Presentation ; ia:hasPatient c:p ; ia:hasFinding c:f .
c:f a ia:SoftTissueMass ; ia:hasDepth ia:DeepToFascia ; ia:hasSite ia:Thigh .
"""
DAY = '"2026-01-01"^^<http://www.w3.org/2001/XMLSchema#date>'


def bundle(*more: dict, drop: tuple[str, ...] = ()) -> bytes:
    """The bundled example as a Bundle with more resources, without some of its own."""
    held = [r for key, r in RESOURCES.items() if key not in drop] + list(more)
    return json.dumps(
        {
            "resourceType": "Bundle",
            "type": "collection",
            "entry": [
                {
                    "fullUrl": f"https://example.org/fhir/{r['resourceType']}/{r['id']}",
                    "resource": r,
                }
                for r in held
            ],
        }
    ).encode()


def changed(i: int, changes: dict) -> dict:
    """Elements of the resource number i; a function of the number gives those that differ."""
    return {key: value(i) if callable(value) else value for key, value in changes.items()}


def copies(key: str, n: int, **changes) -> list[dict]:
    """Copies of a resource of the example, each with an id of its own."""
    resource = RESOURCES[key]
    return [{**resource, "id": f"{resource['id']}-{i}", **changed(i, changes)} for i in range(n)]


def concept(code: str, display: str = "x", system: str = SNOMED) -> dict:
    """A CodeableConcept."""
    return {"coding": [{"system": system, "code": code, "display": display}]}


def day(i: int) -> str:
    """One of thousands of days."""
    return f"{2000 + i % 26}-{1 + i // 26 % 12:02d}-{1 + i // 312 % 28:02d}"


def resources(kind: str, n: int, **elements) -> list[dict]:
    """Resources of a type."""
    return [
        {"resourceType": kind, "id": f"{kind.lower()}{i}", **changed(i, elements)} for i in range(n)
    ]


def observations(n: int, **elements) -> list[dict]:
    """Final Observations of the patient."""
    return [
        {**resource, "id": f"o{i}"}
        for i, resource in enumerate(
            resources("Observation", n, status="final", subject=SUBJECT, **elements)
        )
    ]


def lines(line: str, head: str = PATIENT + MASS) -> Callable[[int], bytes]:
    """A patient graph with a line again and again; `%` in it is the number of the line."""
    return lambda n: (head + "\n".join(line.replace("%", str(i)) for i in range(n))).encode()


def again(sign: bytes, closing: bytes = b"") -> Callable[[int], bytes]:
    """Some bytes again and again, and others at the end."""
    return lambda n: sign * n + closing


TURTLE = {
    "blank nodes": lines("[] <http://a/b> % ."),
    "studies": lines(
        f"c:m ia:hasStudy c:s% . c:s% a ia:Study ; ia:ofProcedure ia:Radiography ;"
        f" ia:performedOn {DAY} ; ia:hasResult [ a ia:BenignResult ] ."
    ),
    "studies, no result": lines("c:m ia:hasStudy [ a ia:Study ; ia:ofProcedure ia:Radiography ] ."),
    "earlier studies": lines(
        "c:m ia:hasEarlierStudy [ a ia:Study ; ia:ofProcedure ia:Radiography ] ."
    ),
    "results of one": lines(
        "c:s ia:hasResult [ a ia:BenignResult ] .",
        PATIENT + MASS + "c:m ia:hasStudy c:s . c:s a ia:Study ; ia:ofProcedure ia:Radiography .",
    ),
    "orders": lines("c:m ia:hasOrder c:o% . c:o% a ia:Order ; ia:ofProcedure ia:Radiography ."),
    "one order": lines(
        "c:m% a ia:Presentation ; ia:hasPatient c:p ; ia:hasFinding c:f ; ia:hasOrder c:o .",
        PATIENT + MASS + "c:o a ia:Order ; ia:ofProcedure ia:Radiography .",
    ),
    "presentations": lines(
        "c:m% a ia:Presentation ; ia:hasPatient c:p ;"
        " ia:hasFinding [ a ia:SoftTissueMass ; ia:hasDepth ia:DeepToFascia ;"
        " ia:hasSite ia:Thigh ] ."
    ),
    "presentations bare": lines("c:m% a ia:Presentation ; ia:hasPatient c:p ."),
    "one finding": lines("c:m% a ia:Presentation ; ia:hasPatient c:p ; ia:hasFinding c:f ."),
    "devices": lines("c:p ia:hasDevice [ a ia:CardiacPacemaker ] ."),
    "devices unknown": lines("c:p ia:hasDevice [] ."),
    "conditions": lines("c:p ia:hasCondition [ a ia:Pregnancy ] ."),
    "measurements": lines(
        "c:p ia:hasMeasurement [ a ia:Measurement ; ia:ofObservable ia:EstimatedGfr ;"
        " ia:value 20 ] ."
    ),
    "values of one": lines(
        "c:x ia:value % .",
        PATIENT + MASS + "c:p ia:hasMeasurement c:x . c:x ia:ofObservable ia:EstimatedGfr .",
    ),
    "sites": lines("c:f ia:hasSite ia:Thigh , ia:Knee , ia:Hip . c:f% ia:hasSite ia:Thigh ."),
    "labels": lines('c:m <http://www.w3.org/2000/01/rdf-schema#label> "%" .'),
    "predicates": lines('c:m <http://x/%> "%" .'),
    "chain": lines("c:n% <http://x/p> c:n1% ."),
    "circle": lambda n: (
        PATIENT + MASS + "".join(f"c:n{i} ia:hasStudy c:n{(i + 1) % n} .\n" for i in range(n))
    ).encode(),
    "studies of presentations": lines(
        "c:m% a ia:Presentation ; ia:hasPatient c:p ; ia:hasFinding c:f ;"
        " ia:hasStudy [ a ia:Study ; ia:ofProcedure ia:Radiography ;"
        " ia:hasResult [ a ia:BenignResult ] ] ."
    ),
    "shared studies": lambda n: (
        PATIENT
        + MASS
        + "".join(
            f"c:m{i} a ia:Presentation ; ia:hasPatient c:p ; ia:hasFinding c:f ;"
            f" ia:hasStudy c:s .\n"
            for i in range(n)
        )
        + "c:s a ia:Study ; ia:ofProcedure ia:Radiography ."
    ).encode(),
    "patients and devices": lines(
        "c:m% a ia:Presentation ; ia:hasPatient c:p ;"
        " ia:hasFinding c:f . c:p ia:hasDevice [ a ia:CardiacPacemaker ] ."
    ),
}

FHIR = {
    "conditions alike": lambda n: bundle(*copies("Condition/mass", n)),
    "conditions of many days": lambda n: bundle(*copies("Condition/mass", n, onsetDateTime=day)),
    "conditions not covered": lambda n: bundle(
        *copies("Condition/mass", n, code=concept("195967001"))
    ),
    "conditions unknown": lambda n: bundle(
        *copies("Condition/mass", n, code={"text": "strange thing"})
    ),
    "reports alike": lambda n: bundle(*copies("DiagnosticReport/radiograph", n)),
    "reports of many days": lambda n: bundle(
        *copies("DiagnosticReport/radiograph", n, effectiveDateTime=day)
    ),
    "reports based on orders": lambda n: bundle(
        *copies(
            "DiagnosticReport/radiograph",
            n,
            basedOn=lambda i: [{"reference": f"ServiceRequest/biopsy-{i}"}],
        ),
        *copies("ServiceRequest/biopsy", n, status="completed"),
    ),
    "reports with results": lambda n: bundle(
        *copies(
            "DiagnosticReport/radiograph", n, result=lambda i: [{"reference": f"Observation/o{i}"}]
        ),
        *observations(n, code=concept("1234"), valueCodeableConcept=concept("280416009")),
    ),
    "one report with many results": lambda n: bundle(
        *copies(
            "DiagnosticReport/radiograph",
            1,
            result=[{"reference": f"Observation/o{i}"} for i in range(n)],
        ),
        *observations(n, code=concept("1234"), valueCodeableConcept=concept("280416009")),
    ),
    "reports unnamed": lambda n: bundle(
        *copies("DiagnosticReport/radiograph", n, code={"text": "MRI scan"})
    ),
    "reports without region": lambda n: bundle(
        *copies(
            "DiagnosticReport/radiograph",
            n,
            code=concept("113091000", "Magnetic resonance imaging"),
        )
    ),
    "orders": lambda n: bundle(*copies("ServiceRequest/biopsy", n)),
    "imaging orders": lambda n: bundle(
        *copies("ServiceRequest/biopsy", n, code=concept("24704-9", "XR", "http://loinc.org"))
    ),
    "orders alone": lambda n: bundle(
        *copies(
            "ServiceRequest/biopsy",
            n,
            code=concept("24704-9", "XR", "http://loinc.org"),
            reasonReference=[],
            reasonCode=[concept("195967001")],
        )
    ),
    "devices": lambda n: bundle(
        *resources("Device", n, patient=SUBJECT, type=concept("14106009", "Cardiac pacemaker"))
    ),
    "devices unknown": lambda n: bundle(
        *resources("Device", n, patient=SUBJECT, type={"text": "thing"})
    ),
    "device uses": lambda n: bundle(
        *resources("Device", n, type=concept("14106009", "Cardiac pacemaker")),
        *resources(
            "DeviceUseStatement",
            n,
            status="active",
            subject=SUBJECT,
            device=lambda i: {"reference": f"Device/device{i}"},
        ),
    ),
    "device uses not sent": lambda n: bundle(
        *resources(
            "DeviceUseStatement",
            n,
            status="active",
            subject=SUBJECT,
            device=lambda i: {"reference": f"Device/device{i}"},
        )
    ),
    "device in place": lambda n: bundle(
        *resources("Device", n, patient=SUBJECT, type=concept("14106009", "Cardiac pacemaker")),
        *copies("Condition/mass", n, code=concept("441509002", "Cardiac pacemaker in situ")),
    ),
    "removals": lambda n: bundle(
        *resources(
            "Procedure",
            n,
            status="completed",
            subject=SUBJECT,
            performedDateTime=day,
            code=concept("80921006", "x"),
        ),
        *copies("Condition/mass", n, code=concept("441509002", "Cardiac pacemaker in situ")),
    ),
    "allergies": lambda n: bundle(
        *resources("AllergyIntolerance", n, patient=SUBJECT, code={"text": "contrast"})
    ),
    "observations": lambda n: bundle(
        *observations(
            n,
            code=concept("8302-2", "h", "http://loinc.org"),
            valueQuantity={"value": 1, "unit": "cm"},
        )
    ),
    "observations gfr": lambda n: bundle(
        *observations(
            n,
            code=concept("33914-3", "egfr", "http://loinc.org"),
            effectiveDateTime=day,
            valueQuantity={
                "value": 50,
                "unit": "mL/min/{1.73_m2}",
                "code": "mL/min/{1.73_m2}",
                "system": "http://unitsofmeasure.org",
            },
        )
    ),
    "observations suspicious": lambda n: bundle(
        *observations(
            n, code=concept("1234"), valueCodeableConcept=concept("363346000", "Malignant")
        )
    ),
    "observation components": lambda n: bundle(
        *observations(
            1,
            code=concept("1234"),
            component=[
                {"code": concept("33914-3", "egfr", "http://loinc.org"), "valueString": "pacemaker"}
                for i in range(n)
            ],
        )
    ),
    "hasMember chain": lambda n: bundle(
        *observations(
            n, code=concept("1234"), hasMember=lambda i: [{"reference": f"Observation/o{i + 1}"}]
        ),
        *copies("DiagnosticReport/radiograph", 1, result=[{"reference": "Observation/o0"}]),
    ),
    "contained": lambda n: bundle(
        *copies(
            "DiagnosticReport/radiograph",
            1,
            contained=[
                {
                    "resourceType": "Observation",
                    "id": f"c{i}",
                    "status": "final",
                    "code": concept("1234"),
                }
                for i in range(n)
            ],
            result=[{"reference": f"#c{i}"} for i in range(n)],
        )
    ),
    "contained in each": lambda n: bundle(
        *copies(
            "DiagnosticReport/radiograph",
            n,
            contained=[
                {
                    "resourceType": "Observation",
                    "id": "c",
                    "status": "final",
                    "code": concept("1234"),
                    "valueCodeableConcept": concept("280416009"),
                }
            ],
            result=[{"reference": "#c"}],
        )
    ),
    "one id again and again": lambda n: bundle(
        *[
            {**RESOURCES["DiagnosticReport/radiograph"], "effectiveDateTime": day(i)}
            for i in range(n)
        ]
    ),
    "one id, two kinds": lambda n: bundle(
        *[
            x
            for i in range(n // 2)
            for x in [{**RESOURCES["DiagnosticReport/radiograph"], "id": f"r{i}"}] * 2
        ]
    ),
    "other servers": lambda n: json.dumps(
        {
            "resourceType": "Bundle",
            "type": "collection",
            "entry": [
                *EXAMPLE["entry"],
                *[
                    {
                        "fullUrl": f"https://s{i}.org/fhir/DiagnosticReport/r",
                        "resource": {**RESOURCES["DiagnosticReport/radiograph"], "id": "r"},
                    }
                    for i in range(n)
                ],
            ],
        }
    ).encode(),
    "same id without url": lambda n: json.dumps(
        [
            RESOURCES["Patient/example"],
            *[{**RESOURCES["Condition/mass"], "onsetDateTime": day(i)} for i in range(n)],
        ]
    ).encode(),
    "notes": lambda n: bundle(
        *resources(
            "DocumentReference",
            n,
            status="current",
            subject=SUBJECT,
            type={"text": "letter"},
            description="suspicious for malignancy, pacemaker",
        )
    ),
    "media": lambda n: bundle(
        *resources(
            "Media",
            n,
            status="completed",
            subject=SUBJECT,
            type=concept("image"),
            modality=concept("MR", "x", "http://dicom.nema.org/resources/ontology/DCM"),
            createdDateTime=day,
        ),
        *copies("DiagnosticReport/radiograph", n, effectiveDateTime=day),
    ),
    "image studies": lambda n: bundle(
        *resources(
            "ImagingStudy",
            n,
            status="available",
            subject=SUBJECT,
            started=day,
            modality=[{"system": "http://dicom.nema.org/resources/ontology/DCM", "code": "MR"}],
        )
    ),
    "identifiers": lambda n: bundle(
        *observations(n, code=concept("1"), identifier=[{"system": "u:x", "value": "1"}])
    ),
    "identifiers of one": lambda n: bundle(
        *observations(
            1, code=concept("1"), identifier=[{"system": "u:x", "value": str(i)} for i in range(n)]
        )
    ),
    "by identifier": lambda n: bundle(
        *copies(
            "DiagnosticReport/radiograph",
            n,
            basedOn=lambda i: [{"identifier": {"system": "u:x", "value": str(i)}}],
        ),
        *copies(
            "ServiceRequest/biopsy", n, identifier=lambda i: [{"system": "u:x", "value": str(i)}]
        ),
    ),
    "patient identifiers": lambda n: bundle(
        *copies(
            "DiagnosticReport/radiograph",
            n,
            subject=lambda i: {"identifier": {"system": "u:x", "value": str(i)}},
        ),
        {
            **RESOURCES["Patient/example"],
            "identifier": [{"system": "u:x", "value": f"a{i}"} for i in range(n)],
        },
        drop=("Patient/example",),
    ),
    "codings of one": lambda n: bundle(
        *copies(
            "Condition/mass",
            1,
            code={"coding": [{"system": SNOMED, "code": str(i), "display": "x"} for i in range(n)]},
        )
    ),
    "sites of one": lambda n: bundle(
        *copies("Condition/mass", 1, bodySite=[concept("68367000") for i in range(n)])
    ),
    "words of one": lambda n: bundle(
        *copies(
            "Condition/mass",
            1,
            note=[{"text": "patient has a pacemaker, not sure"} for i in range(n)],
        )
    ),
    "one long word": lambda n: bundle(
        *copies("Condition/mass", 1, note=[{"text": "no pacemaker, " * n}])
    ),
    "medications": lambda n: bundle(
        *resources(
            "MedicationStatement",
            n,
            status="active",
            subject=SUBJECT,
            medicationCodeableConcept=concept("109081006", "Metformin"),
        )
    ),
    "operations": lambda n: bundle(
        *copies("ServiceRequest/biopsy", n, code=concept("65801008", "Excision"))
    ),
    "foreign": lambda n: bundle(
        *copies("DiagnosticReport/radiograph", n, subject=lambda i: {"reference": f"Patient/{i}"})
    ),
    "benign and documents": lambda n: bundle(
        *copies("DiagnosticReport/radiograph", n, effectiveDateTime=day),
        *resources(
            "DocumentReference",
            n,
            status="current",
            subject=SUBJECT,
            type={"text": "letter"},
            description="suspicious for malignancy",
            date="2026-10-01",
        ),
    ),
}

DOCUMENTS = {  # what only has to be looked over, or is refused
    "quotes": again(b'"'),
    "long quotes": again(b'""" '),
    "texts": again(b'"a" '),
    "long texts": again(b"'''a''' "),
    "escaped quotes": again(b'\\"'),
    "texts that are not closed": again(b'"a\n'),
    "IRIs that are not closed": again(b"<a"),
    "tags": again(b"@a-"),
    "signs": again(b"< "),
    "brackets": again(b"[] "),
    "brackets in brackets": again(b"["),
    "comments": again(b"# <<\n"),
    "triple terms": again(b"<<(<a:a> <a:b> "),
    "names and a reifier": again(b"a:b ", b"~"),
}
EXPRESSIONS = {  # of `nextstudy new --define`
    "brackets": lambda n: b"(" * n + b"Study" + b")" * n,
    "restrictions": lambda n: b"hasStudy some " * n + b"Study",
    "an intersection": lambda n: b"Study and " * n + b"Study",
    "a long name": lambda n: b"S" * n,
}
