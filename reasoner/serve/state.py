"""What the service serves: one snapshot of the graph at a time."""

import threading
from dataclasses import dataclass

from reasoner.ask import Reasoner
from reasoner.serve.settings import Settings


@dataclass(frozen=True)
class Snapshot:
    """A loaded graph, with a number that grows at each reload."""

    reasoner: Reasoner
    number: int


class State:
    """The current snapshot; take it once a request and use nothing else."""

    def __init__(self, settings: Settings):
        self.settings = settings
        self._lock = threading.Lock()
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

    def reload(self) -> Snapshot:
        """Loads the graph anew and puts it in place of the old one when it is ready; a graph that fails to load changes nothing."""
        with self._lock:
            loaded = self.load()
            self.put(loaded)
        return loaded
