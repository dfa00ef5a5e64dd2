"""How narrow the finding of a scenario is: of two topics the narrower comes first in an answer."""

from collections import defaultdict
from functools import reduce

from reasoner.graph.knowledge import Knowledge
from reasoner.graph.memoize import memoized
from reasoner.graph.realization import Atom
from reasoner.names import RDF_TYPE, ia


@memoized
def width(knowledge: Knowledge, scenario: str) -> tuple[bool, int]:
    """A sort key by which the scenario of the narrower finding comes first.

    A symptom is wider than any other finding. Otherwise that anchor is narrower that asks for facts
    of more classes, those above the ones that are named included.
    """
    facts = knowledge.facts
    anchors = [
        required(knowledge, criterion)
        for criterion in facts.objects(scenario, ia("hasCriterion"))
        if facts.holds(criterion, RDF_TYPE, ia("Anchor"))
    ]
    return min(((ia("Symptom") in a, -len(a)) for a in anchors), default=(True, 0))


@memoized
def required(
    knowledge: Knowledge, cls: str, defining: frozenset[str] = frozenset()
) -> frozenset[str]:
    """The classes and values that the facts of every member of a class have, those above included.

    Of a class that is met in several ways, those of the way that asks for least. `defining` are the
    classes that this one defines, so that a circle ends.
    """
    rules = rules_of(knowledge).get(cls, []) if cls not in defining else []
    if not rules:
        return frozenset(knowledge.definitions.superclasses(cls) or {cls})
    ways = [
        reduce(
            frozenset.union,
            (
                frozenset({o}) if is_value else required(knowledge, o, defining | {cls})
                for _, o, is_value in atoms
            ),
        )
        for atoms in rules
    ]
    return min(ways, key=lambda way: (len(way), sorted(way)))


@memoized
def rules_of(knowledge: Knowledge) -> dict[str, list[list[Atom]]]:
    """The ways in which each defined class is met: the atoms of its definition, or of a class below
    it that exists only as one of its ways.
    """
    axioms, ways = knowledge.definitions.axioms, defaultdict[str, list[list[Atom]]](list)
    for rule in axioms.rules:
        ways[rule.head].append(rule.atoms)
    for below, above in axioms.implied.items():
        for cls, is_asserted in above:
            if is_asserted and below in ways and cls != ia("Presentation"):
                ways[cls].append([(None, below, False)])
    return ways
