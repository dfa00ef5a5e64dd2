"""The rows that one answer gives to each table of a cohort; their patient is added later."""

from typing import Any

from reasoner.answer.order_verdicts import Verdict, Verdicts
from reasoner.answer.wording import quoted
from reasoner.cohort.tables import MISSING
from reasoner.graph.knowledge import Knowledge
from reasoner.intake.bundle import Envelope, Resource, as_list
from reasoner.intake.elements import status
from reasoner.intake.record import Record
from reasoner.names import curie, expand, ia

Rows = dict[str, list[tuple]]  # of one answer, by table; a table without rows may be missing


def rows(knowledge: Knowledge, record: Record, envelope: Envelope, answer: dict) -> Rows:
    """The rows of an answer to a record; its envelope says how the reasons of orders are coded."""
    group = "unknown" if record.age is None else "child" if record.child else "adult"
    tables: Rows = {
        "patients": [(group, len(answer["presentations"]), len(record.orders))],
        "notes": [(n["severity"], n["about"], n["message"]) for n in answer["notes"]],
    }
    if answer["presentations"]:
        tables |= presentation_rows(knowledge, answer, group)
    if record.orders:
        wanted, verdicts = set(record.orders), Verdicts(answer)
        tables["orders"] = [
            order(knowledge, r, reasons(r, envelope), verdicts.of(r.key))
            for r in envelope.of("ServiceRequest")
            if r.key in wanted
        ]
    return tables


def presentation_rows(knowledge: Knowledge, answer: dict, group: str) -> Rows:
    """The rows of the presentations of an answer, for a patient of an age group."""
    tables: Rows = {"presentations": [], "recommendations": [], "alerts": [], "questions": []}
    for p in answer["presentations"]:
        name, by = (
            p["id"],
            {
                status: [s for s in p["scenarios"] if s["status"] == status]
                for status in ("applies", "possible", "excluded")
            },
        )
        first = by["applies"][0] if by["applies"] else None
        tables["presentations"].append(
            (
                name,
                *term(p["finding"]),
                *term(p["region"]),
                p["outcome"],
                first and first["id"],
                first and first["edition"],
                first and first["label"],
                ids(by["possible"]),
                ids(by["excluded"]),
                p["headline"],
                group,
                *topic(knowledge, [*by["applies"], *by["possible"], *by["excluded"]]),
                [f"{s['label']}: {quoted(s)}" for s in p["otherSources"]],
            )
        )
        tables["recommendations"] += [recommendation(name, r) for r in p["recommendations"]]
        tables["alerts"] += [
            (
                name,
                a["pitfall"],
                knowledge.label(expand(a["pitfall"])),
                a["severity"],
                a["order"],
                a["message"],
            )
            for a in p["alerts"]
        ]
        tables["questions"] += [(name, q["id"], q["text"], q["decides"]) for q in p["questions"]]
    return tables


def topic(knowledge: Knowledge, scenarios: list[dict]) -> tuple[str | None, str | None]:
    """The topic of the first of some scenarios, as identifier and label; None for none."""
    edition = scenarios[0]["edition"] if scenarios else None
    iri = edition and knowledge.facts.value(expand(edition), ia("ofTopic"))
    return (curie(iri), knowledge.label(iri)) if iri else (None, None)


def term(named: dict | None) -> tuple[str | None, str | None]:
    """The identifier and the label of a term, if there is one."""
    return (named["id"], named["label"]) if named else (None, None)


def ids(scenarios: list[dict]) -> list[str]:
    """The identifiers of some scenarios."""
    return [s["id"] for s in scenarios]


def recommendation(presentation: str, r: dict) -> tuple:
    """The row of a recommendation."""
    return (
        presentation,
        r["rank"],
        r["procedure"]["id"],
        r["procedure"]["label"],
        r["generic"],
        r["category"],
        r["adultRadiation"],
        r["pediatricRadiation"],
        r["setAside"],
        hazards(r, "contraindicated"),
        hazards(r, "caution"),
        r["scenario"],
        r["edition"],
        r["source"],
    )


def hazards(study: dict, severity: str) -> list[str]:
    """The hazards that flag a study with a severity."""
    return [flag["hazard"] for flag in study["safety"] if flag["severity"] == severity]


def order(
    knowledge: Knowledge, resource: Resource, coded: list[tuple[str, str]], verdict: Verdict
) -> tuple:
    """The row of a judged order, whose reasons are coded as pairs of system and code."""
    p: Any = verdict.presentation
    row = verdict.order
    generic = row and row["generic"]
    better = verdict.alternatives
    near = nearest(p) if p and not verdict.scenario else None
    failed = near and failing(knowledge, near)
    applied = verdict.scenario and next(s for s in p["scenarios"] if s["id"] == verdict.scenario)
    cautions = hazards(row, "caution") if row else []
    return (
        p and p["id"],
        resource.key,
        status(resource, "status"),
        *term(verdict.procedure),
        generic,
        generic and knowledge.label(expand(generic)),
        *term(p and p["region"]),
        p and p["outcome"],
        verdict.code or MISSING,
        verdict.category,
        agreed(verdict),
        bool(verdict.aside),
        cautions,
        verdict.withheld,
        verdict.scenario,
        applied and applied["label"],
        [r["procedure"]["id"] for r in better],
        better[0]["procedure"]["label"] if better else None,
        knowledge.label(expand(better[0]["generic"])) if better else None,
        why(verdict, resource),
        missing(verdict),
        near and near["id"],
        near and near["label"],
        failed and failed["id"],
        failed and failed["label"],
        failed and failed["status"],
        curies(knowledge, coded),
    )


def agreed(verdict: Verdict) -> str | None:
    """The category that every scenario still possible gives an order that has none."""
    return verdict.order["agreed"] if verdict.order and not verdict.category else None


def reasons(resource: Resource, envelope: Envelope) -> list[tuple[str, str]]:
    """The coded reasons of an order, its own and those of the Conditions it names, as pairs of
    system and code.
    """
    targets = {
        envelope.resolve(reference) for reference in as_list(resource.json.get("reasonReference"))
    }
    named = [r.json.get("code") for r in envelope.of("Condition") if r.key in targets]
    concepts = [c for c in as_list(resource.json.get("reasonCode")) + named if isinstance(c, dict)]
    codings = [
        c for concept in concepts for c in as_list(concept.get("coding")) if isinstance(c, dict)
    ]
    return [
        (c["system"], c["code"])
        for c in codings
        if isinstance(c.get("system"), str) and isinstance(c.get("code"), str) and c["code"]
    ]


def why(verdict: Verdict, resource: Resource) -> str | None:
    """Why an order has no category, or is set aside; None when its category says it all."""
    reasons = dict.fromkeys([*verdict.aside, *verdict.why])
    return (
        " ".join(reasons).replace(resource.path, "The order") or None
    )  # a note tells where the order stands


def missing(verdict: Verdict) -> list[str]:
    """The criteria to ask about, for an order of which it is not known which scenario applies."""
    p = verdict.presentation
    return (
        [q["id"] for q in p["questions"] if q["decides"]]
        if p and verdict.code is None and p["outcome"] == "more-information"
        else []
    )


def nearest(presentation: dict) -> dict | None:
    """The scenario of which the fewest criteria fail, then the fewest are unknown, if any."""
    return min(presentation["scenarios"], default=None, key=distance)


def distance(scenario: dict) -> tuple[bool, int, int]:
    """How far a scenario is from applying.

    Whether it is excluded, and how many of its criteria are unmet and unknown.
    """
    statuses = [criterion["status"] for criterion in scenario["criteria"]]
    return scenario["status"] == "excluded", statuses.count("unmet"), statuses.count("unknown")


def failing(knowledge: Knowledge, scenario: dict) -> dict | None:
    """The criterion that keeps a scenario from applying.

    One that is unmet, else the exclusion, else one that is unknown.
    """
    first = next(
        (
            c
            for status in ("unmet", "unknown")
            for c in scenario["criteria"]
            if c["status"] == status
        ),
        None,
    )
    if scenario["excludedBy"] and (first is None or first["status"] == "unknown"):
        return {
            "id": scenario["excludedBy"],
            "label": knowledge.label(expand(scenario["excludedBy"])),
            "status": "excluded",
        }
    return first


def curies(knowledge: Knowledge, codings: list[tuple[str, str]]) -> str | None:
    """Codes with spaces between, as CURIEs where the terminology is known; None without any.

    Where it is not, a code stands behind its system.
    """
    return (
        " ".join(
            dict.fromkeys(
                f"{knowledge.codes.prefixes.get(system, system)}:{code}" for system, code in codings
            )
        )
        or None
    )
