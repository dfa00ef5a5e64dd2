"""Module extraction: selects the definitions that can put a thing into given classes, so that the
time of an answer grows with its own topic and not with the ontology.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator

from reasoner.graph.realization import CANONICAL, Atom, Axioms, Program


class Modules:
    """The rules of compiled axioms, indexed by the atoms that their conclusions can satisfy."""

    def __init__(self, axioms: Axioms):
        self.axioms = axioms
        self._above: dict[str, set[str]] = {}
        self._by_gain: dict[Atom, list[int]] = defaultdict(list)
        for number, rule in enumerate(axioms.rules):
            given = {c for p, o, _ in rule.atoms if p is None for c in self.above(o)}
            gained = self.above(rule.head) - given
            for cls in gained:
                self._by_gain[None, cls, False].append(number)
            edges = {
                edge[:3] for cls in gained for edge in axioms.implied_edges.get(cls, ())
            } - set(rule.atoms)
            for atom in {atom for edge in edges for atom in self._atoms(*edge)}:
                self._by_gain[atom].append(number)

    def above(self, cls: str) -> set[str]:
        """The classes that membership of a class implies without another rule, itself included."""
        if cls not in self._above:
            visited, todo = set(), [cls]
            while todo:
                if (c := todo.pop()) not in visited:
                    visited.add(c)
                    todo += [parent for parent, _ in self.axioms.implied.get(c, ())]
            self._above[cls] = visited
        return self._above[cls]

    def _atoms(self, p: str, o: str, is_value: bool) -> Iterator[Atom]:
        """The atoms that hold where a class implies an edge."""
        end = o if is_value else CANONICAL + o
        for q in self.axioms.superproperties.get(p, (p,)):
            yield q, end, True
            yield from ((q, c, False) for c in self.axioms.static.get(end, ()))

    def program(self, classes: Iterable[str]) -> Program:
        """The rules that can put a thing into some classes, or into two that exclude each other."""
        todo: list[Atom] = [
            (None, c, False)
            for c in (*classes, *(c for pair in self.axioms.disjoint for c in pair))
        ]
        visited, rules = set(), set()
        while todo:
            if (atom := todo.pop()) in visited:
                continue
            visited.add(atom)
            if atom[0] is not None and not atom[2]:
                todo.append((None, atom[1], False))
            for number in self._by_gain.get(atom, ()):
                if number not in rules:
                    rules.add(number)
                    todo += self.axioms.rules[number].atoms
        return Program(self.axioms, sorted(rules))
