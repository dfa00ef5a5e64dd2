"""The tables of topics: as many scenarios as the listing has, keys that join, cases for each."""

import csv
import json
from collections import Counter
from pathlib import Path

import pytest
from conftest import ROOT

from reasoner.graph.knowledge import Knowledge
from reasoner.names import LABEL, ia

TOPICS = ROOT / "ontology" / "topics"
CASES = ROOT / "tests" / "cases"
LISTING = ROOT.parent / "shared" / "catalogue" / "variants-2023.csv"
FOLDERS = sorted(
    path.parent.name
    for path in TOPICS.glob("*/scenarios.csv")
    if not (path.parent / "ratings.csv").is_file()
)


def rows(folder: str) -> list[dict[str, str]]:
    """The scenarios of a topic."""
    with (TOPICS / folder / "scenarios.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def repeated(scenarios: list[dict[str, str]]) -> list[tuple[str, str]]:
    """The editions and keys that stand at more than one scenario, or at none."""
    counts = Counter((row["edition"], row["key"]) for row in scenarios)
    return sorted(pair for pair, number in counts.items() if number > 1 or not pair[1])


def missing(expectations: list[dict]) -> list[str]:
    """Which of the three kinds of case, by what they expect, a topic lacks."""
    shown = [p for want in expectations for p in want["presentations"].values()]
    kinds = {
        "applies": any(p.get("applies") for p in shown),
        "one fact short": any(p.get("possible") and p.get("asks") for p in shown),
        "refuted": any(p.get("excluded") and not p.get("applies") for p in shown),
    }
    return sorted(kind for kind, there in kinds.items() if not there)


def listed(graph: Knowledge, scenarios: list[dict[str, str]], path: Path) -> tuple[int, int]:
    """How many scenarios of the listed publisher a topic has, and how many the listing has."""
    editions = Counter(row["edition"] for row in scenarios if row["variant"].isdigit())
    (edition,) = editions
    topic = graph.facts.value(ia(edition), ia("ofTopic"))
    title = graph.facts.value(topic, LABEL)
    with path.open(encoding="utf-8", newline="") as file:
        return editions[edition], sum(row["topic"] == title for row in csv.DictReader(file))


def test_there_are_topics_whose_ratings_are_imported():
    assert {"acute-trauma-knee", "osteonecrosis"} <= set(FOLDERS)


@pytest.mark.parametrize("folder", FOLDERS)
def test_each_key_joins_one_scenario_of_an_edition(folder):
    assert repeated(rows(folder)) == []


def test_a_key_that_stands_twice_or_not_at_all_is_named():
    twice = {"edition": "Edition", "key": "a"}
    assert repeated([twice, twice, {"edition": "Edition", "key": ""}]) == [
        ("Edition", ""),
        ("Edition", "a"),
    ]


@pytest.mark.parametrize("folder", FOLDERS)
def test_each_topic_has_cases_of_three_kinds(folder):
    paths = sorted((CASES / folder).glob("*.expected.json"))
    assert len(paths) >= 4
    assert missing([json.loads(path.read_text()) for path in paths]) == []


def test_a_topic_without_a_refuted_case_is_named():
    want = {"presentations": {"p": {"applies": ["ia:S"], "possible": ["ia:T"], "asks": ["ia:C"]}}}
    assert missing([want]) == ["refuted"]


@pytest.mark.skipif(not LISTING.is_file(), reason="the listing is not part of the project")
@pytest.mark.parametrize("folder", FOLDERS)
def test_each_topic_has_as_many_scenarios_as_the_listing(folder, reasoner):
    ours, theirs = listed(reasoner.knowledge, rows(folder), LISTING)
    assert ours == theirs > 0


@pytest.mark.skipif(not LISTING.is_file(), reason="the listing is not part of the project")
def test_a_scenario_left_out_is_missed(reasoner):
    ours, theirs = listed(reasoner.knowledge, rows("osteonecrosis")[1:], LISTING)
    assert ours == theirs - 1
