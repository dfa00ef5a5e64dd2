"""Runs all shapes and checks on a graph, and returns one list of findings.

Only what is unfit is a finding. Input that cannot be parsed raises InputError or TurtleError; a
shape or check that does not run raises ConfigurationError: neither ever looks like a pass or like
a fault of the data.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from reasoner.errors import NextstudyError
from reasoner.graph.short_names import short
from reasoner.names import home, ia
from reasoner.validation import assertions, built, checks, shacl
from reasoner.validation.checks import fill
from reasoner.validation.findings import Check, Finding, Report, in_order
from reasoner.validation.graph_under_test import Material
from reasoner.validation.inputs import gather

Progress = Callable[[str, int, int], None]
MATCHED = Check(
    "shape-without-target",
    "violation",
    "A shape matched no node at all, so it has checked nothing.",
    "Correct the target of the shape, or let it say shape:mayMatchNothing true.",
)
CHECKED = Check(
    "nothing-checked",
    "violation",
    "No shape applies to any subject of this file, so its data was not looked at.",
    "Give the subjects of the file classes of the vocabulary, such as ia:Presentation; or do not "
    "validate the file.",
)
LOADED = Check(
    "graph-not-loaded",
    "violation",
    "The graph does not load, so that nothing could be answered from it.",
    "Mend it: {value}",
)


def no_progress(name: str, done: int, total: int) -> None:
    """Shows nothing."""


def validate(
    paths: list[Path] = (), progress: Progress = no_progress, context: Path | None = None
) -> Report:
    """The report on some paths; without paths, on the graph that comes with the package.

    `context` is the ontology folder whose vocabulary Turtle files are checked with, by default the
    one of the checkout they lie in. Raises InputError, TurtleError or TableError for input that
    cannot be read, ConfigurationError for a check or shape that does not run.
    """
    materials = gather(list(paths), context)
    every: list[Finding] = []
    for number, material in enumerate(materials):
        every += findings(material, progress, number, len(materials))
    shapes = max(len(material.shape_ids) for material in materials)
    return Report(in_order(every), len(checks.every()) + shapes)


def findings(
    material: Material, progress: Progress = no_progress, number: int = 0, total: int = 1
) -> list[Finding]:
    """The findings of all checks and shapes on one graph, each with its place.

    Those that the graph is exempt from are left out.
    """
    known = checks.every()
    shapes = shacl.read(shapes_of(material))
    material.shape_ids = set(shapes.ids)
    results: list[Finding] = []
    steps = len(known) + 1
    for step, check in enumerate(known):
        progress(check.name, number * steps + step, total * steps)
        results += [finding(check, *row) for row in checks.rows(check, material)]
    exempt = {(s, o) for s, p, o in material.rows if p == ia("exemptFrom")}
    broken = material.knowledge if material.is_whole else None
    counted = {f.severity for f in results if (f.subject, f.check) not in exempt}
    if isinstance(broken, NextstudyError) and "violation" not in counted:
        results.append(finding(LOADED, material.name, "", str(broken)))
    material.forget()
    progress("shapes", number * steps + len(known), total * steps)
    results += list(by_shapes(material, shapes))
    progress("done", (number + 1) * steps, total * steps)
    results += [finding(CHECKED, str(path), "", "") for path in unchecked(material, results)]
    results = [
        placed(f, material)
        for f in results
        if (f.subject, f.check) not in exempt
        and (f.check in ABOUT_FILES or material.about_own(f.subject))
    ]
    files = built.findings(material.ontology) if material.own is None else ()
    return results + [
        replace(f, file=shown(str(file.resolve())), line=line) for f, file, line in files
    ]


def unchecked(material: Material, results: list[Finding]) -> list[Path]:
    """The files with no subject that a shape looks at or a finding is about."""
    met = material.targeted | {f.subject for f in results}
    return [
        path
        for path, subjects in material.files.items()
        if material.own is not None and not subjects & met
    ]


ABOUT_FILES = (MATCHED.name, CHECKED.name, LOADED.name, *assertions.CHECKS)


def shapes_of(material: Material) -> Path:
    """The shapes folder of an ontology folder; that of the package when it has none."""
    folder = material.ontology / "shapes"
    return folder if folder.is_dir() else home() / "ontology" / "shapes"


def finding(check: Check, subject: str, prop: str, value: str) -> Finding:
    """The finding of one row of a check; the subject is still a full IRI."""
    return Finding(
        check.name,
        check.severity,
        subject,
        prop,
        value,
        check.summary,
        fill(check.fix, subject, prop, value),
    )


def by_shapes(material: Material, shapes: shacl.Shapes) -> Iterator[Finding]:
    """The findings of the shapes, and of shapes and files that met nothing."""
    graph = shacl.data(material.described)
    targets = shacl.targets(shapes, graph)
    if material.own is None:
        for shape, nodes in targets.items():
            if not nodes and not shacl.may_match_nothing(shapes, shape):
                yield finding(MATCHED, shape, "", "")
        focus = None
    else:
        focus = material.targeted = {
            node for nodes in targets.values() for node in nodes
        } & material.own
    for result in shacl.validate(shapes, graph, focus) if focus is None or focus else ():
        name = result.shape.removeprefix(shacl.SHAPES)
        fix = fill(shapes.fix(result.shape), result.subject, result.property, result.value)
        yield Finding(
            name,
            result.severity,
            result.subject,
            result.property,
            result.value,
            result.message,
            fix,
        )


def placed(result: Finding, material: Material) -> Finding:
    """A finding with its file and line, its terms in short."""
    file, line = material.place(result.subject, result.value)
    if result.check in assertions.CHECKS:
        file, line = material.asserted_at[result.subject, result.property]
    elif result.check in (CHECKED.name, LOADED.name):
        file = result.subject
    return Finding(
        result.check,
        result.severity,
        short(result.subject),
        short(result.property),
        short(result.value),
        result.message,
        result.fix,
        shown(file),
        line,
    )


def shown(file: str) -> str:
    """A path as seen from the working folder, where it lies below it."""
    path, here = Path(file), Path.cwd()
    is_below = file and path.is_absolute() and path.is_relative_to(here)
    return path.relative_to(here).as_posix() if is_below else file
