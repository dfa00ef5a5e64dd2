"""The files of a new topic: what they hold, and that it answers once its words are written."""

import csv

import pytest
from one_topic import of_masses

from reasoner.__main__ import main
from reasoner.api import Reasoner
from reasoner.curation.build import build
from reasoner.curation.freshness import unbuilt
from reasoner.curation.scenario.new import scenario
from reasoner.curation.scenario.new_topic import NewTopic, new_topic
from reasoner.errors import InputError, UnfilledError
from reasoner.graph.placeholders import unfilled
from reasoner.graph.store import catalog
from reasoner.graph.turtle.format import format_file, turtle_files

GIVEN = NewTopic("Papercuts", "Paper cuts", "2026", "PaperSource2026", "SoftTissueMass", "Thigh")
STATED = """
@prefix ia: <https://w3id.org/imaging-appropriateness/ns/> .
<urn:p> a ia:Patient .
<urn:c> a ia:Presentation ; ia:hasPatient <urn:p> ; ia:hasFinding <urn:f> .
<urn:f> a ia:SoftTissueMass ; ia:hasSite ia:Thigh ; ia:withinRegion ia:Thigh .
"""


@pytest.fixture
def ontology(tmp_path):
    """A copy of the ontology folder."""
    return of_masses(tmp_path / "ontology")


def written(ontology):
    """Fills in every text of the topic that is left."""
    words = {"A, B or C": "none", "InitialImagingPhase or": "InitialImagingPhase"}
    for path in (ontology / "topics" / "papercuts").iterdir():
        lines = path.read_text().split("FILL IN: ")
        tails = []
        for tail in lines[1:]:
            known = next((word for part, word in words.items() if tail.startswith(part)), "Words")
            end = min(tail.find(mark) % len(tail) for mark in ('"', ",") if mark in tail)
            tails.append(known + tail[end:])
        path.write_text("".join([lines[0], *tails]))


def test_a_new_topic_is_formatted_listed_and_to_be_filled_in(ontology):
    before = set(catalog(ontology))
    files, left = new_topic(ontology, GIVEN)
    assert {path.name for path in files} == {
        "topic.ttl",
        "criteria.csv",
        "scenarios.csv",
        "generated.ttl",
        "appropriateness.ttl",
        "catalog-v001.xml",
    }
    assert len(set(catalog(ontology)) - before) == 2
    assert not any(format_file(path, check=True) for path in turtle_files([ontology]))
    with pytest.raises(UnfilledError):
        build(ontology)
    assert {path.name for path, *_ in unfilled(ontology)} == {"topic.ttl", "criteria.csv"}
    assert any("nextstudy new scenario" in text for text in left)


def test_a_filled_topic_answers(ontology, tmp_path):
    new_topic(ontology, GIVEN)
    written(ontology)
    cases = tmp_path / "cases"
    arguments = ("papercuts", "Papercuts2026", ["PapercutsPresentation"], "paper cut, first look")
    scenario(ontology, "PapercutFirst", *arguments, cases=cases)
    written(ontology)
    build(ontology)
    assert list(unbuilt(ontology)) == []
    reasoner = Reasoner(ontology)
    (shown,) = reasoner.ask(STATED.encode())["presentations"]
    applying = [s["id"] for s in shown["scenarios"] if s["status"] == "applies"]
    assert "ia:PapercutFirst" in applying


def test_the_anchor_is_the_finding_in_its_region(ontology):
    new_topic(ontology, GIVEN)
    with (ontology / "topics" / "papercuts" / "criteria.csv").open(newline="") as file:
        (row,) = csv.DictReader(file)
    assert row["met_when"] == "Finds(SoftTissueMass, Thigh)"
    assert row["label"] == "soft tissue mass of the thigh present"


def test_the_command_says_what_is_left(ontology, capsys):
    words = ["new", "topic", "Papercuts", "--label", "Paper cuts", "--edition", "2026"]
    place = ["--ontology", str(ontology)]
    assert main([*words, *place]) == 2
    assert "--finding: a new topic needs it" in capsys.readouterr().err
    more = ["--finding", "SoftTissueMass", "--source", "OriginatingArticle", *place]
    assert main([*words, *more]) == 0
    assert "Left to do:" in capsys.readouterr().out
    assert main([*words, *more]) == 2
    assert "ia:Papercuts is there already" in capsys.readouterr().err


REFUSED = {
    "a bad name": ({"name": "paper cuts"}, "UpperCamel"),
    "a name that is taken": ({"name": "SoftTissueMasses"}, "is there already"),
    "no label": ({"label": " "}, "the label is empty"),
    "no year": ({"year": "soon"}, "this is no year"),
    "no such finding": ({"finding": "SoftTisueMass"}, "The nearest is SoftTissueMass"),
    "no such region": ({"region": "Thig"}, "The nearest is Thigh"),
    "no such panel": ({"panel": "Panel"}, "The nearest is MusculoskeletalPanel"),
}


@pytest.mark.parametrize("fault", REFUSED)
def test_what_does_not_fit_is_refused_and_nothing_is_written(ontology, fault):
    changes, words = REFUSED[fault]
    before = {path: path.read_bytes() for path in ontology.rglob("*") if path.is_file()}
    with pytest.raises(InputError) as caught:
        new_topic(ontology, NewTopic(**{**vars(GIVEN), **changes}))
    assert words in str(caught.value)
    assert {path: path.read_bytes() for path in ontology.rglob("*") if path.is_file()} == before
