"""Orders: drafted or active imaging of a mass and of other things, with the verdict on each."""

from reasoner.synth import defects
from reasoner.synth.archetypes import NO_CRITERIA, NONE, Archetype
from reasoner.synth.codings import IMAGING, concept, local, procedure, text, uncovered
from reasoner.synth.mass import FELT, MASS, UNCODED, Mass
from reasoner.synth.record import RecordBuilder, iso, refer
from reasoner.synth.regions import Region
from reasoner.synth.truth import MISSING, NOT_JUDGED, RATED, judge
from reasoner.synth.weighted_choice import Rates, Weighted, one_of

FIRST = Weighted(
    {
        "Ultrasound": 34,
        "Radiography": 24,
        "MriWithoutAndWithIvContrast": 10,
        "MriWithoutIvContrast": 12,
        "CtWithIvContrast": 5,
        "CtWithoutIvContrast": 5,
        "ImageGuidedBiopsy": 4,
        "ImageGuidedFineNeedleAspiration": 2,
        "FdgPetCt": 1,
        "Mri": 2,
        "Ct": 1,
    }
)
LATER = Weighted(
    {
        "MriWithoutAndWithIvContrast": 38,
        "MriWithoutIvContrast": 18,
        "MriWithIvContrast": 2,
        "CtWithIvContrast": 12,
        "CtWithoutAndWithIvContrast": 3,
        "CtWithoutIvContrast": 5,
        "ImageGuidedBiopsy": 12,
        "ImageGuidedFineNeedleAspiration": 2,
        "FdgPetCt": 2,
        "Ultrasound": 4,
        "Mri": 1,
        "Ct": 1,
    }
)
ANYWHERE = {  # codes that name no region; elsewhere they would be those of the region
    "ImageGuidedBiopsy": ("SCTID:277590007", "SCTID:277591006"),
    "ImageGuidedFineNeedleAspiration": ("LOINC:38018-8", "LOINC:30580-5"),
    "FdgPetCt": ("LOINC:81554-8", "LOINC:81555-5"),
    "Mri": ("SCTID:113091000", "LOINC:25056-3"),
    "Ct": ("SCTID:77477000", "LOINC:25045-6"),
}
HEADACHE = (
    ("CT head", "R51.9"),
    ("MRI brain", "G43.909"),
    ("CT chest", "J18.9"),
    ("CT abdomen", "R10.9"),
    ("CT kidney", "N20.0"),
    ("XR chest", "R07.9"),
)
BELOW_THE_THIGH = ("Knee", "LowerLeg", "Ankle", "Foot")
STATUS, INTENT = (
    Weighted({"draft": 7, "active": 3}),
    Weighted({"order": 8, "plan": 1, "proposal": 1}),
)
DEFECTS = Rates(defects.ORDER)


def code(builder: RecordBuilder, region: Region, side: str, generic: str) -> dict | None:
    """The code of a procedure for a region and side; None when there is none."""
    if generic in ANYWHERE:
        return concept(one_of(builder.rng, ANYWHERE[generic]))
    if generic in ("Radiography", "Ultrasound"):
        return procedure(region.radiograph if generic == "Radiography" else region.ultrasound, side)
    modality, contrast = ("Mri", generic[3:]) if generic.startswith("Mri") else ("Ct", generic[2:])
    return procedure(modality + region.root + contrast, side)


def partial(what: dict, region: Region) -> bool:
    """Whether a study leaves the region out: PET/CT to the thigh, for what lies below it."""
    return what == concept("LOINC:81554-8") and region.name in BELOW_THE_THIGH


def request(
    builder: RecordBuilder, name: str, what: dict, status: str | None = None, **reason
) -> str:
    """Adds an order; its reference."""
    return builder.add(
        "ServiceRequest",
        name,
        status=status or STATUS.pick(builder.rng),
        intent=INTENT.pick(builder.rng),
        category=IMAGING,
        code=what,
        authoredOn=iso(builder.day(91, 120)),
        **reason,
    )


def for_mass(builder: RecordBuilder, mass: Mass, mri: str, alone: bool) -> None:
    """Adds up to two orders for a mass, and the rows of the mass.

    An order without reason is for the mass that it fits by region and side; one that names no
    region could be for any.
    """
    holds = mass.defect.holds
    scenarios = holds.applies(mri)
    columns = {
        "presentation": mass.key,
        "outcome": holds.outcome,
        "scenario": " ".join(scenarios),
        "defect": mass.defect.name,
    }
    judged = 0
    for n in range((builder.rng.random() < 0.55) + (builder.rng.random() < 0.06)):
        generic = (LATER if mass.archetype.studies else FIRST).pick(builder.rng)
        what = code(builder, mass.region, mass.side, generic)
        defect = DEFECTS.pick(builder.rng)
        if what is None:
            continue
        if defect == "no-reason" and (
            mass.archetype.area == "head"
            or generic == "FdgPetCt"
            or not alone
            and (generic in ANYWHERE or not mass.region.root)
        ):
            defect = ""
        if defect == "unknown-procedure":
            generic, what = "", local("IMG-31")
        order = request(
            builder,
            f"{mass.prefix}-next{n or ''}",
            what,
            "revoked" if defect == "revoked" else None,
            reasonReference=None if defect == "no-reason" else refer(mass.key),
        )
        if defect == "revoked":
            continue
        procedure = f"ia:{generic}" if generic else ""
        verdict, category = judge(holds.outcome, scenarios, procedure, mri)
        if partial(what, mass.region) and verdict in (RATED, MISSING):
            verdict, category = MISSING, ""
        builder.add_truth(
            mass.archetype.name,
            **{**columns, "defect": " ".join(filter(None, (mass.defect.name, defect)))},
            order=order,
            procedure=procedure,
            verdict=verdict,
            category=category,
        )
        judged += 1
    if not judged:
        builder.add_truth(mass.archetype.name, **columns)


def by_itself(
    builder: RecordBuilder, archetype: Archetype, region: Region, side: str, mri: str
) -> None:
    """Adds an order that states its own reason: a mass that no Condition states.

    Its presentation is the order.
    """
    generic = FIRST.pick(builder.rng)
    what = code(builder, region, side, generic) or code(
        builder, region, side, generic := "Ultrasound"
    )
    order = request(
        builder,
        "order",
        what,
        reasonCode=[concept(FELT if archetype.felt else MASS)],
        bodySite=[concept(region.site)],
    )
    scenarios = archetype.applies(mri)
    verdict, category = judge(archetype.outcome, scenarios, f"ia:{generic}", mri)
    builder.add_truth(
        archetype.name,
        presentation=order,
        outcome=archetype.outcome,
        scenario=" ".join(scenarios),
        order=order,
        procedure=f"ia:{generic}",
        verdict=verdict,
        category=category,
    )


def unreasoned(
    builder: RecordBuilder, archetype: Archetype, region: Region, side: str, mri: str
) -> None:
    """Adds an order of a person without a mass whose reason is missing, or cannot be read.

    Of a draft, and of a reason that is given, an answer says that it was not read; an active order
    without a reason belongs to nothing.
    """
    generic = FIRST.pick(builder.rng)
    what = code(builder, region, side, generic) or code(
        builder, region, side, generic := "Ultrasound"
    )
    if archetype.stated_as == "unread order":
        order = request(builder, "order", what, reasonCode=[one_of(builder.rng, UNCODED)])
    else:
        order = request(builder, "order", what, "active" if archetype.outcome == NONE else "draft")
    if archetype.outcome == NONE:
        builder.add_truth(
            archetype.name,
            order=order,
            procedure=f"ia:{generic}",
            verdict=NOT_JUDGED,
            defect="no-reason",
        )
        return
    verdict, category = judge(archetype.outcome, (), f"ia:{generic}", mri)
    builder.add_truth(
        archetype.name,
        presentation=order,
        outcome=archetype.outcome,
        order=order,
        procedure=f"ia:{generic}",
        verdict=verdict,
        category=category,
        defect="" if archetype.stated_as == "unread order" else "no-reason",
    )


def other(builder: RecordBuilder, archetype: str) -> None:
    """Adds an order for a problem that no topic covers.

    It is a presentation of its own: an ordering system must learn that no criteria apply.
    """
    words, reason = one_of(builder.rng, HEADACHE)
    order = request(builder, "other-order", text(words), reasonCode=[uncovered(reason)])
    builder.add_truth(
        archetype, presentation=order, outcome=NO_CRITERIA, order=order, verdict=NO_CRITERIA
    )
