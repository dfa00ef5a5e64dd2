"""The SPARQL endpoint: the protocol, what it refuses, what it survives, and that it never reaches
out.
"""

import csv
import io
import os
import signal
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pyoxigraph as ox
import pytest
import rdflib
from rdflib.plugins.sparql import prepareQuery
from rdflib.plugins.sparql.parser import parseQuery
from rdflib.plugins.sparql.parserutils import CompValue
from starlette.responses import Response

httpx = pytest.importorskip("httpx")
pytest.importorskip("uvicorn")
from hostile import HOSTILE, timed  # noqa: E402
from serving import runs, service, until  # noqa: E402

from reasoner.graph import query_files as queries  # noqa: E402
from reasoner.graph.sparql import scan as sparql_reading  # noqa: E402
from reasoner.serve.processes import framing, worker  # noqa: E402
from reasoner.serve.sparql import negotiation  # noqa: E402

BUDGET, MARGIN = 1.5, 0.5
ROOT = Path(__file__).parent.parent
IA = "https://w3id.org/imaging-appropriateness/ns/"
PREFIX = f"PREFIX ia: <{IA}>\n"
RATINGS = PREFIX + (
    "SELECT ?rating ?category WHERE { ?rating a ia:Rating ; ia:hasCategory ?category } ORDER "
    "BY ?rating"
)
CONSTRUCT = PREFIX + "CONSTRUCT { ?s ia:hasCategory ?o } WHERE { ?s ia:hasCategory ?o }"
QUESTIONS = queries.names("questions")


@pytest.fixture(scope="module")
def served():
    """A service with a short budget."""
    with service(
        "--query-seconds",
        str(BUDGET),
        "--query-rows",
        "20000",
        "--query-megabytes",
        "256",
        "--body-megabytes",
        "1",
    ) as found:
        yield found


@pytest.fixture(scope="module")
def canary():
    """A listener on loopback that counts who calls, and its port."""
    calls, listener = [], socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen(64)

    def listen():
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            calls.append(1)
            connection.close()

    threading.Thread(target=listen, daemon=True).start()
    yield listener.getsockname()[1], calls
    listener.close()


# The protocol


@pytest.mark.parametrize(
    "accept, media",
    [
        ("application/sparql-results+json", "application/sparql-results+json"),
        ("application/json", "application/sparql-results+json"),
        ("*/*", "application/sparql-results+json"),
        ("application/sparql-results+xml", "application/sparql-results+xml"),
        ("text/csv", "text/csv; charset=utf-8"),
        ("text/tab-separated-values", "text/tab-separated-values; charset=utf-8"),
        (
            "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
            "application/sparql-results+xml",
        ),
        ("text/csv;q=0.5, application/sparql-results+json;q=0.4", "text/csv; charset=utf-8"),
    ],
)
def test_results_come_in_the_form_that_is_asked_for(served, reasoner, accept, media):
    response = served.query(RATINGS, accept)
    assert (response.status_code, response.headers["content-type"]) == (200, media)
    form = {
        "json": ox.QueryResultsFormat.JSON,
        "xml": ox.QueryResultsFormat.XML,
        "csv": ox.QueryResultsFormat.CSV,
        "tsv": ox.QueryResultsFormat.TSV,
    }[negotiation.form(accept, False)]
    assert response.content == reasoner.knowledge.store.query(RATINGS).serialize(format=form)


@pytest.mark.parametrize(
    "accept, parser",
    [
        ("text/turtle", "turtle"),
        ("application/n-triples", "nt"),
        ("application/rdf+xml", "xml"),
        ("application/ld+json", "json-ld"),
        ("*/*", "turtle"),
    ],
)
def test_graphs_come_in_the_form_that_is_asked_for(served, reasoner, accept, parser):
    response = served.query(CONSTRUCT, accept)
    assert (
        len(rdflib.Graph().parse(data=response.text, format=parser))
        == len(reasoner.knowledge.store.construct(CONSTRUCT))
        > 50
    )


def test_ways_to_ask_are_equal(served):
    accept = {"Accept": "text/csv"}
    told = {
        served.client.get("/sparql", params={"query": RATINGS}, headers=accept).text,
        served.client.post("/sparql", data={"query": RATINGS}, headers=accept).text,
        served.client.post(
            "/sparql",
            content=RATINGS,
            headers={**accept, "Content-Type": "application/sparql-query"},
        ).text,
        served.client.post(
            "/sparql",
            content=RATINGS,
            headers={**accept, "Content-Type": "application/sparql-query; charset=utf-8"},
        ).text,
    }
    assert len(told) == 1 and told.pop().count("\n") > 50


def test_the_headers_are_honest(served):
    text = RATINGS + " # once"
    first, again = served.query(text), served.query(text)
    assert [r.headers["cache-status"] for r in (first, again)] == [
        "nextstudy; fwd=miss",
        "nextstudy; hit",
    ]
    assert (
        first.content == again.content
        and first.headers["access-control-allow-origin"] == "*"
        and first.headers["vary"] == "Accept"
    )
    kept = served.client.get(
        "/sparql",
        params={"query": text},
        headers={"Accept": "*/*", "If-None-Match": first.headers["etag"]},
    )
    assert (kept.status_code, kept.content) == (304, b"")
    random = "SELECT (RAND() AS ?r) {}"
    assert served.query(random).content != served.query(random).content
    preflight = served.client.options(
        "/sparql", headers={"Origin": "http://other", "Access-Control-Request-Method": "POST"}
    )
    assert (
        preflight.status_code == 204 and "POST" in preflight.headers["access-control-allow-methods"]
    )


def sent(served, method="GET", **more):
    """A request that may be wrong."""
    return served.client.request(method, "/sparql", **more)


def test_why_a_query_is_malformed_is_told_with_its_place(served):
    told = served.query("ASK {\n FILTR(true)\n}")
    assert (told.status_code, told.json()["line"], told.json()["column"]) == (400, 2, 2)
    assert told.json()["detail"].startswith("Line 2, column 2: FILTR is no word of SPARQL")
    assert "nearest is FILTER" in told.json()["detail"]


@pytest.mark.parametrize(
    "status, code, request_",
    [
        (400, "malformed-query", {"params": {"query": "SELECT nonsense"}}),
        (400, "malformed-query", {"params": {"query": ""}}),
        (400, "malformed-request", {"params": [("query", "ASK {}"), ("query", "ASK {}")]}),
        (400, "malformed-request", {"method": "POST", "data": {"other": "x"}}),
        (
            400,
            "malformed-request",
            {
                "method": "POST",
                "content": b"\xff\xfe",
                "headers": {"Content-Type": "application/sparql-query"},
            },
        ),
        (403, "read-only", {"method": "POST", "data": {"update": "CLEAR ALL"}}),
        (
            403,
            "read-only",
            {
                "method": "POST",
                "content": "x",
                "headers": {"Content-Type": "application/sparql-update"},
            },
        ),
        (
            403,
            "graph-not-served",
            {"params": {"query": "ASK {}", "default-graph-uri": "file:///etc/passwd"}},
        ),
        (
            403,
            "graph-not-served",
            {"params": {"query": "ASK {}", "named-graph-uri": "http://127.0.0.1/"}},
        ),
        (
            406,
            "not-acceptable",
            {"params": {"query": "ASK {}"}, "headers": {"Accept": "image/png"}},
        ),
        (
            406,
            "not-acceptable",
            {"params": {"query": CONSTRUCT}, "headers": {"Accept": "text/csv"}},
        ),
        (413, "too-long", {"method": "POST", "data": {"query": "#" * 300_000}}),
        (413, "too-large", {"method": "POST", "data": {"query": "#" * 2_000_000}}),
        (
            415,
            "media-type",
            {"method": "POST", "content": "ASK {}", "headers": {"Content-Type": "text/plain"}},
        ),
    ],
)
def test_what_is_no_query_gets_a_problem_document(served, status, code, request_):
    response = sent(served, **request_)
    assert (response.status_code, response.headers["content-type"]) == (
        status,
        "application/problem+json",
    )
    assert (response.json()["status"], response.json()["type"].rsplit("/", 1)[-1]) == (status, code)


def test_a_body_without_a_length_is_limited_as_well(served):
    response = served.client.post(
        "/sparql",
        content=(b"#" * 100_000 for _ in range(30)),
        headers={"Content-Type": "application/sparql-query"},
    )
    assert response.status_code == 413


@pytest.mark.parametrize("name", QUESTIONS)
def test_each_question_gives_its_rows_over_http(served, reasoner, name):
    text = queries.named("questions", name).text
    names, rows = reasoner.knowledge.store.select(text)
    told = list(csv.reader(io.StringIO(served.query(text, "text/csv").text)))
    assert told[0] == names and told[1:] == [
        ["" if cell is None else getattr(cell, "value", str(cell)) for cell in row] for row in rows
    ]


def test_each_edition_has_a_graph(served, reasoner):
    rows = served.query(
        PREFIX
        + (
            "SELECT ?g (COUNT(?r) AS ?n) WHERE { GRAPH ?g { ?r a ia:Rating } } GROUP BY ?g ORDER "
            "BY ?g"
        ),
        "text/csv",
    ).text.split()[1:]
    facts = reasoner.knowledge.facts
    counts = {
        e: len(
            [
                r
                for r in facts.subjects(IA + "inEdition", e)
                if facts.holds(r, "http://www.w3.org/1999/02/22-rdf-syntax-ns#type", IA + "Rating")
            ]
        )
        for e in (IA + "SoftTissueMasses2017", IA + "SoftTissueMasses2022")
    }
    assert rows == [f"{edition},{n}" for edition, n in counts.items()]
    for how in (
        PREFIX + "SELECT (COUNT(*) AS ?n) FROM ia:SoftTissueMasses2017 { ?r a ia:Rating }",
        f"SELECT (COUNT(*) AS ?n) FROM <{IA}SoftTissueMasses2017> {{ ?r a <{IA}Rating> }}",
    ):
        assert served.query(how, "text/csv").text.split() == [
            "n",
            str(counts[IA + "SoftTissueMasses2017"]),
        ]
    named = served.query(
        f"SELECT (COUNT(*) AS ?n) {{ ?r a <{IA}Rating> }}",
        "text/csv",
        **{"default-graph-uri": IA + "SoftTissueMasses2022"},
    ).text.split()
    assert named == ["n", str(counts[IA + "SoftTissueMasses2022"])]


# What it says of itself

SH = (
    "PREFIX sh: <http://www.w3.org/ns/shacl#> PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#> "
)


def test_an_editor_fills_itself(served):
    prefixes = served.query(
        SH
        + (
            "SELECT DISTINCT ?prefix ?namespace WHERE { [] sh:namespace ?namespace ; sh:prefix "
            "?prefix } ORDER BY ?prefix"
        )
    ).json()["results"]["bindings"]
    assert {"ia", "rdfs", "skos"} <= {row["prefix"]["value"] for row in prefixes}
    examples = served.query(
        SH
        + (
            "SELECT DISTINCT ?sq ?comment ?query WHERE { ?sq a sh:SPARQLExecutable ; rdfs:comment "
            "?comment ; sh:select|sh:ask|sh:construct|sh:describe ?query }"
        )
    ).json()
    assert (
        sorted(row["sq"]["value"].rsplit("/", 1)[-1] for row in examples["results"]["bindings"])
        == QUESTIONS
    )
    classes = served.query(
        "PREFIX void: <http://rdfs.org/ns/void#> SELECT DISTINCT ?c ?p ?o WHERE { ?x void:class "
        "?c ; void:propertyPartition ?pp . ?pp void:property ?p . "
        "OPTIONAL { ?pp void:classPartition [ void:class ?o ] } }",
        "text/csv",
    ).text
    assert (
        f"{IA}Rating,{IA}hasCategory,{IA}" in classes
        and f"{IA}Rating,http://www.w3.org/2000/01/rdf-schema#label," in classes
    )


@pytest.mark.parametrize("path", ["/sparql", "/.well-known/void"])
@pytest.mark.parametrize(
    "accept, parser",
    [
        ("text/turtle", "turtle"),
        ("application/n-triples", "nt"),
        ("application/rdf+xml", "xml"),
        ("application/ld+json", "json-ld"),
        ("image/png", "turtle"),
    ],
)
def test_the_service_describes_itself(served, path, accept, parser):
    graph = rdflib.Graph().parse(
        data=served.client.get(path, headers={"Accept": accept}).text, format=parser
    )
    SD = rdflib.Namespace("http://www.w3.org/ns/sparql-service-description#")
    assert list(graph.objects(None, SD.endpoint)) == [rdflib.URIRef(f"{served.address}/sparql")]
    assert len(list(graph.objects(None, SD.resultFormat))) == 8 and not list(
        graph.objects(None, SD.feature / SD.BasicFederatedQuery)
    )


def test_the_description_counts_what_is_served(served):
    told = served.query(
        (
            "SELECT ?n (COUNT(*) AS ?m) { ?s ?p ?o { ?g <http://rdfs.org/ns/void#triples> ?n "
            "FILTER(STRENDS(STR(?g), 'default-graph')) } } GROUP BY ?n"
        ),
        "text/csv",
    ).text.split()[1]
    assert len(set(told.split(","))) == 1


def test_a_browser_is_led_to_the_query_page(served):
    assert (
        served.client.get("/sparql", headers={"Accept": "text/html"}).headers["location"]
        == "/query"
    )


# What it refuses

REFUSED = [
    ("SELECT * { SERVICE <http://127.0.0.1:PORT/> { ?s ?p ?o } }", 403),
    ("SELECT * { SERVICE SILENT <http://localhost:PORT/> { ?s ?p ?o } }", 403),
    ("SELECT * { { SELECT * { service<http://127.0.0.1:PORT/>{ ?s ?p ?o } } } }", 403),
    ("SELECT * { ?s ?p trueSERVICE<http://127.0.0.1:PORT/>{ ?a ?b ?c } }", 400),
    ("SELECT * { SERVICESILENT<http://127.0.0.1:PORT/>{ ?a ?b ?c } }", 400),
    ("PREFIX e: <http://127.0.0.1:PORT/> SELECT * { SERVICEe:x{ ?a ?b ?c } }", 400),
    ("PREFIX : <http://127.0.0.1:PORT/> SELECT * { SERVICE:x{ ?a ?b ?c } }", 400),
    ("SELECT * { #\rSERVICE <http://127.0.0.1:PORT/> { ?a ?b ?c } }", 403),
    ("SELECT * { ?s ?p 'a\\'' SERVICE <http://127.0.0.1:PORT/> { ?a ?b '''x''' } }", 403),
    ("SELECT * { BIND(<http://127.0.0.1:PORT/> AS ?x) SERVICE ?x { ?a ?b ?c } }", 403),
    ("SELECT * { FILTER EXISTS { SERVICE <http://127.0.0.1:PORT/> { ?a ?b ?c } } }", 403),
    ("CONSTRUCT { ?s ?p ?o } WHERE { SERVICE <http://127.0.0.1:PORT/> { ?s ?p ?o } }", 403),
    ("SELECT * { \\u0053ERVICE <http://127.0.0.1:PORT/> { ?s ?p ?o } }", 400),
    ("SELECT * FROM <file:///etc/passwd> { ?s ?p ?o }", 403),
    ("SELECT * FROM NAMED <file:///etc/passwd> { GRAPH ?g { ?s ?p ?o } }", 403),
    ("PREFIX f: <file:///etc/> ASK FROM f:passwd { ?s ?p ?o }", 403),
    ("BASE <file:///etc/> ASK FROM <passwd> {}", 403),
    ("SELECT*FROM<http://127.0.0.1:PORT/>{ ?s ?p ?o }", 403),
    ("PREFIX f: <file:///etc/> SELECT * FROMf:passwd { ?s ?p ?o }", 400),
    ("DESCRIBE <a:b> FROM <http://127.0.0.1:PORT/>", 403),
    ("LOAD <file:///etc/passwd>", 403),
    ("LOAD <http://127.0.0.1:PORT/>", 403),
    ("INSERT DATA { <a:b> <a:c> 1 }", 403),
    ("DELETE WHERE { ?s ?p ?o }", 403),
    ("DROP ALL", 403),
    ("PREFIX a: <a:> WITH <a:g> DELETE { ?s ?p ?o } WHERE { ?s ?p ?o }", 403),
    ("ASK {} ; INSERT DATA { <a:b> <a:c> 1 }", 400),
]


@pytest.mark.parametrize("text, status", REFUSED)
def test_what_reaches_out_or_changes_is_refused(served, canary, text, status):
    port, calls = canary
    response = served.query(text.replace("PORT", str(port)))
    assert (response.status_code, response.headers["content-type"], calls) == (
        status,
        "application/problem+json",
        [],
    )


@pytest.mark.parametrize(
    "text",
    [
        "SELECT * { ?s ?p 'SERVICE <http://x/> { } FROM <file:x>' }",
        "# SERVICE FROM LOAD\nASK { ?s ?p ?o }",
        "SELECT ?SERVICE ?from { ?SERVICE ?p ?from } LIMIT 1",
        'ASK { <http://x/FROM/SERVICE> ?p """SERVICE "" <x> { }""" }',
        "ASK { ?s <a:FROM> 'x'@from }",
        "PREFIX x: <a:> ASK { ?s x:SERVICE _:service }",
    ],
)
def test_words_that_only_look_refused_are_answered(served, text):
    assert served.query(text).status_code == 200


class Stub:
    """Tasks that run a query as it stands, with nothing before it that would refuse."""

    def run(self, head, body):
        found = ox.Store().query(body.decode())
        return Response(b"yes" if isinstance(found, ox.QueryBoolean) and found else b"rows")


def confined(texts):
    """What a worker process says to queries that nothing refuses: an error's kind, or its body."""
    ours, theirs = socket.socketpair()
    if not (pid := os.fork()):
        ours.close()
        try:
            worker.serve(theirs, Stub(), 256)
        finally:
            os._exit(0)
    theirs.close()
    with ours:
        assert framing.receive(ours)[0] == {"pid": pid}
        told = []
        for text in texts:
            framing.send(ours, {"seconds": 5}, text.encode())
            head, body = framing.receive(ours)
            told.append(head.get("error") or body)
    os.waitpid(pid, 0)
    return told


def test_a_worker_cannot_reach_out_whatever_it_is_asked(canary, tmp_path):
    port, calls = canary
    asked = [
        f"ASK {{ SERVICE <http://{host}:{port}/> {{ ?s ?p ?o }} }}"
        for host in ("127.0.0.1", "localhost")
    ]
    asked += ["SELECT * FROM <file:///etc/passwd> { ?s ?p ?o }", "ASK {}"]
    assert confined(asked) == ["OSError", "OSError", b"rows", b"yes"] and calls == []


def algebra(text):
    """Whether rdflib finds SERVICE in a query, and its FROM graphs."""
    services, todo = False, [parseQuery(text)]
    while todo:
        node = todo.pop()
        services |= isinstance(node, CompValue) and node.name == "ServiceGraphPattern"
        todo += (
            list(node.values())
            if isinstance(node, CompValue)
            else list(node)
            if isinstance(node, list | tuple) or type(node).__name__ in ("ParseResults", "plist")
            else []
        )
    prepared = prepareQuery(text)
    graphs = [clause.default or clause.named for clause in prepared.algebra.datasetClause or []]
    return services, [str(g) for g in graphs]


@pytest.mark.parametrize(
    "text",
    [queries.named("questions", name).text for name in QUESTIONS]
    + [
        text
        for text, status in REFUSED
        if status == 403
        and text.split()[0] in ("SELECT", "CONSTRUCT", "ASK", "PREFIX", "BASE")
        and "WITH" not in text
        and "\r" not in text
    ],
)
def test_the_reading_agrees_with_the_algebra_of_rdflib(text):
    found = sparql_reading.read(text)
    services, graphs = algebra(text)
    graphs = (
        ["passwd"] if "BASE" in text else graphs
    )  # a relative one stays as it stands: it is not served
    assert (found.service, list(found.graphs), found.fault) == (services, graphs, None)
    assert found.form in ("SELECT", "ASK", "CONSTRUCT") and not found.updates


# What it survives


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_query_is_answered_in_time_and_harms_nobody(served, canary, name):
    port, calls = canary
    text = HOSTILE[name].replace("PORT", str(port))
    with ThreadPoolExecutor(3) as threads:
        told = list(threads.map(lambda n: timed(served, f"{text} # {n}"), range(3)))
    assert {status for status, *_ in told} <= {200, 400, 403, 503} and max(
        seconds for _, seconds, _ in told
    ) < BUDGET + MARGIN, told
    assert all(status == 200 or media == "application/problem+json" for status, _, media in told)
    began = time.monotonic()
    assert (
        served.query(f"ASK {{ ?s ?p '{name}' }}").status_code == 200
        and time.monotonic() - began < 1
    )
    assert calls == []


def test_without_the_endpoint_a_query_would_call_out():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(5)
        with ThreadPoolExecutor(1) as threads:
            called = threads.submit(lambda: listener.accept()[0].close() or True)
            with pytest.raises(Exception):  # noqa: B017 - whatever Oxigraph makes of a connection that is closed
                list(
                    ox.Store().query(
                        HOSTILE["service"].replace("PORT", str(listener.getsockname()[1]))
                    )
                )
            assert called.result()


def test_many_hostile_queries_at_once_leave_the_others_alone(served):
    with ThreadPoolExecutor(4) as threads:
        hostile = [threads.submit(timed, served, f"{HOSTILE['count']} # {n}") for n in range(4)]
        time.sleep(0.3)
        took = [timed(served, f"ASK {{ ?s ?p '{n}' }}") for n in range(60)]
        assert [(s, m) for s, t, m in (h.result() for h in hostile)] == [
            (503, "application/problem+json")
        ] * 4
        assert max(h.result()[1] for h in hostile) < BUDGET + MARGIN
    assert {status for status, *_ in took} == {200} and sorted(t for _, t, _ in took)[30] < 0.2


def test_more_hostile_queries_than_places_are_all_answered(served):
    with ThreadPoolExecutor(12) as threads:
        told = list(
            threads.map(lambda n: timed(served, f"{HOSTILE['count']} # many {n}"), range(12))
        )
    assert {status for status, *_ in told} == {503} and max(
        seconds for _, seconds, _ in told
    ) < BUDGET + MARGIN, sorted(told)
    time.sleep(1)
    assert served.query("ASK { ?s ?p 'after' }").status_code == 200


# How it runs


def test_it_stops_when_what_it_began_is_answered():
    with service("--query-seconds", "2") as found, ThreadPoolExecutor(1) as threads:
        children = found.children()
        slow = threads.submit(timed, found, HOSTILE["count"])
        time.sleep(0.5)
        found.process.send_signal(signal.SIGTERM)
        assert slow.result()[0] == 503 and found.process.wait(20) == 0
        until(lambda: not any(map(runs, children)))
        assert children


def test_no_worker_is_left_behind_when_the_service_is_killed():
    with service("--query-seconds", "60") as found, ThreadPoolExecutor(1) as threads:
        slow = threads.submit(pytest.raises, httpx.TransportError, found.query, HOSTILE["count"])
        time.sleep(0.5)
        children = found.children()
        assert len(children) >= 2 and all(map(runs, children))
        found.process.kill()
        slow.result()
        assert found.process.wait(20) == -signal.SIGKILL
        until(lambda: not any(map(runs, children)), 3)
