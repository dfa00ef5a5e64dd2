"""The header of a rule says what its query does, or the rule is refused with its name."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reasoner.errors import ConfigurationError
from reasoner.graph.query_files import HEADER, Query
from reasoner.graph.rule_files import all_rules, in_order, rule
from reasoner.names import ia

SOUND = """#+ summary: Something is concluded.
#+ why: A test needs it.
#+ reads: ia:hasOrder
#+ concludes: ia:Alert
PREFIX ia: <https://w3id.org/imaging-appropriateness/ns/>
CONSTRUCT { ?alert a ia:Alert ; ia:ofPresentation ?p }
WHERE { ?p ia:hasOrder ?order . BIND (IRI(CONCAT("urn:x:", STR(?p))) AS ?alert) }
"""


def made(text):
    """The rule in a text."""
    return rule(Query("made", text, {m[1]: m[2] for m in HEADER.finditer(text)}))


def test_a_sound_header_is_accepted():
    assert made(SOUND).reads >= {ia("hasOrder")} and made(SOUND).concludes == {ia("Alert")}


@pytest.mark.parametrize(
    "old, new, said",
    [
        ("#+ why: A test needs it.\n", "", "no line #+ why:"),
        ("#+ reads: ia:hasOrder\n", "", "no line #+ reads:"),
        ("#+ reads: ia:hasOrder", "#+ reads: ia:hasStudy ia:hasOrder", "names ia:hasStudy"),
        ("#+ reads: ia:hasOrder", "#+ reads: ia:hasStudy", "its query names ia:hasOrder"),
        ("#+ concludes: ia:Alert", "#+ concludes: ia:Assumption", "its query names ia:Alert"),
        ("?p ia:hasOrder ?order", "?p ia:hasOrder ?order . ?order ?any ?thing", "a variable"),
        ("?p ia:hasOrder ?order", "?p ia:hasOrder ?order ; ?any ?thing", "a variable"),
        ("#+ concludes:", "#+ about: topic\n#+ concludes:", "#+ about: topic"),
        ("#+ concludes:", "#+ need: ia:hasOrder\n#+ concludes:", "#+ need: is no line"),
        ("#+ concludes:", "#+ about: record\n#+ concludes:", "shows no ia:Alert"),
        ("?order .", "?order , ?other . FILTER (?order != ?other)", "compares ?order"),
        ("?order .", "?order . FILTER (?order IN (ia:Mild))", "compares ?order"),
        ("?order .", "?order . FILTER (ia:Mild = ?order)", "compares ?order"),
        ("WHERE {", "WHERE { { SELECT (COUNT(DISTINCT ?order) AS ?n) {} }", "counts or"),
    ],
)
def test_a_header_that_its_query_contradicts_is_refused(old, new, said):
    assert old in SOUND
    with pytest.raises(ConfigurationError, match="queries/rules/made.rq") as caught:
        made(SOUND.replace(old, new))
    assert said in str(caught.value)


def test_a_rule_about_a_record_has_no_conditions():
    [decide] = [one for one in all_rules() if one.scope == "record"]
    header = f"#+ about: record\n#+ needs: ia:hasOrder\n{decide.text}"
    with pytest.raises(ConfigurationError, match="goes with a presentation"):
        made(header.replace("#+ about: record\n", "", 1))


def test_a_rule_after_one_that_does_not_exist_is_refused():
    lost = replace(made(SOUND), after=frozenset({"match-scenarios"}))
    with pytest.raises(ConfigurationError, match="match-scenarios is no rule"):
        in_order([*all_rules(), lost])


def test_rules_that_wait_for_each_other_are_refused():
    one, other = made(SOUND), replace(made(SOUND), name="other", after=frozenset({"made"}))
    with pytest.raises(ConfigurationError, match="goes round"):
        in_order([replace(one, after=frozenset({"other"})), other])


def test_a_rule_that_may_run_before_what_it_looks_for_is_refused():
    text = SOUND.replace("?p ia:hasOrder", "?m a ia:ScenarioMatch . ?p ia:hasOrder")
    early = made(text)
    with pytest.raises(ConfigurationError, match="match-scenario concludes"):
        in_order([*all_rules(), early])
    late = replace(early, after=frozenset({"match-scenario"}))
    assert in_order([*all_rules(), late])


@given(order=st.permutations(all_rules()))
@settings(max_examples=30, deadline=None)
def test_the_order_of_files_does_not_matter(order):
    assert in_order(order) == all_rules()


def test_every_rule_stands_after_those_it_names():
    names = [one.name for one in all_rules()]
    for one in all_rules():
        assert {name for name in one.after if names.index(name) > names.index(one.name)} == set()
