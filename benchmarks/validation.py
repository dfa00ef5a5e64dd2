"""Measures `nextstudy validate`: its SPARQL checks and its SHACL shapes.

It runs on the graph that comes with the program and on larger ones. Prints Markdown.

python benchmarks/validation.py [--topics 10 50]
"""

import argparse
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from generated import catalogued
from timing import table

from reasoner.names import home
from reasoner.validation import checks
from reasoner.validation.validate import validate


class Stages:
    """The seconds that each stage of a validation took, heard from its progress."""

    def __init__(self):
        self.taken: dict[str, float] = {}
        self.current, self.since = "", time.perf_counter()

    def __call__(self, name: str, done: int, total: int) -> None:
        now = time.perf_counter()
        self.taken[self.current] = self.taken.get(self.current, 0) + now - self.since
        self.current, self.since = name, now


def measured(what: str, ontology: Path) -> list:
    """A row: seconds for reading, checks and shapes of an ontology folder, and the findings."""
    stages, start = Stages(), time.perf_counter()
    report = validate([ontology], stages)
    whole = time.perf_counter() - start
    names = {check.name for check in checks.every()}
    by_checks = {name: seconds for name, seconds in stages.taken.items() if name in names}
    slowest = max(by_checks, key=by_checks.get)
    lines = sum(len(path.read_bytes().splitlines()) for path in ontology.rglob("*.ttl"))
    return [
        what,
        f"{lines:,}",
        sum(by_checks.values()),
        stages.taken["shapes"],
        whole,
        stages.taken["shapes"] / sum(by_checks.values()),
        len(report.findings),
        f"{slowest}, {by_checks[slowest]:.2f} s",
    ]


def measurements(topics: list[int], folder: Path) -> Iterator[list]:
    """A row for the shipped graph, and one for each number of imported topics."""
    yield measured("as shipped", home() / "ontology")
    for number in topics:
        yield measured(f"{number} imported topics more", catalogued(folder, number))


def main() -> None:
    """Prints the table."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--topics", type=int, nargs="+", default=[10, 50])
    with tempfile.TemporaryDirectory() as folder:
        rows = list(measurements(options.parse_args().topics, Path(folder)))
    print(
        table(
            [
                "graph",
                "lines of Turtle",
                "checks s",
                "shapes s",
                "whole s",
                "shapes / checks",
                "findings",
                "slowest check",
            ],
            rows,
        )
    )
    print(f"\n{len(checks.every())} checks on Oxigraph; shapes by pySHACL on rdflib.")


if __name__ == "__main__":
    main()
