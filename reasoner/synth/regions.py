"""Body regions of synthetic masses, with the codes of their sites and of studies of them."""

from typing import NamedTuple

ICD = {
    "upper": ("R22.31", "R22.32"),
    "lower": ("R22.41", "R22.42"),
}  # right and left; the trunk and the neck have no sides


class Region(NamedTuple):
    """A region of the body, with the codes and names of studies of it.

    `site` is the code of the site, `radiograph` and `ultrasound` are orderables, `root` is what CT
    and MRI orderables call the region, `normal` is the code of a normal radiograph. Regions of
    different limbs are unrelated, whatever a study of a whole extremity is called. A difficult
    region is hard to judge on radiographs: scenario B applies to a mass there at any depth.
    """

    name: str
    limb: str
    site: str
    radiograph: str
    ultrasound: str
    root: str
    normal: str = "SCTID:168541005"
    icd: str = ""
    difficult: bool = False

    @property
    def sided(self) -> bool:
        """Whether it has a left and a right."""
        return self.limb != "trunk"


REGIONS = (
    Region(
        "Thigh",
        "lower",
        "SCTID:68367000",
        "RadiographyFemur",
        "UltrasoundLowerExtremity",
        "Thigh",
        "SCTID:168684003",
    ),
    Region(
        "Knee",
        "lower",
        "SCTID:72696002",
        "RadiographyKnee",
        "UltrasoundLowerExtremity",
        "Knee",
        "SCTID:168667009",
    ),
    Region(
        "LowerLeg",
        "lower",
        "SCTID:30021000",
        "RadiographyTibiaAndFibula",
        "UltrasoundLowerExtremity",
        "LowerLeg",
        "SCTID:1290531009",
    ),
    Region(
        "Ankle",
        "lower",
        "SCTID:344001",
        "RadiographyAnkle",
        "UltrasoundLowerExtremity",
        "Ankle",
        "SCTID:168679009",
    ),
    Region(
        "Foot",
        "lower",
        "SCTID:56459004",
        "RadiographyFoot",
        "UltrasoundLowerExtremity",
        "Foot",
        "SCTID:168687005",
    ),
    Region(
        "Hip",
        "lower",
        "SCTID:29836001",
        "RadiographyHip",
        "UltrasoundHip",
        "Hip",
        "SCTID:168661005",
    ),
    Region(
        "Shoulder",
        "upper",
        "SCTID:16982005",
        "RadiographyShoulder",
        "UltrasoundShoulder",
        "Shoulder",
        "SCTID:168615005",
    ),
    Region(
        "UpperArm",
        "upper",
        "SCTID:40983000",
        "RadiographyHumerus",
        "UltrasoundUpperExtremity",
        "UpperArm",
        "SCTID:168635006",
    ),
    Region(
        "Elbow",
        "upper",
        "SCTID:127949000",
        "RadiographyElbow",
        "UltrasoundUpperExtremity",
        "Elbow",
        "SCTID:168621009",
    ),
    Region(
        "Forearm",
        "upper",
        "SCTID:14975008",
        "RadiographyRadiusAndUlna",
        "UltrasoundUpperExtremity",
        "Forearm",
        "SCTID:1290567002",
    ),
    Region(
        "Wrist",
        "upper",
        "SCTID:8205005",
        "RadiographyWrist",
        "UltrasoundWrist",
        "Wrist",
        "SCTID:168630001",
    ),
    Region(
        "Hand",
        "upper",
        "SCTID:85562004",
        "RadiographyHand",
        "UltrasoundUpperExtremity",
        "Hand",
        "SCTID:168639000",
    ),
    Region(
        "Neck", "trunk", "SCTID:45048000", "RadiographyNeck", "UltrasoundNeck", "Neck", icd="R22.1"
    ),
    Region(
        "Chest",
        "trunk",
        "SCTID:51185008",
        "RadiographyChest",
        "UltrasoundChest",
        "Chest",
        icd="R22.2",
    ),
    Region(
        "Abdomen",
        "trunk",
        "SCTID:818981001",
        "RadiographyAbdomen",
        "UltrasoundAbdomen",
        "Abdomen",
        "SCTID:168703000",
        "R22.2",
    ),
    Region(
        "Pelvis",
        "trunk",
        "SCTID:12921003",
        "RadiographyPelvis",
        "UltrasoundPelvis",
        "Pelvis",
        "SCTID:168603006",
        "R22.2",
    ),
    Region(
        "Flank",
        "trunk",
        "SCTID:58602004",
        "RadiographyAbdomen",
        "UltrasoundAbdomen",
        "Abdomen",
        "SCTID:168703000",
        "R22.2",
        True,
    ),
    Region(
        "Groin",
        "trunk",
        "SCTID:26893007",
        "RadiographyPelvis",
        "UltrasoundGroin",
        "Pelvis",
        "SCTID:168603006",
        "R22.2",
        True,
    ),
    Region(
        "ParaspinalRegion",
        "trunk",
        "RADLEX:RID6307",
        "Radiography",
        "Ultrasound",
        "",
        icd="R22.2",
        difficult=True,
    ),
)
EASY = tuple(r for r in REGIONS if not r.difficult)
DIFFICULT = tuple(r for r in REGIONS if r.difficult)
IMAGED = tuple(r for r in REGIONS if r.root)  # studies of them say what they are of
HEAD = Region(
    "Head", "trunk", "", "Radiography", "Ultrasound", "", icd="R22.0"
)  # outside the topic
POOLS = {"easy": EASY, "difficult": DIFFICULT, "imaged": IMAGED, "head": (HEAD,)}


def elsewhere(region: Region) -> Region:
    """A region of another limb."""
    return next(r for r in (REGIONS[0], REGIONS[9]) if r.limb != region.limb)


def icd(region: Region, side: str) -> str:
    """The ICD-10-CM code of a lump there."""
    return "ICD10CM:" + (region.icd or ICD[region.limb][side == "left"])
