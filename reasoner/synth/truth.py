"""The expected answer to a synthetic person: a row for each presentation and order of it."""

import csv
import io
from functools import cache
from typing import NamedTuple

from reasoner.graph.terminology import table
from reasoner.names import home
from reasoner.synth.archetypes import FORBIDDEN, MORE, NOT_READ, RECOMMENDATION, UNCLEAR

EDITION = "ia:SoftTissueMasses2022"
CATEGORIES = (
    "usually-appropriate",
    "may-be-appropriate",
    "may-be-appropriate-disagreement",
    "usually-not-appropriate",
)
RATED, SET_ASIDE, NO_CRITERIA, MISSING, NOT_JUDGED = VERDICTS = (
    "rated",
    "set-aside",
    "no-criteria",
    "information-missing",
    "not-judged",
)
MRI = (
    "ia:Mri",
    "ia:MriWithoutAndWithIvContrast",
    "ia:MriWithoutIvContrast",
    "ia:MriWithIvContrast",
)
UNSTATED = ("ia:Mri", "ia:Ct", "ia:Biopsy")  # how contrast or guidance is used is not stated


class Row(NamedTuple):
    """One line of truth.csv.

    A presentation without an order has an empty order; an order that belongs to no presentation has
    an empty presentation and the outcome "none"; a patient without either has one row with both
    empty. `scenario` holds the scenarios that apply, with a space between two.
    """

    patient: str
    archetype: str
    presentation: str = ""
    outcome: str = "none"
    scenario: str = ""
    order: str = ""
    procedure: str = ""
    verdict: str = ""
    category: str = ""
    defect: str = ""


@cache
def ratings() -> dict[tuple[str, str], str]:
    """The categories of the current edition by scenario and procedure, from the rating table."""
    rows = table(home() / "ontology" / "topics" / "soft-tissue-masses" / "ratings.csv", ",")
    return {
        (r["scenario"], r["procedure"]): r["category"]
        for r in rows
        if r["edition"] == EDITION and r["category"] in CATEGORIES
    }


@cache
def judge(outcome: str, scenarios: tuple[str, ...], procedure: str, mri: str) -> tuple[str, str]:
    """The verdict on an order for a mass and the category of its procedure.

    Of two scenarios the less favorable counts. MRI is set aside when it is contraindicated,
    whatever the outcome, and gets no rating while it is unclear whether it is. Where the outcome is
    no recommendation, nothing rates the order.
    """
    if not procedure:
        return NOT_JUDGED, ""
    applying = scenarios if outcome == RECOMMENDATION else ()
    rated = [c for s in applying if (c := ratings().get((s, procedure)))]
    category = max(rated, key=CATEGORIES.index, default="")
    if mri == FORBIDDEN and procedure in MRI:
        return SET_ASIDE, category
    withheld = mri == UNCLEAR and procedure in MRI and outcome != NO_CRITERIA
    if withheld or outcome in (MORE, NOT_READ):
        return MISSING, ""
    if outcome != RECOMMENDATION:
        return NO_CRITERIA, ""
    if category:
        return RATED, category
    return (MISSING if procedure in UNSTATED else NO_CRITERIA), ""


def csv_lines(rows) -> bytes:
    """Rows as lines of CSV."""
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(rows)
    return out.getvalue().encode()
