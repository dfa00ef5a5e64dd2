"""The endpoint's life: which pool of processes answers for which snapshot, and what each snapshot says of itself."""

import asyncio

from reasoner.serve.dataset import dataset, graphs
from reasoner.serve.description import PREFIXES, at, describe
from reasoner.serve.pool import Pool
from reasoner.serve.settings import Settings
from reasoner.serve.state import Snapshot
from reasoner.store import serialize


class Endpoint:
    """One pool for each snapshot that is served or was until a moment ago."""

    def __init__(self, settings: Settings):
        self.settings = settings
        self.pools: dict[int, Pool] = {}
        self.opening = asyncio.Lock()

    async def open(self, snapshot: Snapshot) -> Pool:
        """The pool of a snapshot, with a process that is ready. Raises Problem when none gets ready."""
        async with self.opening:
            if pool := self.ready(snapshot):
                return pool
            data = await asyncio.to_thread(prepare, snapshot)
            pool = Pool(data, frozenset(graphs(snapshot.reasoner.knowledge)), self.settings)
            await pool.start()
            self.pools[snapshot.number] = pool
        return pool

    def ready(self, snapshot: Snapshot) -> Pool | None:
        """The pool of a snapshot, when there is one in this event loop."""
        pool = self.pools.get(snapshot.number)
        if pool and pool.loop is not asyncio.get_running_loop():
            self.opening = asyncio.Lock()
            self.pools.pop(snapshot.number).abandon()
            return None
        return pool

    def retire(self, current: Snapshot) -> None:
        """Ends all pools but the one of the current snapshot, as soon as their queries are answered."""
        for number in [n for n in self.pools if n != current.number]:
            self.pools.pop(number).retire()

    def close(self) -> None:
        """Ends all processes."""
        while self.pools:
            self.pools.popitem()[1].close()


def prepare(snapshot: Snapshot) -> bytes:
    """The dataset of a snapshot."""
    knowledge = snapshot.reasoner.knowledge
    return dataset(knowledge, serialize(describe(knowledge), {}, "ntriples"))


def description(snapshot: Snapshot, address: str, form: str) -> bytes:
    """What the endpoint at an address says of itself."""
    told = describe(snapshot.reasoner.knowledge)
    try:
        return serialize(sorted([*told, *at(address)], key=lambda row: row[:2]), PREFIXES, form)
    except ValueError:  # the address is no IRI
        return serialize(told, PREFIXES, form)
