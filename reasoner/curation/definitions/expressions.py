"""Reads what a cell such as `met_when` says: alternatives of calls, names and Manchester lines.

`Signs(JointEffusion, Knee) | AllOf(Denies(Fall); Is(Imaged))` becomes a tree, whose leaves are
Manchester lines; a tree is turned into alternatives of intersections, or into what refutes it.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from itertools import product

from reasoner.curation.definitions.bands import Band, bound
from reasoner.curation.definitions.lexicon import Lexicon
from reasoner.curation.definitions.patterns import Argument, Pattern, filled
from reasoner.errors import InputError
from reasoner.messages.nearest import nearest
from reasoner.names import IA, OWL, expand, ia

CALL = re.compile(r"([A-Z]\w*)\((.*)\)", re.DOTALL)
NAME = re.compile(r"(?:ia:)?[A-Z]\w*")
DEEPEST = 16  # calls in each other: the project's own bound
MOST = 64  # alternatives of a class: the project's own bound


@dataclass(frozen=True)
class Node:
    """A part of an expression: `any` or `all` of its parts, a `name`, or a `line` in Manchester.

    `refuted` is the expression that refutes a call of a pattern, which may be empty.
    """

    kind: str
    parts: tuple["Node", ...] = ()
    text: str = ""
    label: str = ""
    question: str = ""
    refuted: str | None = None


Alternative = tuple[Node, ...]  # the names and lines of an intersection


@dataclass
class Expressions:
    """Reads expressions with the patterns and names of a lexicon; collects the bands they make."""

    lexicon: Lexicon
    bands: dict[str, Band] = field(default_factory=dict)

    def read(self, text: str, depth: int = 0) -> Node:
        """The tree of an expression. Raises InputError for what is not understood."""
        if depth > DEEPEST:
            hint = "Name an inner one as a criterion of its own."
            raise InputError(text, f"more than {DEEPEST} calls are nested", hint)
        parts = tuple(self._alternative(part, depth) for part in split(text, "|"))
        return parts[0] if len(parts) == 1 else Node("any", parts)

    def _alternative(self, text: str, depth: int) -> Node:
        if not text:
            raise InputError(text, "an alternative is empty", "Write a call, or leave it out.")
        match = CALL.fullmatch(text)
        if match and closes(text):
            return self._call(match[1], match[2], text, depth)
        if NAME.fullmatch(text):
            return self._name(text)
        return Node("line", text=text)

    def _name(self, text: str) -> Node:
        iri = self.lexicon.named(text, OWL + "Class", "class")
        return Node("name", text=iri, label=self.lexicon.label(iri))

    def _call(self, name: str, inner: str, text: str, depth: int) -> Node:
        if name in ("AnyOf", "AllOf"):
            parts = tuple(self.read(part, depth + 1) for part in split(inner, ";"))
            return Node(name[:3].lower(), parts)
        if name == "Is":
            return self._name(inner.strip())
        if name not in self.lexicon.patterns:
            names = [*self.lexicon.patterns, "AnyOf", "AllOf", "Is"]
            near = nearest(name, names, least=0)[0]
            raise InputError(text, f"there is no pattern {name}", f"The nearest is {near}.")
        pattern = self.lexicon.patterns[name]
        values, words = self._arguments(pattern, inner, text)
        met = pattern.met.get("", "")
        if pattern.band:
            met = self._band(pattern, values, words, text) or met
        node = self.read(filled(met, values) or "", depth + 1)
        refuted = [filled(part, values) for part in split(pattern.refuted, "|")]
        label, question = (filled(t, words) or text for t in (pattern.label, pattern.question))
        against = " | ".join(part for part in refuted if part)
        return Node(node.kind, node.parts, node.text, label, question, against)

    def _arguments(
        self, pattern: Pattern, inner: str, text: str
    ) -> tuple[dict[str, str], dict[str, str]]:
        """The arguments of a call as they stand in definitions, and in words."""
        cells = split(inner, ",")
        if len(cells) > len(pattern.arguments):
            raise InputError(text, "it has too many arguments", f"Write it as {pattern.usage}.")
        values: dict[str, str] = {}
        words: dict[str, str] = {}
        for place, argument in enumerate(pattern.arguments):
            cell = cells[place] if place < len(cells) else ""
            if not cell and not argument.optional:
                fault = f"its argument {argument.name} is missing"
                raise InputError(text, fault, f"Write it as {pattern.usage}.")
            if cell:
                values[argument.name], words[argument.name] = self._argument(argument, cell)
        return values, words

    def _argument(self, argument: Argument, cell: str) -> tuple[str, str]:
        if argument.kind == "duration" and not re.search(r"[a-z]", cell):
            raise InputError(cell, f"{cell} has no unit", "Write a time such as 12 weeks.")
        if argument.kind in ("number", "duration"):
            return cell, cell
        find = self.lexicon.below if argument.kind == "below" else self.lexicon.member
        iri = find(cell, *argument.classes)
        return iri[len(IA) :], self.lexicon.label(iri)

    def _band(
        self, pattern: Pattern, values: dict[str, str], words: dict[str, str], text: str
    ) -> str | None:
        """Makes the band of a call; returns the line that the holder of its observable chooses."""
        assert pattern.band
        name, unit, least, below = (filled(part, values) or "" for part in pattern.band)
        observable = self.lexicon.member(name, "Observable")
        unit = self.lexicon.unit(observable) if unit == "*" else unit
        bounds = [bound(value, unit, text) for value in (least, below)]
        if not any(bounds):
            raise InputError(text, "it has no bounds", f"Write it as {pattern.usage}.")
        if all(bounds) and bounds[0].value >= bounds[1].value:  # type: ignore[union-attr]
            raise InputError(text, "no value lies in this range", "Write the smaller bound first.")
        band = Band(observable, unit, *bounds)
        declared = band.declared(self.lexicon.edited)
        if not declared:
            self.bands[band.cls] = band
        values["band"] = words["band"] = (declared or band.cls)[len(IA) :]
        words["range"] = band.words
        return pattern.met.get(self.lexicon.holder(observable))

    def refutation(self, node: Node, of_class: Callable[[str], Node | None]) -> Node | None:
        """What refutes a tree; None where nothing that is stated can.

        `of_class` gives what refutes a named class.
        """
        if node.refuted is not None and (node.refuted or node.kind == "line"):
            return self.read(node.refuted) if node.refuted else None
        if node.kind == "name":
            return of_class(node.text)
        against = [self.refutation(part, of_class) for part in node.parts]
        some = tuple(one for one in against if one)
        if node.kind == "all":
            return joined("any", some)
        return joined("all", some) if len(some) == len(against) else None


def joined(kind: str, parts: tuple[Node, ...]) -> Node | None:
    """Any or all of some trees; one of them is itself, none is nothing."""
    return (parts[0] if len(parts) == 1 else Node(kind, parts)) if parts else None


def alternatives(node: Node) -> list[Alternative]:
    """The alternatives of a tree, each an intersection of names and lines.

    Raises InputError for more than MOST.
    """
    if node.kind == "any":
        several = [one for part in node.parts for one in alternatives(part)]
    elif node.kind == "all":
        several = [
            tuple(dict.fromkeys(leaf for one in chosen for leaf in one))
            for chosen in product(*map(alternatives, node.parts))
        ]
    else:
        several = [(node,)]
    several = list(dict.fromkeys(several))
    if len(several) > MOST:
        hint = "Name a part of it as a criterion of its own."
        raise InputError(words_of(node), f"it has more than {MOST} alternatives", hint)
    return several


def words_of(node: Node) -> str:
    """The words of a tree: those of its patterns and names; empty where a line has none."""
    if node.label or not node.parts:
        return node.label
    parts = [words_of(part) for part in node.parts]
    return (" or " if node.kind == "any" else ", ").join(parts) if all(parts) else ""


def manchester(alternative: Iterable[Node]) -> str:
    """An alternative as one Manchester line about a presentation."""
    names = [leaf.text for leaf in alternative if leaf.kind == "name"]
    lines = [leaf.text for leaf in alternative if leaf.kind == "line"]
    first = [] if not lines or ia("Presentation") in names else ["Presentation"]
    return " and ".join([*first, *(f"ia:{name[len(IA) :]}" for name in names), *lines])


def split(text: str, separator: str) -> list[str]:
    """The parts of a text between separators that stand outside of brackets, stripped.

    Raises InputError for a bracket without its other one.
    """
    parts, depth = [""], 0
    for letter in text:
        depth += (letter == "(") - (letter == ")")
        if depth < 0:
            break
        if letter == separator and not depth:
            parts.append("")
        else:
            parts[-1] += letter
    if depth:
        raise InputError(text, "a bracket has no other one", "Count the brackets.")
    return [part.strip() for part in parts]


def closes(text: str) -> bool:
    """Whether the first bracket of a text is closed by its last character."""
    depth = 0
    for place, letter in enumerate(text):
        depth += (letter == "(") - (letter == ")")
        if letter == ")" and not depth:
            return place == len(text) - 1
    return False


def is_name(text: str) -> bool:
    """Whether a cell is the mere name of a class."""
    return bool(NAME.fullmatch(text))


def iri_of(name: str) -> str:
    """The IRI of a name whose prefix may be left out."""
    return expand(name) if ":" in name else ia(name)
