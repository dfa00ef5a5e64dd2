"""The explorer: the pages that a clinician or curator sees. They are made here, and work without a script."""

import json
from email import message_from_bytes

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from reasoner import queries
from reasoner.ask import Reply
from reasoner.errors import NextstudyError
from reasoner.explain import resource
from reasoner.names import expand
from reasoner.render import FORMATS, heading
from reasoner.serve import browse, patient_form
from reasoner.serve.description import PREFIXES
from reasoner.serve.pages import EDITOR, HEADERS, asset, page
from reasoner.serve.patient_form import Form, parse
from reasoner.serve.proof_graph import drawing, unrepeated
from reasoner.serve.state import Snapshot, State
from reasoner.what_if import what_if

MEDIA = {"markdown": "text/markdown", "json": "application/json", "turtle": "text/turtle"}
TABS = ("first-choice-with-least-radiation", "why-not-this-study", "what-is-rated-in-a-scenario", "where-a-source-disagrees", "what-changed-in-ratings")


def router(state: State) -> APIRouter:
    """The routes of the explorer."""
    routes = APIRouter(include_in_schema=False)

    @routes.get("/")
    def index() -> Response:
        """Topics and scenarios, a search box, and a place to drop a record."""
        snapshot = state.current
        knowledge = snapshot.reasoner.knowledge
        return page("index.html", snapshot=snapshot, topics=browse.topics(knowledge), version=knowledge.version)

    @routes.get("/scenarios/{name}")
    def scenario(name: str) -> Response:
        """A scenario."""
        snapshot = state.current
        found = browse.scenario(snapshot.reasoner.knowledge, name)
        return page("scenario.html", snapshot=snapshot, s=found) if found else nothing("scenario", name)

    @routes.get("/terms/{name}")
    def term(name: str) -> Response:
        """A term."""
        snapshot = state.current
        found = browse.term(snapshot.reasoner.knowledge, name.removeprefix("ia:"))
        return page("term.html", snapshot=snapshot, t=found) if found else nothing("term", name)

    @routes.get("/search")
    def search(q: str = "") -> Response:
        """What a text names."""
        snapshot = state.current
        total, groups = browse.search(snapshot.reasoner.knowledge, q[:200])
        return page("search.html", snapshot=snapshot, q=q[:200], total=total, groups=groups)

    @routes.get("/patient")
    def patient(request: Request) -> Response:
        """The patient form, with the answer to what is chosen."""
        snapshot, form = state.current, parse(request.query_params.multi_items())
        found = answered(snapshot, form)
        return page("patient.html", 400 if found["error"] else 200, snapshot=snapshot, form=form, options=patient_form.options(snapshot.reasoner.knowledge), **found)

    @routes.get("/patient/answer")
    def answer(request: Request, format: str | None = None) -> Response:
        """The answer alone, as a part of the page or in a format to copy."""
        snapshot, form = state.current, parse(request.query_params.multi_items())
        if format not in MEDIA:
            return page("answer.html", snapshot=snapshot, **answered(snapshot, form))
        try:
            written = FORMATS[format](reply(snapshot, form), True)
        except NextstudyError as error:
            return Response(str(error), 400, HEADERS, "text/plain")
        return Response(written, 200, HEADERS | snapshot.header | {"Cache-Control": "no-store"}, MEDIA[format])

    @routes.get("/drop")
    def empty() -> Response:
        """The page on which a record can be dropped."""
        return page("drop.html", **told(None))

    @routes.post("/drop")
    async def drop(request: Request) -> Response:
        """The answer to a record: the body itself, or the file of a form. Nothing of it is kept."""
        body, snapshot = await request.body(), state.current
        data, part = uploaded(body, request.headers.get("content-type", "")), "part" in request.query_params

        def made() -> Response:
            try:
                found = told(snapshot, snapshot.reasoner.reply(data))
            except NextstudyError as error:
                found = told(None, error=str(error))
            return page("answer.html" if part else "drop.html", 400 if found["error"] and not part else 200, snapshot=snapshot, **found)

        return await run_in_threadpool(made)

    @routes.get("/query")
    def query() -> Response:
        """The editor of queries."""
        found = [queries.named("questions", name) for name in queries.names("questions")]
        shown = [{"name": q.name, "summary": q.header.get("summary", q.name), "text": q.text} for q in found]
        return page("query.html", policy=EDITOR, questions=shown, tabs=json.dumps([q for q in shown if q["name"] in TABS]))

    @routes.get("/query/prefixes.json")
    def prefixes() -> Response:
        """The prefixes that the editor offers."""
        return Response(json.dumps(PREFIXES), 200, HEADERS, "application/json")

    @routes.get("/static/{name:path}")
    def static(name: str, request: Request) -> Response:
        """A style sheet, script or license."""
        return asset(name, request.headers.get("if-none-match")) or nothing("file", name)

    return routes


def nothing(what: str, name: str) -> Response:
    """The page for something that is not there."""
    return page("nothing.html", 404, what=what, name=name[:200])


def reply(snapshot: Snapshot, form: Form) -> Reply:
    """The reply to a form. Raises InputError for a value that the form does not offer."""
    reasoner = snapshot.reasoner
    record = patient_form.record(reasoner.knowledge, form)
    return Reply(reasoner.knowledge, record, reasoner.memory.answer(record))


def answered(snapshot: Snapshot, form: Form) -> dict:
    """What the page shows of the answer to a form."""
    if form.empty:
        return told(None)
    try:
        return told(snapshot, reply(snapshot, form), form.query())
    except NextstudyError as error:
        return told(None, error=str(error))


def told(snapshot: Snapshot | None, reply: Reply | None = None, link: str | None = None, error: str | None = None) -> dict:
    """What an answer's template needs; with a link, copies are fetched, without one they are in the page."""
    shown = []
    for presentation in reply.answer["presentations"] if reply else ():
        iri = next(p for p in reply.record.presentations if resource(p) == presentation["id"])
        shown.append({**presentation, "heading": heading(presentation).removesuffix(" (presentation)"), "proof": unrepeated(reply.proofs(presentation["id"])), "drawing": json.dumps(drawing(reply, iri)),
                      "what_if": what_if(snapshot.reasoner.memory, reply.record, iri, presentation)})
    copies = {} if link or not reply else {name: as_text(FORMATS[name](reply, True)) for name in MEDIA}
    return {"presentations": shown, "answer": reply.answer if reply else None, "link": link, "error": error, "copies": copies,
            "label_of": (lambda name: snapshot.reasoner.knowledge.label(expand(name))) if snapshot else str}


def as_text(written: str | bytes) -> str:
    """A rendering as text."""
    return written.decode() if isinstance(written, bytes) else written


def uploaded(body: bytes, kind: str) -> bytes:
    """The record in a request: the first file or field of a form, or the whole body."""
    if not kind.lower().startswith("multipart/form-data"):
        return body
    parts = message_from_bytes(b"Content-Type: " + kind.encode("latin-1", "replace") + b"\r\n\r\n" + body)
    found = [part.get_payload(decode=True) or b"" for part in parts.walk() if not part.is_multipart()]
    return next((data for data in found if data.strip()), b"")
