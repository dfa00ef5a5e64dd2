"""The worker processes of one snapshot that do one kind of task.

A few are forked ahead, and one that goes over its budget is killed.
"""

import asyncio
import logging
from collections import OrderedDict, deque

from reasoner.serve.problems import Problem
from reasoner.serve.processes.fork_server import ForkServer
from reasoner.serve.processes.worker_process import WorkerProcess

AHEAD = 2  # processes that wait for a task, so that nobody misses one that was killed
TICK = 0.05
START = 60.0  # seconds that the first process may take
CACHE_BYTES, CACHED_BYTES = 32 << 20, 256 << 10
RETRY = {"Retry-After": "5"}
LOG = logging.getLogger("nextstudy.processes")


class Pool:
    """Processes for one kind of task, and a cache of answers."""

    def __init__(
        self,
        fork_server: ForkServer,
        slots: int,
        seconds: float,
        megabytes: int,
        slow: float,
        long: float,
    ):
        """A task runs at the lowest priority after `slow` seconds, and after `long` ones gives way
        to those that wait for a place.
        """
        self.fork_server, self.slots = fork_server, slots
        self.seconds, self.megabytes = seconds, megabytes
        self.slow, self.long = slow, long
        self.loop = asyncio.get_running_loop()
        self.processes: set[WorkerProcess] = set()
        self.idle: list[WorkerProcess] = []
        self.waiting: deque[asyncio.Future] = deque()
        self.starting, self.failed, self.users, self.retired = 0, 0, 0, False
        self.tasks: set[asyncio.Task] = set()
        self.answers: OrderedDict[tuple, tuple[str, bytes]] = OrderedDict()
        self.answer_bytes = 0
        self.ticking = self.loop.call_later(TICK, self.tick)

    async def start(self) -> None:
        """Waits until a first process is ready. Raises Problem when none gets ready."""
        self.boot()
        try:
            self.arrived(await self.take(self.loop.time() + START))
        except Problem:
            self.close()
            raise

    async def run(self, head: dict, body: bytes) -> tuple[dict, bytes]:
        """What a process says to a task: head and body.

        Raises Problem when the budget is spent, waiting included.
        """
        self.users += 1
        deadline = self.loop.time() + self.seconds
        try:
            process = await self.take(deadline)
            process.since, process.answer = self.loop.time(), self.loop.create_future()
            over = Problem(503, "over-budget", f"It needs more than {self.seconds:g} seconds.")
            timer = self.loop.call_at(deadline, process.settle, over)
            try:
                process.send({**head, "seconds": self.seconds}, body)
                return await process.answer
            finally:
                timer.cancel()
                self.free(process)
        finally:
            self.users -= 1
            if self.retired and not self.users:
                self.close()

    async def take(self, deadline: float) -> WorkerProcess:
        """An idle process; waits for one, in turn, until the deadline."""
        while True:
            if self.idle and not self.waiting:
                process = self.idle.pop()
            else:
                process = await self.turn(deadline)
            self.boot()
            if process in self.processes:
                return process

    async def turn(self, deadline: float) -> WorkerProcess:
        """The process that gets free when it is our turn."""
        turn = self.loop.create_future()
        self.waiting.append(turn)
        busy = Problem(503, "busy", "All places are taken.", RETRY)
        timer = self.loop.call_at(deadline, lambda: turn.done() or turn.set_exception(busy))
        self.boot()
        try:
            return await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled() and not turn.exception():
                self.arrived(turn.result())
            raise
        finally:
            timer.cancel()
            if turn in self.waiting:
                self.waiting.remove(turn)

    def free(self, process: WorkerProcess) -> None:
        """Takes a process back, or replaces it: it did not finish or has the lowest priority."""
        answer, process.answer = process.answer, None
        finished = answer.done() and not answer.cancelled() and not answer.exception()
        if finished and not process.slow and process in self.processes:
            self.arrived(process)
        else:
            process.kill()
            self.lost(process)

    def boot(self) -> None:
        """Starts processes until enough are ahead, as far as there are places."""
        ahead = self.starting + sum(not p.ready for p in self.processes) + len(self.idle)
        slots = self.slots - self.starting - len(self.processes)
        if self.retired and (self.processes or not self.users):
            return
        for _ in range(min(AHEAD - ahead, slots)):
            self.starting += 1
            task = self.loop.create_task(self.launch())
            self.tasks.add(task)
            task.add_done_callback(self.tasks.discard)

    async def launch(self) -> None:
        """Starts one process, the later the more of them failed before."""
        if self.failed:
            await asyncio.sleep(min(0.05 * 2**self.failed, 5))
        try:
            await WorkerProcess(self).start()
        except OSError as error:
            LOG.error("no worker starts", extra={"facts": {"error": type(error).__name__}})
            self.starting, self.failed = self.starting - 1, self.failed + 1
            self.boot()

    def connected(self, process: WorkerProcess) -> None:
        """Counts a process that was started."""
        self.starting -= 1
        self.processes.add(process)
        if self.retired and not self.users:
            process.kill()

    def arrived(self, process: WorkerProcess) -> None:
        """Gives a process that is ready to who waits longest, or keeps it."""
        self.failed = 0
        while self.waiting:
            turn = self.waiting.popleft()
            if not turn.done():
                turn.set_result(process)
                return
        self.idle.append(process)

    def lost(self, process: WorkerProcess) -> None:
        """Forgets a process that ended, and starts another."""
        if process not in self.processes:
            return
        self.processes.discard(process)
        if process in self.idle:
            self.idle.remove(process)
        self.failed += not process.ready
        self.boot()

    def tick(self) -> None:
        """Lowers the priority of slow tasks.

        When all places are taken and someone waits, the longest gives way.
        """
        now, running = self.loop.time(), [p for p in self.processes if p.running]
        for process in running:
            if not process.slow and now - process.since > self.slow:
                process.slow_down()
        longest = min(running, key=lambda p: p.since, default=None)
        full = self.waiting and len(running) >= self.slots
        if longest and full and now - longest.since > self.long:
            longest.settle(Problem(503, "gave-way", "It ran long while others waited.", RETRY))
        self.ticking = self.loop.call_later(TICK, self.tick)

    def remember(self, key: tuple, media: str, body: bytes, most: int = CACHED_BYTES) -> None:
        """Keeps a small answer for the next who asks the same; the oldest are forgotten."""
        if len(body) <= most and key not in self.answers:
            self.answers[key] = media, body
            self.answer_bytes += len(body) + len(key[0])
        while self.answer_bytes > CACHE_BYTES:
            (text, *_), (_, old) = self.answers.popitem(last=False)
            self.answer_bytes -= len(old) + len(text)

    def retire(self) -> None:
        """Ends the processes as soon as the tasks that run are done."""
        self.retired = True
        if not self.users:
            self.close()

    def close(self) -> None:
        """Ends the processes now."""
        self.retired = True
        self.ticking.cancel()
        for process in list(self.processes):
            process.kill()
