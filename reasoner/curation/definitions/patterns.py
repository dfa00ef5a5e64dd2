"""Patterns: the sentences that criteria are made of, one file each in `ontology/patterns/`.

A file is named as its pattern is called. It begins with comments that say what the pattern says;
each other line is `key: text`. `argument` lines come in the order of the call: a name, with `?`
where it may be left out, and its kind: `number`, `duration`, `below CLASS` for a class, or `in
CLASS` for an individual, where several classes are joined by `or`. In the other texts `{NAME}` is
the argument, and a part in square brackets is left out where one of its arguments is.

- `band: OBSERVABLE UNIT LEAST..BELOW` makes a band of values, which `{band}` names and `{range}`
  puts in words; the unit `*` is that of the observable;
- `met` is what a presentation meets, in Manchester syntax or as calls of patterns; where
  `met (patient)`, `met (presentation)` and `met (finding)` stand, the holder of the observable
  chooses;
- `refuted` is what refutes it, `question` and `label` are its words.
"""

import re
from dataclasses import dataclass
from pathlib import Path

from reasoner.errors import InputError

LINE = re.compile(r"(argument|band|met|met \(\w+\)|refuted|question|label): *(.*)")
ARGUMENT = re.compile(r"(\w+)(\??) (below|in|number|duration)((?: (?:or )?[A-Z]\w*)*)")
BAND = re.compile(r"(\S+) (\S+) (\S*?)\.\.(\S*)")
OPTIONAL = re.compile(r"\[([^\[\]]*)\]")
PLACE = re.compile(r"\{(\w+)\}")
NEEDED = ("met", "label", "question")


@dataclass(frozen=True)
class Argument:
    """What a call gives at one place; `classes` are local names, one of which a term belongs to."""

    name: str
    kind: str
    classes: tuple[str, ...]
    optional: bool


@dataclass(frozen=True)
class Pattern:
    """One pattern; `met` has its Manchester line by holder, under "" where none chooses."""

    name: str
    summary: str
    arguments: tuple[Argument, ...]
    met: dict[str, str]
    refuted: str
    question: str
    label: str
    band: tuple[str, str, str, str] | None  # observable, unit, least, below

    @property
    def usage(self) -> str:
        """How it is called: `Signs(S[, R])`."""
        commas = ["", *[", "] * len(self.arguments)]
        arguments = [
            f"[{comma}{a.name}]" if a.optional else comma + a.name
            for comma, a in zip(commas, self.arguments, strict=False)
        ]
        return f"{self.name}({''.join(arguments)})"


def filled(template: str, values: dict[str, str]) -> str | None:
    """A text with its arguments; None where one that it needs is not given."""

    def part(match: re.Match[str]) -> str:
        return match[1] if all(values.get(name) for name in PLACE.findall(match[1])) else ""

    text = OPTIONAL.sub(part, template)
    if not all(values.get(name) for name in PLACE.findall(text)):
        return None
    return PLACE.sub(lambda match: values[match[1]], text)


def read_pattern(path: Path) -> Pattern:
    """The pattern in a file. Raises InputError with the line that is none of a pattern."""
    comments: list[str] = []
    texts: dict[str, str] = {}
    arguments: list[Argument] = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        place = f"{path}:{number}"
        if line.startswith("#"):
            comments.append(line.lstrip("# "))
        elif match := LINE.fullmatch(line.strip()):
            key, text = match.groups()
            if key == "argument":
                arguments.append(argument(place, text))
            elif key in texts:
                raise InputError(place, f"{key} stands twice", "Leave one of them.")
            else:
                texts[key] = text
        elif line.strip():
            hint = "Write a key such as met, refuted, question or label, a colon and its text."
            raise InputError(place, "this is no line of a pattern", hint)
    met = {key[5:-1] if "(" in key else "": t for key, t in texts.items() if key[:3] == "met"}
    for key in NEEDED:
        if not (met if key == "met" else texts.get(key)):
            raise InputError(str(path), f"it has no line {key}", f"Add one: {key}: ...")
    known = {a.name for a in arguments} | {"band", "range"}
    for text in texts.values():
        for name in PLACE.findall(text):
            if name not in known:
                raise InputError(str(path), f"{{{name}}} is no argument", "Declare it.")
    band = BAND.fullmatch(texts["band"]) if "band" in texts else None
    if "band" in texts and not band:
        hint = "Write it as band: Age a {least}..{below}"
        raise InputError(str(path), f"the band {texts['band']} is not understood", hint)
    return Pattern(
        path.stem,
        " ".join(comments),
        tuple(arguments),
        met,
        texts.get("refuted", ""),
        texts["question"],
        texts["label"],
        (band[1], band[2], band[3], band[4]) if band else None,
    )


def argument(place: str, text: str) -> Argument:
    """An argument line. Raises InputError for another text."""
    match = ARGUMENT.fullmatch(text.strip())
    if not match or (match[3] in ("below", "in")) != bool(match[4]):
        hint = "Write it as `S below Sign`, `R? in BodyRegion`, `least? number` or `time duration`."
        raise InputError(place, f"the argument {text} is not understood", hint)
    classes = tuple(name for name in match[4].split() if name != "or")
    return Argument(match[1], match[3], classes, bool(match[2]))


def read_patterns(ontology: Path) -> dict[str, Pattern]:
    """The patterns of an ontology folder by name. Raises InputError for a file that is none."""
    files = sorted((ontology / "patterns").glob("*.txt"))
    return {path.stem: read_pattern(path) for path in files}
