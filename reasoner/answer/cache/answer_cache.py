"""Remembers answers to presentations, and what each rule concluded, by all that they depend on.

The calculation is that of `inference.rules` and `answer.assemble`; nothing is computed here that a
single answer without a cache would compute otherwise.
"""

from collections.abc import Callable
from functools import lru_cache, partial

from reasoner.answer.assemble import Answer
from reasoner.answer.cache.case_key import (
    CaseKey,
    RecordKey,
    case_keys,
    classified_by,
    number_of,
    record_key,
    renamed,
)
from reasoner.answer.cache.path_names import PathNames
from reasoner.answer.cache.template import Template
from reasoner.answer.parts import whole, with_unread
from reasoner.errors import ContradictionError
from reasoner.graph.knowledge import Knowledge
from reasoner.graph.store import Statement
from reasoner.inference.classification import Classified, classify, membership_as_statements
from reasoner.inference.proof import resource
from reasoner.inference.rules import conclude, derive, index, run_rule
from reasoner.intake import Record

REMEMBERED = 4096  # records, presentations and conclusions of rules, each
LARGE = 500  # statements; a record that has more is not remembered


class Memory:
    """The answers to records by one graph; `size` is how many are remembered, 0 for none."""

    def __init__(self, knowledge: Knowledge, size: int = REMEMBERED):
        self.knowledge, self.size = knowledge, size
        remember: Callable = lru_cache(maxsize=size)
        self.run = lru_cache(maxsize=4 * size)(partial(run_rule, knowledge.subgraphs))
        self.cases, self.classes, self.templates = (
            remember(part) for part in (self._cases, self._classes, self._template)
        )

    def answer(self, record: Record) -> dict:
        """The answer to a record, its own in every part.

        Raises ContradictionError when the record puts one thing into two classes that exclude
        each other.
        """
        key = record_key(record) if self.size and len(record.statements) <= LARGE else None
        if key is None:
            return self.direct(record)
        try:
            cases = self.cases(key[0])
        except ContradictionError as error:
            thing = resource(key[1][number_of(error.thing)])
            raise ContradictionError(thing, error.first, error.second) from None
        names = list(map(resource, key[1]))
        presentations, remarks = [], []
        for iri, case in zip(record.presentations, cases, strict=True):
            filled = self.templates(case).fill([names[number] for number in case.places])
            answer, more, blocks = filled
            remarks += more
            presentations.append(with_unread(self.knowledge, record, iri, dict(blocks), answer))
        return whole(self.knowledge, record, presentations, remarks)

    def direct(self, record: Record) -> dict:
        """The answer to a record, computed without remembering anything."""
        conclusions = derive(self.knowledge, record.statements)
        return Answer(self.knowledge, record, index(record.statements + conclusions)).as_dict()

    def _cases(self, record: RecordKey) -> list[CaseKey]:
        """The keys of the presentations of a record."""
        classified = self.classes(classified_by(self.knowledge, record.statements))
        return case_keys(self.knowledge, record, classified)

    def _classes(self, statements: tuple[Statement, ...]) -> Classified:
        """The classes of what is stated."""
        return classify(self.knowledge, list(statements))

    def _template(self, case: CaseKey) -> Template:
        """The answer to a presentation, the remarks on it, and the assumptions that each resource
        withholds, with places for the names of resources.
        """
        known = list(case.statements)
        for membership in case.memberships:
            known += membership_as_statements(membership)
        paths = PathNames(case.name, case.statements)
        members = [renamed(membership, paths.names) for membership in case.memberships]
        short = paths.shorten(case.statements)
        concluded = conclude(self.knowledge, short, members, case.classes, self.run)
        conclusions = paths.restore(concluded)
        record = Record("", list(case.statements), [case.name], minor=case.child)
        answer = Answer(self.knowledge, record, index(known + conclusions))
        blocks = [[about, sorted(names)] for about, names in answer.blocks(case.name).items()]
        return Template([answer.presentation(case.name), answer.remarks(), blocks])
