"""Finds the semantic faults of a SPARQL query that parses: variables bound twice, rows of
VALUES of unequal length, relative IRIs without a base.

Each function gives the tokens that are at fault, in order, each with the fault and the remedy.
"""

import re
from collections.abc import Iterator

from reasoner.graph.sparql.grammar import Token

SHOWN = 60  # characters of a token in a message
SCHEME = re.compile(r"<[A-Za-z][A-Za-z0-9+.-]*:")
Faults = Iterator[tuple[Token, str, str]]


def relative(given: list[Token]) -> Faults:
    """The IRIs that are relative, where no base says to what."""
    if any(token.text.upper() == "BASE" for token in given):
        return
    for token in given:
        if token.kind == "REF" and not SCHEME.match(token.text):
            message = f"the IRI {shown(token.text)} is relative, and the query has no BASE"
            yield token, message, "Write it in full, or with a prefix as ia:Thigh."


def bound_twice(given: list[Token]) -> Faults:
    """The variables that AS gives a value while they have one already in the same group."""
    groups: list[set[str]] = [set()]
    for place, token in enumerate(given):
        if token.text == "{":
            groups.append(set())
        elif token.text == "}" and len(groups) > 1:
            inner = groups.pop()
            groups[-1] |= inner
        elif token.kind == "VAR":
            name = token.text[1:]
            if given[place - 1].text.upper() == "AS" and name in groups[-1]:
                message = f"{token.text} has a value already, and AS gives it one more"
                yield token, message, "Give it another name."
            groups[-1].add(name)


def all_grouped(given: list[Token]) -> Faults:
    """The star of a SELECT that is followed by GROUP BY."""
    words = [token.text.upper() for token in given]
    if "SELECT" in words and "GROUP" in words:
        token = given[words.index("SELECT") + 1]
        if token.text == "*":
            yield (
                token,
                "all variables cannot be asked for with GROUP BY",
                "Name what it groups by.",
            )


def ungrouped(given: list[Token]) -> Faults:
    """The variables of the first SELECT that a GROUP BY leaves without one value."""
    words = [token.text.upper() for token in given]
    if "SELECT" not in words:
        return
    begin = words.index("SELECT") + 1
    tail = words.index("GROUP", begin) if "GROUP" in words[begin:] else len(words)
    grouped = {token.text[1:] for token in given[tail:] if token.kind == "VAR"}
    depth = 0
    for token in given[begin:]:
        if token.text.upper() in ("WHERE", "{"):
            return
        depth += (token.text == "(") - (token.text == ")")
        if token.kind == "VAR" and not depth and token.text[1:] not in grouped:
            message = f"{token.text} is neither grouped by nor in an aggregate such as COUNT"
            yield token, message, f"Add it to GROUP BY, or write (SAMPLE({token.text}) AS ?name)."


def uneven(given: list[Token]) -> Faults:
    """The rows of VALUES that have more or fewer values than there are variables."""
    wanted, rows, first = 0, False, -1
    for place, token in enumerate(given):
        before = given[place - 1].text.upper() if place else ""
        if before == "VALUES":
            wanted, rows, first = 0, token.text == "(", place
        elif rows and token.kind == "VAR" and first >= 0:
            wanted += 1
        elif rows and token.text == "(":
            first, count = -1, 0
            begin = token
        elif rows and token.text == ")" and first < 0:
            if count != wanted:
                message = f"values in this row: {count}, and variables: {wanted}"
                yield begin, message, "Write UNDEF for a value that is not given."
        elif rows and token.text == "}":
            rows = False
        elif rows and first < 0 and not (token.kind == "TAG" or token.text in ("^^", "+", "-")):
            count += before != "^^"


def shared(given: list[Token]) -> Faults:
    """The names of blank nodes that stand in more than one group."""
    groups, number = [0], 0
    where: dict[str, int] = {}
    for token in given:
        if token.text == "{":
            number += 1
            groups.append(number)
        elif token.text == "}" and len(groups) > 1:
            groups.pop()
        elif token.kind == "BLANK" and where.setdefault(token.text, groups[-1]) != groups[-1]:
            message = f"{token.text} stands in two groups, and a blank node in one only"
            yield token, message, f"Write a variable as ?{token.text[2:]} in both."


def shown(text: str) -> str:
    """A token as a message shows it."""
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}..."


FAULTS = (relative, bound_twice, all_grouped, uneven, shared)
