"""Snapshots of the graph: the service serves one at a time, and a reload replaces it."""

from contextlib import suppress
from dataclasses import dataclass, field

from reasoner.api import Reasoner
from reasoner.graph.imported_ratings import ratings_file
from reasoner.serve.settings import Settings

Files = dict[str, tuple[int, int]]


def files_of(settings: Settings) -> Files:
    """The modification times and sizes of the files of the graph that is served, imported ratings
    among them; they differ when one has changed.
    """
    files = {}
    imported = ratings_file(settings.ratings)
    for path in (*settings.folder.rglob("*"), *filter(None, [imported])):
        with suppress(FileNotFoundError):
            if path.is_file() and not path.name.startswith("."):
                files[str(path)] = (path.stat().st_mtime_ns, path.stat().st_size)
    return files


@dataclass(frozen=True)
class Snapshot:
    """A loaded graph, with a number that grows at each reload, and the files it was loaded from."""

    reasoner: Reasoner
    number: int
    files: Files = field(default_factory=dict)

    @property
    def header(self) -> dict[str, str]:
        """The header by which an answer names it."""
        return {"X-Nextstudy-Snapshot": str(self.number)}


class State:
    """The current snapshot; take it once a request and use nothing else."""

    def __init__(self, settings: Settings):
        self.settings = settings
        self._current = self.load(1)

    @property
    def current(self) -> Snapshot:
        """The snapshot that is served now."""
        return self._current

    def load(self, number: int | None = None) -> Snapshot:
        """A snapshot of the graph as its folder is now; it is not served before it is `put`."""
        files = files_of(self.settings)
        reasoner = Reasoner(self.settings.ontology, ratings=self.settings.ratings)
        return Snapshot(reasoner, number or self.current.number + 1, files)

    def put(self, loaded: Snapshot) -> None:
        """Serves a snapshot instead of the current one."""
        self._current = loaded
