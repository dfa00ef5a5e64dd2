"""What follows for a record: classification, then the rules one after another, each seeing what the earlier concluded."""

from collections.abc import Iterator
from urllib.parse import quote

from reasoner import queries
from reasoner.errors import ContradictionError
from reasoner.facts import Facts
from reasoner.knowledge import Knowledge
from reasoner.names import IA, RDF_TYPE, expand, ia
from reasoner.realize import Realization
from reasoner.store import Statement, Store, quads, text

RULES = ("assess-criteria", "match-scenario", "state-assumptions", "propose-studies", "find-conflicts",
         "set-aside-contraindicated", "flag-pitfalls", "choose-next-step", "ask-what-is-missing")


def derive(knowledge: Knowledge, record: list[Statement]) -> list[Statement]:
    """The conclusions about a record: entailed classes, memberships with their evidence, and what each rule adds.

    Raises ContradictionError when the record puts one thing into two classes that exclude each other.
    """
    facts = [(s, p, o) for s, p, o in record if isinstance(o, str)]
    anchors = inhabited(knowledge.anchoring.realize(facts)).intersection(knowledge.slices.anchors)
    scope = knowledge.scope(frozenset(anchors))
    realization = scope.program.realize(facts)
    if realization.contradictions:
        raise ContradictionError(*realization.contradictions[0])
    conclusions = list(memberships(realization, scope.roles))
    classes = inhabited(realization)
    regions = {o for _, p, o in record if p == ia("hasSite")}
    read = knowledge.slices.read
    workbench = Store(*knowledge.slices.of(classes, regions), quads(s for s in record + conclusions if s[1] in read))
    reached = {(p, o) for _, p, o in conclusions}
    for rule in RULES:
        query = queries.named("rules", rule)
        if can_fire(knowledge, query, reached):
            concluded = workbench.conclude(query.text, read)
            reached.update((p, o) for _, p, o in concluded)
            conclusions += concluded
    return conclusions


def can_fire(knowledge: Knowledge, query: queries.Query, reached: set[tuple[str, str]]) -> bool:
    """Whether what a rule needs has been concluded: its header names a property, and a class that has a value of it as declared member."""
    if "needs" not in query.header:
        return True
    predicate, cls = query.header["needs"].split()
    return any((expand(predicate), member) in reached for member in knowledge.members(cls))


def inhabited(realization: Realization) -> set[str]:
    """The classes that have a member."""
    return {cls for types in realization.types.values() for cls in types}


def memberships(realization: Realization, roles: set[str]) -> Iterator[Statement]:
    """The entailed classes that have a role in rules or answers; for presentations each with the facts behind it."""
    presentation = ia("Presentation")
    for individual, types in realization.types.items():
        mine = roles.intersection(types)
        yield from ((individual, RDF_TYPE, cls) for cls in mine)
        if presentation in types:
            name = f"urn:nextstudy:membership:{quote(individual, safe='')}:"
            for cls in mine:
                node = name + cls[len(IA):]
                yield node, RDF_TYPE, ia("Membership")
                yield node, ia("ofPresentation"), individual
                yield node, ia("inClass"), cls
                yield from ((node, ia("because"), fact) for fact in realization.evidence(individual, cls))


def index(statements: list[Statement]) -> Facts:
    """An index of statements for reading."""
    return Facts((s, p, o if isinstance(o, str) else text(o)) for s, p, o in statements)
