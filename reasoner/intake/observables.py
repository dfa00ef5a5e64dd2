"""Reads the table of observables: in which units a quantity counts, whose it is, from which date it
follows, and for how long a value counts.
"""

from dataclasses import dataclass, field
from pathlib import Path

from reasoner.errors import TableError
from reasoner.graph.knowledge import Knowledge
from reasoner.graph.memoize import memoized
from reasoner.graph.terminology import table
from reasoner.intake.placeholders import bands
from reasoner.names import expand, ia

HOLDERS = ("patient", "presentation", "finding")
FOLLOWS = ("", "birth", "onset")


@dataclass
class Observable:
    """How a kind of quantity is read: units with their factors to the unit of the graph, whose it
    is, the date that it follows from, for how many months a value counts, and its name in notes.
    """

    iri: str
    holder: str
    follows: str
    months: int
    name: str
    units: dict[str, float] = field(default_factory=dict)


@memoized
def observables(knowledge: Knowledge) -> dict[str, Observable]:
    """The observables of the table, by IRI. Raises TableError for a cell that cannot be read."""
    path = knowledge.ontology / "tables" / "observables.csv"
    rows: dict[str, Observable] = {}
    for line, cells in enumerate(table(path, ",") if path.exists() else (), 1):
        iri = expand(cells["observable"])
        checked(knowledge, path, line, cells)
        months = int(cells["months"] or 0)
        known = rows.setdefault(
            iri, Observable(iri, cells["holder"], cells["follows"], months, cells["name"])
        )
        known.units[cells["unit"]] = float(cells["factor"])
    return rows


def checked(knowledge: Knowledge, path: Path, line: int, cells: dict[str, str]) -> None:
    """Raises TableError for the first cell of a row that cannot be read."""
    numbers = cells["factor"].replace(".", "", 1).isdigit() and float(cells["factor"]) > 0
    faults = {
        "observable": expand(cells["observable"]) not in knowledge.members("ia:Observable"),
        "unit": not cells["unit"],
        "factor": not numbers,
        "holder": cells["holder"] not in HOLDERS,
        "follows": cells["follows"] not in FOLLOWS,
        "months": bool(cells["months"]) and not cells["months"].isdigit(),
        "name": not cells["name"],
    }
    hints = {
        "observable": "Name a member of ia:Observable.",
        "unit": "Write a UCUM code such as mm.",
        "factor": "Write by how much a value is multiplied to be in the unit of the observable.",
        "holder": "Write patient, presentation or finding.",
        "follows": "Write birth, onset or nothing.",
        "months": "Write a whole number of months, or nothing.",
        "name": "Write what a note calls it.",
    }
    for column, is_wrong in faults.items():
        if is_wrong:
            raise TableError(str(path), line, column, cells[column], hints[column])


@memoized
def of_observations(knowledge: Knowledge) -> dict[str, Observable]:
    """The observables of the table that Observations give, but for those that safety reads."""
    guarded = knowledge.facts.having(ia("whenUnreadable"))
    return {iri: o for iri, o in observables(knowledge).items() if iri not in guarded}


@memoized
def following(knowledge: Knowledge, date: str) -> list[Observable]:
    """The observables that follow from a kind of date and that some band is of."""
    rows = observables(knowledge).values()
    return [o for o in rows if o.follows == date and bands(knowledge, o.iri)]


@memoized
def age(knowledge: Knowledge) -> str:
    """The observable that follows from the date of birth."""
    return next(o.iri for o in observables(knowledge).values() if o.follows == "birth")
