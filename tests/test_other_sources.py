"""Sources beside the deciding edition: what they say is shown beside it, and never decides."""

import json
import shutil

import pytest
from conftest import ROOT

from reasoner.answer import render
from reasoner.answer.render.text import as_text
from reasoner.api import Reasoner
from reasoner.curation.build import build
from reasoner.errors import TableError

RULE = """
ia:MadeUpRule1999 a ia:Edition , owl:NamedIndividual ;
    rdfs:label "Made-up mass rule"@en ;
    skos:definition "A rule made up for tests."@en ;
    dcterms:issued "1999" ;
    dcterms:source ia:OriginatingArticle ;
    ia:isCurrent true ;
    ia:ofTopic ia:SoftTissueMasses ;
    ia:usesScheme ia:DecisionRuleScheme .

ia:MadeUpRulePositive a ia:Scenario , owl:Class , owl:NamedIndividual ;
    rdfs:label "made-up mass rule positive"@en ;
    skos:definition "A presentation with a deep mass."@en ;
    dcterms:identifier "positive" ;
    dcterms:source ia:OriginatingArticle ;
    ia:inEdition ia:MadeUpRule1999 ;
    ia:inPhase ia:InitialImagingPhase ;
    owl:equivalentClass [ a owl:Class ;
        owl:intersectionOf ( ia:DeepOrDifficultMass ia:SoftTissueMassPresentation ) ] ;
    rdfs:subClassOf ia:Presentation .

ia:MadeUpRulePositive_unless_PregnancyPresent a ia:Exclusion , owl:NamedIndividual ;
    rdfs:label "made-up mass rule: pregnant"@en ;
    skos:definition "The exclusion of pregnant patients from the made-up rule."@en ;
    dcterms:source ia:OriginatingArticle ;
    ia:excludes ia:PregnancyPresent ;
    ia:ofScenario ia:MadeUpRulePositive ;
    ia:precedence 1 .
"""
ROW = "ia:MadeUpRule1999,ia:MadeUpRulePositive,ia:Radiography,{category},made up,2026-11-30,test\n"
TABLE = "edition,scenario,procedure,category,strength,date_seen,basis\n"
FILE = "topics/soft-tissue-masses/recommendations.csv"
PREFIXES = """@prefix ia: <https://w3id.org/imaging-appropriateness/ns/> .
@prefix : <urn:case:> .
"""
PATIENT = (
    PREFIXES
    + """
:p a ia:Patient {state}.
:m a ia:Presentation ; ia:hasPatient :p ; ia:hasFinding :f .
:f a ia:SoftTissueMass ; ia:hasSite ia:Thigh {depth}.
"""
)
DEEP = "; ia:hasDepth ia:DeepToFascia "


@pytest.fixture(scope="module")
def ontology(tmp_path_factory):
    """The ontology with a made-up decision rule beside the edition that decides."""
    folder = tmp_path_factory.mktemp("other") / "ontology"
    shutil.copytree(ROOT / "ontology", folder)
    topic = folder / "sources.ttl"
    topic.write_text(topic.read_text() + RULE)
    table = folder / FILE
    table.write_text(TABLE + ROW.format(category="indicated-by-rule"))
    build(folder)
    return folder


@pytest.fixture(scope="module")
def reasoner(ontology):
    return Reasoner(ontology)


def patient(depth: str = "", state: str = "") -> bytes:
    """A patient graph with a mass of the thigh."""
    return PATIENT.format(depth=depth, state=state).encode()


def beside(reasoner, data: bytes) -> dict:
    """What the made-up rule says of the mass."""
    (presentation,) = reasoner.ask(data)["presentations"]
    (source,) = [s for s in presentation["otherSources"] if s["edition"] == "ia:MadeUpRule1999"]
    return source


def test_a_rule_that_applies_says_it_in_its_own_words(reasoner):
    source = beside(reasoner, patient(DEEP))
    (statement,) = source["statements"]
    assert (source["status"], source["missing"], source["excludedBy"]) == ("applies", [], [])
    assert statement["category"]["label"] == "indicated by this rule"
    assert statement["procedure"]["label"] == "Radiography femur"


def test_a_rule_names_the_fact_that_it_lacks(reasoner):
    source = beside(reasoner, patient())
    assert source["status"] == "possible" and source["statements"] == []
    assert [m["id"] for m in source["missing"]] == ["ia:DeepOrDifficultMass"]


def test_a_rule_says_why_it_cannot_be_used(reasoner):
    source = beside(reasoner, patient(DEEP, "; ia:hasCondition [ a ia:Pregnancy ] "))
    assert source["status"] == "excluded" and source["statements"] == source["missing"] == []
    assert [c["id"] for c in source["excludedBy"]] == ["ia:PregnancyPresent"]


def test_a_rule_beside_changes_nothing_else(reasoner):
    """The answer without it, but for what it says itself."""
    plain = Reasoner(ROOT / "ontology")
    for data in (patient(), patient(DEEP)):
        with_rule, without = (r.ask(data)["presentations"][0] for r in (reasoner, plain))
        apart = {"otherSources"}
        assert with_rule["otherSources"] != without["otherSources"]
        assert {k: v for k, v in with_rule.items() if k not in apart} == {
            k: v for k, v in without.items() if k not in apart
        }


def test_what_a_rule_says_is_shown_and_proved(reasoner):
    reply = reasoner.reply(patient(DEEP))
    assert "Made-up mass rule: Radiography femur indicated by this rule" in as_text(reply, False)
    (proof,) = reply.proofs
    steps = {step["id"]: step for step in proof.steps}
    (said,) = [s for s in proof.steps if s["kind"] == "source" and "Made-up" in s["text"]]
    assert said["text"].endswith("indicated by this rule")
    assert any(
        steps[n]["text"] == "scenario applies: made-up mass rule positive" for n in said["because"]
    )
    named = proof.named(reply.answer["presentations"][0])
    assert any(s.get("step") == said["id"] for s in named["otherSources"])


def test_a_category_of_another_scheme_is_refused(ontology, tmp_path):
    copy = tmp_path / "ontology"
    shutil.copytree(ontology, copy)
    table = copy / FILE
    table.write_text(TABLE + ROW.format(category="usually-appropriate"))
    with pytest.raises(TableError, match="indicated-by-rule"):
        build(copy)


def test_cached_and_direct_answers_are_equal(reasoner):
    for data in (patient(), patient(DEEP), patient(DEEP, "; ia:hasCondition [ a ia:Pregnancy ] ")):
        reply = reasoner.reply(data)
        direct = reasoner.memory.direct(reply.record)
        assert json.dumps(direct) == json.dumps(reply.answer)


def test_every_form_of_an_answer_shows_it(reasoner):
    reply = reasoner.reply(patient(DEEP))
    for form in ("text", "markdown", "json"):
        assert "indicated by this rule" in render.FORMATS[form](reply, False)
