"""The facts of a smallest patient as a patient graph in Turtle."""

from collections.abc import Iterator, Sequence

import pyoxigraph as ox

from reasoner.graph.knowledge import Knowledge
from reasoner.graph.store import Statement, serialize
from reasoner.graph.turtle.format import WELL_KNOWN
from reasoner.intake.annotations import properties
from reasoner.names import CASE, RDF_TYPE, XSD, ia
from reasoner.synth.smallest.facts import LOCAL, MEASURED, SITE, Fact

PATIENT, PRESENTATION = CASE + "patient", CASE + "presentation"


def as_turtle(knowledge: Knowledge, facts: Sequence[Fact]) -> bytes:
    """The patient graph of some facts."""
    return serialize(list(statements(knowledge, facts)), WELL_KNOWN)


def statements(knowledge: Knowledge, facts: Sequence[Fact]) -> Iterator[Statement]:
    """The statements of some facts of one presentation and its patient."""
    yield PATIENT, RDF_TYPE, ia("Patient")
    yield PRESENTATION, RDF_TYPE, ia("Presentation")
    yield PRESENTATION, ia("hasPatient"), PATIENT
    for number, fact in enumerate(facts):
        holder = PATIENT if fact.of_patient else PRESENTATION
        yield from of_fact(knowledge, holder, f"{CASE}fact-{number}", fact)


def of_fact(knowledge: Knowledge, holder: str, name: str, fact: Fact) -> Iterator[Statement]:
    """The statements of a fact."""
    if fact.property == RDF_TYPE or fact.property in properties(knowledge, "takesTerm"):
        yield holder, fact.property, fact.term
        return
    yield holder, fact.property, name
    if fact.property == MEASURED:
        yield name, RDF_TYPE, ia("Measurement")
        yield name, ia("ofObservable"), fact.term
        yield (
            name,
            ia("value"),
            ox.Literal(f"{fact.number:g}", datatype=ox.NamedNode(XSD + "decimal")),
        )
    elif fact.denied:
        yield name, RDF_TYPE, LOCAL if fact.site else ia("Denial")
        yield name, ia("denies"), fact.term
        if fact.site:
            yield name, SITE, fact.site
    elif fact.procedure:
        yield name, RDF_TYPE, ia("Study")
        yield name, ia("ofProcedure"), fact.procedure
        for cls in (fact.term, *(t for _, t in fact.more)) if fact.term else ():
            yield name, ia("hasResult"), f"{name}-result"
            yield f"{name}-result", RDF_TYPE, cls
    else:
        yield from thing(name, fact)
    for number, held in enumerate(fact.held):
        yield from of_fact(knowledge, name, f"{name}-{number}", held)


def thing(name: str, fact: Fact) -> Iterator[Statement]:
    """The statements about the thing of a fact."""
    if fact.term:
        yield name, RDF_TYPE, fact.term
    if fact.site:
        yield name, SITE, fact.site
    for predicate, term in fact.more:
        yield name, predicate, term
