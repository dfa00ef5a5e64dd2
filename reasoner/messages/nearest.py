"""Finds the known names nearest to an unknown one, for error messages that suggest a
correction.
"""

import difflib
from collections.abc import Iterable

LIKE = 0.6  # the least likeness, of 1, of a name that may have been meant (difflib's own)
LONGEST = 200  # characters of a name that are compared


def nearest(name: str, known: Iterable[str], most: int = 1, least: float = LIKE) -> list[str]:
    """The known names that are most like a name, the best first; capitals do not count.

    None when all are too unlike; `least` 0 always finds one.
    """
    spelled: dict[str, str] = {}
    for one in known:
        spelled.setdefault(one.lower(), one)
    matches = difflib.get_close_matches(name[:LONGEST].lower(), spelled, most, least)
    return [spelled[one] for one in matches]


def listed(names: Iterable[str], word: str = "or") -> str:
    """Names as a part of a sentence: `a, b or c`."""
    *first, last = names
    return f"{', '.join(first)} {word} {last}" if first else last


def remedy(near: list[str], otherwise: str = "") -> str:
    """The sentence that names what is nearest, or what is said when nothing is near."""
    if not near:
        return otherwise
    return f"The nearest {'is' if len(near) == 1 else 'are'} {listed(near, 'and')}."
