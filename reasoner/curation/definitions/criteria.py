"""The criteria of a topic, `criteria.csv`: each row becomes a class, what refutes it, its words."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from reasoner.curation.definitions.expressions import (
    Alternative,
    Expressions,
    Node,
    alternatives,
    iri_of,
    is_name,
    joined,
    manchester,
    words_of,
)
from reasoner.curation.definitions.lexicon import Lexicon
from reasoner.curation.definitions.manchester import definition
from reasoner.curation.definitions.provenance import Terms
from reasoner.curation.tables.rows import Row, rows
from reasoner.errors import InputError, TableError
from reasoner.graph.store import Statement, literal
from reasoner.names import IA, OWL, RDF_TYPE, RDFS, SKOS, XSD, ia

COLUMNS = (
    "criterion role label definition met_when refuted_when question assumption ask_order source "
    "asked_only note"
).split()
ROLES = {  # the types of a row's class beside owl:Class
    "anchor": ("Anchor", "Criterion"),
    "criterion": ("Criterion",),
    "state": ("Criterion",),
    "helper": (),
}
ASKED = ("anchor", "criterion")  # the roles with a question and a refuting class of their own
CLASS, BELOW, NAMED = OWL + "Class", RDFS + "subClassOf", OWL + "NamedIndividual"
LONGEST = 60  # characters of the name of an alternative
UNREFUTED = "criterion-without-refutation"  # the check that `none: REASON` switches off


class Criterion:
    """A row of criteria, its cells as far as they can be read without other rows."""

    def __init__(self, row: Row, table: str, sources: list[str]):
        self.row, self.table, self.topic_sources = row, table, sources
        self.cells = row.cells
        hint = "Write an UpperCamel name without prefix, such as KneeEffusion."
        self.iri = ia(row.matching("criterion", r"[A-Z][A-Za-z0-9]*", hint))
        roles = "|".join(ROLES)
        self.role = row.matching("role", roles, f"Write one of {', '.join(ROLES)}.")
        row.matching("ask_order", "[0-9]*", "Write a whole number, or nothing.")
        self.asked_only = row.matching("asked_only", "yes|", "Write yes or nothing.") == "yes"

    @property
    def name(self) -> str:
        """The local name of the class."""
        return self.iri[len(IA) :]

    @property
    def judged(self) -> str:
        """The sign that an answer states, where no record holds the judgment."""
        return f"{self.name}Judged"

    @property
    def refuting(self) -> str | None:
        """The IRI of the class that refutes this one; None where none does."""
        cell = self.cells["refuted_when"]
        if cell.startswith("none:") or (not cell and self.role not in ASKED):
            return None
        if is_name(cell):
            return iri_of(cell)
        return ia(f"{self.name}Refuted" if re.match("No[A-Z]", self.name) else f"No{self.name}")

    def declarations(self) -> Iterator[Statement]:
        """What other rows may refer to."""
        made = [] if is_name(self.cells["refuted_when"]) or not self.refuting else [self.refuting]
        for iri in (self.iri, *made):
            yield iri, RDF_TYPE, CLASS
            yield iri, BELOW, ia("Presentation")
        for cls in ROLES[self.role]:
            yield self.iri, RDF_TYPE, ia(cls)
        yield self.iri, RDFS + "label", literal(self.cells["label"] or self.name, "en")
        if self.asked_only:
            yield from declared_sign(ia(self.judged))


def declared_sign(iri: str) -> Iterator[Statement]:
    """The declaration of a sign, which is an individual too, so that it can be denied."""
    for cls in (CLASS, NAMED):
        yield iri, RDF_TYPE, cls
    yield iri, BELOW, ia("Sign")


def read_criteria(path: Path, table: str, lexicon: Lexicon, sources: list[str]) -> list[Criterion]:
    """The rows of a table of criteria. Raises TableError for a bad cell."""
    return [Criterion(row, table, sources) for row in rows(path, COLUMNS, lexicon.known)]


class Compiler:
    """Makes statements of criteria; `rows` has those of all tables, by IRI."""

    def __init__(self, lexicon: Lexicon, criteria: dict[str, Criterion]):
        self.lexicon, self.rows = lexicon, criteria
        self.held = {name for one in criteria.values() for name in self._lone_names(one)}

    def _lone_names(self, criterion: Criterion) -> list[str]:
        """The classes that are alternatives of a criterion by themselves, and so below it."""
        try:
            node = self.met(criterion, Expressions(self.lexicon))
            several = alternatives(node) if node else []
        except (TableError, InputError):  # the row itself is refused when it is compiled
            return []
        return [one[0].text for one in several if len(one) == 1 and one[0].kind == "name"]

    def met(self, criterion: Criterion, expressions: Expressions) -> Node | None:
        """What puts a presentation into a class; None for one that is only stated."""
        cell = criterion.cells["met_when"]
        with told(criterion.row, "met_when"):
            parts = [expressions.read(cell)] if cell else []
            if criterion.asked_only:
                parts.append(expressions.read(f"Signs({criterion.judged})"))
        return joined("any", tuple(parts))

    def refuted(self, criterion: Criterion, expressions: Expressions) -> Node | None:
        """What refutes a criterion; None where nothing that is stated can."""
        cell = criterion.cells["refuted_when"]
        if cell or criterion.asked_only:
            denied = [f"Denies({criterion.judged})"] * criterion.asked_only
            with told(criterion.row, "refuted_when"):
                return expressions.read(" | ".join([*[cell] * bool(cell), *denied]))
        node = self.met(criterion, expressions)
        with told(criterion.row, "met_when"):
            return node and expressions.refutation(node, self.against_class(()))

    def against_class(self, visited: tuple[str, ...]):
        """A function that gives what refutes a named class, for `Expressions.refutation`."""

        def against(iri: str) -> Node | None:
            row = self.rows.get(iri)
            refuting = row.refuting if row else self.lexicon.edited.value(iri, ia("refutedBy"))
            if refuting:
                return Node("name", text=refuting, label=self.lexicon.label(refuting))
            if not row or iri in visited:
                return None
            expressions = Expressions(self.lexicon)
            node = self.met(row, expressions)
            return node and expressions.refutation(node, self.against_class((*visited, iri)))

        return against

    def statements(self, criterion: Criterion) -> Iterator[Statement]:
        """The statements of a row. Raises TableError for a bad cell."""
        row, cells, iri = criterion.row, criterion.cells, criterion.iri
        self._refuse_twice(criterion)
        expressions = Expressions(self.lexicon)
        node = self.met(criterion, expressions)
        if criterion.role in ASKED and not node:
            raise row.fail("met_when", "Say what meets it; a judgment: asked_only yes.")
        label = cells["label"] or (words_of(node) if node else "")
        if not label:
            raise row.fail("label", "Give a label in words of your own.")
        terms = Terms(self.lexicon, criterion.table, criterion.name)
        types = [ia(cls) for cls in ROLES[criterion.role]]
        punned = types or iri in self.lexicon.objects  # a class that is an individual too
        words = cells["definition"] or f"A presentation with {label}."
        yield from terms.term(iri, [CLASS, *[NAMED] * bool(punned), *types], label, words)
        yield from terms.sources(iri, self._sources(criterion))
        if cells["ask_order"]:
            yield iri, ia("askOrder"), literal(cells["ask_order"], datatype=XSD + "integer")
        if cells["assumption"]:
            yield iri, ia("assumption"), literal(cells["assumption"], "en")
        if question := cells["question"] or (self._question(criterion, node, label)):
            yield iri, ia("question"), literal(question, "en")
        if cells["note"]:
            yield iri, SKOS + "editorialNote", literal(cells["note"], "en")
        if criterion.asked_only:
            yield iri, ia("askedOnly"), literal("true", datatype=XSD + "boolean")
            yield from self._judged(criterion, terms, label)
        with told(row, "met_when"):
            yield from self.defined(iri, node, expressions, terms, label)
        yield from self._refuting(criterion, expressions, terms, label)
        for band in expressions.bands.values():
            yield from band.statements(self.lexicon.known)

    def _question(self, criterion: Criterion, node: Node | None, label: str) -> str:
        if criterion.role not in ASKED:
            return ""
        return (node.question if node else "") or f"Does this hold: {label}?"

    def _sources(self, criterion: Criterion) -> list[str]:
        if criterion.cells["source"]:
            with told(criterion.row, "source"):
                names = criterion.cells["source"].split()
                return [self.lexicon.member(name, "Source") for name in names]
        return criterion.topic_sources if criterion.role in ASKED else []

    def _refuse_twice(self, criterion: Criterion) -> None:
        other = self.rows[criterion.iri]
        if other is not criterion:
            hint = f"{other.row.path}:{other.row.line} declares it already."
            raise criterion.row.fail("criterion", hint)
        if self.lexicon.edited.value(criterion.iri, OWL + "equivalentClass"):
            raise criterion.row.fail("criterion", "A document edited by hand defines it already.")

    def _judged(self, criterion: Criterion, terms: Terms, label: str) -> Iterator[Statement]:
        sign = ia(criterion.judged)
        what = f"The judgment of a clinician: {label}."
        yield from terms.term(sign, (CLASS, NAMED), f"{label}, judged", what)
        yield sign, BELOW, ia("Sign")

    def _refuting(
        self, criterion: Criterion, expressions: Expressions, terms: Terms, label: str
    ) -> Iterator[Statement]:
        cell, refuting, iri = criterion.cells["refuted_when"], criterion.refuting, criterion.iri
        if cell.startswith("none:"):
            reason = cell.removeprefix("none:").strip()
            if not reason:
                raise criterion.row.fail("refuted_when", "Say why nothing refutes it.")
            yield iri, ia("exemptFrom"), literal(UNREFUTED)
            yield iri, SKOS + "editorialNote", literal(reason, "en")
        if not refuting:
            return
        yield iri, ia("refutedBy"), refuting
        if is_name(cell):
            with told(criterion.row, "refuted_when"):
                self.lexicon.named(cell, CLASS, "class")
        if is_name(cell) or refuting in self.rows:
            return
        what = f"A presentation known not to be one of: {label}."
        denied = f"not: {label}" if label.startswith("no ") else f"no {label}"
        yield from terms.term(refuting, [CLASS], denied, what)
        node = self.refuted(criterion, expressions)
        with told(criterion.row, "refuted_when"):
            yield from self.defined(refuting, node, expressions, terms, denied)

    def defined(
        self, iri: str, node: Node | None, expressions: Expressions, terms: Terms, label: str
    ) -> Iterator[Statement]:
        """The axioms of a class: equivalent to its only alternative, else above each of several."""
        edited = self.lexicon.edited.objects(iri, BELOW)
        if iri not in self.held and not edited:
            yield iri, BELOW, ia("Presentation")
        several = alternatives(node) if node else []
        names: set[str] = set()
        ways: set[str] = set()
        for number, alternative in enumerate(several, 1):
            if len(alternative) == 1 and alternative[0].kind == "name":
                yield alternative[0].text, BELOW, iri
                continue
            cls = iri
            if len(several) > 1:
                cls = f"{iri}_when_{part_name(alternative, number, names)}"
                way = words_of(Node("all", alternative)) or f"way {number}"
                way = f"{way} (way {number})" if way in ways else way
                ways.add(way)
                what = f"One of the ways in which a presentation meets: {label}."
                yield from terms.term(cls, [CLASS], f"{label}: {way}", what)
                yield cls, BELOW, iri
            coming = {*expressions.bands, cls}
            yield from definition(
                cls, manchester(alternative), self.lexicon.known, coming, cls[len(IA) :]
            )


def part_name(alternative: Alternative, number: int, names: set[str]) -> str:
    """The name of an alternative: its words, or its number where it has none or they are long."""
    label = words_of(Node("all", alternative))
    name = "".join(word[:1].upper() + word[1:] for word in re.findall(r"[A-Za-z0-9]+", label))
    if not name or len(name) > LONGEST or name in names:
        name = str(number)
    names.add(name)
    return name


@contextmanager
def told(row: Row, column: str) -> Iterator[None]:
    """Puts the place of a cell in front of an error about what it says."""
    try:
        yield
    except InputError as error:
        value = error.place or row.cells[column]
        first = error.message[:1] if error.message.startswith("ia:") else error.message[:1].upper()
        hint = f"{first}{error.message[1:]}. {error.hint}"
        raise TableError(str(row.path), row.line, column, value, hint) from None
