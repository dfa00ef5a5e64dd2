"""The rating grid of a topic: one row, and so one rating, for each scenario and procedure."""

from collections.abc import Iterator
from pathlib import Path

from reasoner.curation.tables.individuals import individual
from reasoner.curation.tables.rows import NOT_RATED, Row, rows
from reasoner.graph.index import Index
from reasoner.graph.store import Statement, literal
from reasoner.names import IA, SOURCE, XSD, curie, ia

RATED_ONLY = (
    "adult_radiation pediatric_radiation final_rating median tabulation rationale rationale_source"
).split()
RATINGS = (
    "scenario scenario_label procedure procedure_label category adult_radiation "
    "pediatric_radiation final_rating median tabulation edition date_seen basis rationale "
    "rationale_source"
).split()


def ratings(path: Path, known: Index) -> Iterator[Statement]:
    """The statements of a rating grid, one rating a row. Raises TableError for a bad cell."""
    lines: dict[str, int] = {}
    for row in rows(path, RATINGS, known):
        scenario = row.term("scenario", "Scenario")
        procedure = row.term("procedure", "GenericProcedure")
        row.label_of("scenario_label", scenario)
        row.label_of("procedure_label", procedure)
        edition = row.term("edition", "Edition")
        if not known.holds(scenario, ia("inEdition"), edition):
            other = curie(known.value(scenario, ia("inEdition")) or "no edition")
            raise row.fail("edition", f"{curie(scenario)} is in {other}.")
        rating = f"{scenario}_{procedure[len(IA) :]}"
        if rating in lines:
            raise row.fail("procedure", f"Line {lines[rating]} rates it already; keep one row.")
        lines[rating] = row.line
        if row.cells["category"] == NOT_RATED:
            for column in RATED_ONLY:
                hint = "Leave it empty: the row says that the procedure is not rated."
                row.matching(column, "", hint)
            yield scenario, ia("doesNotRate"), procedure
            continue
        label = f"{row.cells['procedure_label']} for {row.cells['scenario_label']}"
        definition = "The rating of this procedure for this scenario."
        yield from individual(rating, "Rating", label, definition)
        yield rating, ia("ofScenario"), scenario
        yield rating, ia("ofProcedureRated"), procedure
        yield rating, ia("inEdition"), edition
        yield from rated(rating, row)
        for source in known.objects(edition, SOURCE):
            yield rating, SOURCE, source
        yield from read_from(rating, row)
        yield from votes(rating, row)
        if row.cells["rationale"]:
            yield rating, ia("rationale"), literal(row.cells["rationale"], "en")
            yield rating, ia("rationaleSource"), row.term("rationale_source", "Source")


def rated(rating: str, row: Row) -> Iterator[Statement]:
    """The category of a rating, and its radiation levels."""
    level = "RelativeRadiationLevel"
    yield rating, ia("hasCategory"), row.notation("category", "AppropriatenessCategory")
    yield rating, ia("hasAdultRadiation"), row.notation("adult_radiation", level)
    yield rating, ia("hasPediatricRadiation"), row.notation("pediatric_radiation", level)


def read_from(rating: str, row: Row) -> Iterator[Statement]:
    """The day on which a rating was read, and from what."""
    yield rating, ia("dateSeen"), literal(row.date("date_seen"))
    basis = row.matching("basis", ".+", "Say from what the rating was read.")
    yield rating, ia("basis"), literal(basis)


def votes(rating: str, row: Row) -> Iterator[Statement]:
    """The final rating, the median and the tabulation, each where the row has it."""
    if row.cells["final_rating"]:
        final = row.matching("final_rating", "[1-9]", "A final rating is 1 to 9.")
        yield rating, ia("finalRating"), literal(final, datatype=XSD + "integer")
    if row.cells["median"]:
        median = point(row.matching("median", r"[1-9](\.[05])?", "A median is 1 to 9."))
        yield rating, ia("medianRating"), literal(median, datatype=XSD + "decimal")
    if row.cells["tabulation"]:
        counts = row.matching("tabulation", r"\d+( \d+){8}", "A tabulation is nine counts.")
        yield rating, ia("tabulation"), literal(counts)


def point(number: str) -> str:
    """A decimal with its point: Protégé saves a decimal without one as an integer."""
    return number if "." in number else number + ".0"
