"""The archetypes of synthetic persons: findings, frequency, and the expected answer.

Written by hand from the design (`model.md` sections 1 to 3, `names.md`, the numbered statements):
scenario A is for a mass that is superficial or felt and not imaged, B for one that is deep or in a
difficult area and not imaged, C for one that radiograph and noncontrast ultrasound left
uncharacterized, D for C when MRI is contraindicated. A cross-sectional study that can be read leads
to a next step, whatever it shows. By `unread.md`, a suspicious ultrasound leaves a mass
uncharacterized too; only a confident, simple benign result of initial imaging ends imaging, and a
doubt in words beside it holds that back. What is not known well enough is more information to ask
for; a problem or a reason that is not stated in codes is not read.
"""

from typing import NamedTuple

A, B = "ia:SuperficialMassInitialImaging", "ia:DeepMassInitialImaging"
C = "ia:MassAfterInconclusiveRadiographAndUltrasound"
D = C + "MriContraindicated"
RECOMMENDATION, MORE, NEXT, NO_IMAGING, NO_CRITERIA = (
    "recommendation",
    "more-information",
    "next-step",
    "no-imaging",
    "no-criteria",
)
NOT_READ, NONE = "not-read", "none"
FORBIDDEN, UNCLEAR = "forbidden", "unclear"  # what a record says of MRI, where it says something


class Archetype(NamedTuple):
    """A kind of person: its weight, how the mass is stated, its findings, and the answer.

    `stated_as` is how the record states the mass, `studies` are pairs of study and result, `area`
    is where the mass may be. `without` names, for what may be missing, the archetype whose truth
    then holds; what it does not name changes nothing.
    """

    name: str
    weight: float
    outcome: str
    scenarios: tuple[str, ...] = ()
    contraindicated: tuple[str, ...] | None = None  # the scenarios with MRI contraindicated
    stated_as: str = "condition"
    depth: str = ""
    felt: bool = False
    studies: tuple[tuple[str, str], ...] = ()
    area: str = "easy"
    without: dict[str, str] = {}

    def applies(self, mri: str) -> tuple[str, ...]:
        """The scenarios that apply; `mri` is FORBIDDEN, UNCLEAR or empty."""
        forbidden = mri == FORBIDDEN and self.contraindicated is not None
        return self.contraindicated if forbidden else self.scenarios


BOTH = (("radiograph", "normal"), ("ultrasound", "indeterminate"))
NO_MRI = {"mri": "both-inconclusive", "mri result": "mri-uncoded"}
ONE_OF_BOTH = {
    "radiograph": "ultrasound-only",
    "radiograph result": "ultrasound-only",
    "ultrasound": "radiograph-only",
    "ultrasound result": "radiograph-only",
}
NO_BENIGN_ULTRASOUND = {"ultrasound": "superficial-new", "ultrasound result": "ultrasound-only"}
DOUBTED = "lipoma, doubted"  # the code of a lipoma beside words that doubt it
ARCHETYPES = (
    # Nothing done yet.
    Archetype(
        "superficial-new",
        12,
        RECOMMENDATION,
        (A,),
        depth="superficial",
        without={"depth": "depth-unknown"},
    ),
    Archetype(
        "palpable-new", 5, RECOMMENDATION, (A,), felt=True, without={"felt": "depth-unknown"}
    ),
    Archetype(
        "deep-new", 9, RECOMMENDATION, (B,), depth="deep", without={"depth": "depth-unknown"}
    ),
    Archetype(
        "deep-palpable-new",
        2,
        RECOMMENDATION,
        (A, B),
        depth="deep",
        felt=True,
        without={"depth": "palpable-new", "felt": "deep-new"},
    ),
    Archetype(
        "difficult-area-new",
        3,
        RECOMMENDATION,
        (B,),
        area="difficult",
        without={"site": "depth-unknown"},
    ),
    Archetype(
        "superficial-difficult-new",
        1,
        RECOMMENDATION,
        (A, B),
        depth="superficial",
        area="difficult",
        without={"site": "superficial-new", "depth": "difficult-area-new"},
    ),
    Archetype("depth-unknown", 4, MORE),
    # Begun, and not finished.
    Archetype(
        "radiograph-only",
        6,
        MORE,
        depth="deep",
        studies=BOTH[:1],
        without={"radiograph": "deep-new"},
    ),
    Archetype(
        "ultrasound-only",
        4,
        MORE,
        depth="superficial",
        studies=BOTH[1:],
        without={"ultrasound": "superficial-new"},
    ),
    Archetype(
        "ultrasound-normal",
        1.5,
        MORE,
        depth="deep",
        studies=(("ultrasound", "normal"),),
        without={"ultrasound": "deep-new"},
    ),
    # Radiograph and ultrasound did not settle it.
    Archetype(
        "ultrasound-suspicious",
        1.5,
        RECOMMENDATION,
        (C,),
        (D,),
        area="imaged",
        studies=(BOTH[0], ("ultrasound", "suspicious")),
        without=ONE_OF_BOTH,
    ),
    Archetype(
        "both-inconclusive",
        16,
        RECOMMENDATION,
        (C,),
        (D,),
        area="imaged",
        studies=BOTH,
        without=ONE_OF_BOTH,
    ),
    Archetype(
        "mri-nondiagnostic",
        1.5,
        RECOMMENDATION,
        (C,),
        (D,),
        area="imaged",
        studies=(*BOTH, ("mri", "nondiagnostic")),
        without={**ONE_OF_BOTH, **NO_MRI},
    ),
    # Cross-sectional imaging decides.
    Archetype(
        "mri-suspicious",
        3,
        NEXT,
        area="imaged",
        studies=(*BOTH, ("mri", "suspicious")),
        without=NO_MRI,
    ),
    Archetype(
        "mri-lipoma", 2, NEXT, area="imaged", studies=(*BOTH, ("mri", "lipoma")), without=NO_MRI
    ),
    Archetype(
        "mri-benign", 2, NEXT, area="imaged", studies=(*BOTH, ("mri", "benign")), without=NO_MRI
    ),
    Archetype(
        "mri-indeterminate",
        2,
        NEXT,
        area="imaged",
        studies=(*BOTH, ("mri", "indeterminate")),
        without=NO_MRI,
    ),
    Archetype("mri-uncoded", 1, NEXT, area="imaged", studies=(*BOTH, ("mri", "")), without=NO_MRI),
    Archetype(
        "ct-suspicious",
        1,
        NEXT,
        area="imaged",
        studies=(*BOTH, ("ct", "suspicious")),
        without={"ct": "both-inconclusive"},
    ),
    # Initial imaging was diagnostic.
    Archetype(
        "ultrasound-lipoma",
        4,
        NO_IMAGING,
        depth="superficial",
        studies=(("ultrasound", "lipoma"),),
        without=NO_BENIGN_ULTRASOUND,
    ),
    Archetype(
        "ultrasound-cyst",
        2,
        NO_IMAGING,
        depth="superficial",
        studies=(("ultrasound", "cyst"),),
        without=NO_BENIGN_ULTRASOUND,
    ),
    # Benign, and not simple, or not certain: nothing ends.
    Archetype(
        "ultrasound-benign",
        1.5,
        MORE,
        depth="superficial",
        studies=(("ultrasound", "benign"),),
        without=NO_BENIGN_ULTRASOUND,
    ),
    Archetype(
        "ultrasound-lipoma-doubted",
        1.5,
        MORE,
        depth="superficial",
        studies=(("ultrasound", DOUBTED),),
        without=NO_BENIGN_ULTRASOUND,
    ),
    # Nothing in the graph speaks about it, or there is nothing to speak about.
    Archetype("head-mass", 1.5, NO_CRITERIA, area="head"),
    Archetype("other-order", 5, NO_CRITERIA, stated_as="other order"),
    Archetype("unreasoned-draft", 1, NOT_READ, stated_as="unreasoned draft"),
    Archetype("unreasoned-order", 1, NONE, stated_as="unreasoned order"),
    Archetype("order-with-unread-reason", 1, NOT_READ, stated_as="unread order"),
    Archetype("palpable-by-order", 1.5, RECOMMENDATION, (A,), stated_as="order", felt=True),
    Archetype("mass-by-order", 1.5, MORE, stated_as="order"),
    Archetype("mass-gone", 1.5, NONE, stated_as="gone"),
    Archetype("mass-of-somebody-else", 1, NONE, stated_as="somebody else"),
    Archetype("mass-uncoded", 1, NOT_READ, stated_as="words"),
    Archetype("nothing", 8, NONE, stated_as="nobody"),
)
NAMED = {a.name: a for a in ARCHETYPES}
