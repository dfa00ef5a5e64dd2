"""Dispatches tasks to the worker processes of the snapshot of the graph that they are about."""

import asyncio
import logging
import os
import signal
from contextlib import suppress

from starlette.responses import Response

from reasoner.serve.problems import Problem
from reasoner.serve.processes.fork_server import ForkServer
from reasoner.serve.processes.pool import Pool
from reasoner.serve.settings import Settings
from reasoner.serve.snapshot import Snapshot

LOG = logging.getLogger("nextstudy.processes")


class SnapshotPools:
    """The fork server of one snapshot, with a pool for queries and one for answers."""

    def __init__(self, snapshot: Snapshot, settings: Settings):
        self.loop = asyncio.get_running_loop()
        self.fork_server = ForkServer(snapshot, settings)
        self.queries = Pool(
            self.fork_server,
            settings.workers,
            settings.query_seconds,
            settings.query_megabytes,
            slow=0.4,
            long=1.0,
        )
        self.answers = Pool(
            self.fork_server,
            settings.answer_workers,
            settings.answer_seconds,
            settings.answer_megabytes,
            slow=2.0,
            long=settings.answer_seconds / 2,
        )
        self.pools = (self.queries, self.answers)

    async def start(self) -> None:
        """Waits until each pool has a process that is ready. Raises Problem when one has none."""
        try:
            await self.fork_server.start()
            for pool in self.pools:
                await pool.start()
        except (OSError, Problem) as error:
            self.close()
            if isinstance(error, Problem):
                raise
            raise Problem(503, "no-worker", f"No process starts: {error}.") from None

    def retire(self) -> None:
        """Ends each pool as soon as its tasks are done, and then the fork server."""
        for pool in self.pools:
            pool.retire()
        self.loop.create_task(self.close_when_idle())

    async def close_when_idle(self) -> None:
        """Ends the fork server when no pool has anything to do."""
        while any(pool.users for pool in self.pools):
            await asyncio.sleep(0.1)
        self.close()

    def close(self) -> None:
        """Ends all processes now."""
        for pool in self.pools:
            pool.close()
        self.fork_server.close()

    def abandon(self) -> None:
        """Ends the processes after the event loop that started them is gone."""
        with suppress(ProcessLookupError, AttributeError):
            os.kill(self.fork_server.process.pid, signal.SIGKILL)


class Dispatcher:
    """The pools of each snapshot that is served, or whose tasks are not all done."""

    def __init__(self, settings: Settings):
        self.settings = settings
        self.by_snapshot: dict[int, SnapshotPools] = {}
        self.opening = asyncio.Lock()

    async def pools_for(self, snapshot: Snapshot) -> SnapshotPools:
        """The pools of a snapshot, started when needed. Raises Problem when none gets ready."""
        if pools := self.ready(snapshot):
            return pools
        async with self.opening:
            if pools := self.ready(snapshot):
                return pools
            pools = SnapshotPools(snapshot, self.settings)
            await pools.start()
            self.by_snapshot[snapshot.number] = pools
        return pools

    def ready(self, snapshot: Snapshot) -> SnapshotPools | None:
        """The pools of a snapshot that were started in this event loop; None without."""
        pools = self.by_snapshot.get(snapshot.number)
        if pools and pools.loop is not asyncio.get_running_loop():
            self.opening = asyncio.Lock()
            self.by_snapshot.pop(snapshot.number).abandon()
            return None
        return pools

    async def answer(self, snapshot: Snapshot, head: dict, body: bytes) -> Response:
        """The response of a worker process to a record or form. Raises Problem."""
        pools = await self.pools_for(snapshot)
        return response(*await pools.answers.run(head, body))

    async def query(self, snapshot: Snapshot, head: dict, body: bytes) -> Response:
        """The response of a worker process to a query. Raises Problem."""
        pools = await self.pools_for(snapshot)
        return response(*await pools.queries.run({"task": "query", **head}, body))

    def retire(self, current: Snapshot) -> None:
        """Ends the pools of all but the current snapshot, as soon as their tasks are done."""
        for number in [n for n in self.by_snapshot if n != current.number]:
            self.by_snapshot.pop(number).retire()

    def close(self) -> None:
        """Ends all processes."""
        while self.by_snapshot:
            self.by_snapshot.popitem()[1].close()


def response(head: dict, body: bytes) -> Response:
    """What a worker process answered, as a response. Raises Problem for a fault of the program."""
    if "error" in head:
        LOG.error("a task failed", extra={"facts": {"error": head["error"], "at": head["at"]}})
        raise Problem(500, "internal-error", "The program failed; its log says where.")
    result = Response(body, head["status"])
    result.raw_headers = [
        (name.encode("latin-1"), value.encode("latin-1")) for name, value in head["headers"]
    ] + result.raw_headers
    return result
