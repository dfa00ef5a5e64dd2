"""Lists what a curator has to do after the stubs of a new scenario are written."""

import difflib
from pathlib import Path

from reasoner.curation.scenario.plan import Plan
from reasoner.graph.index import Index
from reasoner.graph.store import Statement
from reasoner.names import LABEL, RDF_TYPE, RDFS, curie, ia


def tasks(
    plan: Plan,
    known: Index,
    table: Path,
    record: Path,
    unmet: list[str],
    statements: list[Statement],
    cells: str,
) -> list[str]:
    """The tasks that are left to a curator, in order, a sentence each.

    `unmet` are criteria that the record of the case does not meet yet, `cells` the columns that
    its rating rows leave empty.
    """
    new = [c for c in plan.criteria if not known.value(c, LABEL)]
    todo = [f"{curie(c)} is new{nearest(known, c)}." for c in new]
    below = {s for s, p, _ in statements if p == RDFS + "subClassOf"}
    if classes := sorted(below - {plan.name, *plan.defined}):
        names = ", ".join(map(curie, classes))
        todo.append(f"Define {names}: what puts a presentation into each (Equivalent To).")
    ways = [curie(o) for _, p, o in statements if p == ia("excludes")]
    missing = "Add the ways out of the scenario as individuals of ia:Exclusion."
    if ways:
        remedy = "Remove what does not hold, add what is missing."
        missing = f"Exclusions made: {', '.join(ways)}. {remedy}"
    change = f": it does not meet {', '.join(map(curie, unmet))} yet" if unmet else ""
    return [
        *todo,
        "Write each text that begins with FILL IN; `nextstudy build` lists those that are left.",
        f"Fill in the rows of {curie(plan.name)} at the end of {table} ({cells}), and compare the "
        "radiation levels with the guideline.",
        missing,
        f"Make {record} the record of a patient in the scenario{change}.",
        "Run `nextstudy build && nextstudy fmt && nextstudy validate`, then `nextstudy diff HEAD "
        f"{table.parent.parent}`.",
    ]


def nearest(known: Index, criterion: str) -> str:
    """The criterion of the graph with a name near a new one, in brackets; else nothing."""
    names = map(curie, known.subjects(RDF_TYPE, ia("Criterion")))
    near = difflib.get_close_matches(curie(criterion), names, 1, 0.8)
    return f" (the nearest there is: {near[0]})" if near else ""
