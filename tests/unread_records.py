"""Resources that bear on safety and that nobody can read, and those that only look so.

Any device that belongs to the patient blocks the assumption about MRI, and so does a hazard word
wherever it stands; passive and external devices, other people's devices and plain denials do not.
"""

import base64

from bundles import concept, condition, device, order
from spoil import CPT, LOCAL, of_patient, worded

UNLISTED = {
    "coding": [{"system": "http://snomed.info/sct", "code": "99999999"}]
}  # a code that is none
RADIOLOGY = {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v2-0074", "code": "RAD"}]}
LABORATORY = {
    "coding": [{"system": "http://terminology.hl7.org/CodeSystem/v2-0074", "code": "LAB"}]
}
RESONANCE = {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v2-0074", "code": "NMR"}]}
YES_NO = "http://terminology.hl7.org/CodeSystem/v2-0136"
ABSENT = "http://terminology.hl7.org/CodeSystem/data-absent-reason"
NULL = "http://terminology.hl7.org/CodeSystem/v3-NullFlavor"
OTHER = {"reference": "Patient/other"}
DICOM = "http://dicom.nema.org/resources/ontology/DCM"


def procedure(code: dict, name: str = "x", **more) -> dict:
    """A Procedure that was done."""
    return of_patient(
        "Procedure", name, status="completed", code=code, performedDateTime="2026-02-02", **more
    )


def focal(device_name: str, code: dict = LOCAL) -> dict:
    """A Procedure that put a device in."""
    return procedure(code, focalDevice=[{"manipulated": {"reference": f"Device/{device_name}"}}])


def use(device_name: str) -> dict:
    """A statement that the patient uses a device."""
    return of_patient(
        "DeviceUseStatement", "x", status="active", device={"reference": f"Device/{device_name}"}
    )


def attached(words: str) -> dict:
    """An attachment of plain text."""
    return {"contentType": "text/plain", "data": base64.b64encode(words.encode()).decode()}


def narrative(words: str) -> dict:
    """A narrative."""
    return {
        "status": "generated",
        "div": f'<div xmlns="http://www.w3.org/1999/xhtml">{words}</div>',
    }


def problem(words: str, **more) -> dict:
    """A Condition in words."""
    found = condition("x", "sct:0")
    return {**found, "code": worded(words), **more}


NOBODYS = {"resourceType": "Device", "id": "y", "status": "active", "type": LOCAL}
DEVICES = {
    "under a local code": [of_patient("Device", status="active", type=LOCAL)],
    "under an unlisted code": [of_patient("Device", status="active", type=UNLISTED)],
    "in words": [of_patient("Device", status="active", type=worded("generator, left chest"))],
    "by its name": [of_patient("Device", deviceName=[{"name": "Model 7", "type": "model-name"}])],
    "of no type": [of_patient("Device", status="active")],
    "of no type, inactive": [of_patient("Device", status="inactive")],
    "with a label that is not read": [
        of_patient("Device", status="active", type=LOCAL, safety=[LOCAL])
    ],
    "that a statement names": [use("y"), NOBODYS],
    "that a statement names and nobody sent": [use("absent")],
    "that a procedure put in": [focal("y"), NOBODYS],
    "that a procedure put in and nobody sent": [focal("absent")],
    "that a procedure under a CPT code put in": [
        focal("absent", {"coding": [{"system": CPT, "code": "33249"}]})
    ],
}
PLACES = {
    "the words of a condition": lambda words: [problem(words)],
    "the display of an unlisted code": lambda words: [
        problem(
            "",
            code={
                "coding": [
                    {"system": "http://snomed.info/sct", "code": "99999999", "display": words}
                ]
            },
        )
    ],
    "the note of a condition": lambda words: [problem("asthma", note=[{"text": words}])],
    "the narrative of a condition": lambda words: [problem("asthma", text=narrative(words))],
    "the words of a procedure": lambda words: [procedure(worded(words))],
    "the note of a procedure": lambda words: [procedure(LOCAL, note=[{"text": words}])],
    "the value of an observation": lambda words: [
        of_patient("Observation", status="final", code=LOCAL, valueString=words)
    ],
    "the words of a value": lambda words: [
        of_patient("Observation", status="final", code=LOCAL, valueCodeableConcept=worded(words))
    ],
    "the note of an observation": lambda words: [
        of_patient("Observation", status="final", code=LOCAL, note=[{"text": words}])
    ],
    "a component": lambda words: [
        of_patient(
            "Observation",
            status="final",
            code=LOCAL,
            component=[{"code": LOCAL, "valueString": words}],
        )
    ],
    "the conclusion of a report": lambda words: [
        of_patient(
            "DiagnosticReport", status="final", category=[LABORATORY], code=LOCAL, conclusion=words
        )
    ],
    "the form of a report": lambda words: [
        of_patient(
            "DiagnosticReport",
            status="final",
            category=[LABORATORY],
            code=LOCAL,
            presentedForm=[attached(words)],
        )
    ],
    "the note of an order": lambda words: [order("x", "loinc:24703-1", note=[{"text": words}])],
    "the detail of an order": lambda words: [
        order("x", "loinc:24703-1", orderDetail=[worded(words)])
    ],
    "the instruction of an order": lambda words: [
        order("x", "loinc:24703-1", patientInstruction=words)
    ],
    "the words of a reason": lambda words: [
        order("x", "loinc:24703-1", reasonCode=[worded(words)])
    ],
    "the section of a document": lambda words: [
        of_patient(
            "Composition", status="final", section=[{"title": "History", "text": narrative(words)}]
        )
    ],
}
HAZARDS = (
    "Cardiac pacemaker in situ", "dual chamber PACEMAKER, 2019",
    "Has an ICD; defibrillator check due", "spinal cord stimulator",
    "neurostimulator, battery replaced", "cochlear implant, left",
    "aneurysm clip after clipping in 1998", "implant is MR unsafe", "pacer wires left in place",
    "severe claustrophobia", "unknown implant", "deep brain stimulators",
    # less than a plain denial
    "No problems with his pacemaker", "no change in position of the pacemaker leads",
    "not sure whether the pacemaker was removed", "pacemaker cannot be excluded",
    "history of smoking, no diabetes, pacemaker",
)  # fmt: skip
DENIALS = (
    "no pacemaker", "Denies pacemaker", "without defibrillator", "negative for pacemaker",
    "No implant", "denies claustrophobia", "no aneurysm clip",
)  # fmt: skip
OTHER_HAZARDS = (
    "on hemodialysis three times a week", "dialysis", "gadolinium reaction in 2015",
    "patient is pregnant", "allergic to contrast dye", "anaphylaxis after iodinated contrast",
)  # fmt: skip
GUARDS = {
    "an analyzer of nobody": [NOBODYS],
    "a device of somebody else": [{**NOBODYS, "patient": OTHER}],
    "a knee prosthesis": [device("x", "sct:109228008")],
    "a carotid stent": [device("x", "sct:413766009")],
    "a mitral valve prosthesis": [device("x", "sct:17107009")],
    "a wheelchair in words": [of_patient("Device", status="active", type=worded("Wheelchair"))],
    "a glucose meter in words": [
        of_patient("Device", status="active", type=worded("Glucose meter"))
    ],
    "a knee replaced": [condition("x", "icd:Z96.651")],
    "a stent": [condition("x", "icd:Z95.5")],
    "a tooth-root implant by code": [condition("x", "icd:Z96.5")],
    "high blood pressure in words": [problem("high blood pressure")],
    "asthma in words": [problem("Asthma, mild intermittent")],
    "obesity in words": [problem("Obesity")],
    "an operation in words": [procedure(worded("Appendectomy"))],
    "a penicillin allergy": [of_patient("AllergyIntolerance", code=worded("Penicillin"))],
    **{f"the denial {words!r}": [problem(words)] for words in DENIALS},
}
IMAGING = {
    "a report under a local code": [
        of_patient(
            "DiagnosticReport",
            status="final",
            category=[RADIOLOGY],
            code=LOCAL,
            effectiveDateTime="2026-04-21",
        )
    ],
    "a report under a CPT code": [
        of_patient(
            "DiagnosticReport",
            status="final",
            category=[RADIOLOGY],
            effectiveDateTime="2026-04-21",
            code={"coding": [{"system": CPT, "code": "73720"}]},
        )
    ],
    "a report in words": [
        of_patient(
            "DiagnosticReport",
            status="final",
            category=[RADIOLOGY],
            code=worded("Imaging, see text"),
        )
    ],
    "a report under the LOINC code of any": [
        of_patient(
            "DiagnosticReport",
            status="final",
            code={"coding": [{"system": "http://loinc.org", "code": "18748-4"}]},
        )
    ],
    "a report of magnetic resonance": [
        of_patient("DiagnosticReport", status="final", category=[RESONANCE], code=LOCAL)
    ],
    "pictures of the thigh": [
        of_patient(
            "ImagingStudy",
            status="available",
            series=[
                {
                    "uid": "1.2.3",
                    "bodySite": {"system": "http://snomed.info/sct", "code": "68367000"},
                }
            ],
        )
    ],
    "pictures of no stated region": [
        of_patient("ImagingStudy", status="available", modality=[{"system": DICOM, "code": "CT"}])
    ],
}
NO_IMAGING = {
    "a laboratory report": [
        of_patient("DiagnosticReport", status="final", category=[LABORATORY], code=LOCAL)
    ],
    "pictures of the head": [
        of_patient(
            "ImagingStudy",
            status="available",
            modality=[{"system": DICOM, "code": "MR"}],
            series=[
                {
                    "uid": "1.2.3",
                    "modality": {"system": DICOM, "code": "MR"},
                    "bodySite": {"system": "http://snomed.info/sct", "code": "69536005"},
                }
            ],
        )
    ],
    "a report of somebody else": [
        {
            **of_patient("DiagnosticReport", status="final", category=[RADIOLOGY], code=LOCAL),
            "subject": OTHER,
        }
    ],
}
QUESTIONS = {
    "a magnet in the eye": "sct:3426005",
    "claustrophobia": "sct:19887002",
    "pregnancy": "loinc:82810-3",
}
YES = {
    "a boolean": {"valueBoolean": True},
    "LOINC": {"valueCodeableConcept": concept("loinc:LA33-6")},
    "SNOMED CT yes": {"valueCodeableConcept": concept("sct:373066001")},
    "SNOMED CT present": {"valueCodeableConcept": concept("sct:52101004")},
    "a table of HL7": {"valueCodeableConcept": {"coding": [{"system": YES_NO, "code": "Y"}]}},
    "a word": {"valueString": "Yes"},
    "a small word": {"valueString": "yes"},
    "a word in a concept": {"valueCodeableConcept": {"text": "Yes"}},
}
NO = {
    "a boolean": {"valueBoolean": False},
    "LOINC": {"valueCodeableConcept": concept("loinc:LA32-8")},
    "SNOMED CT no": {"valueCodeableConcept": concept("sct:373067005")},
    "SNOMED CT absent": {"valueCodeableConcept": concept("sct:2667000")},
    "a table of HL7": {"valueCodeableConcept": {"coding": [{"system": YES_NO, "code": "N"}]}},
    "a word": {"valueString": "No"},
    "a small word": {"valueString": "no"},
    "a word in a concept": {"valueCodeableConcept": {"text": "No"}},
}
UNKNOWN = {
    "no value": {},
    "LOINC": {"valueCodeableConcept": concept("loinc:LA4489-6")},
    "SNOMED CT": {"valueCodeableConcept": concept("sct:261665006")},
    "no data, asked": {
        "dataAbsentReason": {"coding": [{"system": ABSENT, "code": "asked-declined"}]}
    },
    "no data, unknown": {"dataAbsentReason": {"coding": [{"system": ABSENT, "code": "unknown"}]}},
    "a null flavor": {"valueCodeableConcept": {"coding": [{"system": NULL, "code": "ASKU"}]}},
    "a word": {"valueString": "unknown"},
}
