"""Adds facts of safety: devices, claustrophobia, metal, kidneys, contrast, pregnancy, screening.

By model.md section 3, MRI is contraindicated by a device that is MR Unsafe, by one of a dangerous
kind whose MR label is not recorded, by severe claustrophobia and by metal in the eye. MR
Conditional and lesser claustrophobia are cautions. By `unread.md`, a device whose kind is not known
or that is inactive without a label, words that name a hazard, and what may be a contraindication or
none (retained metal, claustrophobia of unknown severity) leave it unclear. A movement disorder is a
question. A device of nobody, an answer "no" and a plain denial in words count for nothing.
"""

from reasoner.synth import defects
from reasoner.synth.archetypes import FORBIDDEN, UNCLEAR
from reasoner.synth.codings import concept, local, own, structural, text
from reasoner.synth.record import ACTIVE, RecordBuilder, iso
from reasoner.synth.weighted_choice import Rates, Weighted, one_of

CONTRAINDICATED = {
    "device-unlabeled": 0.02,
    "device-not-labeled": 0.01,
    "device-unsafe": 0.02,
    "device-in-place": 0.02,
    "severe-claustrophobia": 0.02,
    "metal-in-the-eye": 0.004,
}
DOUBTFUL = {
    "device-of-unknown-kind": 0.004,
    "device-inactive": 0.005,
    "device-unrecognized": 0.005,
    "words-of-a-hazard": 0.012,
    "claustrophobia": 0.01,
    "retained-metal": 0.006,
}
HARMLESS = {
    "device-conditional": 0.03,
    "device-safe": 0.01,
    "mild-claustrophobia": 0.015,
    "movement-disorder": 0.005,
    "screening-passed": 0.01,
    "answered-no": 0.006,
    "words-of-denial": 0.006,
    "analyzer-of-nobody": 0.006,
    **defects.SAFETY,
}
ANYONE = Rates({**CONTRAINDICATED, **DOUBTFUL, **HARMLESS})
SOMEONE = Weighted(CONTRAINDICATED)
HAZARDS = (
    "Cardiac pacemaker in situ.",
    "Has a spinal cord stimulator.",
    "Cochlear implant on the left.",
)
DENIALS = ("No pacemaker.", "Denies claustrophobia.")
ASKED = ("SCTID:3426005", "SCTID:19887002")  # metal in the eye, claustrophobia
DEVICES = (
    "SCTID:14106009",
    "SCTID:72506001",
    "SCTID:43252007",
    "SCTID:25937001",
)  # pacemaker, defibrillator, cochlear implant, neurostimulator
IN_PLACE = (
    "SCTID:441509002",
    "SCTID:443325000",
    "ICD10CM:Z95.0",
    "ICD10CM:Z95.810",
    "ICD10CM:Z96.21",
)
SAFE, CONDITIONAL, UNSAFE, NOT_LABELED = (
    "NCIT:C106045",
    "NCIT:C106046",
    "NCIT:C106047",
    "NCIT:C113844",
)
LABELS = {
    "device-not-labeled": NOT_LABELED,
    "device-unsafe": UNSAFE,
    "device-conditional": CONDITIONAL,
    "device-safe": SAFE,
}
CLAUSTROPHOBIA = ("SCTID:19887002", "ICD10CM:F40.240")
SEVERE, MILD = "SCTID:24484000", "SCTID:255604002"
SAYS = {
    "metal-in-the-eye": "SCTID:3426005",
    "retained-metal": "ICD10CM:Z18.1",
    "movement-disorder": "SCTID:60342002",
}
AGENTS = (
    "SCTID:407976008",
    "SCTID:353962003",
    "SCTID:109218004",
    "SCTID:293637006",
)  # gadobutrol, iodixanol, iohexol, any contrast
EGFR = ("LOINC:98979-8", "LOINC:69405-9", "LOINC:62238-1", "LOINC:33914-3")
PREGNANT = ("SCTID:77386006", "ICD10CM:Z33.1", "ICD10CM:Z34")
IN_A_PANEL = 0.1  # of the eGFR values: a component of another Observation
UNIT = {"unit": "mL/min/1.73 m2", "system": "http://unitsofmeasure.org", "code": "mL/min/{1.73_m2}"}


def add_safety_facts(builder: RecordBuilder, must: bool, fertile: bool) -> str:
    """Adds facts of safety, and returns what they mean for MRI: FORBIDDEN, UNCLEAR or empty.

    `must` makes MRI forbidden, `fertile` lets the person be pregnant.
    """
    rng = builder.rng
    state = SOMEONE.pick(rng) if must else ANYONE.pick(rng)
    if "device" in state:
        device(builder, state)
    elif state.startswith("words"):
        words(builder, one_of(rng, HAZARDS if state in DOUBTFUL else DENIALS))
    elif state == "answered-no":
        answered_no(builder)
    elif state == "analyzer-of-nobody":
        builder.add("Device", "analyzer", status="active", type=text("blood gas analyzer"))
        builder.resources[-1] = {k: v for k, v in builder.resources[-1].items() if k != "patient"}
    elif "claustrophobia" in state:
        claustrophobia(builder, state)
    elif state == "screening-passed":
        builder.add(
            "Procedure",
            "screening",
            status="completed",
            code=own("MriSafetyScreeningPassed"),
            performedDateTime=iso(builder.day(0, 30)),
        )
    elif state:
        builder.add("Condition", "state", **ACTIVE, code=concept(SAYS[state]))
    if rng.random() < 0.35:
        kidney(builder)
    if rng.random() < 0.04:
        builder.add(
            "AllergyIntolerance",
            "contrast",
            **ACTIVE_ALLERGY,
            code=concept(one_of(rng, AGENTS)),
            recordedDate=iso(builder.day(-900, -1)),
            reaction=[
                {
                    "manifestation": [text("hives")],
                    "severity": one_of(rng, ("mild", "moderate", "severe")),
                }
            ]
            if rng.random() < 0.7
            else None,
        )
    if fertile and rng.random() < 0.04:
        pregnancy(builder)
    return FORBIDDEN if state in CONTRAINDICATED else UNCLEAR if state in DOUBTFUL else ""


ACTIVE_ALLERGY = {
    "clinicalStatus": structural("allergyintolerance-clinical", "active"),
    "verificationStatus": structural("allergyintolerance-verification", "confirmed"),
}


def words(builder: RecordBuilder, sentence: str) -> None:
    """Adds words that no code states: in a note, in a narrative, or in the details of an order."""
    where = one_of(builder.rng, ("note", "narrative", "order"))
    if where == "note":
        builder.add(
            "Observation",
            "told",
            status="final",
            code=text("Nursing note"),
            note=[{"text": sentence}],
            effectiveDateTime=iso(builder.day(-30, 60)),
        )
    elif where == "narrative":
        div = f'<div xmlns="http://www.w3.org/1999/xhtml">{sentence}</div>'
        builder.add(
            "Procedure",
            "told",
            status="completed",
            code=text("consultation"),
            text={"status": "additional", "div": div},
        )
    else:
        builder.add(
            "ServiceRequest",
            "told",
            status="completed",
            intent="order",
            code=text("physiotherapy"),
            orderDetail=[text(sentence)],
            authoredOn=iso(builder.day(-300, 60)),
        )


def answered_no(builder: RecordBuilder) -> None:
    """Adds a question of a screening form that was answered with no."""
    answer = one_of(builder.rng, ("coded", "words", "boolean"))
    value = {
        "coded": {"valueCodeableConcept": concept("LOINC:LA32-8")},
        "words": {"valueString": "No"},
        "boolean": {"valueBoolean": False},
    }[answer]
    builder.add(
        "Observation",
        "asked",
        status="final",
        code=concept(one_of(builder.rng, ASKED)),
        **value,
        effectiveDateTime=builder.moment(builder.day(-30, 60)),
    )


def pregnancy(builder: RecordBuilder) -> None:
    """Adds a pregnancy: a Condition, or the answer to a question for it."""
    if builder.rng.random() < 0.25:
        builder.add(
            "Observation",
            "pregnancy",
            status="final",
            code=concept("LOINC:82810-3"),
            valueCodeableConcept=concept("LOINC:LA15173-0"),
            effectiveDateTime=iso(builder.day(0, 60)),
        )
        return
    builder.add(
        "Condition",
        "pregnancy",
        **ACTIVE,
        code=concept(one_of(builder.rng, PREGNANT)),
        onsetDateTime=iso(builder.day(-100, 0)),
    )


def device(builder: RecordBuilder, state: str) -> None:
    """Adds a device, or a Condition that states that a device is in place."""
    if state == "device-in-place":
        builder.add(
            "Condition",
            "implant",
            **ACTIVE,
            code=concept(one_of(builder.rng, IN_PLACE)),
            recordedDate=iso(builder.day(-900, -1)),
        )
        return
    kind = {"device-of-unknown-kind": text("implant"), "device-unrecognized": local("IMP-7")}.get(
        state
    ) or concept(one_of(builder.rng, DEVICES))
    status = {"device-inactive": "inactive", "device-entered-in-error": "entered-in-error"}.get(
        state, "active"
    )
    builder.add(
        "Device",
        "device",
        stranger=state == "device-of-somebody-else",
        status=status,
        type=kind,
        safety=[concept(LABELS[state])] if state in LABELS else None,
    )


def claustrophobia(builder: RecordBuilder, state: str) -> None:
    """Adds claustrophobia: severe, less than severe, of unknown severity, or severe but refuted."""
    verification = {
        "refuted-claustrophobia": "refuted",
        "claustrophobia-entered-in-error": "entered-in-error",
    }.get(state, "confirmed")
    clinical = "resolved" if state == "resolved-claustrophobia" else "active"
    severity = {"mild-claustrophobia": concept(MILD), "claustrophobia": None}.get(
        state, concept(SEVERE)
    )
    builder.add(
        "Condition",
        "claustrophobia",
        clinicalStatus=structural("condition-clinical", clinical)
        if verification != "entered-in-error"
        else None,
        verificationStatus=structural("condition-ver-status", verification),
        code=concept(one_of(builder.rng, CLAUSTROPHOBIA)),
        severity=severity,
        recordedDate=iso(builder.day(-400, 0)),
    )


def kidney(builder: RecordBuilder) -> None:
    """Adds estimated GFR values; one in some is low, and some are a text where a number is due."""
    for n in range(1 + (builder.rng.random() < 0.2)):
        value = builder.within(12, 29) if builder.rng.random() < 0.08 else builder.within(30, 118)
        quantity = (
            {"value": f"{value} mL/min"}
            if builder.rng.random() < defects.EGFR_AS_TEXT
            else {"value": value, **UNIT}
        )
        measured = {"code": concept(one_of(builder.rng, EGFR)), "valueQuantity": quantity}
        if builder.rng.random() < IN_A_PANEL:
            measured = {"code": text("Basic metabolic panel"), "component": [measured]}
        builder.add(
            "Observation",
            f"egfr{n or ''}",
            status="final",
            **measured,
            effectiveDateTime=builder.moment(builder.day(-60, 60)),
        )
