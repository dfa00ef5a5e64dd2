"""Recognizes the format of a document that is neither FHIR JSON nor Turtle, for error messages.

It is asked only after reading has failed: nothing is refused for looking like something else.
"""

import re
from typing import NamedTuple

HEAD = 4096  # bytes in which a document says what it is
BLANK = b" \t\r\n\xef\xbb\xbf"
AS_JSON = "Send the same record as FHIR R4 JSON (application/fhir+json)."
UNPACKED = "Send the record that is in it, plain or compressed with gzip."
WRITTEN = "Send the record as FHIR R4 JSON; what such a file says is not read."
MARKUP = re.compile(rb"(?:<\?xml\s|<!--.*?-->\s*<|<(?:[\w.-]+:)?[\w.-]+\s[^<>]*?xmlns)", re.DOTALL)
HTML = re.compile(rb"<!doctype\s+html|<html[\s>]|<\?xml[^>]*>\s*<!doctype\s+html", re.I)
NAMESPACES = (  # what an XML document says of itself, the more telling first
    (b"http://hl7.org/fhir", "FHIR XML", AS_JSON),
    (b"urn:hl7-org:v3", "XML of HL7 version 3, such as a CDA document", AS_JSON),
    (b"http://www.w3.org/2000/svg", "an image (SVG)", WRITTEN),
    (b"http://www.w3.org/1999/02/22-rdf-syntax-ns#", "RDF/XML", "Send the graph as Turtle."),
)
SIGNATURES = (  # the first bytes of a file of a kind
    (b"%PDF-", "a PDF", WRITTEN),
    (b"{\\rtf", "an RTF document", WRITTEN),
    (b"PK\x03\x04", "a ZIP archive, as Word and Excel files are too", UNPACKED),
    (b"PK\x05\x06", "an empty ZIP archive", UNPACKED),
    (b"BZh", "a file compressed with bzip2", UNPACKED),
    (b"\xfd7zXZ\x00", "a file compressed with xz", UNPACKED),
    (b"\x28\xb5\x2f\xfd", "a file compressed with zstd", UNPACKED),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive", UNPACKED),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "a Word, Excel or Outlook file", WRITTEN),
    (b"\x89PNG\r\n\x1a\n", "an image (PNG)", WRITTEN),
    (b"\xff\xd8\xff", "an image (JPEG)", WRITTEN),
    (b"GIF8", "an image (GIF)", WRITTEN),
    (b"II*\x00", "an image (TIFF)", WRITTEN),
    (b"MM\x00*", "an image (TIFF)", WRITTEN),
    (b"PAR1", "a Parquet file", AS_JSON),
    (b"SQLite format 3\x00", "an SQLite database", AS_JSON),
    (b"MSH|", "an HL7 version 2 message", AS_JSON),
    (b"FHS|", "a file of HL7 version 2 messages", AS_JSON),
    (b"BHS|", "a batch of HL7 version 2 messages", AS_JSON),
)
DICOM = slice(128, 132)
YAML = re.compile(rb"(?:---\s*\n)?(?:[\w-]+:[^\n]*\n\s*)*?\s*resourceType:\s", re.A)
PYTHON = re.compile(rb"[\[{]+\s*'")
SEPARATORS = tuple(re.compile(sign + rb"(?=\S)") for sign in (b",", b";", rb"\t", rb"\|"))


class Format(NamedTuple):
    """What a document is, as `is a PDF` or `looks like a table`, and what to send in its place."""

    description: str
    remedy: str


def recognize(data: bytes, guess: bool = True) -> Format | None:
    """What a document is that could not be read, where its beginning tells; else None.

    With `guess` also what it looks like, where nothing in it is a sign of one format alone.
    """
    if data[DICOM] == b"DICM":
        return Format("is a DICOM file", WRITTEN)
    head = data[:HEAD].lstrip(BLANK)
    for signature, name, remedy in SIGNATURES:
        if head.startswith(signature) or data.startswith(signature):
            return Format(f"is {name}", remedy)
    if HTML.match(head):
        return Format("is an HTML page", "Send the record itself, and not a page that shows it.")
    if MARKUP.match(head):
        return markup(head)
    return likeness(head) if guess else None


def markup(head: bytes) -> Format:
    """What an XML document is, by the namespaces that it names."""
    known = (Format(f"is {name}", remedy) for sign, name, remedy in NAMESPACES if sign in head)
    return next(known, Format("is XML", AS_JSON))


def likeness(head: bytes) -> Format | None:
    """What a document looks like, where its beginning looks like something."""
    if YAML.match(head):
        return Format("looks like YAML", AS_JSON)
    if PYTHON.match(head):
        quotes = "Write texts in double quotes; json.dumps in Python does so."
        return Format("looks like data in single quotes, as Python shows it", quotes)
    lines = [line for line in head.splitlines()[:5] if line.strip()]
    if len(head) == HEAD:
        lines = lines[:-1]
    if len(lines) < 2 or lines[0][:1] in b"{[<@":
        return None
    counts = ([len(sign.findall(line)) for line in lines] for sign in SEPARATORS)
    if any(0 < columns[0] == min(columns) == max(columns) for columns in counts):
        return Format("looks like a table, such as CSV", AS_JSON)
    return None
