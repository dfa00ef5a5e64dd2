"""The plan of a cohort run: its input, options and versions, as JSON in the work folder.

A run that was stopped continues under the same plan; a run with another plan is refused.
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import date
from importlib.metadata import version
from pathlib import Path

import orjson

from reasoner.api import Reasoner
from reasoner.cohort.answering import REMEMBERED, RecordAnswerer, cached_answerer
from reasoner.cohort.faults import Fault
from reasoner.cohort.sources import Piece, fingerprint, pieces
from reasoner.errors import InputError
from reasoner.files import write
from reasoner.graph.imported_ratings import OWN, ratings_file, resolved
from reasoner.names import home

WORK, PLAN = ".work", "plan.json"
PARTITION, MOST = 14 << 20, 4096  # bytes of input in a partition; partitions at most
# Above this number, a multiple of it: processes that share the partitions end at about one time.
EVEN = 8
COMPRESSION = 8  # times that FHIR data shrink with gzip, at most


@dataclass(frozen=True)
class Plan:
    """What a run does: its pieces of input, its partitions, and all that its result depends on."""

    given: str
    pieces: list[Piece]
    passed_over: list[str]
    faults: list[Fault]
    partitions: int
    engine: str
    on: str | None
    whole: bool
    ontology: str | None
    ratings: str
    versions: dict[str, str]
    graph: list[list]
    files: list[list]

    def answerer(self) -> RecordAnswerer:
        """The answerer of records on the graph and the day of the plan."""
        return answerer(self.graph, self.on, self.ontology, self.ratings)

    @property
    def size(self) -> int:
        """The bytes of the input."""
        return sum(p.end - p.start for p in self.pieces)


def make_plan(
    given: Path,
    on: date | None,
    whole: bool,
    ontology: Path | None,
    engine: str = "local",
    ratings: str = OWN,
) -> Plan:
    """The plan for an input. Raises InputError when there is nothing to read."""
    parts, passed_over, faults = pieces(given)
    size = sum((p.end - p.start) * (COMPRESSION if p.compressed else 1) for p in parts)
    day, folder = on and on.isoformat(), ontology and str(ontology.resolve())
    imported = ratings_file(ratings)
    files = [*sorted((ontology or home() / "ontology").rglob("*.*")), *filter(None, [imported])]
    graph = fingerprint(map(str, files))
    count = min(max(-(-size // PARTITION), 1), MOST)
    versions = {
        "nextstudy": version("nextstudy"),
        "graph": answerer(graph, day, folder, resolved(ratings)).reasoner.knowledge.version,
    }
    return Plan(
        str(given.resolve()),
        parts,
        passed_over,
        faults,
        -(-count // EVEN) * EVEN if count > EVEN else count,
        engine,
        day,
        whole,
        folder,
        resolved(ratings),
        versions,
        graph,
        fingerprint(path for p in parts for path in p.paths),
    )


def answerer(
    graph: list[list], on: str | None, ontology: str | None, ratings: str
) -> RecordAnswerer:
    """The answerer of records on a graph and a day; the graph is known by its fingerprint."""
    return cached_answerer(
        repr(graph),
        on,
        lambda: Reasoner(ontology and Path(ontology), REMEMBERED, ratings=ratings),
    )


def begin(out: Path, plan: Plan) -> Path:
    """The work folder of a run: a new one, or that of the same run when it was stopped.

    Raises InputError for an output folder that holds anything else, or lies in the input.
    """
    work, document = out / WORK, orjson.dumps(asdict(plan))
    if Path(plan.given) in [out.resolve(), *out.resolve().parents]:
        raise InputError(str(out), "the folder lies in the input", "Give a folder beside it.")
    if out.exists() and not out.is_dir():
        raise InputError(str(out), "this is a file, not a folder", "Give a new folder.")
    if (work / PLAN).exists():
        if (work / PLAN).read_bytes() != document:
            raise InputError(
                str(out),
                "another run was begun here, of other input, options or versions",
                f"Remove {work} to begin anew, or give another folder.",
            )
    elif out.exists() and any(path != work for path in out.iterdir()):
        raise InputError(str(out), "the folder is not empty", "Give a new folder.")
    else:
        write(work / PLAN, document)
    return work


class Places:
    """The place of a line in the input, as `path:line`; that of a document is its path."""

    def __init__(self, pieces: list[Piece], lines: Callable[[int], int]):
        """`lines` is how many lines a piece has, by its number."""
        self.pieces, self.lines = pieces, lines
        self._before: dict[int, int] = {}

    def __call__(self, piece: int, number: int) -> str:
        """The place of a line of a piece."""
        part = self.pieces[piece]
        if not part.lines:
            return part.paths[number - 1]
        if piece not in self._before:
            earlier = [n for n, p in enumerate(self.pieces[:piece]) if p.paths == part.paths]
            self._before[piece] = sum(self.lines(n) for n in earlier)
        return f"{part.paths[0]}:{self._before[piece] + number}"


def places(plan: Plan, work: Path) -> Places:
    """The places of the lines that were partitioned into a work folder."""
    return Places(plan.pieces, lambda piece: piece_report(work, piece)["lines"])


def piece_report(work: Path, piece: int) -> dict:
    """The report on a piece that was partitioned, as `partition.partition` returns it."""
    return orjson.loads((work / "partitioned" / f"{piece:05}" / "report.json").read_bytes())
