"""The JSON API: answers, terms, scenarios, health and what this is."""

import platform
from datetime import date
from importlib.metadata import version

from fastapi import APIRouter, Path, Query, Request
from starlette.responses import Response

from reasoner.graph.lookup import hint
from reasoner.serve.explorer import graph_pages
from reasoner.serve.json_api import openapi as models
from reasoner.serve.json_api import terms
from reasoner.serve.json_api.openapi import PROBLEMS, answer_schema
from reasoner.serve.json_responses import as_json, missing
from reasoner.serve.problems import Problem
from reasoner.serve.processes.dispatcher import Dispatcher
from reasoner.serve.snapshot import State

ENGINES = ("pyoxigraph", "rdflib", "pyshacl", "orjson", "fastapi", "uvicorn")
NOTES = [
    "Decision support for professionals, who decide; not a medical device, and not a qualified "
    "mechanism of the PAMA program.",
    "Ratings: American College of Radiology, ACR Appropriateness Criteria; not endorsed by the "
    "ACR.",
    "Text in records is not read; what is not used of a record is said in a note.",
    "Topics that the graph does not cover have the outcome no-criteria.",
]
RECORD = {
    "requestBody": {
        "required": True,
        "content": {
            media: {
                "schema": {"type": "object"},
                "example": {
                    "resourceType": "Bundle",
                    "type": "collection",
                    "entry": [{"resource": {"resourceType": "Patient", "id": "p1"}}],
                },
            }
            for media in ("application/fhir+json", "application/json")
        },
    }
}
ANSWER = {
    200: {
        "description": "The answer; its schema is the contract of every door",
        "content": {"application/json": {"schema": answer_schema()}},
    }
}


def router(state: State, dispatcher: Dispatcher) -> APIRouter:
    """The routes of the JSON API."""
    routes = APIRouter(tags=["JSON API"])

    @routes.post("/api/answer", responses=ANSWER | PROBLEMS, openapi_extra=RECORD)
    async def answer(request: Request, on: date | None = None, explain: bool = False) -> Response:
        """The answer for a FHIR R4 Bundle, a list or NDJSON of resources, a CDS Hooks request or a
        Turtle patient graph; `on` is the day of asking, `explain` adds the steps of the proof.
        """
        kind, day = request.headers.get("content-type", ""), on and on.isoformat()
        head, body = {"task": "answer", "type": kind, "on": day}, await request.body()
        head["explain"] = explain
        try:
            return await dispatcher.answer(state.current, head, body)
        except Problem as problem:
            return problem.response()

    @routes.get("/api/terms", response_model=models.Terms)
    def find_terms(
        search: str = Query("", max_length=200), limit: int = Query(50, ge=1, le=1000)
    ) -> Response:
        """The terms that a text names: by label, other label, definition or code."""
        snapshot = state.current
        matches = terms.search(snapshot.reasoner.knowledge, search)
        data = {"search": search, "total": len(matches), "terms": matches[:limit]}
        if not matches:
            data["hint"] = hint(snapshot.reasoner.knowledge, search)
        return as_json(data, snapshot.header)

    @routes.get("/api/scenarios", response_model=models.Scenarios)
    def list_scenarios(edition: str | None = Query(None, max_length=200)) -> Response:
        """The scenarios of an edition, such as ia:SoftTissueMasses2022, or of all."""
        snapshot = state.current
        return as_json(
            {"scenarios": terms.scenarios(snapshot.reasoner.knowledge, edition)}, snapshot.header
        )

    @routes.get(
        "/api/scenarios/{id}",
        response_model=models.Scenario,
        responses={404: PROBLEMS[404]},
        description="A scenario with its criteria, exclusions, differential and ratings; `id` is a "
        "local name or a CURIE.",
    )
    def one_scenario(
        id: str = Path(examples=["DeepMassInitialImaging", "ia:DeepMassInitialImaging"]),
    ) -> Response:
        snapshot = state.current
        shown = terms.scenario(snapshot.reasoner.knowledge, id)
        if shown:
            return as_json(shown, snapshot.header)
        near = graph_pages.nearest_scenario(snapshot.reasoner.knowledge, id)
        return missing("scenario", f"{near} List them at /api/scenarios.".strip())

    @routes.get("/health", response_model=models.Health)
    async def health() -> Response:
        """Whether the service answers, and with which snapshot."""
        return as_json({"status": "ok", "snapshot": state.current.number})

    @routes.get("/about", response_model=models.About)
    def about() -> Response:
        """The versions of program, graph, editions and engines, and what this is not."""
        snapshot = state.current
        knowledge = snapshot.reasoner.knowledge
        return as_json(
            {
                "name": "nextstudy",
                "version": version("nextstudy"),
                "graph": knowledge.version,
                "snapshot": snapshot.number,
                "editions": [terms.named(knowledge, e) for e in knowledge.editions],
                "engines": {"python": platform.python_version()}
                | {name: version(name) for name in ENGINES},
                "notes": NOTES,
            },
            snapshot.header,
        )

    return routes
