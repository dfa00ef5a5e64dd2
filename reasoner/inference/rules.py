"""What follows for a record: classification, then the rules one after another, each seeing what the earlier concluded."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from operator import itemgetter
from urllib.parse import quote

from reasoner.errors import ContradictionError
from reasoner.graph import query_files as queries
from reasoner.graph.index import Index
from reasoner.graph.knowledge import Knowledge
from reasoner.graph.store import Statement, Store, literal, quads, text
from reasoner.inference.record_rules import conclude_of_record
from reasoner.names import IA, RDF_TYPE, expand, ia

RULES = (
    "assess-criteria",
    "match-scenario",
    "state-assumptions",
    "propose-studies",
    "agree-on-studies",
    "find-conflicts",
    "set-aside-contraindicated",
    "flag-orders",
    "withhold-ratings",
    "leave-unrated",
    "judge-orders",
    "offer-studies",
    "offer-alternatives",
    "flag-pitfalls",
    "choose-next-step",
    "take-interim-step",
    "ask-what-is-missing",
)

ORDER = ia("hasOrder")
STUDIED = {ia("ofProcedure"), ia("ofOrderable")}


@dataclass(frozen=True)
class Membership:
    """A class that a presentation belongs to, and the individuals whose facts put it there."""

    presentation: str
    cls: str
    because: tuple[str, ...]


@dataclass(frozen=True)
class Classified:
    """The classes of each individual that have a role in rules or answers, the memberships of presentations, and all classes of each of them."""

    types: dict[str, list[str]]
    memberships: list[Membership]
    classes: dict[str, set[str]]


def derive(knowledge: Knowledge, record: list[Statement]) -> list[Statement]:
    """The conclusions about a record: entailed classes, memberships with their evidence, and what each rule adds for each presentation by itself.

    Raises ContradictionError when the record puts one thing into two classes that exclude each other.
    """
    found = classify(knowledge, record)
    types = [
        (individual, RDF_TYPE, cls)
        for individual, classes in found.types.items()
        for cls in classes
    ]
    made = types + list(stated(found.memberships))
    by_subject: dict[str, list[tuple[int, Statement]]] = defaultdict(list)
    for numbered in enumerate(record):
        by_subject[numbered[1][0]].append(numbered)
    members = defaultdict(list)
    for m in found.memberships:
        members[m.presentation].append(m)
    for presentation, classes in found.classes.items():
        said = about(presentation, by_subject)
        reached = {s for s, _, _ in said}.union(o for _, _, o in said if isinstance(o, str))
        mine = [s for s in types if s[0] in reached]
        made += conclude(knowledge, said, mine + list(stated(members[presentation])), classes)
    ordered = any(p == ORDER for _, p, _ in record)
    return made + (conclude_of_record(knowledge, made) if ordered else [])


def about(presentation: str, by_subject: dict[str, list[tuple[int, Statement]]]) -> list[Statement]:
    """What a record says of a presentation and of all that this leads to, in its order; not the
    orders of another one.
    """
    found, met, waiting = [], {presentation}, [presentation]
    while waiting:
        for number, statement in by_subject.get(node := waiting.pop(), ()):
            if statement[1] != ORDER or node == presentation:
                found.append((number, statement))
                if isinstance(o := statement[2], str) and o not in met:
                    met.add(o)
                    waiting.append(o)
    return [statement for _, statement in sorted(found, key=itemgetter(0))]


def classify(knowledge: Knowledge, record: list[Statement]) -> Classified:
    """The classes of the individuals of a record, by the definitions that bear on it. Raises ContradictionError when two of them exclude each other."""
    facts = [(s, p, o) for s, p, o in record if isinstance(o, str)]
    anchored = knowledge.anchoring.realize(facts).types.values()
    scope = knowledge.scope(
        frozenset(knowledge.subgraphs.anchors).intersection(
            cls for types in anchored for cls in types
        )
    )
    realization = scope.program.realize(facts)
    if realization.contradictions:
        raise ContradictionError(*realization.contradictions[0])
    presentation = ia("Presentation")
    types = {
        individual: sorted(scope.roles.intersection(found))
        for individual, found in realization.types.items()
    }
    presentations = [
        individual for individual, found in realization.types.items() if presentation in found
    ]
    memberships = [
        Membership(p, cls, tuple(realization.evidence(p, cls)))
        for p in presentations
        for cls in types[p]
    ]
    return Classified(types, memberships, {p: realization.classes(p) for p in presentations})


def stated(memberships: Iterable[Membership]) -> Iterator[Statement]:
    """The statements that memberships are told in."""
    for m in memberships:
        node = f"urn:nextstudy:membership:{quote(m.presentation, safe='')}:{m.cls[len(IA) :]}"
        yield node, RDF_TYPE, ia("Membership")
        yield node, ia("ofPresentation"), m.presentation
        yield node, ia("inClass"), m.cls
        yield from ((node, ia("because"), fact) for fact in m.because)


def conclude(
    knowledge: Knowledge,
    record: list[Statement],
    conclusions: list[Statement],
    classes: Collection[str],
    rules: tuple[str, ...] = RULES,
) -> list[Statement]:
    """What rules conclude, one after another, from a record and what is concluded already; `classes` are those of its presentations."""
    read = knowledge.subgraphs.reads(rules)
    reached = {(p, o) for _, p, o in conclusions}
    reached.update((p, "") for p in {p for _, p, _ in record})
    workbench: Store | None = None
    made: list[Statement] = []
    for rule in rules:
        if can_fire(knowledge, rule, reached):
            query = queries.named("rules", rule)
            if workbench is None:
                regions = {o for _, p, o in record if p == ia("hasSite") and isinstance(o, str)}
                studies = {o for _, p, o in record if p in STUDIED and isinstance(o, str)}
                workbench = Store(
                    *knowledge.subgraphs.of(classes, regions, studies, rules),
                    quads(s for s in record + conclusions if s[1] in read),
                )
            if status := query.header.get("rated"):
                scenarios = of_status(conclusions + made, literal(status))
                workbench.add_parts(knowledge.subgraphs.rated(scenarios, rules))
            concluded = workbench.conclude(query.text, read)
            reached.update((p, o) for _, p, o in concluded)
            made += concluded
    return made


def of_status(conclusions: list[Statement], status: object) -> set[str]:
    """The scenarios that presentations were concluded to match with a status."""
    matches = {s for s, p, o in conclusions if p == ia("status") and o == status}
    return {
        o
        for s, p, o in conclusions
        if p == ia("ofScenario") and s in matches and isinstance(o, str)
    }


def can_fire(knowledge: Knowledge, rule: str, reached: set) -> bool:
    """Whether all that a rule needs is there, and nothing that it does not go with.

    `needs` and `unless` of its header name properties that must, or must not, be stated, or
    concluded with one of some texts or with a declared member of a class.
    """
    needs, unless = conditions(rule)
    return all(is_reached(knowledge, wanted, reached) for wanted in needs) and not any(
        is_reached(knowledge, wanted, reached) for wanted in unless
    )


Wanted = tuple[str, str]  # a property, and one of: nothing, texts in quotes, a class


@cache
def conditions(rule: str) -> tuple[tuple[Wanted, ...], tuple[Wanted, ...]]:
    """What the header of a rule says that it needs, and what it does not go with."""
    header = queries.named("rules", rule).header
    parts = [
        [part.strip().partition(" ") for part in header.get(key, "").split(";") if part.strip()]
        for key in ("needs", "unless")
    ]
    needs, unless = (tuple([(expand(p), value) for p, _, value in found]) for found in parts)
    return needs, unless


def is_reached(knowledge: Knowledge, wanted: Wanted, reached: set) -> bool:
    """Whether a property that a header names is there, with one of its values if it names any."""
    predicate, value = wanted
    if value.startswith('"'):
        return any(
            (predicate, literal(text.strip().strip('"'))) in reached for text in value.split("|")
        )
    values = knowledge.members(value) if value else [""]
    return any((predicate, one) in reached for one in values)


def index(statements: list[Statement]) -> Index:
    """An index of statements for reading."""
    return Index((s, p, o if isinstance(o, str) else text(o)) for s, p, o in statements)
