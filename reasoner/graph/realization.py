"""Realization: which classes the individuals of a record belong to, and which facts put them there.

A rule fires for an individual when all of its atoms hold. It is considered only once its guard
holds, the atom that the fewest rules share; so the work follows what holds, not the number of
definitions. The method is the completion procedure for EL with hasValue over named individuals
(Baader, Brandt, Lutz 2005): every existential that a class implies points at one canonical
individual for its filler.
"""

from collections import Counter, defaultdict, deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from reasoner.names import OWL, RDF_TYPE

BOOKKEEPING = {OWL + "NamedIndividual", OWL + "Class"}
CANONICAL = "canonical:"

Triple = tuple[str, str, str]
Atom = tuple[str | None, str, bool]  # property or None, class or value, whether it is a value


@dataclass
class Rule:
    """All atoms together put an individual into `head`."""

    head: str
    atoms: list[Atom]


@dataclass
class Axioms:
    """Compiled axioms: the rules, and what membership of a class implies.

    It implies classes (each with whether that is asserted or follows from a definition) and edges
    (each with the number of the rule of its definition).
    """

    rules: list[Rule] = field(default_factory=list)
    implied: dict[str, list[tuple[str, bool]]] = field(default_factory=lambda: defaultdict(list))
    implied_edges: dict[str, list[tuple[str, str, bool, int | None]]] = field(
        default_factory=lambda: defaultdict(list)
    )
    disjoint: list[tuple[str, str]] = field(default_factory=list)
    properties: set[str] = field(default_factory=set)
    superproperties: dict[str, list[str]] = field(default_factory=dict)
    static: dict[str, set[str]] = field(default_factory=dict)


@dataclass
class Realization:
    """The classes of each individual, and for each membership how it was derived."""

    types: dict[str, dict[str, list[Any]]] = field(default_factory=lambda: defaultdict(dict))
    contradictions: list[tuple[str, str, str]] = field(default_factory=list)

    def classes(self, individual: str) -> set[str]:
        """The classes that an individual belongs to, asserted and entailed."""
        return set(self.types.get(individual, ()))

    def evidence(self, individual: str, cls: str) -> list[str]:
        """The individuals whose asserted facts put an individual into a class, nearest first."""
        individuals: dict[str, None] = {}
        visited, todo = set(), deque([(individual, cls)])
        while todo:
            step = todo.popleft()
            if step in visited or step[0] not in self.types:
                continue
            visited.add(step)
            for reason in independent(step, self.types[step[0]].get(step[1], [])):
                for witness, name in reason or [(step[0], None)]:
                    if name is None or witness not in self.types:
                        individuals[step[0]] = None
                    else:
                        todo.append((witness, name))
        return [x for x in individuals if x != individual] or list(individuals)


def independent(step: tuple[str, str], reasons: list[Any]) -> list[Any]:
    """The derivations of a membership that do not rest on itself: what is asserted, else its
    definition, else subclasses.

    A definition may be met by what the membership itself implies; a subclass is then the reason.
    """
    if None in reasons:
        return [None]
    sound = [reason for reason in reasons if step not in reason] or reasons
    return [reason for reason in sound if isinstance(reason, dict)] or sound


class Program:
    """Some of the rules of compiled axioms, by number, ready to run.

    Individuals that the axioms know have the classes that were derived at load.
    """

    def __init__(self, axioms: Axioms, numbers: Iterable[int]):
        self.axioms = axioms
        atoms = {number: list(dict.fromkeys(axioms.rules[number].atoms)) for number in numbers}
        shared = Counter(atom for own in atoms.values() for atom in own)
        self.atoms: dict[int, list[Atom]] = atoms
        self.guarded: dict[Atom, list[int]] = defaultdict(list)
        for number, own in atoms.items():
            if own:
                self.guarded[min(own, key=shared.__getitem__)].append(number)
        self.fillers = {o for p, o, is_value in shared if p and not is_value}
        self.conjuncts = {o for p, o, _ in shared if p is None}
        self.values = {o for _, o, is_value in shared if is_value}
        self._filled: dict[str, list[str]] = {}

    def filled(self, individual: str) -> list[str]:
        """The classes of an individual known at load that are the filler of an atom."""
        if individual not in self._filled:
            self._filled[individual] = [
                c for c in self.axioms.static[individual] if c in self.fillers
            ]
        return self._filled[individual]

    def realize(self, facts: Iterable[Triple]) -> Realization:
        """The classes of every individual of `facts`, asserted and entailed, with the reasons."""
        run = Run(self)
        facts = list(facts)
        for s, p, o in facts:
            if p == RDF_TYPE and o not in BOOKKEEPING:
                run.add(s, o, None)
        for s, p, o in facts:
            if p in self.axioms.properties:
                run.connect(s, p, o)
        return run.finish()


class Run:
    """The state of one realization while it runs."""

    def __init__(self, program: Program):
        self.program, self.axioms, self.static = program, program.axioms, program.axioms.static
        self.result = Realization()
        self.types = self.result.types
        self.queue: list[tuple[str, str]] = []
        self.outgoing: dict[str, list[tuple[str, str, str | None]]] = defaultdict(list)
        self.incoming: dict[str, list[tuple[str, str]]] = defaultdict(list)
        self.missing: dict[tuple[str, int], set[Atom]] = {}
        self.witnesses: dict[tuple[str, int], dict[tuple[str, str | None], None]] = {}
        self.waiting: dict[tuple[str, Atom], list[int]] = defaultdict(list)

    def add(self, x: str, cls: str, reason: Any) -> None:
        """Puts an individual into a class, for a reason."""
        types = self.types[x]
        if cls not in types:
            types[cls] = [reason]
            self.queue.append((x, cls))
        elif reason not in types[cls]:
            types[cls].append(reason)

    def connect(self, x: str, p: str, y: str, implied_by: str | None = None) -> None:
        """Draws an edge that is asserted, or implied by a class."""
        for q in self.axioms.superproperties.get(p, (p,)):
            self.outgoing[x].append((q, y, implied_by))
            self.incoming[y].append((x, q))
            if y in self.program.values:
                self.hold(x, (q, y, True), (x, implied_by))
            for cls in self.program.filled(y) if y in self.static else list(self.types.get(y, ())):
                self.hold(x, (q, cls, False), (x, implied_by) if implied_by else (y, cls))

    def hold(self, x: str, atom: Atom, witness: tuple[str, str | None]) -> None:
        """Counts an atom that holds for an individual; begins the rules whose guard it is."""
        for number in self.program.guarded.get(atom, ()):
            if (x, number) not in self.missing:
                self.begin(x, number, atom)
        for number in self.waiting.get((x, atom), ()):
            self.count(x, number, atom, witness)

    def begin(self, x: str, number: int, guard: Atom) -> None:
        """Begins a rule for an individual: counts what holds already, and waits for the rest."""
        atoms = self.program.atoms[number]
        self.missing[x, number], self.witnesses[x, number] = set(atoms), {}
        for atom in atoms:
            self.waiting[x, atom].append(number)
            if atom != guard:
                for witness in self.witnesses_of(x, atom):
                    self.count(x, number, atom, witness)

    def count(self, x: str, number: int, atom: Atom, witness: tuple[str, str | None]) -> None:
        """Notes what an atom of a begun rule rests on; fires the rule when none is missing."""
        witnesses, missing = self.witnesses[x, number], self.missing[x, number]
        witnesses[witness] = None
        missing.discard(atom)
        if not missing:
            self.add(x, self.axioms.rules[number].head, witnesses)

    def witnesses_of(self, x: str, atom: Atom) -> Iterator[tuple[str, str | None]]:
        """The witnesses of an atom for an individual, as far as they are known yet."""
        p, o, is_value = atom
        if p is None:
            if o in self.types[x]:
                yield x, o
            return
        for q, y, implied_by in self.outgoing.get(x, ()):
            if q == p and (
                y == o
                if is_value
                else o in (self.static[y] if y in self.static else self.types.get(y, ()))
            ):
                yield (x, implied_by) if is_value or implied_by else (y, o)

    def finish(self) -> Realization:
        """The realization, when all that follows has followed."""
        implied, edges, fillers = (
            self.axioms.implied,
            self.axioms.implied_edges,
            self.program.fillers,
        )
        while self.queue:
            x, cls = self.queue.pop()
            for parent, asserted in implied.get(cls, ()):
                if asserted or parent not in self.types[x]:
                    self.add(x, parent, ((x, cls),))
            for p, o, is_value, rule in edges.get(cls, ()):
                # a definition that fired has its witnesses already
                if rule is None or self.missing.get((x, rule), True):
                    self.connect(x, p, o if is_value else CANONICAL + o, cls)
            if cls in self.program.conjuncts:
                self.hold(x, (None, cls, False), (x, cls))
            if cls in fillers:
                for y, q in self.incoming.get(x, ()):
                    self.hold(y, (q, cls, False), (x, cls))
        self.result.contradictions = sorted(
            (x, a, b)
            for a, b in self.axioms.disjoint
            for x, c in self.types.items()
            if a in c and b in c
        )
        return self.result
