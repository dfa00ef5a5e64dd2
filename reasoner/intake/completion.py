"""What a record leaves open is said to be open, so that a rule can see it: the same for FHIR and Turtle.

A device without MR label, a condition without severity, a study without result and a device without kind each get
the placeholder of the vocabulary. Measurements get the class of the band that their whole possible range lies in; a
range that only touches a band is unknown.
"""

from reasoner.intake.record import Record
from reasoner.knowledge import Knowledge
from reasoner.names import RDF_TYPE, ia

Range = tuple[str, str, float, float]
UNREADABLE = {ia("EstimatedGfr"): ia("UnreadableEgfr")}


def complete(knowledge: Knowledge, record: Record, ranges: list[Range]) -> None:
    """Adds placeholders for what is not recorded, and the band classes of measurements (IRI, observable, least, greatest)."""
    types: dict[str, set[str]] = {}
    said: dict[tuple[str, str], list] = {}
    for s, p, o in record.statements:
        if p == RDF_TYPE:
            types.setdefault(s, set()).add(o)
        said.setdefault((s, p), []).append(o)
    for (s, p), objects in list(said.items()):
        for o in objects:
            if p == ia("hasDevice"):
                if types.get(o, set()) <= {ia("Device")}:
                    record.say(o, RDF_TYPE, ia("DeviceOfUnknownKind"))
                if (o, ia("hasMrLabel")) not in said:
                    record.say(o, ia("hasMrLabel"), ia("MrLabelNotRecorded"))
            elif p == ia("hasCondition") and (o, ia("hasSeverity")) not in said:
                record.say(o, ia("hasSeverity"), ia("SeverityNotRecorded"))
            elif p == ia("hasStudy") and (o, ia("hasResult")) not in said:
                record.say(o, ia("hasResult"), o + ("-result" if "#" in o else "#result"))
                record.say(o + ("-result" if "#" in o else "#result"), RDF_TYPE, ia("UncodedResult"))
    for iri, observable, least, greatest in ranges:
        for band in knowledge.facts.subjects(ia("ofObservable"), observable):
            cls = knowledge.facts.value(band, ia("bandClass"))
            low, high = (float(knowledge.facts.value(band, ia(name), default)) for name, default in (("atLeast", "-inf"), ("below", "inf")))
            if cls and low <= least and greatest < high:
                record.say(iri, RDF_TYPE, cls)
            elif cls and observable in UNREADABLE and greatest >= low and least < high:
                record.say(iri, RDF_TYPE, UNREADABLE[observable])
