"""Scans the tokens of a SPARQL query before it runs: its form, whether it leaves the graph
(SERVICE, FROM, updates), and how deep it nests; in time linear in its length.

Oxigraph does not show how it parsed a query, and it reads without tokens: `trueSERVICE<...>` holds
a keyword, `?a<?b#>` an operator and a comment, `'''a' ...` two short texts when no long one ends.
So what could be read in two ways is refused here, with its place, and never guessed: no SERVICE,
FROM or update that Oxigraph would see is unseen.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from reasoner.graph.sparql.tokens import ESCAPE, IRI, OPEN, PLAIN, SETTLED, TEXT, TOKEN, UNFIT, WORD

DEEPEST = 200  # brackets in each other; of 8 MB of stack Oxigraph takes a quarter for them at most
HIGHEST = 1000  # operators and clauses in a row, those in brackets in the row included: 3 MB
LONGEST = 2000  # characters of a prefix that a FROM is resolved with
FORMS = ("SELECT", "ASK", "CONSTRUCT", "DESCRIBE")
UPDATES = ("INSERT", "DELETE", "LOAD", "CLEAR", "CREATE", "DROP", "COPY", "MOVE", "ADD", "WITH")
LEAVES = {
    "SERVICE": ("SERVICE asks another service", "Take SERVICE out: only the graph is asked."),
    "FROM": ("FROM reads another graph", "Take FROM out: only the graph is asked."),
}
LINKS = frozenset("!+-*/|&^=<>?~")  # what joins two parts, so that the tree of a query grows
SEPARATORS = frozenset(".;,")  # what does so between triple patterns
QUIET = frozenset("A AS BASE DISTINCT FALSE FROM NAMED PREFIX TRUE UNDEF".split())  # join nothing
CHANGES_EACH_TIME = re.compile(r"now|rand|uuid|bnode", re.I)
COMPARED = ("term", "word", ")", "}", ">")  # what may stand before a comparison, as true and 1e5
MALFORMED, TOO_NESTED, LEAVING = "malformed-query", "too-nested", "leaves-the-graph"  # codes
SPACES = "Write spaces around keywords, or another prefix."
ESCAPES = r"Write \t, \b, \n, \r, \f, \", \' or \\, or \u and four digits of another character."
UNCLEAR = "Write a space after < of a comparison, and a prefix in place of the IRI."


@dataclass(frozen=True)
class Fault:
    """Why a query must not run: a lasting code, the place (from 1), the fault, and the remedy."""

    code: str
    line: int
    column: int
    message: str
    remedy: str


@dataclass(frozen=True)
class Reading:
    """What a query asks for; up to the fault where there is one.

    `form` is empty when it has none; `graphs` are those of FROM, relative ones as they stand;
    `outside` is where it first leaves the graph, by SERVICE, FROM or an update; `depth` counts open
    brackets, `height` also operators and clauses in a row; `steps` are the characters looked at.
    """

    form: str
    updates: bool
    service: bool
    graphs: tuple[str, ...]
    fault: Fault | None
    outside: Fault | None
    depth: int
    height: int
    steady: bool
    steps: int

    @property
    def is_graph(self) -> bool:
        """Whether the answer is a graph."""
        return self.form in ("CONSTRUCT", "DESCRIBE")


@lru_cache(maxsize=512)
def read(query: str) -> Reading:
    """The reading of a query; raises nothing."""
    scanner = Scanner(query)
    try:
        scanner.run()
        fault = None
    except Refused as refused:
        fault = refused.args[0]
    first, outside, whole = scanner.first, scanner.outside, scanner.groups[0]
    return Reading(
        next((form for form in FORMS if first.startswith(form)), ""),
        first.startswith(UPDATES),
        "SERVICE" in outside,
        tuple(scanner.graphs),
        fault,
        next(iter(outside.values()), None),
        scanner.depth,
        whole.links + whole.inner,
        not CHANGES_EACH_TIME.search(query),
        scanner.steps,
    )


class Refused(Exception):
    """Ends a scan; holds the fault."""


@dataclass(slots=True)
class Group:
    """An open bracket, whether it holds rows of VALUES, its links, and the height inside it."""

    bracket: str = ""
    rows: bool = False
    links: int = 0
    inner: int = 0


class Scanner:
    """One pass over the tokens of a query."""

    def __init__(self, query: str):
        self.query, self.at, self.steps, self.first = query, 0, 0, ""
        self.graphs: list[str] = []
        self.outside: dict[str, Fault] = {}
        self.groups, self.depth = [Group()], 0
        self.before, self.expects, self.values = "", "", False
        self.prefix = ""
        self.prefixes: dict[str, Any] = {}

    def run(self) -> None:
        """Reads all tokens. Raises Refused at the first place where the query must not go on."""
        readers = {"name": self.name, "quote": self.text, "sign": self.sign}
        while match := TOKEN.match(self.query, self.at):
            kind, token, end = match.lastgroup, match[0], match.end()
            self.steps += len(token)
            if kind != "space":
                end = readers[kind](token, end) if kind in readers else self.term(end)
            self.at = end
        while len(self.groups) > 1:
            self.close()

    def fault(self, message: str, remedy: str, code: str = MALFORMED, at: int = -1) -> Fault:
        """A fault at a place; by default at the token that is being read."""
        return fault_at(self.query, self.at if at < 0 else at, message, remedy, code)

    def term(self, end: int) -> int:
        """Notes that a term was read, after which `<` compares; gives back its end."""
        self.item()
        self.before, self.expects = "term", ""
        return end

    def link(self, count: int = 1) -> None:
        """Counts what makes the tree of the query higher. Raises Refused when it grows too high."""
        group = self.groups[-1]
        group.links += count
        if group.links + group.inner > HIGHEST:
            message = f"more than {HIGHEST} operators or clauses stand in a row"
            raise Refused(self.fault(message, "Ask with several queries.", TOO_NESTED))

    def item(self) -> None:
        """Counts what stands beside another in round brackets: an item of a list is two triples."""
        if self.before in ("term", ")", "]") and self.groups[-1].bracket == "(":
            self.link()

    def close(self) -> None:
        """Closes the innermost bracket, and passes its height on to the one around it."""
        group = self.groups.pop()
        self.groups[-1].inner = max(self.groups[-1].inner, 1 + group.links + group.inner)
        self.link(0)

    def name(self, token: str, end: int) -> int:
        """Reads words, or a prefixed name; Oxigraph may also read keywords out of its parts."""
        head, colon, local = token.partition(":")
        if not colon:
            for word in WORD.findall(token):
                self.word(word.upper(), token)
            self.link(token.count("-"))
            return end
        if holds(head) or holds(local) and not self.is_one_name(head, local):
            raise Refused(self.fault(f"{token[:80]!r} contains SERVICE or FROM", SPACES))
        if self.expects == "prefix":
            self.prefix, self.expects, self.before = head, "namespace", "word"
            return end
        if self.expects == "graph":
            namespace = self.prefixes.get(head, "")
            known = 0 < len(namespace) <= LONGEST
            self.graphs.append(namespace + local.replace("\\", "") if known else token)
        if len(self.groups) == 1 or head not in self.prefixes and head != "_":
            self.link(1 + head.count("-"))
        return self.term(end)

    def is_one_name(self, head: str, local: str) -> bool:
        """Whether Oxigraph reads a name to its end: without a second dot, and as a valid IRI."""
        if not PLAIN.fullmatch(local) or holds(local.partition(".")[2]):
            return False
        return head == "_" or bool(OPEN.fullmatch(self.prefixes.get(head, "")))

    def word(self, word: str, token: str) -> None:
        """Reads a word in capitals."""
        self.before = "word"
        if not self.first and word.startswith(FORMS + UPDATES):
            self.first = word
        if word in LEAVES or self.first is word and word.startswith(UPDATES):
            if word not in self.outside:
                update = (f"{word[:80]} changes data", "Ask with SELECT or ASK.")
                message, remedy = LEAVES.get(word, update)
                self.outside[word] = self.fault(message, remedy, LEAVING)
        elif holds(word):
            raise Refused(self.fault(f"{token[:80]!r} contains SERVICE or FROM", SPACES))
        self.values = self.values or word == "VALUES"
        if word != "NAMED" or self.expects != "graph":
            self.expects = {"PREFIX": "prefix", "FROM": "graph"}.get(word, "")
        if word not in QUIET and not self.groups[-1].rows:
            self.link()

    def text(self, mark: str, end: int) -> int:
        """Reads a text in quotation marks. Raises Refused without its end, or at a false escape.

        Of a long text that fails, Oxigraph reads the first two marks as an empty one, and goes on.
        """
        stop = TEXT[mark].match(self.query, end).end()  # type: ignore[union-attr]
        self.steps += stop - end
        if not self.query.startswith(mark, stop):
            if self.query.startswith("\\", stop):
                raise Refused(self.fault("this is no escape of a text", ESCAPES, at=stop))
            raise Refused(self.fault("the text has no end", f"Close it with {mark}."))
        for escape in ESCAPE.finditer(self.query, end, stop):
            code = int(escape[1] or escape[2] or "20", 16)
            if code in UNFIT or 0xD7FF < code < 0xE000 or code > 0x10FFFF:
                message = f"{escape[0]} stands for what no text may hold in this way"
                raise Refused(self.fault(message, ESCAPES, at=escape.start()))
        self.steps += stop - end
        return self.term(stop + len(mark))

    def sign(self, sign: str, end: int) -> int:
        """Reads an IRI, or one character."""
        if sign == "<":
            stop = IRI.match(self.query, self.at).end()  # type: ignore[union-attr]
            self.steps += stop - self.at
            if self.query.startswith(">", stop):
                return self.iri(self.query[self.at + 1 : stop], stop + 1)
        elif sign == "\\":
            message = "an escape stands outside of texts, IRIs and names"
            raise Refused(self.fault(message, "Write the character itself."))
        elif sign in "({[":
            self.open(sign)
        elif sign in ")}]" and len(self.groups) > 1:
            self.close()
        group = self.groups[-1]
        if sign in LINKS or sign in SEPARATORS and group.bracket in ("{", "[") and not group.rows:
            self.link()
        self.before, self.expects = sign, ""
        return end

    def open(self, bracket: str) -> None:
        """Opens a bracket. Raises Refused when too many are open."""
        if len(self.groups) > DEEPEST:
            message = f"brackets nest more than {DEEPEST} deep"
            raise Refused(self.fault(message, "Ask with a flatter query.", TOO_NESTED))
        self.item()
        around = self.groups[-1]
        joins = bracket == "(" and around.bracket in ("", "{") and not around.rows
        if joins or bracket == "{":
            self.link()
        self.groups.append(Group(bracket, bracket == "{" and self.values))
        self.values = self.values and bracket != "{"
        self.depth = max(self.depth, len(self.groups) - 1)

    def iri(self, iri: str, end: int) -> int:
        """Reads an IRI. Raises Refused where it could be a comparison that hides what follows."""
        compares = self.before in COMPARED and self.groups[-1].bracket == "("
        doubled = self.query[self.at - 1 : self.at] == "<"
        if (compares or doubled) and not SETTLED.match(iri):
            if any(sign in iri for sign in "'#()[]"):
                raise Refused(self.fault("this could be an IRI or a comparison", UNCLEAR))
            self.link(sum(iri.count(sign) for sign in LINKS))
        if self.expects == "namespace":
            self.prefixes[self.prefix] = plain(iri)
        elif self.expects == "graph":
            self.graphs.append(plain(iri))
        if len(self.groups) == 1 and self.expects != "namespace":
            self.link()
        return self.term(end)


def fault_at(query: str, at: int, message: str, remedy: str, code: str = MALFORMED) -> Fault:
    """A fault at a place of a query, given as an offset in characters."""
    begins = query.rfind("\n", 0, at) + 1
    return Fault(code, query.count("\n", 0, at) + 1, at - begins + 1, message, remedy)


def plain(iri: str) -> str:
    """An IRI without escapes."""
    return ESCAPE.sub(lambda match: chr(min(int(match[1] or match[2], 16), 0x10FFFF)), iri)


def holds(text: str) -> bool:
    """Whether a text contains a keyword that leaves the graph."""
    return any(word in text.upper() for word in LEAVES)
