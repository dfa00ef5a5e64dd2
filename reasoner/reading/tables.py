"""Loads and checks the tables of the word screens: hazards, doubts, harmless words, answers."""

from pathlib import Path
from typing import NamedTuple

from reasoner.errors import TableError
from reasoner.names import expand
from reasoner.reading.folding import folded
from reasoner.reading.phrase_tables import Row, rows, words_of
from reasoner.reading.phrases import HARMLESS, Phrases

HAZARDS = ("mri", "contrast", "kidney", "pregnancy")
DOUBTS = ("suspicious", "open")
ANSWERS = ("ia:AffirmativeAnswer", "ia:NegativeAnswer", "ia:UnknownAnswer")
SCREENS = ("hazards", "doubts")
CLASSES = (
    "denial",
    "after-denial",
    "not-a-denial",
    "link",
    "contrast-agent",
    "imaging",
)  # those that the program itself asks for
FILES = ("hazards.csv", "doubts.csv", "harmless.csv", "screen-words.csv", "answers.csv")


class Screening(NamedTuple):
    """The compiled tables: phrases, agents, imaging, classes of words, the answer of a word."""

    hazards: Phrases
    doubts: Phrases
    agents: Phrases
    imaging: Phrases
    passive: Phrases
    classes: dict[str, list[str]]
    answers: dict[str, str]


def screening(ontology: Path) -> Screening:
    """The tables of an ontology folder. Raises TableError with file, line and column."""
    tables = ontology / "tables"
    classes = words_of(tables / "screen-words.csv")
    for name in CLASSES:
        if name not in classes:
            raise TableError(
                str(tables / "screen-words.csv"),
                1,
                "class",
                name,
                f"Give the class {name} at least one word.",
            )
    harmless = rows(tables / "harmless.csv", ("phrase", "screen", "reason", "source"), 2)
    for row in harmless:
        among(row, "screen", SCREENS)
    quiet = {
        screen: [(row, HARMLESS) for row in harmless if row.cells["screen"] == screen]
        for screen in SCREENS
    }
    hazards, doubts = (
        labelled(tables / "hazards.csv", "hazard", HAZARDS),
        labelled(tables / "doubts.csv", "kind", DOUBTS),
    )
    agents = [(Row(tables / "screen-words.csv", 1, {"phrase": "<contrast-agent>"}), "contrast")]
    imaging = [(Row(tables / "screen-words.csv", 1, {"phrase": "<imaging>"}), "imaging")]
    return Screening(
        Phrases(hazards + quiet["hazards"], classes),
        Phrases(doubts + quiet["doubts"], classes),
        Phrases(agents + quiet["hazards"], classes),
        Phrases(imaging, classes),
        Phrases(
            [(row, "passive") for row in harmless if row.cells["reason"] == "passive"], classes
        ),
        classes,
        answers(tables / "answers.csv"),
    )


def check(ontology: Path) -> None:
    """Raises TableError for unsound tables; an ontology folder may have none at all."""
    if any((ontology / "tables" / name).exists() for name in FILES):
        screening(ontology)


def labelled(path: Path, column: str, kinds: tuple[str, ...]) -> list[tuple[Row, str]]:
    """The rows of a table of phrases, each with its kind. Raises TableError for another kind."""
    return [(row, among(row, column, kinds)) for row in rows(path, ("phrase", column, "source"))]


def among(row: Row, column: str, kinds: tuple[str, ...]) -> str:
    """The cell of a row, which is one of some kinds. Raises TableError for another."""
    if row.cells[column] not in kinds:
        raise row.fail(column, f"Write one of {', '.join(kinds)}.")
    return row.cells[column]


def answers(path: Path) -> dict[str, str]:
    """The IRI of the answer that each plain word is. Raises TableError."""
    by_word = {}
    for row in rows(path, ("word", "answer")):
        by_word[" ".join(folded(row.cells["word"])[0].split())] = expand(
            among(row, "answer", ANSWERS)
        )
    return by_word
