"""A process that answers one SPARQL query after another from its own copy of the data, and can do nothing else.

The service starts it by path, so that it imports Oxigraph and nothing of this package. Before its first query it gives up
opening files and connections for good: with no descriptor to be had, a query that calls out fails whatever its text is.
It is made to be killed: a query that takes too long, too much memory or too deep a stack ends this process and no other,
and where the system can do so it ends with the service.
"""

import ctypes
import itertools
import json
import math
import os
import resource
import signal
import struct
import sys

import pyoxigraph as ox

DIE_WITH_PARENT = 1  # PR_SET_PDEATHSIG of Linux
FRAME = struct.Struct(">cI")  # what it is, and how many bytes follow
READY, ANSWER, SYNTAX, ROWS, BYTES, FAILED = b"R", b"A", b"S", b"W", b"Y", b"F"
RESULTS = {"json": ox.QueryResultsFormat.JSON, "xml": ox.QueryResultsFormat.XML, "csv": ox.QueryResultsFormat.CSV, "tsv": ox.QueryResultsFormat.TSV}
GRAPHS = {"turtle": ox.RdfFormat.TURTLE, "ntriples": ox.RdfFormat.N_TRIPLES, "rdfxml": ox.RdfFormat.RDF_XML, "jsonld": ox.RdfFormat.JSON_LD}


class TooLarge(Exception):
    """An answer with more bytes than may be sent."""


class Answer:
    """What Oxigraph writes an answer to; it refuses to grow beyond a number of bytes."""

    def __init__(self, most: int):
        self.parts, self.size, self.most = [], 0, most

    def write(self, part: bytes) -> int:
        """Takes a part."""
        self.size += len(part)
        if self.size > self.most:
            raise TooLarge
        self.parts.append(part)
        return len(part)

    def flush(self) -> None:
        """Nothing waits."""


def main(megabytes: int) -> None:
    """Loads the first frame, says so, and answers those that follow until there are none."""
    follow()
    store = ox.Store()
    store.load(input=receive(), format=ox.RdfFormat.N_QUADS)
    confine(megabytes)
    send(READY, b"")
    while (request := receive()) is not None:
        send(*reply(store, json.loads(request)))


def follow() -> None:
    """Has the system end this process with the service, also in the middle of a query; elsewhere a query ends by its processor time."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(DIE_WITH_PARENT, signal.SIGKILL)


def confine(megabytes: int) -> None:
    """Gives up files, connections, children and core dumps, and all but some memory."""
    try:
        with open("/proc/self/statm", encoding="ascii") as pages:
            used = int(pages.read().split()[0]) * resource.getpagesize()
    except OSError:
        used = 1 << 30
    most = used + (megabytes << 20)
    for kind, limit in (("RLIMIT_AS", most), ("RLIMIT_CORE", 0), ("RLIMIT_FSIZE", 0), ("RLIMIT_NPROC", 0), ("RLIMIT_NOFILE", 0)):
        try:
            resource.setrlimit(getattr(resource, kind), (limit, limit))
        except (AttributeError, OSError, ValueError):
            if kind == "RLIMIT_NOFILE":
                raise  # without this one no query may run


def reply(store: ox.Store, request: dict) -> tuple[bytes, bytes]:
    """The answer to a request, or why there is none."""
    limit_processor(request["seconds"])
    try:
        return answer(store, request)
    except SyntaxError as error:
        return SYNTAX, (error.msg or "it is no query").encode()
    except TooLarge:
        return BYTES, b""
    except Exception as error:  # whatever it is, it is the query's, and the next one must find this process alive
        return FAILED, str(error).encode()


def limit_processor(seconds: float) -> None:
    """Ends this process when the query takes that much processor time, should nobody else do it."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (math.ceil(usage.ru_utime + usage.ru_stime + seconds) + 1, hard))


def answer(store: ox.Store, request: dict) -> tuple[bytes, bytes]:
    """The serialized answer to a request."""
    default, named = request["default"], request["named"]
    scope = {} if default is None and named is None else {"default_graph": list(map(ox.NamedNode, default or [])), "named_graphs": list(map(ox.NamedNode, named or []))}
    found, form, rows = store.query(request["query"], **scope), request["form"], request["rows"]
    if isinstance(found, ox.QueryTriples):
        triples = list(itertools.islice(found, rows + 1))
        if len(triples) > rows:
            return ROWS, b""
        known = {} if form in ("ntriples", "jsonld") else {"prefixes": request["prefixes"]}
        written = ox.serialize(triples, format=GRAPHS[form], **known)
        return (ANSWER, written) if len(written) <= request["bytes"] else (BYTES, b"")
    out = Answer(request["bytes"])
    found.serialize(out, format=RESULTS[form])
    written = b"".join(out.parts)
    if isinstance(found, ox.QuerySolutions) and len(written) > 2 * rows and count(written, form) > rows:
        return ROWS, b""
    return ANSWER, written


def count(written: bytes, form: str) -> int:
    """The rows of a serialized answer."""
    if form == "xml":
        return written.count(b"<result>") + written.count(b"<result/>")
    if form == "json":
        return sum(1 for _ in ox.parse_query_results(written, format=ox.QueryResultsFormat.JSON))
    unquoted = written.split(b'"')[::2] if form == "csv" else [written]
    return sum(part.count(b"\n") for part in unquoted) - 1


def receive() -> bytes | None:
    """The next frame, or nothing when the service is gone."""
    head = read(4)
    return None if head is None else read(int.from_bytes(head, "big"))


def read(size: int) -> bytes | None:
    """Exactly so many bytes."""
    parts = []
    while size:
        part = os.read(0, min(size, 1 << 20))
        if not part:
            return None
        parts.append(part)
        size -= len(part)
    return b"".join(parts)


def send(kind: bytes, payload: bytes) -> None:
    """Writes a frame."""
    rest = memoryview(FRAME.pack(kind, len(payload)) + payload)
    while rest:
        rest = rest[os.write(1, rest):]


if __name__ == "__main__":
    main(int(sys.argv[1]))
