"""Reads feedback of CDS Hooks on cards, without patient data.

Only cards that this service sent lately count, only values of a fixed form, and no free text.
"""

import re
import threading
from datetime import UTC, datetime
from itertools import islice
from uuid import UUID

import orjson
from starlette.responses import Response

from reasoner.errors import InputError
from reasoner.intake.bundle import as_list, parse
from reasoner.serve.cds_hooks.card_texts import OVERRIDE_SYSTEM, OVERRIDES
from reasoner.serve.problems import Problem

OUTCOMES = ("accepted", "overridden")
HINT = (
    'Send {"feedback": [{"card": uuid, "outcome": "accepted" or "overridden", '
    '"outcomeTimestamp": instant}]}.'
)
MOST = 1000  # pieces of feedback in one request
MEDIA = "application/json"  # which a page of another origin cannot send without being allowed to
SPELLED = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}")
IDS = "X-Nextstudy-Cards"  # between a worker process and the service, and no further
REMEMBERED = 100_000  # cards of which feedback is taken: the newest that were sent

Ids = list[tuple[str, list[str]]]  # the id of each card, and the ids of its suggestions


def ids_of(response: dict) -> Ids:
    """The ids of the cards of a response, each with those of its suggestions."""
    return [
        (card["uuid"], [s["uuid"] for s in card.get("suggestions", [])])
        for card in response["cards"]
    ]


def put_ids(result: Response, response: dict) -> Response:
    """A response of a worker process with the ids of its cards, for `take_ids`."""
    result.headers[IDS] = orjson.dumps(ids_of(response)).decode()
    return result


def take_ids(result: Response) -> Ids:
    """The ids of the cards of a response of a worker process, which no client is sent."""
    given = result.headers.get(IDS)
    if given is None:
        return []
    del result.headers[IDS]
    return orjson.loads(given)


class Sent:
    """The ids of the cards that were sent lately; the oldest are forgotten, all when it ends."""

    def __init__(self, most: int = REMEMBERED):
        self.most = most
        self._lock = threading.Lock()
        self._known: dict[bytes, tuple[bytes, ...]] = {}

    def __len__(self) -> int:
        return len(self._known)

    def note(self, ids: Ids) -> None:
        """Remembers cards, given by `ids_of`."""
        with self._lock:
            for card, suggestions in ids:
                key = UUID(card).bytes
                self._known.pop(key, None)
                self._known[key] = tuple(UUID(s).bytes for s in suggestions)
            for key in list(islice(self._known, max(len(self._known) - self.most, 0))):
                del self._known[key]

    def suggestions(self, card: str) -> tuple[bytes, ...] | None:
        """The suggestions of a card that was sent; None for another."""
        return self._known.get(UUID(card).bytes)


def refuse_form(kind: str) -> None:
    """Raises Problem for a body that a page of any origin can send."""
    if kind.partition(";")[0].strip().lower() != MEDIA:
        raise Problem(415, "media-type", f"The Content-Type is another. Send it as {MEDIA}.")


def read_feedback(body: bytes, service: str, version: str) -> list[dict]:
    """The rows of a body. Raises InputError for what is no feedback, and for too much of it."""
    sent = parse(body, HINT)
    given = sent.get("feedback", [sent]) if isinstance(sent, dict) else None
    if not isinstance(given, list) or not given:
        raise InputError("feedback", "there is no list of feedback", HINT)
    if len(given) > MOST:
        raise InputError(
            "feedback",
            f"there are {len(given)} pieces of feedback",
            f"Send at most {MOST} in one request.",
        )
    about = {"service": service, "version": version}
    return [about | row(item, f"feedback[{i}]") for i, item in enumerate(given)]


def of_cards_sent(rows: list[dict], sent: Sent) -> list[dict]:
    """The rows about cards that were sent, with the suggestions that they had."""
    result = []
    for one in rows:
        known = sent.suggestions(one["card"])
        if known is not None:
            accepted = one.pop("acceptedSuggestions", ())
            mine = [name for name in accepted if UUID(name).bytes in known]
            result.append(one | ({"acceptedSuggestions": mine} if mine else {}))
    return result


def row(item, place: str) -> dict:
    """The stored row of one piece of feedback: identifiers, outcome, time, and a known reason."""
    card = identifier(item.get("card")) if isinstance(item, dict) else None
    if card is None or item.get("outcome") not in OUTCOMES:
        raise InputError(
            place, "the card is no UUID, or the outcome is neither accepted nor overridden", HINT
        )
    stored = {"card": card, "outcome": item["outcome"]}
    given = as_list(item.get("acceptedSuggestions"))
    accepted = [identifier(s.get("id")) for s in given if isinstance(s, dict)]
    if any(accepted):
        stored["acceptedSuggestions"] = [a for a in accepted if a]
    if isinstance(item.get("overrideReason"), dict):
        reason = item["overrideReason"].get("reason")
        own = isinstance(reason, dict) and reason.get("system", OVERRIDE_SYSTEM) == OVERRIDE_SYSTEM
        code = reason.get("code") if own else None
        known = isinstance(code, str) and code in OVERRIDES
        stored["overrideReason"] = code if known else "not of this service"
    if moment := instant(item.get("outcomeTimestamp")):
        stored["outcomeTimestamp"] = moment
    return stored


def identifier(value) -> str | None:
    """A UUID in its usual spelling, or None."""
    return value.lower() if isinstance(value, str) and SPELLED.fullmatch(value) else None


def instant(value) -> str | None:
    """A time stamp in Coordinated Universal Time to the second, or None."""
    try:
        if not isinstance(value, str) or not INSTANT.match(value):
            return None
        parsed = datetime.fromisoformat(value)
        zoned = parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)
        return zoned.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    except (ValueError, OverflowError):
        return None
