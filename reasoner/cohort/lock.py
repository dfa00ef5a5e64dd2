"""Locks a work folder for one run; the system releases the lock when its process ends."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from reasoner.errors import InputError

try:
    import fcntl
except ModuleNotFoundError:  # where the system has no such locks, nothing is locked
    fcntl = None

LOCK = "lock"


@contextmanager
def locked(work: Path) -> Iterator[None]:
    """Locks the work folder of a run. Raises InputError while another run holds the lock."""
    with (work / LOCK).open("w") as file:
        try:
            if fcntl:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise InputError(
                str(work.parent),
                "another run is at work here",
                "Wait for it to end, or give another folder.",
            ) from None
        yield
