"""Limits the size of a request body, and of all bodies at once, before they are read."""

from starlette.exceptions import HTTPException

from reasoner.serve.problems import Problem

TOGETHER = 16  # bodies of the largest size that may be in memory at once


class BodyLimit:
    """ASGI middleware that answers 413 to a body of more than so many megabytes.

    It answers 503 while the bodies that came and are not answered have `TOGETHER` times as many.
    """

    def __init__(self, app, megabytes: float):
        self.app, self.most, self.held = app, int(megabytes * (1 << 20)), 0
        headers = {"Connection": "close", "Access-Control-Allow-Origin": "*"}
        detail = f"A request may have {megabytes:g} megabytes."
        self.problem = Problem(413, "too-large", detail, headers)
        detail = "Too much was sent at once, by all together."
        self.full = Problem(503, "busy", detail, {**headers, "Retry-After": "5"})

    async def __call__(self, scope, receive, send) -> None:
        """Passes a request on, as long as it is small enough."""
        if scope["type"] != "http" or scope["method"] in ("GET", "HEAD", "OPTIONS"):
            return await self.app(scope, receive, send)
        length = next(
            (value for name, value in scope["headers"] if name == b"content-length"), b"0"
        )
        if not length.isdigit() or len(length) > 18 or int(length) > self.most:
            return await self.problem.response()(scope, receive, send)
        taken, begun, refused = 0, False, None

        async def counted():
            nonlocal taken, refused
            message = await receive()
            size = len(message.get("body", b""))
            taken, self.held = taken + size, self.held + size
            if taken > self.most or self.held > TOGETHER * self.most:
                refused = self.problem if taken > self.most else self.full
                raise HTTPException(refused.status)
            return message

        async def guarded(message):
            nonlocal begun
            if not refused or begun:
                begun = True
                await send(message)

        try:
            await self.app(scope, counted, guarded)
        except HTTPException:
            if not refused:
                raise
        finally:
            self.held -= taken
        if refused and not begun:
            await refused.response()(scope, receive, send)
