"""Which study belongs to which problem, which study of a kind decides, and what is left over."""

from typing import Any

from reasoner.graph.ranks import rank
from reasoner.intake.annotations import noun
from reasoner.intake.dates import latest, surely_later, surely_within
from reasoner.intake.elements import Reader
from reasoner.intake.imaging import Imaging
from reasoner.intake.presentations import Problem, words_of
from reasoner.intake.record import Unread, node
from reasoner.intake.results import statements
from reasoner.intake.studies import Study
from reasoner.names import RDF_TYPE, ia

CLOSES_FOR = 12  # months in which a study may close a work-up of unknown onset: the project's own


def kind(reader: Reader, imaging: Imaging) -> str:
    """The kind within which the newest study decides."""
    return reader.knowledge.facts.value(imaging.generic, ia("studyKind")) or imaging.generic


def opposite(side: str | None, sides: list[str]) -> bool:
    """Whether a side is known to differ from the sides of a problem."""
    both = ia("Bilateral")
    return bool(side and sides) and side != both and not {side, both}.intersection(sides)


def precedes(moment: str, problem: Problem) -> bool:
    """Whether a moment is surely before a known onset."""
    return bool(problem.onset and moment) and surely_later(problem.onset, moment)


def belongs(reader: Reader, study: Study, problem: Problem) -> bool:
    """Whether a study belongs to a problem: by its link, else by region, side and date."""
    if study.links:
        return problem.is_named(study.links)
    near = reader.regions.related(study.regions, problem.regions) or any(
        reader.regions.adjoin(symptom.regions, problem.regions)
        and reader.regions.related(study.regions, symptom.regions)
        for symptom in problem.symptoms
    )
    apart = opposite(study.side, problem.sides) or precedes(study.moment, problem)
    return near and not apart


def may_belong(reader: Reader, study: Study, problem: Problem) -> bool:
    """Whether nothing says that a study is not of a problem: no other problem, no region."""
    if study.links:
        return problem.is_named(study.links)
    apart = (
        study.regions
        and problem.regions
        and not reader.regions.related(study.regions, problem.regions)
        and not reader.regions.adjoin(study.regions, problem.regions)
    )
    return not (apart or opposite(study.side, problem.sides) or precedes(study.moment, problem))


def adopt_site(reader: Reader, problems: list[Problem], studies: list[Study]) -> None:
    """A problem without a site takes the innermost region of the studies that name it.

    Or of all studies, when it is the only problem.
    """
    for problem in problems:
        if problem.regions or problem.unread_site:
            continue
        named = [s for s in studies if problem.is_named(s.links)]
        named = named or ([s for s in studies if not s.links] if len(problems) == 1 else [])
        named = [s for s in named if s.imaging and s.regions and not precedes(s.moment, problem)]
        regions = [r for s in named for r in s.regions]
        inner = [r for r in regions if all(reader.regions.related([r], s.regions) for s in named)]
        inner = [r for r in inner if not any(o != r and reader.regions.inside(o, r) for o in inner)]
        if len(set(inner)) == 1:
            problem.regions = inner[:1]
            reader.record.note(
                "warning",
                problem.key,
                "No site is recorded; "
                f"{reader.knowledge.label(inner[0])} was taken from the studies.",
            )


def attach(reader: Reader, problems: list[Problem], studies: list[Study]) -> None:
    """States each study with its problem; of each kind the newest report decides.

    A study that cannot be named withholds, for each problem that it may belong to, what is
    assumed of earlier imaging. A suspicious result that is left out is a warning.
    """
    kinds: dict[tuple[str, str], list[Study]] = {}
    for study in studies:
        mine = [p for p in problems if study.imaging and belongs(reader, study, p)]
        study.owners = mine
        if not mine:
            left_out(reader, study, problems)
        if len(mine) > 1:
            names = ", ".join(p.key for p in mine)
            reader.record.note(
                "warning",
                study.resource.key,
                f"{study.resource.path} fits several presentations and was used for each: {names}.",
            )
        for problem in mine:
            if study.imaging:
                kinds.setdefault((problem.key, kind(reader, study.imaging)), []).append(study)
            if study.day:
                reader.record.days[study.resource.key] = study.day
            else:
                reader.record.note(
                    "warning",
                    study.resource.key,
                    f"{study.resource.path} has no date; it was taken to follow the onset.",
                )
    of_key = {p.key: p for p in reversed(problems)}
    for (key, _), found in kinds.items():
        problem = of_key[key]
        decides = decisive(reader, found)
        for study in found:
            relation = "hasStudy" if study is decides else "hasEarlierStudy"
            reader.record.say(problem.iri, ia(relation), node(study.resource.key))
    for study in studies:
        if study.owners:
            state(reader, study, study.owners)


def decisive(reader: Reader, studies: list[Study]) -> Study:
    """Of studies of one kind the newest report, else the newest study.

    Where it is not known which is newer, the one with the most worrying result.
    """
    able = [s for s in studies if s.reported] or studies
    moments = [s.moment for s in able]
    newest = [s for s, is_latest in zip(able, latest(moments, moments), strict=True) if is_latest]
    found = min(newest, key=lambda s: (worry(reader, s), s.result.classes, s.resource.key))
    for study in newest:
        if study.result.classes != found.result.classes:
            reader.record.note(
                "warning",
                study.resource.key,
                f"{study.resource.path} may be as new as "
                f"{found.resource.key}, whose result, the more worrying one, was used.",
            )
    return found


def worry(reader: Reader, study: Study) -> float:
    """The rank of the most worrying class of the result of a study."""
    return min(rank(reader.knowledge, c) for c in study.result.classes)


def suspicious(reader: Reader, study: Study) -> bool:
    """Whether a result is suspicious."""
    return any(reader.is_a(c, "SuspiciousResult") for c in study.result.classes)


def left_out(reader: Reader, study: Study, problems: list[Problem]) -> None:
    """Says of a study why it belongs to no presentation, and withholds what it may contradict."""
    key, path = study.resource.key, study.resource.path
    worrying = suspicious(reader, study)
    near = [p for p in problems if may_belong(reader, study, p)]
    beside = any(reader.regions.adjoin(study.regions, p.regions) for p in near)
    if near and (not study.imaging or not study.regions or beside):
        why = study.why or (
            "it may show a part of the bone only"
            if beside
            else "it names no body region and no Condition"
        )
        for problem in near:
            quote = words_of(study.resource, "code")
            if worrying:
                suspicion = Unread(ia("UnweighedSuspicion"), key, "", quote, problem.iri)
                reader.record.withhold(
                    suspicion,
                    f"{path} cannot be weighed, because {why}, and its "
                    "coded result is suspicious: nothing ends the work-up until "
                    "it is.",
                )
            item = Unread(ia("UnreadImaging"), key, "", quote, problem.iri)
            reader.record.withhold(
                item,
                f"{path} is imaging that could not be used, because {why}; "
                f"that the {noun(reader.knowledge, problem.classes)} has not been imaged is not "
                "known." + (" Its coded result is suspicious." if worrying else ""),
            )
        return
    reason = study.why or why_not(reader, study, problems)
    reader.record.note(
        "warning" if worrying else "info",
        key,
        f"{path} belongs to no presentation: {reason}."
        + (" Its result is suspicious." if worrying else ""),
    )


def why_not(reader: Reader, study: Study, problems: list[Problem]) -> str:
    """The reason why a study belongs to no presentation, in words."""
    if study.links:
        return f"it was done for {', '.join(sorted(study.links))}"
    if not study.regions:
        return "its code names no body region and it names no Condition"
    near = [p for p in problems if reader.regions.related(study.regions, p.regions)]
    if any(not opposite(study.side, p.sides) for p in near):
        return "it is older than the onset"
    return "it is of the other side" if near else "it is of another body region"


def state(reader: Reader, study: Study, problems: list[Problem]) -> None:
    """States a study; one that is too old to close a work-up of unknown onset has a result of its
    own.
    """
    key, path = study.resource.key, study.resource.path
    imaging: Any = study.imaging
    iri, say = node(key), reader.record.say
    say(iri, RDF_TYPE, ia("Study"))
    say(iri, ia("ofProcedure"), imaging.generic)
    if imaging.orderable:
        say(iri, ia("ofOrderable"), imaging.orderable)
    recent = surely_within(study.moment, reader.newest, CLOSES_FOR)
    own = reader.may_clear(study.resource)
    closes = own and bool(study.moment) and (recent or all(p.onset for p in problems))
    opens = all(reader.is_a(c, "UncharacterizedResult") for c in study.result.classes)
    if not closes and not opens:
        study.result.classes = [ia("OutdatedResult")]
        why = (
            f"is of {study.day}, more than {CLOSES_FOR} months before the newest date, and the "
            "onset is not known"
            if study.moment and own
            else "has no date"
            if own
            else "does not tell for sure whose it is"
        )
        reader.record.note(
            "warning",
            key,
            f"{path} {why}: it may open and warn, and closes nothing (the project's own bound).",
        )
    for statement in statements(key, study.result):
        say(*statement)
    if study.reported and ia("UncodedResult") in study.result.classes:
        reader.record.note(
            "warning", key, f"{path} has no coded result that is known: its result is unknown."
        )
    if not study.reported:
        reader.record.note(
            "warning",
            key,
            f"{path} says that a study was done, not what it showed; "
            "a report of its kind decides, if there is one.",
        )
