"""Phrases of a table, found in a text: words, classes of words and pairs of them, in one walk over the text.

A phrase is one or more words with spaces between them. `word*` stands for every word that begins so, `<class>` for every
word of a class of `tables/screen-words.csv`; `A ... B` is a pair, A and B near each other in either order. Upper and
lower case, accents, hyphens, quotes and other signs between the words make no difference. How near is the project's own
bound. The walk is linear: from each word it goes as far as the longest phrase, and a pair looks back at one place.
"""

import csv
import re
from collections.abc import Iterable, Iterator
from itertools import product
from pathlib import Path
from typing import NamedTuple

from reasoner.errors import TableError
from reasoner.folding import folded

TOKEN = re.compile(r"[^\W_]+|\?")
PHRASE = re.compile(r"([\w']+\*?|<[a-z-]+>|\?)( ([\w']+\*?|<[a-z-]+>|\?))*")
SIGNS_OF_PHRASE = re.compile(r"[^\W_]+\*?|[<>.?]")
PAIR = " ... "
SHORTEST, LONGEST = 3, 40  # letters before a `*`, and of a word that a `*` may stand for
APART, FAR = 20, 200  # characters between two words of one phrase, and between the two parts of a pair
NEAR, SENTENCE = 8, 5  # words between the two parts of a pair; the end of a sentence counts as so many
ENDS = re.compile(r"[.!?]\s")
HARMLESS = "harmless"  # the label of a phrase that takes away what lies within it
Words = tuple[str, ...]
Found = tuple[int, int, tuple[str, int, int]]  # the first word, the word after the last, and what is found: a label, or the side of a pair


class Match(NamedTuple):
    """A phrase in a text: its label, the numbers of its first word and of the word after it, and the words between the parts of a pair."""

    label: str
    first: int
    end: int
    between: Words


class Row(NamedTuple):
    """A row of a table of phrases: where it stands, and its cells."""

    path: Path
    line: int
    cells: dict[str, str]

    def fail(self, column: str, hint: str) -> TableError:
        """The error about a cell."""
        return TableError(str(self.path), self.line, column, self.cells[column], hint)


class Reading(NamedTuple):
    """The words of a folded text, and where each begins and ends in it."""

    text: str
    words: list[str]
    spans: list[tuple[int, int]]


def rows(path: Path, columns: tuple[str, ...], key: int = 1) -> list[Row]:
    """The rows of a table; raises TableError for another header, an empty cell, or the first `key` cells a second time."""
    try:
        with path.open(encoding="utf-8", newline="") as file:
            reader = csv.reader(file)
            lines = [(reader.line_num, cells) for cells in reader]
    except FileNotFoundError:
        raise TableError(str(path), 1, columns[0], "", "Put the table there; a word that is not looked for is not found.") from None
    if not lines or lines[0][1] != list(columns):
        raise TableError(str(path), 1, columns[0], ",".join(lines[0][1]) if lines else "", f"The header is {','.join(columns)}.")
    found, seen = [], {}
    for line, cells in lines[1:]:
        row = Row(path, line, dict(zip(columns, (cell.strip() for cell in cells), strict=False)))
        if len(cells) != len(columns):
            raise TableError(str(path), line, columns[0], ",".join(cells), f"A row has {len(columns)} cells; this one has {len(cells)}.")
        for column in columns:
            if not row.cells[column]:
                raise row.fail(column, f"Fill in the {column}.")
        said = tuple(tuple(SIGNS_OF_PHRASE.findall(folded(row.cells[column])[0])) for column in columns[:key])
        if said in seen:
            raise row.fail(columns[0], f"Line {seen[said]} has it already; keep one row.")
        seen[said] = line
        found.append(row)
    return found


def words_of(path: Path) -> dict[str, list[str]]:
    """The words of each class, of `screen-words.csv`. Raises TableError."""
    classes: dict[str, list[str]] = {}
    for row in rows(path, ("word", "class", "source"), 2):
        if not PHRASE.fullmatch(row.cells["word"]) or "<" in row.cells["word"]:
            raise row.fail("word", "Write words with one space between them; a word may end in *.")
        check_prefixes(row, "word")
        classes.setdefault(row.cells["class"], []).append(row.cells["word"])
    return classes


def check_prefixes(row: Row, column: str) -> None:
    """Raises TableError for a `*` after fewer letters than say something."""
    for word in row.cells[column].split():
        if word.endswith("*") and len(word) <= SHORTEST:
            raise row.fail(column, f"Write at least {SHORTEST} letters before *.")


def spelled(row: Row, part: str, classes: dict[str, list[str]]) -> Iterator[Words]:
    """The sequences of words that a phrase stands for. Raises TableError."""
    if not PHRASE.fullmatch(part):
        raise row.fail("phrase", "Write words with one space between them; a word may end in *, <class> stands for a class, ' ... ' for a pair.")
    check_prefixes(row, "phrase")
    choices = []
    for element in part.split():
        name = element[1:-1]
        if element.startswith("<") and name not in classes:
            raise row.fail("phrase", f"screen-words.csv has no class {name}; it has {', '.join(sorted(classes))}.")
        members = [tokens(word) for word in classes[name]] if element.startswith("<") else [tokens(element)]
        longer = [words for words in members if len(words) > 1 or not element.startswith("<")]
        choices.append(longer + [(element,)] * (len(longer) < len(members)))  # words of one token are the class itself
    for choice in product(*choices):
        yield tuple(word for words in choice for word in words)


def tokens(phrase: str) -> Words:
    """The words of a phrase of a table, folded, each with its `*`."""
    return tuple(re.findall(r"[^\W_]+\*?|\?", folded(phrase)[0]))


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
        heads = [word for word, numbers in self.exact.items() if not self.root.keys().isdisjoint(numbers)]
        beginnings = [start for near in self.starts.values() for start, number in near if number in self.root]
        self.heads = frozenset(heads)
        self.beginnings = {three: tuple(b for b in beginnings if b.startswith(three)) for three in {b[:SHORTEST] for b in beginnings}}

    def _add(self, words: Words, outcome: tuple[str, int, int]) -> None:
        node = self.root
        for word in words:
            node = node.setdefault(self.ids.setdefault(word, len(self.ids)), {})
        if outcome not in node.setdefault(-1, []):
            node[-1].append(outcome)

    def _vocabulary(self, classes: dict[str, list[str]]) -> tuple[dict[str, tuple[int, ...]], dict[str, list[tuple[str, int]]]]:
        """For each whole word the numbers of what stands for it, and by three letters the beginnings with their numbers."""
        meant: dict[str, list[int]] = {}
        for element, number in self.ids.items():
            for words in map(tokens, classes[element[1:-1]] if element.startswith("<") else [element]):
                if len(words) == 1:
                    meant.setdefault(words[0], []).append(number)
        starts: dict[str, list[tuple[str, int]]] = {}
        for word, numbers in meant.items():
            if word.endswith("*"):
                starts.setdefault(word[:SHORTEST], []).extend((word[:-1], number) for number in numbers)
        return {word: (*numbers, *by_start(starts, word)) for word, numbers in meant.items() if not word.endswith("*")}, starts

    def find(self, text: str) -> tuple[Reading, list[Match]] | None:
        """The phrases in a folded text, without those that lie within a longer one; None when there is none.

        A pair hides nothing that lies within it, and of its parts only a harmless phrase takes one away.
        """
        words = TOKEN.findall(text)
        heads, beginnings = self.heads, self.beginnings
        begin = [i for i, word in enumerate(words) if word in heads or ((near := beginnings.get(word[:SHORTEST])) and word.startswith(near))]
        if not begin:
            return None
        reading = Reading(text, words, [token.span() for token in TOKEN.finditer(text)])
        found = list(self._walk(reading, begin))
        plain = [Match(label, first, end, ()) for first, end, (label, _, _) in outermost(f for f in found if f[2][0]) if label != HARMLESS]
        parts = [f for f in outermost(f for f in found if f[2][0] in ("", HARMLESS)) if not f[2][0]]
        return reading, plain + list(self._paired(reading, parts))

    def _walk(self, reading: Reading, begin: list[int]) -> Iterator[Found]:
        """The first word, the word after the last and the outcome of each phrase, of those that begin alike the longest first."""
        words, spans = reading.words, reading.spans
        for first in begin:
            found: list[Found] = []
            nodes, end = [self.root], first
            while True:
                word = words[end]
                numbers = self.exact[word] if word in self.exact else by_start(self.starts, word)
                nodes = [node[number] for node in nodes for number in numbers if number in node]
                end += 1
                found += [(first, end, outcome) for node in nodes if -1 in node for outcome in node[-1]]
                if not nodes or end == len(words) or spans[end][0] - spans[end - 1][1] > APART:
                    break
            yield from sorted(found, key=by_length) if len(found) > 1 else found

    def _paired(self, reading: Reading, parts: list[Found]) -> Iterator[Match]:
        """The pairs, each of the nearest two parts."""
        last: dict[tuple[int, int], tuple[int, int]] = {}
        for first, end, (_, pair, side) in parts:
            other = last.get((pair, 1 - side))
            if other and other[1] <= first and near(reading, other[1], first):
                yield Match(self.labels[pair], other[0], end, tuple(reading.words[other[1]:first]))
            last[pair, side] = first, end


def by_start(starts: dict[str, list[tuple[str, int]]], word: str) -> tuple[int, ...]:
    """The numbers of what begins as a word does."""
    near = starts.get(word[:SHORTEST]) if len(word) <= LONGEST else None
    return tuple([number for start, number in near if word.startswith(start)]) if near else ()


def by_length(found: Found) -> tuple[int, bool]:
    """The order of matches that begin at one word: the longest first, of equal ones a harmless phrase first."""
    return -found[1], found[2][0] != HARMLESS


def near(reading: Reading, end: int, first: int) -> bool:
    """Whether two parts of a pair, of which one ends before a word and the other begins with one, belong together."""
    start, stop = reading.spans[end - 1][1], reading.spans[first][0]
    return first - end <= NEAR and stop - start <= FAR and first - end + SENTENCE * len(ENDS.findall(reading.text, start, stop)) <= NEAR


def outermost(found: Iterable[Found]) -> Iterator[Found]:
    """Those of some matches that lie within no longer one; they come by their first word, the longest first."""
    reach, since = 0, -1
    for match in found:
        first, end, outcome = match
        if end > reach:
            reach, since, hidden = end, first, outcome[0] == HARMLESS
        elif end < reach or first > since or hidden:
            continue
        yield match
