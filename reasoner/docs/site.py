"""Renders every page of the documentation, with the templates in `templates/`."""

from collections.abc import Iterator
from pathlib import Path

from reasoner.docs import reference
from reasoner.docs.graph import Graph
from reasoner.docs.query_pages import query
from reasoner.docs.scenario_pages import edition, scenario, scenarios_of
from reasoner.docs.term_pages import about, groups
from reasoner.errors import needing
from reasoner.graph import query_files
from reasoner.graph.short_names import short
from reasoner.graph.terminology import table
from reasoner.messages.escaping import in_page
from reasoner.names import DCTERMS, SKOS, curie, expand, ia

TEMPLATES = Path(__file__).parent / "templates"
Pages = dict[str, bytes]


def pages(graph: Graph) -> Pages:
    """Every page and file of the documentation, by its path."""
    templates = environment(graph)
    content = dict(files(graph))
    for path, template, values in views(graph):
        content[path] = render(templates, graph, path, template, values)
    return dict(sorted(content.items()))


def views(graph: Graph) -> Iterator[tuple[str, str, dict]]:
    """The path, template and values of every page."""
    editions = sorted(
        graph.members("Edition"),
        key=lambda e: (
            graph.facts.objects(e, ia("ofTopic")),
            graph.facts.value(e, DCTERMS + "issued", ""),
        ),
        reverse=True,
    )
    yield (
        "index.html",
        "index.html",
        {
            "editions": [(e, scenarios_of(graph, e)) for e in editions],
            "levels": graph.ranked("RelativeRadiationLevel"),
            "count": len(graph.terms),
            "queries": {kind: len(query_files.names(kind)) for kind in query_files.KINDS},
            "reference": reference.available(),
            "systems": list(table(graph.ontology / "tables" / "code-systems.csv", ",")),
        },
    )
    yield "terms/index.html", "terms.html", {"groups": groups(graph)}
    yield (
        "queries/index.html",
        "queries.html",
        {
            "kinds": {
                kind: (meaning, [query_files.named(kind, n) for n in query_files.names(kind)])
                for kind, meaning in query_files.KINDS.items()
            }
        },
    )
    for term in graph.terms:
        path = graph.place(term)
        if path.startswith("scenarios/") and "#" not in path:
            yield path, "scenario.html", scenario(graph, term)
        elif path.startswith("editions/"):
            yield path, "edition.html", edition(graph, term, editions)
        elif "#" not in path:
            yield path, "term.html", about(graph, term)
    for kind in query_files.KINDS:
        for name in query_files.names(kind):
            yield f"queries/{kind}/{name}.html", "query.html", query(graph, kind, name)


def files(graph: Graph) -> Iterator[tuple[str, bytes]]:
    """The files beside the pages: style sheet, queries, and the reference where pyLODE is."""
    yield "style.css", (TEMPLATES / "style.css").read_bytes()
    for kind in query_files.KINDS:
        for name in query_files.names(kind):
            yield f"queries/{kind}/{name}.rq", query_files.named(kind, name).text.encode()
    if reference.available():
        yield "reference.html", reference.page(graph)


def environment(graph: Graph):
    """The templates; every value that they show is escaped. Raises InputError without Jinja2."""
    with needing("", "nextstudy docs"):
        from jinja2 import Environment, FileSystemLoader, StrictUndefined
    templates = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        finalize=in_page,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    templates.globals |= {
        "graph": graph,
        "curie": curie,
        "short": short,
        "version": graph.knowledge.version,
        "notation": SKOS + "notation",
        "term_of": lambda word: expand(word.strip("<>")),
    }
    return templates


def render(templates, graph: Graph, path: str, template: str, values: dict) -> bytes:
    """A page, whose links are relative to it."""
    root = "../" * path.count("/")
    values |= {"root": root, "href": lambda iri: (place := graph.place(iri)) and root + place}
    return (templates.get_template(template).render(values) + "\n").encode()
