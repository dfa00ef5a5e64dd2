"""Names of the resources of a presentation by the way that leads to them, for keys of conclusions.

A second study of one kind, or a device beside it, renames nothing else, so that equal inputs of a
rule in different records have equal keys.
"""

import re
from collections import defaultdict
from collections.abc import Iterable
from typing import Any
from urllib.parse import quote

from reasoner.graph.store import Statement
from reasoner.names import CASE, IA, RDF_TYPE

ENCODED = re.compile(re.escape(quote(CASE, safe="")) + r"(~\w+\.\d+)")


class PathNames:
    """Names by property and place, such as `~hasStudy.1`, and the resources that have them."""

    def __init__(self, presentation: str, statements: Iterable[Statement]):
        links: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
        types: dict[str, list[Any]] = defaultdict(list)
        for s, p, o in statements:
            if p == RDF_TYPE:
                types[s].append(o)
            elif isinstance(o, str):
                links[s][p].append(o)
        kinds = {thing: sorted(classes) for thing, classes in types.items()}
        self.names = {presentation: f"{CASE}~presentation.0"}
        count: dict[str, int] = defaultdict(int)
        reached = [presentation]
        for thing in reached:
            for p in sorted(links.get(thing, ())):
                values = links[thing][p]
                if len(values) > 1:
                    values = sorted(values, key=lambda value: (kinds.get(value, []), value))
                for value in values:
                    if value not in self.names and value.startswith(CASE):
                        kind = p[len(IA) :] if p.startswith(IA) else "fact"
                        self.names[value] = f"{CASE}~{kind}.{count[kind]}"
                        count[kind] += 1
                        reached.append(value)
        self._known = {name: thing for thing, name in self.names.items()}
        self._encoded = {
            name[len(CASE) :]: quote(thing, safe="") for name, thing in self._known.items()
        }

    def shorten(self, statements: Iterable[Statement]) -> list[Statement]:
        """Statements about the resources by their names."""
        name = self.names
        return [
            (name.get(s, s), p, name.get(o, o) if isinstance(o, str) else o)
            for s, p, o in statements
        ]

    def restore(self, statements: Iterable[Statement]) -> list[Statement]:
        """Statements about the names by the resources; inside other IRIs they are encoded."""
        known = self._known
        restored = []
        for s, p, o in statements:
            if s not in known:
                known[s] = self._restored(s)
            if isinstance(o, str) and o not in known:
                known[o] = self._restored(o)
            restored.append((known[s], p, known[o] if isinstance(o, str) else o))
        return restored

    def _restored(self, iri: str) -> str:
        """An IRI with resources in the place of their names."""
        if "~" not in iri:
            return iri
        return ENCODED.sub(lambda match: self._encoded[match[1]], iri)
