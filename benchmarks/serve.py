"""Measures the SPARQL endpoint on loopback, beside the same graph served by rdflib-endpoint.

Prints a Markdown table.

    python benchmarks/serve.py [--seconds 10] [--rdflib-endpoint PYTHON]

PYTHON is an interpreter that has rdflib-endpoint; it needs an environment of its own:

    python -m venv other && other/bin/pip install 'rdflib-endpoint[cli]' uvicorn
    python benchmarks/serve.py --rdflib-endpoint other/bin/python
"""

import argparse
import asyncio
import contextlib
import itertools
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from urllib.parse import urlencode

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

CONNECTIONS = 8
POINT = (
    "PREFIX ia: <https://w3id.org/imaging-appropriateness/ns/> "
    "PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#> "
    "SELECT ?label ?category WHERE { ?rating ia:ofScenario ia:DeepMassInitialImaging ; "
    "ia:hasCategory ?category ; rdfs:label ?label }"
)
TRIVIAL = "ASK { ?s ?p ?o }"
HOSTILE = "SELECT (COUNT(*) AS ?n) WHERE { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
OTHER = """import sys, uvicorn
from rdflib import Dataset
from rdflib_endpoint import SparqlEndpoint
graph = Dataset(default_union=True)
graph.parse(sys.argv[1], format="nt")
uvicorn.run(SparqlEndpoint(graph=graph, path="/sparql"), port=int(sys.argv[2]), log_level="error")
"""


def request(query: str) -> bytes:
    """The bytes of a GET of a query."""
    lines = (
        f"GET /sparql?{urlencode({'query': query})} HTTP/1.1",
        "Host: localhost",
        "Accept: application/sparql-results+json",
    )
    return "\r\n".join([*lines, "", ""]).encode()


async def exchange(reader, writer, sent: bytes) -> int:
    """The status of one exchange; the whole body is read."""
    writer.write(sent)
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    if b"content-length:" in head:
        await reader.readexactly(int(head.split(b"content-length:")[1].split(b"\r\n")[0]))
    else:
        while size := int(await reader.readline(), 16):
            await reader.readexactly(size + 2)
        await reader.readexactly(2)
    return int(head.split(b" ", 2)[1])


async def load(
    port: int, queries, seconds: float, connections: int = CONNECTIONS
) -> tuple[list[float], int]:
    """The milliseconds of each exchange, and how many did not get 200."""
    taken, failed, end = [], 0, time.perf_counter() + seconds

    async def client():
        nonlocal failed
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        while time.perf_counter() < end:
            sent = request(next(queries))
            start = time.perf_counter()
            failed += await exchange(reader, writer, sent) != 200
            taken.append((time.perf_counter() - start) * 1000)
        writer.close()

    await asyncio.gather(*(client() for _ in range(connections)))
    return taken, failed


async def beside_hostile(port: int, seconds: float) -> tuple[list[float], int]:
    """A trivial query, never the same text, while four connections ask what cannot be answered."""
    hostile = asyncio.gather(
        *(load(port, (f"{HOSTILE} # {n}" for _ in itertools.count()), seconds, 1) for n in range(4))
    )
    await asyncio.sleep(0.2)
    times = await load(port, (f"{TRIVIAL} # {n}" for n in itertools.count()), seconds - 0.5, 1)
    await hostile
    return times


@contextlib.contextmanager
def serving(command: list[str], port: int):
    """A server that answers, stopped at the end."""
    process = subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        for _ in range(600):
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                break
            time.sleep(0.1)
        yield
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)


def free_port() -> int:
    """A port that is free now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def row(what: str, times: tuple[list[float], int], seconds: float) -> None:
    """Prints a row."""
    taken, failed = sorted(times[0]), times[1]
    shares = [taken[min(int(len(taken) * share), len(taken) - 1)] for share in (0.5, 0.95, 0.99)]
    print(
        f"| {what} | {len(taken) / seconds:,.0f} |",
        *(f"{share:.1f} |" for share in shares),
        f"{taken[-1]:.0f} | {failed} |",
        flush=True,
    )


def main() -> None:
    """Prints the table."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--seconds", type=float, default=10)
    options.add_argument(
        "--rdflib-endpoint", metavar="PYTHON", help="an interpreter that has rdflib-endpoint"
    )
    given = options.parse_args()
    print(
        f"{os.cpu_count()} processors, which the client shares; {CONNECTIONS} connections, "
        "the trivial query 1.\n"
    )
    print(
        "| what | requests/s | median ms | p95 ms | p99 ms | longest ms | not 200 |\n"
        "|---|---|---|---|---|---|---|"
    )
    other_texts = (f"{POINT} # {n}" for n in itertools.count())
    port = free_port()
    with serving([sys.executable, "-m", "reasoner", "serve", "--port", str(port)], port):
        asyncio.run(load(port, itertools.repeat(POINT), 1))
        row(
            "point query, the same each time",
            asyncio.run(load(port, itertools.repeat(POINT), given.seconds)),
            given.seconds,
        )
        row(
            "point query, another text each time",
            asyncio.run(load(port, other_texts, given.seconds)),
            given.seconds,
        )
        row(
            "trivial query, another text each time, beside four hostile",
            asyncio.run(beside_hostile(port, given.seconds)),
            given.seconds - 0.5,
        )
    if given.rdflib_endpoint:
        other(given.rdflib_endpoint, given.seconds)


def other(python: str, seconds: float) -> None:
    """Prints the rows of rdflib-endpoint."""
    from reasoner.graph.knowledge import load as load_graph

    with tempfile.TemporaryDirectory() as folder:
        data, script, port = Path(folder, "graph.nt"), Path(folder, "other.py"), free_port()
        data.write_bytes(load_graph().store.dump())
        script.write_text(OTHER)
        with serving([python, str(script), str(data), str(port)], port):
            asyncio.run(load(port, itertools.repeat(POINT), 1))
            row(
                "rdflib-endpoint: point query, the same each time",
                asyncio.run(load(port, itertools.repeat(POINT), seconds)),
                seconds,
            )
            times = asyncio.run(load(port, itertools.repeat(TRIVIAL), seconds, 1))
            row("rdflib-endpoint: trivial query, alone", times, seconds)


if __name__ == "__main__":
    main()
