"""The server: uvicorn over the application, until it is told to stop; what it has begun is then answered first."""

import signal

import uvicorn

from reasoner.serve.app import create_app
from reasoner.serve.logs import configure
from reasoner.serve.settings import Settings

PATIENCE = 10  # seconds that requests have to end when the service stops


def stop(number: int, frame) -> None:
    """Ends the program as one that was told to."""
    raise SystemExit(0)


def serve(settings: Settings) -> None:
    """Serves until it is told to stop by SIGTERM or SIGINT."""
    configure()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)  # uvicorn takes both while it serves, and hands them back when all is answered
    config = uvicorn.Config(create_app(settings), host=settings.host, port=settings.port, log_config=None, access_log=False, server_header=False,
                            ws="none", proxy_headers=False, timeout_graceful_shutdown=PATIENCE, timeout_keep_alive=30)
    uvicorn.Server(config).run()
