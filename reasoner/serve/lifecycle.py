"""Starts the service warm, reloads its graph when files change, and ends its processes."""

import asyncio
import logging
import signal
from contextlib import asynccontextmanager, suppress

from reasoner.errors import NextstudyError
from reasoner.serve.problems import Problem
from reasoner.serve.processes.dispatcher import Dispatcher
from reasoner.serve.snapshot import State, files_of

LOOK = 0.5  # seconds between looks at the folder
TRIES = 5
LOG = logging.getLogger("nextstudy.operation")


class Operation:
    """Puts new snapshots in place: loaded and warm before the first request sees them."""

    def __init__(self, state: State, dispatcher: Dispatcher):
        self.state, self.dispatcher, self.one = state, dispatcher, asyncio.Lock()

    async def reload(self) -> bool:
        """Whether the graph was loaded anew; one that cannot be loaded changes nothing."""
        async with self.one:
            for _ in range(TRIES):
                try:
                    loaded = await asyncio.to_thread(self.state.load)
                except (NextstudyError, OSError) as error:
                    LOG.error(
                        "the graph is not reloaded",
                        extra={
                            "facts": {"error": str(error), "snapshot": self.state.current.number}
                        },
                    )
                    return False
                if loaded.files == await asyncio.to_thread(files_of, self.state.settings):
                    return await self.put(loaded)
            LOG.error(
                "the graph is not reloaded: its files keep changing",
                extra={"facts": {"snapshot": self.state.current.number}},
            )
            return False

    async def put(self, loaded) -> bool:
        """Serves a snapshot as soon as processes hold its data."""
        try:
            await self.dispatcher.pools_for(loaded)
        except Problem as problem:
            LOG.error(
                "the graph is not reloaded: no process starts",
                extra={"facts": {"error": problem.code}},
            )
            return False
        self.state.put(loaded)
        self.dispatcher.retire(loaded)
        LOG.info(
            "the graph is reloaded",
            extra={
                "facts": {"snapshot": loaded.number, "version": loaded.reasoner.knowledge.version}
            },
        )
        return True

    async def watch(self) -> None:
        """Reloads when the folder has changed and then stood still for a moment."""
        served = before = await asyncio.to_thread(files_of, self.state.settings)
        while True:
            await asyncio.sleep(LOOK)
            now = await asyncio.to_thread(files_of, self.state.settings)
            if now == before and now != served:
                served = now
                try:
                    await self.reload()
                except Exception:  # whatever is wrong with the new graph, the old one is served on
                    LOG.exception("the graph is not reloaded")
            before = now


def lifespan(state: State, dispatcher: Dispatcher):
    """What happens before the first and after the last request."""

    @asynccontextmanager
    async def run(app):
        operation = app.state.operation = Operation(state, dispatcher)
        await dispatcher.pools_for(state.current)
        loop, tasks = asyncio.get_running_loop(), set()

        def hang_up() -> None:
            task = loop.create_task(operation.reload())
            tasks.add(task)
            task.add_done_callback(tasks.discard)

        # There may be no such signal, or this may not be the main thread.
        with suppress(AttributeError, NotImplementedError, RuntimeError, ValueError):
            loop.add_signal_handler(signal.SIGHUP, hang_up)
        if state.settings.reload:
            tasks.add(loop.create_task(operation.watch()))
        LOG.info(
            "the service is ready",
            extra={"facts": {"version": state.current.reasoner.knowledge.version}},
        )
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            dispatcher.close()

    return run
