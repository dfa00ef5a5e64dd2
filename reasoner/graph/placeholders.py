"""Finds the texts that a curator still has to write: `nextstudy new` leaves each as FILL IN, in
cells of tables or in documents.

`nextstudy build` asks for them, `nextstudy validate` finds them (`text-to-fill-in.rq`), and no
patient is answered from a graph that holds one.
"""

from pathlib import Path

from reasoner.errors import UnfilledError
from reasoner.files import read_csv
from reasoner.graph.store import catalog, is_literal, read_turtle, text
from reasoner.names import curie

MARK = "FILL IN"


def unfilled(ontology: Path) -> list[tuple[Path, int, str, str]]:
    """The texts left to fill in, by file, line, term and property."""
    texts = []
    for path in catalog(ontology).values():
        written = path.read_text(encoding="utf-8") if path.is_file() else ""
        if MARK in written or "\\u" in written.lower():  # a text may be spelled with escapes
            lines = written.splitlines()
            for t in read_turtle(path):
                if is_literal(t.object) and t.object.value.startswith(MARK):
                    first = t.object.value.splitlines()[0]
                    head = next(
                        (
                            n
                            for n, line in enumerate(lines)
                            if line.startswith(f"{curie(text(t.subject))} ")
                        ),
                        0,
                    )
                    number = (
                        next((n for n in range(head, len(lines)) if first in lines[n]), head) + 1
                    )
                    texts.append(
                        (
                            path,
                            number,
                            curie(text(t.subject)),
                            curie(t.predicate.value).rsplit("/", 1)[-1].rsplit("#", 1)[-1],
                        )
                    )
    return sorted([*texts, *unfilled_cells(ontology)])


def unfilled_cells(ontology: Path) -> list[tuple[Path, int, str, str]]:
    """The cells of tables of topics left to fill in, by file, line, first cell and column."""
    cells = []
    for path in sorted((ontology / "topics").glob("*/*.csv")):
        if MARK not in path.read_text(encoding="utf-8", errors="replace"):
            continue
        names: list[str] = []
        for line, row in read_csv(path):
            cells += [
                (path, line, row[0], column)
                for column, cell in zip(names, row, strict=False)
                if cell.strip().startswith(MARK)
            ]
            names = names or row
    return cells


def refuse_unfilled(ontology: Path) -> None:
    """Raises UnfilledError for the first text that is left to fill in."""
    for path, line, term, predicate in (texts := unfilled(ontology))[:1]:
        others = ", ".join(f"line {n}" if p == path else f"{p}:{n}" for p, n, _, _ in texts[1:])
        raise UnfilledError(
            str(path),
            line,
            term,
            predicate,
            "Write it in place of FILL IN." + (f" Left too: {others}." if others else ""),
        )
