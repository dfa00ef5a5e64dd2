"""Regular expressions of the tokens of SPARQL 1.1 (names, IRIs, texts, numbers, comments), each of
which matches in time linear in the length of the query.
"""

import re

FIRST = r"A-Za-z_\x80-\U0010ffff"  # what may begin a name; beyond ASCII nothing else begins a token
NEXT = FIRST + "0-9"
UCHAR = r"\\u[0-9A-Fa-f]{4}|\\U[0-9A-Fa-f]{8}"
ODD = r"%[0-9A-Fa-f]{2}|\\[_~.!$&'()*+,;=/?\#@%-]"
TOKEN = re.compile(
    rf"""
    (?P<space> [\x20\t\r\n]++ | \#[^\r\n]*+ )
  | (?P<name> [{FIRST}][{NEXT}.-]*+ (?: :(?:(?:[{NEXT}:]|{ODD})(?:[{NEXT}:.-]|{ODD})*+)?+ )?+
            | :(?:(?:[{NEXT}:]|{ODD})(?:[{NEXT}:.-]|{ODD})*+)?+ )
  | (?P<variable> [?$][{NEXT}]++ )
  | (?P<language> @[A-Za-z]++(?:-[A-Za-z0-9]++)*+ )
  | (?P<number> [0-9]++(?:\.[0-9]++)?+ )
  | (?P<quote> '''|'|\"\"\"|\" )
  | (?P<sign> . )
""",
    re.X | re.S,
)
IRI = re.compile(rf'<(?:[^<>"{{}}|^`\\\x00-\x20]++|{UCHAR})*+')
ENDS = (("'", r"\r\n", ""), ('"', r"\r\n", ""), ("'''", "", "'(?!'')|"), ('"""', "", '"(?!"")|'))
TEXT = {
    mark: re.compile(rf"(?:[^{mark[0]}\\{end}]++|{inner}\\[tbnrf\"'\\]|{UCHAR})*+")
    for mark, end, inner in ENDS
}
ESCAPE = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|.)")
WORD = re.compile(r"[^\W\d]\w*")
PLAIN = re.compile(r"[\w-]*(?:\.[\w.-]*)?", re.A)  # a local name that any namespace can take up
OPEN = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:|.*[/#]", re.S)  # a namespace that takes up any such
SETTLED = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")  # no comparison goes on in this way
UNFIT = frozenset(map(ord, "\n\r\"'\\"))  # by the standard, their escapes would end a text
