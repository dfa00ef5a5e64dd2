"""The graph that is validated: an ontology folder, or Turtle files with one as context.

The folder is read leniently: what the program refuses at load, such as a definition outside the
admitted fragment, is here a finding. A file that cannot be parsed is an error.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from pathlib import Path

from reasoner.errors import DefinitionError, NextstudyError
from reasoner.graph import terminology
from reasoner.graph.definitions import EQUIVALENT, SUBCLASS, Definitions
from reasoner.graph.index import Index
from reasoner.graph.knowledge import Knowledge, criteria, known
from reasoner.graph.store import Statement, Store, is_literal, literal, quads, read_turtle, text
from reasoner.names import IA, RDF_TYPE, SKOS, expand, ia
from reasoner.validation.assertion_tables import asserted

RELEASED = "released-terms.txt"
SUBJECT = re.compile(r"^(?:<([^>\s]+)>|([\w-]*):([\w.%-]*))")
PREFIX = re.compile(r"^\s*@?prefix\s+([\w-]*):\s*<([^>]*)>", re.I)


@dataclass
class Material:
    """Statements to check, what they say of codes and releases, and the subjects that findings
    may be about (None: all).

    `is_whole` says whether they make up a whole graph, to which assertions apply; `asserted_at` has
    the file and line of each assertion that does not hold, by subject and property of its finding.
    """

    name: str
    ontology: Path
    triples: list
    files: dict[Path, set[str]] = field(default_factory=dict)
    own: set[str] | None = None
    shape_ids: set[str] = field(default_factory=set)
    targeted: set[str] = field(default_factory=set)
    is_whole: bool = True
    asserted_at: dict[tuple[str, str], tuple[str, int]] = field(default_factory=dict)

    @cached_property
    def rows(self) -> list[tuple[str, str, str]]:
        """The statements as text."""
        return [(text(t.subject), text(t.predicate), text(t.object)) for t in self.triples]

    @cached_property
    def described(self) -> list:
        """The statements that shapes look at: all about own subjects, and what the others are."""
        if self.own is None:
            return self.triples
        return [
            t
            for t, (s, p, _) in zip(self.triples, self.rows, strict=True)
            if s in self.own or p in (RDF_TYPE, SUBCLASS)
        ]

    @cached_property
    def links(self) -> list[tuple[str, str, str]]:
        """The statements whose object is no literal."""
        return [
            row for row, t in zip(self.rows, self.triples, strict=True) if not is_literal(t.object)
        ]

    @cached_property
    def definitions(self) -> "Definitions | DefinitionError":
        """The compiled definitions, or what keeps them from compiling."""
        try:
            return Definitions(self.links)
        except DefinitionError as error:
            return error
        except (IndexError, KeyError):
            return DefinitionError(
                "a definition", "a list of classes is broken off", "Write the intersection again."
            )

    @cached_property
    def knowledge(self) -> "Knowledge | NextstudyError":
        """The graph as answers use it, or the error that keeps it from loading."""
        try:
            return known(self.ontology, self.triples)
        except NextstudyError as error:
            return error
        except (IndexError, KeyError):
            message = "a list of classes is broken off"
            return DefinitionError("a definition", message, "Write the intersection again.")

    @cached_property
    def mapping_rows(self) -> list[dict[str, str]]:
        """The rows of the mapping tables."""
        paths = mapping_tables(self.ontology)
        return _mapping_rows(tuple((path, path.stat().st_mtime_ns) for path in paths))

    @cached_property
    def mappings(self) -> list[tuple[str, str, str]]:
        """The rows of the mapping tables as statements between terms and codes."""
        return list(mappings(self.mapping_rows, self.bases))

    @cached_property
    def store(self) -> Store:
        """All statements, with mappings, released terms and what definitions entail."""
        facts, entailed = Index(self.rows), []
        if isinstance(self.definitions, Definitions):
            entailed = list(criteria(facts, self.definitions))
            entailed += [
                (c, ia("narrowerThan"), d)
                for c in sorted({x for s, _, o in entailed for x in (s, o)})
                for d in sorted(self.above(c))
                if c != d
            ]
        listed = [*released(self.ontology), *asserted(self.ontology)]
        store = Store(quads([*self.mappings, *entailed, *listed]))
        store.add_triples(self.triples)
        return store

    def forget(self) -> None:
        """Gives back the memory of what only checks need, before shapes need theirs."""
        needed = {"rows"} if self.own is not None else set()
        properties = {
            "store",
            "knowledge",
            "definitions",
            "links",
            "rows",
            "owners",
            "stated_below",
        }
        for name in properties - needed:
            self.__dict__.pop(name, None)

    def above(self, cls: str) -> set[str]:
        """The classes that contain a class.

        For one without a definition, also those that contain every defined class stated below it.
        """
        if EQUIVALENT in self.definitions.out[cls]:
            return self.definitions.superclasses(cls)
        below: set[str] = set()
        todo = [cls]
        while todo:
            todo += (new := self.stated_below.get(todo.pop(), set()) - below)
            below |= new
        superclasses = self.definitions.superclasses
        defined = [superclasses(d) for d in below if EQUIVALENT in self.definitions.out[d]]
        return superclasses(cls) | (set.intersection(*defined) if defined else set())

    @cached_property
    def stated_below(self) -> dict[str, set[str]]:
        """The classes that are stated to be subclasses of each class."""
        subclasses: dict[str, set[str]] = {}
        for s, p, o in self.links:
            if p == SUBCLASS:
                subclasses.setdefault(o, set()).add(s)
        return subclasses

    @cached_property
    def owners(self) -> dict[str, str]:
        """For each blank node the subject or blank node in whose description it stands."""
        return {o: s for s, _, o in self.rows if o.startswith("_:")}

    def owner(self, node: str) -> str:
        """The named subject in whose description a blank node stands; a named node itself."""
        passed = set()
        while node.startswith("_:") and node in self.owners and node not in passed:
            passed.add(node)
            node = self.owners[node]
        return node

    def about_own(self, subject: str) -> bool:
        """Whether findings about a subject belong to what was asked for."""
        return self.own is None or subject in self.own

    @cached_property
    def places(self) -> dict[str, tuple[str, int]]:
        """The file in which each subject is first described, and the line of its name."""
        places: dict[str, tuple[str, int]] = {}
        for path in self.files:
            prefixes = {"ia": IA}
            lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
            for number, line in enumerate(lines, 1):
                if declared := PREFIX.match(line):
                    prefixes[declared[1]] = declared[2]
                elif m := SUBJECT.match(line):
                    subject = m[1] or prefixes.get(m[2], "") + m[3].rstrip(".")
                    places.setdefault(subject, (str(path), number))
        return places

    def place(self, subject: str, value: str = "") -> tuple[str, int]:
        """The file and line of a subject, in a mapping table where the value is a code.

        The line is 0 where only the file is known.
        """
        if value in self.codes_at and self.codes_at[value].get(subject):
            return self.codes_at[value][subject]
        if subject in self.codes_at:
            return next(iter(self.codes_at[subject].values()))
        if subject in self.places:
            return self.places[subject]
        return next(
            ((str(path), 0) for path, subjects in self.files.items() if subject in subjects),
            ("", 0),
        )

    @cached_property
    def codes_at(self) -> dict[str, dict[str, tuple[str, int]]]:
        """The file and line of each mapping row, by code and term."""
        places: dict[str, dict[str, tuple[str, int]]] = {}
        for path in mapping_tables(self.ontology) if self.own is None else ():
            for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
                cells = line.split("\t")
                if len(cells) > 3:
                    terms = places.setdefault(iri_of(cells[3], self.bases), {})
                    terms.setdefault(expand(cells[0]), (str(path), number))
        return places

    @cached_property
    def bases(self) -> dict[str, str]:
        """The start of the IRIs of each terminology, by its prefix."""
        return bases(self.ontology)


@lru_cache(maxsize=64)
def _parsed(path: Path, size: int, changed: int) -> list:
    return read_turtle(path)


def parsed(path: Path) -> list:
    """The triples of a file, parsed again only when the file has changed."""
    state = path.stat()
    return _parsed(path, state.st_size, state.st_mtime_ns)


def mapping_tables(ontology: Path) -> list[Path]:
    """The mapping tables of an ontology folder, sorted."""
    return sorted((ontology / "mappings").glob("*.sssom.tsv"))


def bases(ontology: Path) -> dict[str, str]:
    """The start of the IRIs of each terminology, by its prefix."""
    return {
        row["prefix"]: row["iri_base"]
        for row in terminology.table(ontology / "tables" / "code-systems.csv", ",")
    }


def iri_of(code: str, known: dict[str, str]) -> str:
    """The IRI of a code given as a CURIE.

    Where its prefix is unknown, it is the CURIE with unsafe characters replaced.
    """
    prefix, _, local = code.partition(":")
    return known[prefix] + local if prefix in known else "code:" + re.sub(r"[^\w:.-]", "-", code)


@lru_cache(maxsize=4)
def _mapping_rows(state: tuple) -> list[dict[str, str]]:
    return [row for path, _ in state for row in terminology.table(path, "\t")]


def mappings(rows: list[dict[str, str]], known: dict[str, str]) -> Iterator[Statement]:
    """Rows of the mapping tables as statements: matches of terms, and sites of codes.

    `known` gives the start of the IRIs of each terminology by its prefix.
    """
    for row in rows:
        code = iri_of(row["object_id"], known)
        yield expand(row["subject_id"]), SKOS + row["predicate_id"].removeprefix("skos:"), code
        if row["implied_site"]:
            yield code, ia("impliedSite"), expand(row["implied_site"])


def released(ontology: Path) -> Iterator[Statement]:
    """The terms that were released, each with its version, as `released-terms.txt` lists them."""
    path = ontology / RELEASED
    for line in path.read_text(encoding="utf-8").splitlines() if path.exists() else ():
        name, _, version = line.partition(" ")
        if name.startswith("ia:"):
            yield expand(name), ia("releasedIn"), literal(version)
