"""The SPARQL 1.1 Protocol, read-only, at `/sparql`: what is asked, whether it may be, and in which form it is answered."""

import asyncio
from dataclasses import dataclass
from hashlib import sha256
from urllib.parse import parse_qsl

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from reasoner.serve import worker
from reasoner.serve.description import PREFIXES
from reasoner.serve.endpoint import Endpoint, description
from reasoner.serve.hosts import address
from reasoner.serve.negotiation import MEDIA, form
from reasoner.serve.pool import Pool
from reasoner.serve.problems import Problem
from reasoner.serve.reading import DEEPEST, Reading, read
from reasoner.serve.state import Snapshot, State

CORS = {"Access-Control-Allow-Origin": "*", "Access-Control-Expose-Headers": "ETag, Cache-Status, Retry-After, X-Nextstudy-Snapshot", "Vary": "Accept"}
PREFLIGHT = {**CORS, "Access-Control-Allow-Methods": "GET, HEAD, POST, OPTIONS", "Access-Control-Allow-Headers": "Accept, Content-Type, If-None-Match", "Access-Control-Max-Age": "86400"}
LONGEST, SHORT = 256 << 10, 4 << 10  # characters of a query that are taken, and that are read on the event loop
ANSWER_BYTES = 64 << 20


@dataclass(frozen=True)
class Asked:
    """A query and the dataset that the protocol names for it; None where it names none."""

    query: str
    default: tuple[str, ...] | None
    named: tuple[str, ...] | None


def router(state: State, endpoint: Endpoint) -> APIRouter:
    """The routes of the endpoint; they stand outside the OpenAPI, because their contract is the SPARQL Protocol."""
    routes = APIRouter()

    async def sparql(request: Request) -> Response:
        if request.method == "OPTIONS":
            return Response(None, 204, PREFLIGHT)
        try:
            asked = parameters(request, await body(request))
            snapshot = state.current
            pool = endpoint.ready(snapshot) or await endpoint.open(snapshot)
            if asked is None:
                return await describe(request, snapshot, pool)
            reading = read(asked.query) if len(asked.query) <= SHORT else await asyncio.to_thread(read.__wrapped__, asked.query)
            refuse(reading, asked, pool.graphs)
            return await answer(snapshot, pool, asked, reading, request.headers)
        except Problem as problem:
            return problem.response(CORS)

    async def describe(request: Request, snapshot: Snapshot, pool: Pool) -> Response:
        if "text/html" in request.headers.get("accept", "") and request.url.path == "/sparql":
            return RedirectResponse("/query", 303, CORS)
        wanted = form(request.headers.get("accept", ""), True) or "turtle"
        key = (f"{address(state.settings, request)}/sparql", wanted)
        if key not in pool.answers:
            pool.remember(key, MEDIA[wanted], await asyncio.to_thread(description, snapshot, *key), most=1 << 20)
        media, told = pool.answers[key]
        return Response(told, 200, {**CORS, **snapshot.header}, media)

    async def void(request: Request) -> Response:
        snapshot = state.current
        return await describe(request, snapshot, endpoint.ready(snapshot) or await endpoint.open(snapshot))

    routes.add_route("/sparql", sparql, methods=["GET", "POST", "OPTIONS"], include_in_schema=False)
    routes.add_route("/.well-known/void", void, methods=["GET"], include_in_schema=False)
    return routes


async def body(request: Request) -> bytes:
    """The body of a POST."""
    return await request.body() if request.method == "POST" else b""


def parameters(request: Request, body: bytes) -> Asked | None:
    """What a request asks; nothing when it is a GET without a query. Raises Problem for what is no query operation."""
    media = request.headers.get("content-type", "").split(";")[0].strip().lower()
    try:
        given = parse_qsl(request.scope["query_string"].decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=100)
        if request.method == "POST" and media == "application/x-www-form-urlencoded":
            given = parse_qsl(body.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=100)
        elif request.method == "POST" and media == "application/sparql-query":
            given = [pair for pair in given if pair[0] != "query"] + [("query", body.decode())]
        elif request.method == "POST" and media != "application/sparql-update":
            raise Problem(415, "media-type", "Send application/x-www-form-urlencoded or application/sparql-query.")
    except ValueError:
        raise Problem(400, "malformed-request", "The request is not UTF-8, or has too many parameters.") from None
    values = lambda name: [value for key, value in given if key == name]
    if media == "application/sparql-update" or values("update"):
        raise Problem(403, "read-only", "The data cannot be changed here.")
    queries = values("query")
    if not queries and request.method != "POST":
        return None
    if len(queries) != 1:
        raise Problem(400, "malformed-request", f"There must be one query; there are {len(queries)}.")
    if len(queries[0]) > LONGEST:
        raise Problem(413, "too-long", f"A query may have {LONGEST} characters.")
    default, named = tuple(values("default-graph-uri")), tuple(values("named-graph-uri"))
    return Asked(queries[0], default if default or named else None, named if default or named else None)


def refuse(reading: Reading, asked: Asked, served: frozenset[str]) -> None:
    """Raises Problem for a query that must not run."""
    if reading.updates:
        raise Problem(403, "read-only", "The data cannot be changed here.")
    if reading.service:
        raise Problem(403, "no-federation", "SERVICE is refused: this endpoint asks no other.")
    if reading.glued:
        raise Problem(400, "malformed-query", f"{reading.glued[:80]!r} contains SERVICE or FROM: write spaces around keywords, or another prefix.")
    for graph in (*reading.graphs, *(asked.default or ()), *(asked.named or ())):
        if graph not in served:
            raise Problem(403, "graph-not-served", f"The graph {graph[:200]!r} is not served here.", served=sorted(served))
    if reading.depth > DEEPEST:
        raise Problem(400, "too-nested", f"Brackets may nest {DEEPEST} deep.")


async def answer(snapshot: Snapshot, pool: Pool, asked: Asked, reading: Reading, headers) -> Response:
    """The answer to a query that may run."""
    wanted = form(headers.get("accept", ""), reading.is_graph)
    if wanted is None:
        raise Problem(406, "not-acceptable", f"The answer to this query can be had as {', '.join(sorted(set(offered(reading.is_graph))))}.")
    key = (asked.query, asked.default, asked.named, wanted)
    media, told = pool.answers.get(key, ("", b""))
    status = "nextstudy; hit" if media else "nextstudy; fwd=miss" if reading.steady else "nextstudy; fwd=bypass"
    if not media:
        media, told = MEDIA[wanted], await evaluate(pool, asked, reading, wanted)
        if reading.steady:
            pool.remember(key, media, told)
    tag = f'"{sha256(told).hexdigest()[:24]}"'
    sent = {**CORS, **snapshot.header, "ETag": tag, "Cache-Control": "no-cache", "Cache-Status": status}
    return Response(None, 304, sent) if headers.get("if-none-match") == tag else Response(told, 200, sent, media)


def offered(graph: bool) -> list[str]:
    """The media types of an answer."""
    return [MEDIA[name].split(";")[0] for name in (worker.GRAPHS if graph else worker.RESULTS)]


async def evaluate(pool: Pool, asked: Asked, reading: Reading, wanted: str) -> bytes:
    """The answer of a worker process. Raises Problem when there is none within the budget."""
    settings = pool.settings
    kind, payload = await pool.run({"query": asked.query, "form": wanted, "rows": settings.query_rows, "bytes": ANSWER_BYTES, "seconds": settings.query_seconds,
                                    "default": asked.default, "named": asked.named, "prefixes": PREFIXES if reading.is_graph else {}})
    if kind == worker.ANSWER:
        return payload
    if kind in (worker.ROWS, worker.BYTES):
        raise Problem(503, "over-budget", f"The answer has more than {settings.query_rows} rows." if kind == worker.ROWS else f"The answer has more than {ANSWER_BYTES >> 20} megabytes.")
    code = "malformed-query" if kind == worker.SYNTAX else "not-evaluated"
    raise Problem(400, code, payload.decode(errors="replace")[:500])
