"""Checks the Host header: the service answers only to names that it knows.

The Host of a request stands in links of cards and pages, and a web page can make a browser send any
name that leads to this machine (DNS rebinding): only names that the settings know are answered.
"""

import ipaddress
import re
import socket
from contextlib import suppress
from urllib.parse import urlsplit

from starlette.requests import Request

from reasoner.errors import InputError
from reasoner.serve.problems import Problem
from reasoner.serve.settings import Settings

LOOPBACK = ("localhost", "127.0.0.1", "::1")
OPEN = "/health"  # probes ask it by any address, and it says nothing of it
HOST = re.compile(r"(?:\[([0-9A-Fa-f:.]{2,45})\]|([A-Za-z0-9._-]{1,253}))(?::[0-9]{1,5})?")
ONE_HOST = Problem(400, "one-host", "A request names one Host, as name or name:port.")
FOREIGN_HOST = Problem(
    421,
    "foreign-host",
    "The Host of the request is no name of this service. Ask it "
    "by its own name; whoever runs it adds names by the setting hosts.",
)


def name_of(host: str) -> str | None:
    """The name or the address in a Host, without its port; None when it is neither."""
    match = HOST.fullmatch(host)
    if not match:
        return None
    name = (match[1] or match[2]).lower()
    return str(ip) if (ip := ip_of(name)) else None if match[1] else name


def ip_of(text: str):
    """An IP address, as version 4 where it only is one in the spelling of version 6; or None."""
    try:
        ip = ipaddress.ip_address(text)
    except ValueError:
        return None
    return getattr(ip, "ipv4_mapped", None) or ip


def is_address(text: str) -> bool:
    """Whether a text is the address of a service: http or https, a host, and perhaps a path."""
    try:
        parts = urlsplit(text)
        known = parts.scheme in ("http", "https") and name_of(parts.netloc) is not None
    except ValueError:
        return False
    return known and not (parts.query or parts.fragment) and not re.search(r"[\s<>\"{}|\\^`]", text)


def is_everywhere(host: str) -> bool:
    """Whether to listen on a host is to listen on every address of the machine."""
    with suppress(OSError):
        return socket.inet_aton(host) == bytes(4)
    ip = ip_of(host.strip("[]"))
    return ip.is_unspecified if ip else not host


def read_hosts(settings: Settings) -> frozenset[str]:
    """The names by which the service may be called: of this machine, and those of the settings.

    Raises InputError for what is no name or address, and for a service that listens everywhere and
    has no configured name.
    """
    if settings.base_url and not is_address(settings.base_url):
        raise InputError(
            "base_url",
            f"{settings.base_url} is no address of a service",
            "Write it as https://cds.example.org",
        )
    given = settings.hosts.split()
    for host in given:
        if name_of(host) is None:
            raise InputError(
                "hosts",
                f"{host} is no name of a machine",
                "Write names as cds.example.org, separated by spaces.",
            )
    if is_everywhere(settings.host) and not (given or settings.base_url):
        raise InputError(
            "host",
            f"{settings.host or 'an empty host'} listens on every address, "
            "and no name is given by which the service may be called",
            "Give base_url (https://cds.example.org), or hosts (cds.example.org).",
        )
    base = urlsplit(settings.base_url).netloc
    mine = settings.host if ":" not in settings.host else f"[{settings.host.strip('[]')}]"
    return frozenset(filter(None, map(name_of, [*given, base, mine]))) | {*LOOPBACK}


def address(settings: Settings, request: Request) -> str:
    """The address under which a client reaches the service."""
    return (settings.base_url or str(request.base_url)).rstrip("/")


class HostGuard:
    """ASGI middleware that answers 421 to a Host by which the service may not be called.

    The address that a request came to is always a name: it is an address of this machine, which
    nobody else's name can be made to be.
    """

    def __init__(self, app, names: frozenset[str]):
        self.app, self.names = app, names

    async def __call__(self, scope, receive, send) -> None:
        """Passes a request on when its Host is a name of the service."""
        if scope["type"] != "http" or scope["path"] == OPEN:
            return await self.app(scope, receive, send)
        given = [value for name, value in scope["headers"] if name == b"host"]
        name = name_of(given[0].decode("latin-1")) if len(given) == 1 else None
        if name is None:
            return await ONE_HOST.response()(scope, receive, send)
        if name not in self.names and name != came_to(scope):
            return await FOREIGN_HOST.response()(scope, receive, send)
        await self.app(scope, receive, send)


def came_to(scope) -> str | None:
    """The address of the socket that a request came to, if it is known."""
    server = scope.get("server")
    host = str(server[0]).split("%")[0] if server else ""
    return name_of(f"[{host}]" if ":" in host else host)
