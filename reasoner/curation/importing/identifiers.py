"""Identifiers of imported terms.

They begin with `Catalogued`, so that none is ever that of a term of the project.
"""

import re
import unicodedata

from reasoner.names import ia

LONGEST = 90


def plain(text: str) -> list[str]:
    """The words of a text in ASCII."""
    ascii_text = (
        unicodedata.normalize("NFKD", text.replace("'", "").replace("\u2019", ""))
        .encode("ascii", "ignore")
        .decode()
    )
    return re.findall(r"[A-Za-z0-9]+", ascii_text)


def camel(text: str) -> str:
    """A text as one UpperCamel word, acronyms camelled: `MriHeadWithIvContrast`."""
    return "".join(
        word[:1].upper() + (word[1:].lower() if word.isupper() else word[1:])
        for word in plain(text)
    )[:LONGEST]


def slug(text: str) -> str:
    """A text as a file stem: `acute-hip-pain`."""
    return "-".join(word.lower() for word in plain(text))[:LONGEST].strip("-") or "unnamed"


def same(text: str) -> str:
    """A text for comparison: words in lower case."""
    return " ".join(plain(text)).lower()


class Mint:
    """Names that are given once: a name that is taken gets the next number."""

    def __init__(self, taken: set[str]):
        self.taken = set(taken)
        self._next: dict[str, int] = {}

    def iri(self, text: str) -> str:
        """A fresh IRI for a thing with a name."""
        return self.fresh(ia("Catalogued" + camel(text)))

    def fresh(self, name: str) -> str:
        """The name, with a number when it is taken."""
        free, number = name, self._next.get(name, 2)
        while free in self.taken:
            free, number = f"{name}_{number}", number + 1
        self._next[name] = number
        self.taken.add(free)
        return free
