"""The kind of an answer, and the exclusion that is named, follow from ranks of the graph."""

import pytest

from reasoner.graph.rule_files import all_rules
from reasoner.graph.store import Store, parse
from reasoner.inference.rules import index
from reasoner.names import RDF_TYPE, ia

RULES = {rule.name: rule.text for rule in all_rules()}
KINDS = ("OutcomeConclusion", "ExclusionConclusion")
PREFIXES = "@prefix ia: <https://w3id.org/imaging-appropriateness/ns/> . @prefix : <urn:test:> .\n"
CASE = ":in ia:inClass ia:Presentation ; ia:ofPresentation :p .\n"
STAGES = """
:early ia:outcome "next-step" ; ia:rank 1 .
:late ia:outcome "no-imaging" ; ia:rank 2 .
:Doubted ia:outcome "more-information" ; ia:rank 1 .
:Outside ia:outcome "no-criteria" ; ia:rank 2 .
:Unread ia:outcome "not-read" ; ia:rank 3 .
"""
MATCH = ':{0} a ia:ScenarioMatch ; ia:ofPresentation :p ; ia:status "{1}" .\n'
APPLIES, OPEN, OUT = (MATCH.format(s, s) for s in ("applies", "possible", "excluded"))
TO_LATE = MATCH.format("m1", "excluded") + ":m1 ia:leadsTo :late .\n"
TO_EARLY = MATCH.format("m2", "excluded") + ":m2 ia:leadsTo :early , :scenario .\n"
ELSEWHERE = MATCH.format("m3", "applies").replace(":p ", ":other ")
DOUBTED, OUTSIDE, UNREAD = (
    f":is{cls} ia:inClass :{cls} ; ia:ofPresentation :p .\n"
    for cls in ("Doubted", "Outside", "Unread")
)


def only(rule: str, turtle: str, *names: str) -> tuple:
    """The values of the one conclusion of a rule, by the local names of their properties."""
    concluded = index(Store(parse((PREFIXES + turtle).encode())[0]).construct(RULES[rule]))
    [node] = {s for kind in KINDS for s in concluded.subjects(RDF_TYPE, ia(kind))}
    return tuple(
        [[o.removeprefix("urn:test:") for o in concluded.objects(node, ia(name))] for name in names]
    )


@pytest.mark.parametrize(
    ("stated", "outcome", "stage", "premises"),
    [
        (APPLIES + OPEN + OUT, "recommendation", [], ["applies"]),
        (APPLIES + TO_LATE, "recommendation", ["late"], ["applies", "m1"]),
        (OPEN + TO_LATE, "no-imaging", ["late"], ["m1"]),
        (TO_LATE + TO_EARLY, "next-step", ["early"], ["m2"]),
        (OPEN + OUT + UNREAD, "more-information", [], ["possible"]),
        (OUT + UNREAD, "not-read", [], ["isUnread"]),
        (UNREAD + OUTSIDE, "no-criteria", [], ["isOutside", "isUnread"]),
        (UNREAD + DOUBTED, "more-information", [], ["isDoubted", "isUnread"]),
        (OUT, "no-criteria", [], ["excluded"]),
        (ELSEWHERE, "no-criteria", [], ["in"]),
        ("", "no-criteria", [], ["in"]),
    ],
)
def test_the_outcome_is_the_first_that_holds_and_rests_on_what_decides(
    stated, outcome, stage, premises
):
    known = CASE + STAGES + stated
    concluded = only("conclude-outcome", known, "outcome", "leadsTo", "because")
    assert concluded == ([outcome], stage, premises)


def test_the_stage_follows_the_ranks_and_not_the_names():
    swapped = STAGES.replace("rank 1", "rank 9")
    known = CASE + swapped + TO_LATE + TO_EARLY
    assert only("conclude-outcome", known, "outcome", "leadsTo") == (["no-imaging"], ["late"])


EXCLUDED = """
:m ia:ofPresentation :p ; ia:ofScenario :s ; ia:status "excluded" ; ia:excludedBy {} .
:e1 ia:ofScenario :s ; ia:excludes :A ; ia:precedence {} ; ia:leadsTo :y , :x .
:e2 ia:ofScenario :s ; ia:excludes :B ; ia:precedence 2 .
:e3 ia:ofScenario :t ; ia:excludes :C ; ia:precedence 1 ; ia:leadsTo :z .
"""


@pytest.mark.parametrize(
    ("held", "precedence", "named", "leads", "premises"),
    [
        (":A , :B", 1, "A", ["x"], ["e1", "m"]),
        (":A , :B", 3, "B", [], ["e2", "m"]),
        (":A , :B", 2, "A", ["x"], ["e1", "m"]),
        (":C , :D", 1, "C", [], ["m"]),
    ],
    ids=["first", "second", "alike", "unmet"],
)
def test_the_exclusion_that_comes_first_is_named_else_an_unmet_criterion(
    held, precedence, named, leads, premises
):
    known = EXCLUDED.format(held, precedence)
    concluded = only("explain-exclusion", known, "excludedBy", "leadsTo", "because")
    assert concluded == ([named], leads, premises)
