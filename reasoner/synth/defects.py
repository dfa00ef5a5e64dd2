"""What is missing or wrong in a record, how often, and what of the truth it takes away.

A defect is chosen for a mass at its rate and applies where it can: a report of another region needs
a report. One mass has one defect at most. What it takes away is a key of `Archetype.without`:
"site", "depth", a study, or a study's result.
"""

from random import Random
from typing import NamedTuple

from reasoner.synth.archetypes import NAMED, Archetype
from reasoner.synth.weighted_choice import Rates, one_of

MASS = {  # of a mass
    "felt-without-value": 0.02,
    "no-depth": 0.03,
    "contradictory-depths": 0.01,
    "no-site": 0.03,
    "no-result-code": 0.03,
    "unknown-result-code": 0.01,
    "report-entered-in-error": 0.015,
    "report-preliminary": 0.015,
    "report-of-another-region": 0.01,
    "report-of-the-other-side": 0.01,
    "report-before-onset": 0.01,
    "report-of-somebody-else": 0.01,
    "report-for-another-problem": 0.01,
}
ORDER = {"no-reason": 0.08, "unknown-procedure": 0.02, "revoked": 0.03}  # of an order for a mass
SAFETY = {  # of a person: what contraindicates MRI, and does not count
    "refuted-claustrophobia": 0.006,
    "resolved-claustrophobia": 0.003,
    "claustrophobia-entered-in-error": 0.003,
    "device-entered-in-error": 0.006,
    "device-of-somebody-else": 0.006,
}
AGAIN = 0.04  # of the masses with an onset to the day: coded again at a later encounter
EGFR_AS_TEXT = 0.1  # of the eGFR values
SUBJECT_AS_URL = 0.02  # of the persons: references to the patient are absolute
# Of the masses with studies and without defect: an older report, which a newer one outdates.
EARLIER_REPORT = 0.06
# A preliminary report leaves pictures that nobody has read.
UNCODED = ("no-result-code", "unknown-result-code", "report-preliminary")
DEPTH = ("no-depth", "contradictory-depths")
RATES = Rates(MASS)


class Defect(NamedTuple):
    """A defect of a mass: its name, the study that it is about, and the archetype that then holds.

    `study` is empty for a defect of the mass itself.
    """

    name: str
    study: str
    holds: Archetype


def choose_defect(rng: Random, archetype: Archetype, sided: bool) -> Defect:
    """The defect that is chosen for a mass; one without a name for a mass without a defect."""
    name = RATES.pick(rng)
    study, lost = "", ""
    if name in DEPTH:
        lost = "depth" if archetype.depth else ""
    elif name == "felt-without-value":
        lost = "felt" if archetype.felt else ""
    elif name == "no-site":
        lost = "site" if archetype.area != "head" else ""
    elif name and archetype.studies and (sided or name != "report-of-the-other-side"):
        study, result = one_of(rng, archetype.studies)
        lost = (f"{study} result" if result else "") if name in UNCODED else study
    if not lost:
        return Defect("", "", archetype)
    return Defect(name, study, NAMED[archetype.without.get(lost, archetype.name)])
