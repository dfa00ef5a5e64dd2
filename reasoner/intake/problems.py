"""Merges Conditions that code one problem, and resolves its sites and contradictions."""

from reasoner.intake.bounds import refuse_pairs
from reasoner.intake.dates import days_between, surely_later
from reasoner.intake.elements import Reader
from reasoner.intake.joining import (
    belong_together,
    join_suspicions,
    join_symptoms,
    of_one_injury,
    state_sites,
)
from reasoner.intake.presentations import Problem
from reasoner.intake.record import Unread
from reasoner.names import RDF_TYPE, RDFS, ia

SUBCLASS = RDFS + "subClassOf"
SAME_INJURY = 14  # days between findings that may be of one injury: the project's own bound


def merge(reader: Reader, problems: list[Problem]) -> list[Problem]:
    """The problems, those that are one problem coded several times as one.

    Finding, region and side agree, and the dates of onset do not tell them apart. The earliest
    Condition gives the id. The result does not depend on the order of the record. Raises
    InputError for too many of them.
    """
    merged: list[Problem] = []
    for problem in sorted(problems, key=lambda p: (p.onset or p.recorded or "9", p.key)):
        settle_sites(reader, problem)
        same = next((m for m in merged if alike(m, problem)), None)
        if same is None:
            merged.append(problem)
            refuse_pairs(len(merged), len(problems), "Conditions")
            continue
        same.also.append(problem.key)
        same.onset = same.onset or problem.onset
        same.sides = same.sides or problem.sides
        same.attributes += problem.attributes
        same.encounters |= problem.encounters
        reader.record.note(
            "info",
            problem.key,
            f"{problem.key} codes the same problem as {same.key}; they are answered as one.",
        )
    refuse_pairs(len(merged), len(reader.envelope.resources), "resources")
    order = {problem.key: place for place, problem in enumerate(problems)}
    rows = join_symptoms(reader, join_suspicions(reader, grouped(reader, merged)))
    return sorted(rows, key=lambda p: min(order[k] for k in (p.key, *p.also)))


def grouped(reader: Reader, problems: list[Problem]) -> list[Problem]:
    """The problems, where the findings of one injury are one problem, led by the first."""
    rows: list[Problem] = []
    injuries: list[Problem] = []
    for problem in problems:
        injury = bool(problem.regions) and not problem.suspected and of_one_injury(reader, problem)
        lead = next((i for i in injuries if injury and one_injury(reader, i, problem)), None)
        if lead is None:
            rows.append(problem)
            injuries += [problem] if injury else []
            continue
        lead.further.append(problem)
        lead.encounters |= problem.encounters
        reader.record.note(
            "info",
            problem.key,
            f"{problem.key} is of the same injury as {lead.key}; they are answered as one.",
        )
    return rows


def one_injury(reader: Reader, one: Problem, other: Problem) -> bool:
    """Whether two findings are of one injury: at one region and side, and within some days."""
    if not belong_together(reader, one, other):
        return False
    first, second = one.onset or one.recorded, other.onset or other.recorded
    if not (first and second):
        return True
    least, greatest = days_between(first, second)
    return least <= SAME_INJURY and greatest >= -SAME_INJURY


def alike(one: Problem, other: Problem) -> bool:
    """Whether two Conditions code one problem."""
    sides = not one.sides or not other.sides or one.sides == other.sides
    apart = (
        one.onset
        and other.onset
        and (surely_later(one.onset, other.onset) or surely_later(other.onset, one.onset))
    )
    return (
        one.classes == other.classes
        and one.regions == other.regions
        and sides
        and not apart
        and one.suspected == other.suspected
        and words(one) == words(other)
    )


def words(problem: Problem) -> str:
    """The words of a site that could not be read; empty when there is none."""
    return problem.unread_site[1] if problem.unread_site else ""


def settle_sites(reader: Reader, problem: Problem) -> None:
    """Leaves the innermost of the sites recorded for a problem."""
    innermost = reader.regions.innermost(problem.regions)
    if len(innermost) > 1:
        names = ", ".join(reader.knowledge.label(r) for r in innermost)
        reader.record.note(
            "warning", problem.key, f"Several sites are recorded ({names}); the first was used."
        )
    problem.regions = innermost[:1]


def settle(reader: Reader, problem: Problem, presentation: str = "") -> None:
    """States the finding, once all that bears on it is read, without what contradicts itself.

    `presentation` is the IRI of the one that it was joined to, if it is none of its own.
    """
    record, finding = reader.record, problem.finding
    statements = [(RDF_TYPE, cls) for cls in problem.classes] + problem.attributes
    statements = contradictions(reader, problem, list(dict.fromkeys(statements)))
    for predicate, value in statements:
        record.say(finding, predicate, value)
    state_sites(reader, finding, problem.regions, problem.sides)
    for other in problem.further:
        settle(reader, other, problem.iri)
    for relation, joined in (("suspects", problem.suspicions), ("hasSign", problem.symptoms)):
        for other in joined:
            record.say(problem.iri, ia(relation), other.finding)
            settle(reader, other, problem.iri)
    if problem.also:
        record.also[problem.iri] = problem.also
    if problem.unread_site and not problem.regions:
        place, quote = problem.unread_site
        within = place[max(place.find("bodySite"), 0) :]
        record.withhold(
            Unread(ia("UnreadSite"), problem.key, within, quote, presentation or problem.iri),
            f"{place} gives a site that could not be read ({quote or 'without words'}); "
            "whether criteria cover it is not known.",
        )


def contradictions(
    reader: Reader, problem: Problem, statements: list[tuple[str, str]]
) -> list[tuple[str, str]]:
    """What is said of a finding without the parts that exclude each other, each with a note."""
    for predicate, word in ((ia("hasDepth"), "depths"), (ia("hasSymptomStatus"), "symptom states")):
        if len(several := [s for s in statements if s[0] == predicate]) > 1:
            statements = [s for s in statements if s not in several]
            reader.record.note(
                "warning", problem.key, f"Contradictory {word} are recorded; none was used."
            )
    facts = reader.knowledge.facts
    for one in [s for s in statements if s[0] == RDF_TYPE]:
        against = [s for s in statements if s[1] in facts.objects(one[1], ia("contradicts"))]
        if against:
            statements = [s for s in statements if s != one and s not in against]
            statements += [(RDF_TYPE, broader) for broader in facts.objects(one[1], SUBCLASS)]
            words = " and ".join(reader.knowledge.label(v) for _, v in (one, *against))
            reader.record.note(
                "warning",
                problem.key,
                f"The finding is recorded as {words}, which contradict each other; "
                "neither was used.",
            )
    return statements
