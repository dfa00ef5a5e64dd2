"""The SPARQL 1.1 Protocol, read-only, at `/sparql`, with a cache of recent answers."""

import asyncio
from dataclasses import dataclass
from hashlib import sha256
from urllib.parse import parse_qsl

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from reasoner.serve.hosts import address
from reasoner.serve.problems import Problem, read_only
from reasoner.serve.processes.dispatcher import Dispatcher
from reasoner.serve.processes.pool import Pool
from reasoner.serve.snapshot import Snapshot, State
from reasoner.serve.sparql.description import description
from reasoner.serve.sparql.negotiation import MEDIA, form

EXPOSED = "ETag, Cache-Status, Retry-After, X-Nextstudy-Snapshot"
CORS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": EXPOSED,
    "Vary": "Accept",
}
PREFLIGHT = {
    **CORS,
    "Access-Control-Allow-Methods": "GET, HEAD, POST, OPTIONS",
    "Access-Control-Allow-Headers": "Accept, Content-Type, If-None-Match",
    "Access-Control-Max-Age": "86400",
}
LONGEST = 256 << 10  # characters of a query that are taken
FORM, SHORT = 1 << 20, 4 << 10  # bytes of a form that are taken, and read on the event loop
ACCEPT = 1000  # characters of an Accept header that are looked at


@dataclass(frozen=True)
class QueryRequest:
    """A query and the dataset that the protocol names for it; None where it names none."""

    query: str
    default: tuple[str, ...] | None
    named: tuple[str, ...] | None


def router(state: State, dispatcher: Dispatcher) -> APIRouter:
    """The routes of the endpoint, outside the OpenAPI: their contract is the SPARQL Protocol."""
    routes = APIRouter()

    async def sparql(request: Request) -> Response:
        if request.method == "OPTIONS":
            return Response(None, 204, PREFLIGHT)
        try:
            sent = await body(request)
            if len(sent) <= SHORT:
                asked = parameters(request, sent)
            else:
                asked = await asyncio.to_thread(parameters, request, sent)
            snapshot = state.current
            pool = (await dispatcher.pools_for(snapshot)).queries
            if asked is None:
                return await describe(request, snapshot, pool)
            return await answer(dispatcher, snapshot, pool, asked, request.headers)
        except Problem as problem:
            return problem.response(CORS)

    async def describe(request: Request, snapshot: Snapshot, pool: Pool) -> Response:
        accept = request.headers.get("accept", "")[:ACCEPT]
        if "text/html" in accept and request.url.path == "/sparql":
            return RedirectResponse("/query", 303, CORS)
        wanted = form(accept, True) or "turtle"
        key = (f"{address(state.settings, request)}/sparql", wanted)
        if key not in pool.answers:
            body_sent = await asyncio.to_thread(description, snapshot, *key)
            pool.remember(key, MEDIA[wanted], body_sent, most=1 << 20)
        media, body_sent = pool.answers[key]
        return Response(body_sent, 200, {**CORS, **snapshot.header}, media)

    async def void(request: Request) -> Response:
        snapshot = state.current
        return await describe(request, snapshot, (await dispatcher.pools_for(snapshot)).queries)

    methods = ["GET", "POST", "OPTIONS"]
    routes.add_route("/sparql", sparql, methods=methods, include_in_schema=False)
    routes.add_route("/.well-known/void", void, methods=["GET"], include_in_schema=False)
    return routes


async def body(request: Request) -> bytes:
    """The body of a POST."""
    return await request.body() if request.method == "POST" else b""


def parameters(request: Request, body: bytes) -> QueryRequest | None:
    """The query of a request; None when it is a GET without a query.

    Raises Problem for what is no query operation of the protocol.
    """
    media = request.headers.get("content-type", "").split(";")[0].strip().lower()
    if len(body) > FORM:
        raise Problem(413, "too-long", f"A query may have {LONGEST} characters.")
    try:
        given = parse_qsl(
            request.scope["query_string"].decode("ascii"),
            keep_blank_values=True,
            errors="strict",
            max_num_fields=100,
        )
        if request.method == "POST" and media == "application/x-www-form-urlencoded":
            given = parse_qsl(
                body.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=100
            )
        elif request.method == "POST" and media == "application/sparql-query":
            given = [pair for pair in given if pair[0] != "query"] + [("query", body.decode())]
        elif request.method == "POST" and media != "application/sparql-update":
            raise Problem(
                415,
                "media-type",
                "Send application/x-www-form-urlencoded or application/sparql-query.",
            )
    except ValueError:
        raise Problem(
            400, "malformed-request", "The request is not UTF-8, or has too many parameters."
        ) from None
    if media == "application/sparql-update" or named(given, "update"):
        raise read_only()
    queries = named(given, "query")
    if not queries and request.method != "POST":
        return None
    if len(queries) != 1:
        raise Problem(
            400, "malformed-request", f"There must be one query; there are {len(queries)}."
        )
    if len(queries[0]) > LONGEST:
        raise Problem(413, "too-long", f"A query may have {LONGEST} characters.")
    default = tuple(named(given, "default-graph-uri"))
    graphs = tuple(named(given, "named-graph-uri"))
    if not default and not graphs:
        return QueryRequest(queries[0], None, None)
    return QueryRequest(queries[0], default, graphs)


def named(given: list[tuple[str, str]], name: str) -> list[str]:
    """The values of a parameter."""
    return [value for key, value in given if key == name]


async def answer(
    dispatcher: Dispatcher, snapshot: Snapshot, pool: Pool, asked: QueryRequest, headers
) -> Response:
    """The answer to a query: from the cache, or from a worker process."""
    accept = headers.get("accept", "")[:ACCEPT]
    key = (asked.query, asked.default, asked.named, accept)
    media, content = pool.answers.get(key, ("", b""))
    status = "hit"
    if not media:
        head = {"accept": accept, "default": asked.default, "named": asked.named}
        response = await dispatcher.query(snapshot, head, asked.query.encode())
        if response.status_code != 200:
            response.headers.update(CORS)
            return response
        media, content = response.headers["content-type"], bytes(response.body)
        steady = response.headers.get("cache-control") != "no-store"
        status = "fwd=miss" if steady else "fwd=bypass"
        if steady:
            pool.remember(key, media, content)
    tag = f'"{sha256(content).hexdigest()[:24]}"'
    sent = {
        **CORS,
        **snapshot.header,
        "ETag": tag,
        "Cache-Control": "no-cache",
        "Cache-Status": f"nextstudy; {status}",
    }
    if headers.get("if-none-match") == tag:
        return Response(None, 304, sent)
    return Response(content, 200, sent, media)
