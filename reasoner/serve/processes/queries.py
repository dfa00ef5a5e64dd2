"""Answers SPARQL queries in a worker process: parses them, refuses or runs them, serializes.

All of it, parsing too, counts against the budget of the process.
"""

import itertools

import pyoxigraph as ox
from starlette.responses import Response

from reasoner.graph.knowledge import Knowledge
from reasoner.graph.sparql.faults import explain  # it reads a file, which no worker can
from reasoner.graph.sparql.scan import Fault, Reading, read
from reasoner.graph.store import serialize
from reasoner.serve.problems import Problem, read_only
from reasoner.serve.sparql.dataset import dataset, graphs
from reasoner.serve.sparql.description import PREFIXES, describe
from reasoner.serve.sparql.negotiation import GRAPHS, MEDIA, RESULTS, form

ANSWER_BYTES = 64 << 20
RESULT_FORMATS = {
    "json": ox.QueryResultsFormat.JSON,
    "xml": ox.QueryResultsFormat.XML,
    "csv": ox.QueryResultsFormat.CSV,
    "tsv": ox.QueryResultsFormat.TSV,
}
GRAPH_FORMATS = {
    "turtle": ox.RdfFormat.TURTLE,
    "ntriples": ox.RdfFormat.N_TRIPLES,
    "rdfxml": ox.RdfFormat.RDF_XML,
    "jsonld": ox.RdfFormat.JSON_LD,
}


class TooLarge(Exception):
    """An answer with more bytes than may be sent."""


class Answer:
    """A file-like object that Oxigraph writes an answer to; raises TooLarge beyond `most` bytes."""

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
        """Does nothing: parts are not buffered."""


class Queries:
    """Answers queries over the dataset of one graph."""

    def __init__(self, knowledge: Knowledge, rows: int):
        self.rows, self.served = rows, frozenset(graphs(knowledge))
        self.store = ox.Store()
        described = serialize(describe(knowledge), {}, "ntriples")
        self.store.load(input=dataset(knowledge, described), format=ox.RdfFormat.N_QUADS)

    def answer(self, head: dict, body: bytes) -> Response:
        """The answer to a query, whose text is the body.

        The head holds the Accept header, and the default and named graphs that the protocol names,
        None where it names none. An answer that changes each time says `no-store`. Raises Problem.
        """
        query = body.decode()
        reading = read(query)
        self.refuse(reading, [*(head["default"] or ()), *(head["named"] or ())])
        wanted = form(head["accept"], reading.is_graph)
        if wanted is None:
            offered = GRAPHS if reading.is_graph else RESULTS
            media = ", ".join(sorted({MEDIA[name].split(";")[0] for name in offered.values()}))
            raise Problem(406, "not-acceptable", f"The answer to this query can be had as {media}.")
        try:
            written = self.run(query, wanted, head["default"], head["named"])
        except SyntaxError as error:
            raise problem(explain(query, str(error))) from None
        except TooLarge:
            raise Problem(
                503, "over-budget", f"The answer has more than {ANSWER_BYTES >> 20} megabytes."
            ) from None
        except (OSError, RuntimeError, ValueError) as error:
            raise Problem(400, "not-evaluated", str(error)[:500]) from None
        headers = {} if reading.steady else {"Cache-Control": "no-store"}
        return Response(written, 200, headers, MEDIA[wanted])

    def refuse(self, reading: Reading, asked: list[str]) -> None:
        """Raises Problem for a query that must not run."""
        if reading.updates:
            raise read_only()
        if reading.service:
            raise Problem(403, "no-federation", "SERVICE is refused: this endpoint asks no other.")
        if fault := reading.fault:
            raise problem(fault)
        for graph in (*reading.graphs, *asked):
            if graph not in self.served:
                raise Problem(
                    403,
                    "graph-not-served",
                    f"The graph {graph[:200]!r} is not served here.",
                    served=sorted(self.served),
                )

    def run(self, query: str, wanted: str, default, named) -> bytes:
        """The serialized answer to a query that may run.

        Raises TooLarge, Problem or SyntaxError.
        """
        scope = (
            {}
            if default is None and named is None
            else {
                "default_graph": list(map(ox.NamedNode, default or [])),
                "named_graphs": list(map(ox.NamedNode, named or [])),
            }
        )
        results = self.store.query(query, **scope)
        too_many = Problem(503, "over-budget", f"The answer has more than {self.rows} rows.")
        if isinstance(results, ox.QueryTriples):
            triples = list(itertools.islice(results, self.rows + 1))
            if len(triples) > self.rows:
                raise too_many
            known = {} if wanted in ("ntriples", "jsonld") else {"prefixes": PREFIXES}
            written = ox.serialize(triples, format=GRAPH_FORMATS[wanted], **known)
            if len(written) > ANSWER_BYTES:
                raise TooLarge
            return written
        out = Answer(ANSWER_BYTES)
        results.serialize(out, format=RESULT_FORMATS[wanted])
        written = b"".join(out.parts)
        if (
            isinstance(results, ox.QuerySolutions)
            and len(written) > 2 * self.rows
            and count(written, wanted) > self.rows
        ):
            raise too_many
        return written


def problem(fault: Fault) -> Problem:
    """Why a query is refused, with its place."""
    detail = f"Line {fault.line}, column {fault.column}: {fault.message}. {fault.remedy}"
    return Problem(400, fault.code, detail, line=fault.line, column=fault.column)


def count(written: bytes, form: str) -> int:
    """The rows of a serialized answer."""
    if form == "xml":
        return written.count(b"<result>") + written.count(b"<result/>")
    if form == "json":
        return sum(1 for _ in ox.parse_query_results(written, format=ox.QueryResultsFormat.JSON))
    unquoted = written.split(b'"')[::2] if form == "csv" else [written]
    return sum(part.count(b"\n") for part in unquoted) - 1
