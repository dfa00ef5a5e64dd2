"""Runs the application in uvicorn until it is stopped; requests under way are answered first."""

import errno
import signal
import socket
from contextlib import suppress

import uvicorn

from reasoner.errors import InputError, ServiceError
from reasoner.serve.app import create_app
from reasoner.serve.connections import protocol
from reasoner.serve.logs import configure
from reasoner.serve.settings import Settings

DESCRIPTORS = 256  # for what is no connection
PATIENCE = 10  # seconds that requests have to end when the service stops
PORTS = range(65536)
REFUSALS = {  # why an address cannot be listened on, and what helps
    errno.EADDRINUSE: ("another program listens there", "End it, or give another --port."),
    errno.EACCES: (
        "the system does not let this user listen there",
        "Give a --port from 1024 up.",
    ),
    errno.EADDRNOTAVAIL: (
        "this machine does not have that address",
        "Give an address of its own as --host, such as 127.0.0.1.",
    ),
}


def stop(number: int, frame) -> None:
    """Ends the program with code 0, as a handler of a signal to stop."""
    raise SystemExit(0)


def serve(settings: Settings) -> None:
    """Serves until it is told to stop by SIGTERM or SIGINT.

    Raises InputError for a port that there is not, and ServiceError where nothing can listen.
    """
    refuse_address(settings)
    configure()
    for number in (signal.SIGINT, signal.SIGTERM):
        # uvicorn takes both while it serves, and hands them back when all is answered.
        signal.signal(number, stop)
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
    server = uvicorn.Server(config)
    try:
        server.run()
    except SystemExit:
        if not server.started:  # another program took the address in between
            refuse_address(settings)
        raise


def refuse_address(settings: Settings) -> None:
    """Raises InputError for a port that there is not, and ServiceError for an address that cannot
    be listened on, before anything is loaded.
    """
    host, port = settings.host, settings.port
    if port not in PORTS:
        remedy = "Give one from 1 to 65535, or 0 for any that is free."
        raise InputError("port", f"{port} is no port", remedy)
    place = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    try:
        addresses = socket.getaddrinfo(
            host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )
        for family, kind, protocol, _, address in addresses:
            with socket.socket(family, kind, protocol) as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                if family == socket.AF_INET6:
                    probe.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
                probe.bind(address)
    except socket.gaierror:
        message = f"no machine is known by the name {host}"
        raise ServiceError("host", message, "Give an address of this machine as --host.") from None
    except OSError as error:
        refusal = f"nothing can listen there ({error.strerror})", "Give another --host or --port."
        raise ServiceError(place, *REFUSALS.get(error.errno or 0, refusal)) from None


def make_room(connections: int) -> None:
    """Has the system allow as many descriptors as connections and processes take, if it may."""
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = connections + DESCRIPTORS
    if soft != resource.RLIM_INFINITY and soft < wanted:
        most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        with suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
