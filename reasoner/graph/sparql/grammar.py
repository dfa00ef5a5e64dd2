"""Finds the first token at which a text stops being a SPARQL 1.1 query, and the terminals that
could stand there.

Oxigraph says that a query is wrong, but neither where nor why in words that help. This reads the
tokens of a query that it has refused by the grammar of the standard, in `grammar.txt`, which
is written so that the next token decides (LL(1)); an open list takes the place of calls, so that
deep queries cost no stack. Time is linear in the length of the query.
"""

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

GRAMMAR = (Path(__file__).parent / "grammar.txt").read_text(encoding="utf-8")
START, END = "Query", "END"
NAME = r"[^\W\d_](?:[\w.-]*[\w-])?"
LOCAL = r"(?:[\w:]|%[0-9A-Fa-f]{2}|\\[_~.!$&'()*+,;=/?\#@%-])"
TOKEN = re.compile(
    rf"""
    (?P<space> [\x20\t\r\n]++ | \#[^\r\n]*+ )
  | (?P<REF> <[^<>"{{}}|^`\\\x00-\x20]*+> )
  | (?P<VAR> [?$]\w++ )
  | (?P<BLANK> _:\w(?:[\w.-]*[\w-])? )
  | (?P<NAME> (?:{NAME})?:{LOCAL}(?:(?:{LOCAL}|[.-])*(?:{LOCAL}|-))? )
  | (?P<NS> (?:{NAME})?: )
  | (?P<DECIMAL> \d++\.\d*+[eE][+-]?\d++ | \.?\d++[eE][+-]?\d++ | \d*+\.\d++ )
  | (?P<INT> \d++ )
  | (?P<TAG> @[A-Za-z]++(?:-[A-Za-z0-9]++)*+ )
  | (?P<TEXT> '''(?:[^'\\]|\\.|'(?!''))*+''' | \"\"\"(?:[^"\\]|\\.|"(?!""))*+\"\"\"
            | '(?:[^'\\\r\n]|\\.)*+' | "(?:[^"\\\r\n]|\\.)*+" )
  | (?P<word> [^\W\d]\w*+ )
  | (?P<sign> \|\| | && | != | <= | >= | \^\^ | . )
""",
    re.X | re.S,
)
RULE = re.compile(r"^(\w+) = (.*(?:\n .*)*)", re.M)
PART = re.compile(r"'[^']+'|\w+|[()|?*+]")


@dataclass(eq=False, slots=True)
class Node:
    """A part of the grammar: `token` with a terminal, `rule` with its name, `row` and `one` with
    nodes of which all or one stand, `maybe` and `many` with a node that need not stand.

    `begins` are the terminals that it can begin with; they are worked out when they are asked for.
    """

    kind: str
    inner: Any
    begins: frozenset[str] | None = None
    empty: bool = False


class Token(NamedTuple):
    """A token: its kind, its text, and where it begins; the last one of a query has no text."""

    kind: str
    text: str
    at: int

    @property
    def keys(self) -> tuple[str, ...]:
        """The terminals of the grammar that it can be."""
        if self.kind == "NS":
            return "NS", "NAME"
        if self.kind == "word":
            return (self.text if self.text == "a" else self.text.upper(),)
        return (self.text if self.kind == "sign" else self.kind,)


@dataclass(frozen=True)
class Stop:
    """Where a query stops making sense: the place of the token, and the terminals that could stand
    there.
    """

    place: int
    expected: frozenset[str]


def tokens(query: str) -> list[Token]:
    """The tokens of a query, and its end."""
    result, at = [], 0
    while match := TOKEN.match(query, at):
        if match.lastgroup != "space":
            result.append(Token(str(match.lastgroup), match[0], at))
        at = match.end()
    return [*result, Token(END, "", len(query.rstrip()))]


@cache
def rules() -> dict[str, Node]:
    """The grammar: the node of each rule."""
    return {name: node_of(PART.findall(text)) for name, text in RULE.findall(GRAMMAR)}


def node_of(parts: list[str]) -> Node:
    """The node of the parts of a rule, which are used up to the bracket that closes them."""
    branches: list[list[Node]] = [[]]
    while parts:
        part = parts.pop(0)
        if part == ")":
            break
        if part == "|":
            branches.append([])
        elif part in "?*+" and branches[-1]:
            inner = branches[-1].pop()
            many = Node("maybe" if part == "?" else "many", inner)
            branches[-1] += [inner, many] if part == "+" else [many]
        elif part == "(":
            branches[-1].append(node_of(parts))
        elif part.startswith("'") or part.isupper():
            branches[-1].append(Node("token", part.strip("'")))
        else:
            branches[-1].append(Node("rule", part))
    choices = [nodes[0] if len(nodes) == 1 else Node("row", nodes) for nodes in branches]
    return choices[0] if len(choices) == 1 else Node("one", choices)


def begins(node: Node) -> frozenset[str]:
    """The terminals that a node can begin with; notes whether it can be nothing."""
    if node.begins is not None:
        return node.begins
    terminals: frozenset[str] = frozenset()
    if node.kind == "token":
        terminals = frozenset({node.inner})
    elif node.kind == "rule":
        terminals, node.empty = begins(rules()[node.inner]), rules()[node.inner].empty
    elif node.kind == "one":
        terminals = terminals.union(*map(begins, node.inner))
        node.empty = any(branch.empty for branch in node.inner)
    elif node.kind == "row":
        node.empty = True
        for part in node.inner:
            terminals |= begins(part)
            if not part.empty:
                node.empty = False
                break
    else:
        terminals, node.empty = begins(node.inner), True
    node.begins = terminals
    return terminals


def stop(given: list[Token]) -> Stop | None:
    """Where tokens stop making sense as a query; None where all of them make one."""
    waiting = [Node("token", END), Node("rule", START)]
    place, keys, passed = 0, given[0].keys, frozenset[str]()
    while waiting:
        node = waiting.pop()
        kind, inner = node.kind, node.inner
        if kind == "token":
            if inner not in keys:
                return Stop(place, passed | {inner})
            if inner != END:
                place, passed = place + 1, frozenset()
                keys = given[place].keys
        elif kind == "rule":
            waiting.append(rules()[inner])
        elif kind == "row":
            waiting += reversed(inner)
        elif kind == "one":
            chosen = next((b for b in inner if not begins(b).isdisjoint(keys)), None)
            chosen = chosen or next((b for b in inner if b.empty), None)
            if chosen is None:
                return Stop(place, passed | begins(node))
            waiting.append(chosen)
        elif begins(inner).isdisjoint(keys):
            passed |= begins(inner)
        else:
            waiting += [node, inner] if kind == "many" else [inner]
    return None
