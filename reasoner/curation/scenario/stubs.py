"""The stubs of a new scenario as rows of the tables of its topic; the rest is to fill in."""

import re

from reasoner.curation.definitions import criteria, scenarios
from reasoner.curation.scenario.plan import Plan
from reasoner.curation.tables.ratings import RATINGS
from reasoner.curation.tables.rows import NOT_RATED
from reasoner.graph.index import Index
from reasoner.graph.placeholders import MARK
from reasoner.names import IA, RDF_TYPE, curie, ia

ACRONYMS = {"MRI", "MRA", "CT", "CTA", "PET", "FDG", "IV", "US"}
QUESTION = f"{MARK}: What to ask a person who knows the patient, as one question?"
Cells = dict[str, str]


def words(name: str) -> str:
    """The words of an UpperCamel name, acronyms as such: `MRI inconclusive`."""
    return " ".join(
        word.upper() if word.upper() in ACRONYMS else word.lower()
        for word in re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name).split()
    )


def criterion_row(iri: str, plan: Plan) -> Cells:
    """The row of a new criterion, with what the command line says of it."""
    name = iri[len(IA) :]
    given = {
        "criterion": name,
        "role": "criterion",
        "label": words(name),
        "definition": f"{MARK}: A presentation with ... Say what sets it apart.",
        "met_when": plan.defined.get(iri)
        or f"{MARK}: what a record says of it, such as Signs(JointEffusion)",
        "refuted_when": plan.refuted.get(iri, ""),
        "question": QUESTION,
    }
    return dict.fromkeys(criteria.COLUMNS, "") | given


def scenario_row(plan: Plan, known: Index) -> Cells:
    """The row of the scenario, with the phase and the ways out of the one that it resembles."""
    phases = known.objects(plan.like, ia("inPhase")) if plan.like else []
    given = {
        "scenario": plan.name[len(IA) :],
        "edition": plan.edition[len(IA) :],
        "variant": f"{MARK}: its number in the edition",
        "phase": " ".join(p[len(IA) :] for p in phases)
        or f"{MARK}: InitialImagingPhase or NextStudyPhase",
        "label": plan.label,
        "definition": f"{MARK}: A presentation with ... Say what sets it apart from the others.",
        "criteria": " ".join(c[len(IA) :] for c in plan.criteria),
        "unless": " ".join(
            f"{cls[len(IA) :]}:{precedence}:{'+'.join(place[len(IA) :] for place in leads)}"
            for cls, leads, precedence in ways_out(plan, known)
        ),
    }
    return dict.fromkeys(scenarios.COLUMNS, "") | given


def ways_out(plan: Plan, known: Index) -> list[tuple[str, tuple[str, ...], str]]:
    """The exclusions to begin with: what excludes, where it leads, and its precedence.

    They are those of the scenario that it resembles; without one, those that all scenarios of its
    edition share.
    """

    def of(scenario: str) -> set:
        return {
            (
                known.value(e, ia("excludes")),
                tuple(known.objects(e, ia("leadsTo"))),
                known.value(e, ia("precedence"), "9"),
            )
            for e in known.subjects(ia("ofScenario"), scenario)
            if known.value(e, ia("excludes"))
        }

    others = [
        s
        for s in known.subjects(ia("inEdition"), plan.edition)
        if known.holds(s, RDF_TYPE, ia("Scenario"))
    ]
    models = [plan.like] if plan.like else others
    shared = set.intersection(*map(of, models)) if models else set()
    return sorted(
        (way for way in shared if way[0] not in plan.criteria),
        key=lambda way: (int(way[2]), way[0]),
    )


def rating_rows(plan: Plan, table: list[Cells], seen: str, basis: str) -> list[Cells]:
    """The rating rows of the scenario, one for each procedure that its edition rates.

    The category is left empty; radiation is that of all other rows if they agree.
    """
    edition, like = curie(plan.edition), curie(plan.like) if plan.like else None
    mine = [row for row in table if row["edition"] == edition]
    ordered = sorted(
        mine + [row for row in table if row["scenario"] == like],
        key=lambda row: row["scenario"] != like,
    )
    new = []
    for procedure in dict.fromkeys(
        row["procedure"] for row in ordered if row["category"] != NOT_RATED
    ):
        rated = [
            row for row in ordered if row["procedure"] == procedure and row["category"] != NOT_RATED
        ]
        levels = {(row["adult_radiation"], row["pediatric_radiation"]) for row in rated}
        adult, child = levels.pop() if len(levels) == 1 else ("", "")
        new.append(
            dict.fromkeys(RATINGS, "")
            | {
                "scenario": curie(plan.name),
                "scenario_label": plan.label,
                "procedure": procedure,
                "procedure_label": rated[0]["procedure_label"],
                "adult_radiation": adult,
                "pediatric_radiation": child,
                "edition": edition,
                "date_seen": seen,
                "basis": basis,
            }
        )
    return new
