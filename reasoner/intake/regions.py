"""The part-of hierarchy of body regions: which region lies inside which."""

from reasoner.graph.knowledge import Knowledge
from reasoner.graph.memoize import memoized
from reasoner.names import ia


class Regions:
    """The part-of order of body regions."""

    def __init__(self, knowledge: Knowledge):
        self._knowledge = knowledge

    def inside(self, inner: str, outer: str) -> bool:
        """Whether a region lies inside another, or is it."""
        return outer in above(self._knowledge, inner)

    def related(self, one: list[str], other: list[str]) -> bool:
        """Whether any region of one list is, contains or lies inside any of the other."""
        return any(self.inside(a, b) or self.inside(b, a) for a in one for b in other)


@memoized
def above(knowledge: Knowledge, region: str) -> set[str]:
    """The regions that a region lies inside, itself included."""
    visited, todo = set(), [region]
    while todo:
        if (one := todo.pop()) not in visited:
            visited.add(one)
            todo += knowledge.facts.objects(one, ia("partOf"))
    return visited
