"""Cross-origin resource sharing (CORS) of the JSON API and CDS Hooks.

Pages of any origin may read both from a browser. Feedback is stored, so only pages of this service
and of origins that the settings name may send it.
"""

import re
from urllib.parse import urlsplit

from starlette.middleware.cors import CORSMiddleware
from starlette.types import Receive, Scope, Send

from reasoner.errors import InputError
from reasoner.serve.hosts import is_address
from reasoner.serve.problems import Problem
from reasoner.serve.settings import Settings

JSON_PATHS = ("/api/", "/cds-services", "/health", "/about")
FEEDBACK = re.compile(r"/cds-services/[^/]*/feedback/*")
DAY = 86400
FOREIGN_ORIGIN = Problem(
    403,
    "foreign-origin",
    "Pages of this origin may not send feedback. Whoever runs "
    "the service names those that may in the setting origins.",
)


def read_origins(settings: Settings) -> frozenset[str]:
    """The origins whose pages may send feedback, that of the base URL among them.

    Raises InputError for what is no origin.
    """
    origins = settings.origins.split()
    for origin in origins:
        if not is_address(origin) or origin != origin_of(origin):
            raise InputError(
                "origins",
                f"{origin} is no origin",
                "Write origins as https://ehr.example.org, without a path.",
            )
    return frozenset([*origins, origin_of(settings.base_url)] if settings.base_url else origins)


def origin_of(address: str) -> str:
    """The origin of an address."""
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}".lower()


class CrossOrigin:
    """ASGI middleware that adds CORS headers to JSON responses: any origin, but for feedback.

    The SPARQL endpoint sends its own.
    """

    def __init__(self, app, origins: frozenset[str] = frozenset()):
        self.app, self.origins = app, origins
        self.reading = CORSMiddleware(
            app,
            allow_origins=["*"],
            allow_methods=["GET", "POST"],
            allow_headers=["*"],
            max_age=DAY,
            expose_headers=["X-Nextstudy-Snapshot"],
        )
        self.feedback = CORSMiddleware(
            app,
            allow_origins=sorted(origins),
            allow_methods=["POST"],
            allow_headers=["Authorization", "Content-Type"],
            max_age=DAY,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers preflight requests, and adds the headers to responses, of `JSON_PATHS`."""
        if scope["type"] != "http" or not scope["path"].startswith(JSON_PATHS):
            return await self.app(scope, receive, send)
        if not FEEDBACK.fullmatch(scope["path"]):
            return await self.reading(scope, receive, send)
        headers = dict(scope["headers"])
        origin = headers.get(b"origin", b"").decode("latin-1")
        if origin in self.origins:
            return await self.feedback(scope, receive, send)
        if origin and origin != own_origin(scope, headers):
            return await FOREIGN_ORIGIN.response()(scope, receive, send)
        await self.app(scope, receive, send)


def own_origin(scope: Scope, headers: dict[bytes, bytes]) -> str:
    """The origin of the pages of this service, as the client reached it."""
    return f"{scope['scheme']}://{headers.get(b'host', b'').decode('latin-1')}".lower()
