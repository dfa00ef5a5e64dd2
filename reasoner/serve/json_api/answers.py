"""The answer to a record, as a worker process gives it to the JSON API."""

from datetime import date

from starlette.responses import Response

from reasoner.errors import NextstudyError
from reasoner.intake.encoding import refuse_media
from reasoner.serve.json_responses import as_json, unreadable
from reasoner.serve.settings import Settings
from reasoner.serve.snapshot import Snapshot


def answer(snapshot: Snapshot, settings: Settings, head: dict, body: bytes) -> Response:
    """The answer to the record in a body.

    The head holds its media type, the day of asking, and whether the proof is included.
    """
    try:
        refuse_media(head["type"])
        on = date.fromisoformat(head["on"]) if head["on"] else None
        reply = snapshot.reasoner.reply(body, on)
        answer = reply.explained if head.get("explain") else reply.answer
        return as_json(answer, snapshot.header)
    except NextstudyError as error:
        return unreadable(error)
