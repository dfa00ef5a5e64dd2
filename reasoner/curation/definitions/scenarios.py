"""The scenarios of a topic, `scenarios.csv`: each row becomes a defined class with exclusions."""

import re
from collections.abc import Iterator
from pathlib import Path

from reasoner.curation.definitions.criteria import BELOW, CLASS, NAMED, told
from reasoner.curation.definitions.lexicon import Lexicon
from reasoner.curation.definitions.manchester import listed
from reasoner.curation.definitions.provenance import Terms
from reasoner.curation.tables.rows import Row, rows
from reasoner.errors import InputError
from reasoner.graph.store import Statement, literal
from reasoner.names import DCTERMS, IA, LABEL, OWL, RDF_TYPE, SKOS, SOURCE, XSD, curie, ia

COLUMNS = (
    "scenario edition variant key phase label definition criteria unless regions source note"
).split()
NOWHERE = "exclusion-leads-nowhere"  # the check that a written empty destination switches off
WHY_NOWHERE = "No scenario of the edition is about such a presentation."
WAY = "Write CLASS:PRECEDENCE:DESTINATION, such as ImagedBefore:4:KneeAfterRadiograph."


class Scenario:
    """A row of scenarios, its cells as far as they can be read without other rows."""

    def __init__(self, row: Row, table: str):
        self.row, self.table, self.cells = row, table, row.cells
        hint = "Write an UpperCamel name without prefix, such as KneeTraumaWithSign."
        self.iri = ia(row.matching("scenario", r"[A-Z][A-Za-z0-9]*", hint))

    def declarations(self) -> Iterator[Statement]:
        """What other rows may refer to."""
        for cls in (CLASS, NAMED, ia("Scenario")):
            yield self.iri, RDF_TYPE, cls
        yield self.iri, BELOW, ia("Presentation")
        yield self.iri, LABEL, literal(self.cells["label"], "en")
        yield self.iri, ia("inEdition"), ia(self.cells["edition"])

    def criteria(self) -> list[str]:
        """The IRIs of its criteria, in the order of the cell."""
        return [ia(name.removeprefix("ia:")) for name in self.cells["criteria"].split()]


def read_scenarios(path: Path, table: str, lexicon: Lexicon) -> list[Scenario]:
    """The rows of a table of scenarios. Raises TableError for a bad cell."""
    return [Scenario(row, table) for row in rows(path, COLUMNS, lexicon.known)]


def statements(
    scenario: Scenario, all_scenarios: dict[str, Scenario], lexicon: Lexicon
) -> Iterator[Statement]:
    """The statements of a row. Raises TableError for a bad cell."""
    row, cells, iri = scenario.row, scenario.cells, scenario.iri
    other = all_scenarios[iri]
    if other is not scenario:
        hint = f"{other.row.path}:{other.row.line} declares it already."
        raise row.fail("scenario", hint)
    if lexicon.edited.value(iri, OWL + "equivalentClass"):
        raise row.fail("scenario", "A document edited by hand defines it already.")
    with told(row, "edition"):
        edition = lexicon.member(cells["edition"], "Edition")
    for column in ("label", "definition"):
        row.matching(column, "(?s).+", "Write it in words of your own.")
    criteria = checked_criteria(scenario, all_scenarios, lexicon)
    sources = lexicon.known.objects(edition, SOURCE)
    if cells["source"]:
        with told(row, "source"):
            sources = [lexicon.member(name, "Source") for name in cells["source"].split()]
    terms = Terms(lexicon, scenario.table, iri[len(IA) :])
    types = (CLASS, ia("Scenario"))
    yield from terms.individual(iri, types, cells["label"], cells["definition"])
    yield from terms.sources(iri, sources)
    yield iri, ia("inEdition"), edition
    yield from described(scenario, lexicon)
    yield from broader(scenario, all_scenarios)
    members = criteria if len(criteria) > 1 else [*criteria, ia("Presentation")]
    stem = f"_:{iri[len(IA) :]}"
    yield iri, OWL + "equivalentClass", stem
    yield stem, RDF_TYPE, CLASS
    yield stem, OWL + "intersectionOf", f"{stem}list0"
    yield from listed(f"{stem}list", members)
    for way in cells["unless"].split():
        yield from exclusion(scenario, way, lexicon, sources)


def checked_criteria(
    scenario: Scenario, all_scenarios: dict[str, Scenario], lexicon: Lexicon
) -> list[str]:
    """The criteria of a scenario. Raises TableError for one that does not fit."""
    row, known = scenario.row, lexicon.known
    criteria = scenario.criteria()
    with told(row, "criteria"):
        for name in row.cells["criteria"].split():
            lexicon.below(name, "Presentation")
    starting = (ia("Anchor"), ia("Scenario"))
    if not any(known.holds(c, RDF_TYPE, kind) for c in criteria for kind in starting):
        anchors = ", ".join(curie(a)[3:] for a in known.subjects(RDF_TYPE, ia("Anchor")))
        hint = f"No criterion is an anchor, so it would never be considered. Anchors: {anchors}."
        raise row.fail("criteria", hint)
    for other in all_scenarios.values():
        if other is scenario:  # of two with the same criteria, the later one is refused
            break
        same = set(other.criteria()) == set(criteria)
        if same and other.cells["edition"] == row.cells["edition"]:
            hint = f"{curie(other.iri)} has the same criteria in this edition."
            raise row.fail("criteria", f"{hint} Add the one that sets this one apart.")
    return list(dict.fromkeys(criteria))


def described(scenario: Scenario, lexicon: Lexicon) -> Iterator[Statement]:
    """The number, key, phase, regions and note of a scenario."""
    row, cells, iri = scenario.row, scenario.cells, scenario.iri
    if variant := cells["variant"]:
        number = f"variant {variant}" if re.fullmatch("[0-9]+", variant) else variant
        yield iri, DCTERMS + "identifier", literal(number)
    if cells["key"]:
        yield iri, ia("joinKey"), literal(cells["key"])
    with told(row, "phase"):
        if cells["phase"]:
            yield iri, ia("inPhase"), lexicon.member(cells["phase"], "ImagingPhase")
    with told(row, "regions"):
        for name in cells["regions"].split():
            yield iri, ia("aboutRegion"), lexicon.member(name, "BodyRegion")
    if cells["note"]:
        yield iri, SKOS + "editorialNote", literal(cells["note"], "en")


def broader(scenario: Scenario, all_scenarios: dict[str, Scenario]) -> Iterator[Statement]:
    """The scenarios of the edition that this one is a case of: those with fewer of its criteria.

    Only the nearest are stated; without one it is below ia:Presentation.
    """
    mine, edition = set(scenario.criteria()), scenario.cells["edition"]
    wider = {
        other.iri: set(other.criteria())
        for other in all_scenarios.values()
        if other.cells["edition"] == edition and set(other.criteria()) < mine
    }
    nearest = [s for s, c in wider.items() if not any(c < d for d in wider.values())]
    for iri in nearest or [ia("Presentation")]:
        yield scenario.iri, BELOW, iri


def exclusion(
    scenario: Scenario, way: str, lexicon: Lexicon, sources: list[str]
) -> Iterator[Statement]:
    """The exclusion that a part of the cell `unless` stands for.

    Its parts are the class, the precedence, and where they are not empty the destinations and the
    sources, each joined by `+`; a destination that is written and empty, as in `Imaged:1:`, says
    that there is none. Raises TableError for another one.
    """
    row, parts = scenario.row, way.split(":")
    with told(row, "unless"):
        if len(parts) not in (2, 3, 4) or not re.fullmatch("[0-9]+", parts[1]):
            raise InputError(way, "this is no exclusion", WAY)
        cls = lexicon.below(parts[0], "Presentation")
        leads, named = ([n for n in part.split("+") if n] for part in [*parts[2:], "", ""][:2])
        places = [lexicon.member(name, "Scenario", "CareStage") for name in leads]
        sources = [lexicon.member(name, "Source") for name in named] or sources
    iri = f"{scenario.iri}_unless_{cls[len(IA) :]}"
    label, why = row.cells["label"], lexicon.label(cls)
    what = f"The exclusion of presentations with {why} from the scenario {label}."
    terms = Terms(lexicon, scenario.table, scenario.iri[len(IA) :])
    yield from terms.individual(iri, [ia("Exclusion")], f"{label}: {why}", what)
    yield from terms.sources(iri, sources)
    yield iri, ia("ofScenario"), scenario.iri
    yield iri, ia("excludes"), cls
    yield iri, ia("precedence"), literal(parts[1], datatype=XSD + "integer")
    for place in places:
        yield iri, ia("leadsTo"), place
    if not places and len(parts) == 3:
        yield iri, ia("exemptFrom"), literal(NOWHERE)
        yield iri, SKOS + "editorialNote", literal(WHY_NOWHERE, "en")
