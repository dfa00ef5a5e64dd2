"""Loads a graph with all tables that intake reads, so that its folder is not needed any more."""

from os import PathLike
from pathlib import Path

from reasoner.graph import knowledge as graph
from reasoner.graph.imported_ratings import OWN
from reasoner.graph.knowledge import Knowledge
from reasoner.intake.observables import observables
from reasoner.intake.screens import screens


def load(
    ontology: Path | None = None,
    unfinished: bool = False,
    ratings: "str | PathLike[str] | None" = OWN,
) -> Knowledge:
    """The graph of an ontology folder, as `reasoner.graph.knowledge.load` reads it, with the tables
    of intake memoized on it. Raises what that raises, and TableError.
    """
    knowledge = graph.load(ontology, unfinished, ratings)
    screens(knowledge)
    observables(knowledge)
    return knowledge
