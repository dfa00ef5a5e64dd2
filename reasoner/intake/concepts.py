"""The meaning of CodeableConcepts (FHIR): the mappings of their codes to terms of the ontology, and
what in them is not used; cached, because records repeat them.
"""

from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple

import orjson

from reasoner.graph.knowledge import Knowledge
from reasoner.graph.memoize import memoized
from reasoner.graph.terminology import Mapping
from reasoner.intake.bundle import as_list
from reasoner.names import IA, LABEL

REMEMBERED = 4096  # concepts, or lists of them, in the cache
LONGEST = 512  # bytes of one that is cached
MOST = 4  # concepts in a list that is cached
STRICT = (
    orjson.OPT_PASSTHROUGH_DATACLASS
    | orjson.OPT_PASSTHROUGH_DATETIME
    | orjson.OPT_PASSTHROUGH_SUBCLASS
)


class Meaning(NamedTuple):
    """The meaning of a CodeableConcept, or of a list of them.

    `mappings` are in order; `unused` are pairs of a severity and a message without its path, about
    what is not used.
    """

    mappings: tuple[Mapping, ...]
    unused: tuple[tuple[str, str], ...]


NOTHING = Meaning((), ())


@memoized
def concepts(knowledge: Knowledge) -> "Concepts":
    """The concepts as a graph maps them."""
    return Concepts(knowledge)


class Concepts:
    """The meaning of concepts, with a cache of those that came lately."""

    def __init__(self, knowledge: Knowledge):
        self.knowledge = knowledge
        self._remembered: Callable[[bytes], Meaning] = lru_cache(maxsize=REMEMBERED)(self._read)

    def meaning(self, concept) -> Meaning:
        """The meaning of a CodeableConcept, or of a list of them."""
        if concept is None:
            return NOTHING
        if isinstance(concept, list) and len(concept) > MOST:
            return interpret(self.knowledge, concept)
        try:
            key = orjson.dumps(concept, option=STRICT)
        except TypeError:  # parsed by somebody else, with what JSON has not
            return interpret(self.knowledge, concept)
        return self._remembered(key) if len(key) < LONGEST else interpret(self.knowledge, concept)

    def of_code(self, system: str, code: str) -> list[Mapping]:
        """The mappings of a code."""
        return find(self.knowledge, system, code)

    def _read(self, key: bytes) -> Meaning:
        """The meaning of a concept that is given as JSON."""
        return interpret(self.knowledge, orjson.loads(key))


def interpret(knowledge: Knowledge, concept) -> Meaning:
    """The meaning of a concept, or of a list of them, computed without the cache."""
    mappings: list[Mapping] = []
    unused: list[tuple[str, str]] = []
    for i, item in enumerate(as_list(concept)):
        place = f"[{i}]" if isinstance(concept, list) else ""
        if not isinstance(item, dict):
            unused.append(("warning", f"{place} is no CodeableConcept; it was not used."))
            continue
        here: list[Mapping] = []
        unknown = []
        for coding in as_list(item.get("coding")):
            system, code = (
                (coding.get("system"), coding.get("code"))
                if isinstance(coding, dict)
                else (None, None)
            )
            if isinstance(system, str) and isinstance(code, str) and code:
                hits = find(knowledge, system, code)
                here += hits
                unknown += [] if hits else [f"{code} of {system}"]
        if not here and unknown:
            unused.append(
                (
                    "info",
                    f"{place}: the code {', '.join(unknown)} is not in the tables; "
                    "it was not used.",
                )
            )
        elif not here and (item.get("text") or item.get("coding")):
            unused.append(
                ("info", f"{place} has no code that can be read; text is not interpreted.")
            )
        mappings += [m for m in here if m not in mappings]
    return Meaning(tuple(mappings), tuple(unused))


def find(knowledge: Knowledge, system: str, code: str) -> list[Mapping]:
    """The mappings of a code; a code of the project's own system names its term directly."""
    if system == IA:
        known = knowledge.facts.value(IA + code, LABEL)
        return (
            [Mapping(IA + code, "exactMatch", "IA", code, known, "", "", "fact")] if known else []
        )
    return knowledge.codes.find(system, code)
