"""Adds resources that do not affect an answer: visits, laboratory values, medicines, and others."""

from reasoner.synth.codings import (
    IMAGING,
    UNCOVERED,
    concept,
    procedure,
    structural,
    text,
    uncovered,
)
from reasoner.synth.record import ACTIVE, RecordBuilder, iso
from reasoner.synth.weighted_choice import Weighted, one_of

MANY, SOME, FEW = (
    Weighted({0: 1, 1: 4, 2: 3, 3: 1}),
    Weighted({0: 4, 1: 3, 2: 2, 3: 1}),
    Weighted({0: 6, 1: 3, 2: 1}),
)
MORE = Weighted({0: 1, 1: 3, 2: 4, 3: 2})
LABS = (
    ("Hemoglobin", "g/dL", 90, 170),
    ("Glucose", "mg/dL", 65, 220),
    ("Creatinine", "mg/dL", 5, 24),
    ("Sodium", "mmol/L", 1320, 1480),
    ("Potassium", "mmol/L", 32, 56),
    ("Leukocytes", "10*3/uL", 31, 130),
    ("C-reactive protein", "mg/L", 1, 900),
    ("Body weight", "kg", 420, 1250),
    ("Systolic blood pressure", "mm[Hg]", 980, 1720),
)
MEDICINES = (
    "metformin 500 mg",
    "lisinopril 10 mg",
    "atorvastatin 20 mg",
    "ibuprofen 400 mg",
    "salbutamol inhaler",
    "levothyroxine 50 ug",
    "omeprazole 20 mg",
)
VACCINES = ("influenza", "tetanus", "hepatitis B", "pneumococcal")
OPERATIONS = ("appendectomy", "colonoscopy", "cataract operation", "dental extraction")
ALLERGIES = ("penicillin", "latex", "peanut", "grass pollen")
DISEASES = tuple(UNCOVERED)
VISIT = {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "AMB"}
LAB = [structural("observation-category", "laboratory")]


def add_unrelated(builder: RecordBuilder, imaged: bool, more: bool = False) -> None:
    """Adds resources that do not affect an answer.

    `imaged` allows a chest radiograph, which cannot be a study of a mass of this person; `more`
    adds further resources, for a person without a mass.
    """
    rng = builder.rng
    for n in range(MANY.pick(rng) + (MORE.pick(rng) if more else 0)):
        day = builder.day(-700, 90)
        builder.add(
            "Encounter",
            f"visit{n}",
            status="finished",
            **{"class": VISIT},
            period={"start": builder.moment(day), "end": iso(day)},
        )
    for n in range(SOME.pick(rng) + (MORE.pick(rng) if more else 0)):
        words, unit, low, high = one_of(rng, LABS)
        builder.add(
            "Observation",
            f"lab{n}",
            status="final",
            category=LAB,
            code=text(words),
            effectiveDateTime=builder.moment(builder.day(-700, 90)),
            valueQuantity={"value": builder.within(low, high) / 10, "unit": unit},
        )
    for n in range(FEW.pick(rng)):
        disease = one_of(rng, DISEASES)
        coded = rng.random() < 0.8
        key = builder.add(
            "Condition",
            f"disease{n}",
            **ACTIVE,
            recordedDate=iso(builder.day(-2000, 60)),
            code=uncovered(disease) if coded else text(UNCOVERED[disease]),
        )
        builder.unread += [] if coded else [key]
    for n in range(FEW.pick(rng)):
        builder.add(
            "MedicationRequest",
            f"medicine{n}",
            status="active",
            intent="order",
            medicationCodeableConcept=text(one_of(rng, MEDICINES)),
            authoredOn=iso(builder.day(-500, 60)),
        )
    if rng.random() < 0.35:
        builder.add(
            "Immunization",
            "vaccine",
            status="completed",
            vaccineCode=text(one_of(rng, VACCINES)),
            occurrenceDateTime=iso(builder.day(-1500, 0)),
        )
    if rng.random() < 0.12:
        builder.add(
            "Procedure",
            "operation",
            status="completed",
            code=text(one_of(rng, OPERATIONS)),
            performedDateTime=iso(builder.day(-3000, -30)),
        )
    if rng.random() < 0.12:
        builder.add(
            "AllergyIntolerance",
            "allergy",
            clinicalStatus=structural("allergyintolerance-clinical", "active"),
            code=text(one_of(rng, ALLERGIES)),
            recordedDate=iso(builder.day(-3000, -1)),
        )
    if imaged and rng.random() < 0.08:
        builder.add(
            "DiagnosticReport",
            "chest",
            status="final",
            category=[structural("v2-0074", "RAD")],
            code=procedure("RadiographyChest"),
            effectiveDateTime=builder.moment(builder.day(-300, 90)),
            conclusionCode=[concept("SCTID:408573005")],
        )
    if rng.random() < 0.03:
        builder.add(
            "ServiceRequest",
            "done-order",
            status="completed",
            intent="order",
            category=IMAGING,
            code=text("CT head"),
            authoredOn=iso(builder.day(-900, -10)),
            reasonCode=[uncovered("R51.9")],
        )
