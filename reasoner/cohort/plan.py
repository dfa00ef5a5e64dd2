"""What a run will do, kept beside what it makes, so that a run that was stopped goes on and another one does not mix with it."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import date
from importlib.metadata import version
from pathlib import Path

import orjson

from reasoner.api import Reasoner
from reasoner.cohort.answering import REMEMBERED, Population, held
from reasoner.cohort.faults import Fault
from reasoner.cohort.sources import Piece, fingerprint, pieces
from reasoner.errors import InputError
from reasoner.files import write
from reasoner.names import home

WORK, PLAN = ".work", "plan.json"
BUCKET, MOST = 14 << 20, 4096  # bytes of input in a bucket, and buckets
EVEN = 8  # of more buckets than this there are a multiple, so that some processes end at about the same time
COMPRESSION = 8  # times that FHIR data shrink with gzip, at most


@dataclass(frozen=True)
class Plan:
    """What a run does: its pieces and buckets, and all that its result depends on."""

    given: str
    pieces: list[Piece]
    passed_over: list[str]
    faults: list[Fault]
    buckets: int
    engine: str
    on: str | None
    whole: bool
    ontology: str | None
    versions: dict[str, str]
    graph: list[list]
    files: list[list]

    def population(self) -> Population:
        """What answers records, on the graph and the day of the plan."""
        return population(self.graph, self.on, self.ontology)

    @property
    def size(self) -> int:
        """The bytes of the input."""
        return sum(p.end - p.start for p in self.pieces)


def plan(
    given: Path, on: date | None, whole: bool, ontology: Path | None, engine: str = "local"
) -> Plan:
    """The plan for an input. Raises InputError when there is nothing to read."""
    found, passed_over, faults = pieces(given)
    size = sum((p.end - p.start) * (COMPRESSION if p.compressed else 1) for p in found)
    day, folder = on and on.isoformat(), ontology and str(ontology.resolve())
    graph = fingerprint(map(str, sorted((ontology or home() / "ontology").rglob("*.*"))))
    count = min(max(-(-size // BUCKET), 1), MOST)
    versions = {
        "nextstudy": version("nextstudy"),
        "graph": population(graph, day, folder).reasoner.knowledge.version,
    }
    return Plan(
        str(given.resolve()),
        found,
        passed_over,
        faults,
        -(-count // EVEN) * EVEN if count > EVEN else count,
        engine,
        day,
        whole,
        folder,
        versions,
        graph,
        fingerprint(path for p in found for path in p.paths),
    )


def population(graph: list[list], on: str | None, ontology: str | None) -> Population:
    """What answers records on a graph, by its fingerprint, and a day."""
    return held(repr(graph), on, lambda: Reasoner(ontology and Path(ontology), REMEMBERED))


def begin(out: Path, made: Plan) -> Path:
    """The work folder of a run, new or of the same run before. Raises InputError for a folder that holds anything else, or lies in the input."""
    work, told = out / WORK, orjson.dumps(asdict(made))
    if Path(made.given) in [out.resolve(), *out.resolve().parents]:
        raise InputError(str(out), "the folder lies in the input", "Give a folder beside it.")
    if out.exists() and not out.is_dir():
        raise InputError(str(out), "this is a file, not a folder", "Give a new folder.")
    if (work / PLAN).exists():
        if (work / PLAN).read_bytes() != told:
            raise InputError(
                str(out),
                "another run was begun here, of other input, options or versions",
                f"Remove {work} to begin anew, or give another folder.",
            )
    elif out.exists() and any(path != work for path in out.iterdir()):
        raise InputError(str(out), "the folder is not empty", "Give a new folder.")
    else:
        write(work / PLAN, told)
    return work


class Places:
    """Where a line stands in the input: its file, and its number in it; where a document stands: its file."""

    def __init__(self, found: list[Piece], lines: Callable[[int], int]):
        """`lines` is how many lines a piece has, by its number."""
        self.pieces, self.lines = found, lines
        self._before: dict[int, int] = {}

    def __call__(self, piece: int, number: int) -> str:
        """The place of a line of a piece."""
        found = self.pieces[piece]
        if not found.lines:
            return found.paths[number - 1]
        if piece not in self._before:
            earlier = [n for n, p in enumerate(self.pieces[:piece]) if p.paths == found.paths]
            self._before[piece] = sum(self.lines(n) for n in earlier)
        return f"{found.paths[0]}:{self._before[piece] + number}"


def places(made: Plan, work: Path) -> Places:
    """The places of the lines that were spread in a work folder."""
    return Places(made.pieces, lambda piece: told(work, piece)["lines"])


def told(work: Path, piece: int) -> dict:
    """What happened when a piece was spread."""
    return orjson.loads((work / "spread" / f"{piece:05}" / "told.json").read_bytes())
