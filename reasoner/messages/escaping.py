"""Escapes untrusted text for the place where it is shown: terminal, Markdown, CSV, JSON,
Turtle, HTML.

What does something on a terminal or in a page instead of showing something is written as its
escape: `\x1b` for ESC. Records, graphs, tables and file names are all from outside.
"""

import re
from collections.abc import Callable
from dataclasses import fields, is_dataclass
from typing import Any

# Characters that a reader does not see, or that move what he sees: the controls C0 and C1 with
# DEL, half characters (lone surrogates), separators of lines, marks of writing direction (Trojan
# Source, CVE-2021-42574), and Default_Ignorable_Code_Point of DerivedCoreProperties.txt (Unicode).
UNSEEN = (
    "\x00-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f"
    "\u2028-\u202e\u2060-\u206f\u3164\ud800-\udfff\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb"
    "\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
ACTING = re.compile(f"[{UNSEEN}]")
LAID_OUT = re.compile(f"(?![\n\t])[{UNSEEN}]")  # but for what lays a document out
BLANKS = re.compile(r"[^\S\x00-\x1f\x7f-\x9f\u2028\u2029]{2,}")  # which push what follows away
SHORT = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}
MARKUP = re.compile(
    r"[\\`*\[\]{}|~#@$!]"  # code, emphasis, links, images, tables, headings, fences, mentions
    r"|(?<=\])[(:]"  # what makes a link of brackets, where a client overlooks the escape
    r"|(?<![^\W_])_|_(?![^\W_])"  # emphasis, which needs the edge of a word
    r"|(?<=:)/|(?<=:/)/|(?<=[wW]{3})\."  # addresses, of which some readers make links
    r"|^[-+=](?=[-+=\s]|$)|(?<=^\d)[.)]|(?<=^\d\d)[.)]|(?<=^\d\d\d)[.)]"  # lists and headings
)
ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
ENTITY = re.compile("[&<>]")
FORMULA = re.compile(r"\s*[=+@\-\uff1d\uff0b\uff0d\uff20]")  # full width too, as spreadsheets do
NUMBER = re.compile(r"\s*[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?%?\s*")
LONE = ("-", "+", "--", "---")  # signs that mean nothing alone


def escaped(match: re.Match[str]) -> str:
    """A character as Python writes it: `\\x1b`, `\\u202e`."""
    code = ord(match[0])
    return SHORT.get(match[0]) or (
        f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}" if code < 65536 else f"\\U{code:08x}"
    )


def line(text: str) -> str:
    """A text as a part of one line: nothing in it moves, hides or colors anything, and runs of
    blanks, which would push what follows to a line of its own, are one blank.
    """
    if text.isascii() and text.isprintable():
        return text if "  " not in text else BLANKS.sub(" ", text)
    return BLANKS.sub(" ", ACTING.sub(escaped, text))


def visible(text: str) -> str:
    """A line that the program laid out with blanks: as it stands, but for what acts."""
    return text if text.isascii() and text.isprintable() else ACTING.sub(escaped, text)


def markdown(text: str) -> str:
    """A text as a part of one line of Markdown, where nothing in it is markup or HTML."""
    plain = MARKUP.sub(r"\\\g<0>", line(text).strip(" "))
    return ENTITY.sub(lambda match: ENTITIES[match[0]], plain)


def cell(text: str) -> str:
    """A text as a cell of CSV: on one line, and with an apostrophe in front of what a spreadsheet
    would run as a formula (OWASP, CSV injection). Numbers stay numbers.
    """
    return f"'{line(text)}" if is_formula(text) else line(text)


def is_formula(text: str) -> bool:
    """Whether a spreadsheet would take a cell for a formula; no number is one."""
    return bool(FORMULA.match(text) and not NUMBER.fullmatch(text) and text.strip() not in LONE)


def as_json(text: str) -> str:
    """JSON with escapes for the characters that act and that JSON lets stand; the same data."""
    return LAID_OUT.sub(json_escape, text)


def as_turtle(text: str) -> str:
    """Turtle with escapes for the characters that act in its texts and IRIs; the same data."""
    return LAID_OUT.sub(lambda match: f"\\U{ord(match[0]):08X}", text)


def json_escape(match: re.Match[str]) -> str:
    """A character as JSON writes it."""
    code = ord(match[0])
    pair = (code,) if code < 65536 else (0xD7C0 + (code >> 10), 0xDC00 + (code & 0x3FF))
    return "".join(f"\\u{unit:04x}" for unit in pair)


def each(data: Any, change: Callable[[str], str]) -> Any:
    """Parsed JSON, or a data class, with every text in it, but for keys, made another; what is
    given stays.
    """
    if isinstance(data, str):
        return change(data)
    if isinstance(data, dict):
        return {key: each(value, change) for key, value in data.items()}
    if is_dataclass(data) and not isinstance(data, type):
        return type(data)(*(each(getattr(data, part.name), change) for part in fields(data)))
    return [each(value, change) for value in data] if isinstance(data, (list, tuple)) else data


def in_page(value: Any) -> Any:
    """What is put into a page of HTML, before it is escaped there: without what acts.

    Text that is HTML already, and the line breaks of text, stay.
    """
    if not isinstance(value, str) or hasattr(value, "__html__"):
        return value
    return value if value.isascii() and value.isprintable() else LAID_OUT.sub(escaped, value)
