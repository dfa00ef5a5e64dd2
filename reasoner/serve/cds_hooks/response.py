"""The response of a CDS Hooks service to a request, as a worker process makes it."""

import orjson
from starlette.responses import Response

from reasoner.answer.order_verdicts import Verdict, Verdicts
from reasoner.errors import InputError
from reasoner.serve.cds_hooks.cards import Cards
from reasoner.serve.cds_hooks.feedback import put_ids
from reasoner.serve.cds_hooks.order_cards import OrderCards
from reasoner.serve.cds_hooks.pama import unrated
from reasoner.serve.cds_hooks.request import Draft, has_id
from reasoner.serve.cds_hooks.request_reader import read_request
from reasoner.serve.json_responses import unreadable
from reasoner.serve.settings import Settings
from reasoner.serve.snapshot import Snapshot

EXTENSION = "org.w3id.imaging-appropriateness"


def answer(snapshot: Snapshot, settings: Settings, head: dict, body: bytes) -> Response:
    """The response to the request in a body.

    The head holds the hook and the address of the service. Raises Problem where what was sent is
    not enough.
    """
    try:
        response = respond(snapshot, settings, head["hook"], body, head["base"])
        content = orjson.dumps(response)
    except InputError as error:
        return unreadable(error)
    except orjson.JSONEncodeError:
        return unreadable(
            "context.draftOrders: an order is nested too deeply to be sent back. "
            "No element of an order is a hundred levels deep."
        )
    return put_ids(Response(content, media_type="application/json"), response)


def respond(snapshot: Snapshot, settings: Settings, hook: str, body: bytes, base: str) -> dict:
    """The response of a service to a request.

    Raises InputError for what cannot be read, and Problem where what was sent is not enough.
    """
    request = read_request(body, hook)
    drawn = hook != "patient-view"
    if drawn and not request.selected:
        return {"cards": []} | extension(snapshot, request.notes, {})
    reply = snapshot.reasoner.reply(request.document)
    knowledge, answer = snapshot.reasoner.knowledge, reply.answer
    shown, actions = [], []
    if drawn:
        mechanism, alias = settings.mechanism, settings.no_criteria_alias
        orders = OrderCards(knowledge, request, base, answer, mechanism, alias)
        ordered, verdicts = set(reply.record.orders), Verdicts(answer)
        drafts = [draft for draft in request.selected if draft.name in ordered]
        judged = [(draft, verdicts.of(draft.name)) for draft in drafts]
        shown = orders.cards(judged)
        actions = [one for draft, verdict in judged for one in action(orders, draft, verdict)]
        names = {draft.name for draft in drafts}
        concerned = [p for p in answer["presentations"] if names & {o["id"] for o in p["orders"]}]
        shown += [card for p in concerned for card in orders.alerts(p, names)]
    else:
        cards = Cards(knowledge, request, base, answer)
        shown = [
            card for p in answer["presentations"] for card in (cards.glance(p), *cards.alerts(p))
        ]
    notes = request.notes + [n["message"] for n in answer["notes"]]
    return (
        {"cards": shown}
        | ({"systemActions": actions} if actions else {})
        | extension(snapshot, notes, {"systemActions": actions} if actions else {})
    )


def action(orders: OrderCards, draft: Draft, verdict: Verdict) -> list[dict]:
    """The system action that writes a rating into an order, or takes away one that no longer holds.

    None where there is nothing to do.
    """
    if not has_id(draft.sent):
        return []
    if verdict.code:
        return [
            {
                "type": "update",
                "description": "Record the appropriateness rating in the order",
                "resource": orders.rate(draft.sent, verdict),
            }
        ]
    stale = unrated(draft.sent)
    return (
        [
            {
                "type": "update",
                "description": "Remove the earlier rating: too little is known to give one now",
                "resource": stale,
            }
        ]
        if stale
        else []
    )


def extension(snapshot: Snapshot, notes: list[str], more: dict) -> dict:
    """The extension of a response: by which graph it was made, what had to be forgiven, and more.

    `more` are the system actions once more: the Argonaut guide and the public sandbox read them
    here, CDS Hooks 2.0 at the top.
    """
    about = {"version": snapshot.reasoner.knowledge.version, "snapshot": snapshot.number} | (
        {"notes": notes} if notes else {}
    )
    return {"extension": more | {EXTENSION: about}}
