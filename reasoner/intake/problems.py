"""Merges Conditions that code one problem, and resolves its sites and contradictions."""

from reasoner.intake.bounds import refuse_pairs
from reasoner.intake.dates import surely_later
from reasoner.intake.elements import Reader
from reasoner.intake.presentations import Problem
from reasoner.intake.record import Unread
from reasoner.names import RDF_TYPE, RDFS, ia

SUBCLASS = RDFS + "subClassOf"


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
        reader.record.note(
            "info",
            problem.key,
            f"{problem.key} codes the same problem as {same.key}; they are answered as one.",
        )
    refuse_pairs(len(merged), len(reader.envelope.resources), "resources")
    order = {problem.key: place for place, problem in enumerate(problems)}
    return sorted(merged, key=lambda p: min(order[k] for k in (p.key, *p.also)))


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
    innermost = [
        r
        for r in problem.regions
        if not any(o != r and reader.regions.inside(o, r) for o in problem.regions)
    ]
    if len(innermost) > 1:
        names = ", ".join(reader.knowledge.label(r) for r in innermost)
        reader.record.note(
            "warning", problem.key, f"Several sites are recorded ({names}); the first was used."
        )
    problem.regions = innermost[:1]


def settle(reader: Reader, problem: Problem) -> None:
    """States the finding, once all that bears on it is read, without what contradicts itself."""
    record, finding = reader.record, problem.finding
    statements = [(RDF_TYPE, cls) for cls in problem.classes] + problem.attributes
    statements = contradictions(reader, problem, list(dict.fromkeys(statements)))
    for predicate, value in statements:
        record.say(finding, predicate, value)
    for region in problem.regions:
        record.say(finding, ia("hasSite"), region)
    if len(problem.sides) == 1:
        record.say(finding, ia("hasLaterality"), problem.sides[0])
    if problem.also:
        record.also[problem.iri] = problem.also
    if problem.unread_site and not problem.regions:
        place, quote = problem.unread_site
        within = place[max(place.find("bodySite"), 0) :]
        record.withhold(
            Unread(ia("UnreadSite"), problem.key, within, quote, problem.iri),
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
