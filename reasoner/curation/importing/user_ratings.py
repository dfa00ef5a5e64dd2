"""Writes the ratings of a user's table, joined to scenarios, into the user's own data folder."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from reasoner.curation.importing.generic_procedures import GenericProcedures, Meant
from reasoner.curation.importing.identifiers import same
from reasoner.curation.importing.join import Entry, Join
from reasoner.curation.importing.stubs import Origin
from reasoner.curation.importing.table_layouts import Line
from reasoner.curation.tables.individuals import individual
from reasoner.errors import InputError
from reasoner.files import write
from reasoner.graph.imported_ratings import FILE, NONE, OWN, resolved
from reasoner.graph.index import Index
from reasoner.graph.store import Statement, literal, serialize
from reasoner.graph.turtle.format import WELL_KNOWN, format_turtle
from reasoner.names import DCTERMS, IA, LABEL, RDF_TYPE, SKOS, SOURCE, XSD, ia

DISAGREEMENT = "may-be-appropriate-disagreement"
VARIES = "varies"
MARKS = "2020"  # the layout that marks disagreement
TABLE = ia("ImportedRatings")


@dataclass(frozen=True)
class Cell:
    """A rating in a row of a listing, and what the name of its procedure means there."""

    entry: Entry
    line: Line
    meant: Meant


class UserRatings:
    """The statements of an import, and what two rows of one scenario contradict each other in."""

    def __init__(self, joined: Join, known: Index, origin: Origin, layout: str):
        self.known, self.origin = known, origin
        self.contradictions: list[str] = []
        self.ratings = self.inferred = 0
        self.procedures = GenericProcedures(known)
        self._notations = {
            cls: {
                known.value(m, SKOS + "notation", ""): m for m in known.subjects(RDF_TYPE, ia(cls))
            }
            for cls in ("AppropriatenessCategory", "RelativeRadiationLevel")
        }
        self._places = {
            plain_area(label): region
            for region in known.subjects(RDF_TYPE, ia("BodyRegion"))
            for label in known.objects(region, LABEL)
        }
        marks = layout == MARKS or any(
            line.category == DISAGREEMENT for entry in joined.entries for line in entry.lines
        )
        self.statements = [*self._table(marks), *self._entries(joined)]
        for scenario, entries in sorted(joined.by_scenario.items()):
            self.statements += self._scenario(scenario, entries)
        self.statements += self.procedures.statements

    def _table(self, marks: bool) -> Iterator[Statement]:
        """The statements about the table itself."""
        o = self.origin
        definition = "The table of ratings that a user of this graph imported."
        yield from individual(TABLE, "ImportedTable", "imported ratings", definition)
        yield TABLE, ia("fileName"), literal(o.file)
        yield TABLE, ia("fileDigest"), literal(o.digest)
        yield TABLE, DCTERMS + "issued", literal(o.edition)
        yield TABLE, ia("dateSeen"), literal(o.seen)
        yield TABLE, ia("recordsDisagreement"), boolean(marks)

    def _entries(self, joined: Join) -> Iterator[Statement]:
        """The statements about the rows of the listing."""
        for place, entry in enumerate(joined.entries, 1):
            iri = f"{TABLE}_{place}"
            definition = "A row of the listing that was imported."
            yield from individual(iri, "ListingEntry", f"listing entry {entry.place}", definition)
            yield iri, ia("ofImport"), TABLE
            yield iri, ia("topicListed"), literal(entry.topic)
            yield iri, ia("listingNumber"), literal(entry.number)
            yield iri, ia("bodyArea"), literal(entry.area)
            yield iri, ia("joinStatus"), literal(entry.status)
            for scenario in entry.scenarios:
                yield iri, ia("joinedTo"), scenario
            if not entry.is_whole:
                yield iri, ia("lacksRows"), boolean(True)

    def _scenario(self, scenario: str, entries: list[Entry]) -> Iterator[Statement]:
        """The ratings of a scenario: one for each procedure that its rows rate alike."""
        by_procedure: dict[str, list[Cell]] = {}
        for entry in entries:
            places = self._places_of(entry, scenario)
            for line in entry.lines:
                meant = self.procedures.of(line.cells["procedure"], places)
                by_procedure.setdefault(meant.procedure, []).append(Cell(entry, line, meant))
        is_whole = all(entry.is_whole for entry in entries)
        for procedure, cells in sorted(by_procedure.items()):
            if len({cell.line.category for cell in cells}) > 1:
                is_whole = False
                self.contradictions.append(self._contradiction(scenario, cells))
            else:
                yield from self._rating(scenario, procedure, cells)
        if not is_whole:
            yield scenario, ia("lacksRows"), boolean(True)

    def _places_of(self, entry: Entry, scenario: str) -> set[str]:
        """The regions that a row of a listing is about: its body area, else those of a scenario."""
        place = self._places.get(plain_area(entry.area))
        return {place} if place else set(self.known.objects(scenario, ia("aboutRegion")))

    def _contradiction(self, scenario: str, cells: list[Cell]) -> str:
        """The sentence about rows that rate one procedure of a scenario differently."""
        rated = sorted({f"{c.line.category} in {c.entry.place}" for c in cells})
        name = cells[0].line.cells["procedure"]
        return f"{self.known.value(scenario, LABEL)}: {name}: {'; '.join(rated)}. Not imported."

    def _rating(self, scenario: str, procedure: str, cells: list[Cell]) -> Iterator[Statement]:
        """The statements of a rating that all rows agree on."""
        rating = f"{scenario}_{procedure[len(IA) :]}"
        edition = self.known.value(scenario, ia("inEdition"), "")
        first = cells[0].line
        study = self.procedures.labels.get(procedure) or self.known.value(procedure, LABEL)
        label = f"{study} for {self.known.value(scenario, LABEL)}"
        definition = "The rating of this procedure for this scenario, as a user imported it."
        lines = ", ".join(str(cell.line.number) for cell in cells)
        yield from individual(rating, "Rating", label, definition)
        yield rating, ia("ofScenario"), scenario
        yield rating, ia("ofProcedureRated"), procedure
        yield rating, ia("inEdition"), edition
        yield rating, ia("ofImport"), TABLE
        category = self._notations["AppropriatenessCategory"][first.category]
        yield rating, ia("hasCategory"), category
        levels = self._notations["RelativeRadiationLevel"]
        for name, group in (("hasAdultRadiation", "adult"), ("hasPediatricRadiation", "pediatric")):
            stated = {getattr(cell.line, group) for cell in cells}
            yield rating, ia(name), levels[stated.pop() if len(stated) == 1 else VARIES]
        yield rating, ia("dateSeen"), literal(self.origin.seen)
        yield rating, ia("basis"), literal(f"imported from {self.origin.file}, line {lines}")
        for source in self.known.objects(edition, SOURCE):
            yield rating, SOURCE, source
        for name, values in (
            ("ratedRegion", {cell.meant.region for cell in cells}),
            ("ratedAs", {cell.meant.study for cell in cells}),
        ):
            if len(values) == 1 and (value := values.pop()):
                yield rating, ia(name), value
        self.ratings += 1
        if any(cell.line.cells.get("recovered") for cell in cells):
            self.inferred += 1
            yield rating, ia("isInferred"), boolean(True)


def plain_area(name: str) -> str:
    """The name of a body area for comparison: its words but for `and`."""
    return same(name).replace(" and ", " ")


def boolean(value: bool):
    """A truth value as a literal."""
    return literal("true" if value else "false", datatype=XSD + "boolean")


def write_ratings(ratings: UserRatings, folder: str = OWN) -> Path:
    """Writes the file of imported ratings, whole or not at all; returns its path.

    Raises InputError where a setting leaves imported ratings out.
    """
    place = resolved(folder)
    if place == NONE:
        fault = "imported ratings are left out by the setting"
        raise InputError("nextstudy import", fault, "Name a folder with --ratings.")
    path = Path(place) / FILE
    write(path, format_turtle(serialize(ratings.statements, WELL_KNOWN)))
    return path
