"""Mutants of a SPARQL query: its text with one construct removed, or with one operator turned.

The smallest construct is what a line of the project's queries holds: a predicate with its object, a
FILTER, a BIND, a row of VALUES, an OPTIONAL, a MINUS, a branch of a UNION, an operand of a
condition, a member of a list. Prefixes, comments, headers, the variables of SELECT and the order of
rows are not removed.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

TOKEN = re.compile(
    r"""(?P<comment>\#[^\n]*)|(?P<iri><[^<>"{}|^`\\\s]*>)|(?P<string>"(?:[^"\\]|\\.)*")
    |(?P<variable>[?$]\w+)|(?P<name>[A-Za-z][\w-]*:[\w-]*)|(?P<word>[A-Za-z]\w*)
    |(?P<number>\d[\d.]*)
    |(?P<sign>\^\^|&&|\|\||!=|<=|>=|[^\s])""",
    re.X,
)
CLOSING = {"(": ")", "{": "}", "[": "]"}
TURNED = {
    "=": "!=",
    "!=": "=",
    "<": "<=",
    "<=": "<",
    ">": ">=",
    ">=": ">",
    "&&": "||",
    "||": "&&",
    "!": "",
    "OPTIONAL": "",
    "EXISTS": "NOT EXISTS",
    "true": "false",
    "false": "true",
}
JOINS = ("&&", "||")


@dataclass(frozen=True)
class Mutant:
    """A changed text: the line and the words of the change, and whether something was removed."""

    line: int
    words: str
    text: str
    removal: bool = True


@dataclass(frozen=True)
class Token:
    """A token of a query with its kind and the place where it starts."""

    text: str
    kind: str
    start: int

    @property
    def end(self) -> int:
        """The place behind the token."""
        return self.start + len(self.text)


def tokens(text: str) -> list[Token]:
    """The tokens of a query, without comments."""
    result = [Token(m[0], m.lastgroup or "", m.start()) for m in TOKEN.finditer(text)]
    return [token for token in result if token.kind != "comment"]


@dataclass(frozen=True)
class Edit:
    """What stands instead of a part of a text, and where and what is so removed."""

    start: int
    end: int
    instead: str
    place: int
    words: str


class Removals:
    """The edits of a query that each remove one construct."""

    def __init__(self, text: str):
        self.text, self.tokens = text, tokens(text)
        self.edits: list[Edit] = []
        at = 0
        while at < len(self.tokens):
            at = self.group(at) if self.word(at) == "{" else at + 1

    def word(self, at: int) -> str:
        """The text of a token; nothing behind the last one."""
        return self.tokens[at].text if at < len(self.tokens) else ""

    def span(self, at: int, end: int) -> str:
        """The text from one token up to another, which is left out."""
        return self.text[self.tokens[at].start : self.tokens[end - 1].end]

    def remove(self, at: int, end: int) -> None:
        """Notes the removal of some tokens."""
        start = self.tokens[at].start
        self.edits.append(Edit(start, self.tokens[end - 1].end, "", start, self.span(at, end)))

    def balanced(self, at: int) -> int:
        """The place behind the bracket that closes the one at a place."""
        depth = 0
        while at < len(self.tokens):
            depth += (self.word(at) in CLOSING) - (self.word(at) in CLOSING.values())
            at += 1
            if depth == 0:
                break
        return at

    def group(self, at: int) -> int:
        """Notes what may be removed in a group; the place behind it."""
        at += 1
        while at < len(self.tokens) and self.word(at) != "}":
            at = self.part(at)
        return at + 1

    def part(self, at: int) -> int:
        """Notes what may be removed in a part of a group; the place behind it."""
        word = self.word(at)
        if word in ("FILTER", "BIND", "HAVING"):
            end = self.condition(at + 1)
            self.remove(at, end)
            return end
        if word in ("OPTIONAL", "MINUS"):
            end = self.group(at + 1)
            self.remove(at, end)
            return end
        if word == "VALUES":
            return self.values(at)
        if word == "{":
            return self.branches(at)
        if word == "SELECT":
            while self.word(at) not in ("WHERE", "{"):
                at = self.balanced(at) if self.word(at) == "(" else at + 1
            return self.group(at + (self.word(at) == "WHERE"))
        if word == "GROUP":
            at += 2
            while self.tokens[at].kind == "variable":
                at += 1
            return at
        return at + 1 if word == "." else self.triples(at)

    def condition(self, at: int) -> int:
        """Notes what may be removed within a condition; the place behind it."""
        while self.word(at) not in ("(", "{"):
            at += 1
        if self.word(at) == "{":
            return self.group(at)
        end = self.balanced(at)
        self.operands(at, end)
        inside = at + 1
        while inside < end:
            inside = self.group(inside) if self.word(inside) == "{" else inside + 1
        return end

    def operands(self, start: int, end: int) -> None:
        """Notes each operand of AND and OR in brackets, and each member of a list of terms."""
        for at in range(start, end):
            if self.word(at) == "(":
                parts = self.between(at)
                for one, join in enumerate(parts[1]):
                    first, second = parts[0][one : one + 2]
                    if join in JOINS or self.word(at - 1) == "IN":
                        self.remove(first[0], second[0])
                        if one == len(parts[1]) - 1:
                            self.remove(first[1], second[1])

    def between(self, at: int) -> tuple[list[tuple[int, int]], list[str]]:
        """The places of what stands in brackets between AND, OR and commas, and these signs."""
        end, parts, joins = self.balanced(at) - 1, [], []
        start = here = at + 1
        while here < end and self.word(here) != "AS":
            if self.word(here) in (*JOINS, ","):
                parts.append((start, here))
                joins.append(self.word(here))
                start = here = here + 1
            else:
                here = self.balanced(here) if self.word(here) in CLOSING else here + 1
        return [*parts, (start, here)], joins

    def values(self, at: int) -> int:
        """Notes the rows of VALUES; the place behind it."""
        opened = self.balanced(at + 1) if self.word(at + 1) == "(" else at + 2
        end, row, rows = self.balanced(opened), opened + 1, []
        while row < end - 1:
            behind = self.balanced(row) if self.word(row) == "(" else row + 1
            rows.append((row, behind))
            row = behind
        for row, behind in rows if len(rows) > 1 else ():
            self.remove(row, behind)
        self.remove(at, end)
        return end

    def branches(self, at: int) -> int:
        """Notes the branches of a UNION; the place behind the last."""
        spans = [(at, self.group(at))]
        while self.word(spans[-1][1]) == "UNION":
            start = spans[-1][1] + 1
            spans.append((start, self.group(start)))
        for (start, _), (after, _) in zip(spans, spans[1:], strict=False):
            self.remove(start, after)
        if len(spans) > 1:
            self.remove(spans[-2][1], spans[-1][1])
        return spans[-1][1]

    def term(self, at: int) -> int:
        """The place behind a subject or object."""
        if self.word(at) in CLOSING:
            return self.balanced(at)
        return at + 3 if self.word(at + 1) == "^^" else at + 1

    def path(self, at: int) -> int:
        """The place behind a predicate or a property path."""
        while True:
            at = self.term(at + (self.word(at) in ("^", "!")))
            at += self.word(at) in ("*", "+", "?")
            if self.word(at) not in ("/", "|"):
                return at
            at += 1

    def triples(self, start: int) -> int:
        """Notes each predicate with each of its objects in a block of triples of one subject."""
        at = self.term(start)
        subject, predicates = self.span(start, at), []
        while True:
            verb = at
            at = first = self.path(at)
            at = self.term(at)
            objects = [(first, at)]
            while self.word(at) == ",":
                objects.append((at + 1, self.term(at + 1)))
                at = objects[-1][1]
            predicates.append((verb, first, objects))
            if self.word(at) != ";":
                break
            at += 1
        end = at + (self.word(at) == "." and len(predicates) == len(predicates[0][2]) == 1)
        for verb, first, objects in predicates:
            for one in objects:
                phrases = [
                    self.phrase(v, f, [o for o in os if o != one]) for v, f, os in predicates
                ]
                rest = "; ".join(filter(None, phrases))
                self.edits.append(
                    Edit(
                        self.tokens[start].start,
                        self.tokens[end - 1].end,
                        f"{subject} {rest}" if rest else "",
                        self.tokens[verb if one == objects[0] else one[0]].start,
                        f"{subject} {self.span(verb, first)} {self.span(*one)}",
                    )
                )
        return at

    def phrase(self, verb: int, first: int, objects: list[tuple[int, int]]) -> str:
        """A predicate with some objects; nothing without any."""
        return (
            f"{self.span(verb, first)} {', '.join(self.span(*o) for o in objects)}"
            if objects
            else ""
        )


def body(text: str) -> int:
    """Where the part of a query starts that says something: behind prefixes and headers."""
    return next(t.start for t in tokens(text) if t.text in ("CONSTRUCT", "SELECT", "ASK"))


def mutants(text: str) -> Iterator[Mutant]:
    """The mutants of a query, by the place of their change: removals, then turned operators."""
    for edit in Removals(text).edits:
        words = re.sub(r"\s+", " ", edit.words).strip()
        yield Mutant(
            line_of(text, edit.place),
            f"without {words}",
            text[: edit.start] + edit.instead + text[edit.end :],
        )
    yield from turned(text)


def turned(text: str) -> Iterator[Mutant]:
    """The mutants of a query in which one operator says something else."""
    all_tokens, start_of_body = tokens(text), body(text)
    for before, token in zip(all_tokens, all_tokens[1:], strict=False):
        if token.text in TURNED and token.start > start_of_body and token.kind != "string":
            start, instead = token.start, TURNED[token.text]
            if token.text == "EXISTS" and before.text == "NOT":
                start, instead = before.start, "EXISTS"
            line = text[text.rfind("\n", 0, start) + 1 :].partition("\n")[0].strip()
            operator = text[start : token.end]
            words = f"{operator} as {instead}" if instead else f"without {operator}"
            yield Mutant(
                line_of(text, start),
                f"{words}: {line}",
                text[:start] + instead + text[token.end :],
                removal=False,
            )


def line_of(text: str, place: int) -> int:
    """The number of the line of a place in a text."""
    return text.count("\n", 0, place) + 1
