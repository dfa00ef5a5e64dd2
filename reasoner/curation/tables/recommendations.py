"""What open sources recommend, in schemes of their own: one row a scenario and procedure."""

from collections.abc import Iterator
from pathlib import Path

from reasoner.curation.tables.individuals import individual
from reasoner.curation.tables.rows import Row, rows
from reasoner.graph.index import Index
from reasoner.graph.store import Statement, literal
from reasoner.names import IA, LABEL, SOURCE, curie, ia

COLUMNS = "edition scenario procedure category strength date_seen basis".split()


def recommendations(path: Path, known: Index) -> Iterator[Statement]:
    """The statements of the table. Raises TableError for a bad cell."""
    lines: dict[str, int] = {}
    for row in rows(path, COLUMNS, known):
        edition = row.term("edition", "Edition")
        scenario = row.term("scenario", "Scenario")
        procedure = row.term("procedure", "GenericProcedure")
        if not known.holds(scenario, ia("inEdition"), edition):
            other = curie(known.value(scenario, ia("inEdition")) or "no edition")
            raise row.fail("edition", f"{curie(scenario)} is in {other}.")
        iri = f"{scenario}_{procedure[len(IA) :]}"
        if iri in lines:
            raise row.fail("procedure", f"Line {lines[iri]} speaks of it already; keep one row.")
        lines[iri] = row.line
        label = f"{known.value(procedure, LABEL)} for {known.value(scenario, LABEL)}"
        definition = "What the source says of this procedure in this scenario."
        yield from individual(iri, "OpenRecommendation", label, definition)
        yield iri, ia("ofScenario"), scenario
        yield iri, ia("ofProcedureRated"), procedure
        yield iri, ia("inEdition"), edition
        yield iri, ia("hasCategory"), category(row, edition)
        if row.cells["strength"]:
            yield iri, ia("strength"), literal(row.cells["strength"], "en")
        yield iri, ia("dateSeen"), literal(row.date("date_seen"))
        basis = row.matching("basis", ".+", "Say from what the recommendation was read.")
        yield iri, ia("basis"), literal(basis)
        for source in known.objects(edition, SOURCE):
            yield iri, SOURCE, source


def category(row: Row, edition: str) -> str:
    """The category of a row, which belongs to the scheme of its edition."""
    found = row.notation("category", "SourceCategory")
    scheme = row.known.value(edition, ia("usesScheme"))
    if not row.known.holds(found, ia("inScheme"), scheme or ""):
        named = curie(scheme) if scheme else "no scheme"
        raise row.fail("category", f"{row.cells['edition']} uses {named}; name one of its words.")
    return found
