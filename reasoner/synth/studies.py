"""Adds the studies of a mass: reports with results, their orders and pictures, and defects."""

from reasoner.synth import defects
from reasoner.synth.archetypes import DOUBTED
from reasoner.synth.codings import IMAGING, concept, local, procedure, structural, text, uncovered
from reasoner.synth.mass import Mass
from reasoner.synth.record import ACTIVE, RecordBuilder, iso, refer
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


def study(builder: RecordBuilder, mass: Mass, kind: str, result: str, alone: bool) -> None:
    """Adds a study of a kind with its result.

    `alone` says that the person has no other mass that an older report could be about.
    """
    rng, prefix = builder.rng, f"{mass.prefix}-{kind}"
    defect = mass.defect.name if mass.defect.study == kind else ""
    region, side, day = mass.region, mass.side, builder.day(*AFTER[kind])
    if defect == "report-of-another-region":
        region = elsewhere(region)
        side = side if region.sided and side else ""
    elif defect == "report-of-the-other-side":
        side = "left" if side == "right" else "right"
    elif defect == "report-before-onset":
        day = builder.day(-600, -30)
    code = named(builder, region, side, kind)
    link, category = linked(builder, mass, defect), structural("v2-0074", "RAD")
    if link and not defect and kind in SECTION and rng.random() < BY_MODALITY:
        code, category = text("imaging"), structural("v2-0074", SECTION[kind])
    links = tie(builder, mass, prefix, link, code, day, defect)
    if alone and result and not mass.defect.name and rng.random() < defects.EARLIER_REPORT:
        builder.add(
            "DiagnosticReport",
            f"{prefix}-earlier",
            status="final",
            category=[category],
            code=code,
            effectiveDateTime=iso(builder.begin),
            **links,
            conclusionCode=[concept("RADLEX:RID14")],
        )
    stranger = defect == "report-of-somebody-else"
    pictures = None
    if rng.random() < 0.4 or defect == "report-preliminary":
        status = "entered-in-error" if defect == "report-entered-in-error" else "available"
        series = [
            {
                "uid": f"2.25.{builder.number}{day}{len(builder.resources)}",
                "modality": {
                    "system": "http://dicom.nema.org/resources/ontology/DCM",
                    "code": MODALITY[kind],
                },
            }
        ]
        pictures = builder.add(
            "ImagingStudy",
            f"{prefix}-images",
            stranger=stranger,
            status=status,
            started=builder.moment(day),
            procedureCode=[code],
            series=series,
            **links,
        )
    status = {
        "report-entered-in-error": "entered-in-error",
        "report-preliminary": "preliminary",
    }.get(defect) or ("final" if rng.random() < 0.93 else one_of(rng, ("amended", "corrected")))
    builder.add(
        "DiagnosticReport",
        prefix,
        stranger=stranger,
        status=status,
        category=[category],
        code=code,
        effectiveDateTime=builder.moment(day),
        imagingStudy=refer(pictures) if pictures else None,
        **links,
        **concluded(builder, mass, kind, result, defect, prefix, day),
    )


def linked(builder: RecordBuilder, mass: Mass, defect: str) -> str:
    """How a study is linked to its reason: by its order, by an extension, or not at all.

    A report of a mass without site must name the mass, or it could be about something else; so must
    a report that names no region.
    """
    if defect in UNLINKED:
        return ""
    if (
        defect == "report-for-another-problem"
        or mass.defect.name == "no-site"
        or not mass.region.root
    ):
        return "order"
    return LINKED.pick(builder.rng)


def tie(
    builder: RecordBuilder, mass: Mass, prefix: str, link: str, code: dict, day: int, defect: str
) -> dict:
    """The elements that link a study to its reason; adds the order of the study."""
    if not link:
        return {}
    if link == "extension":
        return {"extension": [{"url": REASON, "valueReference": {"reference": mass.key}}]}
    reason = mass.key
    if defect == "report-for-another-problem":
        reason = builder.add(
            "Condition",
            f"{prefix}-other",
            **ACTIVE,
            code=uncovered("M54.50"),
            recordedDate=iso(day),
        )
    order = builder.add(
        "ServiceRequest",
        f"{prefix}-order",
        status="completed",
        intent="order",
        category=IMAGING,
        code=code,
        authoredOn=iso(day - builder.within(0, 5)),
        reasonReference=refer(reason),
    )
    return {"basedOn": refer(order)}


def named(builder: RecordBuilder, region: Region, side: str, kind: str) -> dict:
    """The code of a study of a region and side."""
    if kind in ("radiograph", "ultrasound"):
        return procedure(region.radiograph if kind == "radiograph" else region.ultrasound, side)
    return procedure(f"{kind.capitalize()}{region.root}{CONTRAST.pick(builder.rng)}", side)


def concluded(
    builder: RecordBuilder, mass: Mass, kind: str, result: str, defect: str, prefix: str, day: int
) -> dict:
    """The elements that state what a report concludes.

    These are codes, an Observation with an interpretation, or words that are not read.
    """
    words = {
        "conclusion": DOUBT
        if result == DOUBTED
        else "Synthetic report; the words of a conclusion are not read."
    }
    if not result or defect == "no-result-code":
        return words
    if defect == "unknown-result-code":
        return {"conclusionCode": [local("RES-204")]}
    if result in INTERPRETATION and builder.rng.random() < 0.2:
        observed = builder.add(
            "Observation",
            f"{prefix}-reading",
            stranger=defect == "report-of-somebody-else",
            status="final",
            code=text(f"{kind} reading"),
            effectiveDateTime=builder.moment(day),
            interpretation=[concept(INTERPRETATION[result])],
        )
        return {"result": refer(observed)}
    codes = (
        (mass.region.normal, "SCTID:168541005", "SCTID:408573005")
        if (kind, result) == ("radiograph", "normal")
        else RESULTS[result]
    )
    in_words = result == DOUBTED or builder.rng.random() < 0.5
    return {"conclusionCode": [concept(one_of(builder.rng, codes))], **(words if in_words else {})}
