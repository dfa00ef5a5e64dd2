"""What the fields of a topic state: signs, mechanisms, suspicions, times and other facts.

A value is the name of a term, with `!` before it where the fact is denied, and `@` and a region
behind it where it lies elsewhere than the problem.
"""

import re
from collections.abc import Iterator

from reasoner.errors import InputError
from reasoner.graph.knowledge import Knowledge
from reasoner.graph.store import Statement, literal
from reasoner.intake.annotations import SUFFERS, denied_by, properties, stated_by
from reasoner.intake.observables import observables
from reasoner.names import CASE, RDF_TYPE, XSD, ia

FACT, SUSPECTED = ("fact", "suspected")
VALUE = re.compile(r"(!?)([A-Z]\w*)(?:@([A-Z]\w*))?")
NUMBER = re.compile(r"\d{1,6}(\.\d{1,3})?")
PATIENT, PRESENTATION, FINDING = (CASE + n for n in ("patient", "presentation", "finding"))
SUSPECTS, DENIED = ia("suspects"), ia("lacksSign")
LYING = (ia("hasSign"), ia("hasHistory"), SUSPECTS)  # what has a place in the body


def fact_statements(
    knowledge: Knowledge, facts: dict[str, list[str]], region: str | None
) -> Iterator[Statement]:
    """Yields what some facts state, by the field of each: `fact` or `suspected`.

    `region` is where the problem lies. Raises InputError for a value that no field offers.
    """
    taking = properties(knowledge, "takesTerm")
    for name, values in facts.items():
        for number, value in enumerate(values, 1):
            denied, term, where = parts_of(knowledge, name, value)
            predicate = stating(knowledge, name, term, denied)
            holder = PATIENT if stated_by(knowledge, term) == SUFFERS else PRESENTATION
            thing = f"{CASE}{name}-{number}"
            if predicate is None:
                raise refused(name, value)
            if predicate in taking:
                yield holder, predicate, term
                continue
            yield holder, predicate, thing
            if denied:
                yield from ((thing, RDF_TYPE, ia("Denial")), (thing, ia("denies"), term))
                continue
            yield thing, RDF_TYPE, term
            if predicate in LYING and (where or region):
                yield thing, ia("hasSite"), ia(where or region or "")


def parts_of(knowledge: Knowledge, name: str, value: str) -> tuple[bool, str, str]:
    """Whether a value denies, its term, and the name of its region.

    Raises InputError for one that no field offers.
    """
    match = VALUE.fullmatch(value)
    region = match and match[3]
    known = match and knowledge.label(ia(match[2])) != match[2]
    if not match or not known or region and ia(region) not in knowledge.members("ia:BodyRegion"):
        raise refused(name, value)
    return bool(match[1]), ia(match[2]), region or ""


def stating(knowledge: Knowledge, name: str, term: str, denied: bool) -> str | None:
    """The property that states or denies a term; None where there is none."""
    if name == SUSPECTED:
        named = knowledge.is_a(term, ia("ClinicalFinding"))
        return (DENIED if denied else SUSPECTS) if named else None
    return denied_by(knowledge, term) if denied else stated_by(knowledge, term)


def refused(name: str, value: str) -> InputError:
    """The error of a value that no field offers."""
    return InputError(name, f"{value[:80]!r} is not offered", "Choose from the list.")


def number_statements(
    knowledge: Knowledge, numbers: dict[str, str], has_finding: bool
) -> Iterator[Statement]:
    """Yields what numbers state, by the name of the observable; other names are ignored.

    Raises InputError for what is no number.
    """
    for name, text in numbers.items():
        observable = observables(knowledge).get(ia(name))
        if observable is None or observable.holder == "finding" and not has_finding:
            continue
        if not NUMBER.fullmatch(text):
            fault = f"{text[:80]!r} is no number"
            raise InputError(name, fault, "Correct it, or leave it empty.")
        holders = {"patient": PATIENT, "presentation": PRESENTATION, "finding": FINDING}
        thing = CASE + name
        yield holders[observable.holder], ia("hasMeasurement"), thing
        yield thing, RDF_TYPE, ia("Measurement")
        yield thing, ia("ofObservable"), observable.iri
        yield thing, ia("value"), literal(text, datatype=XSD + "decimal")
