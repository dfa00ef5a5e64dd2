"""What is worse stands in the graph as a rank."""

import itertools
import json
from math import inf
from types import SimpleNamespace

import bundles as b
import pytest

from reasoner.graph.index import Index
from reasoner.graph.ranks import rank, worst
from reasoner.intake import read
from reasoner.names import ia


@pytest.mark.parametrize(
    ("cls", "names"),
    [
        ("ia:MrLabel", ("MrUnsafe", "MrNotLabeled", "MrConditional", "MrSafe")),
        ("ia:Severity", ("Severe", "Moderate", "Mild")),
    ],
)
def test_the_worst_of_labels_and_severities(reasoner, cls, names):
    for one, other in itertools.combinations(names, 2):
        assert worst(reasoner.knowledge, cls, [ia(other), ia(one)]) == ia(one)
    assert worst(reasoner.knowledge, cls, [ia("MrLabelNotRecorded"), ia("Thigh")]) is None


def test_a_class_is_as_bad_as_the_worst_above_it(reasoner):
    knowledge = reasoner.knowledge
    assert rank(knowledge, ia("SuspiciousResult")) < rank(knowledge, ia("NormalResult")) < inf
    assert rank(knowledge, ia("Thigh")) == inf
    facts = Index([("low", ia("worryRank"), "3"), ("high", ia("worryRank"), "2")])
    above = SimpleNamespace(superclasses={"low": {"low", "high"}, "high": {"high"}}.__getitem__)
    made = SimpleNamespace(memo={}, facts=facts, definitions=above)
    assert (rank(made, "low"), rank(made, "high")) == (2, 2)


@pytest.mark.parametrize(
    ("severities", "criticality", "grade"),
    [
        (["mild", "severe", "moderate"], None, "Severe"),
        (["mild", "moderate"], "low", "Moderate"),
        (["mild"], "high", "Severe"),
        ([], "high", "Severe"),
        (["high", {}, 3], "severe", "SeverityNotRecorded"),
    ],
)
def test_an_allergy_is_as_severe_as_the_worst_that_it_says(
    reasoner, severities, criticality, grade
):
    allergy = b.allergy("a", "ia:AllergyToGadoliniumContrast")
    allergy |= {"reaction": [{"severity": s} for s in severities]}
    allergy |= {"criticality": criticality} if criticality else {}
    made = json.dumps(b.bundle(*b.inconclusive(), allergy)).encode()
    stated = read(reasoner.knowledge, made).statements
    assert [o for _, p, o in stated if p == ia("hasSeverity")] == [ia(grade)]
