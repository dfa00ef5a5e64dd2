"""Whether a broken twin fails when a check or a shape says something else.

A twin in `tests/broken` holds what its check must find and what it must pass over;
`tests/broken/findings.csv` lists what is found in it. A mutant of a check fails when it finds
something else in its twin, or anything in the graph that comes with the program.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import lru_cache
from unittest import mock

import test_validate
from mutants import Mutant, mutants
from timing import ROOT

from reasoner.errors import ConfigurationError
from reasoner.graph import query_files as queries
from reasoner.names import ia
from reasoner.validation import checks, shacl, validate
from reasoner.validation.findings import Finding
from reasoner.validation.graph_under_test import Material
from reasoner.validation.inputs import gather

ANNOTATIONS = {shacl.SHACL + "message", shacl.SKOS + "note", shacl.RDF_TYPE, shacl.RDFS + "comment"}


@lru_cache(maxsize=1)
def twin(name: str) -> Material:
    """The broken twin of a check or shape; the latest is kept with its store."""
    [material] = gather([test_validate.BROKEN[name]])
    return material


def counted(findings: list[Finding], material: Material) -> list[tuple]:
    """The findings about own subjects that are not exempt, as they are listed."""
    exempt = {(s, o) for s, p, o in material.rows if p == ia("exemptFrom")}
    return test_validate.listed(
        validate.placed(finding, material)
        for finding in findings
        if (finding.subject, finding.check) not in exempt and material.about_own(finding.subject)
    )


class Checks:
    """The checks, and the graph that comes with the program."""

    def __init__(self, only: list[str] = ()):
        self.names = [name for name in queries.names("checks") if not only or name in only]
        [self.shipped] = gather([])
        assert self.shipped.store

    def mutants(self) -> dict[str, list[Mutant]]:
        """The mutants of each check."""
        return {name: list(mutants(queries.named("checks", name).text)) for name in self.names}

    def file(self, name: str) -> str:
        """The file of a check, as seen from the root."""
        return f"queries/checks/{name}.rq"

    def failing(self, name: str, text: str) -> str:
        """The graph in which a check with another text finds something else; nothing for none.

        Raises SyntaxError for a text that is no query.
        """
        fit = found_by(name, self.shipped)
        with changed(name, text):
            if found_by(name, twin(name)) != test_validate.LISTED[name]:
                return "its twin"
            return "" if found_by(name, self.shipped) == fit else "the shipped graph"


def found_by(name: str, material: Material) -> list[tuple]:
    """What a check finds in a graph. Raises SyntaxError when it is no query."""
    check = checks.described(queries.named("checks", name))
    try:
        rows = checks.rows(check, material)
    except ConfigurationError as error:
        raise SyntaxError(str(error)) from None
    return counted([validate.finding(check, *row) for row in rows], material)


@contextmanager
def changed(name: str, text: str) -> Iterator[None]:
    """Lets a check have another text."""
    real = queries.named
    other = replace(real("checks", name), text=text)

    def named(kind: str, wanted: str) -> queries.Query:
        return other if (kind, wanted) == ("checks", name) else real(kind, wanted)

    with mock.patch.object(queries, "named", named):
        yield


class Shapes:
    """The shapes, and for each file its text."""

    def __init__(self, only: list[str] = ()):
        self.folder = ROOT / "ontology" / "shapes"
        self.shapes = shacl.read(self.folder)
        self.files = {path.stem: path.read_text() for path in sorted(self.folder.glob("*.ttl"))}
        self.only = only
        [shipped] = gather([])
        self.graph = shacl.data(shipped.described)

    def mutants(self) -> dict[str, list[Mutant]]:
        """The mutants of each shape, by its name: each lacks one statement."""
        by_name: dict[str, list[Mutant]] = {}
        for number, (s, p, o) in enumerate(self.statements()):
            name = str(s).removeprefix(shacl.SHAPES)
            line = next(
                text.count("\n", 0, at) + 1
                for text in self.files.values()
                if (at := text.find(f"\nshape:{name} a ") + 1)
            )
            words = f"without {validate.short(str(p))} {validate.short(str(o))}"
            by_name.setdefault(name, []).append(Mutant(line, words, str(number)))
        return {name: some for name, some in by_name.items() if not self.only or name in self.only}

    def statements(self) -> list[tuple]:
        """What shapes say of themselves, but for their words."""
        return sorted(
            t
            for t in self.shapes.graph
            if str(t[0]).startswith(shacl.SHAPES) and str(t[1]) not in ANNOTATIONS
        )

    def file(self, name: str) -> str:
        """The file of a shape, as seen from the root."""
        stem = next(stem for stem, text in self.files.items() if f"\nshape:{name} a " in text)
        return f"ontology/shapes/{stem}.ttl"

    def failing(self, name: str, text: str) -> str:
        """The twin in which the shapes without a statement find something else.

        Raises SyntaxError for a shape that cannot be used without it.
        """
        statement = self.statements()[int(text)]
        about = [
            str(o)
            for o in self.shapes.graph.objects(statement[0], None)
            if str(o).startswith(shacl.SHAPES)
        ] or [shacl.SHAPES + name]
        twins = [
            n
            for n in (str(a).removeprefix(shacl.SHAPES) for a in about)
            if n in test_validate.BROKEN
        ]
        self.shapes.graph.remove(statement)
        try:
            if shacl.malformed(self.shapes.graph):
                raise SyntaxError(shacl.malformed(self.shapes.graph))
            failed = next((n for n in twins if self.differs(n)), "")
            return failed or ("the shipped graph" if self.unmatched() else "")
        finally:
            self.shapes.graph.add(statement)

    def unmatched(self) -> list[str]:
        """The shapes that match nothing in the shipped graph, though they do not say they may."""
        return [
            shape
            for shape, nodes in shacl.targets(self.shapes, self.graph).items()
            if not nodes and not shacl.may_match_nothing(self.shapes, shape)
        ]

    def differs(self, name: str) -> bool:
        """Whether the shapes find something else in a twin."""
        material = twin(name)
        with mock.patch.object(shacl, "read", lambda folder: self.shapes):
            return (
                counted(list(validate.by_shapes(material, self.shapes)), material)
                != test_validate.LISTED[name]
            )
