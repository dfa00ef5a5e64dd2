"""Formats Turtle files in one canonical form, so that a diff shows only what changed and Protégé
may save freely.

The formatted graph is parsed again and compared with the original: nothing but the spelling may
change. `#` comments are dropped, and `comments` lists them, so that the user can be warned; a
remark that must last is a `skos:editorialNote`.
"""

from collections import Counter, defaultdict
from hashlib import sha256
from operator import itemgetter
from pathlib import Path
from typing import Any

from pyoxigraph import BlankNode, NamedNode

from reasoner import files
from reasoner.errors import TurtleError
from reasoner.graph.store import parse
from reasoner.graph.turtle.layout import WELL_KNOWN as WELL_KNOWN
from reasoner.graph.turtle.layout import Writer, blank_objects, tops
from reasoner.graph.turtle.order import Facts, settle
from reasoner.graph.turtle.scan import COMMENT


def format_turtle(data: bytes, base: str = "") -> bytes:
    """The canonical spelling of a Turtle document; `base` is the IRI that relative IRIs start from.

    Raises TurtleError when the document does not parse, or has a blank node that is used twice or
    contains itself.
    """
    facts, prefixes = read(data, base)
    check_blank_nodes(facts)
    try:
        facts = settle(facts)
        text = Writer(facts, prefixes).document().encode()
        again, _ = read(text)
    except (RecursionError, TurtleError) as error:
        if isinstance(error, TurtleError) and "nested" not in error.message:
            raise
        message = f"blank nodes are nested too deeply below {above_deepest(facts)}"
        raise TurtleError("", 0, 0, message, "Give an inner one an IRI.") from None
    if fingerprints(facts) != fingerprints(again):
        raise TurtleError(
            "", 0, 0, "formatting would change the graph", "Keep the file as it is and report this."
        )
    return text


def turtle_files(paths: list[Path]) -> list[Path]:
    """The Turtle files among files and folders, without shapes, which Protégé never opens."""
    return sorted(
        f
        for p in paths
        for f in (p.rglob("*.ttl") if p.is_dir() else [p])
        if "shapes" not in f.parts
    )


def format_file(path: str | Path, check: bool = False) -> bool:
    """Formats a file, unless `check`; returns whether it was not canonical. Raises TurtleError."""
    file = Path(path).resolve()
    try:
        before = file.read_bytes()
        after = format_turtle(before)
        if after != before and not check:
            files.write(file, after)
    except OSError as error:
        raise TurtleError(
            str(path), 0, 0, error.strerror or str(error), "Check the path and its permissions."
        ) from error
    except TurtleError as error:
        raise TurtleError(str(path), error.line, error.column, error.message, error.hint) from error
    return after != before


def comments(data: bytes) -> list[tuple[int, str]]:
    """The `#` comments of a Turtle document that parses, each with its line."""
    lines, line, counted = [], 1, 0
    for match in filter(itemgetter(1), COMMENT.finditer(data)):
        line += data.count(b"\n", counted, match.start(1))
        counted = match.start(1)
        lines.append((line, match[1].decode("utf-8", "replace")))
    return lines


def read(data: bytes, base: str = "") -> tuple[Facts, dict[str, str]]:
    """The statements of a Turtle document by subject and predicate, and its prefixes.

    Literals are as they are spelled.
    """
    facts: Facts = defaultdict(dict)
    quads, prefixes = parse(data, base)
    for subject, predicate, thing in dict.fromkeys(quad.triple for quad in quads):
        facts[subject].setdefault(predicate, []).append(thing)
    return dict(facts), prefixes


def top_down(facts: Facts) -> list[Any]:
    """The tops, then the blank nodes below them; not the blank nodes of a circle."""
    nodes = tops(facts)
    for node in nodes:
        nodes += blank_objects(facts, node)
    return nodes


def check_blank_nodes(facts: Facts) -> None:
    """Raises TurtleError for a blank node that brackets cannot write: used twice, or in itself."""
    users = defaultdict(list)
    for node in facts:
        for thing in blank_objects(facts, node):
            users[thing].append(node)
    shared = next((node for node, subjects in users.items() if len(subjects) > 1), None)
    if shared is not None:
        message = f"a blank node is used twice, below {' and '.join(owners(shared, users))}"
        raise TurtleError("", 0, 0, message, "Give it an IRI, or write it out at each use.")
    if circle := set(facts).difference(top_down(facts)):
        predicates = sorted({str(predicate) for node in circle for predicate in facts[node]})
        message = f"a blank node contains itself; it is in a circle of {' and '.join(predicates)}"
        raise TurtleError("", 0, 0, message, "Give one node of the circle an IRI.")


def owners(node: BlankNode, users: dict[BlankNode, list[Any]]) -> list[str]:
    """The named subjects that a blank node is below, sorted.

    `["another blank node"]` when there are none.
    """
    visited, waiting = set(), [node]
    while waiting:
        if (node := waiting.pop()) not in visited:
            visited.add(node)
            waiting += users.get(node, [])
    return sorted(str(node) for node in visited if isinstance(node, NamedNode)) or [
        "another blank node"
    ]


def above_deepest(facts: Facts) -> str:
    """The top below which blank nodes are nested deepest."""
    nodes = tops(facts)
    above = {node: node for node in nodes}
    for node in nodes:
        for thing in blank_objects(facts, node):
            above[thing] = above[node]
            nodes.append(thing)
    return str(above[nodes[-1]])


def fingerprints(facts: Facts) -> Counter[str]:
    """A hash of each top node with all below it: equal for isomorphic graphs only.

    That holds as long as blank nodes form trees. Oxigraph's own `Dataset.canonicalize` (0.5.13)
    takes 11 s for a list of 500 members and crashes on one of 20,000.
    """
    digests: dict[Any, str] = {}
    nodes = top_down(facts)
    for node in reversed(nodes):
        lines = sorted(
            f"{predicate} {digests[thing] if isinstance(thing, BlankNode) else thing}"
            for predicate, things in facts.get(node, {}).items()
            for thing in things
        )
        digests[node] = sha256("\n".join(lines).encode()).hexdigest()
    return Counter(
        digests[node] if isinstance(node, BlankNode) else f"{node} {digests[node]}"
        for node in nodes
    )
