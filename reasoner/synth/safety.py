"""What bears on safety: devices, claustrophobia, metal, kidney function, reactions to contrast, pregnancy, screening.

By model.md section 3, MRI is contraindicated by a device that is MR Unsafe, by one of a dangerous kind whose MR label is
not recorded, by severe claustrophobia and by metal in the eye. MR Conditional and lesser claustrophobia are cautions; a
device that is inactive or of a kind that is not known, and retained metal, are questions.
"""

from reasoner.synth import defects
from reasoner.synth.codings import concept, local, own, structural, text
from reasoner.synth.picking import Rates, Weighted, one_of
from reasoner.synth.record import ACTIVE, Maker, iso

CONTRAINDICATED = {"device-unlabeled": 0.02, "device-not-labeled": 0.01, "device-unsafe": 0.02, "device-of-unknown-kind": 0.004, "device-in-place": 0.02,
                   "severe-claustrophobia": 0.02, "metal-in-the-eye": 0.004}
HARMLESS = {"device-conditional": 0.03, "device-safe": 0.01, "device-inactive": 0.005, "device-unrecognized": 0.005, "mild-claustrophobia": 0.015,
            "claustrophobia": 0.01, "retained-metal": 0.006, "movement-disorder": 0.005, "screening-passed": 0.01, **defects.SAFETY}
ANYONE, SOMEONE = Rates({**CONTRAINDICATED, **HARMLESS}), Weighted(CONTRAINDICATED)
DEVICES = ("SCTID:14106009", "SCTID:72506001", "SCTID:43252007", "SCTID:25937001")  # pacemaker, defibrillator, cochlear implant, neurostimulator
IN_PLACE = ("SCTID:441509002", "SCTID:443325000", "ICD10CM:Z95.0", "ICD10CM:Z95.810", "ICD10CM:Z96.21")
SAFE, CONDITIONAL, UNSAFE, NOT_LABELED = "NCIT:C106045", "NCIT:C106046", "NCIT:C106047", "NCIT:C113844"
LABELS = {"device-not-labeled": NOT_LABELED, "device-unsafe": UNSAFE, "device-conditional": CONDITIONAL, "device-safe": SAFE}
CLAUSTROPHOBIA = ("SCTID:19887002", "ICD10CM:F40.240")
SEVERE, MILD = "SCTID:24484000", "SCTID:255604002"
SAYS = {"metal-in-the-eye": "SCTID:3426005", "retained-metal": "ICD10CM:Z18.1", "movement-disorder": "SCTID:60342002"}
AGENTS = ("SCTID:407976008", "SCTID:353962003", "SCTID:109218004", "SCTID:293637006")  # gadobutrol, iodixanol, iohexol, any contrast
EGFR = ("LOINC:98979-8", "LOINC:69405-9", "LOINC:62238-1")
UNIT = {"unit": "mL/min/1.73 m2", "system": "http://unitsofmeasure.org", "code": "mL/min/{1.73_m2}"}


def tell(made: Maker, must: bool, fertile: bool) -> bool:
    """Adds what bears on safety; whether MRI is contraindicated. `must` makes it so, `fertile` lets the person be pregnant."""
    dice = made.dice
    state = SOMEONE.pick(dice) if must else ANYONE.pick(dice)
    if "device" in state:
        device(made, state)
    elif "claustrophobia" in state:
        claustrophobia(made, state)
    elif state == "screening-passed":
        made.add("Procedure", "screening", status="completed", code=own("MriSafetyScreeningPassed"), performedDateTime=iso(made.day(0, 30)))
    elif state:
        made.add("Condition", "state", **ACTIVE, code=concept(SAYS[state]))
    if dice.random() < 0.35:
        kidney(made)
    if dice.random() < 0.04:
        made.add("AllergyIntolerance", "contrast", **ACTIVE_ALLERGY, code=concept(one_of(dice, AGENTS)), recordedDate=iso(made.day(-900, -1)),
                 reaction=[{"manifestation": [text("hives")], "severity": one_of(dice, ("mild", "moderate", "severe"))}] if dice.random() < 0.7 else None)
    if fertile and dice.random() < 0.04:
        made.add("Condition", "pregnancy", **ACTIVE, code=concept(one_of(dice, ("SCTID:77386006", "ICD10CM:Z33.1"))), onsetDateTime=iso(made.day(-100, 0)))
    return state in CONTRAINDICATED


ACTIVE_ALLERGY = {"clinicalStatus": structural("allergyintolerance-clinical", "active"), "verificationStatus": structural("allergyintolerance-verification", "confirmed")}


def device(made: Maker, state: str) -> None:
    """Adds a device, or a condition that says that one is in place."""
    if state == "device-in-place":
        made.add("Condition", "implant", **ACTIVE, code=concept(one_of(made.dice, IN_PLACE)), recordedDate=iso(made.day(-900, -1)))
        return
    kind = {"device-of-unknown-kind": text("implant"), "device-unrecognized": local("IMP-7")}.get(state) or concept(one_of(made.dice, DEVICES))
    status = {"device-inactive": "inactive", "device-entered-in-error": "entered-in-error"}.get(state, "active")
    made.add("Device", "device", stranger=state == "device-of-somebody-else", status=status, type=kind, safety=[concept(LABELS[state])] if state in LABELS else None)


def claustrophobia(made: Maker, state: str) -> None:
    """Adds claustrophobia: severe and in force, short of severe, of unknown severity, or severe and of no force."""
    verification = {"refuted-claustrophobia": "refuted", "claustrophobia-entered-in-error": "entered-in-error"}.get(state, "confirmed")
    clinical = "resolved" if state == "resolved-claustrophobia" else "active"
    severity = {"mild-claustrophobia": concept(MILD), "claustrophobia": None}.get(state, concept(SEVERE))
    made.add("Condition", "claustrophobia", clinicalStatus=structural("condition-clinical", clinical) if verification != "entered-in-error" else None,
             verificationStatus=structural("condition-ver-status", verification), code=concept(one_of(made.dice, CLAUSTROPHOBIA)), severity=severity,
             recordedDate=iso(made.day(-400, 0)))


def kidney(made: Maker) -> None:
    """Adds estimated GFR values; one in some is low, and some are a text where a number is due."""
    for n in range(1 + (made.dice.random() < 0.2)):
        value = made.within(12, 29) if made.dice.random() < 0.08 else made.within(30, 118)
        quantity = {"value": f"{value} mL/min"} if made.dice.random() < defects.EGFR_AS_TEXT else {"value": value, **UNIT}
        made.add("Observation", f"egfr{n or ''}", status="final", code=concept(one_of(made.dice, EGFR)), effectiveDateTime=made.moment(made.day(-60, 60)), valueQuantity=quantity)
