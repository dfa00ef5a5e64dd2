"""What a query asks for, read from its tokens before it runs: its form, the graphs it takes from elsewhere, and how deep it nests.

Oxigraph does not show how it parsed a query, so this reads the same grammar up to its tokens, in one pass and without
recursion. It errs on one side only: Oxigraph also takes keywords without a space around them (`trueSERVICE<...>`), so a
word that merely contains SERVICE or FROM is refused as well. The tests compare it with the algebra of rdflib.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import urljoin

DEEPEST = 200
TOKEN = re.compile(r"""
    (?P<space> [\x20\t\r\n]+ | \#[^\r\n]* )
  | (?P<iri> <(?: [^<>"{}|^`\\\x00-\x20] | \\u[0-9A-Fa-f]{4} | \\U[0-9A-Fa-f]{8} )*> )
  | (?P<text> \"\"\"(?: [^"\\] | \\. | "(?!"") )*\"\"\" | '''(?: [^'\\] | \\. | '(?!'') )*''' | "(?: [^"\\\r\n] | \\. )*" | '(?: [^'\\\r\n] | \\. )*' )
  | (?P<variable> [?$]\w+ )
  | (?P<language> @[A-Za-z]+(?:-[A-Za-z0-9]+)* )
  | (?P<name> (?: [^\W\d][\w.-]* )? : (?: [\w.:-] | %[0-9A-Fa-f]{2} | \\. )* )
  | (?P<word> [^\W\d]\w* )
  | (?P<number> [0-9]+ )
  | (?P<sign> . )
""", re.X | re.S)
FORMS = ("SELECT", "ASK", "CONSTRUCT", "DESCRIBE")
UPDATES = ("INSERT", "DELETE", "LOAD", "CLEAR", "CREATE", "DROP", "COPY", "MOVE", "ADD", "WITH")
CHANGES_EACH_TIME = re.compile(r"now|rand|uuid|bnode", re.I)
ESCAPE = re.compile(r"\\u([0-9A-Fa-f]{4})|\\U([0-9A-Fa-f]{8})")


@dataclass(frozen=True)
class Reading:
    """A query's form (empty when it has none), whether it asks another service, its FROM graphs, and its depth."""

    form: str
    updates: bool
    service: bool
    graphs: tuple[str, ...]
    glued: str
    depth: int
    steady: bool

    @property
    def is_graph(self) -> bool:
        """Whether the answer is a graph."""
        return self.form in ("CONSTRUCT", "DESCRIBE")


@lru_cache(maxsize=512)
def read(query: str) -> Reading:
    """The reading of a query."""
    tokens = [(match.lastgroup, match[0]) for match in TOKEN.finditer(query) if match.lastgroup != "space"]
    words = [text.upper() for kind, text in tokens if kind == "word"]
    first = next((word for word in words if word.startswith(FORMS + UPDATES)), "")
    return Reading(next((form for form in FORMS if first.startswith(form)), ""), first.startswith(UPDATES), "SERVICE" in words,
                   tuple(from_graphs(tokens)), next(glued(tokens), ""), depth(tokens), not CHANGES_EACH_TIME.search(query))


def glued(tokens: list[tuple[str, str]]):
    """Words and prefixes that contain a keyword which Oxigraph may read out of them."""
    for kind, text in tokens:
        if kind in ("word", "name"):
            head = text.split(":", 1)[0].upper()
            if ("SERVICE" in head and head != "SERVICE") or ("FROM" in head and head != "FROM") or (kind == "name" and head in ("SERVICE", "FROM")):
                yield text


def from_graphs(tokens: list[tuple[str, str]]):
    """The IRIs after FROM and FROM NAMED; what cannot be resolved is given as it stands."""
    base, prefixes = "", {}
    for place, (kind, text) in enumerate(tokens):
        if kind != "word":
            continue
        following = [text for _, text in tokens[place + 1:place + 3]] + ["", ""]
        if text.upper() == "BASE":
            base = urljoin(base, plain(following[0]))
        elif text.upper() == "PREFIX":
            prefixes[following[0]] = urljoin(base, plain(following[1]))
        elif text.upper() == "FROM":
            graph = following[1] if following[0].upper() == "NAMED" else following[0]
            prefix, colon, local = graph.partition(":")
            yield urljoin(base, plain(graph)) if graph.startswith("<") else prefixes.get(prefix + colon, prefix + colon) + local.replace("\\", "")


def plain(iri: str) -> str:
    """An IRI without its brackets and escapes."""
    return ESCAPE.sub(lambda match: chr(min(int(match[1] or match[2], 16), 0x10FFFF)), iri[1:-1])


def depth(tokens: list[tuple[str, str]]) -> int:
    """How many brackets are open at once, at most."""
    deepest = now = 0
    for kind, text in tokens:
        if kind == "sign":
            now += (text in "({[") - (text in ")}]")
            deepest = max(deepest, now)
    return deepest
