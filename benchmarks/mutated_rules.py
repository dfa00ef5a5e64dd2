"""Whether some case fails when a rule says something else.

All cases of `tests/cases` are answered once; what each rule was given and what it concluded is
kept. A mutant is run on the same graphs: where it concludes nothing else in any of them, no case
can fail. The cases in which it does are answered anew with the mutant in the place of the rule,
and are held to what the tests hold them to, until one fails.
"""

import json
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path
from unittest import mock

import expectations
import test_cases
import test_rules
from conftest import CASES
from mutants import Mutant, mutants
from timing import ROOT

from reasoner.answer.assemble import Answer
from reasoner.answer.cache.case_key import record_key
from reasoner.answer.reply import Reply
from reasoner.api import Reasoner
from reasoner.errors import InputError
from reasoner.graph.rule_files import all_rules
from reasoner.graph.store import Quads, Store, quads
from reasoner.inference import record_rules, rules
from reasoner.intake import Record, read

PREMISES = (
    test_rules.test_every_conclusion_has_its_premises,
    test_rules.test_every_premise_is_a_fact_a_conclusion_or_knowledge,
    test_rules.test_the_proof_of_every_recommendation_reaches_a_fact_and_cites_a_source,
)
OF_TESTS = {path: name for name, path in CASES.items()}


@dataclass(frozen=True)
class Case:
    """A case: its name and file, what an answer to it must say, and what is read from it."""

    name: str
    path: Path
    want: dict
    record: Record
    document: dict | list | None

    @property
    def written(self) -> list[str]:
        """The rules of which it is written what they conclude in this case."""
        return [p.parent.name for p in test_rules.WRITTEN if p.stem == self.path.stem]

    def run(self, reasoner: Reasoner) -> None:
        """Lets the rules run."""
        rules.derive(reasoner.knowledge, self.record.statements)

    def holds(self, reasoner: Reasoner) -> bool:
        """Whether the answer says what it must, the proof bears it, and both are the same."""
        answer = reasoner.memory.answer(self.record)
        twin = test_cases.twin_of(reasoner, self.path, self.want)
        if "errorMentions" in self.want or expectations.of_answer(
            self.want, answer, self.document, twin
        ):
            return False
        reply = Reply(reasoner.knowledge, self.record, answer)
        if answer != Answer(reasoner.knowledge, self.record, reply.facts).as_dict():
            return False
        for holds in PREMISES if self.path in OF_TESTS else ():
            holds(self.name, {self.name: reply})
        return all(
            test_rules.concluded(reply, rule)
            == (test_rules.CONCLUDED / rule / f"{self.path.stem}.ttl").read_bytes()
            for rule in self.written
        )


@dataclass(frozen=True)
class Pair:
    """Two cases in one graph, of which rules must conclude what they conclude of each apart."""

    name: str
    records: tuple[Record, Record]

    def run(self, reasoner: Reasoner) -> None:
        """Lets the rules run."""
        self.holds(reasoner)

    def holds(self, reasoner: Reasoner) -> bool:
        """Whether the same is concluded."""
        joint, apart = test_rules.together(reasoner.knowledge, *self.records)
        return set(joint) == set(apart)


Trial = Case | Pair


def trials(reasoner: Reasoner) -> list[Trial]:
    """The project's own cases that have an answer, those first of which more is written; pairs."""
    found = []
    for path in [*test_cases.RECORDS, CASES["example"]]:
        known = test_cases.expected(path)
        want = json.loads(known.read_text()) if known.is_file() else {}
        if path.is_relative_to(ROOT) and not {"instead", "service"} & set(want):
            try:
                record = read(reasoner.knowledge, path.read_bytes())
            except InputError:
                continue
            found.append(
                Case(f"{path.parent.name}/{path.stem}", path, want, record, test_cases.parsed(path))
            )
    found.sort(key=lambda case: (-len(case.written), case.path not in OF_TESTS))
    named = {OF_TESTS[case.path]: case for case in found if case.path in OF_TESTS}
    return found + [
        Pair(" beside ".join(pair), tuple(named[name].record for name in pair))
        for pair in test_rules.PAIRS
        if set(pair) <= set(named)
    ]


@dataclass
class Situation:
    """A graph that a rule was given, what it concluded, and in which trials that happened.

    The graph is made of parts that are shared, and of what is stated and concluded of a record.
    """

    parts: tuple[Quads, ...]
    own: frozenset
    concluded: frozenset
    trials: list[int] = field(default_factory=list)


class Noting(Store):
    """A store that knows what it is made of, and notes what is concluded in it."""

    found: dict[str, dict[tuple, Situation]] = {}
    trials: list[int] = []

    def __init__(self, *parts: Quads):
        super().__init__(*parts)
        self.parts, self.own = parts[:-1], frozenset(parts[-1])

    def add(self, statements) -> None:
        """Adds what was concluded."""
        super().add(statements)
        self.own |= frozenset(quads(statements))

    def construct(self, sparql: str) -> list:
        """What the store concludes."""
        concluded = super().construct(sparql)
        if sparql in self.found:
            one = Situation(self.parts, self.own, frozenset(concluded))
            key = (*map(tuple, self.parts), self.own)
            self.found[sparql].setdefault(key, one).trials += self.trials
        return concluded


def situations(reasoner: Reasoner, tried: list[Trial]) -> dict[str, list[Situation]]:
    """What each rule was given and concluded in some trials, each graph once."""
    of = {rule.text: rule.name for rule in all_rules()}
    Noting.found = {text: {} for text in of}
    alike: dict[object, list[int]] = {}
    for number, trial in enumerate(tried):
        key = record_key(trial.record) if isinstance(trial, Case) else None
        alike.setdefault(key[0] if key else number, []).append(number)
    with ExitStack() as patched:
        for module in (rules, record_rules, test_rules):
            patched.enter_context(mock.patch.object(module, "Store", Noting))
        for numbers in alike.values():
            Noting.trials = numbers
            tried[numbers[0]].run(reasoner)
    return {of[text]: list(each.values()) for text, each in Noting.found.items()}


class Rules:
    """The rules, and what they concluded in the trials before anything was changed.

    `first` is how many trials count, `most` how many a mutant goes through; without them all.
    """

    def __init__(self, only: list[str] = (), first: int | None = None, most: int | None = None):
        self.names = [r.name for r in all_rules() if not only or r.name in only]
        self.reasoner = Reasoner(memory=0)
        self.trials = trials(self.reasoner)[:first]
        self.situations = situations(self.reasoner, self.trials)
        self.most = most
        self.built: tuple[str, list[Store]] = ("", [])

    def mutants(self) -> dict[str, list[Mutant]]:
        """The mutants of each rule."""
        return {r.name: list(mutants(r.text)) for r in all_rules() if r.name in self.names}

    def file(self, rule: str) -> str:
        """The file of a rule, as seen from the root."""
        return f"queries/rules/{rule}.rq"

    def stores(self, rule: str) -> list[Store]:
        """The graphs that a rule was given."""
        if self.built[0] != rule:
            made = [Store(*one.parts, list(one.own)) for one in self.situations[rule]]
            self.built = rule, made
        return self.built[1]

    def failing(self, rule: str, text: str) -> str:
        """The trial that fails when a rule has another text; nothing when none does.

        Raises SyntaxError for a text that is no query.
        """
        with self.changed(rule, text):
            some = islice(self.differing(rule, text), self.most)
            return next((self.trials[n].name for n in some if self.fails(n)), "")

    def differing(self, rule: str, text: str) -> Iterator[int]:
        """The trials in which a rule with another text concludes something else, each once.

        One of each situation comes first.
        """
        tried: set[int] = set()
        later: list[int] = []
        for one, store in zip(self.situations[rule], self.stores(rule), strict=True):
            if frozenset(store.construct(text)) != one.concluded:
                first, *others = sorted(set(one.trials) - tried) or [None]
                later += others
                if first is not None:
                    tried.add(first)
                    yield first
        yield from dict.fromkeys(n for n in later if n not in tried)

    @contextmanager
    def changed(self, rule: str, text: str) -> Iterator[None]:
        """Lets a rule have another text, and forgets what was made of the old one."""
        others = tuple([replace(r, text=text) if r.name == rule else r for r in all_rules()])
        with ExitStack() as patched:
            for module in (rules, record_rules, test_rules):
                patched.enter_context(mock.patch.object(module, "all_rules", lambda: others))
            self.forget()
            yield
        self.forget()

    def forget(self) -> None:
        """Forgets what the texts of rules decide: what is remembered of the graph they read."""
        knowledge = self.reasoner.knowledge
        for memo in (knowledge.memo, knowledge.subgraphs._read, knowledge.subgraphs._terms):
            memo.clear()

    def fails(self, number: int) -> bool:
        """Whether a trial fails as things stand; whatever it then raises is a failure."""
        try:
            return not self.trials[number].holds(self.reasoner)
        except Exception:
            return True

    def unsound(self) -> list[str]:
        """The trials that fail though nothing was changed: they would fail for every mutant."""
        return [self.trials[n].name for n in range(len(self.trials)) if self.fails(n)]
