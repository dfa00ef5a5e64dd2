"""Reads class expressions in Manchester syntax, as Protégé shows them, into statements.

An example: `Presentation and hasStudy some (Study and hasResult some NormalResult)`. Only what the
run-time reasoner decides is read: named classes, `and`, `some`, `value`. The prefix `ia:` may be
left out. What no definition needs is refused: more than MOST words, or more than DEEPEST
expressions in each other.
"""

import difflib
import re
from collections import deque
from collections.abc import Iterator
from itertools import islice

from reasoner.errors import InputError
from reasoner.graph.index import Index
from reasoner.graph.store import Statement
from reasoner.names import LABEL, OWL, RDF_TYPE, RDFS, curie, expand, ia

RDF = RDF_TYPE.removesuffix("type")
DEEPEST = 32  # expressions in each other: the project's own bound
MOST = 1000  # words and brackets of an expression: the project's own bound
SHOWN = 80  # characters of an expression that an error quotes
HINT = (
    "Write it as Protégé shows it, such as: Presentation and hasStudy some (Study and hasResult "
    "some NormalResult)."
)


class Reader:
    """One expression while it is read; `statements` grows with each blank node that it needs."""

    def __init__(self, text: str, known: Index, coming: set[str], stem: str):
        self.text, self.known, self.coming, self.stem = text, known, coming, stem
        self.tokens = deque(islice((m[0] for m in re.finditer(r"[()]|[^\s()]+", text)), MOST + 1))
        if len(self.tokens) > MOST:
            raise self.fail(
                f"it has more than {MOST} words and brackets",
                "Name a part of it as a class of its own.",
            )
        self.statements: list[Statement] = []
        self.blanks = 0

    def fail(self, message: str, hint: str = HINT) -> InputError:
        """The error about the expression."""
        text = self.text if len(self.text) <= SHOWN else f"{self.text[:SHOWN]}..."
        return InputError(text or "an empty definition", message, hint)

    def take(self, wanted: str = "") -> str:
        """The next token, which must be the one that is wanted."""
        if not self.tokens or (wanted and self.tokens[0] != wanted):
            place = self.tokens[0][:SHOWN] if self.tokens else "the end"
            raise self.fail(f"{wanted or 'a name'} is missing before {place}")
        return self.tokens.popleft()

    def blank(self, cls: str) -> str:
        """A new blank node of a class of OWL."""
        self.blanks += 1
        node = f"_:{self.stem}{self.blanks}"
        self.statements.append((node, RDF_TYPE, OWL + cls))
        return node

    def whole(self) -> str:
        """The node of the whole text."""
        node = self.expression()
        if self.tokens:
            raise self.fail(f"'{self.tokens[0][:SHOWN]}' is not expected")
        return node

    def expression(self, depth: int = 0) -> str:
        """The node of parts joined by `and`; `depth` counts the expressions that it lies in."""
        parts = [self.part(depth)]
        while self.tokens and self.tokens[0].lower() == "and":
            self.take()
            parts.append(self.part(depth))
        if len(parts) == 1:
            return parts[0]
        node = self.blank("Class")
        self.statements.append((node, OWL + "intersectionOf", f"{node}list0"))
        self.statements += listed(f"{node}list", parts)
        return node

    def part(self, depth: int) -> str:
        """The node of a class, a restriction or something in brackets."""
        token = self.take()
        if depth > DEEPEST:
            raise self.fail(
                f"at '{token[:SHOWN]}' more than {DEEPEST} expressions are nested",
                "Name an inner one as a class of its own.",
            )
        if token == "(":
            node = self.expression(depth + 1)
            self.take(")")
            return node
        if not self.tokens or self.tokens[0].lower() not in ("some", "value"):
            return self.name(token, OWL + "Class")
        quantifier = self.take().lower()
        on = self.name(token, OWL + "ObjectProperty")
        filler = self.part(depth + 1) if quantifier == "some" else self.individual(self.take())
        node = self.blank("Restriction")
        self.statements += [
            (node, OWL + "onProperty", on),
            (node, OWL + {"some": "someValuesFrom", "value": "hasValue"}[quantifier], filler),
        ]
        return node

    def individual(self, token: str) -> str:
        """The IRI of a declared individual; a class that stands for itself is declared as one."""
        iri, kind = expand(token) if ":" in token else ia(token), OWL + "NamedIndividual"
        if self.known.holds(iri, RDF_TYPE, OWL + "Class"):
            if not self.known.holds(iri, RDF_TYPE, kind):
                self.statements.append((iri, RDF_TYPE, kind))
            return iri
        return self.name(token, kind)

    def name(self, token: str, kind: str) -> str:
        """The IRI of a declared name of a kind."""
        iri = expand(token) if ":" in token else ia(token)
        if not self.known.holds(iri, RDF_TYPE, kind) and iri not in self.coming:
            there = [
                curie(s) for s in self.known.subjects(RDF_TYPE, kind) if self.known.value(s, LABEL)
            ]
            near = difflib.get_close_matches(curie(iri), there, 1, 0)
            raise self.fail(
                f"{curie(iri)[:SHOWN]} is no declared {kind.rsplit('#')[-1]}",
                f"The nearest is {near[0]}." if near else HINT,
            )
        return iri


def listed(stem: str, members: list[str]) -> Iterator[Statement]:
    """An RDF list whose nodes are `stem` and a number from 0."""
    for place, member in enumerate(members):
        yield f"{stem}{place}", RDF + "first", member
        yield (
            f"{stem}{place}",
            RDF + "rest",
            f"{stem}{place + 1}" if place + 1 < len(members) else RDF + "nil",
        )


def definition(cls: str, text: str, known: Index, coming: set[str], stem: str) -> list[Statement]:
    """The statements that make a class equivalent to an expression, or below a mere name.

    `coming` are classes that are about to be declared; `stem` begins the names of blank nodes.
    Raises InputError for an expression that cannot be read.
    """
    reader = Reader(text, known, coming, stem)
    node = reader.whole()
    return [
        (cls, (OWL + "equivalentClass") if node.startswith("_:") else (RDFS + "subClassOf"), node),
        *reader.statements,
    ]
