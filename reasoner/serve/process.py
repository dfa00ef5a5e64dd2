"""A worker process as the service sees it: started, fed, listened to, and killed."""

import asyncio
import os
import signal
import sys
from contextlib import suppress
from pathlib import Path

from reasoner.serve import worker as door
from reasoner.serve.problems import Problem

NICE = 19
ENDS = {signal.SIGSEGV: "The query is nested too deeply or needs too much memory.", signal.SIGABRT: "The query needs more memory than its budget.",
        signal.SIGXCPU: "The query needs more time than its budget."}


class Process(asyncio.SubprocessProtocol):
    """One worker process, and the query that it runs.

    `pool` is told when it is `connected`, `arrived` (its data are loaded) and `lost`.
    """

    def __init__(self, pool):
        self.pool, self.buffer, self.ready, self.slow, self.since = pool, bytearray(), False, False, 0.0
        self.answer: asyncio.Future | None = None

    async def start(self, loop: asyncio.AbstractEventLoop, megabytes: int) -> None:
        """Starts the process with an empty environment."""
        command = [sys.executable, "-I", str(Path(door.__file__)), str(megabytes)]
        await loop.subprocess_exec(lambda: self, *command, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
                                   stderr=asyncio.subprocess.DEVNULL, env={"PATH": os.defpath})

    def connection_made(self, transport) -> None:
        """Sends the data to the new process."""
        self.transport, self.stdin = transport, transport.get_pipe_transport(0)
        self.pool.connected(self)
        self.send(self.pool.data)

    def send(self, payload: bytes) -> None:
        """Writes a frame to the process."""
        self.stdin.write(len(payload).to_bytes(4, "big") + payload)

    def pipe_data_received(self, fd: int, data: bytes) -> None:
        """Collects a frame and hands it on."""
        self.buffer += data
        if len(self.buffer) < door.FRAME.size:
            return
        kind, size = door.FRAME.unpack_from(self.buffer)
        if len(self.buffer) < door.FRAME.size + size:
            return
        payload, self.buffer = bytes(self.buffer[door.FRAME.size:]), bytearray()
        if kind == door.READY:
            self.ready = True
            self.pool.arrived(self)
        else:
            self.settle((kind, payload))

    def connection_lost(self, error) -> None:
        """Tells who waits that the process is gone, and what ended it."""
        number = -(self.transport.get_returncode() or 0)
        self.settle(Problem(503, "over-budget", ENDS.get(number, "The query was stopped.")))
        self.pool.lost(self)

    def settle(self, outcome: tuple[bytes, bytes] | Problem) -> None:
        """Gives who waits an answer or a reason; the first one counts."""
        if self.answer and not self.answer.done():
            if isinstance(outcome, Problem):
                self.answer.set_exception(outcome)
            else:
                self.answer.set_result(outcome)

    @property
    def running(self) -> bool:
        """Whether a query runs."""
        return self.answer is not None and not self.answer.done()

    def slow_down(self) -> None:
        """Gives the process the lowest priority, for good."""
        self.slow = True
        with suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, self.transport.get_pid(), NICE)

    def kill(self) -> None:
        """Ends the process at once."""
        with suppress(ProcessLookupError):
            self.transport.kill()
