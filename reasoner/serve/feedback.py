"""What became of cards, kept as NDJSON without patient data: only values of a fixed form are kept, and no free text."""

import re
import threading
from datetime import UTC, datetime
from pathlib import Path

import orjson

from reasoner.errors import InputError
from reasoner.intake.bundle import as_list, parse
from reasoner.serve.cards import OVERRIDE_SYSTEM, OVERRIDES

OUTCOMES = ("accepted", "overridden")
HINT = 'Send {"feedback": [{"card": uuid, "outcome": "accepted" or "overridden", "outcomeTimestamp": instant}]}.'
UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}")
APPENDING = threading.Lock()


def read_feedback(body: bytes, service: str, version: str) -> list[dict]:
    """The rows to keep of a body. Raises InputError for what is no feedback."""
    sent = parse(body, HINT)
    given = sent.get("feedback", [sent]) if isinstance(sent, dict) else None
    if not isinstance(given, list) or not given:
        raise InputError("feedback", "there is no list of feedback", HINT)
    return [{"service": service, "version": version, **row(item, f"feedback[{i}]")} for i, item in enumerate(given)]


def row(item, place: str) -> dict:
    """What is kept of one piece of feedback: identifiers of this service, outcome, reason of this service, time."""
    card = identifier(item.get("card")) if isinstance(item, dict) else None
    if card is None or item.get("outcome") not in OUTCOMES:
        raise InputError(place, "the card is no UUID, or the outcome is neither accepted nor overridden", HINT)
    kept = {"card": card, "outcome": item["outcome"]}
    accepted = [identifier(s.get("id")) for s in as_list(item.get("acceptedSuggestions")) if isinstance(s, dict)]
    if any(accepted):
        kept["acceptedSuggestions"] = [a for a in accepted if a]
    if isinstance(item.get("overrideReason"), dict):
        reason = item["overrideReason"].get("reason")
        code = reason.get("code") if isinstance(reason, dict) and reason.get("system", OVERRIDE_SYSTEM) == OVERRIDE_SYSTEM else None
        kept["overrideReason"] = code if isinstance(code, str) and code in OVERRIDES else "not of this service"
    if moment := instant(item.get("outcomeTimestamp")):
        kept["outcomeTimestamp"] = moment
    return kept


def identifier(value) -> str | None:
    """A UUID in its usual spelling, or None."""
    return value.lower() if isinstance(value, str) and UUID.fullmatch(value) else None


def instant(value) -> str | None:
    """A time stamp in Coordinated Universal Time to the second, or None."""
    try:
        if not isinstance(value, str) or not INSTANT.match(value):
            return None
        read = datetime.fromisoformat(value)
        return (read if read.tzinfo else read.replace(tzinfo=UTC)).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    except (ValueError, OverflowError):
        return None


def keep(path: Path | None, rows: list[dict]) -> int:
    """How many rows were kept: all, appended in one step, or none without a file to keep them in."""
    if path is None:
        return 0
    with APPENDING, path.open("ab") as file:
        file.write(b"".join(orjson.dumps(r) + b"\n" for r in rows))
    return len(rows)
