"""The table of orderable procedures: what is ordered for each generic procedure and region."""

from collections.abc import Iterator
from pathlib import Path

from reasoner.curation.tables.individuals import individual
from reasoner.curation.tables.rows import rows
from reasoner.graph.index import Index
from reasoner.graph.store import Statement
from reasoner.names import IA, RDF_TYPE, curie, ia

ORDERABLES = "orderable label generic region area".split()


def orderables(path: Path, known: Index) -> Iterator[Statement]:
    """The statements of the table, one generic procedure and region a row.

    Raises TableError for a bad cell.
    """
    labels: dict[str, tuple[str, str]] = {}
    grid: dict[tuple[str, str], int] = {}
    for row in rows(path, ORDERABLES, known):
        hint = "Write a CURIE such as ia:MriThighWithIvContrast."
        name = IA + row.matching("orderable", r"ia:[A-Z]\w+", hint)[3:]
        generic, region = row.term("generic", "GenericProcedure"), row.term("region", "BodyRegion")
        area = row.matching("area", "yes|", "Write yes or nothing.")
        if area and not known.holds(region, RDF_TYPE, ia("AreaOfInterest")):
            raise row.fail("area", f"{curie(region)} is no area of interest.")
        if (generic, region) in grid:
            line = grid[generic, region]
            hint = f"Line {line} has this generic procedure and region already."
            raise row.fail("region", hint)
        grid[generic, region] = row.line
        first, form = labels.setdefault(name, (row.cells["label"], generic))
        if (first, form) != (row.cells["label"], generic):
            hint = f"{row.cells['orderable']} is {first!r}, a form of {curie(form)}, above."
            raise row.fail("label", hint)
        yield from individual(
            name,
            "OrderableProcedure",
            row.matching("label", ".+", "Give a label."),
            "The orderable form of a generic procedure for a region.",
        )
        yield name, ia("specializes"), generic
        yield name, ia("hasRegion"), region
