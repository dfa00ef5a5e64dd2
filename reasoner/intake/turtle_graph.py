"""The project's own patient graphs: Turtle in the words of the ontology.

Values are checked by their lexical form before anything relies on them: `"yes"^^xsd:boolean` or `"abc"^^xsd:decimal`
is refused with its place, never read as false or as a number.
"""

import difflib
import re
from datetime import date

import pyoxigraph as ox

from reasoner.errors import InputError
from reasoner.intake.completion import complete
from reasoner.intake.record import Record
from reasoner.knowledge import Knowledge
from reasoner.names import IA, RDF_TYPE, RDFS, XSD, curie, ia
from reasoner.store import text

LEXICAL = {XSD + "decimal": r"[+-]?(\d+(\.\d*)?|\.\d+)", XSD + "integer": r"[+-]?\d+", XSD + "boolean": "true|false|1|0",
           XSD + "double": r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?", XSD + "date": r"\d{4}-\d\d-\d\d"}
NUMBERS = (XSD + "decimal", XSD + "integer", XSD + "double")
ASKED = "Give one ia:Patient and its ia:Presentation with ia:hasPatient."


def read_graph(knowledge: Knowledge, data: bytes, on: date | None = None) -> Record:
    """The record in a Turtle patient graph. Raises InputError with line, or with the term and the nearest valid one."""
    try:
        triples = list(ox.parse(data, format=ox.RdfFormat.TURTLE))
    except SyntaxError as error:
        raise InputError(f"line {error.lineno}", f"the Turtle cannot be read: {error.msg}", "Mend the syntax there.") from None
    for t in triples:
        check(knowledge, t)
    statements = [(text(t.subject), t.predicate.value, t.object if isinstance(t.object, ox.Literal) else text(t.object)) for t in triples]
    patients = sorted({s for s, p, o in statements if p == RDF_TYPE and o == ia("Patient")})
    if len(patients) != 1:
        raise InputError("graph", f"there are {len(patients)} members of ia:Patient", ASKED)
    record = Record(curie(patients[0]), statements)
    record.presentations = sorted({s for s, p, o in statements if p == RDF_TYPE and o == ia("Presentation")})
    for presentation in record.presentations:
        if (presentation, ia("hasPatient"), patients[0]) not in statements:
            raise InputError(curie(presentation), "the presentation names no patient, or another one", ASKED)
    if on and (born := next((o.value for s, p, o in statements if p == ia("birthDate")), None)):
        record.age = on.year - int(born[:4]) - (on.isoformat()[4:] < born[4:])
    complete(knowledge, record, measured(record))
    return record


def check(knowledge: Knowledge, t: ox.Triple) -> None:
    """Raises InputError for a term that is not declared, or a value that is not of its datatype."""
    for term in (t.predicate, t.object):
        if isinstance(term, ox.NamedNode) and term.value.startswith(IA) and knowledge.facts.value(term.value, RDFS + "label") is None:
            known = [curie(s) for s in knowledge.definitions.out if s.startswith(IA)]
            near = difflib.get_close_matches(curie(term.value), known, 1, 0)
            raise InputError(text(t.subject), f"{curie(term.value)} is not a term of the ontology", f"The nearest is {near[0]}.")
    if isinstance(t.object, ox.Literal):
        pattern = LEXICAL.get(t.object.datatype.value)
        if pattern and not re.fullmatch(pattern, t.object.value):
            raise InputError(f"{curie(text(t.subject))} {curie(t.predicate.value)}", f"{t.object} is not of its datatype", "Write a valid value, or leave it out.")


def measured(record: Record) -> list[tuple[str, str, float, float]]:
    """The measurements with their value as a range; one that gives no number in the unit of its kind is unreadable."""
    ranges = []
    for s, p, o in list(record.statements):
        if p == ia("ofObservable"):
            value = next((v for i, q, v in record.statements if i == s and q == ia("value")), None)
            if isinstance(value, ox.Literal) and value.datatype.value in NUMBERS:
                ranges.append((s, o, float(value.value), float(value.value)))
            elif o == ia("EstimatedGfr"):
                record.say(s, RDF_TYPE, ia("UnreadableEgfr"))
                record.note("warning", curie(s), "ia:value is no number; kidney function is unknown until it is read.")
    return ranges
