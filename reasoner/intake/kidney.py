"""Reads kidney function: each eGFR that may be the newest, as a number or as unreadable."""

from typing import Any

from reasoner.graph.knowledge import Knowledge
from reasoner.graph.memoize import memoized
from reasoner.intake import studies
from reasoner.intake.dates import first_moment, latest, surely_within
from reasoner.intake.elements import Part, Reader, number
from reasoner.intake.measures import COMPARATORS, bounds, state
from reasoner.intake.observables import observables
from reasoner.intake.placeholders import bands
from reasoner.intake.record import node
from reasoner.intake.unread import withhold
from reasoner.names import RDF_TYPE, ia

CURRENT = 12  # months that an eGFR is taken to be current: the project's own bound, no source read
WHEN = studies.WHEN["Observation"]


@memoized
def kidney_observable(knowledge: Knowledge) -> str:
    """The observable of kidney function: the one whose unreadable values have a class."""
    return knowledge.facts.having(ia("whenUnreadable"))[0]


@memoized
def units(knowledge: Knowledge) -> frozenset[str]:
    """The units in which kidney function is read, in lower case."""
    known = observables(knowledge)[kidney_observable(knowledge)]
    return frozenset(unit.casefold() for unit in known.units)


def read_kidney(reader: Reader, patient: str) -> None:
    """States each eGFR than which none that can be read is surely newer, and notes the others."""
    if not reader.gfr:
        return
    moments = [first_moment(p.resource.json, *WHEN) for p in reader.gfr]
    readable = [
        m
        for p, m in zip(reader.gfr, moments, strict=True)
        if usable(reader, p) is not None and reader.may_clear(p.resource)
    ]
    rows = sorted(
        zip(reader.gfr, moments, latest(moments, readable), strict=True),
        key=lambda row: (not row[1], row[1], row[0].path),
        reverse=True,
    )
    for part, moment, may_be_newest in rows:
        if may_be_newest:
            state_egfr(reader, part, moment, patient)
        else:
            reader.record.note(
                "info",
                part.key,
                f"{part.path} is older than the eGFR that decides; it was not used.",
            )


def state_egfr(reader: Reader, part: Part, moment: str, patient: str) -> None:
    """States one eGFR; one that cannot be read, or is old, is asked about."""
    value, iri = usable(reader, part), node(part.key, part.name)
    observable = kidney_observable(reader.knowledge)
    state(reader.record, patient, iri, observable)
    quantity: Any = part.json.get("valueQuantity")
    unit = unit_of(quantity)
    if value is not None:
        reader.measurements.append((iri, observable, *bounds(value, quantity.get("comparator"))))
        if not unit:
            reader.record.note(
                "warning",
                part.key,
                f"{part.path}.valueQuantity has no unit; it was "
                "taken to be in mL/min per 1.73 square meters, as its code means.",
            )
        if moment and reader.newest and not surely_within(moment, reader.newest, CURRENT):
            withhold(
                reader,
                part.resource,
                ia("UnreadKidneyHazard"),
                part.path,
                moment[:10],
                f"{part.path} is of {moment[:10]}, more than {CURRENT} months before the newest "
                "date (the project's own bound): a current eGFR is needed.",
            )
        return
    reader.record.say(iri, RDF_TYPE, reader.knowledge.facts.value(observable, ia("whenUnreadable")))
    rest = (
        "" if not isinstance(quantity, dict) else ".value" if number(quantity) is None else ".code"
    )
    reader.record.note(
        "warning",
        part.key,
        f"{part.path}.valueQuantity{rest} is no usable eGFR in "
        "mL/min/{1.73_m2}; kidney function is unknown until it is read.",
    )


def unit_of(quantity) -> str:
    """The unit of a Quantity; empty when it gives none, "?" when it is no text."""
    unit = (quantity.get("code") or quantity.get("unit")) if isinstance(quantity, dict) else None
    return unit if isinstance(unit, str) else "" if unit is None else "?"


def usable(reader: Reader, part: Part) -> float | None:
    """The eGFR that an Observation gives as a number in the unit of its kind, if it does.

    A low value without a unit counts as in that unit, so that losing the unit clears nothing.
    """
    quantity: Any = part.json.get("valueQuantity")
    value, unit = number(quantity), unit_of(quantity)
    comparator = quantity.get("comparator") if isinstance(quantity, dict) else None
    readable = comparator is None or comparator in COMPARATORS
    if value is None or value < 0 or not readable:
        return None
    observable = kidney_observable(reader.knowledge)
    low = not unit and any(a <= value < b for _, a, b in bands(reader.knowledge, observable))
    return value if low or unit.casefold() in units(reader.knowledge) else None
