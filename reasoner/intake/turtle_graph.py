"""The project's own patient graphs: Turtle in the words of the ontology.

Values are checked by their lexical form before anything relies on them: `"yes"^^xsd:boolean` or `"abc"^^xsd:decimal`
is refused with its place, never read as false or as a number. A patient graph may state facts of a patient and nothing
else: a rating or a rule in it would be knowledge that nobody reviewed.
"""

import difflib
import re
from datetime import date

import pyoxigraph as ox

from reasoner.errors import InputError
from reasoner.intake.completion import complete
from reasoner.intake.dates import whole_years
from reasoner.intake.encoding import plain, refuse_markup
from reasoner.intake.record import Record
from reasoner.knowledge import Knowledge
from reasoner.names import CASE, IA, LABEL, OWL, RDF_TYPE, RDFS, XSD, curie, ia
from reasoner.store import text

LEXICAL = {XSD + "decimal": r"[+-]?(\d+(\.\d*)?|\.\d+)", XSD + "integer": r"[+-]?\d+", XSD + "boolean": "true|false|1|0",
           XSD + "double": r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?", XSD + "date": r"\d{4}-\d\d-\d\d"}
SAID = {ia(name) for name in (
    "hasPatient hasFinding hasSite hasDepth hasLaterality hasSymptomStatus hasStudy hasEarlierStudy hasOrder ofProcedure ofOrderable hasResult namesDiagnosis "
    "performedOn hasDevice hasMrLabel hasCondition hasSeverity hasMeasurement ofObservable value unit birthDate").split()}
TERMS = {ia(name) for name in "hasSite hasDepth hasLaterality hasSymptomStatus ofProcedure ofOrderable namesDiagnosis hasMrLabel hasSeverity ofObservable".split()}
NUMBERS = (XSD + "decimal", XSD + "integer", XSD + "double")
DAYS = {ia("birthDate"), ia("performedOn")}
ASKED = "Give one ia:Patient and its ia:Presentation with ia:hasPatient."


def read_graph(knowledge: Knowledge, data: bytes, on: date | None = None) -> Record:
    """The record in a Turtle patient graph. Raises InputError with line, or with the term and the nearest valid one."""
    data = plain(data)
    refuse_markup(data)
    try:
        triples = list(ox.parse(data, format=ox.RdfFormat.TURTLE))
    except SyntaxError as error:
        raise InputError(f"line {error.lineno}", f"the Turtle cannot be read: {error.msg}", "Mend the syntax there.") from None
    for t in triples:
        check(knowledge, t)
    names = named(triples)
    statements = [(names.get(text(t.subject), text(t.subject)), t.predicate.value, t.object if isinstance(t.object, ox.Literal) else names.get(text(t.object), text(t.object)))
                  for t in triples]
    statements = list(dict.fromkeys(statements))
    for s, p, o in statements:
        if p in TERMS and isinstance(o, str) and not o.startswith(IA):
            raise InputError(f"{curie(s)} {curie(p)}", f"{o} is not a term of the ontology", "Write a term such as ia:Thigh.")
    patients = sorted({s for s, p, o in statements if p == RDF_TYPE and o == ia("Patient")})
    if len(patients) != 1:
        raise InputError("graph", f"there are {len(patients)} members of ia:Patient", ASKED)
    record = Record(curie(patients[0]), statements)
    record.presentations = sorted({s for s, p, o in statements if p == RDF_TYPE and ia("Presentation") in knowledge.definitions.superclasses(o)})
    for presentation in record.presentations:
        if len(found := {o for s, p, o in statements if s == presentation and p == ia("hasFinding")}) > 1:
            raise InputError(curie(presentation), f"the presentation has {len(found)} findings", "Give each finding a presentation of its own.")
        if (presentation, ia("hasPatient"), patients[0]) not in statements:
            raise InputError(curie(presentation), "the presentation names no patient, or another one", ASKED)
    dates = {p: max(o.value for _, q, o in statements if q == p) for p in (ia("birthDate"), ia("performedOn")) if any(q == p for _, q, _ in statements)}
    born, today = dates.get(ia("birthDate")), on.isoformat() if on else dates.get(ia("performedOn"))
    if born and today:
        record.age = whole_years(born, today)[1]
        if record.age < 0:
            raise InputError(f"{record.patient} ia:birthDate", f"the patient is born on {born}, after {today}", "Correct the birth date, or the date given with --on.")
    for predicate in sorted({p for _, p, _ in statements if not p.startswith(IA)} - {RDF_TYPE, LABEL}):
        record.note("info", predicate, "This is no word of the ontology; what it says was not used.")
    complete(knowledge, record, measured(record))
    return record


def check(knowledge: Knowledge, t: ox.Triple) -> None:
    """Raises InputError for a term that is not declared, or a value that is not of its datatype."""
    for term in (t.predicate, t.object):
        if isinstance(term, ox.NamedNode) and term.value.startswith(IA) and knowledge.facts.value(term.value, RDFS + "label") is None:
            known = [curie(s) for s in knowledge.definitions.out if s.startswith(IA)]
            near = difflib.get_close_matches(curie(term.value), known, 1, 0)
            raise InputError(text(t.subject), f"{curie(term.value)} is not a term of the ontology", f"The nearest is {near[0]}.")
    place, predicate = f"{curie(text(t.subject))} {curie(t.predicate.value)}", t.predicate.value
    if text(t.subject).startswith(IA) or (predicate.startswith(IA) and predicate not in SAID):
        raise InputError(place, "this is knowledge, not a fact of a patient", "Put it into the ontology.")
    literal = isinstance(t.object, ox.Literal)
    kind = OWL + ("ObjectProperty" if literal else "DatatypeProperty")
    if knowledge.facts.holds(predicate, RDF_TYPE, kind) or (predicate == RDF_TYPE and literal):
        raise InputError(place, f"{t.object} is {'a text where a thing' if literal else 'a thing where a value'} is due", "Write a term such as ia:Thigh." if literal else "Write a value such as 22.")
    if literal:
        datatype = XSD + "date" if predicate in DAYS else t.object.datatype.value
        if datatype != t.object.datatype.value or not valid(datatype, t.object.value):
            raise InputError(place, f"{t.object} is not of its datatype", "Write a valid value, or leave it out.")


def valid(datatype: str, value: str) -> bool:
    """Whether a text is a value of a datatype; every text is one of a datatype that is not read."""
    try:
        return bool(re.fullmatch(LEXICAL.get(datatype, ".*"), value, re.DOTALL)) and (datatype != XSD + "date" or bool(date.fromisoformat(value)))
    except ValueError:
        return False


def named(triples: list[ox.Triple]) -> dict[str, str]:
    """An IRI for each blank node, from what points to it first: that the same graph gets the same answer, to the byte."""
    above: dict[str, tuple[str, str]] = {}
    for t in triples:
        if isinstance(t.object, ox.BlankNode):
            above.setdefault(text(t.object), (text(t.subject), t.predicate.value.removeprefix(IA)))
    names: dict[str, str] = {}
    for node in dict.fromkeys(text(x) for t in triples for x in (t.subject, t.object) if isinstance(x, ox.BlankNode)):
        path, step = [], node
        while step in above and step not in path:
            path.append(step)
            step = above[step][0]
        root = CASE + "patient-graph" if step.startswith("_:") else step
        name = root + ("-" if "#" in root else "#") + "-".join(above[s][1] for s in reversed(path))
        names[node] = next(n for i in range(len(triples) + 1) if (n := f"{name}{i or ''}") not in names.values())
    return names


def measured(record: Record) -> list[tuple[str, str, float, float]]:
    """The measurements with their value as a range; one that gives no number in the unit of its kind is unreadable."""
    ranges = []
    for s, p, o in list(record.statements):
        if p == ia("ofObservable"):
            values = [v for i, q, v in record.statements if i == s and q == ia("value")]
            numbers = [float(v.value) for v in values if isinstance(v, ox.Literal) and v.datatype.value in NUMBERS]
            if len(values) == len(numbers) == 1 and numbers[0] >= 0:
                ranges.append((s, o, numbers[0], numbers[0]))
            elif o == ia("EstimatedGfr"):
                record.say(s, RDF_TYPE, ia("UnreadableEgfr"))
                record.note("warning", curie(s), "ia:value is not one number from zero up; kidney function is unknown until it is read.")
            else:
                record.note("warning", curie(s), "ia:value is not one number from zero up; the measurement was not used.")
    return ranges
