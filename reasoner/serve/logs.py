"""Logs of the service: one JSON object a line, without any data of a request.

A request is logged by its route (`/terms/{name}`, not the path), so that no name, number or query
gets in. Of an error the type and the place in the program are logged, not the message, which may
quote its input.
"""

import asyncio
import json
import logging
from datetime import UTC, datetime
from pathlib import Path
from traceback import extract_tb
from types import TracebackType

from starlette.requests import ClientDisconnect

ACCESS = logging.getLogger("nextstudy.access")
METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
LEFT = 499  # the client hung up before it had said all; no error of the service
TRUSTED = ("nextstudy", "uvicorn")  # loggers whose words hold nothing of a request


class Lines(logging.Formatter):
    """A record as a line of JSON."""

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
        }
        if record.name.split(".")[0] in TRUSTED:
            line["event"] = record.getMessage().strip()
        if record.exc_info and record.exc_info[0]:
            kind, _, trace = record.exc_info
            line |= {
                "error": kind.__name__,
                "at": places(trace),
            }
        return json.dumps(line | getattr(record, "facts", {}))


def places(trace: TracebackType | None) -> list[str]:
    """Where in the program an error arose: the last frames, as `file:line function`.

    The message of the error is left out, because it may quote the input.
    """
    return [
        f"{Path(frame.filename).name}:{frame.lineno} {frame.name}"
        for frame in extract_tb(trace)[-8:]
    ]


def configure() -> None:
    """Sends every log to standard error as lines of JSON."""
    handler = logging.StreamHandler()
    handler.setFormatter(Lines())
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access"):
        logging.getLogger(name).handlers.clear()
        logging.getLogger(name).propagate = True
    for name in ("httpx", "httpcore", "asyncio", "python_multipart"):
        logging.getLogger(name).setLevel(logging.WARNING)


class AccessLog:
    """ASGI middleware that logs each request when it is answered."""

    def __init__(self, app):
        self.app = app

    async def __call__(self, scope, receive, send) -> None:
        """Passes a request on and logs it."""
        if scope["type"] != "http" or not ACCESS.isEnabledFor(logging.INFO):
            return await self.app(scope, receive, send)
        clock, status, size = asyncio.get_running_loop().time, 500, 0
        began = clock()

        async def counted(message):
            nonlocal status, size
            status = message.get("status", status)
            size += len(message.get("body", b""))
            await send(message)

        try:
            await self.app(scope, receive, counted)
        except ClientDisconnect:
            status = LEFT
        finally:
            method = scope["method"] if scope["method"] in METHODS else "other"
            ACCESS.info(
                "request",
                extra={
                    "facts": {
                        "method": method,
                        "route": route(scope),
                        "status": status,
                        "ms": round((clock() - began) * 1000, 1),
                        "bytes": size,
                    }
                },
            )


def route(scope) -> str:
    """The template of the route of a request, or the name of its endpoint; never its path."""
    endpoint = scope.get("endpoint")
    return (
        getattr(scope.get("route"), "path", None)
        or getattr(endpoint, "__name__", None)
        or (type(endpoint).__name__ if endpoint else "unmatched")
    )
