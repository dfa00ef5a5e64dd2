"""Reads a patient graph: Turtle with the terms of the ontology, instead of FHIR.

Values are checked by their lexical form before anything relies on them: `"yes"^^xsd:boolean` or
`"abc"^^xsd:decimal` is refused with its place, never read as false or as a number. A patient graph
may state facts of a patient and nothing else: a rating or a rule in it would be knowledge that
nobody reviewed.
"""

import re
from collections import Counter, defaultdict
from datetime import date

from reasoner.errors import InputError, TurtleError
from reasoner.graph.knowledge import Knowledge
from reasoner.graph.store import is_blank, is_literal, parse, text
from reasoner.intake.annotations import properties
from reasoner.intake.bounds import refuse_vast
from reasoner.intake.encoding import plain, refuse_other
from reasoner.intake.graph_facts import aged, close, measured, refuse_several
from reasoner.intake.placeholders import complete
from reasoner.intake.record import Record
from reasoner.messages.nearest import nearest, remedy
from reasoner.names import CASE, IA, LABEL, OWL, RDF_TYPE, RDFS, XSD, curie, ia

LEXICAL = {
    XSD + "decimal": r"[+-]?(\d+(\.\d*)?|\.\d+)",
    XSD + "integer": r"[+-]?\d+",
    XSD + "boolean": "true|false|1|0",
    XSD + "double": r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?",
    XSD + "date": r"\d{4}-\d\d-\d\d",
}
EXAMPLES = {
    XSD + "decimal": "22",
    XSD + "integer": "22",
    XSD + "double": "22",
    XSD + "boolean": "true",
    XSD + "date": '"2026-01-31"^^xsd:date',
}
NAMELESS = CASE + "patient-graph#"
LONGEST = 4000  # characters of the IRI of a blank node: the project's own bound
ASKED = "Give one ia:Patient and its ia:Presentation with ia:hasPatient."


def read_graph(knowledge: Knowledge, data: bytes, on: date | None = None) -> Record:
    """The record in a Turtle patient graph.

    Raises InputError with line, or with the term and the nearest valid one.
    """
    data = plain(data)
    try:
        triples, _ = parse(data)
    except TurtleError as error:
        refuse_other(data)
        raise InputError(
            f"line {error.line}, column {error.column}",
            f"the Turtle cannot be read: {error.message}",
            error.hint,
        ) from None
    for t in triples:
        check(knowledge, t)
    names = named(triples)
    statements = [
        (names.get(s, s), t.predicate.value, o if is_literal(o) else names.get(o, o))
        for t in triples
        for s in [text(t.subject)]
        for o in [t.object if is_literal(t.object) else text(t.object)]
    ]
    statements = list(dict.fromkeys(statements))
    terms = properties(knowledge, "takesTerm")
    for s, p, o in statements:
        if p in terms and isinstance(o, str) and not o.startswith(IA):
            raise InputError(
                f"{curie(s)} {curie(p)}",
                f"{o} is not a term of the ontology",
                "Write a term such as ia:Thigh.",
            )
    patients = sorted({s for s, p, o in statements if p == RDF_TYPE and o == ia("Patient")})
    if len(patients) != 1:
        many = f"there are {len(patients)} members" if patients else "there is no member"
        raise InputError("graph", f"{many} of ia:Patient", ASKED)
    record = Record(curie(patients[0]), statements)
    record.presentations = sorted(
        {
            s
            for s, p, o in statements
            if p == RDF_TYPE and ia("Presentation") in knowledge.definitions.superclasses(o)
        }
    )
    refuse_unclear(knowledge, record, patients[0])
    ranges = measured(knowledge, record)
    ranges += aged(knowledge, record, on)
    close(knowledge, record)
    record.state_age_group()
    foreign = {p for _, p, _ in statements if not p.startswith(IA)} - {RDF_TYPE, LABEL}
    for predicate in sorted(foreign):
        record.note(
            "info", predicate, "This is no word of the ontology; what it says was not used."
        )
    complete(knowledge, record, ranges)
    refuse_vast(record)
    return record


def refuse_unclear(knowledge: Knowledge, record: Record, patient: str) -> None:
    """Raises InputError for a presentation with two problems, or of no patient or another one."""
    findings, types, mine = defaultdict(set), defaultdict(set), set()
    for s, p, o in record.statements:
        if p == ia("hasFinding"):
            findings[s].add(o)
        elif p == ia("hasPatient") and o == patient:
            mine.add(s)
        elif p == RDF_TYPE:
            types[s].add(o)
    for presentation in record.presentations:
        refuse_several(knowledge, presentation, findings[presentation], types)
        if presentation not in mine:
            raise InputError(
                curie(presentation), "the presentation names no patient, or another one", ASKED
            )


def check(knowledge: Knowledge, t) -> None:
    """Raises InputError for a term that is not declared, or a value that is not of its datatype."""
    predicate = t.predicate.value
    subject = "[ ]" if is_blank(t.subject) else curie(text(t.subject))
    place = f"{subject} {'rdf:type' if predicate == RDF_TYPE else curie(predicate)}"
    for term in (t.predicate, t.object):
        if is_literal(term) or is_blank(term) or not term.value.startswith(IA):
            continue
        if knowledge.facts.value(term.value, RDFS + "label") is None:
            known = [curie(s) for s in knowledge.definitions.out if s.startswith(IA)]
            near = remedy(nearest(curie(term.value), known), "Write one that it has, as ia:Thigh.")
            raise InputError(place, f"{curie(term.value)} is not a term of the ontology", near)
    if text(t.subject).startswith(IA) or (
        predicate.startswith(IA) and predicate not in properties(knowledge, "statesPatientFact")
    ):
        raise InputError(
            place, "this is knowledge, not a fact of a patient", "Put it into the ontology."
        )
    literal = is_literal(t.object)
    kind = OWL + ("ObjectProperty" if literal else "DatatypeProperty")
    if knowledge.facts.holds(predicate, RDF_TYPE, kind) or (predicate == RDF_TYPE and literal):
        mismatch = "a text where a thing" if literal else "a thing where a value"
        raise InputError(
            place,
            f"{t.object} is {mismatch} is due",
            "Write a term such as ia:Thigh." if literal else "Write a value such as 22.",
        )
    if literal:
        datatype = (
            XSD + "date"
            if predicate in properties(knowledge, "takesDay")
            else t.object.datatype.value
        )
        if datatype != t.object.datatype.value or not valid(datatype, t.object.value):
            hint = f"Write a value such as {EXAMPLES.get(datatype, 'one of it')}, or leave it out."
            raise InputError(place, f"{t.object} is not of its datatype", hint)


def valid(datatype: str, value: str) -> bool:
    """Whether a text is a value of a datatype; every text is one of a datatype that is not read."""
    try:
        return bool(re.fullmatch(LEXICAL.get(datatype, ".*"), value, re.DOTALL)) and (
            datatype != XSD + "date" or bool(date.fromisoformat(value))
        )
    except ValueError:
        return False


def named(triples: list) -> dict[str, str]:
    """An IRI for each blank node, from what points to it first: that the same graph gets the same
    answer, to the byte.

    Raises InputError where blank nodes lie so deep in each other that an IRI would be too long.
    """
    above: dict[str, tuple[str, str]] = {}
    for t in triples:
        if is_blank(t.object):
            above.setdefault(text(t.object), (text(t.subject), t.predicate.value.removeprefix(IA)))
    paths: dict[str, str] = {}
    names: dict[str, str] = {}
    taken: set[str] = set()
    numbers: Counter[str] = Counter()
    nodes = (text(x) for t in triples for x in (t.subject, t.object) if is_blank(x))
    for node in dict.fromkeys(nodes):
        name = path_to(node, above, paths)
        while (candidate := f"{name}{numbers[name] or ''}") in taken:
            numbers[name] += 1
        names[node] = candidate
        taken.add(candidate)
    return names


def path_to(node: str, above: dict[str, tuple[str, str]], paths: dict[str, str]) -> str:
    """The IRI of what leads to a blank node, and the predicates on the way; `paths` remembers it.

    `above` gives for a node what points to it, and with which predicate.
    """
    way: dict[str, None] = {}
    while node in above and node not in way and node not in paths:
        way[node] = None
        node = above[node][0]
    waiting = list(way)
    if node in way:  # a circle: each of its nodes is named by the whole of it
        start = waiting.index(node)
        circle, waiting = waiting[start:], waiting[:start]
        steps = [above[step][1] for step in reversed(circle)]
        refuse_long(steps, NAMELESS)
        for place, step in enumerate(reversed(circle), 1):
            paths[step] = NAMELESS + "-".join(steps[place:] + steps[:place])
    elif node.startswith("_:"):
        paths.setdefault(node, NAMELESS)
    name = paths.get(node, node)
    for step in reversed(waiting):
        holder, predicate = above[step]
        joint = "" if holder not in above and holder in paths else "-" if "#" in name else "#"
        name = paths[step] = name + joint + predicate
        refuse_long([name], node)
    return name


def refuse_long(parts: list[str], below: str) -> None:
    """Raises InputError when an IRI would have more than LONGEST characters."""
    if sum(map(len, parts)) > LONGEST:
        place = "graph" if below.startswith(("_:", CASE)) else curie(below)
        raise InputError(
            place,
            "blank nodes lie too deep in each other to be named",
            "Give an inner one an IRI; of a list, state each member by itself.",
        )
