"""The routes of the explorer: pages for clinicians and curators, which work without a script."""

import json

from fastapi import APIRouter, Request
from starlette.responses import Response

from reasoner.graph import query_files
from reasoner.graph.lookup import hint
from reasoner.serve.explorer import graph_pages
from reasoner.serve.explorer.pages import EDITOR, HEADERS, asset, page
from reasoner.serve.explorer.record_pages import template_values
from reasoner.serve.problems import Problem
from reasoner.serve.processes.dispatcher import Dispatcher
from reasoner.serve.snapshot import State
from reasoner.serve.sparql.description import PREFIXES

TABS = (
    "first-choice-with-least-radiation",
    "why-not-this-study",
    "what-is-rated-in-a-scenario",
    "where-a-source-disagrees",
    "what-changed-in-ratings",
)


def router(state: State, dispatcher: Dispatcher) -> APIRouter:
    """The routes of the explorer."""
    routes = APIRouter(include_in_schema=False)

    @routes.get("/")
    def index() -> Response:
        """Topics and scenarios, a search box, and a place to drop a record."""
        snapshot = state.current
        knowledge = snapshot.reasoner.knowledge
        return page(
            "index.html",
            snapshot=snapshot,
            topics=graph_pages.topics(knowledge),
            version=knowledge.version,
        )

    @routes.get("/scenarios/{name}")
    def scenario(name: str) -> Response:
        """A scenario."""
        snapshot = state.current
        knowledge = snapshot.reasoner.knowledge
        if shown := graph_pages.scenario(knowledge, name):
            return page("scenario.html", snapshot=snapshot, s=shown)
        return not_found("scenario", name, graph_pages.nearest_scenario(knowledge, name))

    @routes.get("/terms/{name}")
    def term(name: str) -> Response:
        """A term."""
        snapshot = state.current
        knowledge = snapshot.reasoner.knowledge
        if shown := graph_pages.term(knowledge, name.removeprefix("ia:")):
            return page("term.html", snapshot=snapshot, t=shown)
        return not_found("term", name, hint(knowledge, name))

    @routes.get("/search")
    def search(q: str = "") -> Response:
        """What a text names."""
        snapshot = state.current
        q, knowledge = q[:200], snapshot.reasoner.knowledge
        total, groups = graph_pages.search(knowledge, q)
        near = "" if total or not q.strip() else hint(knowledge, q)
        values = {"q": q, "total": total, "groups": groups, "hint": near}
        return page("search.html", snapshot=snapshot, **values)

    async def worker_page(task: str, body: bytes, part: bool = False, **head) -> Response:
        """The page of a worker process for a record or a form, or a page with the problem."""
        try:
            head = {"task": task, "part": part, **head}
            return await dispatcher.answer(state.current, head, body)
        except Problem as problem:
            values = template_values(None, error=problem.detail)
            template = "answer" if part else "drop"
            return page(f"{template}.html", 200 if part else problem.status, **values)

    @routes.get("/patient")
    async def patient(request: Request) -> Response:
        """The patient form, with the answer to what is chosen."""
        return await worker_page("form", request.scope["query_string"])

    @routes.get("/patient/answer")
    async def answer(request: Request, format: str | None = None) -> Response:
        """The answer alone, as a part of the page or in a format to copy."""
        return await worker_page("form-answer", request.scope["query_string"], True, format=format)

    @routes.get("/drop")
    def empty() -> Response:
        """The page on which a record can be dropped."""
        return page("drop.html", **template_values(None))

    @routes.post("/drop")
    async def drop(request: Request) -> Response:
        """The answer to a record: the body itself, or the file of a form. Nothing of it is kept."""
        kind, part = request.headers.get("content-type", ""), "part" in request.query_params
        return await worker_page("drop", await request.body(), part, type=kind)

    @routes.get("/query")
    def query() -> Response:
        """The editor of queries."""
        questions = [
            query_files.named("questions", name) for name in query_files.names("questions")
        ]
        shown = [
            {"name": q.name, "summary": q.header.get("summary", q.name), "text": q.text}
            for q in questions
        ]
        return page(
            "query.html",
            policy=EDITOR,
            questions=shown,
            tabs=json.dumps([q for q in shown if q["name"] in TABS]),
        )

    @routes.get("/query/prefixes.json")
    def prefixes() -> Response:
        """The prefixes that the editor offers."""
        return Response(json.dumps(PREFIXES), 200, HEADERS, "application/json")

    @routes.get("/static/{name:path}")
    def static(name: str, request: Request) -> Response:
        """A style sheet, script or license."""
        return asset(name, request.headers.get("if-none-match")) or not_found("file", name)

    return routes


def not_found(what: str, name: str, near: str = "") -> Response:
    """The page with status 404; `near` is a sentence that names the nearest match."""
    return page("nothing.html", 404, what=what, name=name[:200], hint=near)
