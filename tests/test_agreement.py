"""What every scenario still possible says alike: it holds whichever of them turns out to apply."""

import csv
import json
from dataclasses import replace

import pytest
from conftest import CASES, ROOT

from reasoner.intake import read
from reasoner.names import expand, ia

LUMP = ROOT / "tests/cases/soft-tissue-masses/should-ask-for-depth-when-only-a-lump-is-coded.json"
TABLE = ROOT / "ontology" / "topics" / "soft-tissue-masses" / "ratings.csv"


def presentations(replies):
    """Every presentation of every case."""
    return [p for name in CASES for p in replies[name].answer["presentations"]]


def rated():
    """The category of each pair of scenario and procedure, from the table itself."""
    with TABLE.open(encoding="utf-8", newline="") as file:
        return {(r["scenario"], r["procedure"]): r["category"] for r in csv.DictReader(file)}


def test_agreed_studies_are_said_only_where_information_is_missing(replies):
    found = presentations(replies)
    assert all(p["outcome"] == "more-information" for p in found if p["agreed"])
    assert any(p["agreed"] for p in found), "some case has them"


def test_each_scenario_of_an_agreement_gives_the_category_that_the_table_gives(replies):
    table, seen = rated(), 0
    for p in presentations(replies):
        possible = {s["id"] for s in p["scenarios"] if s["status"] == "possible"}
        for row in p["agreed"]:
            assert set(row["scenarios"]) <= possible and len(row["scenarios"]) > 1
            said = {table[scenario, row["generic"]] for scenario in row["scenarios"]}
            assert said == {row["category"]}
            seen += 1
    assert seen


@pytest.mark.parametrize(
    "scenario, fact",
    [
        ("ia:SuperficialMassInitialImaging", "ia:SuperficialDepth"),
        ("ia:DeepMassInitialImaging", "ia:DeepToFascia"),
    ],
)
def test_what_is_agreed_on_holds_in_whichever_scenario_applies(reasoner, scenario, fact):
    """The answer before the depth is known, beside the answer after."""
    lump = json.loads(LUMP.read_text())
    before = reasoner.ask(lump)["presentations"][0]["agreed"]
    record = read(reasoner.knowledge, lump, None)
    finding = next(o for _, p, o in record.statements if p == ia("hasFinding"))
    stated = [*record.statements, (finding, ia("hasDepth"), expand(fact))]
    after = reasoner.memory.answer(replace(record, statements=stated))
    [shown] = after["presentations"]
    assert [s["id"] for s in shown["scenarios"] if s["status"] == "applies"] == [scenario]
    now = {r["generic"]: r["category"] for r in shown["recommendations"]}
    assert before and {r["generic"]: r["category"] for r in before}.items() <= now.items()
