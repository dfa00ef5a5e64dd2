"""Adds placeholders for missing values to a record, so that a rule can match what is not recorded.

A device without MR label, a condition without severity, a study without result and a device
without kind each get a placeholder of the vocabulary. Measurements get the class of the band that
their whole possible range lies in; a range that only overlaps a band is unknown.
"""

import math

from reasoner.graph.knowledge import Knowledge
from reasoner.graph.memoize import memoized
from reasoner.intake.record import Record
from reasoner.names import RDF_TYPE, ia

Range = tuple[str, str, float, float]
DEVICE, CONDITION, STUDY = ia("hasDevice"), ia("hasCondition"), ia("hasStudy")
OPEN = (DEVICE, CONDITION, STUDY)


def complete(knowledge: Knowledge, record: Record, ranges: list[Range]) -> None:
    """Adds placeholders for what is not recorded, and the band classes of measurements.

    `ranges` are tuples of the IRI, the observable, and the least and greatest value.
    """
    if any(p in OPEN for _, p, _ in record.statements):
        stated = {(s, p) for s, p, _ in record.statements}
        named = {s for s, p, o in record.statements if p == RDF_TYPE and o != ia("Device")}
        for _, p, o in list(record.statements):
            if isinstance(o, str):
                fill_in(record, p, o, stated, named)
    for iri, observable, least, greatest in ranges:
        unreadable = knowledge.facts.value(observable, ia("whenUnreadable"))
        for cls, low, high in bands(knowledge, observable):
            if low <= least and (greatest < high or high == math.inf):
                record.say(iri, RDF_TYPE, cls)
            elif unreadable and greatest >= low and least < high:
                record.say(iri, RDF_TYPE, unreadable)


def fill_in(record: Record, p: str, o: str, stated: set[tuple[str, str]], named: set[str]) -> None:
    """Adds the placeholders of one thing that a record states with `p`.

    `stated` are the subjects and predicates of the record, `named` the things of a kind that is
    more than a device.
    """
    if p == DEVICE:
        if o not in named:
            record.say(o, RDF_TYPE, ia("DeviceOfUnknownKind"))
        if (o, ia("hasMrLabel")) not in stated:
            record.say(o, ia("hasMrLabel"), ia("MrLabelNotRecorded"))
    elif p == CONDITION and (o, ia("hasSeverity")) not in stated:
        record.say(o, ia("hasSeverity"), ia("SeverityNotRecorded"))
    elif p == STUDY and (o, ia("hasResult")) not in stated:
        result = o + ("-result" if "#" in o else "#result")
        record.say(o, ia("hasResult"), result)
        record.say(result, RDF_TYPE, ia("UncodedResult"))


@memoized
def bands(knowledge: Knowledge, observable: str) -> list[tuple[str, float, float]]:
    """The bands of an observable that have a class: the class, from where on, and below what."""
    facts = knowledge.facts

    def limit(band: str, name: str, default: str) -> float:
        return float(facts.value(band, ia(name), default))

    return [
        (cls, limit(band, "atLeast", "-inf"), limit(band, "below", "inf"))
        for band in facts.subjects(ia("ofObservable"), observable)
        if (cls := facts.value(band, ia("bandClass")))
    ]
