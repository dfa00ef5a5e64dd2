"""What the service serves: one snapshot of the graph at a time."""

from dataclasses import dataclass

from reasoner.ask import Reasoner
from reasoner.serve.settings import Settings


@dataclass(frozen=True)
class Snapshot:
    """A loaded graph, with a number that grows at each reload."""

    reasoner: Reasoner
    number: int

    @property
    def header(self) -> dict[str, str]:
        """The header by which an answer names it."""
        return {"X-Nextstudy-Snapshot": str(self.number)}


class State:
    """The current snapshot; take it once a request and use nothing else."""

    def __init__(self, settings: Settings):
        self.settings = settings
        self._current = Snapshot(Reasoner(settings.ontology), 1)

    @property
    def current(self) -> Snapshot:
        """The snapshot that is served now."""
        return self._current

    def load(self) -> Snapshot:
        """A snapshot of the graph as its folder is now; it is not served before it is `put`."""
        return Snapshot(Reasoner(self.settings.ontology), self._current.number + 1)

    def put(self, loaded: Snapshot) -> None:
        """Serves a snapshot instead of the current one."""
        self._current = loaded
