"""What an order states of the problems that it is for: suspicions and symptoms that its reason
names, and the purpose of the imaging.
"""

from dataclasses import replace

from reasoner.graph.terminology import Mapping
from reasoner.intake.annotations import inherited, properties, stated_by
from reasoner.intake.bundle import Resource
from reasoner.intake.elements import Reader
from reasoner.intake.facts import Fact, fact_of
from reasoner.intake.joining import is_confirmed, is_symptom, may_join
from reasoner.intake.presentations import Problem
from reasoner.intake.reasons import Reason


def add_reason(reader: Reader, problem: Problem, own: Problem) -> None:
    """Adds to a problem what the reason of an order for it names: suspicions, and its symptoms."""
    suspected = [own] if own.suspected else own.suspicions
    problem.suspicions += [
        s
        for s in suspected
        if s.classes and may_join(reader, s, problem) and not is_confirmed(reader, s, problem)
    ]
    if not own.suspected and is_symptom(reader, own) and not is_symptom(reader, problem):
        problem.symptoms.append(own)


def operations(reader: Reader, resource: Resource) -> list[str]:
    """The classes of operations, or of what they leave behind, that the code of an order names."""
    mappings = reader.concepts.meaning(resource.json.get("code")).mappings
    return [
        m.subject
        for m in mappings
        if m.intake == "fact" and inherited(reader.knowledge, m.subject, "whenPlanned")
    ]


def facts_of_order(
    reader: Reader, resource: Resource, reason: Reason, targets: list[Problem]
) -> list[Fact]:
    """What an order states of the problems that it is for: by its reason, category and plan."""
    if not targets:
        for m, at in reason.beside:
            label = reader.knowledge.label(m.subject)
            message = f"{at} names {label}, of no problem of the record; it was not used."
            reader.record.note("info", resource.key, message)
        return []
    rows = list(reason.beside)
    for name in ("category", "orderDetail", "code"):
        for m in reader.concepts.meaning(resource.json.get(name)).mappings:
            rows += purpose_of(reader, m, f"{resource.path}.{name}")
    facts = [fact_of(reader, resource, m, at, f"fact-{n}") for n, (m, at) in enumerate(rows)]
    for fact in facts:
        fact.links = {problem.key for problem in targets}
    return facts


def purpose_of(reader: Reader, m: Mapping, path: str) -> list[tuple[Mapping, str]]:
    """The purpose that a code of an order states, or that the operation has which it plans."""
    stated = inherited(reader.knowledge, m.subject, "whenPlanned") or m.subject
    predicate = stated_by(reader.knowledge, stated) if m.intake == "fact" else None
    is_term = predicate in properties(reader.knowledge, "takesTerm")
    return [(replace(m, subject=stated), path)] if is_term else []
