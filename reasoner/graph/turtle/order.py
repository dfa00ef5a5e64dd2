"""Sorts the parts of OWL axioms that have no order in the way of Protégé's writer (OWLAPI), so that
saving in Protégé changes nothing.

Three things mean the same in any order: the members of an intersection, union or enumeration; the
two sides of a symmetric statement between terms; and whether a cell of an RDF list also has the
type rdf:List.
"""

import re
from typing import Any

from pyoxigraph import BlankNode, Literal, NamedNode

from reasoner.names import OWL, RDF_TYPE

RDF = RDF_TYPE.removesuffix("type")
TYPE, FIRST, REST, NIL, LIST = (
    NamedNode(RDF + name) for name in ("type", "first", "rest", "nil", "List")
)
ON_PROPERTY = NamedNode(OWL + "onProperty")
UNORDERED = [NamedNode(OWL + name) for name in ("intersectionOf", "unionOf", "oneOf")]
FILLERS = [NamedNode(OWL + name) for name in ("someValuesFrom", "allValuesFrom", "hasValue")]
SYMMETRIC = [NamedNode(OWL + name) for name in ("disjointWith", "propertyDisjointWith")]
# between them intersections, unions and enumerations, then restrictions by FILLERS
NAMED, LITERAL, OTHER = 0, 8, 9
Facts = dict[NamedNode | BlankNode, dict[NamedNode, list[Any]]]


def settle(facts: Facts) -> Facts:
    """The same statements as OWLAPI arranges them.

    What it sorts is sorted, and symmetric statements have the lesser term as subject.
    """
    arranged: dict[Any, Any] = {}
    for subject, statements in facts.items():
        redundant = (
            TYPE
            if isinstance(subject, BlankNode)
            and set(statements) == {TYPE, FIRST, REST}
            and statements[TYPE] == [LIST]
            else None
        )
        for predicate, things in statements.items():
            for thing in things if predicate != redundant else ():
                low, high = sides(subject, thing) if predicate in SYMMETRIC else (subject, thing)
                arranged.setdefault(low, {}).setdefault(predicate, {})[high] = None
    settled = {
        subject: {p: list(things) for p, things in statements.items()}
        for subject, statements in arranged.items()
    }
    for statements in list(settled.values()):
        for predicate in UNORDERED:
            for head in statements.get(predicate, ()):
                sort_members(settled, head)
    return settled


def sides(subject: Any, thing: Any) -> tuple[Any, Any]:
    """The two sides of a symmetric statement, the lesser term first."""
    named = isinstance(subject, NamedNode) and isinstance(thing, NamedNode)
    return (thing, subject) if named and key({}, thing) < key({}, subject) else (subject, thing)


def sort_members(facts: Facts, head: Any) -> None:
    """Puts the members of a well-formed list in order, cell by cell."""
    things = members(facts, head)
    for thing in sorted(things or (), key=lambda thing: key(facts, thing)):
        facts[head] = {**facts[head], FIRST: [thing]}
        head = facts[head][REST][0]


def members(facts: Facts, node: Any) -> list[Any] | None:
    """The members of the RDF list that begins at a node; None when there is no well-formed one."""
    items = []
    while node != NIL:
        cell = facts.get(node, {}) if isinstance(node, BlankNode) else {}
        if set(cell) != {FIRST, REST} or any(len(things) > 1 for things in cell.values()):
            return None
        items += cell[FIRST]
        node = cell[REST][0]
    return items


def key(facts: Facts, node: Any) -> tuple[Any, ...]:
    """The sort key of a class expression or individual among its siblings, as in OWLAPI.

    Terms by namespace and name; then intersections, unions and enumerations by their members; then
    restrictions (some, only, value) by property and filler; then anything else, by its statements.
    """
    if isinstance(node, NamedNode):
        local = re.search(r"[^/#]*$", node.value)[0]  # type: ignore[index]
        return NAMED, node.value.removesuffix(local), local
    if isinstance(node, Literal):
        return LITERAL, str(node)
    statements = facts.get(node, {})
    for kind, predicate in enumerate(UNORDERED, NAMED + 1):
        if (
            len(statements.get(predicate, ())) == 1
            and (inner := members(facts, statements[predicate][0])) is not None
        ):
            return kind, sorted(key(facts, thing) for thing in inner)
    for kind, predicate in enumerate(FILLERS, NAMED + 1 + len(UNORDERED)):
        if len(statements.get(predicate, ())) == len(statements.get(ON_PROPERTY, ())) == 1:
            return (
                kind,
                key(facts, statements[ON_PROPERTY][0]),
                key(facts, statements[predicate][0]),
            )
    return OTHER, sorted(
        (predicate.value, sorted(key(facts, thing) for thing in things))
        for predicate, things in statements.items()
    )
