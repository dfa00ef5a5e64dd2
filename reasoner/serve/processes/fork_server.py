"""Starts and controls the fork server of a snapshot, a process that forks workers on demand."""

import asyncio
import os
import signal
import socket
import sys
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path

from reasoner.graph.imported_ratings import resolved
from reasoner.serve.processes import fork_server_main, framing
from reasoner.serve.settings import Settings
from reasoner.serve.snapshot import Snapshot, files_of

START = 60.0  # seconds that it may take to load the graph


class ForkServer:
    """A process that holds the graph of one snapshot and forks workers."""

    def __init__(self, snapshot: Snapshot, settings: Settings):
        self.snapshot, self.settings = snapshot, settings
        self.process: asyncio.subprocess.Process | None = None
        self.control: socket.socket | None = None
        self.starting = asyncio.Lock()

    @property
    def runs(self) -> bool:
        """Whether it runs."""
        return self.process is not None and self.process.returncode is None

    async def start(self) -> None:
        """Starts it, with an empty environment. Raises OSError when it does not get ready.

        It loads the files of the snapshot and no others: when they changed, it is not started.
        """
        async with self.starting:
            if self.runs:
                return
            self.close()
            self.refuse_change()
            ours, theirs = socket.socketpair()
            ours.setblocking(False)
            command = [
                sys.executable,
                "-I",
                str(Path(fork_server_main.__file__)),
                str(theirs.fileno()),
            ]
            with theirs:
                self.process = await asyncio.create_subprocess_exec(
                    *command,
                    stdin=asyncio.subprocess.DEVNULL,
                    stdout=asyncio.subprocess.DEVNULL,
                    stderr=asyncio.subprocess.DEVNULL,
                    pass_fds=[theirs.fileno()],
                    env={"PATH": os.defpath},
                )
            self.control = ours
            try:
                await asyncio.wait_for(self.greet(ours), START)
            except (OSError, TimeoutError):
                self.close()
                raise OSError("the fork server does not start") from None
            self.refuse_change()

    async def greet(self, control: socket.socket) -> None:
        """Sends what it must load, and waits until it is loaded."""
        loop = asyncio.get_running_loop()
        settings = asdict(self.settings) | {"ratings": resolved(self.settings.ratings)}
        message = {
            "path": [entry or os.getcwd() for entry in sys.path],
            "settings": {k: str(v) if isinstance(v, Path) else v for k, v in settings.items()},
            "snapshot": self.snapshot.number,
        }
        await loop.sock_sendall(control, framing.pack(message))
        incoming = framing.Incoming()
        while data := await loop.sock_recv(control, 1 << 16):
            if incoming.take(data):
                return
        raise OSError("the fork server ended")

    def refuse_change(self) -> None:
        """Raises OSError when the files of the graph are no longer those of the snapshot."""
        if files_of(self.settings) != self.snapshot.files:
            self.close()
            raise OSError("the files of the graph have changed")

    async def fork(self, connection: socket.socket, megabytes: int) -> None:
        """Has a worker forked that answers on a socket. Raises OSError when none can be had."""
        if not self.runs:
            await self.start()
        order = fork_server_main.ORDER.pack(fork_server_main.FORK, megabytes)
        if self.control is None:
            raise OSError("the fork server is closed")
        socket.send_fds(self.control, [order], [connection.fileno()])

    def kill(self, number: int) -> None:
        """Ends a worker."""
        if self.control is not None:
            with suppress(OSError):
                self.control.send(fork_server_main.ORDER.pack(fork_server_main.KILL, number))

    def close(self) -> None:
        """Ends it, and with it all workers."""
        if self.control is not None:
            self.control.close()
            self.control = None
        if self.runs:
            with suppress(ProcessLookupError):
                os.kill(self.process.pid, signal.SIGKILL)
