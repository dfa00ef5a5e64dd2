"""One synthetic person, made of a seed and a number and of nothing else, so that a larger population begins with the smaller one."""

from collections.abc import Iterator
from random import Random
from typing import NamedTuple

import orjson

from reasoner.synth import orders, safety, studies, unrelated
from reasoner.synth.archetypes import ARCHETYPES, NAMED, NOT_READ, Archetype
from reasoner.synth.defects import Defect, befall
from reasoner.synth.mass import Mass, condition, without_force
from reasoner.synth.record import Maker, iso
from reasoner.synth.regions import POOLS, Region
from reasoner.synth.truth import Row
from reasoner.synth.weighted_choice import Weighted, one_of

ANYONE = Weighted({a.name: a.weight for a in ARCHETYPES})
SECOND = Weighted(
    {
        a.name: a.weight
        for a in ARCHETYPES
        if a.told == "condition" and a.area != "head" and a.name != "ct-suspicious"
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
    """A person: the id, the FHIR resources, the Patient first, and what an answer must say of them."""

    id: str
    resources: list[dict]
    truth: list[Row]


def population(n: int, seed: int, masses: float = 1.0) -> Iterator[Person]:
    """The persons 0 to n - 1 of a seed, such a share of them of any archetype and the others without a mass; their resources may be changed freely."""
    for number in range(n):
        made = person(seed, number, masses)
        yield made._replace(resources=orjson.loads(orjson.dumps(made.resources)))


def person(seed: int, number: int, masses: float = 1.0) -> Person:
    """A person of a seed by number. Parts of the resources are shared with those of other persons: serialize them, or use `population`."""
    dice = Random(seed * STRIDE + number)
    youngest, oldest = AGE.pick(dice)
    made = Maker(number, dice, age := youngest + int(dice.random() * (oldest - youngest + 1)))
    besides = masses < 1 and dice.random() >= masses
    archetype, female = NAMED[(BESIDES if besides else ANYONE).pick(dice)], dice.random() < 0.5
    made.resources.append(
        {
            "resourceType": "Patient",
            "id": made.patient,
            "name": [{"text": f"Patient {number:06d}"}],
            "gender": "female" if female else "male",
            "birthDate": iso(made.born),
        }
    )
    mri = safety.tell(made, archetype.name == "ct-suspicious", female and 16 <= age <= 45)
    imaged = tell(made, archetype, mri)
    unrelated.tell(made, imaged, besides)
    if archetype.told == "other order" or dice.random() < OTHER_ORDER:
        orders.other(made, archetype.name)
    if not any(row.presentation for row in made.rows):
        for key in made.unread:
            made.say(archetype.name, presentation=key, outcome=NOT_READ)
    if not made.rows:
        made.say(archetype.name)
    return Person(made.patient, made.resources, made.rows)


def tell(made: Maker, archetype: Archetype, mri: str) -> bool:
    """Adds what the archetype is about; whether a chest radiograph could not be taken for one of a mass."""
    dice = made.dice
    region, side = place(made, archetype)
    if archetype.told == "condition":
        two = dice.random() < TWO_MASSES and region.sided
        defect = Defect("", "", archetype) if two else befall(dice, archetype, region.sided)
        masses = [Mass("mass", archetype, region, side, defect)]
        if two:
            masses.append(second(made, region))
        for mass in masses:
            whole(made, mass, mri, not two)
        return all(m.region.sided for m in masses) and defect.name != "no-site"
    if archetype.told == "order":
        orders.by_itself(made, archetype, region, side, mri)
    elif archetype.told in ("unreasoned draft", "unreasoned order", "unread order"):
        orders.unreasoned(made, archetype, region, side, mri)
    elif archetype.told in ("gone", "somebody else"):
        without_force(made, archetype.told)
    elif archetype.told == "words":
        made.unread.append(without_force(made, archetype.told))
    return archetype.told != "order" or region.sided


def place(made: Maker, archetype: Archetype) -> tuple[Region, str]:
    """A region where the archetype's mass may be, and its side."""
    region = one_of(made.dice, POOLS[archetype.area])
    return region, one_of(made.dice, ("left", "right")) if region.sided else ""


def second(made: Maker, first: Region) -> Mass:
    """Another mass, of another limb, so that no study could be taken for one of both."""
    archetype = NAMED[SECOND.pick(made.dice)]
    while (where := place(made, archetype))[0].limb == first.limb:
        archetype = NAMED[SECOND.pick(made.dice)]
    return Mass("mass2", archetype, *where, Defect("", "", archetype))


def whole(made: Maker, mass: Mass, mri: str, alone: bool) -> None:
    """Adds a mass with its studies and orders."""
    mass = condition(made, mass)
    for kind, result in mass.archetype.studies:
        studies.study(made, mass, kind, result, alone)
    orders.for_mass(made, mass, mri, alone)
