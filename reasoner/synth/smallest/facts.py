"""Turns a way to meet a definition into facts that a record can hold: each class as one that a code
states, a band as a number, a region as a site, a choice as one of its terms.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from reasoner.graph.knowledge import Knowledge
from reasoner.intake.annotations import stated_by
from reasoner.intake.placeholders import bands
from reasoner.intake.regions import Regions
from reasoner.names import RDF_TYPE, ia
from reasoner.synth.smallest import sayings
from reasoner.synth.smallest.ways import Thing

SITE, WITHIN, DENIES, RESULT = (ia(n) for n in ("hasSite", "withinRegion", "denies", "hasResult"))
PROCEDURE, MEASURED = ia("ofProcedure"), ia("hasMeasurement")
HISTORY = ia("hasHistory")
SIGN, LOCAL = ia("hasSign"), ia("LocalDenial")
PROBLEMS = (ia("hasFinding"), ia("suspects"))


@dataclass(frozen=True)
class Fact:
    """A fact of a presentation, or of its patient: a property and a thing, a term or a number.

    `term` is the class, the denied class or the term; `number` and `unit` are those of a
    measurement of the observable `term`. `site` is a region, `procedure` that of a study, whose
    result is of the class `term`. `more` are further classes and terms of the thing, by property.
    `held` are the facts of the thing itself, such as its size; `defined` the classes of a result as
    the definition names them.
    """

    property: str
    term: str
    of_patient: bool = False
    denied: bool = False
    site: str | None = None
    procedure: str | None = None
    number: float | None = None
    more: tuple[tuple[str, str], ...] = ()
    held: tuple["Fact", ...] = ()
    defined: tuple[str, ...] = ()


class Unfit(Exception):
    """A way that no thing can meet: bands or regions that exclude each other."""


def facts_of(
    knowledge: Knowledge, way: Thing, region: str | None, whole: bool = True
) -> list[Fact]:
    """The facts of a presentation that meets a way; `region` is where the problem may be, if the
    way leaves it open and a study needs one. `whole` says that a record holds no more.

    Raises Unfit for a way that contradicts itself.
    """
    own = [(p, thing) for p, thing in way.parts if p != ia("hasPatient")]
    patient = [part for p, thing in way.parts if p == ia("hasPatient") for part in parts_of(thing)]
    presented: list[tuple[str, Thing | str]] = [*own, *((p, term) for p, term in sorted(way.terms))]
    rows = [Fact(RDF_TYPE, cls) for cls in sorted(way.classes - {ia("Presentation")})]
    rows += measured(knowledge, presented, False) + measured(knowledge, patient, True)
    rows = one_study(knowledge, rows)
    if whole:
        refuse_doubles(knowledge, rows)
    places = {row.site for row in rows if row.site and not row.procedure}
    place = next(iter(Regions(knowledge).innermost(sorted(places))), region)
    problems = [row for row in rows if row.property in PROBLEMS]
    if len(problems) > 1 or any(row.procedure for row in rows):
        return [at(row, place) for row in rows]
    return rows


def at(row: Fact, place: str | None) -> Fact:
    """A study, a problem or a past event, at a place if it has none."""
    needs = row.procedure or row.property in (*PROBLEMS, HISTORY)
    return replace(row, site=place) if needs and not row.site else row


def one_study(knowledge: Knowledge, rows: list[Fact]) -> list[Fact]:
    """The facts, studies of one procedure as one study with all their results.

    Where results that codes state exclude each other, those of the definition are taken. Raises
    Unfit when they exclude each other as well.
    """
    studies: dict[str, list[Fact]] = {}
    for row in rows:
        studies.setdefault(row.procedure or "", []).append(row)
    joined = []
    for own in (own for procedure, own in studies.items() if procedure):
        results = [[r for row in own for r in group(row)] for group in (coded, defined)]
        apart = knowledge.definitions.exclude
        fit = [
            dict.fromkeys(classes)
            for classes in results
            if not any(apart(one, other) for one in classes for other in classes)
        ]
        if not fit:
            raise Unfit("results")
        term, *more = (*fit[0], "")[: max(len(fit[0]), 1)]
        further = tuple((RDF_TYPE, cls) for cls in more)
        joined.append(replace(own[0], term=term, more=further, defined=()))
    return [row for row in rows if not row.procedure] + joined


def coded(row: Fact) -> list[str]:
    """The classes of the result of a study that codes state."""
    return [cls for cls in (row.term, *(t for _, t in row.more)) if cls]


def defined(row: Fact) -> list[str]:
    """The classes of the result of a study that a definition names."""
    return list(row.defined)


def refuse_doubles(knowledge: Knowledge, rows: list[Fact]) -> None:
    """Raises Unfit for what no record gives: a class as problem and as sign, a symptom as problem
    beside another, a symptom as sign of no other problem, and no problem.
    """
    terms = [row.term for row in rows if row.property in (*PROBLEMS, SIGN) and row.term]
    problems = [row for row in rows if row.property in PROBLEMS]
    symptoms = [row for row in problems if is_symptom(knowledge, row)]
    others = len(problems) - len(symptoms)
    signs = [row for row in rows if row.property == SIGN and is_symptom(knowledge, row)]
    if len(set(terms)) < len(terms) or (symptoms and others) or len(symptoms) > 1:
        raise Unfit("doubles")
    if not problems or (signs and not others):
        raise Unfit("problems")


def is_symptom(knowledge: Knowledge, row: Fact) -> bool:
    """Whether a fact is of a finding that is stated as a sign beside another problem."""
    finding = ia("ClinicalFinding") in knowledge.definitions.superclasses(row.term)
    return finding and not row.denied and stated_by(knowledge, row.term) == SIGN


def parts_of(thing: Thing) -> list[tuple[str, "Thing | str"]]:
    """The parts and terms of a thing."""
    return [*thing.parts, *sorted(thing.terms)]


def measured(
    knowledge: Knowledge, parts: Iterable[tuple[str, "Thing | str"]], of_patient: bool
) -> list[Fact]:
    """The facts that parts state; measurements of one observable as one, findings as one."""
    rows: list[Fact] = []
    ranges: dict[str, tuple[float, float]] = {}
    finding: Thing | None = None
    for predicate, thing in dict.fromkeys(parts):
        if predicate == MEASURED and isinstance(thing, Thing):
            for cls in thing.classes - {ia("Measurement")}:
                observable, least, below = band(knowledge, cls)
                known = ranges.get(observable, (float("-inf"), float("inf")))
                ranges[observable] = max(least, known[0]), min(below, known[1])
        elif isinstance(thing, str):
            rows.append(Fact(predicate, thing, of_patient))
        elif predicate == ia("hasFinding") and finding and one_kind(knowledge, finding, thing):
            finding = finding.joined(thing)
        elif predicate == ia("hasFinding") and not finding:
            finding = thing
        else:
            rows.append(fact(knowledge, predicate, thing, of_patient))
    if finding:
        rows.insert(0, fact(knowledge, ia("hasFinding"), finding, of_patient))
    for observable, (least, below) in ranges.items():
        number = within(least, below)
        rows.append(Fact(MEASURED, observable, of_patient, number=number))
    return rows


def one_kind(knowledge: Knowledge, one: Thing, other: Thing) -> bool:
    """Whether two findings can be one: the class of one is above that of the other."""
    above = knowledge.definitions.superclasses
    return any(a in above(b) or b in above(a) for a in one.classes for b in other.classes)


def band(knowledge: Knowledge, cls: str) -> tuple[str, float, float]:
    """The observable of a class of measurements, from where on, and below what. Raises Unfit for
    a class that is of no band.
    """
    for name in knowledge.facts.subjects(ia("bandClass"), cls):
        observable = knowledge.facts.value(name, ia("ofObservable"))
        for other, least, below in bands(knowledge, observable):
            if other == cls:
                return observable, least, below
    raise Unfit(cls)


def within(least: float, below: float) -> float:
    """The least whole number of a range, or the greatest of one that has no least."""
    if least >= below:
        raise Unfit("bands")
    return least if least != float("-inf") else below - 1


def fact(knowledge: Knowledge, predicate: str, thing: Thing, of_patient: bool) -> Fact:
    """A thing as a fact, with the class that a code states best."""
    terms = dict(thing.terms)
    if DENIES in terms:
        said = sayings.denied(knowledge, terms[DENIES]).term
        site = site_of(knowledge, thing) if LOCAL in thing.classes else None
        return Fact(predicate, said, of_patient, denied=True, site=site)
    if predicate == ia("hasStudy"):
        return study(knowledge, predicate, thing)
    site = site_of(knowledge, thing)
    above = knowledge.definitions.superclasses
    classes = sorted(thing.classes, key=lambda c: (-len(above(c)), c))
    lowest = [c for c in classes if not any(c != o and c in above(o) for o in classes)]
    said = [sayings.stated(knowledge, c, site).term for c in lowest]
    more = [(p, t) for p, t in sorted(thing.terms) if p not in (SITE, WITHIN)]
    more += [(p, found[0]) for p, found in sorted(thing.choices) if p not in (SITE, WITHIN)]
    more += [(RDF_TYPE, cls) for cls in said[1:]]
    held = measured(knowledge, thing.parts, False)
    main = said[0] if said else ""
    return Fact(predicate, main, of_patient, site=site, more=tuple(more), held=tuple(held))


def site_of(knowledge: Knowledge, thing: Thing) -> str | None:
    """The innermost region in which a thing lies; None where that is open. Raises Unfit for two
    regions of which none lies in the other.
    """
    inside = Regions(knowledge).inside
    exact = [t for p, t in thing.terms if p == SITE]
    exact += [sorted(found)[0] for p, found in thing.choices if p == SITE and not exact]
    wide = [t for p, t in thing.terms if p == WITHIN]
    lowest = Regions(knowledge).innermost(sorted({*exact, *wide}))
    if len(lowest) > 1 or (exact and lowest != exact[:1]):
        raise Unfit("regions")
    if not lowest or exact:
        return next(iter(lowest), None)
    region = sayings.placed(knowledge, lowest[0]).term
    return region if all(inside(region, other) for other in wide) else lowest[0]


def study(knowledge: Knowledge, predicate: str, thing: Thing) -> Fact:
    """A study as a fact, with the generic procedure; the result is the class that a code states."""
    offered = [set(found) for p, found in thing.choices if p == PROCEDURE]
    offered += [{t} for p, t in thing.terms if p == PROCEDURE]
    common = knowledge.members("ia:GenericProcedure").intersection(*offered)
    procedures = sorted(common, key=lambda p: (len(p), p))
    results = [r for p, r in thing.parts if p == RESULT]
    classes = sorted({c for r in results for c in r.classes})
    said = [sayings.resulting(knowledge, c).term for c in classes]
    if not procedures:
        raise Unfit("procedures")
    only = next((o for c in said if (o := knowledge.facts.value(c, ia("ofModality")))), None)
    fit = [p for p in procedures if not only or knowledge.facts.holds(p, ia("hasModality"), only)]
    if not fit:
        raise Unfit("modalities")
    more = tuple((RDF_TYPE, c) for c in said[1:])
    main = said[0] if said else ""
    return Fact(predicate, main, procedure=fit[0], more=more, defined=tuple(classes))
