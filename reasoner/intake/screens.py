"""The word screens of a loaded graph, memoized on it."""

from os import PathLike
from pathlib import Path

from reasoner.graph import knowledge as graph
from reasoner.graph.imported_ratings import OWN
from reasoner.graph.knowledge import Knowledge
from reasoner.graph.memoize import memoized
from reasoner.reading.screens import Screens


@memoized
def screens(knowledge: Knowledge) -> Screens:
    """The word screens of a graph. Raises TableError for a table that cannot be read."""
    return Screens(knowledge.ontology)


def load(
    ontology: Path | None = None,
    unfinished: bool = False,
    ratings: "str | PathLike[str] | None" = OWN,
) -> Knowledge:
    """The graph of an ontology folder with its word screens, as `reasoner.graph.knowledge.load`
    reads it; the folder is not needed any more. Raises what that raises, and TableError.
    """
    knowledge = graph.load(ontology, unfinished, ratings)
    screens(knowledge)
    return knowledge
