"""Measures `nextstudy cohort` on populations of growing size, from NDJSON to Parquet and summary.

A sample is checked against the answers to single patients.

    python benchmarks/cohort.py [--sizes 1000 10000 100000] [--masses 0.1 1] [--sample 1000]
        [--plain]

Every population is generated in a temporary folder (1,000,000 patients take 6 GB there), and
answered by the package compiled (where there is a C compiler; --plain goes without) and as it
stands. Seconds are those of the whole command; memory is the greatest sum of the resident memory of
its processes, measured five times a second. The sample is chosen at random, asked one by one, and
compared with the tables row by row.
"""

import argparse
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import orjson
import pyarrow.parquet as pq
from compiled import compiled
from timing import ROOT, machine, table

from reasoner.api import Reasoner
from reasoner.cohort.answering import RecordAnswerer
from reasoner.cohort.partition import owner
from reasoner.cohort.tables import TABLES
from reasoner.errors import NextstudyError


def resident(session: int) -> int:
    """The resident bytes of all processes of a session."""
    size = 0
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if os.getsid(int(folder.name)) == session:
                size += int((folder / "statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
        except (OSError, ValueError):
            continue
    return size


def measured(arguments: list[str], package: Path = ROOT) -> tuple[float, float]:
    """The seconds and the peak megabytes of a command of nextstudy, by the package in a folder."""
    start, peak = time.perf_counter(), 0
    process = subprocess.Popen(
        [sys.executable, "-m", "reasoner", *arguments],
        cwd=package,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    while process.poll() is None:
        peak = max(peak, resident(process.pid))
        time.sleep(0.2)
    if process.returncode:
        raise SystemExit(process.stderr.read().decode())
    return time.perf_counter() - start, peak / (1 << 20)


def sampled(population: Path, size: int) -> dict[str, list[dict]]:
    """Some patients of a population at random, with their resources in the order of the input."""
    everyone = [owner(orjson.loads(line)) for line in (population / "Patient.ndjson").open("rb")]
    resources_of = {
        name: [] for name in random.Random(len(everyone)).sample(everyone, min(size, len(everyone)))
    }
    for path in sorted(population.glob("*.ndjson")):
        for line in path.open("rb"):
            if (name := owner(json := orjson.loads(line))) in resources_of:
                resources_of[name].append(json)
    return resources_of


def different(population: Path, out: Path, size: int) -> int:
    """How many patients of a sample have other rows in any table than their single answer gives."""
    chosen, one, wrong = sampled(population, size), RecordAnswerer(Reasoner(memory=0)), set()
    for name in TABLES:
        rows_of = defaultdict(list)
        for row in pq.read_table(out / name, filters=[("patient", "in", list(chosen))]).to_pylist():
            rows_of[row["patient"]].append(tuple(row.values())[1:])
        for patient, resources in chosen.items():
            try:
                rows = one.answer(resources).rows.get(name, [])
            except NextstudyError:
                rows = []
            if rows != rows_of[patient]:
                wrong.add(patient)
    return len(wrong)


def rows(size: int, masses: float, sample: int, packages: dict[str, Path]) -> Iterator[list]:
    """Yields a row for each package: size of the population, seconds and memory of the answers."""
    with tempfile.TemporaryDirectory() as folder:
        population = Path(folder, "population")
        measured(
            ["synth", str(size), "--seed", "7", "--masses", str(masses), "--out", str(population)]
        )
        resources = sum(sum(1 for _ in path.open("rb")) for path in population.glob("*.ndjson"))
        megabytes = sum(path.stat().st_size for path in population.glob("*.ndjson")) / (1 << 20)
        for name, package in packages.items():
            out = Path(folder, name)
            seconds, peak = measured(["cohort", str(population), "--out", str(out)], package)
            wrong = different(population, out, sample)
            written = sum(path.stat().st_size for path in out.rglob("*.parquet")) / (1 << 20)
            yield [
                f"{size:,}",
                f"{masses:.0%}",
                name,
                resources / size,
                megabytes,
                seconds,
                size / seconds,
                peak,
                written,
                f"{wrong} of {min(sample, size):,}",
            ]


def main() -> None:
    """Prints the table."""
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--sizes", type=int, nargs="+", default=[1000, 10_000, 100_000])
    options.add_argument("--masses", type=float, nargs="+", default=[0.1, 1.0])
    options.add_argument("--sample", type=int, default=1000)
    options.add_argument("--plain", action="store_true")
    given = options.parse_args()
    print(machine() + "\n", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        packages = (
            {"plain": ROOT}
            if given.plain or not (shutil.which("cc") or shutil.which("gcc"))
            else {"compiled": compiled(Path(folder)), "plain": ROOT}
        )
        measured_rows = [
            row
            for masses in given.masses
            for size in given.sizes
            for row in rows(size, masses, given.sample, packages)
        ]
    print(
        table(
            [
                "patients",
                "with a mass",
                "package",
                "resources each",
                "input MB",
                "seconds",
                "patients/s",
                "peak MB",
                "Parquet MB",
                "sample that differs",
            ],
            measured_rows,
        )
    )


if __name__ == "__main__":
    main()
