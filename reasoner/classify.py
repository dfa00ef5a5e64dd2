"""Realization: which classes the individuals of a record belong to, and which facts put them there.

The definitions are read once from the OWL documents, their only source, and compiled to counting rules: a rule
fires for an individual when all of its atoms hold. Knowledge about static individuals (regions, procedures) is
saturated at load. The method is the completion procedure for EL with hasValue over named individuals (Baader,
Brandt, Lutz 2005): every existential that a class implies points at one canonical individual for its filler.
Sound and complete for the fragment that `check_fragment` admits; anything else is refused. HermiT is the referee
in the tests.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from reasoner.errors import DefinitionError
from reasoner.names import OWL, RDF_TYPE, RDFS, XSD, curie

RDF = RDF_TYPE.removesuffix("type")
SOME, VALUE, ON, AND = OWL + "someValuesFrom", OWL + "hasValue", OWL + "onProperty", OWL + "intersectionOf"
SUBCLASS, SUBPROPERTY, EQUIVALENT, DISJOINT = RDFS + "subClassOf", RDFS + "subPropertyOf", OWL + "equivalentClass", OWL + "disjointWith"
ADMITTED = {OWL + name for name in (
    "someValuesFrom hasValue onProperty intersectionOf equivalentClass disjointWith Class Restriction Ontology imports "
    "versionIRI versionInfo NamedIndividual ObjectProperty DatatypeProperty AnnotationProperty deprecated").split()}
REFUSED = {RDFS + "domain", RDFS + "range"}
BOOKKEEPING = {OWL + "NamedIndividual", OWL + "Class"}

Triple = tuple[str, str, str]
CANONICAL = "canonical:"


@dataclass
class Rule:
    """All atoms together put an individual into `head`; an atom is (property or None, class or value, is_value)."""

    head: str
    atoms: list[tuple[str | None, str, bool]]


@dataclass
class Realization:
    """The classes of each individual, and for each membership how it was derived."""

    types: dict[str, dict[str, list]] = field(default_factory=lambda: defaultdict(dict))
    contradictions: list[tuple[str, str, str]] = field(default_factory=list)

    def classes(self, individual: str) -> set[str]:
        """The classes that an individual belongs to, asserted and entailed."""
        return set(self.types.get(individual, ()))

    def evidence(self, individual: str, cls: str) -> list[str]:
        """The individuals whose asserted facts put an individual into a class, in the order they were found."""
        found, seen, todo = {}, set(), [(individual, cls)]
        while todo:
            step = todo.pop(0)
            if step in seen or step[0] not in self.types:
                continue
            seen.add(step)
            for reason in independent(self.types[step[0]].get(step[1], [])):
                for witness, name in reason or [(step[0], None)]:
                    if name is None or witness not in self.types:
                        found[step[0]] = None
                    else:
                        todo.append((witness, name))
        return [x for x in found if x != individual] or list(found)


def independent(reasons: list) -> list:
    """The derivations of a membership that do not rest on itself: what is asserted, else its definition, else subclasses."""
    return [None] if None in reasons else [reason for reason in reasons if isinstance(reason, list)] or reasons


def check_fragment(triples: Iterable[Triple]) -> None:
    """Raises DefinitionError for the first axiom outside the admitted OWL fragment."""
    for s, p, o in triples:
        for term in (p, o):
            if term in REFUSED or (term.startswith((OWL, XSD)) and term not in ADMITTED and (p, o) != (RDF_TYPE, OWL + "Thing")):
                raise DefinitionError(curie(s), f"{term.rsplit('#')[-1]} is outside the OWL fragment that is decided at run time",
                                      "Use named classes, intersections, someValuesFrom, hasValue, subclass and subproperty axioms.")


class Definitions:
    """The compiled definitions of an ontology; `realize` classifies a record against them."""

    def __init__(self, triples: Iterable[Triple]):
        triples = list(triples)
        check_fragment(triples)
        self.out: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
        for s, p, o in triples:
            self.out[s][p].append(o)
        self.implied: dict[str, list[tuple[str, bool]]] = defaultdict(list)
        self.implied_edges: dict[str, list[tuple[str, str, bool, int | None]]] = defaultdict(list)
        self.rules: list[Rule] = []
        self.disjoint = [(s, o) for s, p, o in triples if p == DISJOINT]
        self._read_axioms(triples)
        self._index()
        self.static: dict[str, set[str]] = {}
        fillers = {o for rule in self.rules for p, o, is_value in rule.atoms if p and not is_value}
        fillers |= {o for edges in self.implied_edges.values() for _, o, is_value, _ in edges if not is_value}
        named = {s for s, p, o in triples if p == RDF_TYPE and o == OWL + "Class"}
        base = [t for t in triples if (t[1] in self.properties or t[1] == RDF_TYPE) and not t[0].startswith("_:")]
        base += [(CANONICAL + c, RDF_TYPE, c) for c in sorted(fillers | named)]
        self.static = {x: set(c) for x, c in self.realize(base).types.items()}

    def superclasses(self, cls: str) -> set[str]:
        """The named classes that contain a class, itself included."""
        return {c for c in self.static.get(CANONICAL + cls, ()) if not c.startswith("_:")}

    def conjuncts(self, cls: str) -> list[str]:
        """The named classes that the definition of a class intersects, in order; empty when it has no definition."""
        return [o for e in self.out[cls][EQUIVALENT] for members in self.out[e][AND] for o in self._list(members) if not o.startswith("_:")]

    def _list(self, node: str) -> list[str]:
        items, seen = [], [node]
        while seen[-1] != RDF + "nil":
            first, rest = self.out[seen[-1]][RDF + "first"], self.out[seen[-1]][RDF + "rest"]
            if len(first) != 1 or len(rest) != 1 or rest[0] in seen:
                raise DefinitionError(node, "the list of an intersection is not well formed", "Write it between brackets.")
            items, seen = items + first, seen + rest
        return items

    def _atoms(self, expression: str) -> list[tuple[str | None, str, bool]]:
        node = self.out[expression]
        if not expression.startswith("_:"):
            return [(None, expression, False)]
        kinds, on = [kind for kind in (AND, SOME, VALUE) for _ in node[kind]], node[ON]
        if kinds == [AND] and not on:
            return [atom for member in self._list(node[AND][0]) for atom in self._atoms(member)]
        if kinds in ([SOME], [VALUE]) and len(on) == 1:
            filler = node[kinds[0]][0]
            if kinds == [SOME] and filler.startswith("_:"):
                self._define(filler, self._atoms(filler))
            return [(on[0], filler, kinds == [VALUE])]
        raise DefinitionError(expression, "a class expression is neither an intersection nor a someValuesFrom nor a hasValue",
                              "Rewrite it inside the admitted fragment.")

    def _define(self, head: str, atoms: list[tuple[str | None, str, bool]]) -> None:
        self.rules.append(Rule(head, atoms))
        self._imply(head, atoms, len(self.rules) - 1)

    def _imply(self, cls: str, atoms: list[tuple[str | None, str, bool]], rule: int | None) -> None:
        for p, o, is_value in atoms:
            if p is None:
                self.implied[cls].append((o, rule is None))
            else:
                self.implied_edges[cls].append((p, o, is_value, rule))

    def _read_axioms(self, triples: list[Triple]) -> None:
        for s, p, o in triples:
            if p == SUBCLASS:
                if s.startswith("_:"):
                    raise DefinitionError(curie(o), "a general class axiom has an unnamed subclass", "Name the subclass.")
                self._imply(s, self._atoms(o), None)
            elif p == DISJOINT and "_:" in (s[:2], o[:2]):
                raise DefinitionError(curie(s), "a class is disjoint with an unnamed class", "Name the class.")
            elif p == EQUIVALENT:
                self._define(s, self._atoms(o))
                if not o.startswith("_:"):
                    self._define(o, [(None, s, False)])

    def _index(self) -> None:
        self.by_class, self.by_filler, self.by_value = defaultdict(list), defaultdict(list), defaultdict(list)
        self.properties: set[str] = set()
        for number, rule in enumerate(self.rules):
            for place, (p, o, is_value) in enumerate(rule.atoms):
                if p is None:
                    self.by_class[o].append((number, place))
                    continue
                self.properties.add(p)
                (self.by_value[p, o] if is_value else self.by_filler[o]).append((number, place) if is_value else (p, number, place))
        supers: dict[str, set[str]] = defaultdict(set)
        for p in list(self.out):
            todo = [p]
            while todo:
                q = todo.pop()
                if q not in supers[p]:
                    supers[p].add(q)
                    todo += self.out[q][SUBPROPERTY]
        self.superproperties = {p: sorted(s) for p, s in supers.items() if s & self.properties}
        self.properties |= set(self.superproperties)
        self.full = [(1 << len(rule.atoms)) - 1 for rule in self.rules]

    def realize(self, facts: Iterable[Triple]) -> Realization:
        """The classes of every individual of `facts`, with the reasons; static individuals keep what load found."""
        result = Realization()
        types, static = result.types, self.static
        incoming: dict[str, list[tuple[str, str]]] = defaultdict(list)
        masks: dict[tuple[str, int], int] = defaultdict(int)
        witnesses: dict[tuple[str, int], list] = defaultdict(list)
        queue: list[tuple[str, str]] = []

        def add(x: str, cls: str, reason) -> None:
            if cls not in types[x]:
                types[x][cls] = [reason]
                queue.append((x, cls))
            elif reason not in types[x][cls]:
                types[x][cls].append(reason)

        def fire(x: str, number: int, place: int, witness: tuple[str, str | None]) -> None:
            key = (x, number)
            seen = witnesses[key]
            if witness not in seen:
                seen.append(witness)
            masks[key] |= 1 << place
            if masks[key] == self.full[number]:
                add(x, self.rules[number].head, seen)

        def connect(x: str, p: str, y: str, implied_by: str | None = None) -> None:
            for q in self.superproperties.get(p, (p,)):
                incoming[y].append((x, q))
                for number, place in self.by_value.get((q, y), ()):
                    fire(x, number, place, (x, implied_by))
                for cls in list(static.get(y, ()) if y in static else types.get(y, ())):
                    for r, number, place in self.by_filler.get(cls, ()):
                        if r == q:
                            fire(x, number, place, (x, implied_by) if implied_by else (y, cls))

        facts = list(facts)
        for s, p, o in facts:
            if p == RDF_TYPE and o not in BOOKKEEPING:
                add(s, o, None)
        for s, p, o in facts:
            if p in self.properties:
                connect(s, p, o)
        while queue:
            x, cls = queue.pop()
            for parent, told in self.implied.get(cls, ()):
                if told or parent not in types[x]:
                    add(x, parent, ((x, cls),))
            for p, o, is_value, rule in self.implied_edges.get(cls, ()):
                if rule is None or masks[x, rule] != self.full[rule]:  # a definition that fired has its witnesses already
                    connect(x, p, o if is_value else CANONICAL + o, cls)
            for number, place in self.by_class.get(cls, ()):
                fire(x, number, place, (x, cls))
            for p, number, place in self.by_filler.get(cls, ()):
                for y, q in incoming.get(x, ()):
                    if p == q:
                        fire(y, number, place, (x, cls))
        result.contradictions = sorted((x, a, b) for a, b in self.disjoint for x, c in types.items() if a in c and b in c)
        return result
