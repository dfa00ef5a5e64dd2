"""Checks that the log holds nothing of 10,000 requests with seeded names, numbers and tokens.

The service is on loopback. Prints what was sent; exits 1 when something leaked.

    python benchmarks/logs.py [REQUESTS]

The requests go to every door of one service, well formed, broken, hostile and too large, some of
which raise an error. It takes two or three minutes.
"""

import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from seeded import sender, traces  # noqa: E402


def main() -> int:
    """Sends the requests, looks for their traces, and prints both."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    with tempfile.TemporaryDirectory() as folder, sender(folder) as sent:
        began = time.perf_counter()
        sent.send_all(count)
        leaked, healthy = sent.leaked(), sent.found.client.get("/health").status_code == 200
        lines = sent.found.logged().count("\n")
    statuses = ", ".join(
        f"{status or 'none'}: {n:,}" for status, n in sorted(Counter(sent.statuses).items())
    )
    print(
        f"{count:,} requests in {time.perf_counter() - began:.0f} s, {len(sent.tokens):,} of them "
        f"with a bearer token of their own; statuses {statuses}."
    )
    print(
        f"{lines:,} lines of log, {len(traces(sent.tokens)):,} traces looked for, "
        f"{len(leaked)} found; {'healthy' if healthy else 'NOT healthy'} at the end."
    )
    for trace in leaked[:9]:
        print(trace)
    return 1 if leaked or not healthy else 0


if __name__ == "__main__":
    sys.exit(main())
