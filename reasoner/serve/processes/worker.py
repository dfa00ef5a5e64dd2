"""A process that does one task after another and can do nothing else.

Before its first task it gives up opening files and connections for good: with no descriptor to be
had, what calls out fails whatever it is. It can be killed at any moment: a task that
takes too long, too much memory or too deep a stack ends this process and no other.
"""

import ctypes
import math
import os
import resource
import signal
import socket
import sys

from reasoner.serve.logs import places
from reasoner.serve.problems import Problem
from reasoner.serve.processes import framing

DIE_WITH_PARENT = 1  # PR_SET_PDEATHSIG of Linux
LIMITS = ("RLIMIT_CORE", "RLIMIT_FSIZE", "RLIMIT_NPROC", "RLIMIT_NOFILE")


def serve(connection: socket.socket, tasks, megabytes: int) -> None:
    """Says that it is ready, then answers each frame, until there are none."""
    end_with_parent()
    confine(megabytes)
    framing.send(connection, {"pid": os.getpid()})
    while (frame := framing.receive(connection)) is not None:
        framing.send(connection, *reply(tasks, *frame))


def end_with_parent() -> None:
    """Has the system end this process with its parent, also in the middle of a task."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(DIE_WITH_PARENT, signal.SIGKILL)


def confine(megabytes: int) -> None:
    """Gives up files, connections, children and core dumps, and all but some memory."""
    try:
        with open("/proc/self/statm", encoding="ascii") as pages:
            used = int(pages.read().split()[0]) * resource.getpagesize()
    except OSError:
        used = 1 << 30
    for kind, limit in (("RLIMIT_AS", used + (megabytes << 20)), *((kind, 0) for kind in LIMITS)):
        try:
            resource.setrlimit(getattr(resource, kind), (limit, limit))
        except (AttributeError, OSError, ValueError):
            if kind == "RLIMIT_NOFILE":
                raise  # without this one no task may run


def reply(tasks, head: dict, body: bytes) -> tuple[dict, bytes]:
    """The response to a task as a frame: its status and headers, and its body."""
    limit_processor(head["seconds"])
    try:
        response = tasks.run(head, body)
    except Problem as problem:
        response = problem.response()
    except MemoryError:
        response = Problem(503, "over-budget", "It needs more memory than its budget.").response()
    except RecursionError:
        response = Problem(400, "too-nested", "It is nested too deeply to be read.").response()
    except Exception as error:  # whatever it is, the next task must find this process alive
        return {"error": type(error).__name__, "at": places(error.__traceback__)}, b""
    headers = [
        [name.decode("latin-1"), value.decode("latin-1")]
        for name, value in response.raw_headers
        if name != b"content-length"
    ]
    return {"status": response.status_code, "headers": headers}, bytes(response.body)


def limit_processor(seconds: float) -> None:
    """Ends this process when a task takes that much processor time, should nobody else do it."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    most = math.ceil(usage.ru_utime + usage.ru_stime + seconds) + 1
    resource.setrlimit(resource.RLIMIT_CPU, (most, hard))
