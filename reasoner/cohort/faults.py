"""Finds files of an input that cannot be read; each is reported, and the others are still read.

What is compressed is checked as a whole before anything of it is used: its sum stands at its end,
so nothing in front of the damage is vouched for. Of such a file nothing is used.
"""

import re
import zlib
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from gzip import BadGzipFile, GzipFile
from pathlib import Path

from reasoner.errors import InputError
from reasoner.intake.encoding import GZIP
from reasoner.intake.missing import Missing
from reasoner.intake.readers import READ

BLOCK = 1 << 20
SMALL = 80 << 20  # bytes that any compressed file may hold
SWELL = 200  # times that a larger file may grow; FHIR data grow 8 to 50 times, zeros 1,030 times
FETCH = "Fetch the file again, or leave it out, and begin anew in a new folder."
BEGINNING = 1 << 16  # bytes in which the first type is looked for
KIND = re.compile(rb'"resourceType"\s*:\s*"([A-Za-z]+)"')
NAMED = re.compile(r"[A-Z][A-Za-z]+")


@dataclass(frozen=True)
class Fault:
    """A file that could not be read: why, and the types of resources that it may hold lines of.

    The types are empty when each line or document of it is a record of its own.
    """

    path: str
    message: str
    types: list[str]

    @classmethod
    def of(cls, path: str, error: InputError, head: bytes = b"") -> "Fault":
        """The fault of a file, from an error and the first bytes that could be read."""
        return cls(
            path,
            f"the file could not be read: {error.message}; nothing of it was used. {error.hint}",
            types_of(Path(path).name, head),
        )


def types_of(name: str, head: bytes) -> list[str]:
    """The types of resources that a file may hold, by its beginning, else by its name.

    All types that are read when neither tells; none when its lines are whole records.
    """
    if match := KIND.search(head[:BEGINNING]):
        return sorted({match[1].decode()} & READ)
    return sorted(READ & set(NAMED.findall(name))) or sorted(READ)


def damage(path: Path, named: str) -> Fault | None:
    """What is wrong with a compressed file under the name that it has in the input; None for one
    that is whole. Raises OSError for one that does not open.
    """
    head = b""
    try:
        with path.open("rb") as raw:
            most, size = max(SMALL, SWELL * path.stat().st_size), 0
            if not raw.peek(1):
                raise EOFError("it is empty")
            with GzipFile(fileobj=raw) as file:
                while block := file.read1(BLOCK):
                    head, size = head or block, size + len(block)
                    if size == len(block) and head.startswith(GZIP):
                        raise InputError(named, "it is compressed twice", "Decompress it once.")
                    if size > most:
                        swell = f"it grows more than {most // path.stat().st_size:,} times"
                        raise InputError(
                            named,
                            f"{swell} when it is decompressed",
                            "Decompress it, and look at what it holds.",
                        )
    except (EOFError, zlib.error, BadGzipFile) as error:
        message = f"the compressed file is damaged ({error})"
        return Fault.of(named, InputError(named, message, FETCH), head)
    except InputError as error:
        return Fault.of(named, error, head)
    return None


def damaged(paths: Iterable[str], packed: Collection[str], root: str = "") -> list[Fault]:
    """The faults of the compressed files among some; `root` is what their paths begin from."""
    faults = (damage(Path(root, path), path) for path in paths if path in packed)
    return [fault for fault in faults if fault]


def missing(faults: Collection[Fault]) -> list[Missing]:
    """The resources that records joined from lines may lack, as one item for all the files."""
    open_ended = [fault for fault in faults if fault.types]
    if not open_ended:
        return []
    name, more = Path(open_ended[0].path).name, len(open_ended) - 1
    types = sorted({kind for fault in open_ended for kind in fault.types})
    return [Missing(name + (f" and {more:,} other files" if more else ""), tuple(types))]
