"""Requests from pages of other origins: ordering systems and other people's pages may call the JSON doors from a browser."""

from starlette.middleware.cors import CORSMiddleware
from starlette.types import Receive, Scope, Send

DOORS = ("/api/", "/cds-services", "/health", "/about")


class CrossOrigin(CORSMiddleware):
    """The usual headers for the JSON doors, open to all; no cookie is ever asked for. The SPARQL endpoint sends its own."""

    def __init__(self, app):
        super().__init__(app, allow_origins=["*"], allow_methods=["GET", "POST"], allow_headers=["*"], expose_headers=["X-Nextstudy-Snapshot"], max_age=86400)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers a preflight of these doors, and adds the headers to what they answer."""
        ours = scope["type"] == "http" and scope["path"].startswith(DOORS)
        await (super().__call__ if ours else self.app)(scope, receive, send)
