"""Records that state several facts at once that bear on safety."""

import random

from answers import sound
from bundles import (
    CONDITIONAL,
    PACEMAKER,
    UNSAFE,
    allergy,
    concept,
    condition,
    device,
    egfr,
    observation,
)
from packing import key
from spoil import LOCAL, of_patient
from unread_records import problem

FACTS = {
    "a conditional pacemaker": device("d-conditional", PACEMAKER, CONDITIONAL),
    "an unsafe pacemaker": device("d-unsafe", PACEMAKER, UNSAFE),
    "a stimulator": device("d-stimulator", "sct:25937001"),
    "an unsafe device of some kind": {
        **of_patient("Device", "d-local", status="active", type=LOCAL),
        "safety": [concept(UNSAFE)],
    },
    "a device of some kind": of_patient("Device", "d-other", status="active", type=LOCAL),
    "a pacemaker in words": {**problem("pacemaker"), "id": "c-words"},
    "a low eGFR": egfr("gfr-low", 22),
    "a bound of eGFR": egfr("gfr-bound", 15, "2026-04-12", comparator="<"),
    "an older eGFR": egfr("gfr-older", 75, "2024-01-01"),
    "a newer eGFR": egfr("gfr-newer", 75, "2026-04-19"),
    "a pregnancy": observation(
        "o-pregnant",
        "loinc:82810-3",
        effectiveDateTime="2026-04-01",
        valueCodeableConcept=concept("sct:77386006"),
    ),
    "a gadolinium reaction": allergy("a-gadolinium", "ia:AllergyToGadoliniumContrast", "severe"),
    "an iodine reaction": allergy("a-iodine", "sct:293638001", "severe"),
    "claustrophobia": condition(
        "c-claustrophobia", "sct:19887002", severity=concept("sct:24484000")
    ),
    "a magnet in the eye": condition("c-eye", "sct:3426005", onsetDateTime="2020-01-01"),
    "dialysis": condition("c-dialysis", "icd:Z99.2"),
    "a screening": observation(
        "s-now", "ia:MriSafetyScreeningPassed", effectiveDateTime="2026-04-19", valueBoolean=True
    ),
    "an old screening": observation(
        "s-old", "ia:MriSafetyScreeningPassed", effectiveDateTime="2012-04-19", valueBoolean=True
    ),
}


def combined(count: int):
    """Records with several facts at once."""
    dice = random.Random(10)
    for _ in range(count):
        facts = [FACTS[name] for name in dice.sample(sorted(FACTS), dice.randint(2, 5))]
        yield (
            {key(f) for f in facts} | {"DiagnosticReport/xr-1", "DiagnosticReport/us-1"},
            sound(*facts),
        )
