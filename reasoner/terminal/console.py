"""Prints for a command: results on standard output, all else on standard error.

Knows how many columns the terminal has, and whether it shows colors.
"""

import errno
import io
import os
import sys
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO, TextIO

from reasoner.errors import InputError, OutputError
from reasoner.messages.escaping import line

if TYPE_CHECKING:
    from rich.console import Console

LONGEST, REMEDY = 4000, 1000  # characters of an error, and of its end
USUAL, LEAST = 80, 20  # columns of a terminal that does not say how many it has, and of any
UNBOUNDED = 1_000_000  # columns of what is not wrapped
LINES = 25  # of a terminal; nothing is laid out by them


@dataclass(frozen=True)
class Screen:
    """A place where text is shown: its columns, None where lines are not wrapped; whether it
    shows colors; and whether it is a terminal.
    """

    columns: int | None = None
    colored: bool = False
    terminal: bool = False


def screen(stream: TextIO | None = None) -> Screen:
    """The columns and colors of a stream, by default standard output.

    A terminal is as wide as it is, or as COLUMNS says; what is no terminal has the width of
    COLUMNS, or none. Colors: not with NO_COLOR (https://no-color.org), else always with
    FORCE_COLOR (https://force-color.org), else on a terminal that is not dumb.
    """
    stream = sys.stdout if stream is None else stream
    terminal = is_terminal(stream)
    shows = terminal and os.environ.get("TERM") != "dumb"
    colored = not os.environ.get("NO_COLOR") and bool(os.environ.get("FORCE_COLOR") or shows)
    return Screen(columns(stream, terminal), colored, terminal)


def is_terminal(stream: TextIO | None) -> bool:
    """Whether a stream is an open terminal."""
    try:
        return stream is not None and stream.isatty()
    except (AttributeError, ValueError):  # no file, or a closed one
        return False


def columns(stream: TextIO | None, terminal: bool) -> int | None:
    """The columns that lines are wrapped to; None where they are not."""
    given = os.environ.get("COLUMNS", "")
    if given.isdecimal() and len(given) < 7 and int(given):
        return max(int(given), LEAST)
    if stream is None or not terminal:
        return None
    try:
        return max(os.get_terminal_size(stream.fileno()).columns or USUAL, LEAST)
    except (OSError, ValueError):
        return USUAL


def rich_console(at: Screen, file: TextIO) -> "Console":
    """The console of rich with which every command lays out what it shows at a place.

    It writes to `file`, and takes nothing in a text for markup.
    """
    from rich.console import Console

    return Console(
        file=file,
        width=at.columns or UNBOUNDED,
        height=LINES,
        color_system="standard" if at.colored else None,
        no_color=not at.colored,
        force_terminal=at.terminal,
        force_jupyter=False,
        highlight=False,
        emoji=False,
        markup=False,
    )


def progress_console() -> "Console":
    """The console of progress bars, which move on standard error."""
    at = screen(sys.stderr)
    return rich_console(Screen(at.columns or USUAL, at.colored, at.terminal), sys.stderr)


class Closed(Exception):
    """Nobody reads standard output any more, which is no error."""


class NoOutput(io.RawIOBase):
    """Stands for a standard output that was closed before the program began."""

    def writable(self) -> bool:
        """It is to be written, which fails."""
        return True

    def write(self, data: object) -> int:
        """Raises OSError."""
        raise OSError(errno.EBADF, "it is closed")


def open_output() -> None:
    """Opens a standard output that fails on writing, where there is none."""
    if sys.stdout is None:
        sys.stdout = io.TextIOWrapper(NoOutput(), encoding="utf-8", write_through=True)


def discard_output() -> None:
    """Sends standard output to the null device, so that no error is shown at the end."""
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


def print_lines(*texts: str) -> None:
    """Prints lines on standard output, control characters escaped."""
    write("".join(f"{line(text)}\n" for text in texts))


def complain(message: object) -> None:
    """Prints one line on standard error after the program's name, control characters escaped."""
    text = line(str(message))
    if len(text) > LONGEST:  # the place stands first and the remedy last
        text = f"{text[: LONGEST - REMEDY]} ... {text[-REMEDY:]}"
    with suppress(OSError):  # where nothing can be said, the exit code still says it
        if sys.stderr is not None:
            print(f"nextstudy: {text}", file=sys.stderr, flush=True)
