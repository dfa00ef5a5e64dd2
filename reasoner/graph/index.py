"""An in-memory index of triples, so that Python looks up statements without a SPARQL query."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

NOTHING: dict = {}


class Index:
    """Triples by subject and predicate, and by predicate and object.

    Literals are their text, and repeated triples count once.
    """

    def __init__(self, triples: Iterable[tuple[str, str, str]] = ()):
        self._objects: dict[str | None, dict[str, dict[str, None]]] = defaultdict(
            dict
        )  # None has nothing
        self._subjects: dict[str, dict[str, dict[str, None]]] = defaultdict(dict)
        self.add(triples)

    def add(self, triples: Iterable[tuple[str, str, str]]) -> None:
        """Adds statements."""
        objects, subjects = self._objects, self._subjects
        for s, p, o in triples:
            objects[s].setdefault(p, {})[o] = None
            subjects[p].setdefault(o, {})[s] = None

    def objects(self, subject: str, predicate: str) -> list[str]:
        """The objects of a subject and predicate, sorted."""
        return sorted(self._objects.get(subject, NOTHING).get(predicate, ()))

    def value(self, subject: str | None, predicate: str, default: str | None = None) -> "str | Any":
        """The first object of a subject and predicate in sorted order, or the default.

        Typed `str | Any`, so that a caller who knows that there is an object need not check.
        """
        objects = self._objects.get(subject, NOTHING).get(predicate)
        return (
            default if not objects else next(iter(objects)) if len(objects) == 1 else min(objects)
        )

    def subjects(self, predicate: str, obj: str) -> list[str]:
        """The subjects that have an object for a predicate, sorted."""
        return sorted(self._subjects.get(predicate, NOTHING).get(obj, ()))

    def having(self, predicate: str) -> list[str]:
        """The subjects that have any object for a predicate, sorted."""
        return sorted(
            {s for subjects in self._subjects.get(predicate, NOTHING).values() for s in subjects}
        )

    def holds(self, subject: str, predicate: str, obj: str) -> bool:
        """Whether a statement is there."""
        return obj in self._objects.get(subject, NOTHING).get(predicate, ())

    def about(self, subject: str) -> list[tuple[str, str]]:
        """The predicates and objects of a subject, sorted."""
        return sorted(
            (p, o) for p, objects in self._objects.get(subject, NOTHING).items() for o in objects
        )

    def pointing(self, obj: str) -> list[tuple[str, str]]:
        """The subjects and predicates that have an object, sorted."""
        return sorted((s, p) for p, objects in self._subjects.items() for s in objects.get(obj, ()))
