"""Explains why Oxigraph refuses a SPARQL query, with place and remedy, for its author.

What the parser says are internals of its grammar at a place that is often another one. Here the
query is read once more: the first prefix that is not declared, bracket that is not closed, or word
that cannot stand where it stands is what is told.
"""

import re

from reasoner.graph.sparql import meaning as sparql_meaning
from reasoner.graph.sparql.grammar import END, Token, stop, tokens
from reasoner.graph.sparql.meaning import shown
from reasoner.graph.sparql.scan import MALFORMED, Fault, fault_at
from reasoner.graph.turtle.faults import declaring
from reasoner.graph.turtle.layout import WELL_KNOWN
from reasoner.messages.document_formats import recognize
from reasoner.messages.nearest import listed, nearest

CLOSED_BY = {"(": ")", "{": "}", "[": "]"}
LIKE = 0.7  # the least likeness of a keyword that may have been meant
KINDS = {  # what may stand at a place, the more telling first
    "VAR": "a variable as ?x",
    "NAME": "a term as ia:Thigh",
    "TEXT": "a text in quotes",
    "INT": "a whole number",
    "NS": "a prefix as ia:",
    "REF": "an IRI in < >",
}
OTHER_LANGUAGES = {  # what other languages write, and how SPARQL writes it
    "AND": "&&",
    "OR": "||",
    "&": "&&",
    "|": "||",
    "<>": "!=",
    "LIKE": "CONTAINS(?text, 'part') or REGEX(?text, 'pattern')",
    "NULL": "OPTIONAL for what may be absent, and BOUND to ask whether it is there",
    "JOIN": "one triple after the other: they are joined by the variables that they share",
    "TOP": "LIMIT 10 at the end",
}
QUOTES = "“”„‟«»‘’‚‛`´"
AT = re.compile(r"error at (\d+):(\d+)")
SENTENCE = re.compile(r"\b(The [A-Za-z][^,\[\]]{10,200})")
TERMS = ("VAR", "NAME", "NS", "REF", "BLANK")


def explain(query: str, message: str) -> Fault:
    """Why a query is refused; `message` is the message of Oxigraph."""
    if other := recognize(query.encode("utf-8", "replace"), guess=False):
        return fault_at(
            query, 0, f"this {other.description}, and no query", "Give a query in SPARQL."
        )
    given = tokens(query)
    for find in (undeclared, misplaced):
        if first := find(query, given):
            return first
    return refused(query, given, message)


def undeclared(query: str, given: list[Token]) -> Fault | None:
    """The first name whose prefix is not declared before it, if nothing is wrong before that."""
    known: dict[str, str] = {}
    wrong = stop(given)
    for place, token in enumerate(given[: wrong.place + 1 if wrong else None]):
        if token.kind not in ("NS", "NAME"):
            continue
        prefix = token.text.partition(":")[0]
        before = given[place - 1].text.upper() if place else ""
        if before == "PREFIX":
            known[prefix] = WELL_KNOWN.get(prefix, "")
        elif prefix not in known:
            remedy = declaring(prefix, known, "PREFIX {}: <{}>")
            return fault_at(query, token.at, f"the prefix {prefix}: is not declared", remedy)
    return None


def misplaced(query: str, given: list[Token]) -> Fault | None:
    """The first token that cannot stand where it stands."""
    if (stopped := stop(given)) is None:
        return None
    token, expected = given[stopped.place], stopped.expected
    before = given[stopped.place - 1] if stopped.place else None
    if bracket := brackets(given[: stopped.place], token, expected):
        return fault_at(query, *bracket)
    for tell in (as_end, as_sign, as_word, as_start):
        if wrong := tell(query, token, before, expected):
            return fault_at(query, token.at, *wrong)
    return fault_at(query, token.at, f"{shown(token.text)} cannot stand here", may_stand(expected))


def brackets(
    before: list[Token], token: Token, expected: frozenset[str]
) -> tuple[int, str, str] | None:
    """The place, fault and remedy where a token shows that a bracket was not opened or closed."""
    opened: list[Token] = []
    for one in before:
        if one.text in CLOSED_BY:
            opened.append(one)
        elif one.text in CLOSED_BY.values() and opened:
            opened.pop()
    if token.kind == END and opened:
        last = opened[-1].text
        return (
            opened[-1].at,
            f"this {last} is not closed",
            f"Write {CLOSED_BY[last]} where it ends.",
        )
    if token.text in CLOSED_BY.values():
        if not opened:
            return token.at, f"this {token.text} closes nothing", "Take it out, or open it before."
        if CLOSED_BY[opened[-1].text] != token.text:
            last = opened[-1].text
            fix = f"Write {CLOSED_BY[last]} before it, or open it."
            return token.at, f"{token.text} stands here while a {last} is open", fix
    return None


Explanation = tuple[str, str] | None


def as_end(query: str, token: Token, before: Token | None, expected: frozenset[str]) -> Explanation:
    """The fault and the remedy where the query ends too early."""
    if token.kind != END:
        return None
    if before is None:
        return "the query is empty", "Begin with SELECT, ASK, CONSTRUCT or DESCRIBE."
    return "the query ends too early", may_stand(expected)


def as_sign(
    query: str, token: Token, before: Token | None, expected: frozenset[str]
) -> Explanation:
    """The fault and the remedy of a sign, or of what was meant for an IRI or a text."""
    if token.text == "<" and (iri := re.match(r"<([^<>\n]*)>", query[token.at :])):
        odd = next((c for c in iri[1] if c <= " " or c in '"{}|^`\\'), "")
        if odd:
            fix = "Close it with > before that, or write % and two digits, as in %20."
            return f"an IRI may not hold {odd!r}", fix
    if token.text in QUOTES and token.kind in ("sign", "word"):
        return f"{token.text} is no quotation mark of SPARQL", "Write \"text\" or 'text'."
    if token.text == "=" and before and before.text == "=":
        return "SPARQL compares with one =", "Write = and not ==."
    if token.text == "," and {"VAR", "("} <= expected:
        return "no comma stands between the variables of SELECT", "Take it out: blanks do."
    if token.text == "^" and before and before.kind == "TEXT":
        return "a datatype is written with two signs", "Write ^^ right after the text."
    if before and before.text.upper() in ("FILTER", "HAVING") and "(" in expected:
        word = before.text.upper()
        return f"the condition of {word} stands in brackets", f"Write {word}(...)."
    if token.text in ("&", "|", "<>"):
        meant = OTHER_LANGUAGES[token.text]
        return f"{token.text} cannot stand here", f"SPARQL writes {meant}."
    if token.text in (".", ";", ",", "}", "]", ")") and "VAR" in expected and "." not in expected:
        return f"something is missing before {token.text}", may_stand(expected)
    return None


def as_word(
    query: str, token: Token, before: Token | None, expected: frozenset[str]
) -> Explanation:
    """The fault and the remedy of a word without a prefix: a keyword misspelt or misplaced, or a
    name that lacks something.
    """
    if token.kind != "word":
        return None
    word = shown(token.text)
    keywords = [key for key in expected if key.isalpha() and key.isupper() and key not in KINDS]
    if near := nearest(word, keywords, 1, LIKE):
        return f"{word} is no word of SPARQL at this place", f"The nearest is {near[0]}."
    if meant := OTHER_LANGUAGES.get(word.upper()):
        return f"{word} is no word of SPARQL at this place", f"SPARQL writes {meant}."
    if expected == {"NS"}:
        return "a prefix ends with a colon", f"Write {word}:"
    if {"VAR", "("} <= expected and word.upper() in ("WHERE", "FROM"):
        return "SELECT names no variable", "Write * for all, or variables as ?x."
    if {"VAR", "("} <= expected and "NAME" not in expected:
        fix = f"Write ({word}(...) AS ?name), or a variable as ?{word}."
        return f"an expression stands in brackets and gets a name, {word} has neither", fix
    if "NAME" in expected:
        fix = f"Write a term as ia:{word}, a variable as ?{word}, or a text as '{word}'."
        return f"{word} has no prefix, and is no word of SPARQL at this place", fix
    if "VAR" in expected:
        return f"{word} cannot stand here", f"Write a variable as ?{word}."
    return None


def as_start(
    query: str, token: Token, before: Token | None, expected: frozenset[str]
) -> Explanation:
    """The fault and the remedy where a triple begins before the last one ends."""
    if token.kind in TERMS and {".", ";"} & expected and "NAME" not in expected:
        fix = "End it with a point, or go on with ; for the same subject or , for one object more."
        return f"what stands before {shown(token.text)} does not end", fix
    return None


def may_stand(expected: frozenset[str]) -> str:
    """The sentence that says what can stand at a place, of which it names four at most."""
    kinds = [example for kind, example in KINDS.items() if kind in expected]
    signs = sorted(e for e in expected if not e.isalnum() and "_" not in e)
    words = sorted(e for e in expected if e.isalpha() and e.isupper() and e not in KINDS)
    signs = [f"`{sign}`" for sign in signs]
    names = [*kinds, *signs, *([] if kinds and len(words) > 8 else words)]
    names = [name for name in names if name not in (END, "BLANK", "DECIMAL", "TAG")][:4]
    return f"Write {listed(names)} here." if names else "Take it out, with all that follows."


def refused(query: str, given: list[Token], parser_message: str) -> Fault:
    """The fault of a query whose words stand right, and that is refused for what they mean."""
    unbound = [sparql_meaning.ungrouped] if "unbound" in parser_message else []
    for find in [*sparql_meaning.FAULTS, *unbound]:
        if (first := next(find(given), None)) is not None:
            token, message, remedy = first
            return fault_at(query, token.at, message, remedy)
    place = AT.search(parser_message)
    sentence = SENTENCE.search(parser_message)
    reason = (
        sentence[1].strip().rstrip(".")
        if sentence
        else "it is refused, though each word stands right"
    )
    line, column = (int(place[1]), int(place[2])) if place else (1, 1)
    return Fault(MALFORMED, line, column, reason, "Ask a part of it at a time, to see which.")
