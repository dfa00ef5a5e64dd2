"""What follows for a record: its classes, then the conclusions of each rule for each presentation.

This is the one calculation: answers are assembled from these conclusions, and proofs walk them.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable
from functools import partial
from operator import itemgetter

from reasoner.graph.index import Index
from reasoner.graph.knowledge import Knowledge
from reasoner.graph.rule_files import Condition, Rule, all_rules
from reasoner.graph.store import Statement, Store, quads, text
from reasoner.graph.subgraphs import Part, Subgraphs
from reasoner.inference.classification import (
    Membership,
    by_presentation,
    classify,
    membership_as_statements,
)
from reasoner.inference.like_orders import ORDER, one_of_each, stated_of_all
from reasoner.inference.record_rules import conclude_of_record
from reasoner.names import RDF_TYPE, ia

STUDIED = (ia("ofProcedure"), ia("ofOrderable"))
IN_CLASS = ia("inClass")
ByProperty = dict[str, list[Statement]]
BySubject = dict[str, list[tuple[int, Statement]]]
NOTHING: ByProperty = {}
Run = Callable[[Rule, tuple[Part, ...], frozenset[Statement]], list[Statement]]


def derive(knowledge: Knowledge, record: list[Statement]) -> list[Statement]:
    """The conclusions about a record: classes, memberships with their evidence, and what each rule
    adds for each presentation by itself, or for the record.

    Raises ContradictionError when the record puts one thing into two classes that exclude each
    other.
    """
    classified = classify(knowledge, record)
    types = [
        (thing, RDF_TYPE, cls) for thing, classes in classified.types.items() for cls in classes
    ]
    conclusions = types + [
        statement
        for membership in classified.memberships
        for statement in membership_as_statements(membership)
    ]
    by_subject, members = numbered_by_subject(record), by_presentation(classified.memberships)
    for presentation, classes in classified.classes.items():
        stated = about(presentation, by_subject)
        things = {s for s, _, _ in stated}.union(o for _, _, o in stated if isinstance(o, str))
        stated += [statement for statement in types if statement[0] in things]
        conclusions += conclude(knowledge, stated, members[presentation], classes)
    return conclusions + conclude_of_record(knowledge, conclusions)


def numbered_by_subject(record: Iterable[Statement]) -> BySubject:
    """The statements of a record by their subject, each with its place in the record."""
    rows: BySubject = defaultdict(list)
    for number, statement in enumerate(record):
        rows[statement[0]].append((number, statement))
    return rows


def about(presentation: str, by_subject: BySubject) -> list[Statement]:
    """What a record says of a presentation and of all that this leads to, in its order; not the
    orders of another one.
    """
    rows, things, waiting = [], {presentation}, [presentation]
    while waiting:
        for number, statement in by_subject.get(node := waiting.pop(), ()):
            if statement[1] != ORDER or node == presentation:
                rows.append((number, statement))
                if isinstance(o := statement[2], str) and o not in things:
                    things.add(o)
                    waiting.append(o)
    return [statement for _, statement in sorted(rows, key=itemgetter(0))]


def conclude(
    knowledge: Knowledge,
    record: list[Statement],
    memberships: list[Membership],
    classes: Collection[str],
    run: Run | None = None,
) -> list[Statement]:
    """What the rules conclude of one presentation, one after another.

    `record` is what is stated of it and of what it leads to, with their types; `classes` are those
    of the presentation. `run` computes what a rule concludes, by default `run_rule`.
    """
    record, kinds = one_of_each(record)
    bench = Workbench(knowledge, record, memberships, classes)
    run = run or partial(run_rule, knowledge.subgraphs)
    for rule in all_rules():
        if rule.scope == "presentation" and bench.fires(rule):
            bench.concluded[rule.name] = by_property(run(*bench.inputs(rule)))
    concluded = bench.concluded.values()
    return stated_of_all([s for rows in concluded for same in rows.values() for s in same], kinds)


def run_rule(
    subgraphs: Subgraphs, rule: Rule, parts: tuple[Part, ...], inputs: frozenset[Statement]
) -> list[Statement]:
    """What a rule concludes from some parts of the graph and some statements about a patient."""
    store = Store(*(subgraphs.read_by(rule, part) for part in parts), quads(inputs))
    return store.construct(rule.text)


def by_property(statements: Iterable[Statement]) -> ByProperty:
    """Statements by their property."""
    rows: ByProperty = defaultdict(list)
    for statement in statements:
        rows[statement[1]].append(statement)
    return rows


class Workbench:
    """What is stated about one presentation and what each rule concluded of it so far."""

    def __init__(
        self,
        knowledge: Knowledge,
        record: list[Statement],
        memberships: list[Membership],
        classes: Collection[str],
    ):
        self.knowledge = knowledge
        self.memberships = [(m.cls, list(membership_as_statements(m))) for m in memberships]
        self.record = by_property(record)
        self.classes = {membership.cls for membership in memberships}
        self.concluded: dict[str, ByProperty] = {}
        regions = {o for _, _, o in self.record[ia("hasSite")] if isinstance(o, str)}
        studies = {o for p in STUDIED for _, _, o in self.record[p] if isinstance(o, str)}
        self.parts = knowledge.subgraphs.parts(classes, regions, studies)

    def fires(self, rule: Rule) -> bool:
        """Whether all that a rule needs is stated, and nothing that it does not go with."""
        return all(self.meets(rule, needed) for needed in rule.needs) and not any(
            self.meets(rule, barring) for barring in rule.unless
        )

    def meets(self, rule: Rule, condition: Condition) -> bool:
        """Whether a property is stated, with one of its values if the condition names any."""
        if condition.property == IN_CLASS and condition.cls:
            return not self.classes.isdisjoint(self.knowledge.members(condition.cls))
        values = [o for rows in self.visible(rule) for _, _, o in rows.get(condition.property, ())]
        if condition.values:
            return any(o in condition.values for o in values)
        if condition.cls:
            return not self.knowledge.members(condition.cls).isdisjoint(values)
        return bool(values)

    def visible(self, rule: Rule) -> list[ByProperty]:
        """What a rule sees: the record, and the conclusions of the rules that it stands after."""
        concluded = (self.concluded.get(name, NOTHING) for name in rule.after)
        return [self.record, *concluded]

    def inputs(self, rule: Rule) -> tuple[Rule, tuple[Part, ...], frozenset[Statement]]:
        """All that decides what a rule concludes: parts of the graph, and statements.

        Of memberships and types it sees those in the classes that it names, and that the graph or
        the conclusions which it reads speak of.
        """
        subgraphs, visible = self.knowledge.subgraphs, self.visible(rule)
        parts = [part for part in self.parts if subgraphs.read_by(rule, part)]
        if rule.rated is not None:
            rated = subgraphs.rated(self.scenarios(visible, rule.rated))
            parts += [part for part in rated if part not in parts]
        read = [s for rows in visible for p in rule.properties if p in rows for s in rows[p]]
        members = IN_CLASS in rule.reads
        terms = [rule.named, *(subgraphs.terms(rule, part) for part in parts)]
        if members or rule.types is None:
            terms.append(frozenset([t for s in read for t in (s[0], s[2]) if isinstance(t, str)]))
        types = [s for rows in visible if RDF_TYPE in rows for s in rows[RDF_TYPE]]
        if rule.types is not None:
            read += [s for s in types if s[2] in rule.types]
        else:
            read += [s for s in types if any(s[2] in named for named in terms)]
        for cls, statements in self.memberships if members else ():
            if any(cls in named for named in terms):
                read += [s for s in statements if s[1] in rule.reads]
        return rule, tuple(parts), frozenset(read)

    def scenarios(self, visible: list[ByProperty], rated: object) -> set[str]:
        """The scenarios whose matches have a status, or that conclusions of a class name."""
        predicate = RDF_TYPE if isinstance(rated, str) else ia("status")
        nodes = {s for rows in visible for s, _, o in rows.get(predicate, ()) if o == rated}
        named = (s for rows in visible for s in rows.get(ia("ofScenario"), ()))
        return {o for node, _, o in named if node in nodes and isinstance(o, str)}


def index(statements: list[Statement]) -> Index:
    """An index of statements for look-ups."""
    return Index((s, p, o if isinstance(o, str) else text(o)) for s, p, o in statements)
