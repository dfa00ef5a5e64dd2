"""States what follows from the statements of a patient graph: the regions that contain a site, the
classes below a denied one, age, time since onset, and the ranges of its measurements.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date

from reasoner.errors import InputError
from reasoner.graph.knowledge import Knowledge
from reasoner.graph.store import is_literal, text
from reasoner.intake.annotations import below, is_true, properties
from reasoner.intake.dates import whole_years
from reasoner.intake.measures import Range, state_age, state_times
from reasoner.intake.observables import observables
from reasoner.intake.record import Record
from reasoner.intake.regions import Regions
from reasoner.names import RDF_TYPE, XSD, curie, ia

NUMBERS = (XSD + "decimal", XSD + "integer", XSD + "double")
SITE, DENIES, ONSET = ia("hasSite"), ia("denies"), ia("onsetOn")
LOCAL = ia("LocalDenial")


def close(knowledge: Knowledge, record: Record) -> None:
    """Adds the larger regions of each site, and the classes below each one that is denied."""
    regions = Regions(knowledge)
    refuse_contradictions(knowledge, record)
    for s, p, o in list(record.statements):
        if p == SITE and isinstance(o, str):
            for larger in regions.containing(o):
                record.say(s, ia("withinRegion"), larger)
        elif p == DENIES and isinstance(o, str):
            for cls in below(knowledge, o):
                record.say(s, DENIES, cls)


def refuse_contradictions(knowledge: Knowledge, record: Record) -> None:
    """Takes out what a presentation both states and denies, each with a note; what is denied of a
    part of its region contradicts what is stated of that part only.
    """
    above = knowledge.definitions.superclasses
    types: dict[str, set[str]] = defaultdict(set)
    denied: dict[str, set[str]] = defaultdict(set)
    sites: dict[str, set[str]] = defaultdict(set)
    for s, p, o in record.statements:
        if isinstance(o, str) and p in (RDF_TYPE, DENIES, SITE):
            {RDF_TYPE: types, DENIES: denied, SITE: sites}[p][s].add(o)
    held: dict[str, list[str]] = defaultdict(list)
    for s, _, o in record.statements if denied else ():
        if isinstance(o, str) and (o in types or o in denied):
            held[s].append(o)
    apart: set[str] = set()
    for things in held.values():
        refuted: dict[str, list[str]] = defaultdict(list)
        for thing in things:
            for cls in denied.get(thing, ()):
                refuted[cls].append(thing)
        for thing in things if refuted else ():
            wider = {a for cls in types[thing] for a in above(cls)}
            for cls in refuted.keys() & wider:
                for no in refuted[cls]:
                    if LOCAL not in types[no] or sites[no] == sites[thing]:
                        apart |= {thing, no}
    for thing in sorted(apart):
        record.note(
            "warning", curie(thing), "This is both stated and denied of a problem; it was not used."
        )
    record.leave_out(apart)


def refuse_several(
    knowledge: Knowledge, presentation: str, findings: Iterable[str], types: dict[str, set[str]]
) -> None:
    """Raises InputError for a presentation with two findings that are always problems apart."""
    separate = [
        f for f in findings if any(is_true(knowledge, c, "separateProblem") for c in types[f])
    ]
    if len(separate) > 1:
        raise InputError(
            curie(presentation),
            f"the presentation has {len(separate)} findings",
            "Give each finding a presentation of its own.",
        )


def aged(knowledge: Knowledge, record: Record, on: date | None) -> list[Range]:
    """Notes the age of the patient on the day of asking, or when the last study was performed.

    Returns the age, and the times since the onsets, as measurements. Raises InputError for a
    patient who is born after that day.
    """
    dates: dict[str, str] = {}
    onsets: dict[str, str] = {}
    for s, p, o in record.statements:
        if p in properties(knowledge, "takesDay"):
            dates[p] = max(dates.get(p, ""), text(o))
            onsets |= {s: text(o)} if p == ONSET else {}
    performed = dates.get(ia("performedOn"))
    born, today = dates.get(ia("birthDate")), on.isoformat() if on else performed
    if not today:
        return []
    ranges = [
        measured
        for presentation, day in sorted(onsets.items())
        for measured in state_times(knowledge, record, presentation, (day, True), today)
    ]
    if not born:
        return ranges
    record.age = whole_years(born, today)[1]
    if record.age < 0:
        raise InputError(
            f"{record.patient} ia:birthDate",
            f"the patient is born on {born}, after {today}",
            "Correct the birth date, or the date given with --on.",
        )
    patient = next(s for s, p, o in record.statements if (p, o) == (RDF_TYPE, ia("Patient")))
    return ranges + state_age(knowledge, record, patient, born, today)


def measured(knowledge: Knowledge, record: Record) -> list[Range]:
    """The measurements with their value as a range, in the unit of their observable.

    One that gives no number in the unit of its kind is stated as unreadable.
    """
    ranges = []
    given: dict[str, list] = defaultdict(list)
    units: dict[str, list] = defaultdict(list)
    for s, p, o in record.statements:
        if p in (ia("value"), ia("unit")):
            (given if p == ia("value") else units)[s].append(o)
    plain = (ia("Measurement"), ia("Patient"), ia("Presentation"))
    banded = {s for s, p, o in record.statements if p == RDF_TYPE and o not in plain}
    for s, p, o in list(record.statements):
        if p != ia("ofObservable"):
            continue
        numbers = [
            float(v.value) for v in given[s] if is_literal(v) and v.datatype.value in NUMBERS
        ]
        factor = factor_of(knowledge, o, [text(unit) for unit in units[s]])
        unreadable = knowledge.facts.value(o, ia("whenUnreadable"))
        if len(given[s]) == len(numbers) == 1 and numbers[0] >= 0 and factor:
            ranges.append((s, o, numbers[0] * factor, numbers[0] * factor))
        elif s in banded:
            continue
        elif unreadable:
            record.say(s, RDF_TYPE, unreadable)
            record.note(
                "warning",
                curie(s),
                "ia:value is not one number from zero up; kidney function is unknown until "
                "it is read.",
            )
        else:
            record.note(
                "warning",
                curie(s),
                "ia:value is not one number from zero up; the measurement was not used.",
            )
    return ranges


def factor_of(knowledge: Knowledge, observable: str, units: list[str]) -> float | None:
    """By how much a value in some unit is multiplied; None for a unit that is not of the table.

    Without a unit, or of an observable that is not in the table, a value counts as it stands.
    """
    known = observables(knowledge).get(observable)
    if known is None or not units:
        return 1.0
    return known.units.get(units[0]) if len(units) == 1 else None
