"""Attacks the service on loopback. Prints Markdown tables; exits 1 for a fault.

    python benchmarks/hostile.py [--budget 1.5] [--times 3] [--mixed 20000]

Hostile queries, three times each: at fault is one that is answered later than the budget and 0.5 s,
or with another status than 200, 400, 403 or 503, that a listener on loopback hears of, or after
which a simple query is not answered within a second.

Other attacks (heads, bodies, connections, records): at fault is one during which `/health` once
took longer than 0.3 s, or after which a record is not answered a second later.

Mixed requests, good and bad in turn on sixteen connections: at fault is a reset, a status of 500,
and memory that grows by more than a fifth between the first and the last quarter.
"""

import argparse
import os
import socket
import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

import hostile  # noqa: E402
import hostile_doors  # noqa: E402
import httpx  # noqa: E402
from serving import runs, service  # noqa: E402

KINDS = ("CALLING_OUT", "NESTING", "LENGTH", "PATTERNS", "JOINS", "BOMBS")
MARGIN, FREEZE, GROWTH = 0.5, 0.3, 1.2


def main() -> int:
    """Asks each query so many times, and prints for each kind the statuses and the slowest."""
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--budget", type=float, default=1.5)
    options.add_argument("--times", type=int, default=3)
    options.add_argument("--mixed", type=int, default=20_000)
    given = options.parse_args()
    faults, canary = [], socket.create_server(("127.0.0.1", 0))
    canary.setblocking(False)
    print(
        f"{len(hostile.HOSTILE)} queries, {given.times} times each, budget {given.budget:g} s; "
        f"{os.cpu_count()} processors.\n"
    )
    print("| kind | queries | answers by status | slowest | its seconds |\n|---|---|---|---|---|")
    with service(
        "--query-seconds", str(given.budget), "--query-rows", "20000", "--query-megabytes", "256"
    ) as running:
        for kind in KINDS:
            faults += row(running, kind, canary, given)
        faults += [] if runs(running.process.pid) else ["the service ended"]
    with service("--query-seconds", str(given.budget), "--answer-seconds", "3") as running:
        print("\n| attack | answered | seconds | longest `/health`, s |\n|---|---|---|---|")
        for kind, attacks in hostile_doors.DOORS.items():
            for name, attack in attacks.items():
                faults += attacked(running, f"{kind.lower()}: {name}", attack)
        faults += mixed(running, given.mixed)
        faults += [] if runs(running.process.pid) else ["the service ended"]
    print(*faults, sep="\n")
    return 1 if faults else 0


def row(running, kind: str, canary: socket.socket, given) -> list[str]:
    """Prints the row of a kind of queries, and returns the faults."""
    queries, statuses, slowest, faults = getattr(hostile, kind), Counter(), (0.0, ""), []
    for name, text in queries.items():
        for turn in range(given.times):
            status, seconds, _ = hostile.timed(
                running, text.replace("PORT", str(canary.getsockname()[1])) + f" # {turn}"
            )
            statuses[status] += 1
            slowest = max(slowest, (seconds, name))
            began = time.monotonic()
            healthy = (
                running.query(f"ASK {{ ?s ?p '{name} {turn}' }}").status_code == 200
                and time.monotonic() - began < 1
            )
            if (
                status not in (200, 400, 403, 503)
                or seconds > given.budget + MARGIN
                or not healthy
                or heard(canary)
            ):
                after = "healthy" if healthy else "not healthy"
                faults.append(f"{name}: status {status} after {seconds:.2f} s, {after} afterwards")
    counts = ", ".join(f"{status}: {count}" for status, count in sorted(statuses.items()))
    print(
        f"| {kind.lower().replace('_', ' ')} | {len(queries)} | {counts} | {slowest[1]} | "
        f"{slowest[0]:.2f} |",
        flush=True,
    )
    return faults


def attacked(running, name: str, attack) -> list[str]:
    """Prints the row of an attack, and returns the faults."""
    began = time.monotonic()
    with hostile_doors.Health(running) as health:
        answered = attack(running)
    seconds = time.monotonic() - began
    healthy = hostile_doors.healthy(running)
    print(f"| {name} | {answered} | {seconds:.2f} | {health.longest:.3f} |", flush=True)
    if answered == 500 or health.longest > FREEZE or health.failed or not healthy:
        after = "healthy" if healthy else "not healthy"
        return [f"{name}: {answered}, /health took {health.longest:.2f} s, {after} afterwards"]
    return []


def mixed(running, number: int) -> list[str]:
    """Prints the statuses of mixed requests, and returns the faults."""
    requests = [
        ("POST", "/api/answer", hostile_doors.conditions(1)),
        ("GET", "/health", b""),
        ("POST", "/api/answer", b"{"),
        ("GET", "/sparql?query=ASK{}", b""),
        ("GET", "/patient", b""),
        ("POST", "/api/answer", b"<a:p> <a:b> <<( <a:a> <a:b> 1 )>> ."),
        ("GET", "/nowhere", b""),
        ("POST", "/cds-services/imaging-order-select", hostile_doors.orders(3)),
        ("POST", "/drop", b"--x"),
        ("GET", "/sparql?query=ASK%20{", b""),
        ("GET", "/", b""),
    ]
    began, statuses, memory, resets = time.monotonic(), Counter(), [], 0

    def some(first: int) -> list:
        outcomes = []
        with httpx.Client(base_url=running.address, timeout=60) as client:
            for n in range(first, number, 16):
                method, door, body = requests[n % len(requests)]
                try:
                    outcomes.append(client.request(method, door, content=body).status_code)
                except httpx.TransportError:
                    outcomes.append("reset")
                if n % (number // 8 or 1) == 0:
                    memory.append(megabytes(running))
        return outcomes

    with ThreadPoolExecutor(16) as threads:
        for answered in threads.map(some, range(16)):
            statuses.update(answered)
    resets, seconds = statuses["reset"], time.monotonic() - began
    counts = ", ".join(f"{s}: {n}" for s, n in sorted(statuses.items(), key=str))
    print(
        f"\n{number} mixed requests in {seconds:.0f} s: {counts}; "
        f"memory of all processes {memory[1]:.0f} MB at first, {memory[-1]:.0f} MB at last."
    )
    grown = memory[-1] > GROWTH * memory[1]
    return [f"mixed: {counts}"] * bool(resets or statuses[500]) + ["memory grew"] * grown


def megabytes(running) -> float:
    """The memory of a service and its processes that is theirs alone."""
    total = 0
    for pid in (running.process.pid, *running.children()):
        try:
            rollup = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii")
        except (FileNotFoundError, ProcessLookupError):
            continue
        total += sum(
            int(line.split()[1]) for line in rollup.splitlines() if line.startswith("Pss:")
        )
    return total / 1024


def heard(canary: socket.socket) -> bool:
    """Whether somebody called the listener."""
    try:
        canary.accept()[0].close()
    except BlockingIOError:
        return False
    return True


if __name__ == "__main__":
    sys.exit(main())
