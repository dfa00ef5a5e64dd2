"""CDS Hooks 2.0: discovery, the three services, and feedback."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Path, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from reasoner.errors import InputError
from reasoner.serve.cds_hooks import openapi as shapes
from reasoner.serve.cds_hooks.feedback import (
    Sent,
    of_cards_sent,
    read_feedback,
    refuse_form,
    take_ids,
)
from reasoner.serve.cds_hooks.feedback_file import FeedbackFile
from reasoner.serve.cds_hooks.prefetch import prefetch_templates
from reasoner.serve.cds_hooks.tokens import Gate, TokenRefused
from reasoner.serve.hosts import address
from reasoner.serve.json_api.openapi import PROBLEMS, openapi_body
from reasoner.serve.json_responses import as_json, missing, unreadable
from reasoner.serve.problems import Problem
from reasoner.serve.processes.dispatcher import Dispatcher
from reasoner.serve.snapshot import Snapshot, State

USAGE = (
    "Decision support for professionals; not a medical device and not a qualified mechanism of the "
    "PAMA program. Answers from what is sent: nothing is fetched."
)
RATES = (
    "by published appropriateness criteria, offers rated alternatives, warns of pitfalls, and asks "
    "when facts are missing."
)
CHALLENGE = {"WWW-Authenticate": 'Bearer error="invalid_token"'}


@dataclass(frozen=True)
class Service:
    """A service as discovery lists it."""

    id: str
    hook: str
    title: str
    description: str


SERVICES = {
    s.id: s
    for s in (
        Service(
            "imaging-order-select",
            "order-select",
            "Imaging appropriateness of selected orders",
            f"Rates draft imaging orders {RATES}",
        ),
        Service(
            "imaging-order-sign",
            "order-sign",
            "Imaging appropriateness of orders to sign",
            f"Rates imaging orders about to be signed {RATES}",
        ),
        Service(
            "imaging-patient-view",
            "patient-view",
            "The next imaging study",
            "Says which imaging study comes next for a problem in the chart, by published "
            "appropriateness criteria, and what to ask first.",
        ),
    )
}
FEEDBACK = 1 << 20  # bytes of feedback that are taken
Name = Annotated[
    str, Path(description="The id of a service", json_schema_extra={"enum": list(SERVICES)})
]


def discovery(snapshot: Snapshot) -> dict:
    """The services, with what each wants to be sent."""
    prefetch = prefetch_templates(snapshot.reasoner.knowledge)
    return {
        "services": [
            {
                "id": s.id,
                "hook": s.hook,
                "title": s.title,
                "description": s.description,
                "usageRequirements": USAGE,
                "prefetch": prefetch,
            }
            for s in SERVICES.values()
        ]
    }


def router(state: State, dispatcher: Dispatcher) -> APIRouter:
    """The routes of CDS Hooks."""
    routes, gate = APIRouter(prefix="/cds-services", tags=["CDS Hooks"]), Gate(state.settings)
    file = FeedbackFile(state.settings.feedback, state.settings.feedback_megabytes)
    sent = Sent()

    def refused(request: Request) -> Response | None:
        """The response to a request whose token is not accepted."""
        try:
            gate.check(request.headers.get("authorization"), request.url.path)
        except TokenRefused as error:
            again = {"Retry-After": "60"} if error.status == 429 else CHALLENGE
            return Problem(error.status, "token-refused", str(error), again).response()
        return None

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
        if service not in SERVICES:
            return missing("service", f"The services are {', '.join(SERVICES)}.")
        if no := refused(request):
            return no
        base = address(state.settings, request)
        head = {"task": "hook", "hook": SERVICES[service].hook, "base": base}
        body = await request.body()
        try:
            response = await dispatcher.answer(state.current, head, body)
        except Problem as problem:
            return problem.response()
        ids = take_ids(response)
        if file.path:
            sent.note(ids)
        return response

    @routes.post(
        "/{service}/feedback",
        responses={200: {"model": shapes.Kept}} | PROBLEMS | shapes.NOT_KEPT,
        openapi_extra=openapi_body(shapes.Feedback, "application/json"),
    )
    async def feedback(service: Name, request: Request) -> Response:
        """Takes note of what became of cards; kept without patient data, or not at all."""
        if service not in SERVICES:
            return missing("service", f"The services are {', '.join(SERVICES)}.")
        if no := refused(request):
            return no
        body, version = await request.body(), state.current.reasoner.knowledge.version
        if len(body) > FEEDBACK:
            detail = f"Feedback may have {FEEDBACK >> 20} megabyte."
            return Problem(413, "too-large", detail).response()

        def store() -> dict:
            refuse_form(request.headers.get("content-type", ""))
            rows = read_feedback(body, service, version)
            if not file.path:
                return {"received": len(rows), "kept": 0}
            known = of_cards_sent(rows, sent)
            counts = {"received": len(rows), "kept": file.keep(known)}
            return counts | {"unknown": len(rows) - len(known)}

        try:
            return as_json(await run_in_threadpool(store))
        except InputError as error:
            return unreadable(error)
        except Problem as problem:
            return problem.response()

    return routes
