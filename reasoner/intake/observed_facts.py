"""Reads what Observations and their components state or deny besides findings."""

from collections.abc import Iterator

from reasoner.graph.knowledge import Knowledge
from reasoner.graph.memoize import memoized
from reasoner.graph.realization import CANONICAL
from reasoner.graph.terminology import Mapping
from reasoner.intake.annotations import (
    FINDS,
    SUFFERS,
    denied_by,
    inherited,
    joins_a_problem,
    stated_by,
)
from reasoner.intake.bundle import Resource, as_list
from reasoner.intake.elements import VOID, Part, Reader, affirms, parts, status
from reasoner.intake.facts import Fact, fact_of, may_deny, stating
from reasoner.intake.unread import understood
from reasoner.names import ia


def facts_of_observations(reader: Reader) -> list[Fact]:
    """The facts that Observations state or deny, those of imaging reports left to them."""
    stating_ = [r for r in reader.envelope.of("Observation") if may_state(reader, r)]
    reported = {
        reader.envelope.resolve(r, report)
        for report in (reader.envelope.of("DiagnosticReport") if stating_ else ())
        for r in as_list(report.json.get("result"))
    }
    return [
        fact
        for resource in stating_
        if resource.key not in reported and status(resource, "status") not in VOID
        for fact in facts_of_observation(reader, resource)
    ]


@memoized
def stating_terms(knowledge: Knowledge) -> frozenset[str]:
    """The terms by which a resource may state or deny a fact, or one of its past."""
    facts, definitions = knowledge.facts, knowledge.definitions
    roots = {*facts.having(ia("deniedBy")), *facts.having(ia("whenPast"))}
    roots |= {c for c in facts.having(ia("statedBy")) if joins_a_problem(knowledge, c)}
    terms = {t.removeprefix(CANONICAL) for t in definitions.static}
    return frozenset(
        t
        for t in terms
        if roots & definitions.superclasses(t).union(definitions.static.get(t, ()), (t,))
    )


def may_state(reader: Reader, resource: Resource) -> bool:
    """Whether any code of an Observation, or of its components, may state or deny a fact."""
    terms, meaning = stating_terms(reader.knowledge), reader.concepts.meaning
    components = [c for c in as_list(resource.json.get("component")) if isinstance(c, dict)]
    return any(
        m.subject in terms
        for json in (resource.json, *components)
        for name in ("code", "valueCodeableConcept")
        for m in meaning(json.get(name)).mappings
    )


def facts_of_observation(reader: Reader, resource: Resource) -> Iterator[Fact]:
    """Yields the facts of an Observation and of its components."""
    for part in parts(resource):
        asked, answered = (
            stating(reader, reader.concepts.meaning(part.json.get(name)).mappings)
            for name in ("code", "valueCodeableConcept")
        )
        if not (asked or answered) or reader.is_foreign(resource):
            continue
        if not (reader.subject_is_patient(resource) and understood(reader, resource)):
            return
        yield from facts_of_part(reader, part, asked, answered)


def facts_of_part(
    reader: Reader, part: Part, asked: list[Mapping], answered: list[Mapping]
) -> Iterator[Fact]:
    """Yields what an Observation or a component states: its value, or its code with yes or no."""
    values = reader.concepts.meaning(part.json.get("valueCodeableConcept")).mappings
    affirmed = affirms(reader, part, values)
    for n, m in enumerate(answered or asked):
        elsewhere = stated_by(reader.knowledge, m.subject) in (FINDS, SUFFERS)
        if elsewhere and (answered or affirmed is not False):
            continue  # a finding or a disease that is there is stated elsewhere
        name = f"{part.name or 'fact'}-{n}" if n else part.name
        fact = fact_of(reader, part.resource, m, part.path, name)
        if not answered and any(reader.is_a(v.subject, "UnknownAnswer") for v in values):
            fact.term = inherited(reader.knowledge, m.subject, "whenUnknown") or m.subject
        if not answered and affirmed is None and fact.term == m.subject:
            reader.record.note(
                "warning",
                part.key,
                f"{part.path} does not say yes or no in a way that is understood; it was not used.",
            )
            continue
        fact.denied = not answered and affirmed is False
        reader.stating.add(part.path)
        if answered and is_negative(reader, part):
            reader.record.note(
                "warning",
                part.key,
                f"{part.path} names {reader.knowledge.label(m.subject)} and its interpretation "
                "says no; it was not used.",
            )
        elif not fact.denied or (
            denied_by(reader.knowledge, m.subject)
            and m.denies
            and may_deny(reader, part.resource, part.path)
        ):
            yield fact


def is_negative(reader: Reader, part: Part) -> bool:
    """Whether the interpretation of an Observation or a component says no or normal."""
    read = [
        m.subject
        for concept in as_list(part.json.get("interpretation"))
        for m in reader.concepts.meaning(concept).mappings
    ]
    return any(reader.is_a(t, "NegativeAnswer") or reader.is_a(t, "NormalResult") for t in read)
