"""Joins facts and suspicions to the problems that they belong to, and states them.

A fact belongs to the problem that it names, else to those of its encounter, else to those of its
region and side, else to the only problem. What is stated and denied of one problem is neither.
"""

from collections import defaultdict

from reasoner.intake.agreement import agreeing, is_local, opposites, placed
from reasoner.intake.annotations import (
    SUFFERS,
    below,
    denied_by,
    is_true,
    properties,
    stated_by,
)
from reasoner.intake.attachment import CLOSES_FOR, opposite, precedes
from reasoner.intake.dates import surely_within
from reasoner.intake.elements import Reader
from reasoner.intake.facts import Fact
from reasoner.intake.presentations import Problem
from reasoner.intake.record import node
from reasoner.names import RDF_TYPE, ia

OTHERS = ("Condition/", "RelatedPerson/", "Group/")  # a problem or a person that a fact is about


def join_facts(reader: Reader, problems: list[Problem], facts: list[Fact], patient: str) -> None:
    """States each fact of the problems that it belongs to; one that belongs to none is a note."""
    of_problem: dict[str, list[Fact]] = defaultdict(list)
    for fact in [f for one in facts for f in (one, *opposites(reader, one))]:
        if fact.denied and stated_by(reader.knowledge, fact.term) == SUFFERS:
            state_denial(reader, patient, fact)
            continue
        if fact.unplaced:
            verb = "denies" if fact.denied else "states"
            reader.record.note(
                "warning",
                fact.resource.key,
                f"{fact.path} {verb} {reader.knowledge.label(fact.term)} at a site that could not "
                "be read; it was not used.",
            )
            continue
        owners = owners_of(reader, fact, problems)
        if not owners and not says_more(reader, fact):
            reader.record.note("warning", fact.resource.key, f"{fact.path} {why_not(problems)}.")
        elif len(owners) > 1:
            names = ", ".join(p.key for p in owners)
            reader.record.note(
                "info",
                fact.resource.key,
                f"{fact.path} fits several presentations and was used for each: {names}.",
            )
        for problem in owners:
            of_problem[problem.iri].append(fact)
            is_sign = stated_by(reader.knowledge, fact.term) == ia("hasSign")
            if is_sign and len(owners) == 1 and not fact.regions:
                fact.regions, fact.sides = problem.regions, fact.sides or problem.sides
    for problem in problems:
        of_problem[problem.iri] = placed(reader, problem, of_problem[problem.iri])
        for fact in agreeing(reader, problem, of_problem[problem.iri]):
            state_fact(reader, problem, fact)


def says_more(reader: Reader, fact: Fact) -> bool:
    """Whether the code of a resource also means a device or a condition, which is read as such."""
    element = "type" if fact.resource.type == "Device" else "code"
    mappings = reader.concepts.meaning(fact.resource.json.get(element)).mappings
    return any(
        reader.is_a(m.subject, "Device") or reader.is_a(m.subject, "PatientCondition")
        for m in mappings
    )


def why_not(problems: list[Problem]) -> str:
    """Why a fact belongs to no presentation, in words."""
    if len(problems) > 1:
        return "cannot be told to be about one of the problems; it was not used"
    return "is about no problem of the record; it was not used"


def owners_of(reader: Reader, fact: Fact, problems: list[Problem]) -> list[Problem]:
    """The problems that a fact belongs to."""
    known = [p for p in problems if p.classes]
    if named := [p for p in known if p.is_named({fact.resource.key, *fact.links})]:
        return named
    if any(link.startswith(OTHERS) for link in fact.links):
        return []
    fitting = [p for p in known if fits(reader, fact, p)]
    met = [p for p in fitting if fact.encounter and fact.encounter in p.encounters]
    if met and (len(met) == 1 or fact.regions):
        return met
    if fact.regions:
        return [p for p in fitting if p.regions] or (fitting if len(known) == 1 else [])
    if stated_by(reader.knowledge, fact.term) == ia("hasMechanism"):
        fitting = [p for p in fitting if of_one_injury(reader, p)] or fitting
    everywhere = stated_by(reader.knowledge, fact.term) == ia("hasHistory")
    return fitting if everywhere or len(fitting) == 1 else []


def fits(reader: Reader, fact: Fact, problem: Problem) -> bool:
    """Whether nothing sets a fact and a problem apart: region, side, or a date before its onset;
    where that is not known, a date of so long ago that a study would not count either.

    A past event precedes the problem that it bears on.
    """
    near = not (fact.regions and problem.regions) or reader.regions.related(
        fact.regions, problem.regions
    )
    if stated_by(reader.knowledge, fact.term) == ia("hasSign"):
        near = near or reader.regions.share_area(fact.regions, problem.regions)
    past = stated_by(reader.knowledge, fact.term) == ia("hasHistory")
    return (
        near
        and not opposite(next(iter(fact.sides), None), problem.sides)
        and (past or not (precedes(fact.moment, problem) or is_old(reader, fact, problem)))
    )


def is_old(reader: Reader, fact: Fact, problem: Problem) -> bool:
    """Whether a fact of a problem of unknown onset may be of long ago."""
    known = problem.onset or not fact.moment
    return not known and not surely_within(fact.moment, reader.newest, CLOSES_FOR)


def of_one_injury(reader: Reader, problem: Problem) -> bool:
    """Whether the findings of a problem are of a class of which several are one problem."""
    return any(is_true(reader.knowledge, c, "oneProblemPerRegion") for c in problem.classes)


def state_fact(reader: Reader, problem: Problem, fact: Fact) -> None:
    """States a fact of a presentation."""
    holder = problem.iri
    if fact.denied:
        state_denial(reader, holder, fact, is_local(reader, fact, problem))
        return
    predicate, say = stated_by(reader.knowledge, fact.term) or "", reader.record.say
    if predicate in properties(reader.knowledge, "takesTerm"):
        say(holder, predicate, fact.term)
        return
    iri = node(fact.resource.key, fact.part)
    say(holder, predicate, iri)
    say(iri, RDF_TYPE, fact.term)
    state_sites(reader, iri, fact.regions, fact.sides)


def state_denial(reader: Reader, holder: str, fact: Fact, local: bool = False) -> None:
    """States that nothing of a class, or of one below it, is so: everywhere, or at one site."""
    say, iri = reader.record.say, node(fact.resource.key, fact.part)
    say(holder, denied_by(reader.knowledge, fact.term) or "", iri)
    say(iri, RDF_TYPE, ia("LocalDenial" if local else "Denial"))
    if local:
        state_sites(reader, iri, fact.regions, fact.sides)
    for cls in below(reader.knowledge, fact.term):
        say(iri, ia("denies"), cls)


def state_sites(reader: Reader, thing: str, regions: list[str], sides: list[str]) -> None:
    """States the region of a thing, the larger ones that contain it, and its side, if it is one."""
    for region in reader.regions.innermost(regions)[:1]:
        reader.record.say(thing, ia("hasSite"), region)
        for larger in reader.regions.containing(region):
            reader.record.say(thing, ia("withinRegion"), larger)
    if len(sides) == 1:
        reader.record.say(thing, ia("hasLaterality"), sides[0])


def join_suspicions(reader: Reader, problems: list[Problem]) -> list[Problem]:
    """The problems, suspicions joined to the confirmed problems of their region and side, else to
    the first suspicion of it: what is considered of one place is one problem.
    """
    confirmed = [p for p in problems if not p.suspected and not is_symptom(reader, p)]
    suspicions = sorted((p for p in problems if p.suspected), key=lambda p: joins_others(reader, p))
    joined: list[Problem] = []
    leads: list[Problem] = []
    for suspicion in suspicions:
        unplaced = joins_others(reader, suspicion) and not suspicion.regions
        alone = len(confirmed) + len(leads) == 1 and unplaced
        beside = [
            p
            for p in confirmed
            if (alone or belong_together(reader, suspicion, p)) and may_join(reader, suspicion, p)
        ]
        if not beside:
            beside = [p for p in leads if alone or are_one_problem(reader, suspicion, p)][:1]
        for problem in beside:
            join_suspicion(reader, suspicion, problem)
        (joined if beside else leads).append(suspicion)
    return [p for p in problems if not any(p is j for j in joined)]


def join_suspicion(reader: Reader, suspicion: Problem, problem: Problem) -> None:
    """Joins a suspicion to a problem; one that the problem confirms adds its resource alone."""
    if is_confirmed(reader, suspicion, problem):
        problem.also.append(suspicion.key)
    else:
        problem.suspicions.append(suspicion)
        problem.encounters |= suspicion.encounters
    reader.record.note(
        "info",
        suspicion.key,
        f"{suspicion.key} is suspected beside {problem.key}; they are answered as one.",
    )


def are_one_problem(reader: Reader, one: Problem, other: Problem) -> bool:
    """Whether two suspicions are of one problem: of one place, and neither always one of its own.

    A suspected symptom is joined as a symptom.
    """
    separate = any(
        is_true(reader.knowledge, cls, "separateProblem") for p in (one, other) for cls in p.classes
    )
    symptoms = is_symptom(reader, one) or is_symptom(reader, other)
    return not separate and not symptoms and belong_together(reader, one, other)


def joins_others(reader: Reader, suspicion: Problem) -> bool:
    """Whether a suspicion belongs to another suspected problem of its region."""
    return any(is_true(reader.knowledge, cls, "joinsSuspicions") for cls in suspicion.classes)


def is_confirmed(reader: Reader, suspicion: Problem, problem: Problem) -> bool:
    """Whether a problem is known to be all that a suspicion names, or something narrower."""
    known = {c for p in (problem, *problem.further) if not p.suspected for c in p.classes}
    above = reader.knowledge.definitions.superclasses
    return bool(suspicion.classes) and all(
        any(cls == c or cls in above(c) for c in known) for cls in suspicion.classes
    )


def may_join(reader: Reader, suspicion: Problem, problem: Problem) -> bool:
    """Whether a suspicion may join a problem: not where each is always a problem of its own."""
    return not all(
        any(is_true(reader.knowledge, cls, "separateProblem") for cls in p.classes)
        for p in (suspicion, problem)
    )


def belong_together(reader: Reader, one: Problem, other: Problem) -> bool:
    """Whether two problems are recorded at related regions and not of opposite sides."""
    return reader.regions.related(one.regions, other.regions) and not opposite(
        next(iter(one.sides), None), other.sides
    )


def is_symptom(reader: Reader, problem: Problem) -> bool:
    """Whether all that a problem consists of are symptoms."""
    return bool(problem.classes) and all(reader.is_a(c, "Symptom") for c in problem.classes)


def join_symptoms(reader: Reader, problems: list[Problem]) -> list[Problem]:
    """The problems, symptoms joined to the other problems of their region and side as signs."""
    others = [p for p in problems if p.classes and not is_symptom(reader, p)]
    joined: list[Problem] = []
    for symptom in [p for p in problems if is_symptom(reader, p)] if others else []:
        for problem in others:
            near = (
                belong_together(reader, symptom, problem)
                or reader.regions.adjoin(symptom.regions, problem.regions)
                or (len(others) == 1 and not (symptom.regions and problem.regions))
            )
            if near and not opposite(next(iter(symptom.sides), None), problem.sides):
                problem.symptoms.append(symptom)
                joined.append(symptom)
        if any(symptom is j for j in joined):
            reader.record.note(
                "info", symptom.key, f"{symptom.key} was taken as a sign of another problem."
            )
    return [p for p in problems if not any(p is j for j in joined)]
