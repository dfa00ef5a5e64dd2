"""States measurements: age and time since onset from dates, other quantities from Observations.

Each is a range of values in the unit of its observable, which the bands of the graph class.
"""

import math
from collections import defaultdict
from typing import Any

from reasoner.graph.knowledge import Knowledge
from reasoner.graph.store import literal
from reasoner.intake.dates import (
    DAY,
    day,
    days_between,
    latest,
    months_before,
    surely_later,
    whole_years,
)
from reasoner.intake.elements import Part, Reader, number
from reasoner.intake.facts import Fact
from reasoner.intake.joining import owners_of
from reasoner.intake.observables import Observable, following
from reasoner.intake.presentations import Problem
from reasoner.intake.record import Record, node
from reasoner.names import RDF_TYPE, XSD, ia

COMPARATORS = ("<", "<=", ">", ">=")
Value = tuple[Observable, Part, Fact]  # how it is read, where it stands, and what it is about
Range = tuple[str, str, float, float]  # the measurement, its observable, least and greatest value


def age_range(least: int, greatest: int) -> tuple[float, float]:
    """The range of an age, in years, that lies between two numbers of whole years."""
    return float(max(least, 0)), math.nextafter(greatest + 1.0, 0.0)


def time_since(since: str, today: str, sure: bool) -> tuple[float, float] | None:
    """The range of days from a date to today; from `since` at least, where that is not `sure`.

    None where the date is surely later than today.
    """
    least, greatest = days_between(since[:DAY], today[:DAY])
    if greatest < 0:
        return None
    return float(max(least, 0)), float(greatest) if sure else math.inf


def state_times(
    knowledge: Knowledge, record: Record, presentation: str, since: tuple[str, bool], today: str
) -> list[Range]:
    """The times since the onset of a presentation, as measurements; `since` says if it is sure."""
    ranges = []
    for observable in following(knowledge, "onset") if since[0] and today else ():
        if between := time_since(since[0], today, since[1]):
            iri = part_of(presentation, "since-onset")
            state(record, presentation, iri, observable.iri)
            state_value(record, iri, *between)
            ranges.append((iri, observable.iri, *between))
    return ranges


def state_age(
    knowledge: Knowledge, record: Record, patient: str, born: str, today: str
) -> list[Range]:
    """The age of a patient, as measurements, as precise as the dates that it follows from."""
    ranges = []
    for observable in following(knowledge, "birth") if born and today else ():
        iri = part_of(patient, "age")
        state(record, patient, iri, observable.iri)
        years = whole_years(born, today)
        state_value(record, iri, *years)
        ranges.append((iri, observable.iri, *age_range(*years)))
    return ranges


def part_of(iri: str, name: str) -> str:
    """The IRI of a part of a thing."""
    return f"{iri}{'-' if '#' in iri else '#'}{name}"


def state(record: Record, holder: str, iri: str, observable: str) -> None:
    """States a measurement of an observable."""
    record.say(holder, ia("hasMeasurement"), iri)
    record.say(iri, RDF_TYPE, ia("Measurement"))
    record.say(iri, ia("ofObservable"), observable)


def state_value(record: Record, iri: str, least: float, greatest: float) -> None:
    """States the number of a measurement, for its words, where the dates decide it."""
    if least == greatest:
        record.say(iri, ia("value"), literal(f"{int(least)}", datatype=XSD + "integer"))


def state_measures(reader: Reader, problems: list[Problem], patient: str) -> None:
    """States the age, the times since onset, and of each quantity what may be its newest value."""
    person = next(iter(reader.envelope.of("Patient")), None)
    born = day(person.json.get("birthDate")) if person else ""
    knowledge, record, today = reader.knowledge, reader.record, reader.newest
    reader.measurements += state_age(knowledge, record, patient, born, today)
    for problem in problems:
        since = (problem.onset, True) if problem.onset else (problem.recorded, False)
        reader.measurements += state_times(knowledge, record, problem.iri, since, today)
    for (iri, _), facts in by_holder(reader, problems, patient).items():
        moments = [fact.moment for _, _, fact in facts]
        may_be_newest = latest(moments, moments)
        for (observable, part, _), newest in zip(facts, may_be_newest, strict=True):
            if newest:
                measure(reader, observable, part, iri)


def by_holder(
    reader: Reader, problems: list[Problem], patient: str
) -> dict[tuple[str, str], list[Value]]:
    """The values that were read, by the IRI of whom they are of and the observable."""
    rows: dict[tuple[str, str], list[Value]] = defaultdict(list)
    for observable, part, fact in reader.measured:
        bound = months_before(reader.newest, observable.months) if observable.months else ""
        if bound and (not fact.moment or surely_later(bound, fact.moment)):
            reader.record.note(
                "info",
                part.key,
                f"{part.path} is older than {observable.months} months, or has no date; "
                "it was not used.",
            )
            continue
        if observable.holder == "patient":
            rows[patient, observable.iri].append((observable, part, fact))
        for problem in owners_of(reader, fact, problems) if observable.holder != "patient" else ():
            rows[problem.iri, observable.iri].append((observable, part, fact))
    return rows


def measure(reader: Reader, observable: Observable, part: Part, holder: str) -> None:
    """States one value of an observable, when the record gives it in a unit of the table."""
    between = range_of(reader, observable, part)
    if between is not None:
        iri = node(part.key, part.name)
        state(reader.record, holder, iri, observable.iri)
        reader.measurements.append((iri, observable.iri, *between))


def range_of(reader: Reader, observable: Observable, part: Part) -> tuple[float, float] | None:
    """The range of a value in the unit of its observable; None, with a note, for none."""
    quantity: Any = part.json.get("valueQuantity")
    value = number(quantity)
    given = quantity if isinstance(quantity, dict) else {}
    unit, comparator = given.get("code") or given.get("unit"), given.get("comparator")
    factor = observable.units.get(unit) if isinstance(unit, str) else None
    if value is None or factor is None or comparator not in (None, *COMPARATORS):
        units = " or ".join(observable.units)
        reader.record.note(
            "warning",
            part.key,
            f"{part.path}.valueQuantity is no {observable.name} in {units}; it was not used.",
        )
        return None
    return bounds(value * factor, comparator)


def bounds(value: float, sign: str | None) -> tuple[float, float]:
    """The least and greatest that a value with a comparator can be: "<30" ends just below 30.

    What is below a positive value is taken not to be negative.
    """
    lowest = 0.0 if value > 0 else -math.inf
    least = (
        math.nextafter(value, math.inf) if sign == ">" else lowest if sign in ("<", "<=") else value
    )
    below = math.nextafter(value, -math.inf)
    greatest = below if sign == "<" else math.inf if sign in (">", ">=") else value
    return least, greatest
