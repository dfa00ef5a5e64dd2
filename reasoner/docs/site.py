"""The pages of the documentation: which there are, and what each shows. How they look is in `templates/`."""

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from urllib.parse import quote

from reasoner.answer.recommendations import best_first
from reasoner.docs import reference
from reasoner.docs.graph import Graph, short
from reasoner.errors import needing
from reasoner.graph import query_files as queries
from reasoner.graph.store import text
from reasoner.graph.terminology import table
from reasoner.messages.escaping import in_page
from reasoner.names import DCTERMS, OWL, RDF_TYPE, SKOS, SOURCE, curie, expand, ia

TEMPLATES = Path(__file__).parent / "templates"
CHANGES = (
    "what-changed-in-ratings",
    "what-changed-within-scenarios",
    "what-changed-in-scenarios",
    "what-changed-in-procedures",
)
ROWS_SHOWN = 12  # a page shows the first rows of an answer; the query gives them all
Pages = dict[str, bytes]


def pages(graph: Graph) -> Pages:
    """Every page and file of the documentation, by its path."""
    templates = environment(graph)
    made = dict(files(graph))
    for path, template, values in views(graph):
        made[path] = render(templates, graph, path, template, values)
    return dict(sorted(made.items()))


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
            "queries": {kind: len(queries.names(kind)) for kind in queries.KINDS},
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
                kind: (meaning, [queries.named(kind, n) for n in queries.names(kind)])
                for kind, meaning in queries.KINDS.items()
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
    for kind in queries.KINDS:
        for name in queries.names(kind):
            yield f"queries/{kind}/{name}.html", "query.html", query(graph, kind, name)


def files(graph: Graph) -> Iterator[tuple[str, bytes]]:
    """What lies beside the pages: the style, the queries themselves, and pyLODE's reference when pyLODE is installed."""
    yield "style.css", (TEMPLATES / "style.css").read_bytes()
    for kind in queries.KINDS:
        for name in queries.names(kind):
            yield f"queries/{kind}/{name}.rq", queries.named(kind, name).text.encode()
    if reference.available():
        yield "reference.html", reference.page(graph)


def environment(graph: Graph):
    """The templates; every value that they show is escaped. Raises InputError without Jinja2."""
    with needing("", "nextstudy docs"):
        from jinja2 import Environment, FileSystemLoader, StrictUndefined
    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        finalize=in_page,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals |= {
        "graph": graph,
        "curie": curie,
        "short": short,
        "version": graph.knowledge.version,
        "notation": SKOS + "notation",
        "term_of": lambda word: expand(word.strip("<>")),
    }
    return made


def render(templates, graph: Graph, path: str, template: str, values: dict) -> bytes:
    """A page, whose links are relative to it."""
    root = "../" * path.count("/")
    values |= {"root": root, "href": lambda iri: (place := graph.place(iri)) and root + place}
    return (templates.get_template(template).render(values) + "\n").encode()


def about(graph: Graph, term: str) -> dict:
    """What every page about a term shows."""
    return {
        "term": term,
        "label": graph.label(term),
        "definition": graph.definition(term),
        "kind": graph.kind(term),
        "document": graph.document[term],
        "statements": graph.statements(term),
        "used": graph.used(term),
        "mappings": mappings(graph, term),
    }


def mappings(graph: Graph, term: str) -> list[dict]:
    """The codes of a term in other terminologies, each with the address of its concept."""
    codes = graph.knowledge.codes
    return [
        {
            "match": m.predicate.removesuffix("Match"),
            "system": codes.systems[m.prefix].prefix,
            "code": m.code,
            "label": m.label,
            "address": codes.systems[m.prefix].iri_base + quote(m.code),
            "intake": m.intake,
        }
        for m in codes.of(term)
    ]


def groups(graph: Graph) -> dict[str, list[str]]:
    """The terms by what they are: properties, classes, then individuals by class; ratings are in their scenarios."""
    found: dict[str, list[str]] = {}
    for term in graph.terms:
        types = graph.facts.objects(term, RDF_TYPE)
        own = [graph.label(t) for t in types if t.startswith(str(ia("")))]
        kind = (
            "classes"
            if OWL + "Class" in types
            else "properties"
            if graph.place(term).startswith("properties/")
            else own[0]
            if own
            else "other"
        )
        found.setdefault(kind, []).append(term)
    found.pop(graph.label(ia("Rating")), None)
    first = [kind for kind in ("classes", "properties") if kind in found]
    return {
        kind: sorted(found[kind], key=lambda t: (graph.label(t).casefold(), t))
        for kind in first + sorted(set(found) - set(first), key=str.casefold)
    }


def scenarios_of(graph: Graph, edition: str) -> list[str]:
    """The scenarios of an edition, in the order of its own variant numbers."""
    found = [
        s
        for s in graph.subjects("inEdition", edition)
        if graph.facts.holds(s, RDF_TYPE, ia("Scenario"))
    ]
    return sorted(
        found, key=lambda s: (graph.facts.value(s, DCTERMS + "identifier", ""), graph.label(s), s)
    )


def ratings_of(graph: Graph, scenario: str) -> list[dict]:
    """The rating grid of a scenario, best first."""

    def rating(iri: str) -> dict:
        one = {
            name: graph.value(iri, name)
            for name in (
                "finalRating",
                "medianRating",
                "tabulation",
                "rationale",
                "basis",
                "dateSeen",
            )
        }
        return one | {
            "iri": iri,
            "procedure": graph.value(iri, "ofProcedureRated"),
            "category": graph.value(iri, "hasCategory"),
            "adult": graph.value(iri, "hasAdultRadiation"),
            "pediatric": graph.value(iri, "hasPediatricRadiation"),
            "sources": graph.facts.objects(iri, SOURCE),
            "rationaleSource": graph.value(iri, "rationaleSource"),
        }

    rated = [
        iri
        for iri in graph.subjects("ofScenario", scenario)
        if graph.facts.holds(iri, RDF_TYPE, ia("Rating"))
    ]
    return [rating(iri) for iri in best_first(graph.knowledge, rated)]


def scenario(graph: Graph, term: str) -> dict:
    """The page of a scenario: criteria, ratings, exclusions, pathways, differential, pitfalls, claims."""
    exclusions = [
        {
            "excludes": graph.value(e, "excludes"),
            "leadsTo": graph.value(e, "leadsTo"),
            "precedence": int(graph.value(e, "precedence") or 0),
        }
        for e in graph.subjects("ofScenario", term)
        if graph.facts.holds(e, RDF_TYPE, ia("Exclusion"))
    ]
    stages = {e["leadsTo"] for e in exclusions}
    diagnoses = [
        {
            "diagnosis": d,
            "worst": d in graph.objects(term, "mostConsequentialDiagnosis"),
            "features": [(f, graph.subjects("shows", f)) for f in graph.objects(d, "hasFeature")],
        }
        for d in graph.objects(term, "considersDiagnosis")
    ]
    return about(graph, term) | {
        "identifier": graph.facts.value(term, DCTERMS + "identifier", ""),
        "edition": graph.value(term, "inEdition"),
        "criteria": sorted(
            graph.knowledge.facts.objects(term, ia("hasCriterion")),
            key=lambda c: (int(graph.value(c, "askOrder") or 99), c),
        ),
        "ratings": ratings_of(graph, term),
        "unrated": graph.objects(term, "doesNotRate"),
        "siblings": graph.objects(term, "siblingScenario"),
        "exclusions": sorted(exclusions, key=lambda e: (e["precedence"], e["excludes"])),
        "pathways": pathways(graph, stages),
        "differential": sorted(
            diagnoses, key=lambda d: (not d["worst"], graph.label(d["diagnosis"]))
        ),
        "pitfalls": [p for p in graph.subjects("duringScenario", term)],
        "claims": [
            c
            for c in graph.subjects("ofScenario", term)
            if graph.facts.holds(c, RDF_TYPE, ia("Claim"))
        ],
    }


def pathways(graph: Graph, stages: set[str]) -> dict[tuple[str, str, str], list[str]]:
    """The next steps at some stages of care, by stage, result and symptoms."""
    found: dict[tuple[str, str, str], list[str]] = {}
    for row in graph.ask("what-follows-each-result"):
        if row["stage"] in stages:
            found.setdefault((row["stage"], row["result"], row["symptoms"]), []).append(row["step"])
    return found


def edition(graph: Graph, term: str, editions: list[str]) -> dict:
    """The page of an edition: its scenarios with their ratings, and what changed since the edition before it."""
    topic = graph.value(term, "ofTopic")
    before = {
        later: earlier
        for later, earlier in pairwise(e for e in editions if graph.value(e, "ofTopic") == topic)
    }.get(term)
    changes = {
        name: graph.ask(name, earlier=f"<{before}>", later=f"<{term}>") if before else []
        for name in CHANGES
    }
    scenarios = scenarios_of(graph, term)
    return about(graph, term) | {
        "topic": topic,
        "before": before,
        "changes": changes,
        "current": graph.value(term, "isCurrent") == "true",
        "grids": {s: ratings_of(graph, s) for s in scenarios},
        "issued": graph.facts.value(term, DCTERMS + "issued", ""),
    }


def query(graph: Graph, kind: str, name: str) -> dict:
    """The page of a query: its header, its text, and for a question the first rows of its answer."""
    found = queries.named(kind, name)
    names, rows = graph.knowledge.store.select(found.text) if kind == "questions" else ([], [])
    labels = {n for n in names if n.endswith("Label") and n.removesuffix("Label") in names}
    shown = [n for n in names if n not in labels]
    cells = [
        {
            n: ("", False)
            if row[names.index(n)] is None
            else (text(row[names.index(n)]), type(row[names.index(n)]).__name__ == "NamedNode")
            for n in shown
        }
        for row in rows[:ROWS_SHOWN]
    ]
    return {
        "query": found,
        "kind": kind,
        "meaning": queries.KINDS[kind],
        "columns": shown,
        "rows": cells,
        "total": len(rows),
    }
