"""Tables to graph: `tables/*.csv`, where rows are edited, become `generated/*.ttl`, which Protégé opens.

A table whose header begins with `scenario` is the rating grid of the topic of its file name; one
that begins with `orderable` lists the orderable form of each generic procedure by region; the
tables of the word screens become nothing, but they are checked too. All tables are checked before
anything is written: a bad cell raises TableError with file, line, column, value and the nearest
valid name; a text that begins with FILL IN raises UnfilledError. `reasoner.curation.freshness` makes the
same statements, to say which tables are not built.
"""

import difflib
import re
from collections.abc import Callable, Iterator
from pathlib import Path

from pyoxigraph import Literal, NamedNode

from reasoner.errors import TableError
from reasoner.files import read_csv, write_all
from reasoner.graph.index import Index
from reasoner.graph.placeholders import refuse_unfilled
from reasoner.graph.store import Statement, catalog, read_turtle, serialize, text
from reasoner.graph.turtle.format import WELL_KNOWN, format_turtle
from reasoner.names import (
    DCTERMS,
    DOCUMENTS,
    IA,
    LABEL,
    OWL,
    RDF_TYPE,
    RDFS,
    SKOS,
    SOURCE,
    XSD,
    curie,
    expand,
    ia,
)
from reasoner.reading.tables import check

RATINGS = (
    "scenario scenario_label procedure procedure_label category adult_radiation pediatric_radiation final_rating "
    "median tabulation edition date_seen basis rationale rationale_source"
).split()
ORDERABLES = "orderable label generic region area".split()
NOT_RATED = "not-rated"  # a category cell that says: the table of the edition leaves this procedure out of this scenario
LICENSE = "https://www.apache.org/licenses/LICENSE-2.0"
RATED_ONLY = "adult_radiation pediatric_radiation final_rating median tabulation rationale rationale_source".split()


class Row:
    """One row of a table, whose cells are read by kind; a cell that does not fit raises TableError."""

    def __init__(self, path: Path, line: int, cells: dict[str, str], known: Index):
        self.path, self.line, self.cells, self.known = path, line, cells, known

    def fail(self, column: str, hint: str) -> TableError:
        """The error about a cell."""
        return TableError(str(self.path), self.line, column, self.cells[column], hint)

    def term(self, column: str, cls: str) -> str:
        """The IRI of a declared member of a class."""
        kinds = [ia(cls), *self.known.subjects(RDFS + "subClassOf", ia(cls))]
        iri = expand(self.cells[column])
        if not any(self.known.holds(iri, RDF_TYPE, kind) for kind in kinds):
            members = [member for kind in kinds for member in self.known.subjects(RDF_TYPE, kind)]
            near = difflib.get_close_matches(self.cells[column], [curie(m) for m in members], 1, 0)
            raise self.fail(
                column,
                f"Name a {cls}; the nearest is {near[0]}." if near else f"Declare a {cls} first.",
            )
        return iri

    def notation(self, column: str, cls: str) -> str:
        """The IRI of the member of a closed list that has the cell as its notation."""
        members = {
            self.known.value(m, SKOS + "notation"): m
            for m in self.known.subjects(RDF_TYPE, ia(cls))
        }
        if not self.cells[column]:
            raise self.fail(
                column,
                f"Fill it in from the guideline: {', '.join(sorted(members))}{f', or {NOT_RATED} where its table leaves the procedure out' * (column == 'category')}.",
            )
        if self.cells[column] not in members:
            near = difflib.get_close_matches(self.cells[column], sorted(members), 1, 0)
            raise self.fail(
                column, f"Write one of {', '.join(sorted(members))}; the nearest is {near[0]}."
            )
        return members[self.cells[column]]

    def matching(self, column: str, pattern: str, hint: str) -> str:
        """The text of a cell that has a form."""
        if not re.fullmatch(pattern, self.cells[column]):
            raise self.fail(column, hint)
        return self.cells[column]

    def label_of(self, column: str, iri: str) -> None:
        """Checks that a label column repeats the label of its term, so that a table reads true."""
        label = self.known.value(iri, LABEL)
        if self.cells[column] != label:
            raise self.fail(column, f"The label of {curie(iri)} is {label!r}.")


def rows(path: Path, columns: list[str], known: Index) -> Iterator[Row]:
    """The rows of a table with exactly these columns, every cell stripped."""
    found = read_csv(path)
    header = next(found, (1, []))[1]
    if header != columns:
        odd = next((c for c in header + columns if (c in header) != (c in columns)), "order")
        raise TableError(str(path), 1, odd, ",".join(header), f"The header is {','.join(columns)}.")
    for line, cells in found:
        if len(cells) != len(columns):
            raise TableError(
                str(path),
                line,
                columns[0],
                ",".join(cells),
                f"A row has {len(columns)} cells; this one has {len(cells)}.",
            )
        yield Row(path, line, dict(zip(columns, map(str.strip, cells), strict=True)), known)


def ratings(path: Path, known: Index) -> Iterator[Statement]:
    """The statements of a rating grid, one rating a row."""
    seen: dict[str, int] = {}
    for row in rows(path, RATINGS, known):
        scenario, procedure = (
            row.term("scenario", "Scenario"),
            row.term("procedure", "GenericProcedure"),
        )
        row.label_of("scenario_label", scenario)
        row.label_of("procedure_label", procedure)
        edition = row.term("edition", "Edition")
        if not known.holds(scenario, ia("inEdition"), edition):
            raise row.fail(
                "edition",
                f"{curie(scenario)} is in {curie(known.value(scenario, ia('inEdition')) or 'no edition')}.",
            )
        rating = f"{scenario}_{procedure[len(IA) :]}"
        if rating in seen:
            raise row.fail("procedure", f"Line {seen[rating]} rates it already; keep one row.")
        seen[rating] = row.line
        if row.cells["category"] == NOT_RATED:
            for column in RATED_ONLY:
                row.matching(
                    column, "", "Leave it empty: the row says that the procedure is not rated."
                )
            yield scenario, ia("doesNotRate"), procedure
            continue
        label = f"{row.cells['procedure_label']} for {row.cells['scenario_label']}"
        yield from individual(
            rating, "Rating", label, "The rating of this procedure for this scenario."
        )
        yield rating, ia("ofScenario"), scenario
        yield rating, ia("ofProcedureRated"), procedure
        yield rating, ia("inEdition"), edition
        yield rating, ia("hasCategory"), row.notation("category", "AppropriatenessCategory")
        yield (
            rating,
            ia("hasAdultRadiation"),
            row.notation("adult_radiation", "RelativeRadiationLevel"),
        )
        yield (
            rating,
            ia("hasPediatricRadiation"),
            row.notation("pediatric_radiation", "RelativeRadiationLevel"),
        )
        for source in known.objects(edition, SOURCE):
            yield rating, SOURCE, source
        yield (
            rating,
            ia("dateSeen"),
            Literal(
                row.matching(
                    "date_seen",
                    r"\d{4}(-\d{2}){0,2}",
                    "Write the date as 2026, 2026-01 or 2026-01-31.",
                )
            ),
        )
        yield (
            rating,
            ia("basis"),
            Literal(row.matching("basis", ".+", "Say from what the rating was read.")),
        )
        if row.cells["final_rating"]:
            yield (
                rating,
                ia("finalRating"),
                Literal(
                    row.matching("final_rating", "[1-9]", "A final rating is 1 to 9."),
                    datatype=NamedNode(XSD + "integer"),
                ),
            )
        if row.cells["median"]:
            yield (
                rating,
                ia("medianRating"),
                Literal(
                    point(row.matching("median", r"[1-9](\.[05])?", "A median is 1 to 9.")),
                    datatype=NamedNode(XSD + "decimal"),
                ),
            )
        if row.cells["tabulation"]:
            yield (
                rating,
                ia("tabulation"),
                Literal(
                    row.matching("tabulation", r"\d+( \d+){8}", "A tabulation is nine counts.")
                ),
            )
        if row.cells["rationale"]:
            yield rating, ia("rationale"), Literal(row.cells["rationale"], language="en")
            yield rating, ia("rationaleSource"), row.term("rationale_source", "Source")


def orderables(path: Path, known: Index) -> Iterator[Statement]:
    """The statements of the table of orderable procedures, one generic procedure and region a row."""
    labels: dict[str, tuple[str, str]] = {}
    grid: dict[tuple[str, str], int] = {}
    for row in rows(path, ORDERABLES, known):
        name = (
            IA
            + row.matching(
                "orderable", r"ia:[A-Z]\w+", "Write a CURIE such as ia:MriThighWithIvContrast."
            )[3:]
        )
        generic, region = row.term("generic", "GenericProcedure"), row.term("region", "BodyRegion")
        if row.matching("area", "yes|", "Write yes or nothing.") and not known.holds(
            region, RDF_TYPE, ia("AreaOfInterest")
        ):
            raise row.fail("area", f"{curie(region)} is no area of interest.")
        if (generic, region) in grid:
            raise row.fail(
                "region",
                f"Line {grid[generic, region]} has this generic procedure and region already.",
            )
        grid[generic, region] = row.line
        if labels.setdefault(name, (row.cells["label"], generic)) != (row.cells["label"], generic):
            raise row.fail(
                "label",
                f"{row.cells['orderable']} is {labels[name][0]!r}, a form of {curie(labels[name][1])}, above.",
            )
        yield from individual(
            name,
            "OrderableProcedure",
            row.matching("label", ".+", "Give a label."),
            "The orderable form of a generic procedure for a region.",
        )
        yield name, ia("specializes"), generic
        yield name, ia("hasRegion"), region


def point(number: str) -> str:
    """A decimal with its point: Protégé saves a decimal without one as an integer."""
    return number if "." in number else number + ".0"


def individual(iri: str, cls: str, label: str, definition: str) -> Iterator[Statement]:
    """The declaration of a generated individual."""
    yield iri, RDF_TYPE, OWL + "NamedIndividual"
    yield iri, RDF_TYPE, ia(cls)
    yield iri, LABEL, Literal(label, language="en")
    yield iri, SKOS + "definition", Literal(definition, language="en")


READERS: dict[str, Callable[[Path, Index], Iterator[Statement]]] = {
    "scenario": ratings,
    "orderable": orderables,
}


def knowledge(ontology: Path) -> Index:
    """The statements that are edited by hand, which tables refer to."""
    facts = Index()
    for path in catalog(ontology).values():
        if path.parent.name != "generated":
            facts.add(
                (text(t.subject), text(t.predicate), text(t.object)) for t in read_turtle(path)
            )
    return facts


def document(table: Path, known: Index) -> list[Statement]:
    """The statements of a generated document: its head, then those of its table.

    Raises TableError for a bad cell.
    """
    stem, iri = table.stem, f"{DOCUMENTS}generated/{table.stem}"
    version = known.value(DOCUMENTS + "appropriateness", OWL + "versionIRI", "/0/").split("/")[-2]
    terms = known.value(f"{DOCUMENTS}topics/{stem}", DCTERMS + "license") or LICENSE
    title = f"{stem.replace('-', ' ').capitalize()}: generated"
    told = f"Built by `nextstudy build` from tables/{stem}.csv. Edit the table, never this file."
    head = [
        (iri, RDF_TYPE, OWL + "Ontology"),
        (iri, OWL + "versionIRI", f"{DOCUMENTS}{version}/generated/{stem}"),
        (iri, DCTERMS + "title", Literal(title, language="en")),
        # the terms of the topic it belongs to, where they are not the project's
        (iri, DCTERMS + "license", terms if ":" in terms else Literal(terms)),
        (iri, OWL + "imports", DOCUMENTS + "appropriateness"),
        (iri, DCTERMS + "description", Literal(told, language="en")),
    ]
    return head + list(reader(table)(table, known))


def reader(table: Path) -> Callable[[Path, Index], Iterator[Statement]] | None:
    """What reads a table, by the first cell of its header; None for one that becomes nothing."""
    header = next(read_csv(table), (1, [""]))[1]
    return READERS.get(header[0] if header else "")


def tables(ontology: Path) -> dict[Path, Path]:
    """The tables that become a document, each with its document."""
    found = filter(reader, sorted((ontology / "tables").glob("*.csv")))
    return {table: ontology / "generated" / f"{table.stem}.ttl" for table in found}


def made(ontology: Path) -> dict[Path, bytes]:
    """The generated documents as the tables make them. Raises TableError and UnfilledError."""
    known = knowledge(ontology)
    refuse_unfilled(ontology)
    check(ontology)
    return {
        path: format_turtle(serialize(document(table, known), WELL_KNOWN))
        for table, path in tables(ontology).items()
    }


def build(ontology: Path) -> list[Path]:
    """The generated documents that changed, written all or none.

    Raises TableError for a bad cell, and UnfilledError for a text that is left to fill in.
    """
    return write_all(made(ontology))
