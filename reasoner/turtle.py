"""Why this file exists: a Turtle file has one spelling, so that a diff shows what changed and Protégé may save freely.

The layout, in order:
prefixes by name; sections (`SECTIONS`), by name inside a section; predicates (`FIRST_PREDICATES`), then by name;
objects as names, literals (by language, text, datatype), lists and blank nodes by text;
statements about a blank node that is nobody's object last, by text.
A term is named by prefix and local name where it can be, otherwise by `<IRI>`.
The empty prefix is read, never written: OWLAPI rebinds it at every save.
`#` comments are dropped: a remark worth keeping is a `skos:editorialNote`.
"""

import os
import re
import tempfile
from collections import Counter, defaultdict
from hashlib import sha256
from pathlib import Path

from pyoxigraph import BlankNode, Literal, NamedNode, RdfFormat, Triple, parse

from reasoner.errors import TurtleError
from reasoner.names import DCTERMS, IA, OWL, RDF_TYPE, RDFS, SKOS, XSD

RDF = RDF_TYPE.removesuffix("type")
WELL_KNOWN = {"dcterms": DCTERMS, "ia": IA, "owl": OWL, "rdf": RDF, "rdfs": RDFS, "skos": SKOS, "xsd": XSD,
              "sh": "http://www.w3.org/ns/shacl#"}
TYPE, FIRST, REST, NIL = (NamedNode(RDF + name) for name in ("type", "first", "rest", "nil"))
SECTIONS = [NamedNode(iri) for iri in (  # then individuals: whatever else has a type; then anything else
    OWL + "Ontology", OWL + "AnnotationProperty", OWL + "ObjectProperty", OWL + "DatatypeProperty",
    RDFS + "Datatype", OWL + "Class")]
FIRST_PREDICATES = [TYPE, *map(NamedNode, (RDFS + "label", SKOS + "prefLabel", SKOS + "definition"))]
BARE = {  # spellings that rdflib keeps when they stand without quotes: it makes 45 of 045, and 1E-7 of 0.0000001
    XSD + "integer": r"0|-?[1-9][0-9]*", XSD + "decimal": r"-?(0|[1-9][0-9]*)\.[0-9]{1,6}", XSD + "boolean": "true|false"}
LOCAL_NAME = re.compile(r"[A-Za-z0-9_]([A-Za-z0-9_.-]*[A-Za-z0-9_-])?")
ESCAPES = {"\\": r"\\", '"': r'\"', "\n": r"\n", "\r": r"\r", "\t": r"\t"}
SYNTAX_HINTS = {"prefix": "Add its @prefix line.", "scheme": "Write the IRI in full."}
STEP, WIDTH = "    ", 100
Facts = dict[NamedNode | BlankNode, dict[NamedNode, list]]


def format_turtle(data: bytes, base: str = "") -> bytes:
    """The canonical spelling of a Turtle document; `base` is the IRI that relative IRIs start from.

    Raises TurtleError when the document does not parse, or has a blank node that is used twice or contains itself.
    """
    facts, prefixes = read(data, base)
    check_blank_nodes(facts)
    try:
        text = Writer(facts, prefixes).document().encode()
    except RecursionError:
        raise TurtleError("", 0, 0, "blank nodes are nested too deeply", "Give an inner one an IRI.") from None
    if fingerprints(facts) != fingerprints(read(text)[0]):
        raise TurtleError("", 0, 0, "formatting would change the graph", "Keep the file as it is and report this.")
    return text


def turtle_files(paths: list[Path]) -> list[Path]:
    """The Turtle files among files and folders; shapes are left as they are written, because Protégé never opens them."""
    return sorted(f for p in paths for f in (p.rglob("*.ttl") if p.is_dir() else [p]) if "shapes" not in f.parts)


def format_file(path: str | Path, check: bool = False) -> bool:
    """True when the file was not in its canonical spelling; it then is, unless `check`. Raises TurtleError."""
    file = Path(path).resolve()
    try:
        before = file.read_bytes()
        after = format_turtle(before)
        if after != before and not check:
            replace(file, after)
    except OSError as error:
        raise TurtleError(str(path), 0, 0, error.strerror, "Check the path and its permissions.") from error
    except TurtleError as error:
        raise TurtleError(str(path), error.line, error.column, error.message, error.hint) from error
    return after != before


def replace(file: Path, content: bytes) -> None:
    """Puts `content` in an existing file in one step: a reader sees the old bytes or the new, never half of each."""
    handle, temporary = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
        os.chmod(temporary, file.stat().st_mode)
        os.replace(temporary, file)
    except BaseException:
        os.unlink(temporary)
        raise


def read(data: bytes, base: str = "") -> tuple[Facts, dict[str, str]]:
    """The statements of a Turtle document by subject and predicate, literals as they are spelled, and its prefixes."""
    facts = defaultdict(dict)
    try:
        quads = parse(data.removeprefix(b"\xef\xbb\xbf"), format=RdfFormat.TURTLE, base_iri=base or None)
        for subject, predicate, thing in dict.fromkeys(quad.triple for quad in quads):
            if isinstance(thing, Triple) or getattr(thing, "direction", None):
                raise TurtleError("", 0, 0, f"{thing} is RDF 1.2, which OWL tools do not read", "Say it in RDF 1.1.")
            facts[subject].setdefault(predicate, []).append(thing)
    except SyntaxError as error:
        message = error.msg.partition(": ")[2] or error.msg
        hint = next((hint for word, hint in SYNTAX_HINTS.items() if word in message), "Correct it here or just before.")
        raise TurtleError("", error.lineno or 0, error.offset or 0, message, hint) from error
    return dict(facts), quads.prefixes


def blank_objects(facts: Facts, node) -> list[BlankNode]:
    """The blank nodes that a subject has for objects, as often as it has them."""
    return [thing for things in facts.get(node, {}).values() for thing in things if isinstance(thing, BlankNode)]


def tops(facts: Facts) -> list:
    """The subjects that are named or nobody's object."""
    below = {thing for node in facts for thing in blank_objects(facts, node)}
    return [node for node in facts if node not in below]


def top_down(facts: Facts) -> list:
    """The tops, then the blank nodes below them; not the blank nodes of a circle."""
    nodes = tops(facts)
    for node in nodes:
        nodes += blank_objects(facts, node)
    return nodes


def check_blank_nodes(facts: Facts) -> None:
    """Raises TurtleError when a blank node is used twice or contains itself: brackets cannot say that."""
    users = defaultdict(list)
    for node in facts:
        for thing in blank_objects(facts, node):
            users[thing].append(node)
    if shared := [owners(node, users) for node, subjects in users.items() if len(subjects) > 1]:
        message = f"a blank node is used twice, below {' and '.join(min(shared))}"
        raise TurtleError("", 0, 0, message, "Give it an IRI, or write it out at each use.")
    if circle := set(facts).difference(top_down(facts)):
        predicates = sorted({str(predicate) for node in circle for predicate in facts[node]})
        message = f"a blank node contains itself; it is in a circle of {' and '.join(predicates)}"
        raise TurtleError("", 0, 0, message, "Give one node of the circle an IRI.")


def owners(node: BlankNode, users: dict[BlankNode, list]) -> list[str]:
    """The named subjects that a blank node is below, sorted; `["another blank node"]` when there are none."""
    seen, waiting = set(), [node]
    while waiting:
        if (node := waiting.pop()) not in seen:
            seen.add(node)
            waiting += users.get(node, [])
    return sorted(str(node) for node in seen if isinstance(node, NamedNode)) or ["another blank node"]


def fingerprints(facts: Facts) -> Counter[str]:
    """What the graph says of each top node: equal for isomorphic graphs only, as long as blank nodes form trees.

    Oxigraph's own `Dataset.canonicalize` (0.5.13) takes 11 s for a list of 500 members and crashes on one of 20,000.
    """
    digests, nodes = {}, top_down(facts)
    for node in reversed(nodes):
        lines = sorted(f"{predicate} {digests[thing] if isinstance(thing, BlankNode) else thing}"
                       for predicate, things in facts.get(node, {}).items() for thing in things)
        digests[node] = sha256("\n".join(lines).encode()).hexdigest()
    return Counter(digests[node] if isinstance(node, BlankNode) else f"{node} {digests[node]}" for node in nodes)


class Writer:
    """The spelling of one graph whose blank nodes form trees."""

    def __init__(self, facts: Facts, prefixes: dict[str, str]) -> None:
        known = set(WELL_KNOWN.values())
        free = [(name, space) for name, space in prefixes.items()
                if name and name not in WELL_KNOWN and space not in known]
        shortest_first = sorted([*WELL_KNOWN.items(), *free], key=lambda item: (len(item[0]), item[0]))
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
        return min((SECTIONS.index(kind) for kind in types if kind in SECTIONS),
                   default=individuals if types else anything_else)

    def statement(self, name: str, node) -> str:
        """All there is to say about one subject, with its full stop."""
        return f"{name} " + f" ;\n{STEP}".join(self.predicates(node, STEP)) + " .\n"

    def predicates(self, node, indent: str) -> list[str]:
        """Each predicate of a subject with its objects."""
        facts = {self.verb(predicate): things for predicate, things in self.facts.get(node, {}).items()}
        return [f"{verb} {self.objects(facts[rank, verb], indent)}" for rank, verb in sorted(facts)]

    def verb(self, predicate: NamedNode) -> tuple[int, str]:
        """The rank of a predicate and its name."""
        rank = FIRST_PREDICATES.index(predicate) if predicate in FIRST_PREDICATES else len(FIRST_PREDICATES)
        return rank, "a" if predicate == TYPE else self.name(predicate)

    def objects(self, things: list, indent: str) -> str:
        """One object, or several sorted, one a line."""
        if len(things) == 1:
            return self.thing(things[0], indent)
        deeper = indent + STEP
        pairs = sorted((rank(thing), self.thing(thing, deeper)) for thing in things)
        return f" ,\n{deeper}".join(text for _, text in pairs)

    def thing(self, node, indent: str) -> str:
        """One object: a name, a literal, a list or a blank node."""
        if isinstance(node, Literal):
            return self.literal(node)
        if isinstance(node, NamedNode):
            return "()" if node == NIL else self.name(node)
        members = self.members(node)
        if members is None:
            return enclose("[", self.predicates(node, indent + STEP), " ;", "]", indent)
        return enclose("(", [self.thing(member, indent + STEP) for member in members], "", ")", indent)

    def members(self, node) -> list | None:
        """The members of the well-formed RDF list that begins at a blank node; None when there is no such list."""
        members = []
        while node != NIL:
            facts = self.facts.get(node, {}) if isinstance(node, BlankNode) else {}
            if set(facts) != {FIRST, REST} or any(len(things) > 1 for things in facts.values()):
                return None
            members += facts[FIRST]
            node = facts[REST][0]
        return members

    def literal(self, node: Literal) -> str:
        """A literal with its own digits and letters, without quotes where that is safe."""
        if re.fullmatch(BARE.get(node.datatype.value, "(?!)"), node.value):
            return node.value
        if node.language:
            return f"{quoted(node.value)}@{node.language}"
        suffix = "" if node.datatype.value == XSD + "string" else "^^" + self.name(node.datatype)
        return quoted(node.value) + suffix

    def name(self, node: NamedNode) -> str:
        """A term as `prefix:local`, by the longest namespace that leaves a plain local name, otherwise as `<IRI>`."""
        iri = node.value
        if iri not in self.names:
            fits = (f"{self.prefixes[space]}:{iri[len(space):]}" for space in self.spaces
                    if iri.startswith(space) and LOCAL_NAME.fullmatch(iri, len(space)))
            self.names[iri] = next(fits, str(node))
        return self.names[iri]


def rank(thing) -> tuple[int, str, str]:
    """The place of an object among its siblings before their text decides: names, literals by language, the rest."""
    if isinstance(thing, Literal):
        return 1, thing.language or "", thing.value
    return (0 if isinstance(thing, NamedNode) else 2), "", ""


def enclose(opening: str, parts: list[str], separator: str, closing: str, indent: str) -> str:
    """Parts between brackets: on one line when they fit, otherwise one part a line."""
    line = " ".join([opening, f"{separator} ".join(parts), closing]) if parts else opening + closing
    if "\n" not in line and len(indent) + len(line) <= WIDTH:
        return line
    return f"{opening}\n{indent}{STEP}" + f"{separator}\n{indent}{STEP}".join(parts) + f"\n{indent}{closing}"


def quoted(text: str) -> str:
    """A string between quotes, between triple quotes when it has line feeds; other control characters escaped."""
    if "\n" not in text:
        return '"' + re.sub(r'[\x00-\x1f\x7f-\x9f"\\]', escape, text) + '"'
    return '"""' + re.sub(r'[\x00-\x09\x0b-\x1f\x7f-\x9f\\]|"(?="|\Z)', escape, text) + '"""'


def escape(match: re.Match) -> str:
    """The Turtle escape of one character."""
    character = match[0]
    return ESCAPES.get(character) or f"\\u{ord(character):04X}"
