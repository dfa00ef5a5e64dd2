"""An in-memory index of triples, so that Python looks up statements without a SPARQL query."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

NOTHING: dict[str, Any] = {}


class Index:
    """Triples by subject and predicate, and by predicate and object.

    Literals are their text, and repeated triples count once.
    """

    def __init__(self, triples: Iterable[tuple[str, str, str]] = ()):
        self._objects: dict[str | None, dict[str, dict[str, None]]] = defaultdict(
            dict
        )  # None has nothing
        self._subjects: dict[str, dict[str, dict[str, None]]] = {}
        self._added: dict[str, list[tuple[str, str]]] = defaultdict(list)  # by predicate
        self.add(triples)

    def add(self, triples: Iterable[tuple[str, str, str]]) -> None:
        """Adds statements."""
        objects, added = self._objects, self._added
        for s, p, o in triples:
            of_subject = objects[s]
            if p in of_subject:
                of_subject[p][o] = None
            else:
                of_subject[p] = {o: None}
            added[p].append((s, o))

    def _by_object(self, predicate: str) -> dict[str, dict[str, None]]:
        """The subjects of a predicate by object; sorted out when they are first looked up."""
        subjects = self._subjects.setdefault(predicate, {})
        for s, o in self._added.pop(predicate, ()):
            subjects.setdefault(o, {})[s] = None
        return subjects

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
        return sorted(self._by_object(predicate).get(obj, ()))

    def having(self, predicate: str) -> list[str]:
        """The subjects that have any object for a predicate, sorted."""
        return sorted({s for subjects in self._by_object(predicate).values() for s in subjects})

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
        return sorted(
            (s, p) for p in [*self._subjects, *self._added] for s in self._by_object(p).get(obj, ())
        )
