"""Mutation testing finds a gap and a needless line: what must fail does, what cannot does not."""

import sys
from dataclasses import replace

import pytest
from conftest import ROOT

sys.path.insert(0, str(ROOT / "benchmarks"))

import mutation  # noqa: E402
from mutants import mutants  # noqa: E402
from mutated_checks import Checks  # noqa: E402
from mutated_rules import Rules  # noqa: E402

from reasoner.graph import query_files as queries  # noqa: E402

TRIALS = 36  # the first are the cases in which it is written what rules conclude
RULE = ("rules", "flag-orders", "?membership ia:inClass ?class")
CHECK = ("checks", "rated-twice", "FILTER(?entity != ?value)")
NEEDLESS = "BIND (1 AS ?needless)"
EMPTY = "CONSTRUCT { ?a ?b ?c } WHERE { ?a ?b ?c . FILTER (false) }"


def judge(kind):
    """What judges the mutants of one file of a kind."""
    return Rules([RULE[1]], TRIALS) if kind == "rules" else Checks([CHECK[1]])


@pytest.mark.parametrize("kind, name, line", [RULE, CHECK])
def test_a_line_that_decides_is_killed_and_a_needless_one_survives(monkeypatch, kind, name, line):
    real = queries.named
    text = real(kind, name).text.replace("WHERE {", f"WHERE {{\n  {NEEDLESS}")
    longer = replace(real(kind, name), text=text)

    def named(*which):
        return longer if which == (kind, name) else real(*which)

    monkeypatch.setattr(queries, "named", named)
    monkeypatch.setitem(mutation.JUDGES, kind, judge(kind))
    some = {m.words: m for m in mutants(longer.text)}
    some = [some[f"without {words}"] for words in (line, NEEDLESS)]
    decides, decides_not = mutation.judged((kind, name, some))
    assert decides.failed and decides.runs
    assert not decides_not.failed and decides_not.runs
    assert mutation.share([decides, decides_not]) == 50
    said = mutation.report([decides, decides_not])
    assert f":{decides_not.mutant.line}` survived: `without {NEEDLESS}`" in said
    assert said.count("survived:") == 1


def test_a_rule_that_concludes_nothing_fails_cases_in_every_judgement():
    """What runs is the changed text, in answers and in proofs."""
    rules = Rules([], TRIALS)
    assert rules.unsound() == []
    for rule in rules.names:
        assert rules.failing(rule, EMPTY), f"no case needs {rule}"


def test_a_text_that_is_no_query_is_not_removable():
    mutation.JUDGES["checks"] = Checks([CHECK[1]])
    [one] = mutation.judged((*CHECK[:2], [replace(next(mutants(EMPTY)), text="SELECT {")]))
    assert not one.runs and "not removable" in mutation.report([one])
