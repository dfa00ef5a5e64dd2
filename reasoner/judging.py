"""The orders of a presentation without names: what the rules conclude of them, found once.

Alerts stand beside the verdicts, because an order may reveal a mistake, or keep one from being
made; an order that must not be carried out does not.
"""

from dataclasses import dataclass

from reasoner.answer import Answer
from reasoner.canonical import (
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
from reasoner.derive import Membership, conclude, index, stated
from reasoner.intake import Record
from reasoner.kept import kept
from reasoner.knowledge import Knowledge
from reasoner.names import IA, RDF_TYPE, ia
from reasoner.store import Statement, literal
from reasoner.template import Template
from reasoner.verdicts import verdicts, withheld

ALERTING = "flag-pitfalls"
RULES = ("propose-studies", "flag-orders", "withhold-ratings", "leave-unrated", "judge-orders",
         ALERTING)
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

    def __len__(self) -> int:
        return len(self.memberships) + len(self.orders)


@dataclass(frozen=True)
class Orders:
    """What decides the verdicts and alerts of a presentation, and the places of its names.

    Orders of which the same is told are judged once: `twins` are the places of the others of each.
    """

    decisive: Ordered
    places: list[int]
    twins: dict[int, list[int]]

    def spread(self, rows: list[dict], key: str, known: list[str]) -> list[dict]:
        """Rows about orders, whose name is under a key, with those of their twins."""
        if not self.twins:
            return rows
        names = {known[at]: [known[twin] for twin in found] for at, found in self.twins.items()}
        return [made for row in rows
                for made in (row, *[{**row, key: name} for name in names.get(row[key], ())])]


def ordered(knowledge: Knowledge, case: Case, matches: tuple[Match, ...]) -> Orders:
    """What decides the verdicts and alerts of a presentation."""
    presented, states = case.presented, alerting(knowledge)
    if not case.orders:
        found = tuple([(m.cls, ()) for m in presented.memberships if m.cls in states])
        anchors = presented.classes.intersection(knowledge.slices.anchors)
        return Orders(Ordered(matches, found, frozenset(anchors), (), (), ()), [], {})
    names = Numbers()
    drafted, twins = unlike(case.orders)
    orders = tuple([(placed, names.node(at) + f"#order{n}")
                    for n, (placed, at) in enumerate(drafted)])
    flagging, judging = concerns(knowledge), judging_by(knowledge)
    recorded = {s for s, p, _ in presented.statements if p == RECORDED}
    members: list[tuple[str, list[int]]] = []
    for m in presented.memberships:
        if m.cls in flagging:
            members.append((m.cls, [case.names[place(f)] for f in m.because if f in recorded]))
        elif m.cls in judging or m.cls in states:
            members.append((m.cls, []))
    members += [(cls, places) for cls, places in case.aside.items() if cls in flagging]
    told = tuple([(cls, tuple(dict.fromkeys(map(names.node, places))))
                  for cls, places in sorted(members)])
    made = Ordered(matches, told, presented.classes, case.sites, case.sides, orders)
    return Orders(made, list(names.places), twins)


def unlike(orders: list[tuple[Placed, int]]) -> tuple[list[tuple[Placed, int]],
                                                      dict[int, list[int]]]:
    """Of orders of which the same is told the first, sorted, and the places of the others.

    Every rule looks at one order at a time, or for any order of a kind. Orders that share a place
    are all kept, because a name would not tell them apart.
    """
    if len({at for _, at in orders}) < len(orders):
        return sorted(orders, key=lambda order: order[0]), {}
    alike: dict[Placed, list[int]] = {}
    for placed, at in orders:
        alike.setdefault(placed, []).append(at)
    first = [(placed, found[0]) for placed, found in sorted(alike.items())]
    return first, {found[0]: found[1:] for found in alike.values() if len(found) > 1}


class Numbers:
    """Names for places in the resources of a record, numbered as they come."""

    def __init__(self) -> None:
        self.places: dict[int, int] = {}

    def node(self, at: int) -> str:
        """The name of a place."""
        return token(self.places.setdefault(at, len(self.places)), "")


def judged(knowledge: Knowledge, given: Ordered) -> tuple[Template, list[str]]:
    """The alerts and the verdicts of a presentation, and its studies that get no rating."""
    finding = FIRST + "#its-finding"
    said: list[Statement] = [(fact, RECORDED, RECORDED) for _, facts in given.memberships
                             for fact in facts]
    told = [(finding, SITE, o) for o in given.sites] + [(finding, SIDE, o) for o in given.sides]
    said += [(FIRST, FINDING, finding), *told] if told else []
    for (classes, *values), order in given.orders:
        said += [(FIRST, ORDER, order), *[(order, RDF_TYPE, cls) for cls in classes]]
        said += [(order, p, o) for p, found in zip(ORDERED, values, strict=True) for o in found]
    known = matched(FIRST, given.matches)
    known += stated(Membership(FIRST, cls, facts) for cls, facts in given.memberships)
    rules = RULES if given.orders else (ALERTING,)
    facts = index(said + known + conclude(knowledge, said, known, given.classes, rules))
    answer = Answer(knowledge, Record("", said, [FIRST]), facts)
    rows = verdicts(knowledge, facts, answer.proofs, FIRST)
    return Template([answer.alerts(FIRST), rows]), withheld(facts, FIRST)


def matched(name: str, matches) -> list[Statement]:
    """The statements that matches of a presentation are told in, with a status if it matters."""
    made: list[Statement] = []
    for scenario, status, leads in matches:
        node = "urn:nextstudy:match:" + scenario[len(IA):]
        made += [(node, RDF_TYPE, ia("ScenarioMatch")), (node, ia("ofPresentation"), name)]
        made += [(node, ia("ofScenario"), scenario)]
        made += [(node, ia("status"), literal(status))] if status else []
        made += [(node, ia("leadsTo"), place) for place in leads]
    return made


@kept
def alerting(knowledge: Knowledge) -> frozenset[str]:
    """The states of a presentation that pitfalls look at."""
    k = knowledge.facts
    return frozenset(state for pitfall in knowledge.members("ia:Pitfall")
                     for name in ("triggeredByState", "unlessState")
                     for state in k.objects(pitfall, ia(name)))


@kept
def concerns(knowledge: Knowledge) -> frozenset[str]:
    """The classes of a presentation that safety rules look at."""
    return frozenset(cls for rule in knowledge.members("ia:SafetyRule")
                     for cls in knowledge.facts.objects(rule, ia("whenIn")))


@kept
def judging_by(knowledge: Knowledge) -> frozenset[str]:
    """The further classes of a presentation that verdicts look at."""
    having = knowledge.facts.having
    return frozenset(cls for name in ("withholds", "outcome") for cls in having(ia(name)))
