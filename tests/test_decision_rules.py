"""The decision rules of the injury topics say in their own words what they ask for."""

from datetime import date

import pytest

TODAY = date(2026, 11, 30)
PREFIXES = """@prefix ia: <https://w3id.org/imaging-appropriateness/ns/> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
@prefix : <urn:case:> .
"""
INJURY = """
:p a ia:Patient ; ia:birthDate "{born}"^^xsd:date {patient}.
:m a ia:Presentation ; ia:hasPatient :p ; ia:hasFinding :f ; ia:onsetOn "2026-11-29"^^xsd:date
    {facts} .
:f a ia:AcuteInjury ; ia:hasSite ia:{site} .
"""
DENIALS = {
    "Knee": "PatellarTenderness FibularHeadTenderness UnableToFlexKnee90 UnableToBearWeight",
    "Ankle": "MalleolarTenderness UnableToBearWeight",
    "Foot": "NavicularTenderness FifthMetatarsalBaseTenderness UnableToBearWeight",
}
USABLE = "; ia:lacksCondition [ a ia:Denial ; ia:denies ia:PeripheralNeuropathy ] "
PAIN = "; ia:hasSign [ a ia:LimbPain ; ia:hasSite ia:Midfoot ] "
FALL = "; ia:hasMechanism [ a ia:Fall ] "
UNABLE = "; ia:hasSign [ a ia:UnableToBearWeight ] "


def denied(site: str) -> str:
    """That each sign of the rule of a site was looked for and not there."""
    return "".join(
        f"; ia:lacksSign [ a ia:Denial ; ia:denies ia:{sign} ] " for sign in DENIALS[site].split()
    )


def said(reasoner, edition: str, site: str, facts: str, born="1990-01-01", patient="") -> dict:
    """What a rule says of an injury."""
    graph = PREFIXES + INJURY.format(born=born, patient=patient, facts=facts, site=site)
    (presentation,) = reasoner.ask(graph.encode(), TODAY)["presentations"]
    (source,) = [s for s in presentation["otherSources"] if s["edition"] == f"ia:{edition}"]
    return source


def words(source: dict) -> list[str]:
    """The categories in which a source speaks."""
    return [s["category"]["label"] for s in source["statements"]]


@pytest.mark.parametrize(
    ("edition", "site", "facts"),
    [
        ("OttawaKneeRule1995", "Knee", "; ia:hasSign [ a ia:FibularHeadTenderness ] "),
        ("OttawaKneeRule1995", "Knee", UNABLE),
        ("PittsburghKneeRule1994", "Knee", FALL + UNABLE),
    ],
)
def test_a_rule_that_is_met_asks_for_a_radiograph(reasoner, edition, site, facts):
    source = said(reasoner, edition, site, facts)
    assert (source["status"], words(source)) == ("applies", ["indicated by this rule"])
    (statement,) = source["statements"]
    assert statement["generic"] == "ia:Radiography"
    assert site.lower() in statement["procedure"]["label"]


def test_the_age_alone_meets_the_ottawa_knee_rule(reasoner):
    assert words(said(reasoner, "OttawaKneeRule1995", "Knee", "", born="1971-11-30")) == [
        "indicated by this rule"
    ]
    younger = said(reasoner, "OttawaKneeRule1995", "Knee", "", born="1971-12-01")
    assert younger["status"] == "possible" and younger["missing"]


def test_a_knee_rule_is_not_relied_on_when_it_is_negative(reasoner):
    """The exclusions of its study were not read in a source."""
    source = said(reasoner, "OttawaKneeRule1995", "Knee", denied("Knee"), patient=USABLE)
    assert words(source) in ([], ["not stated by this rule"])
    assert "not indicated by this rule" not in words(source)


def test_a_rule_names_what_it_lacks(reasoner):
    source = said(reasoner, "OttawaKneeRule1995", "Knee", "")
    assert source["status"] == "possible" and source["statements"] == []
    assert all(m["question"] for m in source["missing"])


def test_a_rule_is_not_usable_in_pregnancy(reasoner):
    pregnant = "; ia:hasCondition [ a ia:Pregnancy ] "
    source = said(reasoner, "OttawaKneeRule1995", "Knee", UNABLE, patient=pregnant)
    assert source["status"] == "excluded" and words(source) == []
    assert [c["id"] for c in source["excludedBy"]] == ["ia:PatientPregnant"]
