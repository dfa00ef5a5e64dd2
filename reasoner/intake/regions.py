"""Where things are in the body: which region lies inside which."""

from reasoner.knowledge import Knowledge
from reasoner.names import ia


class Regions:
    """The part-of order of body regions."""

    def __init__(self, knowledge: Knowledge):
        self._facts = knowledge.facts
        self._above: dict[str, set[str]] = {}

    def inside(self, inner: str, outer: str) -> bool:
        """Whether a region lies inside another, or is it."""
        if inner not in self._above:
            seen, todo = set(), [inner]
            while todo:
                region = todo.pop()
                if region not in seen:
                    seen.add(region)
                    todo += self._facts.objects(region, ia("partOf"))
            self._above[inner] = seen
        return outer in self._above[inner]

    def related(self, one: list[str], other: list[str]) -> bool:
        """Whether any region of one list is, contains or lies inside any of the other."""
        return any(self.inside(a, b) or self.inside(b, a) for a in one for b in other)
