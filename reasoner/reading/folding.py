"""Normalizes text for search (case, accents, kinds of hyphen, quote and space), and maps
positions back to the original.
"""

import re
import unicodedata
from functools import lru_cache

PIECE = re.compile(r"[\x00-\x7f]+|[^\x00-\x7f]")
SIGNS = {sign: "-" for sign in "\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63\uff0d"} | {
    sign: "'" for sign in "\u2018\u2019\u201a\u201b\u2032\u02bc\uff07\u00b4"
}
LINES = {"\u0085": "\n", "\u2028": "\n", "\u2029": "\n"}
UNSEEN = ("Mn", "Me", "Cf")  # marks on a letter, and signs that nobody sees, such as a soft hyphen


def folded(text: str) -> tuple[str, list[int] | None]:
    """A text folded, and where each of its characters came from; None when nothing moved."""
    if text.isascii():
        return text.lower(), None
    out: list[str] = []
    places: list[int] = []
    for piece in PIECE.finditer(text):
        if piece[0].isascii():
            out.append(piece[0].lower())
            places.extend(range(*piece.span()))
        elif plain := character(piece[0]):
            out.append(plain)
            places.extend([piece.start()] * len(plain))
    return "".join(out), places


@lru_cache(maxsize=4096)
def character(sign: str) -> str:
    """What a character that is not ASCII stands for; nothing for a mark or an unseen sign."""
    if known := SIGNS.get(sign) or LINES.get(sign):
        return known
    parts = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", sign).casefold())
    return "".join(
        SIGNS.get(part, part) for part in parts if unicodedata.category(part) not in UNSEEN
    )


def span(places: list[int] | None, length: int, start: int, end: int) -> tuple[int, int]:
    """Where a part of a folded text stands in the text, which has `length` characters.

    Marks on its last letter belong to it.
    """
    if places is None:
        return start, end
    after = places[end] if end < len(places) else length
    return places[start], max(after, places[end - 1] + 1)
