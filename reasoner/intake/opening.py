"""Opens a record given as a file, bytes or parsed JSON, and the bundled example."""

from os import PathLike
from pathlib import Path

from reasoner.errors import InputError
from reasoner.intake.bundle import unicode
from reasoner.intake.encoding import plain, taken
from reasoner.names import home


def opened(data):
    """A record to read: the bytes of the file for a path, else what was given.

    Bytes are decompressed and have no byte order mark. Raises InputError for text, for JSON that
    holds half a character, and for a file that does not open or is damaged.
    """
    if isinstance(data, str):
        raise InputError(
            "record", "a text is no record", "Give a pathlib.Path to a file, bytes, or parsed JSON."
        )
    if isinstance(data, (dict, list)):
        unicode(data)
    try:
        if isinstance(data, PathLike):
            with Path(data).open("rb") as file:
                data = taken(file)
    except OSError as error:
        raise InputError(
            str(data),
            f"the file cannot be read: {error.strerror}",
            "Check the path and its permissions.",
        ) from None
    return plain(data) if isinstance(data, bytes) else data


def example() -> bytes:
    """A bundled record: a deep thigh mass that radiograph and ultrasound did not settle."""
    return (home() / "examples" / "record.json").read_bytes()
