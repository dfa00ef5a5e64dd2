"""Runs functions in this process, or in a pool of other processes."""

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
    """A pool of `jobs` processes; with one job, this process alone."""

    def __init__(self, jobs: int):
        self.jobs, self.pool = jobs, None

    def __enter__(self) -> "Workers":
        if self.jobs > 1:
            self.pool = ProcessPoolExecutor(self.jobs, get_context("spawn"), initializer=follow)
        return self

    def __exit__(self, kind, error, trace) -> None:
        if self.pool:
            self.pool.shutdown(cancel_futures=True)

    def prepare(self, function: Callable) -> None:
        """Has every process of the pool call a function ahead, while this process goes on.

        Does nothing where there is no pool, or where it was ended.
        """
        with suppress(BrokenProcessPool):
            for _ in range(self.jobs if self.pool else 0):
                self.pool.submit(function)

    def each(
        self, function: Callable, arguments: list[tuple], numbers: Iterable[int]
    ) -> Iterator[tuple[int, dict]]:
        """Yields the number and the result of each call, as calls are completed.

        Raises what the function raises, and InputError when a process is ended from outside.
        """
        if not self.pool:
            yield from (
                (n, function(*values)) for n, values in zip(numbers, arguments, strict=True)
            )
            return
        try:
            waiting: dict[Future, int] = {
                self.pool.submit(function, *values): n
                for n, values in zip(numbers, arguments, strict=True)
            }
            yield from ((waiting[future], future.result()) for future in as_completed(waiting))
        except BrokenProcessPool:
            raise InputError(
                "nextstudy cohort",
                "a process was ended from outside, perhaps for want of memory",
                "Run the same command again with fewer --jobs: what is done is kept.",
            ) from None


def follow() -> None:
    """Ends this process when its parent ends, and leaves interruptions to the parent.

    It ends at once, because it holds nothing that must be written first.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    atexit.register(os._exit, 0)

    def wait() -> None:
        parent_process().join()
        os._exit(1)

    Thread(target=wait, daemon=True).start()
