"""Settles what a record states of a problem and denies of it: contraries, contradictions, and past
events of which it is not known where they took place.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace

from reasoner.intake.annotations import denied_by, inherited, noun
from reasoner.intake.elements import Reader
from reasoner.intake.facts import Fact
from reasoner.intake.presentations import Problem
from reasoner.intake.record import Unread
from reasoner.names import ia


def opposites(reader: Reader, fact: Fact) -> Iterator[Fact]:
    """Yields what a fact says of its contraries: one that is stated denies them, one that is denied
    states what its class is when denied.
    """
    name = "whenDenied" if fact.denied else "contradicts"
    for n, term in enumerate(sorted(reader.knowledge.facts.objects(fact.term, ia(name)))):
        if fact.denied or denied_by(reader.knowledge, term):
            part = f"{fact.part or 'fact'}-opposite-{n}"
            yield replace(fact, term=term, denied=not fact.denied, part=part)


def placed(reader: Reader, problem: Problem, facts: list[Fact]) -> list[Fact]:
    """The facts of a problem without past events that bear on it only at its site, where nothing
    says that they took place there; each of those is withheld.
    """
    rows: list[Fact] = []
    for fact in facts:
        kind = inherited(reader.knowledge, fact.term, "whenUnplaced")
        if not kind or fact.denied or fact.regions or problem.is_named(fact.links):
            rows.append(fact)
            continue
        label = reader.knowledge.label(fact.term)
        reader.record.withhold(
            Unread(kind, fact.resource.key, "", label, problem.iri),
            f"{fact.path} states {label} and not where in the body; that there is none where the "
            f"{noun(reader.knowledge, problem.classes)} is, is not known.",
        )
    return rows


def agreeing(reader: Reader, problem: Problem, facts: list[Fact]) -> list[Fact]:
    """The facts of a problem without those that are both stated and denied, with a note of each
    pair of terms.

    A denial of what the problem itself is known or suspected to be counts for nothing.
    """
    above = reader.knowledge.definitions.superclasses
    denials: dict[str, list[Fact]] = defaultdict(list)
    for fact in facts:
        if fact.denied:
            denials[fact.term].append(fact)
    dropped: set[int] = set()
    told: set[tuple[str, str]] = set()
    for yes in facts if denials else ():
        for term in () if yes.denied else sorted(above(yes.term) & denials.keys()):
            for no in denials[term]:
                if is_local(reader, no, problem) and not within(reader, yes, no):
                    continue
                dropped |= {id(yes), id(no)}
                if (yes.term, term) in told:
                    continue
                told.add((yes.term, term))
                reader.record.note(
                    "warning",
                    problem.key,
                    f"{yes.path} states {reader.knowledge.label(yes.term)} and {no.path} denies "
                    f"{reader.knowledge.label(term)}; neither was used.",
                )
    for no in [f for f in facts if f.denied and names(reader, problem, f)]:
        dropped.add(id(no))
        reader.record.note(
            "warning",
            problem.key,
            f"{no.path} denies {reader.knowledge.label(no.term)}, which the record states as well; "
            "the denial was not used.",
        )
    return [f for f in facts if id(f) not in dropped]


def names(reader: Reader, problem: Problem, denial: Fact) -> bool:
    """Whether a problem is what is denied at its site, by a finding or suspicion of its own."""
    above = reader.knowledge.definitions.superclasses
    return any(
        denial.term in {cls, *above(cls)}
        and (not denial.regions or reader.regions.related(denial.regions, p.regions))
        and p.key != denial.resource.key
        for p in (problem, *problem.further, *problem.suspicions, *problem.symptoms)
        for cls in p.classes
    )


def within(reader: Reader, one: Fact, other: Fact) -> bool:
    """Whether one fact lies at the site of another, or inside of it."""
    return any(reader.regions.inside(a, b) for a in one.regions for b in other.regions)


def is_local(reader: Reader, fact: Fact, problem: Problem) -> bool:
    """Whether a fact is about a part of the region of a problem: no tenderness of the patella says
    nothing of the rest of the knee.
    """
    site = next(iter(reader.regions.innermost(fact.regions)), None)
    return (
        site is not None
        and bool(problem.regions)
        and not any(reader.regions.inside(region, site) for region in problem.regions)
    )
