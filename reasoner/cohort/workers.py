"""Work done in this process, or in some others."""

import atexit
import os
import signal
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from multiprocessing import get_context, parent_process
from threading import Thread

from reasoner.errors import InputError


class Workers:
    """Some processes, or only this one."""

    def __init__(self, jobs: int):
        self.jobs, self.pool = jobs, None

    def __enter__(self) -> "Workers":
        if self.jobs > 1:
            self.pool = ProcessPoolExecutor(self.jobs, get_context("spawn"), initializer=follow)
        return self

    def __exit__(self, kind, error, trace) -> None:
        if self.pool:
            self.pool.shutdown(cancel_futures=True)

    def ready(self, function: Callable) -> None:
        """Has every other process do something ahead while this one goes on; where there is none, or it was ended, nothing is done ahead."""
        with suppress(BrokenProcessPool):
            for _ in range(self.jobs if self.pool else 0):
                self.pool.submit(function)

    def each(
        self, function: Callable, arguments: list[tuple], numbers: Iterable[int]
    ) -> Iterator[tuple[int, dict]]:
        """What a function returns for each of some arguments, with its number, as they get done. Raises what it raises, and InputError when a process is ended from outside."""
        if not self.pool:
            yield from ((n, function(*given)) for n, given in zip(numbers, arguments, strict=True))
            return
        try:
            waiting: dict[Future, int] = {
                self.pool.submit(function, *given): n
                for n, given in zip(numbers, arguments, strict=True)
            }
            yield from ((waiting[future], future.result()) for future in as_completed(waiting))
        except BrokenProcessPool:
            raise InputError(
                "nextstudy cohort",
                "a process was ended from outside, perhaps for want of memory",
                "Run the same command again with fewer --jobs: what is done is kept.",
            ) from None


def follow() -> None:
    """Ties this process to the one that began it: it leaves interruptions to that one, and ends when that one ends, however it does; at once, because it holds nothing that must be put away."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    atexit.register(os._exit, 0)

    def wait() -> None:
        parent_process().join()
        os._exit(1)

    Thread(target=wait, daemon=True).start()
