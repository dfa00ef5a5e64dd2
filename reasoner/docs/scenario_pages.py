"""What the pages of scenarios and of editions show."""

from itertools import pairwise

from reasoner.answer.recommendations import best_first
from reasoner.docs.graph import Graph
from reasoner.docs.term_pages import about
from reasoner.names import DCTERMS, SOURCE, ia

CHANGES = (
    "what-changed-in-ratings",
    "what-changed-within-scenarios",
    "what-changed-in-scenarios",
    "what-changed-in-procedures",
)
RATING = ("finalRating", "medianRating", "tabulation", "rationale", "basis", "dateSeen")


def scenarios_of(graph: Graph, edition: str) -> list[str]:
    """The scenarios of an edition, in the order of its own variant numbers."""
    scenarios = [s for s in graph.subjects("inEdition", edition) if graph.is_a(s, "Scenario")]

    def order(scenario: str) -> tuple[str, str, str]:
        number = graph.facts.value(scenario, DCTERMS + "identifier", "")
        return number, graph.label(scenario), scenario

    return sorted(scenarios, key=order)


def ratings_of(graph: Graph, scenario: str) -> list[dict]:
    """The rating grid of a scenario, best first."""
    ratings = [iri for iri in graph.subjects("ofScenario", scenario) if graph.is_a(iri, "Rating")]
    return [rating(graph, iri) for iri in best_first(graph.knowledge, ratings)]


def rating(graph: Graph, iri: str) -> dict:
    """The row of a rating."""
    return {
        **{name: graph.value(iri, name) for name in RATING},
        "iri": iri,
        "procedure": graph.value(iri, "ofProcedureRated"),
        "category": graph.value(iri, "hasCategory"),
        "adult": graph.value(iri, "hasAdultRadiation"),
        "pediatric": graph.value(iri, "hasPediatricRadiation"),
        "sources": graph.facts.objects(iri, SOURCE),
        "rationaleSource": graph.value(iri, "rationaleSource"),
    }


def scenario(graph: Graph, term: str) -> dict:
    """What the page of a scenario shows, beside what that of every term does."""
    exclusions = [
        {
            "excludes": graph.value(e, "excludes"),
            "leadsTo": graph.value(e, "leadsTo"),
            "precedence": int(graph.value(e, "precedence") or 0),
        }
        for e in graph.subjects("ofScenario", term)
        if graph.is_a(e, "Exclusion")
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
        "pitfalls": graph.subjects("duringScenario", term),
        "claims": [c for c in graph.subjects("ofScenario", term) if graph.is_a(c, "Claim")],
    }


def pathways(graph: Graph, stages: set[str]) -> dict[tuple[str, str, str], list[str]]:
    """The next steps at some stages of care, by stage, result and symptoms."""
    steps: dict[tuple[str, str, str], list[str]] = {}
    for row in graph.ask("what-follows-each-result"):
        if row["stage"] in stages:
            key = (row["stage"], row["result"], row["symptoms"])
            steps.setdefault(key, []).append(row["step"])
    return steps


def edition(graph: Graph, term: str, editions: list[str]) -> dict:
    """What the page of an edition shows: its scenarios with their ratings, and what changed.

    `editions` are those of every topic, the latest first.
    """
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
