"""Writes a graph as canonical Turtle: the same graph always gives the same bytes.

In order: prefixes by name; sections (`SECTIONS`), by name inside a section; predicates
(`FIRST_PREDICATES`), then by name; objects as names, literals (by language, text, datatype), lists
and blank nodes by text; statements about a blank node that is nobody's object last, by text.
A term is named by prefix and local name where it can be, otherwise by `<IRI>`.
The empty prefix is read, never written: OWLAPI rebinds it at every save.
"""

import re
from typing import Any

from pyoxigraph import BlankNode, Literal, NamedNode

from reasoner.graph.turtle.order import NIL, RDF, TYPE, Facts, members
from reasoner.names import DCTERMS, IA, OWL, RDFS, SKOS, XSD

WELL_KNOWN = {
    "dcterms": DCTERMS,
    "ia": IA,
    "owl": OWL,
    "rdf": RDF,
    "rdfs": RDFS,
    "skos": SKOS,
    "xsd": XSD,
    "sh": "http://www.w3.org/ns/shacl#",
}
SECTIONS = [
    NamedNode(iri)
    for iri in (  # then individuals: whatever else has a type; then anything else
        OWL + "Ontology",
        OWL + "AnnotationProperty",
        OWL + "ObjectProperty",
        OWL + "DatatypeProperty",
        RDFS + "Datatype",
        OWL + "Class",
    )
]
FIRST_PREDICATES = [
    TYPE,
    *map(NamedNode, (RDFS + "label", SKOS + "prefLabel", SKOS + "definition")),
]
# spellings that rdflib preserves without quotes: it makes 45 of 045, and 1E-7 of 0.0000001
BARE = {
    XSD + "integer": r"0|-?[1-9][0-9]*",
    XSD + "decimal": r"-?(0|[1-9][0-9]*)\.[0-9]{1,6}",
    XSD + "boolean": "true|false",
}
LOCAL_NAME = re.compile(r"[A-Za-z0-9_]([A-Za-z0-9_.-]*[A-Za-z0-9_-])?")
ESCAPES = {"\\": r"\\", '"': r"\"", "\n": r"\n", "\r": r"\r", "\t": r"\t"}
STEP, WIDTH = "    ", 100


def blank_objects(facts: Facts, node: Any) -> list[BlankNode]:
    """The blank nodes that a subject has for objects, as often as it has them."""
    return [
        thing
        for things in facts.get(node, {}).values()
        for thing in things
        if isinstance(thing, BlankNode)
    ]


def tops(facts: Facts) -> list[Any]:
    """The subjects that are named or nobody's object."""
    below = {thing for node in facts for thing in blank_objects(facts, node)}
    return [node for node in facts if node not in below]


class Writer:
    """The spelling of one graph whose blank nodes form trees."""

    def __init__(self, facts: Facts, prefixes: dict[str, str]) -> None:
        known = set(WELL_KNOWN.values())
        free = [
            (name, space)
            for name, space in prefixes.items()
            if name and name not in WELL_KNOWN and space not in known
        ]
        shortest_first = sorted(
            [*WELL_KNOWN.items(), *free], key=lambda item: (len(item[0]), item[0])
        )
        self.prefixes = {space: name for name, space in reversed(shortest_first)}
        self.spaces = sorted(self.prefixes, key=len, reverse=True)
        self.names: dict[str, str] = {}
        self.facts = facts

    def document(self) -> str:
        """The whole document: prefixes, named subjects by section and name, the rest by text."""
        named = [node for node in self.facts if isinstance(node, NamedNode)]
        named.sort(key=lambda node: (self.section(node), self.name(node)))
        nameless = [node for node in tops(self.facts) if isinstance(node, BlankNode)]
        statements = [self.statement(self.name(node), node) for node in named]
        statements += sorted(self.statement("[]", node) for node in nameless)
        used = {name.partition(":")[0] for name in self.names.values()}
        prefixes = sorted((name, space) for space, name in self.prefixes.items() if name in used)
        head = "".join(f"@prefix {name}: <{space}> .\n" for name, space in prefixes)
        return "\n".join([head, *statements] if head else statements)

    def section(self, node: NamedNode) -> int:
        """The number of the section that a named subject stands in."""
        types = self.facts[node].get(TYPE, [])
        individuals, anything_else = len(SECTIONS), len(SECTIONS) + 1
        return min(
            (SECTIONS.index(kind) for kind in types if kind in SECTIONS),
            default=individuals if types else anything_else,
        )

    def statement(self, name: str, node: Any) -> str:
        """All there is to say about one subject, with its full stop."""
        return f"{name} " + f" ;\n{STEP}".join(self.predicates(node, STEP)) + " .\n"

    def predicates(self, node: Any, indent: str) -> list[str]:
        """Each predicate of a subject with its objects."""
        facts = {
            self.verb(predicate): things for predicate, things in self.facts.get(node, {}).items()
        }
        return [f"{verb} {self.objects(facts[rank, verb], indent)}" for rank, verb in sorted(facts)]

    def verb(self, predicate: NamedNode) -> tuple[int, str]:
        """The rank of a predicate and its name."""
        rank = (
            FIRST_PREDICATES.index(predicate)
            if predicate in FIRST_PREDICATES
            else len(FIRST_PREDICATES)
        )
        return rank, "a" if predicate == TYPE else self.name(predicate)

    def objects(self, things: list[Any], indent: str) -> str:
        """One object, or several sorted, one a line."""
        if len(things) == 1:
            return self.thing(things[0], indent)
        deeper = indent + STEP
        pairs = sorted((rank(thing), self.thing(thing, deeper)) for thing in things)
        return f" ,\n{deeper}".join(text for _, text in pairs)

    def thing(self, node: Any, indent: str) -> str:
        """One object: a name, a literal, a list or a blank node."""
        if isinstance(node, Literal):
            return self.literal(node)
        if isinstance(node, NamedNode):
            return "()" if node == NIL else self.name(node)
        items = members(self.facts, node)
        if items is None:
            return enclose("[", self.predicates(node, indent + STEP), " ;", "]", indent)
        return enclose(
            "(", [self.thing(member, indent + STEP) for member in items], "", ")", indent
        )

    def literal(self, node: Literal) -> str:
        """A literal with its own digits and letters, without quotes where that is safe."""
        if re.fullmatch(BARE.get(node.datatype.value, "(?!)"), node.value):
            return node.value
        if node.language:
            return f"{quoted(node.value)}@{node.language}"
        suffix = "" if node.datatype.value == XSD + "string" else "^^" + self.name(node.datatype)
        return quoted(node.value) + suffix

    def name(self, node: NamedNode) -> str:
        """A term as `prefix:local`, by the longest namespace that leaves a plain local name.

        Without such a namespace it is `<IRI>`.
        """
        iri = node.value
        if iri not in self.names:
            fits = (
                f"{self.prefixes[space]}:{iri[len(space) :]}"
                for space in self.spaces
                if iri.startswith(space) and LOCAL_NAME.fullmatch(iri, len(space))
            )
            self.names[iri] = next(fits, str(node))
        return self.names[iri]


def rank(thing: Any) -> tuple[int, str, str]:
    """The sort key of an object before its text: names, literals by language, the rest."""
    if isinstance(thing, Literal):
        return 1, thing.language or "", thing.value
    return (0 if isinstance(thing, NamedNode) else 2), "", ""


def enclose(opening: str, parts: list[str], separator: str, closing: str, indent: str) -> str:
    """Parts between brackets: on one line when they fit, otherwise one part a line."""
    line = " ".join([opening, f"{separator} ".join(parts), closing]) if parts else opening + closing
    if "\n" not in line and len(indent) + len(line) <= WIDTH:
        return line
    return (
        f"{opening}\n{indent}{STEP}"
        + f"{separator}\n{indent}{STEP}".join(parts)
        + f"\n{indent}{closing}"
    )


def quoted(text: str) -> str:
    """A string in quotes, in triple quotes when it has line feeds; control characters escaped."""
    if "\n" not in text:
        return '"' + re.sub(r'[\x00-\x1f\x7f-\x9f"\\]', escape, text) + '"'
    return '"""' + re.sub(r'[\x00-\x09\x0b-\x1f\x7f-\x9f\\]|"(?="|\Z)', escape, text) + '"""'


def escape(match: re.Match[str]) -> str:
    """The Turtle escape of one character."""
    character = match[0]
    return ESCAPES.get(character) or f"\\u{ord(character):04X}"
