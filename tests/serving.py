"""A service of its own for a test: `nextstudy serve` on a free port of loopback, with its log."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import httpx

ROOT = Path(__file__).parent.parent


def free_port():
    """A port that is free now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Service:
    """A running service: its address, its process, and what it has logged."""

    def __init__(self, port, process, log):
        self.port, self.process, self.log = port, process, log
        self.address = f"http://127.0.0.1:{port}"
        self.client = httpx.Client(
            base_url=self.address,
            timeout=60,
            verify=False,
            limits=httpx.Limits(max_connections=100),
        )  # making one takes long

    def logged(self):
        """The text of the log so far."""
        return Path(self.log).read_text(encoding="utf-8")

    def query(self, text, accept="application/sparql-results+json", **more):
        """The response to a query."""
        if len(text) > 4000:
            return self.client.post(
                "/sparql", data={"query": text, **more}, headers={"Accept": accept}
            )
        return self.client.get(
            "/sparql", params={"query": text, **more}, headers={"Accept": accept}
        )

    def children(self):
        """The process ids of its fork server and of its workers."""
        found = [self.process.pid]
        for pid in found:
            for task in Path(f"/proc/{pid}/task").glob("*/children"):
                found += map(int, task.read_text().split())
        return found[1:]


@contextlib.contextmanager
def service(*flags, first="import reasoner"):
    """A service with these flags, stopped at the end; `first` is what its process does before
    anything else.
    """
    port = free_port()
    with tempfile.NamedTemporaryFile("w+") as log:
        start = f"{first}\nimport sys\nfrom reasoner.__main__ import main\nsys.exit(main())"
        process = subprocess.Popen(
            [sys.executable, "-c", start, "serve", "--port", str(port), *flags],
            cwd=ROOT,
            stdout=subprocess.DEVNULL,
            stderr=log,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )
        found = Service(port, process, log.name)
        try:
            for _ in range(400):
                with contextlib.suppress(httpx.TransportError):
                    if found.client.get("/health").status_code == 200:
                        break
                assert process.poll() is None, found.logged()
                time.sleep(0.1)
            else:
                raise AssertionError(found.logged())
            yield found
        finally:
            found.client.close()
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
            process.wait(30)


def runs(pid):
    """Whether a process runs; one that ended and that nobody has asked for yet does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def until(true, seconds=30):
    """Waits for something."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.05)


def resident(found):
    """The memory of a service without its workers, in megabytes."""
    return (
        int(Path(f"/proc/{found.process.pid}/statm").read_text().split()[1])
        * os.sysconf("SC_PAGE_SIZE")
        / (1 << 20)
    )


def reload(found, number):
    """Has a service load its graph anew, and waits until it no longer serves the snapshot of that
    number.
    """
    found.process.send_signal(signal.SIGHUP)
    until(lambda: found.client.get("/health").json()["snapshot"] > number)
