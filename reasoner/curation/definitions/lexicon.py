"""The names that a table may use: those of the documents edited by hand, and of all tables."""

from collections.abc import Iterable
from functools import cached_property
from pathlib import Path

from reasoner.curation.definitions.patterns import read_patterns
from reasoner.errors import InputError
from reasoner.files import read_csv
from reasoner.graph.index import Index
from reasoner.graph.store import Statement, text
from reasoner.messages.nearest import nearest
from reasoner.names import IA, LABEL, OWL, RDF_TYPE, RDFS, curie, expand, ia

HOLDERS = ("patient", "presentation", "finding")


class Lexicon:
    """What is declared: `edited` by hand, and `known` with what the tables add to it."""

    def __init__(self, ontology: Path, edited: Index, declared: Iterable[Statement]):
        self.edited = edited
        self.patterns = read_patterns(ontology)
        self.holders = holders(ontology / "tables" / "observables.csv")
        self.known = Index()
        self.known.add(statement for s in edited.having(RDF_TYPE) for statement in about(edited, s))
        self.declare(declared)

    def declare(self, statements: Iterable[Statement]) -> None:
        """Adds what a table declares."""
        self.known.add((s, p, o if isinstance(o, str) else text(o)) for s, p, o in statements)

    @cached_property
    def objects(self) -> set[str]:
        """What the documents edited by hand relate something to by a property of individuals."""
        properties = self.edited.subjects(RDF_TYPE, OWL + "ObjectProperty")
        return {
            thing
            for predicate in properties
            for subject in self.edited.having(predicate)
            for thing in self.edited.objects(subject, predicate)
        }

    def named(self, name: str, kind: str, word: str) -> str:
        """The IRI of a declared member of a kind, such as OWL's Class; the prefix may be left out.

        Raises InputError with the nearest name for another one.
        """
        iri = expand(name) if ":" in name else ia(name)
        if not self.known.holds(iri, RDF_TYPE, kind):
            raise self.unknown(name, self.known.subjects(RDF_TYPE, kind), word)
        return iri

    def unknown(self, name: str, iris: Iterable[str], word: str) -> InputError:
        """The error about a name that is none of some terms."""
        names = [curie(iri).removeprefix("ia:") for iri in iris if iri.startswith(IA)]
        near = nearest(name, names, least=0)
        hint = f"The nearest is {near[0]}." if near else f"Declare a {word} first."
        fault = f"{name} is no declared {word}" if name else f"a {word} is missing"
        return InputError(name, fault, hint)

    def below(self, name: str, *classes: str) -> str:
        """The IRI of a class at or below one of some. Raises InputError with the nearest one."""
        iri = expand(name) if ":" in name else ia(name)
        declared, wanted = self.known.subjects(RDF_TYPE, OWL + "Class"), set(map(ia, classes))
        if iri not in declared or not wanted & self.above(iri):
            near = [cls for cls in declared if wanted & self.above(cls)]
            raise self.unknown(name, near, f"class below {' or '.join(classes)}")
        return iri

    def member(self, name: str, *classes: str) -> str:
        """The IRI of an individual of one of some classes, or of one below them.

        Raises InputError with the nearest one.
        """
        iri = expand(name) if ":" in name else ia(name)
        wanted = set(map(ia, classes))

        def fits(individual: str) -> bool:
            types = self.known.objects(individual, RDF_TYPE)
            return any(wanted & self.above(kind) for kind in types)

        if not fits(iri):
            there = [one for one in self.known.having(RDF_TYPE) if fits(one)]
            raise self.unknown(name, there, " or ".join(classes))
        return iri

    def above(self, cls: str) -> set[str]:
        """The named classes above a class, itself among them, as far as subclass axioms say."""
        classes, waiting = set(), [cls]
        while waiting:
            if (here := waiting.pop()) not in classes:
                classes.add(here)
                waiting += self.known.objects(here, RDFS + "subClassOf")
        return classes

    def label(self, iri: str) -> str:
        """The label of a term, or its local name."""
        return self.known.value(iri, LABEL) or iri.rsplit("/", 1)[-1]

    def unit(self, observable: str) -> str:
        """The unit of an observable: its own, else that of a band of the graph.

        Raises InputError where neither says one.
        """
        bands = self.known.subjects(ia("ofObservable"), observable)
        for place in (observable, *bands):
            if unit := self.known.value(place, ia("unit")):
                return unit
        name = curie(observable)
        raise InputError(name, f"the unit of {name} is not known", "Give it an ia:unit.")

    def holder(self, observable: str) -> str:
        """Who or what has a measurement of an observable: one of HOLDERS, else the patient."""
        return self.holders.get(observable, "patient")


def about(facts: Index, subject: str) -> list[tuple[str, str, str]]:
    """The statements about a subject."""
    return [(subject, p, o) for p, o in facts.about(subject)]


def holders(path: Path) -> dict[str, str]:
    """The holder of each observable that a table lists; none without a table."""
    lines = read_csv(path) if path.is_file() else iter(())
    header = next(lines, (1, []))[1]
    rows = [dict(zip(header, cells, strict=False)) for _, cells in lines]
    return {
        expand(row["observable"]): row["holder"] for row in rows if row.get("holder") in HOLDERS
    }
