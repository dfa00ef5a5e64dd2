"""Lists what a curator has to do after the stubs of a new scenario are written."""

import difflib
from pathlib import Path

from reasoner.curation.scenario.plan import Plan
from reasoner.graph.index import Index
from reasoner.names import RDF_TYPE, curie, ia


def tasks(
    plan: Plan,
    new: list[str],
    known: Index,
    folder: Path,
    record: Path,
    unmet: list[str],
    row: dict[str, str],
    cells: str,
) -> list[str]:
    """The tasks that are left to a curator, in order, a sentence each.

    `new` are the criteria that were added, `unmet` those that the record of the case does not meet
    yet, `row` is that of the scenario, and `cells` are the columns that its rating rows leave
    empty; none when it has no rating rows.
    """
    todo = [f"{curie(c)} is new{nearest(known, c)}." for c in new]
    todo.append("Write each cell that begins with FILL IN; `nextstudy build` lists those left.")
    if cells:
        todo.append(
            f"Fill in the rows of {curie(plan.name)} at the end of {folder / 'ratings.csv'} "
            f"({cells}), and compare the radiation levels with the guideline."
        )
    missing = "Add the ways out of the scenario to its cell `unless`."
    if row["unless"]:
        remedy = "Remove what does not hold, add what is missing."
        missing = f"Ways out in its cell `unless`: {row['unless']}. {remedy}"
    change = f": it does not meet {', '.join(map(curie, unmet))} yet" if unmet else ""
    return [
        *todo,
        missing,
        f"Make {record} the record of a patient in the scenario{change}.",
        "Run `nextstudy build && nextstudy fmt && nextstudy validate`, then `nextstudy diff HEAD "
        f"{folder.parent.parent}`.",
    ]


def nearest(known: Index, criterion: str) -> str:
    """The criterion of the graph with a name near a new one, in brackets; else nothing."""
    names = map(curie, known.subjects(RDF_TYPE, ia("Criterion")))
    near = difflib.get_close_matches(curie(criterion), names, 1, 0.8)
    return f" (the nearest there is: {near[0]})" if near else ""
