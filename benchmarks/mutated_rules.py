"""Whether some case fails when a rule says something else.

All cases of `tests/cases` are answered once; what each rule was given and what it concluded is
kept. A mutant is run on the same graphs: where it concludes nothing else in any of them, no case
can fail. The cases in which it does are answered anew with the mutant in the place of the rule,
and are held to all that tests hold them to, until one fails.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from unittest import mock

from mutants import Mutant, mutants
from timing import ROOT

import test_cases
import test_rules
from conftest import CASES
from reasoner import derive, queries
from reasoner.answer import Answer
from reasoner.ask import Reasoner
from reasoner.canonical import Stripped, strip
from reasoner.errors import InputError
from reasoner.intake import Record, read
from reasoner.store import Quads, Store, quads

PREMISES = (
    test_rules.test_every_conclusion_has_its_premises,
    test_rules.test_every_premise_is_a_fact_a_conclusion_or_knowledge,
    test_rules.test_the_proof_of_every_recommendation_reaches_a_fact_and_cites_a_source,
)


@dataclass(frozen=True)
class Case:
    """A case: its file, what an answer to it must say, and what is read from it."""

    path: Path
    want: dict
    record: Record

    @property
    def name(self) -> str:
        """The folder and the name of the file."""
        return f"{self.path.parent.name}/{self.path.stem}"


@dataclass
class Situation:
    """A graph that a rule was given, what it concluded, and the cases in which that happened.

    The graph is made of parts that are shared, and of what is stated and concluded of a record.
    """

    parts: tuple[Quads, ...]
    own: frozenset
    concluded: frozenset
    cases: set[int] = field(default_factory=set)


class Noting(Store):
    """A store that knows what it is made of, and notes what is concluded in it."""

    found: dict[str, dict[tuple, Situation]] = {}
    case = 0

    def __init__(self, *parts: Quads):
        super().__init__(*parts)
        self.parts, self.own = parts[:-1], frozenset(parts[-1])

    def conclude(self, sparql: str, read) -> list:
        """What the store concludes."""
        concluded = super().conclude(sparql, read)
        if sparql in self.found:
            one = Situation(self.parts, self.own, frozenset(concluded))
            known = self.found[sparql].setdefault((*map(id, self.parts), self.own), one)
            known.cases.add(Noting.case)
        self.own |= frozenset(quads(row for row in concluded if row[1] in read))
        return concluded


def cases(reasoner: Reasoner) -> list[Case]:
    """The project's own cases that have an answer."""
    found = []
    for path in test_cases.RECORDS:
        want = {} if test_cases.service(path) else json.loads(test_cases.expected(path).read_text())
        if path.is_relative_to(test_cases.OWN) and want and "instead" not in want:
            try:
                found.append(Case(path, want, read(reasoner.knowledge, path.read_bytes())))
            except InputError:
                continue
    return found


def situations(reasoner: Reasoner, known: list[Case]) -> dict[str, list[Situation]]:
    """What each rule was given and concluded in some cases, each graph once.

    Rules run in two ways: for answers, and for proofs.
    """
    of = {queries.named("rules", rule).text: rule for rule in derive.RULES}
    Noting.found = {text: {} for text in of}
    alike: dict[Stripped, list[int]] = {}
    for number, case in enumerate(known):
        alike.setdefault(strip(case.record)[0], []).append(number)
    derive.Store = Noting
    try:
        for stripped, numbers in alike.items():
            Noting.case = numbers[0]
            reasoner.memory.answer(known[numbers[0]].record)
            derive.derive(reasoner.knowledge, list(stripped.statements))
    finally:
        derive.Store = Store
    also = {numbers[0]: numbers for numbers in alike.values()}
    for each in Noting.found.values():
        for one in each.values():
            one.cases = {number for first in one.cases for number in also[first]}
    return {of[text]: list(each.values()) for text, each in Noting.found.items()}


class Rules:
    """The rules, and what they concluded in the cases before anything was changed."""

    def __init__(self, only: list[str] = ()):
        self.names = [rule for rule in derive.RULES if not only or rule in only]
        self.reasoner = Reasoner(memory=0)
        self.cases = cases(self.reasoner)
        self.situations = situations(self.reasoner, self.cases)
        self.built: tuple[str, list[Store]] = ("", [])

    def mutants(self) -> dict[str, list[Mutant]]:
        """The mutants of each rule."""
        return {rule: list(mutants(queries.named("rules", rule).text)) for rule in self.names}

    def file(self, rule: str) -> Path:
        """The file of a rule."""
        return (queries.folder("rules") / f"{rule}.rq").relative_to(ROOT)

    def stores(self, rule: str) -> list[Store]:
        """The graphs that a rule was given."""
        if self.built[0] != rule:
            made = [Store(*one.parts, list(one.own)) for one in self.situations[rule]]
            self.built = rule, made
        return self.built[1]

    def failing(self, rule: str, text: str) -> str | None:
        """The case that fails when a rule has another text; nothing when none does.

        Raises SyntaxError for a text that is no query.
        """
        later: list[int] = []
        with self.changed(rule, text):
            for one, store in zip(self.situations[rule], self.stores(rule), strict=True):
                if frozenset(store.conclude(text, ())) != one.concluded:
                    first, *others = sorted(one.cases)
                    if self.fails(first):
                        return self.cases[first].name
                    later += others
            return next((self.cases[n].name for n in dict.fromkeys(later) if self.fails(n)), None)

    @contextmanager
    def changed(self, rule: str, text: str) -> Iterator[None]:
        """Lets a rule have another text, and forgets what was made of the old one."""
        real = queries.named
        other = replace(real("rules", rule), text=text)
        with mock.patch.object(queries, "named", lambda *q: other if q == ("rules", rule) else real(*q)):
            self.forget()
            yield
        self.forget()

    def forget(self) -> None:
        """Forgets what the texts of rules decide: what is kept, and what of the graph they read."""
        knowledge = self.reasoner.knowledge
        for made in (knowledge.found, knowledge.slices._reads, knowledge.slices._parts):
            made.clear()

    def fails(self, number: int) -> bool:
        """Whether a case falls short as things stand."""
        return falls_short(self.reasoner, self.cases[number])


def falls_short(reasoner: Reasoner, case: Case) -> bool:
    """Whether an answer lacks what its case wants, or the conclusions behind it do not bear it."""
    try:
        reply = reasoner.reply(case.path.read_bytes())
        record = reply.record
        direct = Answer(reasoner.knowledge, record, reply.facts).as_dict()
        if direct != reasoner.memory.answer(record) or \
                test_cases.shortcomings(reasoner, case.path, case.want):
            return True
        for holds in PREMISES if case.path in CASES.values() else ():
            holds(case.name, {case.name: reply})
    except Exception:  # whatever a changed rule leads to, it is seen
        return True
    return False
