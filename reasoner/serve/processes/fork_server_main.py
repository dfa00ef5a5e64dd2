"""The program of a fork server: loads the graph, then forks a worker whenever it is asked to.

It never receives what a client sent. It is run by path, and imports nothing of this package before
its first message says where packages are.
"""

import gc
import importlib.util
import os
import signal
import socket
import struct
import sys
from pathlib import Path

ORDER = struct.Struct(">cI")
FORK, KILL = b"F", b"K"  # with the megabytes of a worker and its socket; with the id of a process


def main(descriptor: int) -> None:
    """Serves forks on a control socket until the other side is gone."""
    framing = load_module("framing")
    control = socket.socket(fileno=descriptor)
    head, _ = framing.receive(control)
    sys.path[:] = head["path"]
    from reasoner.serve.processes import tasks, worker

    worker.end_with_parent()
    work = tasks.Tasks(head["settings"], head["snapshot"])
    work.warm()
    gc.collect()
    gc.freeze()  # what is shared stays shared: no collector writes into it
    framing.send(control, {"ready": True})
    while (order := next_order(control)) is not None:
        kind, number, sockets = order
        reap()
        if kind == FORK and sockets:
            fork(control, sockets[0], work, number)
        elif kind == KILL:
            kill(number)


def load_module(name: str):
    """A module beside this file, by its path."""
    spec = importlib.util.spec_from_file_location(name, Path(__file__).with_name(f"{name}.py"))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def next_order(control: socket.socket) -> tuple[bytes, int, list[int]] | None:
    """The next order: what to do, its number, and the descriptors that came along."""
    data, sockets = b"", []
    while len(data) < ORDER.size:
        part, descriptors, _, _ = socket.recv_fds(control, ORDER.size - len(data), 1)
        if not part:
            return None
        data, sockets = data + part, sockets + list(descriptors)
    return *ORDER.unpack(data), sockets


CHILDREN: set[int] = set()


def fork(control: socket.socket, descriptor: int, work, megabytes: int) -> None:
    """Forks a worker that answers on a socket."""
    number = os.fork()
    if number:
        CHILDREN.add(number)
        os.close(descriptor)
        return
    try:
        control.close()
        from reasoner.serve.processes import worker

        worker.serve(socket.socket(fileno=descriptor), work, megabytes)
    finally:
        os._exit(0)


def reap() -> None:
    """Reaps workers that ended; until then no other process gets their process id."""
    while CHILDREN:
        number, _ = os.waitpid(-1, os.WNOHANG)
        if not number:
            return
        CHILDREN.discard(number)


def kill(number: int) -> None:
    """Ends a worker, without waiting for its end; another process is never hit."""
    if number in CHILDREN:
        os.kill(number, signal.SIGKILL)


if __name__ == "__main__":
    main(int(sys.argv[1]))
