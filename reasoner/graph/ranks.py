"""The worst of some terms, by the ranks that the graph gives to the members of a class."""

from collections.abc import Collection

from reasoner.graph.knowledge import Knowledge
from reasoner.graph.memoize import memoized
from reasoner.names import ia


def worst(knowledge: Knowledge, cls: str, terms: Collection[str]) -> str | None:
    """The term of lowest rank among the members of a class, a CURIE; None when none has a rank."""
    ranked = ranks(knowledge, cls)
    return min((term for term in terms if term in ranked), key=ranked.__getitem__, default=None)


@memoized
def ranks(knowledge: Knowledge, cls: str) -> dict[str, float]:
    """The ranks of the members of a class, a CURIE, that have one."""
    found = {term: knowledge.facts.value(term, ia("rank")) for term in knowledge.members(cls)}
    return {term: float(rank) for term, rank in found.items() if rank is not None}
