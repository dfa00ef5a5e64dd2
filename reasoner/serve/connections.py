"""Limits the time and the size of connections: slow, idle and endless ones give way to others.

uvicorn reads a head of any length, waits for ever for the rest of a request, and takes as many
connections as there are descriptors.
"""

import asyncio
import time

from uvicorn.protocols.http.flow_control import HIGH_WATER_LIMIT
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from reasoner.serve.problems import Problem

HEAD_BYTES, HEADERS = 64 << 10, 100
PER_BODY_BYTE = 2  # bytes received for a byte of a body, at most: many tiny chunks are refused
HEAD_SECONDS, BODY_SECONDS, READER_SECONDS, REST_SECONDS = 10.0, 30.0, 30.0, 2.0
AHEAD = 100  # requests that may wait for the answer to one before them in the same connection
LOOK = 0.5  # seconds between looks at all connections
TOO_LARGE = Problem(
    431,
    "head-too-large",
    f"The address and the headers may have {HEAD_BYTES >> 10} kB and {HEADERS} lines.",
    {"Connection": "close"},
)
BUSY = Problem(503, "busy", "All connections are taken.", {"Retry-After": "5"})


class Closing:
    """A transport that receives the rest of a request before it closes.

    A socket that is closed over unread bytes is reset, and the client never sees its answer.
    """

    def __init__(self, transport: asyncio.Transport, connection: "Connection"):
        self.transport, self.connection = transport, connection

    def __getattr__(self, name: str):
        return getattr(self.transport, name)

    def close(self) -> None:
        """Closes, at once or when the rest of the request has come."""
        if self.connection.state == "body" and not self.transport.is_closing():
            self.transport.write_eof()
            self.connection.enter("rest", REST_SECONDS)
            self.transport.resume_reading()
        else:
            self.transport.close()


class Connection(HttpToolsProtocol):
    """A connection with a bound for the bytes and the seconds of each of its states.

    States: `idle` between requests, `head` and `body` while they come in, `work` while an answer
    is made, `rest` while what comes after an early answer is thrown away.
    """

    most = 512
    oldest_give_way = ("rest", "idle", "head", "body")

    def connection_made(self, transport) -> None:
        """Takes a connection; when there are too many, the one that waits longest is closed."""
        self.state, self.since, self.until = "idle", time.monotonic(), 0.0
        self.received, self.body_bytes, self.in_head, self.refused = 0, 0, True, False
        self.deferred = None
        super().connection_made(Closing(transport, self))
        self.enter("head", HEAD_SECONDS)
        sweep(self.server_state, self.loop)
        if len(self.connections) > self.most and not self.make_room():
            self.refuse(BUSY)

    def enter(self, state: str, seconds: float | None) -> None:
        """Begins a state, which may take so many seconds."""
        self.state, self.since = state, time.monotonic()
        self.until = self.since + seconds if seconds else float("inf")

    def make_room(self) -> bool:
        """Whether others were closed in favor of this one; several, so that it is seldom done."""
        order = self.oldest_give_way.index
        others = [c for c in self.connections if c is not self and c.state != "work"]
        others.sort(key=lambda c: (order(c.state), c.since))
        for other in others[: 1 + self.most // 16]:
            other.drop()
        return bool(others)

    def drop(self) -> None:
        """Closes without an answer."""
        self.connections.discard(self)
        self.transport.abort()

    def refuse(self, problem: Problem) -> None:
        """Answers with a problem document and closes."""
        body = problem.body()
        head = [
            f"HTTP/1.1 {problem.status} refused",
            "content-type: application/problem+json",
            f"content-length: {len(body)}",
            "connection: close",
            *(f"{k.lower()}: {v}" for k, v in problem.headers.items() if k != "Connection"),
        ]
        self.refused = True
        self.transport.write("\r\n".join([*head, "", ""]).encode() + body)
        self.state = "body"
        self.transport.close()

    def data_received(self, data: bytes) -> None:
        """Parses received data; refuses or drops the connection when there is too much."""
        if self.refused or self.state == "rest":
            return
        if self.state == "idle":
            self.enter("head", HEAD_SECONDS)
        self.received += len(data)
        super().data_received(data)
        if self.parser is None or self.refused or self.transport.is_closing():
            return
        too_much = self.received > HEAD_BYTES + PER_BODY_BYTE * self.body_bytes
        if too_much and self.state in ("head", "body"):
            if self.state == "head":
                self.refuse(TOO_LARGE)
            else:
                self.drop()

    def on_message_begin(self) -> None:
        """Begins to count. Raises ValueError, which ends the connection, when too many wait."""
        if len(self.pipeline) >= AHEAD:
            raise ValueError
        super().on_message_begin()
        self.received, self.body_bytes, self.in_head = 0, 0, True
        if self.state != "work":
            self.enter("head", HEAD_SECONDS)

    def on_header(self, name: bytes, value: bytes) -> None:
        """Takes a header; those after the body are thrown away."""
        if self.in_head:
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """Begins to answer; with too large a head, only says so."""
        size = len(self.url) + sum(len(name) + len(value) for name, value in self.headers)
        app = self.app
        if size > HEAD_BYTES or len(self.headers) > HEADERS:
            self.app = too_large
        try:
            super().on_headers_complete()
        finally:
            self.app = app
        self.received, self.in_head = 0, False
        if not self.pipeline:
            self.enter("body", BODY_SECONDS)

    def _start_asgi_task(self, cycle: RequestResponseCycle, app) -> None:
        """Begins to answer when a request is there, or as much of it as is read ahead.

        So a request that is never ended costs next to nothing.
        """
        if cycle.more_body and not cycle.waiting_for_100_continue:
            self.deferred = (cycle, app)
        else:
            super()._start_asgi_task(cycle, app)

    def start_deferred(self) -> None:
        """Begins to answer the deferred request, if there is one."""
        if self.deferred:
            deferred, self.deferred = self.deferred, None
            super()._start_asgi_task(*deferred)

    def on_body(self, body: bytes) -> None:
        """Takes a part of a body."""
        self.body_bytes += len(body)
        super().on_body(body)
        if len(self.cycle.body) > HIGH_WATER_LIMIT:
            self.start_deferred()

    def on_message_complete(self) -> None:
        """The request is there as a whole."""
        super().on_message_complete()
        self.start_deferred()
        if self.cycle.response_complete:
            self.enter("idle", None)
        elif not self.pipeline:
            self.enter("work", None)

    def on_response_complete(self) -> None:
        """The answer is written."""
        if self.state == "work":
            self.enter("head", HEAD_SECONDS) if self.in_head else self.enter("idle", None)
        super().on_response_complete()
        if not self.cycle.response_complete:  # the next of several that came at once
            self.enter("body", BODY_SECONDS) if self.cycle.more_body else self.enter("work", None)

    def pause_writing(self) -> None:
        """The client reads slower than we write."""
        super().pause_writing()
        self.until = time.monotonic() + READER_SECONDS

    def resume_writing(self) -> None:
        """The client has caught up."""
        super().resume_writing()
        if self.state == "work":
            self.until = float("inf")


async def too_large(scope, receive, send) -> None:
    """Answers that the head is too large."""
    await TOO_LARGE.response()(scope, receive, send)


SWEEPING = set()


def sweep(server_state, loop: asyncio.AbstractEventLoop) -> None:
    """Begins to look at the connections of a server, again and again, while there are any."""
    if id(server_state) not in SWEEPING:
        SWEEPING.add(id(server_state))
        loop.call_later(LOOK, look, server_state, loop)


def look(server_state, loop: asyncio.AbstractEventLoop) -> None:
    """Closes the connections whose time limit has passed, and schedules the next look."""
    now = time.monotonic()
    for connection in [c for c in server_state.connections if c.until < now]:
        connection.drop()
    if server_state.connections:
        loop.call_later(LOOK, look, server_state, loop)
    else:
        SWEEPING.discard(id(server_state))


def protocol(connections: int) -> type[Connection]:
    """The protocol for a server that takes so many connections at once."""
    return type("BoundedConnection", (Connection,), {"most": connections})
