"""The connection of the service to one worker process: sends tasks, receives answers, kills it."""

import asyncio
import os
import socket
from contextlib import suppress

from reasoner.serve.problems import Problem
from reasoner.serve.processes.framing import Incoming, pack

NICE = 19
ENDED = "It is nested too deeply, or needs more time or memory than its budget."


class WorkerProcess(asyncio.Protocol):
    """One worker process, and the task that it does.

    It calls `connected`, `arrived` (when ready) and `lost` of its `pool`.
    """

    def __init__(self, pool):
        self.pool, self.incoming, self.number = pool, Incoming(), 0
        self.ready, self.slow, self.since = False, False, 0.0
        self.answer: asyncio.Future | None = None

    async def start(self) -> None:
        """Has the process forked. Raises OSError when there is none to be had."""
        ours, theirs = socket.socketpair()
        try:
            with theirs:
                await self.pool.fork_server.fork(theirs, self.pool.megabytes)
            await self.pool.loop.create_unix_connection(lambda: self, sock=ours)
        except BaseException:
            ours.close()
            raise

    def connection_made(self, transport) -> None:
        """Takes note of the connection."""
        self.transport = transport
        self.pool.connected(self)

    def send(self, head: dict, body: bytes) -> None:
        """Gives the process a task."""
        self.transport.write(pack(head, body))

    def data_received(self, data: bytes) -> None:
        """Collects a frame and hands it on; the first one says that the process is ready."""
        frame = self.incoming.take(data)
        if frame is None:
            return
        if self.ready:
            self.settle(frame)
        else:
            self.ready, self.number = True, frame[0]["pid"]
            self.pool.arrived(self)

    def connection_lost(self, error) -> None:
        """Settles the task with a problem, because the process has ended."""
        self.settle(Problem(503, "over-budget", ENDED))
        self.pool.lost(self)

    def settle(self, outcome: tuple[dict, bytes] | Problem) -> None:
        """Settles the task with an answer or a problem; the first one counts."""
        if self.answer and not self.answer.done():
            if isinstance(outcome, Problem):
                self.answer.set_exception(outcome)
            else:
                self.answer.set_result(outcome)

    @property
    def running(self) -> bool:
        """Whether a task is running."""
        return self.answer is not None and not self.answer.done()

    def slow_down(self) -> None:
        """Gives the process the lowest priority, for good."""
        self.slow = True
        with suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, self.number, NICE)

    def kill(self) -> None:
        """Ends the process at once."""
        if self.number:
            self.pool.fork_server.kill(self.number)
        self.transport.abort()
