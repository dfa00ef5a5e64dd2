"""Which criteria an answer to the question of another one settles, by the compiled definitions.

Rules need it to ask first what decides most, and never a question beside its opposite.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator

from reasoner.graph.definitions import Definitions
from reasoner.graph.index import Index
from reasoner.graph.store import Statement
from reasoner.names import RDF_TYPE, ia

REFUTED, SETTLES, OPPOSES = ia("refutedBy"), ia("settles"), ia("opposes")


def settled(
    facts: Index, definitions: Definitions, criteria: Iterable[Statement]
) -> Iterator[Statement]:
    """Yields what each criterion settles and opposes, among the criteria of one anchor.

    It settles those that are met or refuted wherever it is met, or wherever it is refuted, and
    opposes those that are refuted wherever it is met, and that refute it. `criteria` says which
    criteria each scenario has.
    """
    pairs: set[Statement] = set()
    for asked in asked_together(facts, criteria):
        refuting = speaking(asked, lambda c: facts.objects(c, REFUTED))
        both = speaking(asked, lambda c: [c, *facts.objects(c, REFUTED)])
        for criterion in asked:
            above = definitions.superclasses(criterion)
            for other in named(refuting, above) - {criterion}:
                pairs |= {(criterion, OPPOSES, other), (other, OPPOSES, criterion)}
            for refuter in facts.objects(criterion, REFUTED):
                above = above | definitions.superclasses(refuter)
            pairs |= {(criterion, SETTLES, other) for other in named(both, above) - {criterion}}
    yield from sorted(pairs)


def asked_together(facts: Index, criteria: Iterable[Statement]) -> list[set[str]]:
    """For each anchor the criteria and exclusions of all its scenarios."""
    of_scenario: dict[str, set[str]] = defaultdict(set)
    for scenario, _, criterion in criteria:
        of_scenario[scenario].add(criterion)
    for scenario, asked in of_scenario.items():
        for exclusion in facts.subjects(ia("ofScenario"), scenario):
            asked.update(facts.objects(exclusion, ia("excludes")))
    anchors = set(facts.subjects(RDF_TYPE, ia("Anchor")))
    beside: dict[str, set[str]] = defaultdict(set)
    for asked in of_scenario.values():
        for anchor in asked & anchors:
            beside[anchor] |= asked - anchors
    return list(beside.values())


def speaking(
    criteria: Iterable[str], classes: Callable[[str], Iterable[str]]
) -> dict[str, set[str]]:
    """Criteria by the classes that a function gives for each."""
    rows: dict[str, set[str]] = defaultdict(set)
    for criterion in criteria:
        for cls in classes(criterion):
            rows[cls].add(criterion)
    return rows


def named(rows: dict[str, set[str]], classes: Iterable[str]) -> set[str]:
    """The criteria of some classes."""
    return {criterion for cls in classes for criterion in rows.get(cls, ())}
