"""Writes the folder of a population under a hidden name, and moves it into place when complete."""

import shutil
from pathlib import Path

from reasoner.errors import InputError

UNFINISHED = ".unfinished"
TRUTH = "truth.csv"  # moved last: where it stands, everything stands


class Folder:
    """A new or empty folder to write into; on an error or an interruption it is removed again.

    Raises InputError for a folder that is not empty.
    """

    def __init__(self, path: Path):
        self.path, self._hidden, self._files = path, path / UNFINISHED, {}

    def __enter__(self) -> "Folder":
        if self.path.exists() and not self.path.is_dir():
            raise InputError(str(self.path), "this is a file, not a folder", "Name a new folder.")
        if self.path.is_dir() and any(self.path.iterdir()):
            raise InputError(
                str(self.path), "the folder is not empty", "Name a new folder, or empty this one."
            )
        self._new = not self.path.exists()
        self._hidden.mkdir(parents=True)
        return self

    def append(self, name: str, data: bytes) -> None:
        """Adds to a file that stays open until the end."""
        if name not in self._files:
            self._files[name] = (self._hidden / name).open("wb")
        self._files[name].write(data)

    def put(self, name: str, data: bytes) -> None:
        """Writes a whole file, in a folder of its own if the name says so."""
        path = self._hidden / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(data)

    def __exit__(self, error, *_) -> None:
        moved = False
        try:
            for file in self._files.values():
                file.close()
            if error is None:
                for path in sorted(self._hidden.iterdir(), key=lambda p: (p.name == TRUTH, p.name)):
                    path.rename(self.path / path.name)
                moved = True
        finally:
            shutil.rmtree(self._hidden, ignore_errors=True)
            if not moved and self._new:
                shutil.rmtree(self.path, ignore_errors=True)
