"""Translates the messages of Oxigraph's Turtle parser into a fault and a remedy for the author of
the document. A message that is not known is passed on as it is.
"""

import re
from collections.abc import Mapping

from reasoner.graph.turtle.layout import WELL_KNOWN
from reasoner.messages.document_formats import recognize
from reasoner.messages.nearest import nearest

LONGEST = 300  # characters of what a parser says, which quotes what it met
NAMED = "Write a name with its prefix as ia:Thigh, an IRI as <https://example.org/a>"
HERE = "Correct it here or just before."
FAULTS = (  # what the parser says, the fault, and the remedy
    (
        r"A dot is expected at the end of statements",
        "the statement before this does not end, or a sign is missing between its parts",
        "End it with a point, or go on with ; for the same subject or , for one object more.",
    ),
    (
        r"Unexpected end(?: of input)?",
        "the document ends in the middle of a statement",
        "Finish the statement, and end it with a point.",
    ),
    (
        r"Unexpected end of file",
        "what begins here has no end",
        "Close a text with the quotes that it began with, and an IRI with >.",
    ),
    (
        r"Invalid IRI code point (.+)",
        r"an IRI may not hold \1",
        "Close the IRI with > before it, or write the character as % and two digits, as in %20.",
    ),
    (
        r"No scheme found in an absolute IRI",
        "the IRI is relative, and the document has no base",
        "Write the IRI in full, or put @base with an IRI at the top.",
    ),
    (
        r"The PREFIX keyword should be followed by .*",
        "a prefix ends with a colon",
        "Write @prefix ia: and its IRI in < >, and end the line with a point.",
    ),
    (
        r"blank node property lists should end with a '\]'",
        "a [ is not closed before this",
        "Write ] where what it says ends, or ; before the next thing that it says.",
    ),
    (
        r"A language code should always start with a letter",
        "a language tag begins with a letter",
        "Write it as @en, right after the text.",
    ),
    (
        r"Expecting a datatype IRI after \^\^, found (.+)",
        "no datatype stands after ^^",
        "Write one as xsd:date, right after ^^.",
    ),
    (
        r"Unexpected escape character '(.+)'",
        r"\1 is no escape of a text",
        r"""Write \\\\ for the backslash itself; escapes are \\t, \\n, \\r, \\", \\' """
        r"""and \\u with four digits.""",
    ),
    (
        r"A blank node ID cannot be empty",
        "a blank node has no name after _:",
        "Give it one as _:b1, or write [ ].",
    ),
    (
        r"escapes in IRIs should be % followed by .*",
        "a % in a name needs two digits after it",
        "Write %25 for the sign itself.",
    ),
)
PREFIX = re.compile(r"The prefix (.*): has not been declared")
MISPLACED = re.compile(r"(.+) is not a valid (subject or graph name|predicate|RDF object)", re.S)
PARTS = {"subject or graph name": "subject", "predicate": "predicate", "RDF object": "object"}


def explain(message: str, data: bytes, declared: Mapping[str, str]) -> tuple[str, str]:
    """The fault that a message of the parser tells, without its point, and the remedy.

    `data` is the document, `declared` are the prefixes that it declares.
    """
    if other := recognize(data, guess=False):
        return f"this {other.description}, and no Turtle", other.remedy
    if match := PREFIX.fullmatch(message):
        return f"the prefix {match[1]}: is not declared", declaring(match[1], declared)
    if match := MISPLACED.fullmatch(message):
        return misplaced(match[1], PARTS[match[2]])
    for pattern, fault, remedy in FAULTS:
        if match := re.fullmatch(pattern, message):
            return match.expand(fault), match.expand(remedy)
    return message if len(message) <= LONGEST else f"{message[:LONGEST]}...", HERE


def declaring(prefix: str, declared: Mapping[str, str], form: str = "@prefix {}: <{}> .") -> str:
    """How to declare a prefix that is not declared, or which one was meant."""
    if prefix in WELL_KNOWN:
        return f"Add at the top: {form.format(prefix, WELL_KNOWN[prefix])}"
    if near := nearest(prefix, declared) if prefix else []:
        return f"The nearest that is declared is `{near[0]}:`."
    if near := nearest(prefix, WELL_KNOWN) if prefix else []:
        known = form.format(near[0], WELL_KNOWN[near[0]])
        return f"The nearest that is known is {near[0]}: add at the top: {known}"
    return f"Add at the top, with the IRI that it stands for: {form.format(prefix, '...')}"


def misplaced(token: str, part: str) -> tuple[str, str]:
    """The fault and the remedy of something that can be no subject, predicate or object."""
    shown = token if len(token) <= LONGEST else f"{token[:LONGEST]}..."
    if token.startswith("@") and part == "subject":
        near = nearest(token, ("@prefix", "@base"))
        return f"{shown} is no directive", f"Write {near[0] if near else '@prefix or @base'}."
    if token == "{" and part == "subject":
        remedy = "A FHIR record is read by `nextstudy ask`; named graphs (TriG) are not read."
        return "this looks like JSON or TriG, and no Turtle", remedy
    if token in ("]", ")", "}") and part == "subject":
        return f"this {token} closes nothing", "Take it out, or open it before."
    if token in (".", ",", ";", "]", ")", "}") and part != "subject":
        return (
            f"the {part} before {token} is missing",
            f"{NAMED}{', or a text' * (part == 'object')}.",
        )
    if token.startswith("^") and part == "subject":
        return "a datatype is written with two signs", "Write ^^ right after the text."
    if part == "object" and (near := nearest(token, ("true", "false"))):
        return f"{shown} is no object", f"The nearest is {near[0]}. {NAMED}, or a text in quotes."
    more = ", or a text in quotes." if part == "object" else "."
    kind = "a text" if token.startswith(('"', "'")) else shown
    return f"{kind} cannot be the {part} of a statement", f"{NAMED}{more}"
