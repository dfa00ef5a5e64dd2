"""Appends feedback to an NDJSON file of limited size; a torn line does not damage another."""

import contextlib
import logging
import os
import stat
import threading
from pathlib import Path

import orjson

from reasoner.errors import InputError
from reasoner.serve.problems import Problem

LOG = logging.getLogger("nextstudy.feedback")
FULL = (
    507,
    "feedback-full",
    "The file of the feedback is full; nothing was kept. Whoever runs "
    "the service moves it away, or raises feedback_megabytes.",
)
UNWRITTEN = (
    503,
    "feedback-not-kept",
    "The file of the feedback cannot be written now; nothing was kept. Send it again later.",
)
FLAGS = os.O_RDWR | os.O_CREAT | os.O_APPEND | getattr(os, "O_BINARY", 0)


class FeedbackFile:
    """Appends rows to a file, or to none.

    Raises InputError for a path that cannot be such a file.
    """

    def __init__(self, path: Path | None, megabytes: float):
        self.path, self.most = path, int(megabytes * (1 << 20))
        self._lock = threading.Lock()
        self._logged = ""
        if path and (path.is_dir() or not path.parent.is_dir()):
            raise InputError(
                str(path),
                "the feedback cannot be kept there",
                "Give a file in a folder that there is.",
            )

    def keep(self, rows: list[dict]) -> int:
        """How many rows were kept: all, or none without a file.

        Raises Problem when the file is full or cannot be written; then none of them is kept.
        """
        if self.path is None or not rows:
            return 0
        data = b"".join(orjson.dumps(row) + b"\n" for row in rows)
        with self._lock:
            try:
                append(self.path, data, self.most)
            except Problem:
                self._log_once(FULL[1])
                raise
            except OSError as error:
                self._log_once(UNWRITTEN[1], error="OSError", number=error.errno)
                raise Problem(*UNWRITTEN) from None
            self._logged = ""
        return len(rows)

    def _log_once(self, code: str, **about) -> None:
        """Logs why nothing is kept, once until something is."""
        if self._logged != code:
            self._logged = code
            LOG.error(code.replace("-", " "), extra={"facts": about})


def append(path: Path, data: bytes, most: int) -> None:
    """Appends lines to a file that is to hold so many bytes at most, whole or not at all.

    What was written of them is taken back when not all of it can be, and a torn line that stands at
    the end from earlier is closed first. They are on the disk when this returns. Raises Problem
    when the file is full, OSError when it cannot be written.
    """
    handle = os.open(path, FLAGS, 0o600)
    try:
        status = os.fstat(handle)
        regular = stat.S_ISREG(status.st_mode)
        size = status.st_size if regular else 0
        if size and os.lseek(handle, size - 1, os.SEEK_SET) and os.read(handle, 1) != b"\n":
            data = b"\n" + data
        if size + len(data) > most:
            raise Problem(*FULL)
        try:
            rest = memoryview(data)
            while rest:
                rest = rest[os.write(handle, rest) :]
            if regular:
                os.fsync(handle)
        except OSError:
            with contextlib.suppress(OSError):
                os.ftruncate(handle, size)
            raise
    finally:
        os.close(handle)
