"""How large a request may be: a body above the limit is refused before it is read whole, at every door."""

from starlette.exceptions import HTTPException

from reasoner.serve.problems import Problem


class BodyLimit:
    """ASGI middleware that answers 413 to a body of more than so many megabytes."""

    def __init__(self, app, megabytes: float):
        self.app, self.most = app, int(megabytes * (1 << 20))
        self.problem = Problem(413, "too-large", f"A request may have {megabytes:g} megabytes.", {"Connection": "close", "Access-Control-Allow-Origin": "*"})

    async def __call__(self, scope, receive, send) -> None:
        """Passes a request on, as long as it is small enough."""
        if scope["type"] != "http" or scope["method"] in ("GET", "HEAD", "OPTIONS"):
            return await self.app(scope, receive, send)
        length = next((value for name, value in scope["headers"] if name == b"content-length"), b"0")
        if not length.isdigit() or len(length) > 18 or int(length) > self.most:
            return await self.problem.response()(scope, receive, send)
        taken, refused, begun = 0, False, False

        async def counted():
            nonlocal taken, refused
            message = await receive()
            taken += len(message.get("body", b""))
            if taken > self.most:
                refused = True
                raise HTTPException(413)
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
        if refused and not begun:
            await self.problem.response()(scope, receive, send)
