"""Writes the documentation of the graph into a folder."""

from pathlib import Path

from reasoner.docs import reference
from reasoner.docs.graph import Graph
from reasoner.docs.site import pages
from reasoner.errors import installing
from reasoner.files import write_all


def write_docs(folder: Path, ontology: Path | None = None) -> list[Path]:
    """Writes the pages into `folder` and returns those that changed; files of other names stay.

    The folder is made when it is not there. Raises InputError, TurtleError or TableError for an
    ontology folder that cannot be read.
    """
    return write_all({folder / name: content for name, content in pages(Graph(ontology)).items()})


def left_out() -> str:
    """The sentence about what the documentation lacks without its extra; empty with it."""
    if reference.available():
        return ""
    return (
        "reference.html is left out, the page of all classes and properties: pyLODE is not "
        f"installed. Install it with: {installing('docs')}, in a checkout of nextstudy."
    )
