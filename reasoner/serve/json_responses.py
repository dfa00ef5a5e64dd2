"""Responses that the JSON API and CDS Hooks share: data, and problems of the input."""

import orjson
from starlette.responses import Response

from reasoner.errors import NextstudyError
from reasoner.serve.problems import Problem


def as_json(data, headers: dict[str, str] | None = None) -> Response:
    """A response with JSON data."""
    return Response(orjson.dumps(data), 200, headers, "application/json")


def unreadable(error: NextstudyError | str) -> Response:
    """The problem document for input that cannot be read; it names the place and the remedy."""
    return Problem(400, "unreadable-input", str(error)).response()


def missing(what: str, hint: str) -> Response:
    """The problem document for something that is not there."""
    return Problem(404, f"no-such-{what}", f"There is no such {what}. {hint}").response()
