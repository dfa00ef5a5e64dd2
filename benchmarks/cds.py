"""Measures how many order-select requests a second one process answers on loopback.

There are 8 connections, for some seconds. Prints a Markdown table.

    python benchmarks/cds.py [SECONDS]

Three mixes: the same facts in every request (only ids and instance differ), facts that differ
between patients, and requests that lack facts. The server runs as a process of its own; the clients
share another.
"""

import asyncio
import os
import socket
import statistics
import subprocess
import sys
import time
import uuid
from pathlib import Path

import httpx
import orjson

ROOT = Path(__file__).parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from bundles import (  # noqa: E402
    CT_THIGH,
    DEEP,
    FOREARM,
    INDETERMINATE,
    MRI_THIGH,
    MRI_THIGH_PLAIN,
    NORMAL,
    SUPERFICIAL,
    THIGH,
    US_LEG,
    XR_FEMUR,
    device,
    egfr,
    mass,
    order,
    patient,
    report,
)

CONNECTIONS, PATH = 8, "/cds-services/imaging-order-select"
WORKUP = [report("xr-1", XR_FEMUR, NORMAL), report("us-1", US_LEG, INDETERMINATE, day="2026-04-20")]
RECORDS = [
    [mass(site, depth), *studies, *more]
    for site in (THIGH, FOREARM)
    for depth in (DEEP, SUPERFICIAL)
    for studies in ([], WORKUP)
    for more in ([], [egfr("gfr-1", 22)], [device("dev-1", "sct:14106009")])
]
MIXES = {
    "one patient's facts, other ids": lambda n: ([mass(THIGH, DEEP), *WORKUP], MRI_THIGH_PLAIN),
    f"{len(RECORDS)} kinds of patients, 3 studies": lambda n: (
        RECORDS[n % len(RECORDS)],
        (MRI_THIGH, MRI_THIGH_PLAIN, CT_THIGH)[n % 3],
    ),
    "facts missing": lambda n: ([mass(THIGH, DEEP), WORKUP[0]], MRI_THIGH),
}


def request(record: list[dict], study: str) -> bytes:
    """A request with a record as prefetch, a fresh instance, and a fresh id for the order."""
    kinds = {
        "Condition": "conditions",
        "DiagnosticReport": "reports",
        "Observation": "measurements",
        "Device": "devices",
    }
    prefetch = {
        key: {
            "resourceType": "Bundle",
            "type": "searchset",
            "entry": [{"resource": r} for r in record if r["resourceType"] == kind],
        }
        for kind, key in kinds.items()
    }
    draft = order(f"draft-{uuid.uuid4()}", study)
    return orjson.dumps(
        {
            "hook": "order-select",
            "hookInstance": str(uuid.uuid4()),
            "prefetch": {"patient": patient(), **prefetch},
            "context": {
                "userId": "Practitioner/d1",
                "patientId": "p1",
                "selections": [f"ServiceRequest/{draft['id']}"],
                "draftOrders": {
                    "resourceType": "Bundle",
                    "type": "collection",
                    "entry": [{"resource": draft}],
                },
            },
        }
    )


async def load(port: int, mix, seconds: float) -> tuple[list[float], int]:
    """The milliseconds of each request in some seconds, and how many requests failed.

    It uses plain sockets, so that the client costs little.
    """
    taken, failed, ends = [], 0, time.perf_counter() + seconds
    bodies = [request(*mix(n)) for n in range(400)]
    numbers = iter(range(10**9))

    async def one() -> None:
        nonlocal failed
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        while time.perf_counter() < ends:
            body = bodies[next(numbers) % len(bodies)]
            start = time.perf_counter()
            writer.write(
                b"POST %b HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
                b"Content-Length: %d\r\n\r\n%b" % (PATH.encode(), len(body), body)
            )
            head = (await reader.readuntil(b"\r\n\r\n")).lower()
            answer = await reader.readexactly(
                int(head.split(b"content-length:")[1].split(b"\r\n")[0])
            )
            taken.append((time.perf_counter() - start) * 1000)
            failed += not head.startswith(b"http/1.1 200") or not answer.startswith(b'{"cards":[{')
        writer.close()

    await asyncio.gather(*(one() for _ in range(CONNECTIONS)))
    return taken, failed


def busy(pid: int) -> float:
    """The processor seconds of a process so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(") ", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def main() -> None:
    """Starts the server, loads it with each mix, prints the table, and stops it."""
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 20.0
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [
        sys.executable,
        "-m",
        "uvicorn",
        "--factory",
        "reasoner.serve:create_app",
        "--port",
        str(port),
        "--log-level",
        "error",
        "--no-access-log",
    ]
    server = subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    base = f"http://127.0.0.1:{port}"
    try:
        for _ in range(300):
            try:
                httpx.get(base + "/health").raise_for_status()
                break
            except httpx.HTTPError:
                time.sleep(0.1)
        print(
            f"{CONNECTIONS} connections, {seconds:g} s each; {os.cpu_count()} cores, "
            f"load {os.getloadavg()[0]:.1f} before\n"
        )
        print(
            "| requests | a second | median ms | p95 ms | p99 ms | failed | "
            "processor ms a request |\n"
            "|---|---|---|---|---|---|---|"
        )
        for name, mix in MIXES.items():
            before = busy(server.pid)
            taken, failed = asyncio.run(load(port, mix, seconds))
            cost = (busy(server.pid) - before) / len(taken) * 1000
            cuts = statistics.quantiles(taken, n=100)
            print(
                f"| {name} | {len(taken) / seconds:,.0f} | {cuts[49]:.1f} | {cuts[94]:.1f} | "
                f"{cuts[98]:.1f} | {failed} | {cost:.2f} |"
            )
    finally:
        server.terminate()
        server.wait(20)


if __name__ == "__main__":
    main()
