"""Lists every free text of a FHIR resource with its path, and the attachments that cannot be
read.

A list of keys says where words stand (`text`, `display`, `conclusion`, every `...String` and so
on); identifiers, codes, addresses and dates are no words. Contained resources are walked too. The
walk is linear and does not recurse.
"""

import base64
import binascii
import html
import re
from collections.abc import Iterator

KEYS = frozenset(
    """text display div conclusion comment comments description patientInstruction instruction title
    detail note summary orderDetail reason usage documentation prognosis followUp definition label
    prefix caption""".split()
)
ENDINGS = ("String", "Markdown")  # of value[x], onset[x], performed[x] and the like
NAMED = ("deviceName", "udiCarrier", "device")  # whose `name` is the name of a thing
PEOPLE = frozenset(
    ("name", "address", "telecom", "contact")
)  # of persons and organizations: no words of the record
LONGEST = 8_000_000  # characters of an attachment in base64
DEEPEST = 100  # levels whose keys stand in a path; what lies deeper has the path of the last
INLINE = re.compile(
    r"</?(?:a|abbr|b|big|bdo|cite|code|em|font|i|mark|s|small|span|strong|sub|sup|u|wbr)"
    r"(?:\s[^<>]*)?/?>",
    re.I,
)
TAG = re.compile(r"<[^<>]*>")
NUMERIC = re.compile(
    r"&#[xX]?[0-9a-fA-F]{8,};?"
)  # no character has so long a number, and reading it would fail
READ = {
    "text/plain": False,
    "text/html": True,
    "application/xhtml+xml": True,
}  # the types that are read: whether they have tags
CHARSETS = {
    "utf-8",
    "utf8",
    "us-ascii",
    "iso-8859-1",
    "latin1",
    "windows-1252",
    "utf-16",
    "utf-16le",
    "utf-16be",
}


def texts(resource: dict) -> Iterator[tuple[str, str]]:
    """The path and the text of every place that carries words, in the order of the resource.

    Narratives and pages come without their tags.
    """
    return iter(words_and_forms(resource)[0])


def unreadable_forms(resource: dict) -> list[tuple[str, str]]:
    """The path and the content type of every attachment whose words cannot be read.

    It is no text, was not sent along, is too long or broken.
    """
    return words_and_forms(resource)[1]


def words_and_forms(resource: dict) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """What `texts` and `unreadable_forms` give, found in one walk."""
    words: list[tuple[str, str]] = []
    forms: list[tuple[str, str]] = []
    for way, key, value in walk(resource):
        if isinstance(value, str):
            if (key in KEYS or key == "name" or key.endswith(ENDINGS)) and value.strip():
                path = written(way)
                if is_text(path, key):
                    words.append((path, without_tags(value) if key == "div" else value))
        elif isinstance(value, dict) and is_attachment(key, value):
            content = attached(value)
            if content is None:
                forms.append((written(way), as_text(value.get("contentType"))))
            elif content:
                words.append((written(way), content))
    return words, forms


Way = tuple  # the way to a value: (the way to what holds it, a key or a number), empty at the top


def walk(resource: dict) -> Iterator[tuple[Way, str, object]]:
    """Way, key and value of all texts and objects in a resource, in order.

    Names and addresses of people are left out.
    """
    todo: list[tuple[Way, str, object, int]] = [((), "", resource, 0)]
    while todo:
        way, key, value, depth = todo.pop()
        if isinstance(value, dict):
            yield way, key, value
            for name in reversed(value):
                inner = value[name]
                if isinstance(inner, (dict, list)):
                    if name not in PEOPLE:
                        todo.append(
                            ((way, name) if depth < DEEPEST else way, name, inner, depth + 1)
                        )
                elif isinstance(inner, str):
                    todo.append(((way, name) if depth < DEEPEST else way, name, inner, depth + 1))
        elif isinstance(value, list):
            todo += [
                ((way, i) if depth < DEEPEST else way, key, value[i], depth + 1)
                for i in range(len(value) - 1, -1, -1)
            ]
        else:
            yield way, key, value


def written(way: Way) -> str:
    """The path that a way is written as."""
    steps: list[str] = []
    while way:
        way, step = way
        steps.append(f"[{step}]" if isinstance(step, int) else f".{step}")
    return "".join(reversed(steps)).removeprefix(".")


def is_text(path: str, key: str) -> bool:
    """Whether what stands under a key is words."""
    return (
        key in KEYS
        or key.endswith(ENDINGS)
        or (key == "name" and any(f"{owner}[" in path or f"{owner}." in path for owner in NAMED))
    )


def is_attachment(key: str, value: object) -> bool:
    """Whether what stands under a key is an Attachment or a Binary."""
    return isinstance(value, dict) and (
        key == "presentedForm"
        or key.endswith(("Attachment", "attachment"))
        or "contentType" in value
    )


def attached(attachment: dict) -> str | None:
    """The text of an attachment; None when it cannot be read."""
    kind, _, rest = as_text(attachment.get("contentType")).lower().partition(";")
    data = attachment.get("data")
    if kind.strip() not in READ or not isinstance(data, str) or len(data) > LONGEST:
        return None
    charset = rest.partition("charset=")[2].partition(";")[0].strip(" \"'")
    try:
        content = base64.b64decode("".join(data.split()), validate=True).decode(
            charset if charset in CHARSETS else "utf-8", "replace"
        )
    except (binascii.Error, ValueError):
        return None
    return without_tags(content) if READ[kind.strip()] else content


def as_text(value: object) -> str:
    """A value that should be a text; nothing when it is none."""
    return value if isinstance(value, str) else ""


def without_tags(markup: str) -> str:
    """The words of XHTML or HTML: other cells and paragraphs are other lines."""
    return html.unescape(NUMERIC.sub(" ", TAG.sub("\n", INLINE.sub("", markup))))
