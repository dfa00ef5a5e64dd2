"""Whether hostile queries are answered within budget + 0.5 s, one after the other, three times, on loopback. Prints a Markdown table; exits 1 for a fault.

    python benchmarks/hostile.py [--budget 1.5] [--times 3]

A query is at fault when it is answered too late or with another status than 200, 400, 403 or 503, when a listener on
loopback hears of it, or when the service does not answer a simple query within a second after it.
"""

import argparse
import os
import socket
import sys
import time
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

import hostile  # noqa: E402
from serving import runs, service  # noqa: E402

KINDS = ("CALLING_OUT", "NESTING", "LENGTH", "PATTERNS", "JOINS", "BOMBS")
MARGIN = 0.5


def main() -> int:
    """Asks each query so many times, and prints for each kind the statuses and the slowest."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--budget", type=float, default=1.5)
    options.add_argument("--times", type=int, default=3)
    given = options.parse_args()
    faults, canary = [], socket.create_server(("127.0.0.1", 0))
    canary.setblocking(False)
    print(f"{len(hostile.HOSTILE)} queries, {given.times} times each, budget {given.budget:g} s; {os.cpu_count()} processors.\n")
    print("| kind | queries | answers by status | slowest | its seconds |\n|---|---|---|---|---|")
    with service("--query-seconds", str(given.budget), "--query-rows", "20000", "--query-megabytes", "256") as found:
        for kind in KINDS:
            faults += row(found, kind, canary, given)
        faults += [] if runs(found.process.pid) else ["the service ended"]
    print(*faults, sep="\n")
    return 1 if faults else 0


def row(found, kind: str, canary: socket.socket, given) -> list[str]:
    """Prints the row of a kind of queries; the faults that were found."""
    queries, statuses, slowest, faults = getattr(hostile, kind), Counter(), (0.0, ""), []
    for name, text in queries.items():
        for turn in range(given.times):
            status, seconds, _ = hostile.timed(found, text.replace("PORT", str(canary.getsockname()[1])) + f" # {turn}")
            statuses[status] += 1
            slowest = max(slowest, (seconds, name))
            began = time.monotonic()
            healthy = found.query(f"ASK {{ ?s ?p '{name} {turn}' }}").status_code == 200 and time.monotonic() - began < 1
            if status not in (200, 400, 403, 503) or seconds > given.budget + MARGIN or not healthy or heard(canary):
                faults.append(f"{name}: status {status} after {seconds:.2f} s, {'healthy' if healthy else 'not healthy'} afterwards")
    told = ", ".join(f"{status}: {count}" for status, count in sorted(statuses.items()))
    print(f"| {kind.lower().replace('_', ' ')} | {len(queries)} | {told} | {slowest[1]} | {slowest[0]:.2f} |", flush=True)
    return faults


def heard(canary: socket.socket) -> bool:
    """Whether somebody called the listener."""
    try:
        canary.accept()[0].close()
    except BlockingIOError:
        return False
    return True


if __name__ == "__main__":
    sys.exit(main())
