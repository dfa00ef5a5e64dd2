"""Browsable documentation of the graph: plain pages in a folder, opened from the file system, that load nothing from elsewhere."""

from pathlib import Path

from reasoner.docs.graph import Graph
from reasoner.docs.site import pages
from reasoner.files import write_all


def write_docs(folder: Path, ontology: Path | None = None) -> list[Path]:
    """The pages that changed in `folder`, which is made when it is not there; files of other names stay.

    Raises the errors of `reasoner.knowledge.load` for an ontology folder that cannot be read.
    """
    return write_all({folder / name: content for name, content in pages(Graph(ontology)).items()})
