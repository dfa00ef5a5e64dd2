"""One run at a time in a folder: a lock that ends with the process that holds it, however that ends."""

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
def claimed(work: Path) -> Iterator[None]:
    """The work folder of a run, held for it alone. Raises InputError while another run holds it."""
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
