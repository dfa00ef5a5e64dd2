"""Checks that reloads of the graph do not disturb 16 readers at seven doors, on loopback.

Prints a Markdown table; exits 1 for a fault.

    python benchmarks/reload.py [--reloads 100] [--readers 16]

Each of 100 reloads is of another release, marked in every document; an answer is at fault when it
fails, or holds marks of two releases, or of another release than the snapshot that it names. It
takes two or three minutes.
"""

import argparse
import os
import shutil
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from reloading import DOORS, Readers, faults, release  # noqa: E402
from serving import reload, resident, service  # noqa: E402


def main() -> int:
    """Reloads while readers read, prints what they saw, and says whether all was well."""
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--reloads", type=int, default=100)
    options.add_argument("--readers", type=int, default=16)
    given = options.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(shutil.copytree(ROOT / "ontology", Path(temporary, "ontology")))
        release(folder, 1)
        with service("--ontology", str(folder), "--workers", "4") as running:
            readers, took, sizes = Readers(running.client, given.readers), [], []
            for number in range(2, given.reloads + 2):
                release(folder, number)
                began = time.perf_counter()
                reload(running, number - 1)
                took.append(time.perf_counter() - began)
                sizes.append(resident(running))
            answers = readers.stop()
    report(answers, took, sizes, given)
    return 1 if faults(answers) else 0


def report(answers, took, sizes, given) -> None:
    """Prints the answers and faults at each door, and how long the reloads took."""
    bad = set(faults(answers))
    wrong = Counter(one.door for one in answers if one in bad)
    counts = Counter(one.door for one in answers)
    snapshots = len({one.snapshot for one in answers})
    print(
        f"{given.reloads} reloads, {given.readers} readers, {os.cpu_count()} processors; "
        f"{snapshots} snapshots were seen."
    )
    print(
        f"A reload under readers took {sorted(took)[len(took) // 2]:.2f} s, "
        f"at most {max(took):.2f} s; "
        f"the service had {sizes[len(sizes) // 5]:.0f} MB after a fifth of them, "
        f"{sizes[-1]:.0f} MB at the end.\n"
    )
    print("| door | answers | failed or mixed |\n|---|---|---|")
    for door in DOORS:
        print(f"| {door} | {counts[door]:,} | {wrong[door]} |")
    for one in sorted(bad)[:5]:
        print(one)


if __name__ == "__main__":
    sys.exit(main())
