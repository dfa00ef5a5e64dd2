"""The orders of a presentation without names: what the rules conclude of them, found once.

Alerts stand beside the verdicts, because an order may reveal a mistake, or keep one from being
made; an order that must not be carried out does not.
"""

from dataclasses import dataclass

from reasoner.answer import Answer
from reasoner.canonical import FINDING, ORDER, ORDERABLE, PROCEDURE, RECORDED, SIDE, SITE
from reasoner.canonical import Case, Placed
from reasoner.derive import Membership, conclude, index, stated
from reasoner.intake import Record
from reasoner.kept import kept
from reasoner.knowledge import Knowledge
from reasoner.names import CASE, IA, RDF_TYPE, ia
from reasoner.store import Statement, literal
from reasoner.template import Template
from reasoner.verdicts import verdicts, withheld

RULES = ("propose-studies", "flag-orders", "withhold-ratings", "leave-unrated", "judge-orders",
         "flag-pitfalls")
Match = tuple[str, str, tuple[str, ...]]  # a scenario, its status, and where it leads


@dataclass(frozen=True)
class Ordered:
    """What decides the verdicts and alerts of a presentation, without names.

    `recorded` are the things in it that the record states.
    """

    name: str
    matches: tuple[Match, ...]
    memberships: tuple[Membership, ...]
    recorded: tuple[str, ...]
    classes: frozenset[str]
    sites: tuple[str, ...]
    sides: tuple[str, ...]
    orders: tuple[tuple[Placed, str], ...]

    def __len__(self) -> int:
        return len(self.recorded) + len(self.orders)


def ordered(knowledge: Knowledge, case: Case, matches: tuple[Match, ...]) -> tuple[Ordered, list[int]]:
    """What decides the verdicts and alerts of a presentation, and the places of its names."""
    numbers = {place: number for number, place in enumerate(case.names)}
    node = lambda place, part="": f"{CASE}~{numbers.setdefault(place, len(numbers))}{part}"
    presented, looked = case.presented, telling(knowledge)
    memberships = [m for m in presented.memberships if m.cls in looked]
    memberships += [Membership(presented.name, cls, tuple([node(place) for place in places]))
                    for cls, places in case.aside.items() if cls in looked]
    stated_things = {s for s, p, _ in presented.statements if p == RECORDED}
    facts = {f for m in memberships for f in m.because}
    recorded = stated_things.intersection(facts)
    recorded |= {node(place) for cls, places in case.aside.items() if cls in looked for place in places}
    drafted = sorted(case.orders, key=lambda order: order[0])
    orders = tuple([(placed, node(place, f"#order{n}")) for n, (placed, place) in enumerate(drafted)])
    made = Ordered(presented.name, matches, tuple(memberships), tuple(sorted(recorded)),
                   presented.classes, case.sites, case.sides, orders)
    return made, list(numbers)


def judged(knowledge: Knowledge, given: Ordered) -> tuple[Template, list[str]]:
    """The alerts and the verdicts of a presentation, and its studies that get no rating."""
    name, finding = given.name, given.name.partition("#")[0] + "#its-finding"
    said: list[Statement] = [(fact, RECORDED, RECORDED) for fact in given.recorded]
    told = [(finding, p, o) for p, found in ((SITE, given.sites), (SIDE, given.sides)) for o in found]
    said += [(name, FINDING, finding), *told] if told else []
    for (classes, *values), order in given.orders:
        said += [(name, ORDER, order), *[(order, RDF_TYPE, cls) for cls in classes]]
        said += [(order, p, o) for p, found in zip((PROCEDURE, ORDERABLE, SIDE), values, strict=True)
                 for o in found]
    known = matched(name, given.matches) + list(stated(given.memberships))
    facts = index(said + known + conclude(knowledge, said, known, given.classes, RULES))
    answer = Answer(knowledge, Record("", said, [name]), facts)
    rows = verdicts(knowledge, facts, answer.proofs, name)
    return Template([answer.alerts(name), rows]), withheld(facts, name)


def matched(name: str, matches) -> list[Statement]:
    """The statements that the matches of a presentation are told in, with a status if it matters."""
    made: list[Statement] = []
    for scenario, status, leads in matches:
        node = "urn:nextstudy:match:" + scenario[len(IA):]
        made += [(node, RDF_TYPE, ia("ScenarioMatch")), (node, ia("ofPresentation"), name)]
        made += [(node, ia("ofScenario"), scenario)]
        made += [(node, ia("status"), literal(status))] if status else []
        made += [(node, ia("leadsTo"), place) for place in leads]
    return made


@kept
def telling(knowledge: Knowledge) -> frozenset[str]:
    """The classes of a presentation that verdicts and pitfalls look at."""
    k, pitfalls = knowledge.facts, knowledge.members("ia:Pitfall")
    states = {state for pitfall in pitfalls for name in ("triggeredByState", "unlessState")
              for state in k.objects(pitfall, ia(name))}
    concerns = {cls for rule in knowledge.members("ia:SafetyRule")
                for cls in k.objects(rule, ia("whenIn"))}
    spoken = {cls for name in ("withholds", "outcome") for cls in k.having(ia(name))}
    return frozenset(states | concerns | spoken)
