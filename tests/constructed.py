"""What tests of constructed patients share: the scenarios of the tables, what the rules conclude of
a patient, and what the compiled definitions say must be concluded.
"""

import csv
from dataclasses import dataclass
from functools import cache

from reasoner.graph.knowledge import load
from reasoner.inference.rules import derive, index
from reasoner.intake import read
from reasoner.names import RDF_TYPE, curie, home, ia
from reasoner.synth.smallest.fhir import TODAY, as_fhir
from reasoner.synth.smallest.patient_graph import as_turtle
from reasoner.synth.smallest.patients import Construction

TOPICS = home() / "ontology" / "topics"
MATCHES = (("ScenarioMatch", "status"), ("SourceMatch", "standing"))


@dataclass(frozen=True)
class Verdict:
    """What is concluded of a scenario: the status, the causes of an exclusion, and the criteria
    that are unknown, that fail, and that are asked for.
    """

    status: str
    causes: frozenset[str] = frozenset()
    open: frozenset[str] = frozenset()
    failed: frozenset[str] = frozenset()
    asked: frozenset[str] = frozenset()


@cache
def construction() -> Construction:
    """The construction of patients from the ontology of this checkout."""
    return Construction(load())


def named(row: dict) -> str:
    """The scenario of a row."""
    return f"ia:{row['scenario']}"


def scenarios() -> dict[str, str]:
    """The scenarios of the tables, each with the folder of its topic."""
    return {
        named(row): path.parent.name
        for path in sorted(TOPICS.glob("*/scenarios.csv"))
        for row in csv.DictReader(path.read_text(encoding="utf-8").splitlines())
    }


def verdicts(knowledge, data) -> list[dict[str, Verdict]]:
    """The verdicts on the scenarios of each presentation of a record, by CURIEs."""
    record = read(knowledge, data, TODAY)
    facts = index(derive(knowledge, record.statements))

    def terms(node, name):
        return frozenset(map(curie, facts.objects(node, ia(name))))

    rows = {presentation: {} for presentation in record.presentations}
    asked = {
        (facts.value(node, ia("ofPresentation")), scenario, criterion)
        for kind, about, what in (
            ("OpenQuestion", "decides", "ofCriterion"),
            ("SourceStatement", "ofScenario", "lacksFact"),
        )
        for node in facts.subjects(RDF_TYPE, ia(kind))
        for scenario in facts.objects(node, ia(about))
        for criterion in facts.objects(node, ia(what))
    }
    for kind, status in MATCHES:
        for node in facts.subjects(RDF_TYPE, ia(kind)):
            scenario = facts.value(node, ia("ofScenario"))
            presentation = facts.value(node, ia("ofPresentation"))
            rows[presentation][curie(scenario)] = Verdict(
                facts.value(node, ia(status)),
                terms(node, "excludedBy"),
                terms(node, "leavesOpen"),
                terms(node, "failsAt"),
                frozenset(curie(c) for p, s, c in asked if (p, s) == (presentation, scenario)),
            )
    return list(rows.values())


def of_turtle(built, facts) -> dict[str, Verdict]:
    """The verdicts on a patient as patient graph, which is one presentation."""
    (one,) = verdicts(built.knowledge, as_turtle(built.knowledge, facts))
    return one


def of_fhir(built, facts) -> dict[str, Verdict]:
    """The verdicts on a patient as FHIR, when that is one presentation; else none."""
    rows = verdicts(built.knowledge, as_fhir(built.knowledge, facts))
    return rows[0] if len(rows) == 1 else {}


def applying(rows: dict[str, Verdict]) -> set[str]:
    """The scenarios that apply."""
    return {scenario for scenario, row in rows.items() if row.status == "applies"}


def less(built, scenario, facts) -> Verdict | None:
    """What must be concluded of a scenario of somebody with some of the facts, by the classes
    alone; None when the anchor is lost.
    """
    classes = built.classes(facts)
    criteria = built.criteria(scenario)
    if criteria[0] not in classes:
        return None
    lost = [c for c in criteria if c not in classes]
    refuters = built.knowledge.facts.objects
    failed = {c for c in lost if classes.intersection(refuters(c, ia("refutedBy")))}
    excluded = classes.intersection(built.exclusions(scenario))
    status = "excluded" if failed or excluded else "possible" if lost else "applies"
    return Verdict(
        status,
        open=frozenset(map(curie, set(lost) - failed)),
        failed=frozenset(map(curie, failed)),
        causes=frozenset(map(curie, excluded or failed)),
    )
