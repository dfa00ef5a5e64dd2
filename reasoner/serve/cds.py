"""CDS Hooks 2.0: discovery, the three services, and feedback."""

from dataclasses import dataclass
from typing import Annotated

import orjson
from fastapi import APIRouter, Path, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from reasoner.errors import InputError
from reasoner.judge import Judge, Verdict
from reasoner.serve import hook_models as shapes
from reasoner.serve.cards import Cards
from reasoner.serve.feedback import Sent, ids_of, of_cards_sent, read_feedback, refuse_form
from reasoner.serve.feedback_file import FeedbackFile
from reasoner.serve.hook_request import Draft, has_id
from reasoner.serve.hooks import read_request
from reasoner.serve.hosts import address
from reasoner.serve.models import PROBLEMS, openapi_body
from reasoner.serve.pama import unrated
from reasoner.serve.prefetch import prefetch_templates
from reasoner.serve.problems import Problem
from reasoner.serve.replies import as_json, missing, unreadable
from reasoner.serve.settings import Settings
from reasoner.serve.state import Snapshot, State
from reasoner.serve.tokens import Gate, TokenRefused

USAGE = "Decision support for professionals; not a medical device and not a qualified mechanism of the PAMA program. Answers from what is sent: nothing is fetched."
TOLD = {"WWW-Authenticate": 'Bearer error="invalid_token"'}
EXTENSION = "org.w3id.imaging-appropriateness"


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


def respond(snapshot: Snapshot, settings: Settings, service: Service, body: bytes, base: str) -> dict:
    """The response of a service to a request.

    Raises InputError for what cannot be read, and Problem where what was sent is not enough.
    """
    request = read_request(body, service.hook)
    drawn = service.hook != "patient-view"
    if drawn and not request.selected:
        return {"cards": []} | told(snapshot, request.notes, {})
    reply = snapshot.reasoner.reply(request.document)
    knowledge, answer = snapshot.reasoner.knowledge, reply.answer
    cards = Cards(knowledge, request, base, settings.mechanism, settings.no_criteria_alias, answer)
    made, actions = [], []
    if drawn:
        ordered, judge = set(reply.record.orders), Judge(knowledge, answer)
        drafts = [draft for draft in request.selected if draft.name in ordered]
        judged = [(draft, judge.verdict(draft.name)) for draft in drafts]
        made = cards.orders(judged)
        actions = [one for draft, verdict in judged for one in action(cards, draft, verdict)]
        names = {draft.name for draft in drafts}
        concerned = [p for p in answer["presentations"] if names & {o["id"] for o in p["orders"]}]
        made += [card for p in concerned for card in cards.alerts(p, names)]
    else:
        made = [
            card for p in answer["presentations"] for card in (cards.glance(p), *cards.alerts(p))
        ]
    notes = request.notes + [n["message"] for n in answer["notes"]]
    return {"cards": made} | ({"systemActions": actions} if actions else {}) | told(snapshot, notes, {"systemActions": actions} if actions else {})


def action(cards: Cards, draft: Draft, verdict: Verdict) -> list[dict]:
    """The system action that writes a rating into an order, or takes away one that no longer holds; none where there is nothing to do."""
    if not has_id(draft.sent):
        return []
    if verdict.code:
        return [
            {
                "type": "update",
                "description": "Record the appropriateness rating in the order",
                "resource": cards.rate(draft.sent, verdict),
            }
        ]
    stale = unrated(draft.sent)
    return [{"type": "update", "description": "Remove the earlier rating: too little is known to give one now", "resource": stale}] if stale else []


def told(snapshot: Snapshot, notes: list[str], more: dict) -> dict:
    """The extension of a response: by which graph it was made, what had to be forgiven, and the system actions once more.

    The Argonaut guide and the public sandbox read system actions here; CDS Hooks 2.0 reads them at the top.
    """
    about = {"version": snapshot.reasoner.knowledge.version, "snapshot": snapshot.number} | ({"notes": notes} if notes else {})
    return {"extension": more | {EXTENSION: about}}


def router(state: State) -> APIRouter:
    """The routes of CDS Hooks."""
    routes, gate = APIRouter(prefix="/cds-services", tags=["CDS Hooks"]), Gate(state.settings)
    file = FeedbackFile(state.settings.feedback, state.settings.feedback_megabytes)
    sent = Sent()

    def refused(request: Request) -> Response | None:
        """The response to a request whose token is not accepted."""
        try:
            gate.check(request.headers.get("authorization"), request.url.path)
        except TokenRefused as error:
            again = {"Retry-After": "60"} if error.status == 429 else TOLD
            return Problem(error.status, "token-refused", str(error), again).response()
        return None

    @routes.get("", responses={200: {"model": shapes.Discovery}})
    def services() -> Response:
        """The services, their hooks, and what each wants to be sent."""
        return as_json(discovery(state.current))

    async def run(work) -> Response:
        """What some work answers, or the problem document that says why it cannot."""
        try:
            return Response(await run_in_threadpool(work), media_type="application/json")
        except InputError as error:
            return unreadable(error)
        except Problem as problem:
            return problem.response()
        except orjson.JSONEncodeError:
            return unreadable("context.draftOrders: an order is nested too deeply to be sent back. "
                              "No element of an order is a hundred levels deep.")

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
        body, snapshot = await request.body(), state.current

        def made() -> bytes:
            response = respond(snapshot, state.settings, SERVICES[service], body, base)
            written = orjson.dumps(response)
            if file.path:
                sent.note(ids_of(response))
            return written

        return await run(made)

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

        def store() -> bytes:
            refuse_form(request.headers.get("content-type", ""))
            rows = read_feedback(body, service, version)
            if not file.path:
                return orjson.dumps({"received": len(rows), "kept": 0})
            known = of_cards_sent(rows, sent)
            counted = {"received": len(rows), "kept": file.keep(known)}
            return orjson.dumps(counted | {"unknown": len(rows) - len(known)})

        return await run(store)

    return routes
