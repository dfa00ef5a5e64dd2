"""The server: uvicorn over the application, until it is told to stop; what it has begun is then answered first."""

import signal
from contextlib import suppress

import uvicorn

from reasoner.serve.app import create_app
from reasoner.serve.connections import protocol
from reasoner.serve.logs import configure
from reasoner.serve.settings import Settings

DESCRIPTORS = 256  # for what is no connection
PATIENCE = 10  # seconds that requests have to end when the service stops


def stop(number: int, frame) -> None:
    """Ends the program as one that was told to."""
    raise SystemExit(0)


def serve(settings: Settings) -> None:
    """Serves until it is told to stop by SIGTERM or SIGINT."""
    configure()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)  # uvicorn takes both while it serves, and hands them back when all is answered
    make_room(settings.connections)
    config = uvicorn.Config(
        create_app(settings),
        host=settings.host,
        port=settings.port,
        http=protocol(settings.connections),
        log_config=None,
        access_log=False,
        server_header=False,
        ws="none",
        proxy_headers=False,
        timeout_graceful_shutdown=PATIENCE,
        timeout_keep_alive=30,
    )
    uvicorn.Server(config).run()


def make_room(connections: int) -> None:
    """Has the system allow as many descriptors as connections and processes take, if it may."""
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = connections + DESCRIPTORS
    if soft != resource.RLIM_INFINITY and soft < wanted:
        most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        with suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
