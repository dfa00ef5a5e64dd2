"""CDS Hooks 2.0: discovery, the three services, and feedback."""

from dataclasses import dataclass
from typing import Annotated

import orjson
from fastapi import APIRouter, Path, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from reasoner.errors import InputError
from reasoner.serve import hook_models as shapes
from reasoner.serve.feedback import keep, read_feedback
from reasoner.serve.models import PROBLEMS, openapi_body
from reasoner.serve.prefetch import prefetch_templates
from reasoner.serve.problems import Problem
from reasoner.serve.processes.processes import Processes
from reasoner.serve.replies import as_json, missing, unreadable
from reasoner.serve.state import Snapshot, State
from reasoner.serve.tokens import Gate, TokenRefused

USAGE = "Decision support for professionals; not a medical device and not a qualified mechanism of the PAMA program. Answers from what is sent: nothing is fetched."


@dataclass(frozen=True)
class Service:
    """A service as discovery lists it."""

    id: str
    hook: str
    title: str
    description: str


SERVICES = {s.id: s for s in (
    Service("imaging-order-select", "order-select", "Imaging appropriateness of selected orders",
            "Rates draft imaging orders by published appropriateness criteria, offers rated alternatives, warns of pitfalls, and asks when facts are missing."),
    Service("imaging-order-sign", "order-sign", "Imaging appropriateness of orders to sign",
            "Rates imaging orders about to be signed by published appropriateness criteria, offers rated alternatives, warns of pitfalls, and asks when facts are missing."),
    Service("imaging-patient-view", "patient-view", "The next imaging study",
            "Says which imaging study comes next for a problem in the chart, by published appropriateness criteria, and what to ask first."))}
Name = Annotated[str, Path(description="The id of a service", json_schema_extra={"enum": list(SERVICES)})]


def discovery(snapshot: Snapshot) -> dict:
    """The services, with what each wants to be sent."""
    prefetch = prefetch_templates(snapshot.reasoner.knowledge)
    return {"services": [{"id": s.id, "hook": s.hook, "title": s.title, "description": s.description, "usageRequirements": USAGE, "prefetch": prefetch} for s in SERVICES.values()]}


def router(state: State, processes: Processes) -> APIRouter:
    """The routes of CDS Hooks."""
    routes, gate = APIRouter(prefix="/cds-services", tags=["CDS Hooks"]), Gate(state.settings)

    def refused(request: Request, base: str) -> Response | None:
        """The response to a request whose token is not accepted."""
        try:
            gate.check(request.headers.get("authorization"), base + request.url.path, request.url.path)
        except TokenRefused as error:
            return Problem(401, "token-refused", str(error), {"WWW-Authenticate": 'Bearer error="invalid_token"'}).response()
        return None

    def address(request: Request) -> str:
        """The address under which the client reaches this service."""
        return (state.settings.base_url or str(request.base_url)).rstrip("/")

    @routes.get("", responses={200: {"model": shapes.Discovery}})
    def services() -> Response:
        """The services, their hooks, and what each wants to be sent."""
        return as_json(discovery(state.current))

    @routes.post(
        "/{service}",
        responses={200: {"model": shapes.HookResponse}} | PROBLEMS | shapes.NOT_SENT,
        openapi_extra=openapi_body(shapes.HookRequest, "application/json"),
    )
    async def call(service: Name, request: Request) -> Response:
        """The cards and system actions for a request of a hook."""
        base = address(request)
        if service not in SERVICES:
            return missing("service", f"The services are {', '.join(SERVICES)}.")
        if no := refused(request, base):
            return no
        head = {"task": "hook", "hook": SERVICES[service].hook, "base": base}
        try:
            return await processes.answer(state.current, head, await request.body())
        except Problem as problem:
            return problem.response()

    @routes.post("/{service}/feedback", responses={200: {"model": shapes.Kept}} | PROBLEMS, openapi_extra=openapi_body(shapes.Feedback, "application/json"))
    async def feedback(service: Name, request: Request) -> Response:
        """Takes note of what became of cards; kept without patient data, or not at all."""
        if service not in SERVICES:
            return missing("service", f"The services are {', '.join(SERVICES)}.")
        if no := refused(request, address(request)):
            return no
        body, version = await request.body(), state.current.reasoner.knowledge.version

        def store() -> bytes:
            rows = read_feedback(body, service, version)
            return orjson.dumps({"received": len(rows), "kept": keep(state.settings.feedback, rows)})

        try:
            return Response(await run_in_threadpool(store), media_type="application/json")
        except InputError as error:
            return unreadable(error)
        except OSError:
            return Problem(503, "feedback-not-kept", "The file of the feedback cannot be written now; send it again later.").response()

    return routes
