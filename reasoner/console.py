"""What the command prints: results on standard output, all else on standard error."""

import errno
import io
import os
import sys
from contextlib import suppress
from typing import BinaryIO

from reasoner.errors import InputError, OutputError
from reasoner.shown import line

LONGEST, REMEDY = 4000, 1000  # characters of an error, and of its end


class Closed(Exception):
    """Whoever read standard output has gone; nothing is wrong, and nothing is said."""


class NoOutput(io.RawIOBase):
    """Stands for a standard output that was closed before the program began."""

    def writable(self) -> bool:
        """It is to be written, which fails."""
        return True

    def write(self, data: object) -> int:
        """Raises OSError."""
        raise OSError(errno.EBADF, "it is closed")


def open_output() -> None:
    """Sees to it that there is a standard output, even one that takes nothing."""
    if sys.stdout is None:
        sys.stdout = io.TextIOWrapper(NoOutput(), encoding="utf-8", write_through=True)


def discard_output() -> None:
    """Leads standard output nowhere, so that nothing is said of it when the program ends."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)


def write(text: str | bytes) -> None:
    """Prints what is rendered already, in UTF-8 whatever the terminal's encoding.

    Raises OutputError when that fails, and Closed when nobody reads it any more.
    """
    data = text.encode() if isinstance(text, str) else text
    try:
        sys.stdout.flush()
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        raise Closed from None
    except OSError as error:
        with suppress(OSError):  # what could not be written is not tried again at the end
            sys.stdout.close()
        message = f"the output cannot be written ({error.strerror})"
        hint = "Make room there, or send it elsewhere."
        raise OutputError("standard output", message, hint) from None


def read_input() -> BinaryIO:
    """Standard input, as bytes. Raises InputError when it is closed."""
    if sys.stdin is None:
        raise InputError("standard input", "it is closed", "Send a record, or name its file.")
    return sys.stdin.buffer


def say(*told: str) -> None:
    """Prints lines on standard output, in which nothing from outside acts."""
    write("".join(f"{line(text)}\n" for text in told))


def complain(told: object) -> None:
    """Prints one line on standard error under the name of the program, in which nothing acts."""
    text = line(str(told))
    if len(text) > LONGEST:  # the place stands first and the remedy last
        text = f"{text[: LONGEST - REMEDY]} ... {text[-REMEDY:]}"
    with suppress(OSError):  # where nothing can be said, the exit code still says it
        if sys.stderr is not None:
            print(f"nextstudy: {text}", file=sys.stderr, flush=True)
