"""The word screens of a loaded graph, memoized on it."""

from pathlib import Path

from reasoner.graph import knowledge as graph
from reasoner.graph.knowledge import Knowledge
from reasoner.graph.memoize import memoized
from reasoner.reading.screens import Screens


@memoized
def screens(knowledge: Knowledge) -> Screens:
    """The word screens of a graph. Raises TableError for a table that cannot be read."""
    return Screens(knowledge.ontology)


def load(ontology: Path | None = None, unfinished: bool = False) -> Knowledge:
    """The graph of an ontology folder with its word screens, as `reasoner.graph.knowledge.load`
    reads it; the folder is not needed any more. Raises what that raises, and TableError.
    """
    knowledge = graph.load(ontology, unfinished)
    screens(knowledge)
    return knowledge
