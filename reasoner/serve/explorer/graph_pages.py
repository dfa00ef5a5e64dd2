"""Looks up what the explorer's pages show of the graph.

These are topics, scenarios with their counterparts in other editions, changes of editions, terms.
"""

from reasoner.answer.radiation_legend import legend
from reasoner.graph import query_files
from reasoner.graph.editions import siblings, twins
from reasoner.graph.knowledge import Knowledge
from reasoner.graph.lookup import find
from reasoner.graph.memoize import memoized
from reasoner.graph.terms import short
from reasoner.inference.proof import definition
from reasoner.messages.nearest import nearest, remedy
from reasoner.names import DCTERMS, IA, LABEL, RDF_TYPE, SKOS, SOURCE, curie, expand, ia
from reasoner.serve.json_api import terms
from reasoner.serve.json_api.terms import named

CHANGES = (
    "what-changed-in-scenarios",
    "what-changed-in-procedures",
    "what-changed-in-ratings",
    "what-changed-within-scenarios",
)
SEARCHED = {
    "Scenarios": {"Scenario"},
    "Procedures": {"GenericProcedure", "OrderableProcedure"},
    "Diagnoses": {"Diagnosis"},
}


@memoized
def topics(knowledge: Knowledge) -> list[dict]:
    """The topics that have editions, each with its editions, the newest first, and scenarios."""
    facts, editions_of = knowledge.facts, {}
    for edition in facts.subjects(RDF_TYPE, ia("Edition")):
        topic = facts.value(edition, ia("ofTopic"), edition)
        editions_of.setdefault(topic, []).append(
            {
                **named(knowledge, edition),
                "current": facts.holds(edition, ia("isCurrent"), "true"),
                "issued": issued(knowledge, edition),
                "scenarios": [
                    s for s in scenarios(knowledge) if s["edition"]["id"] == curie(edition)
                ],
            }
        )
    rows = [
        {
            **named(knowledge, topic),
            "definition": definition(knowledge, topic),
            "editions": sorted(
                editions, key=lambda e: (not e["current"], e["issued"]), reverse=False
            ),
        }
        for topic, editions in editions_of.items()
    ]
    return sorted(rows, key=lambda t: t["label"].lower())


@memoized
def scenarios(knowledge: Knowledge) -> list[dict]:
    """All scenarios, in short."""
    return terms.scenarios(knowledge)


def issued(knowledge: Knowledge, edition: str) -> str:
    """When an edition came out."""
    return knowledge.facts.value(edition, DCTERMS + "issued", "")


def scenario(knowledge: Knowledge, name: str) -> dict | None:
    """A scenario as its page shows it; None when no scenario has the name."""
    shown = terms.scenario(knowledge, name)
    if shown is None:
        return None
    facts, iri = knowledge.facts, find(knowledge, shown["id"])
    edition = facts.value(iri, ia("inEdition"))
    led = [
        s
        for tie in facts.subjects(ia("ofScenario"), iri)
        for s in facts.objects(tie, ia("leadsTo"))
    ]
    worst = set(map(curie, facts.objects(iri, ia("mostConsequentialDiagnosis"))))
    return {
        **shown,
        "legend": legend(knowledge, shown["ratings"]),
        "topic": named(knowledge, facts.value(edition, ia("ofTopic"))),
        "differential": sorted(
            ({**d, "worst": d["id"] in worst} for d in shown["differential"]),
            key=lambda d: (not d["worst"], d["label"]),
        ),
        "pathways": pathways(knowledge, sorted(set(led))),
        "editions": counterparts(knowledge, iri, edition),
        "changes": changes(knowledge, edition),
    }


def nearest_scenario(knowledge: Knowledge, name: str) -> str:
    """The sentence that names the scenario whose name is nearest; empty when none is near."""
    near = nearest(name, (s["id"] for s in scenarios(knowledge)))
    return remedy([f"{near[0]} ({knowledge.label(expand(near[0]))})"] if near else [])


def pathways(knowledge: Knowledge, stages: list[str]) -> list[dict]:
    """What follows each result at some stages of care."""
    facts = knowledge.facts
    ways = [w for stage in stages for w in facts.subjects(ia("atStage"), stage)]

    def rank(step: str) -> tuple[float, str]:
        return float(facts.value(step, ia("rank"), "99")), step

    return [
        {
            "stage": named(knowledge, facts.value(w, ia("atStage"))),
            "when": named(knowledge, facts.value(w, ia("afterResult"))),
            "label": knowledge.label(w),
            "steps": [
                named(knowledge, s) for s in sorted(facts.objects(w, ia("takesStep")), key=rank)
            ],
        }
        for w in sorted(ways, key=lambda w: (float(facts.value(w, ia("precedence"), "99")), w))
    ]


def counterparts(knowledge: Knowledge, iri: str, edition: str) -> list[dict]:
    """The editions of the topic, the newest first, each with its counterpart of a scenario.

    That is the scenario with the same criteria there; None where an edition has none.
    """
    rows = [
        {
            **named(knowledge, e),
            "here": e == edition,
            "scenario": named(
                knowledge, iri if e == edition else twins(knowledge, edition, e).get(iri)
            ),
            "issued": issued(knowledge, e),
        }
        for e in siblings(knowledge, edition)
    ]
    return sorted(rows, key=lambda e: e["issued"], reverse=True)


@memoized
def changes(knowledge: Knowledge, edition: str) -> dict | None:
    """What an edition changed against the one before it.

    For the first edition, what the next one changed; None where there is only one.
    """
    known = sorted(siblings(knowledge, edition), key=lambda e: issued(knowledge, e))
    place = max(known.index(edition), 1)
    if len(known) < 2:
        return None
    earlier, later = known[place - 1], known[place]
    values = {"earlier": curie(earlier), "later": curie(later)}
    tables = []
    for name in CHANGES:
        question = query_files.named("questions", name)
        columns, rows = knowledge.store.select(question.with_values(**values))
        records = [
            dict(zip(columns, (cell and cell.value for cell in row), strict=True)) for row in rows
        ]
        tables.append({"name": name, "summary": question.header["summary"], "rows": records})
    return {
        "earlier": named(knowledge, earlier),
        "later": named(knowledge, later),
        "tables": tables,
        "count": sum(len(t["rows"]) for t in tables),
    }


def term(knowledge: Knowledge, name: str) -> dict | None:
    """A term as its page shows it; None when the graph has no term of that local name."""
    facts, iri = knowledge.facts, IA + name
    if facts.value(iri, LABEL) is None:
        return None
    statements = [
        (p, o)
        for p, o in facts.about(iri)
        if not p.startswith(SKOS)
        and p != LABEL
        and not o.startswith("_:")
        and (p != RDF_TYPE or o.startswith(IA))
    ]
    systems = knowledge.codes.systems
    used = [(s, p) for s, p in facts.pointing(iri) if s.startswith(IA)]
    return {
        **named(knowledge, iri),
        "iri": iri,
        "definition": definition(knowledge, iri),
        "also": facts.objects(iri, SKOS + "altLabel"),
        "notes": facts.objects(iri, SKOS + "editorialNote"),
        "statements": [
            {
                "property": short(p),
                "value": named(knowledge, o)
                if facts.value(o, LABEL) and o.startswith(IA)
                else None,
                "text": o,
            }
            for p, o in statements
        ],
        "codes": [
            {
                "relation": m.predicate,
                "system": systems[m.prefix].prefix,
                "code": m.code,
                "label": m.label,
            }
            for m in knowledge.codes.of(iri)
        ],
        "used": [{"property": short(p), **named(knowledge, s)} for s, p in used[:200]],
        "more": max(len(used) - 200, 0),
        "scenario": facts.holds(iri, RDF_TYPE, ia("Scenario")),
        "sources": [named(knowledge, s) for s in facts.objects(iri, SOURCE) if s.startswith(IA)],
    }


def search(
    knowledge: Knowledge, text: str, most: int = 60
) -> tuple[int, list[tuple[str, list[dict]]]]:
    """The number of terms that a text names, and the best `most` of each group.

    The groups are scenarios, procedures, diagnoses, and other terms.
    """
    matches = terms.search(knowledge, text) if text.strip() else []
    groups = [
        (name, [t for t in matches if t["kind"] in kinds]) for name, kinds in SEARCHED.items()
    ]
    grouped = {k for kinds in SEARCHED.values() for k in kinds}
    groups.append(("Other terms", [t for t in matches if t["kind"] not in grouped]))
    return len(matches), [(name, rows[:most]) for name, rows in groups if rows]
