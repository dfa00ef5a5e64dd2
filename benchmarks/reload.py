"""Whether readers notice that the graph is reloaded: 16 readers at seven doors during 100 reloads on loopback. Prints a Markdown table; exits 1 for a fault.

    python benchmarks/reload.py [--reloads 100] [--readers 16]

Each reload is of another release, marked in every document; an answer is at fault when it fails, or holds marks of two
releases, or of another release than the snapshot that it names. It takes two or three minutes.
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
        with service("--ontology", str(folder), "--workers", "4") as found:
            readers, took, sizes = Readers(found.client, given.readers), [], []
            for number in range(2, given.reloads + 2):
                release(folder, number)
                began = time.perf_counter()
                reload(found, number - 1)
                took.append(time.perf_counter() - began)
                sizes.append(resident(found))
            seen = readers.stop()
    report(seen, took, sizes, given)
    return 1 if faults(seen) else 0


def report(seen, took, sizes, given) -> None:
    """Prints what was seen at each door, and what the reloads took."""
    bad = set(faults(seen))
    wrong, answers = (
        Counter(one.door for one in seen if one in bad),
        Counter(one.door for one in seen),
    )
    print(
        f"{given.reloads} reloads, {given.readers} readers, {os.cpu_count()} processors; {len({one.snapshot for one in seen})} snapshots were seen."
    )
    print(
        f"A reload under readers took {sorted(took)[len(took) // 2]:.2f} s, at most {max(took):.2f} s; the service had {sizes[len(sizes) // 5]:.0f} MB after a fifth of them, {sizes[-1]:.0f} MB at the end.\n"
    )
    print("| door | answers | failed or mixed |\n|---|---|---|")
    for door in DOORS:
        print(f"| {door} | {answers[door]:,} | {wrong[door]} |")
    for one in sorted(bad)[:5]:
        print(one)


if __name__ == "__main__":
    sys.exit(main())
