"""Walks the compiled definitions of classes: the ways in which a thing can meet one, each as what
must be stated of the thing.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import islice, product

from reasoner.graph.knowledge import Knowledge
from reasoner.intake.annotations import properties
from reasoner.names import ia

MOST = 400  # ways of one class that are looked at


@dataclass(frozen=True)
class Thing:
    """What is stated of a thing: its classes, its terms and its parts, each by a property.

    `choices` are properties whose value is any one of some terms.
    """

    classes: frozenset[str] = frozenset()
    terms: frozenset[tuple[str, str]] = frozenset()
    choices: frozenset[tuple[str, tuple[str, ...]]] = frozenset()
    parts: tuple[tuple[str, "Thing"], ...] = ()

    def joined(self, other: "Thing") -> "Thing":
        """What is stated of a thing when both are."""
        parts = dict.fromkeys((*self.parts, *other.parts))
        return Thing(
            self.classes | other.classes,
            self.terms | other.terms,
            self.choices | other.choices,
            tuple(parts),
        )


@dataclass
class Ways:
    """The ways to meet the classes of a graph."""

    knowledge: Knowledge
    _known: dict[str, list[Thing]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._rules, self._below = defaultdict(list), defaultdict(list)
        axioms = self.knowledge.definitions.axioms
        for rule in axioms.rules:
            self._rules[rule.head].append(rule)
        for cls, parents in axioms.implied.items():
            for parent, asserted in parents:
                if asserted and parent != ia("Presentation"):
                    self._below[parent].append(cls)
        self._takes_term = properties(self.knowledge, "takesTerm")
        self._members: dict[str, list[str]] = defaultdict(list)
        for thing, classes in self.knowledge.definitions.static.items():
            for cls in classes if ":" in thing and not thing.startswith("canonical:") else ():
                self._members[cls].append(thing)

    def of(self, cls: str) -> list[Thing]:
        """The ways to be of a class, those of the order of the graph; a class without a definition
        is stated as it is.
        """
        if cls not in self._known:
            self._known[cls] = [Thing(frozenset((cls,)))]  # for what leads back to itself
            self._known[cls] = list(dict.fromkeys(self._expand(cls))) or self._known[cls]
        return self._known[cls]

    def _expand(self, cls: str) -> Iterable[Thing]:
        for rule in self._rules[cls]:
            yield from self._met([self._atom(*atom) for atom in rule.atoms])
        of_presentations = ia("Presentation") in self.knowledge.definitions.superclasses(cls)
        for narrower in self._below[cls] if of_presentations else ():
            yield from self.of(narrower)

    def all_of(self, classes: Iterable[str]) -> Iterable[Thing]:
        """The ways to be of all of some classes: first those with the first way of each."""
        return self._met([self.of(cls) for cls in classes])

    def _met(self, ways: list[list[Thing]]) -> Iterable[Thing]:
        for chosen in islice(product(*ways), MOST):
            whole = Thing()
            for one in chosen:
                whole = whole.joined(one)
            yield whole

    def _atom(self, predicate: str | None, filler: str, is_value: bool) -> list[Thing]:
        if predicate is None:
            return self.of(filler)
        if is_value:
            return [Thing(terms=frozenset(((predicate, filler),)))]
        if predicate in self._takes_term:
            members = tuple(sorted(self._members[filler]))
            return [Thing(choices=frozenset(((predicate, members),)))] if members else []
        return [Thing(parts=((predicate, one),)) for one in self.of(filler)]
