"""One mass of one person: the Condition that states it, and what was observed of it."""

from typing import NamedTuple

from reasoner.synth import defects
from reasoner.synth.archetypes import Archetype
from reasoner.synth.codings import concept, local, structural, text
from reasoner.synth.defects import Defect
from reasoner.synth.record import ACTIVE, RecordBuilder, iso, refer
from reasoner.synth.regions import Region, icd
from reasoner.synth.weighted_choice import Weighted, one_of

MASS, FELT = "SCTID:444905003", "SCTID:443607001"
DEPTHS = {
    "superficial": ("SCTID:26283006", "SCTID:71966008"),
    "deep": ("SCTID:795002", "SCTID:127954009"),
}
SIDES = {"left": "SCTID:7771000", "right": "SCTID:24028007"}
SIZES = ("LOINC:33728-7", "LOINC:21889-1")
SYMPTOMS = ("SCTID:84387000", "SCTID:264931009")
CODED = Weighted({"snomed": 7, "both": 2, "icd": 1})
DATED = Weighted({"onset": 8, "month": 1, "year": 0.5, "recorded": 1})
WHERE_DEPTH = Weighted({"bodySite": 8, "stage": 1, "evidence": 1})


class Mass(NamedTuple):
    """A mass: id prefix of its resources, archetype, region, side, defect, Condition reference."""

    prefix: str
    archetype: Archetype
    region: Region
    side: str
    defect: Defect
    key: str = ""


def condition(builder: RecordBuilder, mass: Mass) -> Mass:
    """Adds the Condition, and what was observed; the mass with its reference."""
    archetype, region, defect, rng = mass.archetype, mass.region, mass.defect, builder.rng
    sites = [] if defect.name == "no-site" or not region.site else [concept(region.site)]
    sites += (
        [concept(SIDES[mass.side])]
        if mass.side and sites and (rng.random() < 0.6 or defect.name == "report-of-the-other-side")
        else []
    )
    elements = depth(builder, archetype.depth, defect.name, sites)
    if sites:
        elements["bodySite"] = sites
    asked = defect.name == "felt-without-value"
    seen_by_touch = archetype.felt and not asked and rng.random() < 0.6
    code, dated = named(builder, mass, seen_by_touch), begun(builder, defect)
    key = builder.add("Condition", mass.prefix, **ACTIVE, code=code, **elements, **dated)
    if "onsetDateTime" in dated and rng.random() < defects.AGAIN:
        builder.add(
            "Condition",
            f"{mass.prefix}-again",
            **ACTIVE,
            code=code,
            bodySite=elements.get("bodySite"),
            onsetDateTime=dated["onsetDateTime"],
            recordedDate=iso(builder.day(30, 90)),
        )
    if archetype.felt and not seen_by_touch:
        builder.add(
            "Observation",
            f"{mass.prefix}-felt",
            status="final",
            code=concept(FELT),
            focus=refer(key),
            effectiveDateTime=builder.moment(builder.day(0, 20)),
            **({} if asked else affirmed(builder)),
        )
    if rng.random() < 0.3:
        millimeters = builder.within(8, 110)
        quantity = (
            {"value": millimeters, "unit": "mm", "code": "mm"}
            if rng.random() < 0.5
            else {"value": millimeters / 10, "unit": "cm", "code": "cm"}
        )
        builder.add(
            "Observation",
            f"{mass.prefix}-size",
            status="final",
            code=concept(one_of(rng, SIZES)),
            focus=refer(key),
            effectiveDateTime=builder.moment(builder.day(0, 40)),
            valueQuantity={**quantity, "system": "http://unitsofmeasure.org"},
        )
    if rng.random() < 0.1:
        builder.add(
            "Observation",
            f"{mass.prefix}-symptoms",
            status="final",
            code=concept(one_of(rng, SYMPTOMS)),
            focus=refer(key),
        )
    return mass._replace(key=key)


def affirmed(builder: RecordBuilder) -> dict:
    """The value of an affirmative Observation."""
    return one_of(
        builder.rng,
        (
            {"valueBoolean": True},
            {"valueString": "Yes"},
            {"valueCodeableConcept": concept("LOINC:LA33-6")},
        ),
    )


def named(builder: RecordBuilder, mass: Mass, felt: bool) -> dict:
    """The code of the Condition: of SNOMED CT, of ICD-10-CM, or of both.

    A mass of the head, and one without site, has only one, which may state where it is.
    """
    if mass.archetype.area == "head":
        return concept(icd(mass.region, ""))
    if felt or mass.defect.name == "no-site":
        return concept(FELT if felt else MASS)
    coded = CODED.pick(builder.rng)
    place = icd(mass.region, mass.side)
    return (
        concept(MASS)
        if coded == "snomed"
        else concept(place)
        if coded == "icd"
        else concept(MASS, place)
    )


def depth(builder: RecordBuilder, depth: str, defect: str, sites: list[dict]) -> dict:
    """The elements that state how deep the mass lies, unless that is missing.

    A depth that is stated in bodySite is added to `sites`.
    """
    if not depth or defect == "no-depth":
        return {}
    stated = concept(one_of(builder.rng, DEPTHS[depth]))
    where = WHERE_DEPTH.pick(builder.rng)
    if defect == "contradictory-depths":
        sites.append(
            concept(
                one_of(builder.rng, DEPTHS["deep" if depth == "superficial" else "superficial"])
            )
        )
    if where == "bodySite":
        sites.append(stated)
        return {}
    return (
        {"stage": [{"summary": stated}]} if where == "stage" else {"evidence": [{"code": [stated]}]}
    )


def begun(builder: RecordBuilder, defect: Defect) -> dict:
    """When the mass was first noticed, to the day, month or year, or when it was written down.

    That may be after the studies: the day something is recorded is not the day it began.
    """
    dated, day = (
        "onset" if defect.name == "report-before-onset" else DATED.pick(builder.rng),
        iso(builder.begin),
    )
    if dated == "recorded":
        return {"recordedDate": iso(builder.day(0, 120))}
    return {"onsetDateTime": day[: {"onset": 10, "month": 7, "year": 4}[dated]]}


UNCODED = (text("lump"), local("LUMP-1"))  # what states a mass, and cannot be read


def without_force(builder: RecordBuilder, stated_as: str) -> str:
    """Adds a Condition that states no mass: one that is gone or denied, of somebody else, or in
    words or a code of nobody else's; the reference to it.
    """
    clinical, verification = "active", "confirmed"
    if stated_as == "gone":
        clinical, verification = one_of(
            builder.rng,
            (
                ("resolved", "confirmed"),
                ("inactive", "confirmed"),
                ("active", "refuted"),
                ("", "entered-in-error"),
            ),
        )
    return builder.add(
        "Condition",
        "mass",
        stranger=stated_as == "somebody else",
        code=one_of(builder.rng, UNCODED)
        if stated_as == "words"
        else concept(one_of(builder.rng, (MASS, FELT))),
        clinicalStatus=structural("condition-clinical", clinical) if clinical else None,
        verificationStatus=structural("condition-ver-status", verification),
        bodySite=[concept("SCTID:68367000"), concept("SCTID:795002")],
        onsetDateTime=iso(builder.begin),
    )
