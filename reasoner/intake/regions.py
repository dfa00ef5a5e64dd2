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

    def containing(self, region: str) -> tuple[str, ...]:
        """A region and those that it lies inside, sorted."""
        return ordered(self._knowledge, region)

    def innermost(self, regions: list[str]) -> list[str]:
        """The regions of a list inside of which no other one of it lies."""
        return [r for r in regions if not any(o != r and self.inside(o, r) for o in regions)]

    def adjoin(self, one: list[str], other: list[str]) -> bool:
        """Whether a region of one list takes part in a joint of the other, or contains it."""
        joints = self._knowledge.facts.objects
        return any(
            self.inside(joint, other_) or self.inside(other_, joint)
            for mine, theirs in ((one, other), (other, one))
            for bone in mine
            for joint in joints(bone, ia("adjoins"))
            for other_ in theirs
        )

    def share_area(self, one: list[str], other: list[str]) -> bool:
        """Whether a region of each list lies in one area, such as two bones of the foot."""
        return any(
            self._knowledge.is_a(area, ia("AreaOfInterest"))
            for a in one
            for b in other
            for area in above(self._knowledge, a) & above(self._knowledge, b)
        )

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


@memoized
def ordered(knowledge: Knowledge, region: str) -> tuple[str, ...]:
    """The regions that a region lies inside, itself included, sorted."""
    return tuple(sorted(above(knowledge, region)))
