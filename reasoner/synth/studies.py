"""The studies of a mass: a report of each, its result, the order and the pictures behind it, and what went wrong with one of them."""

from reasoner.synth import defects
from reasoner.synth.archetypes import DOUBTED
from reasoner.synth.codings import IMAGING, concept, local, procedure, structural, text, uncovered
from reasoner.synth.mass import Mass
from reasoner.synth.record import ACTIVE, Maker, iso, refer
from reasoner.synth.regions import Region, elsewhere
from reasoner.synth.weighted_choice import Weighted, one_of

REASON = "http://hl7.org/fhir/StructureDefinition/workflow-reasonReference"
BY_MODALITY = (
    0.08  # of the radiographs and MRIs that say what they were done for: no code names them
)
SECTION = {"radiograph": "RX", "mri": "NMR"}
LINKED = Weighted({"order": 45, "extension": 10, "": 45})
UNLINKED = ("report-of-another-region", "report-of-the-other-side", "report-before-onset")
DOUBT = "Probably a lipoma; an atypical lipomatous tumor cannot be excluded."
RESULTS = {
    "indeterminate": ("SCTID:280416009", "SCTID:82334004", "SCTID:408379005", "RADLEX:RID39110"),
    "nondiagnostic": ("RADLEX:RID14",),
    "suspicious": ("RADLEX:RID39314", "SCTID:424952003"),
    "lipoma": ("SCTID:93163002",),
    "cyst": ("SCTID:441457006", "SCTID:445008009"),
    DOUBTED: ("SCTID:93163002",),
    "benign": ("SCTID:400210000", "SCTID:404029005"),
    "normal": ("SCTID:169254007",),
}
INTERPRETATION = {"normal": "obsint:N", "indeterminate": "obsint:IND"}
AFTER = {
    "radiograph": (1, 14),
    "ultrasound": (8, 40),
    "ct": (41, 90),
    "mri": (41, 90),
}  # days after the onset
CONTRAST = Weighted({"WithoutAndWithIvContrast": 7, "WithoutIvContrast": 2, "WithIvContrast": 1})
MODALITY = {"radiograph": "DX", "ultrasound": "US", "ct": "CT", "mri": "MR"}


def study(made: Maker, mass: Mass, kind: str, result: str, alone: bool) -> None:
    """Adds a study of a kind with its result. `alone` says that the person has no other mass to take an older report for."""
    dice, prefix = made.dice, f"{mass.prefix}-{kind}"
    defect = mass.defect.name if mass.defect.study == kind else ""
    region, side, day = mass.region, mass.side, made.day(*AFTER[kind])
    if defect == "report-of-another-region":
        region = elsewhere(region)
        side = side if region.sided and side else ""
    elif defect == "report-of-the-other-side":
        side = "left" if side == "right" else "right"
    elif defect == "report-before-onset":
        day = made.day(-600, -30)
    code = named(made, region, side, kind)
    link, category = linked(made, mass, defect), structural("v2-0074", "RAD")
    if link and not defect and kind in SECTION and dice.random() < BY_MODALITY:
        code, category = text("imaging"), structural("v2-0074", SECTION[kind])
    links = tie(made, mass, prefix, link, code, day, defect)
    if alone and result and not mass.defect.name and dice.random() < defects.EARLIER_REPORT:
        made.add(
            "DiagnosticReport",
            f"{prefix}-earlier",
            status="final",
            category=[category],
            code=code,
            effectiveDateTime=iso(made.begin),
            **links,
            conclusionCode=[concept("RADLEX:RID14")],
        )
    stranger = defect == "report-of-somebody-else"
    pictures = None
    if dice.random() < 0.4 or defect == "report-preliminary":
        status = "entered-in-error" if defect == "report-entered-in-error" else "available"
        series = [
            {
                "uid": f"2.25.{made.number}{day}{len(made.resources)}",
                "modality": {
                    "system": "http://dicom.nema.org/resources/ontology/DCM",
                    "code": MODALITY[kind],
                },
            }
        ]
        pictures = made.add(
            "ImagingStudy",
            f"{prefix}-images",
            stranger=stranger,
            status=status,
            started=made.moment(day),
            procedureCode=[code],
            series=series,
            **links,
        )
    status = {
        "report-entered-in-error": "entered-in-error",
        "report-preliminary": "preliminary",
    }.get(defect) or ("final" if dice.random() < 0.93 else one_of(dice, ("amended", "corrected")))
    made.add(
        "DiagnosticReport",
        prefix,
        stranger=stranger,
        status=status,
        category=[category],
        code=code,
        effectiveDateTime=made.moment(day),
        imagingStudy=refer(pictures) if pictures else None,
        **links,
        **concluded(made, mass, kind, result, defect, prefix, day),
    )


def linked(made: Maker, mass: Mass, defect: str) -> str:
    """How a study says what it was done for: by its order, by an extension, or not at all.

    One of a mass without site must say so, or it could be taken for one of something else; so must one that names no region.
    """
    if defect in UNLINKED:
        return ""
    if (
        defect == "report-for-another-problem"
        or mass.defect.name == "no-site"
        or not mass.region.root
    ):
        return "order"
    return LINKED.pick(made.dice)


def tie(made: Maker, mass: Mass, prefix: str, link: str, code: dict, day: int, defect: str) -> dict:
    """The elements that say what a study was done for; the order behind it is added."""
    if not link:
        return {}
    if link == "extension":
        return {"extension": [{"url": REASON, "valueReference": {"reference": mass.key}}]}
    reason = mass.key
    if defect == "report-for-another-problem":
        reason = made.add(
            "Condition",
            f"{prefix}-other",
            **ACTIVE,
            code=uncovered("M25.561"),
            recordedDate=iso(day),
        )
    order = made.add(
        "ServiceRequest",
        f"{prefix}-order",
        status="completed",
        intent="order",
        category=IMAGING,
        code=code,
        authoredOn=iso(day - made.within(0, 5)),
        reasonReference=refer(reason),
    )
    return {"basedOn": refer(order)}


def named(made: Maker, region: Region, side: str, kind: str) -> dict:
    """The code of a study of a region and side."""
    if kind in ("radiograph", "ultrasound"):
        return procedure(region.radiograph if kind == "radiograph" else region.ultrasound, side)
    return procedure(f"{kind.capitalize()}{region.root}{CONTRAST.pick(made.dice)}", side)


def concluded(
    made: Maker, mass: Mass, kind: str, result: str, defect: str, prefix: str, day: int
) -> dict:
    """The elements that say what a report concludes: codes, an Observation with an interpretation, or words that nobody reads."""
    words = {
        "conclusion": DOUBT
        if result == DOUBTED
        else "Synthetic report; the words of a conclusion are not read."
    }
    if not result or defect == "no-result-code":
        return words
    if defect == "unknown-result-code":
        return {"conclusionCode": [local("RES-204")]}
    if result in INTERPRETATION and made.dice.random() < 0.2:
        observed = made.add(
            "Observation",
            f"{prefix}-reading",
            stranger=defect == "report-of-somebody-else",
            status="final",
            code=text(f"{kind} reading"),
            effectiveDateTime=made.moment(day),
            interpretation=[concept(INTERPRETATION[result])],
        )
        return {"result": refer(observed)}
    codes = (
        (mass.region.normal, "SCTID:168541005", "SCTID:408573005")
        if (kind, result) == ("radiograph", "normal")
        else RESULTS[result]
    )
    told = result == DOUBTED or made.dice.random() < 0.5
    return {"conclusionCode": [concept(one_of(made.dice, codes))], **(words if told else {})}
