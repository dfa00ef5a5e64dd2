"""Class expressions of `nextstudy new --define`, grown over their words: statements, or an error
with its remedy; never a crash.
"""

import pytest
from counted import with_examples
from hypothesis import given, settings
from hypothesis import strategies as st

from reasoner.curation.definitions import manchester
from reasoner.curation.definitions.manchester import DEEPEST, MOST, definition
from reasoner.errors import InputError
from reasoner.graph.store import serialize
from reasoner.graph.turtle.format import WELL_KNOWN, format_turtle
from reasoner.names import OWL, RDF_TYPE, RDFS, ia

CLASS = ia("DeepOrDifficultMass")
WORDS = st.sampled_from(
    [
        "Presentation",
        "Study",
        "ia:SoftTissueMass",
        "hasStudy",
        "hasFinding",
        "hasResult",
        "some",
        "value",
        "and",
        "or",
        "not",
        "AND",
        "Some",
        "(",
        ")",
        "((",
        "))",
        "Thigh",
        "hasSite",
        "NewClass",
        "Presentatoin",
        ":",
        "ia:",
        "a:b",
        "<http://x/a>",
        'http://x/"a',
        "\0",
        "\ufeff",
        "é",
        "\ud800",
        "{",
        "}",
        ",",
        "\n",
        "\t",
        "(Presentation",
        "Study)",
        "hasStudy some Study",
        "hasSite value Thigh",
        "Presentation and",
    ]
)
REPEATED = st.builds(
    lambda word, times, joint: joint.join([word] * times),
    WORDS,
    st.sampled_from([2, 40, 2000]),
    st.sampled_from([" ", ""]),
)
TEXTS = st.builds(
    lambda parts, joint: joint.join(parts),
    st.lists(st.one_of(WORDS, WORDS, WORDS, REPEATED), max_size=14),
    st.sampled_from([" ", " ", " ", ""]),
)
LARGE = {
    "brackets": "(" * 20_000 + "Study" + ")" * 20_000,
    "brackets that do not close": "(" * 20_000,
    "restrictions": "hasStudy some " * 20_000 + "Study",
    "brackets and restrictions": "(hasStudy some " * 400 + "Study" + ")" * 400,
    "a long intersection": "Study and " * 20_000 + "Study",
    "a long name": "S" * 100_000,
}


def read(known, text: str) -> list | None:
    """The statements of an expression; none when it is refused, with a short place and a remedy."""
    try:
        return definition(CLASS, text, known, {ia("NewClass")}, "b")
    except InputError as error:
        assert error.place and error.message and error.hint
        assert len(error.place) < 2 * manchester.SHOWN and len(error.message) < 3 * manchester.SHOWN
        return None


@with_examples(LARGE.values())
@given(TEXTS)
@settings(max_examples=250)
def test_an_expression_is_read_or_refused(reasoner, text):
    statements = read(reasoner.knowledge.facts, text)
    if statements:
        assert statements[0][0] == CLASS and statements[0][1] in (
            OWL + "equivalentClass",
            RDFS + "subClassOf",
        )
        blanks = [s for s, p, _ in statements if p == RDF_TYPE]
        assert len(blanks) == len(set(blanks)) <= MOST
        assert format_turtle(serialize(statements, WELL_KNOWN))


@pytest.mark.parametrize("name", LARGE)
def test_a_large_expression_is_refused(reasoner, name):
    assert read(reasoner.knowledge.facts, LARGE[name]) is None


def nested(depth: int) -> str:
    """An expression with so many others in each other."""
    return "hasStudy some (" * (depth // 2) + "Study" + ")" * (depth // 2)


def test_what_is_just_within_the_bounds_is_read(reasoner):
    assert read(reasoner.knowledge.facts, nested(DEEPEST)) and not read(
        reasoner.knowledge.facts, nested(DEEPEST + 2)
    )
    joined = " and ".join(["Study"] * (MOST // 2))
    assert read(reasoner.knowledge.facts, joined) and not read(
        reasoner.knowledge.facts, joined + " and Study"
    )


def test_without_the_bounds_an_expression_overflows(reasoner, monkeypatch):
    """The broken twin: what is refused by depth would end in a RecursionError."""
    monkeypatch.setattr(manchester, "DEEPEST", 10**9)
    monkeypatch.setattr(manchester, "MOST", 10**9)
    with pytest.raises(RecursionError):
        read(reasoner.knowledge.facts, LARGE["restrictions"])
