"""Answers to presentations, each part found once: what chooses scenarios; then the region, the orders, and what only flags or hints.

The parts repeat more often than the whole. Each is reasoned out by the same rules, and an answer is made of them alone.
"""

import re
from collections.abc import Callable, Sized
from dataclasses import dataclass, replace
from functools import lru_cache

import orjson

from reasoner.answer.agreed_studies import agreed_rows
from reasoner.answer.assemble import Answer
from reasoner.answer.cache.case_key import (
    FIRST,
    SITE,
    Case,
    Presented,
    Stripped,
    cases,
    place,
    seen,
    strip,
)
from reasoner.answer.cache.order_cache import RULES as ORDERING
from reasoner.answer.cache.order_cache import Match, Ordered, judged, matched, ordered
from reasoner.answer.cache.template import Template
from reasoner.answer.orders import in_order
from reasoner.answer.parts import whole, with_unread
from reasoner.answer.recommendations import Rated, flag_row, ranked
from reasoner.answer.sort_keys import by_severity, merged
from reasoner.errors import ContradictionError
from reasoner.graph import query_files as queries
from reasoner.graph.knowledge import Knowledge
from reasoner.graph.memoize import memoized
from reasoner.graph.store import Statement
from reasoner.inference.proof import resource
from reasoner.inference.rules import (
    RULES,
    Classified,
    Membership,
    classify,
    conclude,
    index,
    stated,
)
from reasoner.intake import Record
from reasoner.names import CASE, IA, RDF_TYPE, curie, expand, ia

REMEMBERED = 4096  # presentations, about 20 kB each
OFTEN = 2  # times that a presentation came, to be remembered as a whole
LARGE = 500  # statements or orders; what has more is not remembered
PLACING, FLAGGING, ASKING = (
    "propose-studies",
    "set-aside-contraindicated",
    "ask-what-is-missing",
)  # the rules that look at the other parts
DISPUTING = "find-conflicts"  # done for scenarios and again for orders
STEPPING = "choose-next-step"  # the rule that looks at studies and their results
AGREEING = "agree-on-studies"  # like placing, done for scenarios and again for orders
LATER = {STEPPING}.union(ORDERING) - {PLACING, AGREEING, DISPUTING, FLAGGING}  # the rules that need studies or orders
CORE = tuple([rule for rule in RULES if rule not in LATER])


@dataclass
class Prepared:
    """A presentation of a record without names: its case, how often it came, and what was made of
    it.

    That is its answer as a whole when it came often, and what decides on its orders.
    """

    case: Case
    came: int = 0
    whole: Template | None = None
    ordered: tuple[Ordered, list[int]] | None = None


@dataclass(frozen=True)
class Found:
    """What was reasoned out for a presentation.

    Its part of the answer with the remarks on it, its rated and its agreed procedures, and the
    scenarios with their status.
    """

    scenarios: Template
    rated: list[tuple[Rated, Template]]
    agreed: list[tuple[Rated, Template]]
    matches: tuple[Match, ...]


class Memory:
    """The answers to presentations, each part found once and kept while it is among the latest."""

    def __init__(self, knowledge: Knowledge, size: int = REMEMBERED):
        self.knowledge = knowledge
        remembering: Callable[[Callable], Callable] = lru_cache(maxsize=size)
        self._cases, self._classify, self._find, self._choose = (
            remembering(part) for part in (self.cases, self.classify, self.find, self.choose)
        )
        self._place, self._judged, self._flags, self._hints = (
            remembering(part) for part in (self.place, self.judged, self.flags, self.hints)
        )

    @staticmethod
    def _known(given: Sized, remembered: Callable, anew: Callable) -> Callable:
        """The function that remembers, unless what it is given is large."""
        return remembered if len(given) <= LARGE else anew

    def cases(self, record: Stripped) -> list[Prepared]:
        """The presentations of a record without names. Raises ContradictionError when two classes of one thing exclude each other."""
        statements = seen(self.knowledge, record.statements)
        return [
            Prepared(case)
            for case in cases(
                self.knowledge,
                record,
                self._known(statements, self._classify, self.classify)(statements),
            )
        ]

    def classify(self, statements: tuple[Statement, ...]) -> Classified:
        """The classes of what is stated."""
        return classify(self.knowledge, list(statements))

    def find(self, presented: Presented) -> Found:
        """What follows for a presentation wherever it is and whatever is ordered."""
        statements = list(presented.statements)
        conclusions = list(stated(presented.memberships))
        conclusions += self._choose(
            presented.name,
            tuple([m.cls for m in presented.memberships if m.cls in deciding(self.knowledge)]),
            presented.classes,
        )
        conclusions += conclude(
            self.knowledge, statements, conclusions, presented.classes, (STEPPING,)
        )
        facts = index(statements + conclusions)
        answer = Answer(self.knowledge, Record("", statements, [presented.name]), facts)
        matches = tuple(
            sorted(
                (
                    facts.value(m, ia("ofScenario")),
                    facts.value(m, ia("status")),
                    tuple(facts.objects(m, ia("leadsTo"))),
                )
                for m in facts.subjects(RDF_TYPE, ia("ScenarioMatch"))
            )
        )
        told = Template([answer.scenarios(presented.name), answer.remarks()])
        rated, agreed = (
            [(r, Template(r.row)) for r in rows]
            for rows in (answer.rated(presented.name), answer.agreed(presented.name))
        )
        return Found(told, rated, agreed, matches)

    def choose(
        self, name: str, members: tuple[str, ...], classes: frozenset[str]
    ) -> list[Statement]:
        """What follows for a presentation from the classes it is a member of, whatever facts put it there."""
        return conclude(
            self.knowledge,
            [],
            list(stated(Membership(name, cls, ()) for cls in members)),
            classes,
            CORE,
        )

    def place(self, scenarios: tuple[str, ...], sites: tuple[str, ...]) -> dict[str, str]:
        """The orderable form of each generic procedure of some scenarios in some body regions."""
        finding = FIRST + "#finding"
        said: list[Statement] = [
            (FIRST, ia("hasFinding"), finding),
            *[(finding, SITE, site) for site in sites],
        ]
        concluded = conclude(
            self.knowledge,
            said,
            matched(FIRST, ((s, "applies", ()) for s in scenarios)),
            scenarios,
            (PLACING,),
        )
        placing = Answer(self.knowledge, Record("", said, [FIRST]), index(concluded))
        return placing.orderables(FIRST)

    def judged(self, given: Ordered) -> Template:
        """The alerts and verdicts of a presentation."""
        return judged(self.knowledge, given)

    def flags(
        self, applying: tuple[str, ...], procedures: tuple[str, ...], concerns: tuple[str, ...]
    ) -> list[list[tuple[dict, list[str]]]]:
        """For each of some procedures the safety flags that some concerns give, each with its concerns."""
        said: list[Statement] = [
            *matched(FIRST, ((s, "applies", ()) for s in applying)),
            *stated(Membership(FIRST, concern, ()) for concern in concerns),
        ]
        nodes = [f"{CASE}~{n}" for n in range(len(procedures))]
        for node, procedure in zip(nodes, procedures, strict=True):
            said += [
                (node, RDF_TYPE, ia("Recommendation")),
                (node, ia("ofPresentation"), FIRST),
                (node, ia("recommends"), procedure),
            ]
        facts = index(said + conclude(self.knowledge, [], said, applying, (FLAGGING,)))
        whence = lambda flag: [
            c for m in facts.objects(flag, ia("because")) if (c := facts.value(m, ia("inClass")))
        ]
        return [
            [
                (flag_row(facts, flag), whence(flag))
                for flag in facts.subjects(ia("ofRecommendation"), node)
            ]
            for node in nodes
        ]

    def hints(
        self, scenarios: tuple[str, ...], classes: frozenset[str], hints: tuple[str, ...]
    ) -> list[dict]:
        """The questions that some hints raise in view of some scenarios, whatever their status.

        `because` of each names the hints that raise it.
        """
        said = [
            *matched(FIRST, ((s, None, ()) for s in scenarios)),
            *stated(Membership(FIRST, hint, ()) for hint in hints),
        ]
        facts = index(said + conclude(self.knowledge, [], said, classes, (ASKING,)))
        asking = Answer(self.knowledge, Record("", [], [FIRST]), facts)
        rows = []
        for node in asking.concluded(FIRST, "OpenQuestion"):
            grounds = [facts.value(g, ia("inClass")) for g in facts.objects(node, ia("because"))]
            rows.append({**asking.question(node), "because": [g for g in grounds if g]})
        return rows

    def presentation(self, prepared: Prepared, known: list[str]) -> list:
        """The answer to a presentation of a record with some names, and the remarks on it."""
        knowledge, case = self.knowledge, prepared.case
        presented, names = case.presented, [known[place] for place in case.names]
        found = self._known(presented.statements, self._find, self.find)(presented)
        answer, remarks = found.scenarios.fill(names)
        anchors = presented.classes.intersection(knowledge.subgraphs.anchors)
        applying = tuple(scenario for scenario, status, _ in found.matches if status == "applies")
        if case.aside:
            scenarios = tuple([match[0] for match in found.matches])
            raised = [
                {**q, "because": evidence(case, known, q["because"])}
                for q in self._hints(scenarios, anchors, tuple(case.aside))
            ]
            answer["questions"] = merged(knowledge, answer["questions"], raised)
        region = min(case.sites, default=None)
        answer["region"] = region and {"id": curie(region), "label": knowledge.label(region)}
        answer["recommendations"] = self.rows(case, known, found.rated, applying)
        alike = {expand(s) for r, _ in found.agreed for s in r.row["scenarios"]}
        agreed = self.rows(case, known, found.agreed, tuple(sorted(alike)))
        answer["agreed"] = agreed_rows(agreed)
        prepared.ordered = prepared.ordered or ordered(knowledge, case, found.matches)
        given, places = prepared.ordered
        told = self._known(given, self._judged, self.judged)(given)
        alerts, rows = told.fill([known[place] for place in places])
        answer["alerts"] = sorted(alerts, key=by_severity)
        answer["orders"] = in_order(rows, answer["recommendations"])
        return [answer, remarks]

    def rows(
        self,
        case: Case,
        known: list[str],
        found: list[tuple[Rated, Template]],
        scenarios: tuple[str, ...],
    ) -> list[dict]:
        """The ranked rows of procedures that scenarios rate, named for the region of a case, and
        flagged by what is kept beside it; `known` are the names of the record.
        """
        if not found:
            return []
        names = [known[place] for place in case.names]
        named = [r if row.fixed else replace(r, row=row.fill(names)) for r, row in found]
        if case.aside:
            flagged = self._flags(scenarios, tuple([r.procedure for r in named]), tuple(case.aside))
            named = [
                r.flagged(
                    [{**flag, "because": evidence(case, known, whence)} for flag, whence in more]
                )
                for r, more in zip(named, flagged, strict=True)
            ]
        placed, region = self._place(scenarios, case.sites), min(case.sites, default=None)
        return ranked(self.knowledge, named, placed, region, case.side, case.child)

    def whole(self, prepared: Prepared, names: list[str]) -> list:
        """What `presentation` gives; what came before, and is short, is put together once and then filled."""
        if prepared.whole:
            return prepared.whole.fill(names)
        prepared.came += 1
        if (
            prepared.came == OFTEN and len(prepared.case.orders) < 2
        ):  # names of several orders would decide their order
            places = [f"~{n}" for n in range(len(names))]
            made = self.presentation(prepared, places)
            long = made[0]["recommendations"] or made[0]["agreed"]
            prepared.whole = None if long else Template(made)
        return self.presentation(prepared, names)

    def shared(self, record: Record) -> dict:
        """The answer to a record; it shares parts with other answers, so it must not be changed.

        Raises ContradictionError when the record puts one thing into two classes that exclude each other.
        """
        stripped, iris = strip(record)
        try:
            prepared = self._known(stripped.statements, self._cases, self.cases)(stripped)
        except ContradictionError as error:
            raise ContradictionError(
                resource(iris[place(error.thing)]), error.first, error.second
            ) from None
        names = [resource(iri) for iri in iris] if prepared else []
        found = [
            self.whole(one, names) if len(prepared) == 1 else self.presentation(one, names)
            for one in prepared
        ]
        remarks = [n for _, more in found for n in more]
        shown = [
            with_unread(self.knowledge, record, iri, self.blocks(one.case, names), p)
            for iri, one, (p, _) in zip(record.presentations, prepared, found, strict=True)
        ]
        return whole(self.knowledge, record, shown, remarks)

    def blocks(self, case: Case, names: list[str]) -> dict[str, set[str]]:
        """The assumptions about a presentation that each fact of the record withholds."""
        found: dict[str, set[str]] = {}
        for m in case.presented.memberships:
            withheld = self.knowledge.facts.objects(m.cls, ia("withholds"))
            for fact in m.because if withheld else ():
                if fact.startswith(CASE):
                    name = names[case.names[place(fact)]]
                    found.setdefault(name, set()).update(map(curie, withheld))
        return found

    def answer(self, record: Record) -> dict:
        """The answer to a record, its own in every part."""
        return orjson.loads(orjson.dumps(self.shared(record)))


def evidence(case: Case, known: list[str], concerns: list[str]) -> list[str]:
    """The names of the facts that put a case into some of the classes kept beside it."""
    return sorted({known[place] for concern in concerns for place in case.aside[concern]})


@memoized
def deciding(knowledge: Knowledge) -> frozenset[str]:
    """The classes of a presentation that the rules which choose scenarios can tell from others: those they name, and those that what they read of the graph speaks of."""
    named = {
        IA + name
        for rule in CORE
        for name in re.findall(r"\bia:(\w+)", queries.named("rules", rule).text)
    }
    facts = knowledge.facts
    return frozenset(
        named.union(
            facts.subjects(RDF_TYPE, ia("Anchor")),
            *({s, *facts.objects(s, p)} for p in named for s in facts.having(p)),
        )
    )
