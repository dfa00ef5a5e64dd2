"""What is worse stands in the graph as a rank."""

import itertools

import pytest

from reasoner.graph.ranks import worst
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
