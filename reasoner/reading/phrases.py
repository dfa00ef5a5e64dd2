"""Finds the phrases of a table in a text, in one pass: words, classes of words, and pairs.

A phrase is one or more words with spaces between them. `word*` stands for every word that begins
so, `<class>` for every word of a class of `tables/screen-words.csv`; `A ... B` is a pair, A and B
near each other in either order. Case, accents, hyphens, quotes and other signs between the words
make no difference. How near is the project's own bound. The walk is linear: from each word it goes
as far as the longest phrase, and a pair looks back at one place.
"""

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from reasoner.reading.phrase_tables import SHORTEST, Row, Words, spelled, tokens

TOKEN = re.compile(r"[^\W_]+|\?")
PAIR = " ... "
LONGEST = 40  # letters of a word that a `*` may stand for
APART, FAR = (
    20,
    200,
)  # characters between two words of one phrase, and between the two parts of a pair
NEAR, SENTENCE = (
    8,
    5,
)  # words between the two parts of a pair; the end of a sentence counts as so many
ENDS = re.compile(r"[.!?]\s")
HARMLESS = "harmless"  # the label of a phrase that takes away what lies within it
Located = tuple[
    int, int, tuple[str, int, int]
]  # the first word, the word after the last, and what is found: a label, or the side of a pair


class Match(NamedTuple):
    """A phrase in a text: label, numbers of its first word and of the word after it.

    `between` holds the words between the parts of a pair.
    """

    label: str
    first: int
    end: int
    between: Words


class Reading(NamedTuple):
    """The words of a folded text, and where each begins and ends in it."""

    text: str
    words: list[str]
    spans: list[tuple[int, int]]


class Phrases:
    """Phrases with labels, compiled. Raises TableError for a row that is none."""

    def __init__(self, labelled: Iterable[tuple[Row, str]], classes: dict[str, list[str]]):
        self.root: dict = {}
        self.ids: dict[str, int] = {}
        self.labels: list[str] = []  # of each pair
        for row, label in labelled:
            first, pair, second = row.cells["phrase"].partition(PAIR)
            for side, part in enumerate((first, second) if pair else (first,)):
                for words in spelled(row, part, classes):
                    self._add(words, ("", len(self.labels), side) if pair else (label, 0, 0))
            if pair:
                self.labels.append(label)
        self.exact, self.starts = self._vocabulary(classes)
        heads = [
            word for word, numbers in self.exact.items() if not self.root.keys().isdisjoint(numbers)
        ]
        beginnings = [
            start for near in self.starts.values() for start, number in near if number in self.root
        ]
        self.heads = frozenset(heads)
        self.beginnings = {
            three: tuple(b for b in beginnings if b.startswith(three))
            for three in {b[:SHORTEST] for b in beginnings}
        }

    def _add(self, words: Words, outcome: tuple[str, int, int]) -> None:
        node = self.root
        for word in words:
            node = node.setdefault(self.ids.setdefault(word, len(self.ids)), {})
        if outcome not in node.setdefault(-1, []):
            node[-1].append(outcome)

    def _vocabulary(
        self, classes: dict[str, list[str]]
    ) -> tuple[dict[str, tuple[int, ...]], dict[str, list[tuple[str, int]]]]:
        """The numbers of what stands for each whole word, and the beginnings by three letters."""
        meant: dict[str, list[int]] = {}
        for element, number in self.ids.items():
            for words in map(
                tokens, classes[element[1:-1]] if element.startswith("<") else [element]
            ):
                if len(words) == 1:
                    meant.setdefault(words[0], []).append(number)
        starts: dict[str, list[tuple[str, int]]] = {}
        for word, numbers in meant.items():
            if word.endswith("*"):
                starts.setdefault(word[:SHORTEST], []).extend(
                    (word[:-1], number) for number in numbers
                )
        return {
            word: (*numbers, *by_start(starts, word))
            for word, numbers in meant.items()
            if not word.endswith("*")
        }, starts

    def find(self, text: str) -> tuple[Reading, list[Match]] | None:
        """The phrases in a folded text but those within a longer one; None when there is none.

        A pair hides nothing within it, and only a harmless phrase takes one of its parts away.
        """
        words = TOKEN.findall(text)
        heads, beginnings = self.heads, self.beginnings
        begin = [
            i
            for i, word in enumerate(words)
            if word in heads
            or ((near := beginnings.get(word[:SHORTEST])) and word.startswith(near))
        ]
        if not begin:
            return None
        reading = Reading(text, words, [token.span() for token in TOKEN.finditer(text)])
        matches = list(self._walk(reading, begin))
        plain = [
            Match(label, first, end, ())
            for first, end, (label, _, _) in outermost(f for f in matches if f[2][0])
            if label != HARMLESS
        ]
        parts = [
            f for f in outermost(f for f in matches if f[2][0] in ("", HARMLESS)) if not f[2][0]
        ]
        return reading, plain + list(self._paired(reading, parts))

    def _walk(self, reading: Reading, begin: list[int]) -> Iterator[Located]:
        """What is found, by its first word; of phrases that begin at one word the longest first."""
        words, spans = reading.words, reading.spans
        for first in begin:
            matches: list[Located] = []
            nodes, end = [self.root], first
            while True:
                word = words[end]
                numbers = self.exact[word] if word in self.exact else by_start(self.starts, word)
                nodes = [node[number] for node in nodes for number in numbers if number in node]
                end += 1
                matches += [
                    (first, end, outcome) for node in nodes if -1 in node for outcome in node[-1]
                ]
                if not nodes or end == len(words) or spans[end][0] - spans[end - 1][1] > APART:
                    break
            yield from sorted(matches, key=by_length) if len(matches) > 1 else matches

    def _paired(self, reading: Reading, parts: list[Located]) -> Iterator[Match]:
        """The pairs, each of the nearest two parts."""
        last: dict[tuple[int, int], tuple[int, int]] = {}
        for first, end, (_, pair, side) in parts:
            other = last.get((pair, 1 - side))
            if other and other[1] <= first and near(reading, other[1], first):
                yield Match(
                    self.labels[pair], other[0], end, tuple(reading.words[other[1] : first])
                )
            last[pair, side] = first, end


def by_start(starts: dict[str, list[tuple[str, int]]], word: str) -> tuple[int, ...]:
    """The numbers of what begins as a word does."""
    near = starts.get(word[:SHORTEST]) if len(word) <= LONGEST else None
    return tuple([number for start, number in near if word.startswith(start)]) if near else ()


def by_length(match: Located) -> tuple[int, bool]:
    """The order at one word: the longest first, of equal ones a harmless phrase first."""
    return -match[1], match[2][0] != HARMLESS


def near(reading: Reading, end: int, first: int) -> bool:
    """Whether parts of a pair belong together: one ends before a word, the other begins later."""
    start, stop = reading.spans[end - 1][1], reading.spans[first][0]
    return (
        first - end <= NEAR
        and stop - start <= FAR
        and first - end + SENTENCE * len(ENDS.findall(reading.text, start, stop)) <= NEAR
    )


def outermost(matches: Iterable[Located]) -> Iterator[Located]:
    """Those of some matches, by first word and the longest first, that lie within no other."""
    reach, since = 0, -1
    for match in matches:
        first, end, outcome = match
        if end > reach:
            reach, since, hidden = end, first, outcome[0] == HARMLESS
        elif end < reach or first > since or hidden:
            continue
        yield match
