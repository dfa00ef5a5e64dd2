"""What the command prints: results on standard output, all else on standard error."""

import sys

from reasoner.shown import line

LONGEST, REMEDY = 4000, 1000  # characters of an error, and of its end


def write(text: str | bytes) -> None:
    """Prints what is rendered already, in UTF-8 whatever the terminal's encoding."""
    sys.stdout.flush()
    sys.stdout.buffer.write(text.encode() if isinstance(text, str) else text)
    sys.stdout.buffer.flush()


def say(*told: str) -> None:
    """Prints lines on standard output, in which nothing from outside acts."""
    write("".join(f"{line(text)}\n" for text in told))


def complain(told: object) -> None:
    """Prints one line on standard error under the name of the program, in which nothing acts."""
    text = line(str(told))
    if len(text) > LONGEST:  # the place stands first and the remedy last
        text = f"{text[:LONGEST - REMEDY]} ... {text[-REMEDY:]}"
    print(f"nextstudy: {text}", file=sys.stderr)
