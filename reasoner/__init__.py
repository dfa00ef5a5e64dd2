"""nextstudy: the next imaging study for a patient, with the proof.

    import reasoner
    r = reasoner.load()
    answer = r.ask(reasoner.example())

Importing this loads nothing else; `load` reads the graph, and what a method takes beyond it is
imported when it is called.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from os import PathLike

    from reasoner.api import Reasoner


def load(
    ontology: "str | PathLike[str] | None" = None,
    ratings: "str | PathLike[str] | None" = "",
) -> "Reasoner":
    """The reasoner on an ontology folder, by default on the graph that comes with the package.

    `ratings` is the folder of the ratings that were imported, by default the user's own; None
    leaves them out. Takes a fraction of a second.

    Raises InputError, TurtleError, TableError or DefinitionError for a folder that cannot be read.
    """
    from pathlib import Path

    from reasoner.api import Reasoner

    return Reasoner(ontology if ontology is None else Path(ontology), ratings=ratings)


def example() -> bytes:
    """A bundled FHIR record: a deep thigh mass that radiograph and ultrasound did not settle."""
    from reasoner.intake.opening import example

    return example()
