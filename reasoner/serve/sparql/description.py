"""The description of the SPARQL endpoint: service description, VoID, prefixes and examples.

Query editors complete input from it. Prefixes are `sh:declare`, the project's questions are
`sh:SPARQLExecutable` examples, and VoID partitions say which properties and classes occur together.
The same statements can be queried at the endpoint.
"""

from hashlib import sha256
from pathlib import Path

from reasoner.graph import query_files
from reasoner.graph.knowledge import Knowledge
from reasoner.graph.sparql.scan import read
from reasoner.graph.store import Statement, literal, serialize, text
from reasoner.graph.turtle.format import WELL_KNOWN
from reasoner.names import DCTERMS, DOCUMENTS, RDF_TYPE, RDFS, XSD
from reasoner.serve.snapshot import Snapshot
from reasoner.serve.sparql.dataset import DESCRIPTION, editions, members

SD, VOID = "http://www.w3.org/ns/sparql-service-description#", "http://rdfs.org/ns/void#"
SH, SCHEMA, FORMATS = (
    "http://www.w3.org/ns/shacl#",
    "https://schema.org/",
    "http://www.w3.org/ns/formats/",
)
DATATYPES = "http://ldf.fi/void-ext#"
PREFIXES = {**WELL_KNOWN, "sd": SD, "void": VOID, "sh": SH, "schema": SCHEMA}
RESULT_FORMATS = (
    "SPARQL_Results_JSON",
    "SPARQL_Results_XML",
    "SPARQL_Results_CSV",
    "SPARQL_Results_TSV",
    "Turtle",
    "N-Triples",
    "RDF_XML",
    "JSON-LD",
)
KINDS = {
    "SELECT": ("select", "SPARQLSelectExecutable"),
    "ASK": ("ask", "SPARQLAskExecutable"),
    "CONSTRUCT": ("construct", "SPARQLConstructExecutable"),
    "DESCRIBE": ("describe", "SPARQLDescribeExecutable"),
}
GRAPH, DATASET = DESCRIPTION + "#default-graph", DESCRIPTION + "#dataset"


def describe(knowledge: Knowledge) -> list[Statement]:
    """The statements about the endpoint that do not depend on its address, by subject."""
    rows = [*service(knowledge), *prefixes(), *examples(), *partitions(knowledge)]
    triples = knowledge.store.dump().count(b" .\n") + len(rows) + 1
    return sorted([*rows, (GRAPH, VOID + "triples", number(triples))], key=lambda row: row[:2])


def address_statements(address: str) -> list[Statement]:
    """The statements about the endpoint at an address."""
    return [
        (DESCRIPTION, SD + "endpoint", address),
        (DATASET, VOID + "sparqlEndpoint", address),
        *(
            (f"{DESCRIPTION}/questions/{name}", SCHEMA + "target", address)
            for name in query_files.names("questions")
        ),
    ]


def service(knowledge: Knowledge) -> list[Statement]:
    """The service, its dataset, and a count of what is in each graph."""
    rows = [
        (DESCRIPTION, RDF_TYPE, SD + "Service"),
        (DESCRIPTION, SD + "supportedLanguage", SD + "SPARQL11Query"),
        (DESCRIPTION, SD + "feature", SD + "EmptyGraphs"),
        (DESCRIPTION, SD + "defaultDataset", DATASET),
        (DATASET, RDF_TYPE, SD + "Dataset"),
        (DATASET, RDF_TYPE, VOID + "Dataset"),
        (DATASET, SD + "defaultGraph", GRAPH),
        (GRAPH, RDF_TYPE, SD + "Graph"),
        (GRAPH, RDF_TYPE, VOID + "Dataset"),
        (DATASET, DCTERMS + "license", "https://www.apache.org/licenses/LICENSE-2.0"),
        (
            DATASET,
            DCTERMS + "title",
            literal("Imaging appropriateness, with entailments", language="en"),
        ),
        (DATASET, DCTERMS + "hasVersion", literal(knowledge.version)),
        (DATASET, VOID + "uriSpace", literal(WELL_KNOWN["ia"])),
        (DATASET, VOID + "vocabulary", WELL_KNOWN["ia"]),
        (
            DATASET,
            VOID + "exampleResource",
            WELL_KNOWN["ia"] + "MassAfterInconclusiveRadiographAndUltrasound",
        ),
    ]
    rows += [(DESCRIPTION, SD + "resultFormat", FORMATS + form) for form in RESULT_FORMATS]
    for name in [*editions(knowledge), DESCRIPTION]:
        node = f"{DESCRIPTION}#graph-{name.rsplit('/', 1)[-1]}"
        rows += [
            (DATASET, SD + "namedGraph", node),
            (node, RDF_TYPE, SD + "NamedGraph"),
            (node, SD + "name", name),
        ]
    for edition in editions(knowledge):
        node = f"{DESCRIPTION}#data-{edition.rsplit('/', 1)[-1]}"
        rows += [
            (f"{DESCRIPTION}#graph-{edition.rsplit('/', 1)[-1]}", SD + "graph", node),
            (node, RDF_TYPE, SD + "Graph"),
            (node, RDF_TYPE, VOID + "Dataset"),
            (node, DCTERMS + "title", literal(knowledge.label(edition), language="en")),
            (node, VOID + "entities", number(len(members(knowledge, edition)))),
        ]
    return rows


def number(value: int):
    """A number of things."""
    return literal(str(value), datatype=XSD + "integer")


def prefixes() -> list[Statement]:
    """The prefixes that the graph uses."""
    holder = DOCUMENTS + "appropriateness"
    rows = []
    for prefix, space in PREFIXES.items():
        node = f"{DESCRIPTION}#prefix-{prefix}"
        rows += [
            (holder, SH + "declare", node),
            (node, RDF_TYPE, SH + "PrefixDeclaration"),
            (node, SH + "prefix", literal(prefix)),
            (node, SH + "namespace", literal(space, datatype=XSD + "anyURI")),
        ]
    return rows


def examples() -> list[Statement]:
    """The project's questions."""
    rows = []
    for name in query_files.names("questions"):
        question = query_files.named("questions", name)
        predicate, kind = KINDS[read(question.text).form]
        node = f"{DESCRIPTION}/questions/{name}"
        rows += [
            (node, RDF_TYPE, SH + "SPARQLExecutable"),
            (node, RDF_TYPE, SH + kind),
            (node, SH + predicate, literal(question.text)),
            (node, RDFS + "comment", literal(question.header.get("summary", name), language="en")),
            (node, SH + "prefixes", DOCUMENTS + "appropriateness"),
        ]
    return rows


def partitions(knowledge: Knowledge) -> list[Statement]:
    """The properties that members of each class have, and the classes or datatypes of values."""
    _, table = knowledge.store.select(
        query_files.read(Path(__file__).with_name("what-stands-together.rq")).text
    )
    rows: dict[Statement, None] = {}
    for cls, prop, other, datatype, triples in table:
        of_class, of_property = part(cls), part(cls, prop)
        statements = [
            (GRAPH, VOID + "classPartition", of_class),
            (of_class, VOID + "class", text(cls)),
            (of_class, VOID + "propertyPartition", of_property),
            (of_property, VOID + "property", text(prop)),
        ]
        if other:
            statements += [
                (of_property, VOID + "classPartition", part(cls, prop, other)),
                (part(cls, prop, other), VOID + "class", text(other)),
                (part(cls, prop, other), VOID + "triples", triples),
            ]
        elif datatype:
            statements += [
                (of_property, DATATYPES + "datatypePartition", part(cls, prop, datatype)),
                (part(cls, prop, datatype), DATATYPES + "datatype", text(datatype)),
                (part(cls, prop, datatype), VOID + "triples", triples),
            ]
        rows.update(dict.fromkeys(statements))
    return list(rows)


def part(*terms) -> str:
    """The name of a partition."""
    return f"{DESCRIPTION}#part-{sha256(' '.join(map(text, terms)).encode()).hexdigest()[:16]}"


def description(snapshot: Snapshot, address: str, form: str) -> bytes:
    """The description of the endpoint at an address, serialized."""
    statements = describe(snapshot.reasoner.knowledge)
    try:
        rows = sorted([*statements, *address_statements(address)], key=lambda row: row[:2])
        return serialize(rows, PREFIXES, form)
    except ValueError:  # the address is what a client wrote into its Host header, and no IRI
        return serialize(statements, PREFIXES, form)
