"""Looks up terms and scenarios in the graph, for the JSON API and the explorer."""

from dataclasses import dataclass

from reasoner.answer.recommendations import best_first
from reasoner.graph.knowledge import Knowledge
from reasoner.graph.memoize import memoized
from reasoner.names import DCTERMS, IA, LABEL, OWL, RDF_TYPE, SKOS, SOURCE, curie, expand, ia

KINDS = (
    "Scenario",
    "GenericProcedure",
    "OrderableProcedure",
    "Diagnosis",
    "Topic",
    "Edition",
    "Criterion",
    "BodyRegion",
    "Pitfall",
    "NextStep",
    "SafetyRule",
    "ImagingFeature",
    "Modality",
    "Hazard",
    "AppropriatenessCategory",
    "RelativeRadiationLevel",
    "Source",
    "Panel",
    "Specialty",
)
LEFT_OUT = {"Rating", "Exclusion", "Claim", "Pathway"}  # nodes that only tie others together


@dataclass(frozen=True)
class Entry:
    """A term as a search sees it: its names in lower case, its codes, and what is shown of it."""

    names: tuple[str, ...]
    codes: frozenset[str]
    shown: dict


@memoized
def entries(knowledge: Knowledge) -> list[Entry]:
    """The terms that a search can match, sorted by label."""
    facts, systems = knowledge.facts, knowledge.codes.systems
    result = []
    for iri in facts.having(LABEL):
        types = {t.removeprefix(IA) for t in facts.objects(iri, RDF_TYPE)}
        if (
            iri.startswith(IA)
            and not types & LEFT_OUT
            and not any(t.startswith(OWL) and t.endswith("Property") for t in types)
        ):
            mappings = [m for m in knowledge.codes.of(iri) if systems[m.prefix].systems]
            kind = next(
                (k for k in KINDS if k in types),
                "Class" if OWL + "Class" in types else "Individual",
            )
            names = (
                knowledge.label(iri),
                iri.removeprefix(IA),
                *facts.objects(iri, SKOS + "altLabel"),
            )
            shown = {
                "id": curie(iri),
                "label": knowledge.label(iri),
                "kind": kind,
                "definition": facts.value(iri, SKOS + "definition", ""),
                "codes": [
                    {"system": systems[m.prefix].systems[0], "code": m.code, "display": m.label}
                    for m in mappings
                ],
            }
            codes = {m.code.lower() for m in mappings} | {
                f"{m.prefix}:{m.code}".lower() for m in mappings
            }
            result.append(Entry(tuple(n.lower() for n in names), frozenset(codes), shown))
    return sorted(result, key=lambda e: (e.shown["label"], e.shown["id"]))


def search(knowledge: Knowledge, text: str) -> list[dict]:
    """The terms that a text names, by code, label, other label or definition, the best first.

    All terms for an empty text.
    """
    sought = " ".join(text.lower().split()).removeprefix("ia:")
    words = sought.split()
    scored = []
    for entry in entries(knowledge):
        definition = entry.shown["definition"].lower()
        if sought in entry.codes or sought in entry.names:
            score = 0
        elif any(name.startswith(sought) for name in entry.names):
            score = 1
        elif all(any(word in name for name in entry.names) for word in words):
            score = 2
        elif all(word in definition or any(word in name for name in entry.names) for word in words):
            score = 3
        else:
            continue
        scored.append((score, len(scored), entry.shown))
    return [shown for _, _, shown in sorted(scored, key=lambda s: s[:2])]


def named(knowledge: Knowledge, iri: str | None) -> dict | None:
    """A term with its label."""
    return {"id": curie(iri), "label": knowledge.label(iri)} if iri else None


def scenarios(knowledge: Knowledge, edition: str | None = None) -> list[dict]:
    """The scenarios of an edition (a CURIE), or of all editions, the current ones first.

    Within an edition they stand as it numbers them.
    """
    facts = knowledge.facts
    rows = [entry(knowledge, s) for s in facts.subjects(RDF_TYPE, ia("Scenario"))]
    rows = [s for s in rows if edition is None or s["edition"]["id"] == curie(expand(edition))]
    return sorted(rows, key=lambda s: (not s["current"], s["edition"]["id"], s["variant"], s["id"]))


def entry(knowledge: Knowledge, iri: str) -> dict:
    """A scenario in short."""
    facts = knowledge.facts
    edition = facts.value(iri, ia("inEdition"))
    return {
        **named(knowledge, iri),
        "definition": facts.value(iri, SKOS + "definition", ""),
        "variant": facts.value(iri, DCTERMS + "identifier", ""),
        "edition": named(knowledge, edition),
        "current": facts.holds(edition, ia("isCurrent"), "true"),
    }


def scenario(knowledge: Knowledge, name: str) -> dict | None:
    """A scenario by CURIE, IRI or local name; None when there is none.

    It has its criteria, exclusions, differential and ratings.
    """
    facts = knowledge.facts
    iri = next(
        (i for i in (expand(name), IA + name) if facts.holds(i, RDF_TYPE, ia("Scenario"))), None
    )
    if iri is None:
        return None

    def many(predicate: str) -> list[dict]:
        return [named(knowledge, o) for o in facts.objects(iri, ia(predicate))]

    ties = facts.subjects(ia("ofScenario"), iri)
    exclusions = sorted(
        (t for t in ties if facts.value(t, ia("excludes"))),
        key=lambda t: (float(facts.value(t, ia("precedence"), "99")), t),
    )
    ratings = [r for r in ties if facts.holds(r, RDF_TYPE, ia("Rating"))]
    return {
        **entry(knowledge, iri),
        "criteria": many("hasCriterion"),
        "exclusions": [
            {
                "when": named(knowledge, facts.value(t, ia("excludes"))),
                "leadsTo": named(knowledge, facts.value(t, ia("leadsTo"))),
            }
            for t in exclusions
        ],
        "differential": many("considersDiagnosis"),
        "ratings": [rating(knowledge, r) for r in best_first(knowledge, ratings)],
        "sources": [knowledge.label(s) for s in facts.objects(iri, SOURCE)],
    }


def rating(knowledge: Knowledge, iri: str) -> dict:
    """A rating of a scenario."""
    facts = knowledge.facts
    seen_on = facts.value(iri, ia("dateSeen"), "at a date not stated")
    source = knowledge.label(facts.value(iri, SOURCE, ""))

    def notation(predicate: str) -> str | None:
        return facts.value(facts.value(iri, ia(predicate), ""), SKOS + "notation")

    return {
        "procedure": named(knowledge, facts.value(iri, ia("ofProcedureRated"))),
        "category": notation("hasCategory"),
        "adultRadiation": notation("hasAdultRadiation"),
        "pediatricRadiation": notation("hasPediatricRadiation"),
        "rationale": facts.value(iri, ia("rationale")),
        "source": f"American College of Radiology, {source}; seen {seen_on}",
    }
