"""The orders of a presentation without names: what the rules conclude of them, found once.

Alerts stand beside the verdicts, because an order may reveal a mistake, or keep one from being
made; an order that must not be carried out does not. Orders that nothing but their name tells apart
are judged once.
"""

from dataclasses import dataclass
from urllib.parse import quote

from reasoner.answer.assemble import Answer
from reasoner.answer.cache.case_key import (
    AGE,
    FINDING,
    FIRST,
    ORDER,
    ORDERED,
    RECORDED,
    SIDE,
    SITE,
    Case,
    Placed,
    place,
    token,
)
from reasoner.answer.cache.template import Template
from reasoner.answer.orders import verdicts
from reasoner.answer.sort_keys import by_severity
from reasoner.graph.index import Index
from reasoner.graph.knowledge import Knowledge
from reasoner.graph.memoize import memoized
from reasoner.graph.store import Statement, literal
from reasoner.inference.proof import resource
from reasoner.inference.rules import Membership, conclude, index, stated
from reasoner.intake import Record
from reasoner.names import IA, RDF_TYPE, ia

ALERTING = "flag-pitfalls"
RULES = (
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
    ALERTING,
)
Match = tuple[str, str, tuple[str, ...]]  # a scenario, its status, and where it leads


@dataclass(frozen=True)
class Ordered:
    """What decides the verdicts and alerts of a presentation, without names.

    Of memberships only those of safety concerns keep their evidence, which verdicts show.
    """

    matches: tuple[Match, ...]
    memberships: tuple[tuple[str, tuple[str, ...]], ...]
    classes: frozenset[str]
    sites: tuple[str, ...]
    sides: tuple[str, ...]
    orders: tuple[tuple[Placed, str], ...]
    child: bool = False

    def __len__(self) -> int:
        return len(self.memberships) + len(self.orders)


def ordered(
    knowledge: Knowledge, case: Case, matches: tuple[Match, ...]
) -> tuple[Ordered, list[int]]:
    """What decides the verdicts and alerts of a presentation, and the places of its names."""
    presented, states = case.presented, alerting(knowledge)
    if not case.orders:
        found = tuple([(m.cls, ()) for m in presented.memberships if m.cls in states])
        anchors = presented.classes.intersection(knowledge.subgraphs.anchors)
        return Ordered(matches, found, frozenset(anchors), (), (), ()), []
    names = Numbers()
    drafted = sorted(case.orders, key=lambda order: order[0])
    orders = tuple(
        [(placed, names.node(at) + f"#order{n}") for n, (placed, at) in enumerate(drafted)]
    )
    flagging, judging = concerns(knowledge), judging_by(knowledge)
    recorded = {s for s, p, _ in presented.statements if p == RECORDED}
    members: list[tuple[str, list[int]]] = []
    for m in presented.memberships:
        if m.cls in flagging:
            members.append((m.cls, [case.names[place(f)] for f in m.because if f in recorded]))
        elif m.cls in judging or m.cls in states:
            members.append((m.cls, []))
    members += [(cls, places) for cls, places in case.aside.items() if cls in flagging]
    told = tuple(
        [(cls, tuple(dict.fromkeys(map(names.node, places)))) for cls, places in sorted(members)]
    )
    made = Ordered(matches, told, presented.classes, case.sites, case.sides, orders, case.child)
    return made, list(names.places)


class Numbers:
    """Names for places in the resources of a record, numbered as they come."""

    def __init__(self) -> None:
        self.places: dict[int, int] = {}

    def node(self, at: int) -> str:
        """The name of a place."""
        return token(self.places.setdefault(at, len(self.places)), "")


def judged(knowledge: Knowledge, given: Ordered) -> Template:
    """The alerts and the verdicts of a presentation."""
    finding = FIRST + "#its-finding"
    said: list[Statement] = [
        (fact, RECORDED, RECORDED) for _, facts in given.memberships for fact in facts
    ]
    told = [(finding, SITE, o) for o in given.sites] + [(finding, SIDE, o) for o in given.sides]
    said += [(FIRST, FINDING, finding), *told] if told else []
    said += [(FIRST, AGE, ia("Child"))] if given.child else []
    alike: dict[Placed, list[str]] = {}
    for placed, order in given.orders:
        alike.setdefault(placed, []).append(order)
    for (classes, *values), (order, *_) in alike.items():
        said += [(FIRST, ORDER, order), *[(order, RDF_TYPE, cls) for cls in classes]]
        said += [(order, p, o) for p, found in zip(ORDERED, values, strict=True) for o in found]
    known = matched(FIRST, given.matches)
    known += stated(Membership(FIRST, cls, facts) for cls, facts in given.memberships)
    rules = RULES if given.orders else (ALERTING,)
    facts = index(said + known + conclude(knowledge, said, known, given.classes, rules))
    answer = Answer(knowledge, Record("", said, [FIRST]), facts)
    rows = verdicts(knowledge, facts, answer.proofs, FIRST)
    told_of = {same[0]: same for same in alike.values()}
    alerts = alerts_of_all(answer, facts, told_of)
    return Template([alerts, verdicts_of_all(rows, told_of)])


def verdicts_of_all(rows: dict[str, dict], alike: dict[str, list[str]]) -> list[dict]:
    """The verdicts of the orders that were judged, said of each order that is like them."""
    found = {
        same: {**row, "id": resource(same)} for order, row in rows.items() for same in alike[order]
    }
    return [found[order] for order in sorted(found, key=in_iri)]


def alerts_of_all(answer: Answer, facts: Index, alike: dict[str, list[str]]) -> list[dict]:
    """The alerts about the orders that were judged, said of each order that is like them."""
    found: dict[str, dict] = {}
    for node, row in answer.alert_rows(FIRST).items():
        order = facts.value(node, ia("ofOrder"))
        if order is None:
            found[node] = row
            continue
        stem = node.removesuffix(in_iri(order))
        found |= {stem + in_iri(same): {**row, "order": resource(same)} for same in alike[order]}
    return sorted((found[node] for node in sorted(found)), key=by_severity)


def in_iri(order: str) -> str:
    """The name of an order inside the IRI of a conclusion about it."""
    return quote(order, safe="")


def matched(name: str, matches) -> list[Statement]:
    """The statements that matches of a presentation are told in, with a status if it matters."""
    made: list[Statement] = []
    for scenario, status, leads in matches:
        node = "urn:nextstudy:match:" + scenario[len(IA) :]
        made += [(node, RDF_TYPE, ia("ScenarioMatch")), (node, ia("ofPresentation"), name)]
        made += [(node, ia("ofScenario"), scenario)]
        made += [(node, ia("status"), literal(status))] if status else []
        made += [(node, ia("leadsTo"), place) for place in leads]
    return made


@memoized
def alerting(knowledge: Knowledge) -> frozenset[str]:
    """The states of a presentation that pitfalls look at."""
    k = knowledge.facts
    return frozenset(
        state
        for pitfall in knowledge.members("ia:Pitfall")
        for name in ("triggeredByState", "unlessState")
        for state in k.objects(pitfall, ia(name))
    )


@memoized
def concerns(knowledge: Knowledge) -> frozenset[str]:
    """The classes of a presentation that safety rules look at."""
    return frozenset(
        cls
        for rule in knowledge.members("ia:SafetyRule")
        for cls in knowledge.facts.objects(rule, ia("whenIn"))
    )


@memoized
def judging_by(knowledge: Knowledge) -> frozenset[str]:
    """The further classes of a presentation that verdicts look at."""
    having = knowledge.facts.having
    return frozenset(cls for name in ("withholds", "outcome") for cls in having(ia(name)))
