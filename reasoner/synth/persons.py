"""Generates one synthetic person from a seed and a number and from nothing else.

So a larger population of a seed begins with the smaller one.
"""

from collections.abc import Iterator, Sequence
from random import Random
from typing import NamedTuple

import orjson

from reasoner.synth import orders, safety, studies, unrelated
from reasoner.synth.archetypes import ARCHETYPES, NAMED, NOT_READ, Archetype
from reasoner.synth.defects import Defect, choose_defect
from reasoner.synth.mass import Mass, condition, without_force
from reasoner.synth.record import RecordBuilder, iso
from reasoner.synth.regions import POOLS, Region
from reasoner.synth.weighted_choice import Weighted, one_of

ANYONE = Weighted({a.name: a.weight for a in ARCHETYPES})
SECOND = Weighted(
    {
        a.name: a.weight
        for a in ARCHETYPES
        if a.stated_as == "condition" and a.area != "head" and a.name != "ct-suspicious"
    }
)
BESIDES = Weighted(
    {
        "nothing": 55,
        "other-order": 40,
        "mass-gone": 1,
        "mass-of-somebody-else": 1,
        "mass-uncoded": 1,
        "unreasoned-order": 1,
        "unreasoned-draft": 1,
    }
)
TWO_MASSES, OTHER_ORDER = 0.05, 0.05  # of the persons with a mass; of all persons
AGE = Weighted({(2, 17): 8, (18, 44): 30, (45, 64): 35, (65, 90): 27})
STRIDE = 1 << 40  # more persons than any population has: no two seeds share a person


class Person(NamedTuple):
    """A person: the id, the FHIR resources with the Patient first, and the truth of an answer."""

    id: str
    resources: list[dict]
    truth: Sequence[tuple[str, ...]]


def population(n: int, seed: int, masses: float = 1.0) -> Iterator[Person]:
    """The persons 0 to n - 1 of a seed, whose resources may be changed freely.

    `masses` is the share of persons of any archetype; the others have no mass.
    """
    for number in range(n):
        one = person(seed, number, masses)
        yield one._replace(resources=orjson.loads(orjson.dumps(one.resources)))


def person(seed: int, number: int, masses: float = 1.0) -> Person:
    """A person of a seed by number.

    Parts of the resources are shared with those of other persons: serialize them, or use
    `population`.
    """
    rng = Random(seed * STRIDE + number)
    youngest, oldest = AGE.pick(rng)
    builder = RecordBuilder(
        number, rng, age := youngest + int(rng.random() * (oldest - youngest + 1))
    )
    besides = masses < 1 and rng.random() >= masses
    archetype, female = NAMED[(BESIDES if besides else ANYONE).pick(rng)], rng.random() < 0.5
    builder.resources.append(
        {
            "resourceType": "Patient",
            "id": builder.patient,
            "name": [{"text": f"Patient {number:06d}"}],
            "gender": "female" if female else "male",
            "birthDate": iso(builder.born),
        }
    )
    mri = safety.add_safety_facts(
        builder, archetype.name == "ct-suspicious", female and 16 <= age <= 45
    )
    imaged = add_masses(builder, archetype, mri)
    unrelated.add_unrelated(builder, imaged, besides)
    if archetype.stated_as == "other order" or rng.random() < OTHER_ORDER:
        orders.other(builder, archetype.name)
    if not any(row.presentation for row in builder.rows):
        for key in builder.unread:
            builder.add_truth(archetype.name, presentation=key, outcome=NOT_READ)
    if not builder.rows:
        builder.add_truth(archetype.name)
    return Person(builder.patient, builder.resources, builder.rows)


def add_masses(builder: RecordBuilder, archetype: Archetype, mri: str) -> bool:
    """Adds the masses or orders of the archetype.

    Returns whether a chest radiograph could not be a study of a mass.
    """
    rng = builder.rng
    region, side = choose_site(builder, archetype)
    if archetype.stated_as == "condition":
        two = rng.random() < TWO_MASSES and region.sided
        defect = Defect("", "", archetype) if two else choose_defect(rng, archetype, region.sided)
        masses = [Mass("mass", archetype, region, side, defect)]
        if two:
            masses.append(second(builder, region))
        for mass in masses:
            whole(builder, mass, mri, not two)
        return all(m.region.sided for m in masses) and defect.name != "no-site"
    if archetype.stated_as == "order":
        orders.by_itself(builder, archetype, region, side, mri)
    elif archetype.stated_as in ("unreasoned draft", "unreasoned order", "unread order"):
        orders.unreasoned(builder, archetype, region, side, mri)
    elif archetype.stated_as in ("gone", "somebody else"):
        without_force(builder, archetype.stated_as)
    elif archetype.stated_as == "words":
        builder.unread.append(without_force(builder, archetype.stated_as))
    return archetype.stated_as != "order" or region.sided


def choose_site(builder: RecordBuilder, archetype: Archetype) -> tuple[Region, str]:
    """A region where the archetype's mass may be, and its side."""
    region = one_of(builder.rng, POOLS[archetype.area])
    return region, one_of(builder.rng, ("left", "right")) if region.sided else ""


def second(builder: RecordBuilder, first: Region) -> Mass:
    """Another mass, of another limb, so that no study could be taken for one of both."""
    archetype = NAMED[SECOND.pick(builder.rng)]
    while (where := choose_site(builder, archetype))[0].limb == first.limb:
        archetype = NAMED[SECOND.pick(builder.rng)]
    return Mass("mass2", archetype, *where, Defect("", "", archetype))


def whole(builder: RecordBuilder, mass: Mass, mri: str, alone: bool) -> None:
    """Adds a mass with its studies and orders."""
    mass = condition(builder, mass)
    for kind, result in mass.archetype.studies:
        studies.study(builder, mass, kind, result, alone)
    orders.for_mass(builder, mass, mri, alone)
