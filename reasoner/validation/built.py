"""Checks of a checkout beside its graph: that its tables are built, and its own queries run.

These are no queries on the graph: they compare files with what the program makes of them.
"""

from collections.abc import Iterator
from pathlib import Path

from reasoner.curation.freshness import unbuilt
from reasoner.curation.working_copy import other_queries
from reasoner.validation.findings import Check, Finding

NOT_BUILT = Check(
    "table-not-built",
    "violation",
    "The graph is not what the tables make of it, so it answers otherwise than they say.",
    "Run `nextstudy build`.",
)
OTHER_QUERIES = Check(
    "queries-of-another-version",
    "warning",
    "The program that validates was not installed from this checkout: its checks and rules are "
    "other ones.",
    "Install the program from this checkout: pip install .",
)


def findings(ontology: Path) -> Iterator[tuple[Finding, Path, int]]:
    """The findings, each with its file and line."""
    for table in unbuilt(ontology):
        yield finding(NOT_BUILT, table.message, table.hint), table.path, table.line
    if others := other_queries(ontology):
        more = f" and {len(others) - 1} more" if len(others) > 1 else ""
        place = ontology.parent / "queries" / others[0]
        yield finding(OTHER_QUERIES, f"queries/{others[0]}{more}", OTHER_QUERIES.fix), place, 0


def finding(check: Check, about: str, fix: str) -> Finding:
    """A finding about a file, without its place."""
    return Finding(check.name, check.severity, about, "", "", check.summary, fix)
