"""What a record holds besides: visits, laboratory values, medicines, vaccines, other diseases. None of it bears on an answer."""

from reasoner.synth.codings import (
    IMAGING,
    UNCOVERED,
    concept,
    procedure,
    structural,
    text,
    uncovered,
)
from reasoner.synth.record import ACTIVE, Maker, iso
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


def tell(made: Maker, imaged: bool, more: bool = False) -> None:
    """Adds what does not bear on an answer; `imaged` allows a chest radiograph, which no mass of this person could claim, and `more` makes up for having none."""
    dice = made.dice
    for n in range(MANY.pick(dice) + (MORE.pick(dice) if more else 0)):
        day = made.day(-700, 90)
        made.add(
            "Encounter",
            f"visit{n}",
            status="finished",
            **{"class": VISIT},
            period={"start": made.moment(day), "end": iso(day)},
        )
    for n in range(SOME.pick(dice) + (MORE.pick(dice) if more else 0)):
        words, unit, low, high = one_of(dice, LABS)
        made.add(
            "Observation",
            f"lab{n}",
            status="final",
            category=LAB,
            code=text(words),
            effectiveDateTime=made.moment(made.day(-700, 90)),
            valueQuantity={"value": made.within(low, high) / 10, "unit": unit},
        )
    for n in range(FEW.pick(dice)):
        disease = one_of(dice, DISEASES)
        coded = dice.random() < 0.8
        key = made.add(
            "Condition",
            f"disease{n}",
            **ACTIVE,
            recordedDate=iso(made.day(-2000, 60)),
            code=uncovered(disease) if coded else text(UNCOVERED[disease]),
        )
        made.unread += [] if coded else [key]
    for n in range(FEW.pick(dice)):
        made.add(
            "MedicationRequest",
            f"medicine{n}",
            status="active",
            intent="order",
            medicationCodeableConcept=text(one_of(dice, MEDICINES)),
            authoredOn=iso(made.day(-500, 60)),
        )
    if dice.random() < 0.35:
        made.add(
            "Immunization",
            "vaccine",
            status="completed",
            vaccineCode=text(one_of(dice, VACCINES)),
            occurrenceDateTime=iso(made.day(-1500, 0)),
        )
    if dice.random() < 0.12:
        made.add(
            "Procedure",
            "operation",
            status="completed",
            code=text(one_of(dice, OPERATIONS)),
            performedDateTime=iso(made.day(-3000, -30)),
        )
    if dice.random() < 0.12:
        made.add(
            "AllergyIntolerance",
            "allergy",
            clinicalStatus=structural("allergyintolerance-clinical", "active"),
            code=text(one_of(dice, ALLERGIES)),
            recordedDate=iso(made.day(-3000, -1)),
        )
    if imaged and dice.random() < 0.08:
        made.add(
            "DiagnosticReport",
            "chest",
            status="final",
            category=[structural("v2-0074", "RAD")],
            code=procedure("RadiographyChest"),
            effectiveDateTime=made.moment(made.day(-300, 90)),
            conclusionCode=[concept("SCTID:408573005")],
        )
    if dice.random() < 0.03:
        made.add(
            "ServiceRequest",
            "done-order",
            status="completed",
            intent="order",
            category=IMAGING,
            code=text("CT head"),
            authoredOn=iso(made.day(-900, -10)),
            reasonCode=[uncovered("R51.9")],
        )
