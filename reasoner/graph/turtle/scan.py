"""Refuses Turtle that would crash a parser (RDF 1.2, brackets nested too deep), in one pass
over the bytes before it is parsed.

RDF 1.2 triple terms that are nested 20,000 deep overflow the stack of Oxigraph's parser and end the
process, and rdflib's parser calls itself for each bracket. Neither is met in any document that this
project reads: OWL and SHACL are written in RDF 1.1, and no definition is nested ten deep.

Each byte is looked at a bounded number of times whatever the document says: what is skipped is
skipped for good (possessive repeats), and a text or an IRI that is not closed ends the scan.
"""

import re

from reasoner.errors import TurtleError

DEEPEST = 64  # brackets in brackets: the project's own bound
LONGEST = 2000  # bytes of an IRI that two letters may repeat: the project's own bound
IRI = rb"""(?:[^\x00-\x20<>"{}|^`\\]|\\[uU])"""
LONG_TEXTS = rb""""{3}(?:[^"\\]++|\\.|"(?!""))*+"{3}|'{3}(?:[^'\\]++|\\.|'(?!''))*+'{3}"""
TEXTS = rb""""(?!"")(?:[^"\\\r\n]++|\\.)*+"|'(?!'')(?:[^'\\\r\n]++|\\.)*+'"""
ESCAPED = rb"""\\[_~.\-!$&'()*+,;=/?\#@%]"""  # in the local part of a name
TAG = rb"@(?![A-Za-z0-9-]++(?:(?<=--ltr)|(?<=--rtl)))"
PLAIN = re.compile(
    rb"""(?:[^"'<\#\\@~(){}\[\]]++|\#[^\r\n]*+|"""
    + LONG_TEXTS
    + rb"|"
    + TEXTS
    + rb"|<(?!<)"
    + IRI
    + rb"*+>|"
    + ESCAPED
    + rb"|"
    + TAG
    + rb")*+",
    re.DOTALL,
)
COMMENT = re.compile(  # what is not closed ends with the document, or with the line
    rb"""(?:[^"'<\#\\]++|"{3}(?:[^"\\]++|\\.|"(?!""))*+(?:"{3})?+"""
    rb"""|'{3}(?:[^'\\]++|\\.|'(?!''))*+(?:'{3})?+"""
    rb"""|"(?:[^"\\\r\n]++|\\.)*+"?+|'(?:[^'\\\r\n]++|\\.)*+'?+"""
    rb"""|<""" + IRI + rb"""*+>?+|\\.?+)*+(\#[^\r\n]*+)?+""",
    re.DOTALL,
)
LONG_IRI = re.compile(rb"<" + IRI + rb"{%d}" % (LONGEST + 1))
TOKEN = re.compile(
    rb"""\s++|\#[^\r\n]*+|"{3}(?:[^"\\]++|\\.|"(?!""))*+(?:"{3})?+"""
    rb"""|'{3}(?:[^'\\]++|\\.|'(?!''))*+(?:'{3})?+"""
    rb"""|"(?:[^"\\\r\n]++|\\.)*+"?+|'(?:[^'\\\r\n]++|\\.)*+'?+"""
    rb"""|<""" + IRI + rb"""*+>?+|[^\s"'<\#\\]++|.""",
    re.DOTALL,
)
RDF_1_2 = {
    b"<<": "a triple term",
    b"{|": "an annotation",
    b"~": "a reifier",
    b"@": "a language tag with a direction",
}
REMEDY = "Say it in RDF 1.1: give what is said of a statement an IRI and triples of its own."


def refuse_unreadable(data: bytes) -> None:
    """Raises TurtleError, with line and column, for RDF 1.2, for brackets that are nested more than
    DEEPEST deep, and for a prefix or a base of more than LONGEST bytes.

    Whatever else is wrong with the document is left for the parser to say.
    """
    if LONG_IRI.search(data):
        refuse_long_prefix(data)
    depth = place = 0
    while (place := PLAIN.match(data, place).end()) < len(data):  # type: ignore[union-attr]
        sign = data[place : place + 1]
        if sign in b"[(":
            depth += 1
            if depth > DEEPEST:
                message = f"brackets are nested more than {DEEPEST} deep"
                raise error(data, place, message, "Give an inner one an IRI.")
        elif sign in b")]":
            depth -= depth > 0
        elif construct := RDF_1_2.get(data[place : place + 2]) or RDF_1_2.get(sign):
            raise error(data, place, f"{construct} is RDF 1.2, which OWL tools do not read", REMEDY)
        else:  # a text or an IRI that is not closed, or a sign that Turtle does not have
            if any(mark in data[place:] for mark in (b"<<", b"{|", b"~")):
                raise error(data, place, "what begins here is not closed", "Close it.")
            return
        place += 1


def refuse_long_prefix(data: bytes) -> None:
    """Raises TurtleError for a prefix or a base of more than LONGEST bytes, which a short document
    could repeat until memory ends.
    """
    before = b""
    for match in TOKEN.finditer(data):
        token = match[0]
        if token.isspace() or token.startswith(b"#"):
            continue
        if (
            token.startswith(b"<")
            and len(token) > LONGEST
            and (before.endswith(b":") or before.lower().endswith(b"base"))
        ):
            message = f"a prefix or a base has more than {LONGEST} characters"
            raise error(data, match.start(), message, "Give it a shorter IRI.")
        before = token


def error(data: bytes, place: int, message: str, hint: str) -> TurtleError:
    """The error about a place in a document, with its line and its column in characters."""
    before = data[:place].decode("utf-8", "replace")
    line = before.count("\n") + 1
    column = place and len(before) - (before.rfind("\n") + 1)
    return TurtleError("", line, column + 1, message, hint)
