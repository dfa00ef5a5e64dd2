"""Problem documents (RFC 9457): why there is no answer, for people and for programs."""

import json

from starlette.responses import Response

from reasoner.names import BASE


class Problem(Exception):
    """Why a request is not answered: a status, a code that does not change, and a sentence."""

    def __init__(
        self, status: int, code: str, detail: str, headers: dict[str, str] | None = None, **more
    ):
        super().__init__(code)
        self.status, self.code, self.detail = status, code, detail
        self.headers, self.more = headers or {}, more

    def body(self) -> bytes:
        """The document."""
        title = self.code.replace("-", " ").capitalize()
        return json.dumps(
            {
                "type": f"{BASE}problem/{self.code}",
                "title": title,
                "status": self.status,
                "detail": self.detail,
                **self.more,
            },
            ensure_ascii=False,
        ).encode()

    def response(self, headers: dict[str, str] | None = None) -> Response:
        """The response."""
        return Response(
            self.body(),
            self.status,
            {**(headers or {}), **self.headers, "Cache-Control": "no-store"},
            "application/problem+json",
        )


def read_only() -> Problem:
    """The problem of a SPARQL update, which no query endpoint of the service runs."""
    return Problem(403, "read-only", "The data cannot be changed here.")
