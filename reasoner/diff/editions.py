"""Compares two editions of one topic that stand in one graph.

Scenarios with equal sets of criteria are taken as the same.
"""

import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from reasoner.diff.terms import Descriptions
from reasoner.files import write
from reasoner.graph import query_files
from reasoner.graph.editions import siblings
from reasoner.graph.knowledge import Knowledge
from reasoner.graph.store import catalog, is_literal, literal, read_turtle, serialize, text
from reasoner.names import IA, SOURCE, XSD, curie, expand, ia

CURRENT = ia("isCurrent")


def of_edition(terms: Descriptions, iri: str, names: dict[str, str]) -> Descriptions:
    """The scenarios and ratings of an edition, under their names in the other one.

    The edition itself is left out.
    """
    rename = renaming(names)
    omitted = {ia("inEdition"), ia("dateSeen"), ia("basis"), SOURCE}
    return {
        expand(rename(curie(term))): {
            p: [rename(o) for o in objects] for p, objects in one.items() if p not in omitted
        }
        for term, one in terms.items()
        if curie(iri) in one.get(ia("inEdition"), [])
    }


def renaming(names: dict[str, str]) -> Callable[[str], str]:
    """A function that gives the terms inside a text their other name.

    It also renames a scenario at the start of the name of a rating.
    """
    short = {curie(a): curie(b) for a, b in names.items()}
    if not short:
        return str
    longest_first = sorted(map(re.escape, short), key=len, reverse=True)
    pattern = re.compile(f"(?:{'|'.join(longest_first)})" + r"(?=_|[^\w-]|$)")
    return lambda value: pattern.sub(lambda match: short[match[0]], value)


def procedures(knowledge: Knowledge, earlier: str, later: str) -> list[list]:
    """The procedures that only one of two editions rates: rows of change, IRI, label."""
    question = query_files.named("questions", "what-changed-in-procedures")
    text = question.with_values(earlier=curie(earlier), later=curie(later))
    _, rows = knowledge.store.select(text)
    return [[cell.value for cell in row] for row in rows] if earlier != later else []


@contextmanager
def with_current(ontology: Path, knowledge: Knowledge, iri: str) -> Iterator[Path]:
    """A copy of an ontology folder in which one edition of its topic is current, and no other."""
    with TemporaryDirectory() as spare:
        copy = Path(shutil.copytree(ontology, Path(spare) / "ontology"))
        current = {edition: edition == iri for edition in siblings(knowledge, iri)}
        for path in catalog(copy).values():
            triples = read_turtle(path)
            if any(t.predicate.value == CURRENT for t in triples):
                rows = [(text(t.subject), t.predicate.value, flag(t, current)) for t in triples]
                write(path, serialize(rows, {"ia": IA}))
        yield copy


def flag(triple: Any, current: dict[str, bool]) -> Any:
    """The object of a triple; whether an edition is current is as `current` says."""
    if not is_literal(triple.object):
        return text(triple.object)
    if triple.predicate.value != CURRENT or text(triple.subject) not in current:
        return triple.object
    return literal(str(current[text(triple.subject)]).lower(), datatype=XSD + "boolean")
