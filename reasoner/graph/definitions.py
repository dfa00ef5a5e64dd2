"""Compiles the OWL axioms of the ontology to rules that classify a record (realization).

Static individuals, such as regions and procedures, are classified once, when the ontology is
loaded. Sound and complete for the OWL fragment that `check_fragment` admits; any other axiom is
refused. The tests compare the results with the reasoner HermiT.
"""

from collections import defaultdict
from collections.abc import Iterable

from reasoner.errors import DefinitionError
from reasoner.graph.realization import CANONICAL, Atom, Axioms, Program, Realization, Rule, Triple
from reasoner.names import OWL, RDF_TYPE, RDFS, XSD, curie

RDF = RDF_TYPE.removesuffix("type")
SOME, VALUE, ON, AND = (
    OWL + "someValuesFrom",
    OWL + "hasValue",
    OWL + "onProperty",
    OWL + "intersectionOf",
)
SUBCLASS, SUBPROPERTY, EQUIVALENT, DISJOINT = (
    RDFS + "subClassOf",
    RDFS + "subPropertyOf",
    OWL + "equivalentClass",
    OWL + "disjointWith",
)
ADMITTED = {
    OWL + name
    for name in (
        "someValuesFrom hasValue onProperty intersectionOf equivalentClass disjointWith Class "
        "Restriction Ontology imports versionIRI versionInfo NamedIndividual ObjectProperty "
        "DatatypeProperty AnnotationProperty deprecated"
    ).split()
}
REFUSED = {RDFS + "domain", RDFS + "range"}


def check_fragment(triples: Iterable[Triple]) -> None:
    """Raises DefinitionError for the first axiom outside the admitted OWL fragment."""
    for s, p, o in triples:
        for term in (p, o):
            if term in REFUSED or (
                term.startswith((OWL, XSD))
                and term not in ADMITTED
                and (p, o) != (RDF_TYPE, OWL + "Thing")
            ):
                name = term.rsplit("#")[-1]
                raise DefinitionError(
                    curie(s),
                    f"{name} is outside the OWL fragment that is decided at run time",
                    "Use named classes, intersections, someValuesFrom, hasValue, subclass and "
                    "subproperty axioms.",
                )


class Definitions:
    """The compiled definitions of an ontology; `realize` classifies a record against them."""

    def __init__(self, triples: Iterable[Triple]):
        triples = list(triples)
        check_fragment(triples)
        self.out: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
        for s, p, o in triples:
            self.out[s][p].append(o)
        self.axioms = Axioms(disjoint=[(s, o) for s, p, o in triples if p == DISJOINT])
        self.rules = self.axioms.rules
        self._unnamed_classes: dict[frozenset[Atom], str] = {}
        self._read_axioms(triples)
        self._read_properties()
        fillers = {o for rule in self.rules for p, o, is_value in rule.atoms if p and not is_value}
        fillers |= {
            o
            for edges in self.axioms.implied_edges.values()
            for _, o, is_value, _ in edges
            if not is_value
        }
        named = {s for s, p, o in triples if p == RDF_TYPE and o == OWL + "Class"}
        base = [
            t
            for t in triples
            if (t[1] in self.axioms.properties or t[1] == RDF_TYPE) and not t[0].startswith("_:")
        ]
        base += [(CANONICAL + c, RDF_TYPE, c) for c in sorted(fillers | named)]
        self.program = Program(self.axioms, range(len(self.rules)))
        realized = self.program.realize(base)
        self.static = {x: set(c) for x, c in realized.types.items()}
        # what no member can be: a thing, or a class by its canonical member, and the two classes
        self.contradictions = [
            (x.removeprefix(CANONICAL), one, other) for x, one, other in realized.contradictions
        ]
        self.axioms.static = self.static

    def realize(self, facts: Iterable[Triple]) -> Realization:
        """The classes of every individual of `facts`, with the reasons.

        Static individuals have the classes that were derived at load.
        """
        return self.program.realize(facts)

    def superclasses(self, cls: str) -> set[str]:
        """The named classes that contain a class, itself included."""
        return {c for c in self.static.get(CANONICAL + cls, ()) if not c.startswith("_:")}

    def exclude(self, one: str, other: str) -> bool:
        """Whether two classes have no member in common, as they are or by those above them."""
        first, second = self.superclasses(one), self.superclasses(other)
        return any(
            (a in first and b in second) or (a in second and b in first)
            for a, b in self.axioms.disjoint
        )

    def conjuncts(self, cls: str) -> list[str]:
        """The named classes that the definition of a class intersects, in order.

        Empty when it has no definition.
        """
        return [
            o
            for e in self.out[cls][EQUIVALENT]
            for members in self.out[e][AND]
            for o in self._list(members)
            if not o.startswith("_:")
        ]

    def _list(self, node: str) -> list[str]:
        items: list[str] = []
        nodes = [node]
        while nodes[-1] != RDF + "nil":
            first, rest = self.out[nodes[-1]][RDF + "first"], self.out[nodes[-1]][RDF + "rest"]
            if len(first) != 1 or len(rest) != 1 or rest[0] in nodes:
                raise DefinitionError(
                    node,
                    "the list of an intersection is not well formed",
                    "Write it between brackets.",
                )
            items, nodes = items + first, nodes + rest
        return items

    def _atoms(self, expression: str) -> list[Atom]:
        node = self.out[expression]
        if not expression.startswith("_:"):
            return [(None, expression, False)]
        kinds, on = [kind for kind in (AND, SOME, VALUE) for _ in node[kind]], node[ON]
        if kinds == [AND] and not on:
            return [atom for member in self._list(node[AND][0]) for atom in self._atoms(member)]
        if kinds in ([SOME], [VALUE]) and len(on) == 1:
            filler = node[kinds[0]][0]
            if kinds == [SOME] and filler.startswith("_:"):
                filler = self._unnamed(filler)
            return [(on[0], filler, kinds == [VALUE])]
        raise DefinitionError(
            expression,
            "a class expression is neither an intersection nor a someValuesFrom nor a hasValue",
            "Rewrite it inside the admitted fragment.",
        )

    def _unnamed(self, expression: str) -> str:
        """The unnamed class of an expression: one for all expressions that say the same."""
        atoms = self._atoms(expression)
        key = frozenset(atoms)
        if key not in self._unnamed_classes:
            self._unnamed_classes[key] = expression
            self._define(expression, atoms)
        return self._unnamed_classes[key]

    def _define(self, head: str, atoms: list[Atom]) -> None:
        self.rules.append(Rule(head, atoms))
        self._imply(head, atoms, len(self.rules) - 1)

    def _imply(self, cls: str, atoms: list[Atom], rule: int | None) -> None:
        for p, o, is_value in atoms:
            if p is None:
                self.axioms.implied[cls].append((o, rule is None))
            else:
                self.axioms.implied_edges[cls].append((p, o, is_value, rule))

    def _read_axioms(self, triples: list[Triple]) -> None:
        for s, p, o in triples:
            if p == SUBCLASS:
                if s.startswith("_:"):
                    raise DefinitionError(
                        curie(o),
                        "a general class axiom has an unnamed subclass",
                        "Name the subclass.",
                    )
                self._imply(s, self._atoms(o), None)
            elif p == DISJOINT and "_:" in (s[:2], o[:2]):
                raise DefinitionError(
                    curie(s), "a class is disjoint with an unnamed class", "Name the class."
                )
            elif p == EQUIVALENT:
                self._define(s, self._atoms(o))
                if not o.startswith("_:"):
                    self._define(o, [(None, s, False)])

    def _read_properties(self) -> None:
        used = {p for rule in self.rules for p, _, _ in rule.atoms if p}
        for p in list(self.out):
            above, todo = set(), [p]
            while todo:
                if (q := todo.pop()) not in above:
                    above.add(q)
                    todo += self.out[q][SUBPROPERTY]
            if above & used:
                self.axioms.superproperties[p] = sorted(above)
        self.axioms.properties = used | set(self.axioms.superproperties)
