"""Checks the form of codes as each terminology prescribes it, so that no mistyped code lands."""

import re
from collections.abc import Callable

# The tables of the dihedral group of order ten (Verhoeff 1969), as SNOMED International
# prescribes them for identifiers.
MULTIPLY = [
    "0123456789",
    "1234067895",
    "2340178956",
    "3401289567",
    "4012395678",
    "5987604321",
    "6598710432",
    "7659821043",
    "8765932104",
    "9876543210",
]
PERMUTE = [
    "0123456789",
    "1576283094",
    "5803796142",
    "8916043527",
    "9453126870",
    "4286573901",
    "2793806415",
    "7046913258",
]


def verhoeff(digits: str) -> bool:
    """Whether the last digit is the Verhoeff check digit of the others."""
    check = 0
    for place, digit in enumerate(reversed(digits)):
        check = int(MULTIPLY[check][int(PERMUTE[place % 8][int(digit)])])
    return check == 0


def luhn(digits: str) -> bool:
    """Whether the last digit is the mod 10 check digit of the others, as LOINC prescribes."""
    doubled = [int(d) * (1 + place % 2) for place, d in enumerate(reversed(digits))]
    return sum(d // 10 + d % 10 for d in doubled) % 10 == 0


def snomed(code: str) -> bool:
    """Whether a code is a SNOMED CT concept identifier.

    That is 6 to 18 digits, with partition 00 or 10 and a check digit.
    """
    return (
        bool(re.fullmatch(r"[1-9]\d{5,17}", code))
        and code[-3:-1] in ("00", "10")
        and verhoeff(code)
    )


def loinc(code: str) -> bool:
    """Whether a code is a LOINC code: digits, a hyphen, and their check digit.

    Of a part, which begins with LP, and of an answer, which begins with LA, the form alone.
    """
    if re.fullmatch(r"L[AP]\d{1,7}-\d", code):
        return True
    return bool(re.fullmatch(r"\d{1,7}-\d", code)) and luhn(code.replace("-", ""))


def like(pattern: str) -> Callable[[str], bool]:
    """The test whether a code has a form."""
    return lambda code: bool(re.fullmatch(pattern, code))


FORMS: dict[str, tuple[Callable[[str], bool], str]] = {
    "SCTID": (
        snomed,
        "A SNOMED CT concept identifier has 6 to 18 digits, the last of them a Verhoeff check "
        "digit",
    ),
    "LOINC": (loinc, "A LOINC code is digits, a hyphen and a mod 10 check digit, such as 24703-1"),
    "RADLEX": (like(r"RID\d+"), "A RadLex identifier is RID and digits"),
    "RPID": (like(r"RPID\d+"), "A RadLex Playbook identifier is RPID and digits"),
    "ICD10CM": (
        like(r"[A-Z]\d[0-9A-Z](\.[0-9A-Z]{1,4})?"),
        "An ICD-10-CM code is a letter, a digit, a digit or letter, and at most four more after a "
        "point",
    ),
    "RXNORM": (like(r"[1-9]\d{0,7}"), "An RxNorm identifier is one to eight digits"),
    "NCIT": (like(r"C\d+"), "An NCI Thesaurus code is C and digits"),
    "MONDO": (like(r"\d{7}"), "A Mondo identifier has seven digits"),
    "HP": (like(r"\d{7}"), "A Human Phenotype Ontology identifier has seven digits"),
    "UBERON": (like(r"\d{7}"), "An Uberon identifier has seven digits"),
    "DCM": (like(r"\d{6}|[A-Z]{2,8}"), "A DICOM code is six digits or a short modality code"),
}
