"""Edits of a copy of the ontology, as text: what slips and sound edits of a curator are made of.

An edit that no longer applies raises Unfit: a text that is not there, or there twice, is no pass.
"""

import re
import sys
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).parent.parent
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

from reasoner.curation.build import build  # noqa: E402

VOCABULARY, SAFETY = "vocabulary.ttl", "safety.ttl"
TOPIC, CRITERIA, SCENARIOS = (
    f"topics/soft-tissue-masses/{name}" for name in ("topic.ttl", "criteria.csv", "scenarios.csv")
)
SNOMED, ICD, NCIT = (f"mappings/{name}.sssom.tsv" for name in ("snomed-ct", "icd-10-cm", "ncit"))
LOINC, RADLEX, RXNORM = (f"mappings/{name}.sssom.tsv" for name in ("loinc", "radlex", "rxnorm"))
SUBJECT, CODE, SITE, INTAKE = 0, 3, 11, 12  # columns of a mapping table

Step = Callable[[Path], None]
Change = Callable[[list[str]], list[str] | None]


class Unfit(Exception):
    """An edit that does not fit the ontology any more."""


def once(whole: str, before: str, after: str) -> str:
    """A text with the only occurrence of another replaced. Raises Unfit for none or several."""
    if (count := whole.count(before)) != 1:
        raise Unfit(f"{before!r} is there {count} times")
    return whole.replace(before, after)


def text(file: str, before: str, after: str) -> Step:
    """Puts a text in the place of the only one like it in a file of an ontology folder."""

    def apply(folder: Path) -> None:
        path = folder / file
        path.write_text(once(path.read_text(encoding="utf-8"), before, after), encoding="utf-8")

    return apply


def term(file: str, name: str, before: str, after: str) -> Step:
    """Puts a text in the place of the only one like it in the description of a term."""

    def apply(folder: Path) -> None:
        path = folder / file
        whole = path.read_text(encoding="utf-8")
        blocks = re.findall(rf"^ia:{name} a .*?\.\n(?=\n|\Z)", whole, re.M | re.S)
        if len(blocks) != 1:
            raise Unfit(f"{file} describes ia:{name} {len(blocks)} times")
        changed = once(blocks[0], before, after)
        path.write_text(whole.replace(blocks[0], changed), encoding="utf-8")

    return apply


def built_row(file: str, name: str, before: str, after: str) -> Step:
    """Puts a text in the place of the only one like it in a row of a table of a topic, and builds.

    The row begins with the name, and stands on one line.
    """

    def apply(folder: Path) -> None:
        path = folder / file
        lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
        matches = [n for n, line in enumerate(lines) if line.startswith(f"{name},")]
        if len(matches) != 1:
            raise Unfit(f"{file} has {len(matches)} rows {name}")
        lines[matches[0]] = once(lines[matches[0]], before, after)
        path.write_text("".join(lines), encoding="utf-8")
        build(folder)

    return apply


def row(file: str, code: str, change: Change) -> Step:
    """Changes the cells of the only row with a code in a mapping table."""

    def apply(folder: Path) -> None:
        path = folder / file
        lines = path.read_text(encoding="utf-8").split("\n")
        matches = [n for n, line in enumerate(lines) if line.split("\t")[CODE : CODE + 1] == [code]]
        if len(matches) != 1:
            raise Unfit(f"{file} has {len(matches)} rows with {code}")
        cells = change(lines[matches[0]].split("\t"))
        lines[matches[0] : matches[0] + 1] = [] if cells is None else ["\t".join(cells)]
        path.write_text("\n".join(lines), encoding="utf-8")

    return apply


def with_cell(number: int, value: str) -> Change:
    """What writes another value into a cell of a row."""
    return lambda cells: [*cells[:number], value, *cells[number + 1 :]]


def about(name: str) -> Change:
    """What makes a row be about another term, as one who mistypes subject_id would."""
    return with_cell(SUBJECT, f"ia:{name}")


def site(name: str) -> Change:
    """What makes the code of a row imply another site."""
    return with_cell(SITE, name)


def asking(cells: list[str]) -> list[str]:
    """A row of whose code a record reader may only ask."""
    return with_cell(INTAKE, "question")(cells)


def nothing(cells: list[str]) -> None:
    """No row at all."""
    return None
