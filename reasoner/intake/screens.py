"""The word screens of a loaded graph, memoized on it."""

from reasoner.graph.knowledge import Knowledge
from reasoner.graph.memoize import memoized
from reasoner.reading.screens import Screens


@memoized
def screens(knowledge: Knowledge) -> Screens:
    """The word screens of a graph. Raises TableError for a table that cannot be read."""
    return Screens(knowledge.ontology)
