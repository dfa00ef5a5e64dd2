"""Finds the ratings that a user imported, in the user's own data folder, and reads them."""

import os
from pathlib import Path
from typing import Any

from reasoner.graph.store import read_turtle

OWN = ""  # the ratings of the user's own data folder, or of the folder that the setting names
NONE = "none"  # the setting that leaves them out
SETTING = "NEXTSTUDY_RATINGS"
FILE = "ratings.ttl"


def data_folder() -> Path:
    """The folder of the user's ratings, as the setting names it or the system does."""
    if named := os.environ.get(SETTING, ""):
        return Path(named)
    base = os.environ.get("XDG_DATA_HOME", "")
    return (Path(base) if base else Path.home() / ".local" / "share") / "nextstudy" / "ratings"


def resolved(ratings: "str | os.PathLike[str] | None" = OWN) -> str:
    """The folder of imported ratings as a setting that needs no environment any more."""
    if ratings in (None, NONE) or ratings == OWN and os.environ.get(SETTING) == NONE:
        return NONE
    return str((data_folder() if ratings == OWN else Path(ratings or "")).absolute())


def ratings_file(ratings: "str | os.PathLike[str] | None" = OWN) -> Path | None:
    """The file of imported ratings; None where they are left out, or none were imported.

    `ratings` is the folder of the file, `OWN` for that of the user, None or `NONE` for no ratings.
    """
    folder = resolved(ratings)
    path = Path(folder) / FILE
    return path if folder != NONE and path.is_file() else None


def imported(ratings: "str | os.PathLike[str] | None" = OWN) -> list[Any]:
    """The statements of the imported ratings. Raises TurtleError for a file that is damaged."""
    path = ratings_file(ratings)
    return list(read_turtle(path)) if path else []
