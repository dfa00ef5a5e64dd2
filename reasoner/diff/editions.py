"""Two editions of one topic, side by side in one graph; scenarios with equal sets of criteria are taken as the same."""

import re
import shutil
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from reasoner.diff.terms import Said
from reasoner.files import write
from reasoner.graph import query_files as queries
from reasoner.graph.editions import siblings
from reasoner.graph.knowledge import Knowledge
from reasoner.graph.store import catalog, is_literal, literal, read_turtle, serialize, text
from reasoner.names import IA, XSD, curie, expand, ia

CURRENT = ia("isCurrent")


def said_of(told: Said, iri: str, names: dict[str, str]) -> Said:
    """The scenarios and ratings of an edition under the names that they have in the other one; nothing of the edition itself."""
    rename = renaming(names)
    mine = {s: t for s, t in told.items() if curie(iri) in t.get(ia("inEdition"), [])}
    drop = {ia("inEdition"), ia("dateSeen"), ia("basis"), "http://purl.org/dc/terms/source"}
    return {
        expand(rename(curie(s))): {
            p: [rename(o) for o in os] for p, os in t.items() if p not in drop
        }
        for s, t in mine.items()
    }


def renaming(names: dict[str, str]):
    """A function that gives terms inside a text their other name, also where a rating's name begins with a scenario's."""
    short = {curie(a): curie(b) for a, b in names.items()}
    pattern = (
        re.compile(
            "(?:"
            + "|".join(sorted(map(re.escape, short), key=len, reverse=True))
            + r")(?=_|[^\w-]|$)"
        )
        if short
        else None
    )
    return (lambda value: pattern.sub(lambda m: short[m[0]], value)) if pattern else str


def procedures(knowledge: Knowledge, earlier: str, later: str) -> list[list]:
    """The procedures that only one of two editions rates: rows of change, IRI, label."""
    question = queries.named("questions", "what-changed-in-procedures")
    rows = knowledge.store.select(question.with_values(earlier=curie(earlier), later=curie(later)))[
        1
    ]
    return [[cell.value for cell in row] for row in rows] if earlier != later else []


@contextmanager
def made_current(ontology: Path, knowledge: Knowledge, iri: str):
    """A copy of an ontology folder in which one edition of its topic is current, and no other."""
    with TemporaryDirectory() as spare:
        copy = Path(shutil.copytree(ontology, Path(spare) / "ontology"))
        others = {e: e == iri for e in siblings(knowledge, iri)}
        for path in catalog(copy).values():
            triples = read_turtle(path)
            if any(t.predicate.value == CURRENT for t in triples):
                write(
                    path,
                    serialize(
                        [
                            (
                                text(t.subject),
                                t.predicate.value,
                                flag(t, others) if is_literal(t.object) else text(t.object),
                            )
                            for t in triples
                        ],
                        {"ia": IA},
                    ),
                )
        yield copy


def flag(t, others: dict[str, bool]):
    """The literal of a statement; whether an edition is current is as `others` says."""
    if t.predicate.value != CURRENT or text(t.subject) not in others:
        return t.object
    return literal(str(others[text(t.subject)]).lower(), datatype=XSD + "boolean")
