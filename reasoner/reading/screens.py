"""The two word screens: find words for hazards, and words that doubt a benign result, in free
text.

The words are tables (`ontology/tables/`: hazards, doubts, harmless, screen-words, answers). Nothing
is decided here but this: a plain denial right before a word marks it as denied, and anything less
plain does not. A pure function of text and tables.
"""

import re
from bisect import bisect_left, bisect_right
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

from reasoner.reading.folding import folded, span
from reasoner.reading.phrases import Match, Phrases, Reading
from reasoner.reading.tables import screening
from reasoner.reading.texts import texts, unreadable_forms, words_and_forms

__all__ = ["Hit", "Screens", "texts", "unreadable_forms", "words_and_forms"]
QUOTE = 160  # characters of a quote, unless the words themselves are longer
BEFORE = 4  # words before a denial that may turn it round
BOUNDARY = re.compile(r"[.!?;]\s+|[\n\r]+")


class Hit(NamedTuple):
    """Words that a screen looks for: of which kind, quoted, and whether they are plainly denied.

    `word` is `text[start:end]`; `quote` is the sentence around it, or a part of that.
    """

    kind: str
    word: str
    quote: str
    start: int
    end: int
    denied: bool


class Screens:
    """The word screens of an ontology folder. Raises TableError for a table that cannot be read."""

    def __init__(self, ontology_folder: Path):
        tables = screening(ontology_folder)
        self._hazards, self._doubts = tables.hazards, tables.doubts
        self._agents, self._imaging = tables.agents, tables.imaging
        self._passive = tables.passive
        self._answers = tables.answers
        self._denials = {tuple(word.split()) for word in tables.classes["denial"]}
        self._last = {words[-1] for words in self._denials}
        self._after, self._turns, self._links = (
            frozenset(tables.classes[name]) for name in ("after-denial", "not-a-denial", "link")
        )

    def hazards(self, text: str) -> list[Hit]:
        """The hazard words of a text, in order: `kind` is mri, contrast, kidney or pregnancy."""
        return self._hits(self._hazards, text, True)

    def doubts(self, text: str) -> list[Hit]:
        """The words that doubt a benign result, in order: `kind` is suspicious or open."""
        return self._hits(self._doubts, text, False)

    def agents(self, text: str) -> list[Hit]:
        """The contrast agents that a text names: for an allergy, which need not say it is one."""
        return self._hits(self._agents, text, False)

    def harmless(self, text: str) -> bool:
        """Whether a device named by some words is on the list of those that raise no alarm."""
        return bool(self._hits(self._passive, text, False)) and not self.hazards(text)

    def names_imaging(self, text: str) -> bool:
        """Whether the name of an order or a report holds a word for imaging."""
        return bool(self._hits(self._imaging, text, False))

    def answer(self, text: str) -> str | None:
        """The IRI of the plain answer (yes, no, unknown) that a text is; None when it is none."""
        words = " ".join(folded(text)[0].split()).strip(" .,;:!") if len(text) < QUOTE else ""
        return self._answers.get(words)

    def _hits(self, phrases: Phrases, text: str, strict: bool) -> list[Hit]:
        """The hits of some phrases.

        `strict`: a denial counts only when the clause ends after the word, since who has "no
        pacemaker malfunction" has a pacemaker.
        """
        plain, places = folded(text)
        if not (located := phrases.find(plain)):
            return []
        reading, matches = located
        hits, quotes = [], Quotes(text)
        for match in matches:
            start, end = span(
                places, len(text), reading.spans[match.first][0], reading.spans[match.end - 1][1]
            )
            hits.append(
                Hit(
                    match.label,
                    text[start:end],
                    quotes.around(start, end),
                    start,
                    end,
                    self._denied(reading, match, strict),
                )
            )
        return apart(hits)

    def _denied(self, reading: Reading, match: Match, strict: bool) -> bool:
        """Whether a plain denial right before a match denies all of it and is not turned round."""
        words, first = reading.words, match.first
        if not first or words[first - 1] not in self._last:
            return False
        length = next(
            (n for n in (1, 2) if tuple(words[max(0, first - n) : first]) in self._denials), 0
        )
        if not length or not all(spaced(reading, i) for i in range(first - length, first)):
            return False
        if not self._turns.isdisjoint(
            words[max(0, first - length - BEFORE) : first - length]
        ) or not self._links.issuperset(match.between):
            return False
        if match.end < len(words) and words[match.end] == "?":
            return False
        return (
            not strict
            or match.end == len(words)
            or not spaced(reading, match.end - 1)
            or words[match.end] in self._after
        )


def spaced(reading: Reading, number: int) -> bool:
    """Whether nothing but spaces stands between a word and the next."""
    between = reading.text[reading.spans[number][1] : reading.spans[number + 1][0]]
    return between.isspace() and "\n" not in between and "\r" not in between


def apart(hits: list[Hit]) -> list[Hit]:
    """Of hits of one kind that overlap one: what is not denied before what is, then the longest."""
    disjoint = []
    for _, same in groupby(sorted(sorted(hits, key=position), key=kind_of), key=kind_of):
        last: Hit | None = None
        for hit in same:
            if last and hit.start < last.end:
                last = max(last, hit, key=weight)
            else:
                disjoint += [last] if last else []
                last = hit
        disjoint += [last] if last else []
    return sorted(disjoint, key=position)


def kind_of(hit: Hit) -> str:
    """The kind of a hit."""
    return hit.kind


def position(hit: Hit) -> tuple[int, int, str]:
    """Where a hit stands."""
    return hit.start, hit.end, hit.kind


def weight(hit: Hit) -> tuple[bool, int]:
    """How much a hit says beside one that it overlaps."""
    return not hit.denied, hit.end - hit.start


class Quotes:
    """Quotes of a text: the sentence around some words, as far as a quote may reach."""

    def __init__(self, text: str):
        self.text = text
        boundaries = [boundary.span() for boundary in BOUNDARY.finditer(text)]
        self.begins = [0] + [end for _, end in boundaries]
        self.ends = [start + (text[start] in ".!?;") for start, _ in boundaries] + [len(text)]

    def around(self, start: int, end: int) -> str:
        """The quote of a part of the text."""
        first, last = (
            self.begins[bisect_right(self.begins, start) - 1],
            self.ends[bisect_left(self.ends, end)],
        )
        if last - first > QUOTE:
            room = max(0, QUOTE - (end - start)) // 2
            first, last = max(first, start - room), min(last, end + room)
        return self.text[first:last].strip()
