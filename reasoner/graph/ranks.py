"""Of several terms the worst, by the ranks that the graph gives: the only place that weighs them.

A reader of a record asks for it, not a rule: the definitions of OWL must have one label, severity
or result before rules run, because beside a worse one a better one would clear what it contradicts,
and a note says at once which of two was used.
"""

from collections.abc import Collection
from math import inf

from reasoner.graph.knowledge import Knowledge
from reasoner.graph.memoize import memoized
from reasoner.names import ia

RANKS = (ia("rank"), ia("worryRank"))  # of members of a class, and of classes of results


def worst(knowledge: Knowledge, cls: str, terms: Collection[str]) -> str | None:
    """The term of lowest rank among the members of a class, a CURIE; None when none has a rank."""
    members = knowledge.members(cls)
    ranked = [term for term in terms if term in members and rank(knowledge, term) < inf]
    return min(ranked, key=lambda term: rank(knowledge, term), default=None)


@memoized
def rank(knowledge: Knowledge, term: str) -> float:
    """The rank of a term, for a class the lowest of it and those above it; infinite for none."""
    facts = knowledge.facts
    above = knowledge.definitions.superclasses(term) | {term}
    ranks = [facts.value(t, name) for t in above for name in RANKS]
    return min((float(rank) for rank in ranks if rank is not None), default=inf)
