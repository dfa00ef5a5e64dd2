"""Compares the graph with the assertions of `ontology/assertions/`, rows of what must hold.

A made-up patient goes through the same rules as any other. A finding names the row: file and line.
"""

import difflib
from collections.abc import Iterator

from reasoner.errors import NextstudyError
from reasoner.graph.index import Index
from reasoner.graph.knowledge import Knowledge
from reasoner.graph.turtle.format import WELL_KNOWN
from reasoner.inference.rules import derive, index
from reasoner.intake.patient_graph import read_graph
from reasoner.intake.screens import screens
from reasoner.names import CASE, IA, OWL, RDF_TYPE, curie, expand, ia
from reasoner.validation.assertion_tables import NONE, Line, table
from reasoner.validation.graph_under_test import Material

CHECKS = {  # the table of each check
    "patient-against-assertion": "patients",
    "term-against-assertion": "terms",
    "code-against-assertion": "codes",
    "words-against-assertion": "words",
}
PREFIXES = f"@prefix ia: <{IA}> .\n"
PATIENT, PRESENTATION = CASE + "made-up-patient", CASE + "made-up-presentation"
CONCLUSIONS = {  # a word of `follows`: what is concluded about its term, and with which status
    "met": ("Assessment", "ofCriterion", "met"),
    "unmet": ("Assessment", "ofCriterion", "unmet"),
    "unknown": ("Assessment", "ofCriterion", "unknown"),
    "applies": ("ScenarioMatch", "ofScenario", "applies"),
    "possible": ("ScenarioMatch", "ofScenario", "possible"),
    "excluded": ("ScenarioMatch", "ofScenario", "excluded"),
    "leads-to": ("ScenarioMatch", "leadsTo", ""),
    "assumes": ("Assumption", "ofCriterion", ""),
    "asks": ("OpenQuestion", "ofCriterion", ""),
    "agrees": ("AgreedStudy", "agreesOn", ""),
    "alert": ("Alert", "ofPitfall", ""),
    "unrated": ("UnratedOrder", "unratedFor", ""),
}
WORDS = ("in", *CONCLUSIONS)
Row = tuple[str, str, str]


def lines_of(material: Material, name: str) -> list[Line]:
    """The rows of a table of assertions; none where only files are checked."""
    return table(material.ontology, name) if material.is_whole else []


def differing(material: Material, line: Line, column: str, actual: set[str]) -> Iterator[Row]:
    """The row of a finding where a cell that is not empty lists other things than hold."""
    if line.cells[column] and (wanted := set(line.members(column))) != actual:
        lacks, has = ", ".join(sorted(wanted - actual)), ", ".join(sorted(actual - wanted))
        parts = [f"lacks {lacks}"] * bool(lacks) + [f"has {has}"] * bool(has)
        yield finding(material, line, column, "; ".join(parts))


def finding(material: Material, line: Line, column: str, value: str) -> Row:
    """The row of a finding about a line of a table, the place of which is noted."""
    subject = expand(line.name)
    material.asserted_at[subject, column] = (str(line.path), line.number)
    return subject, column, value


def patients(material: Material) -> Iterator[Row]:
    """The made-up patients for whom the rules do not conclude what their row asserts."""
    lines = lines_of(material, "patients")
    known = material.knowledge if lines else None
    by_name: dict[str, Line] = {}
    for line in lines:
        by_name[line.cells["name"]] = line
        if not isinstance(known, Knowledge):
            continue
        graph = made_up(line, by_name)
        try:
            record = read_graph(known, graph)
            facts = index(record.statements + derive(known, record.statements))
        except NextstudyError as error:
            place, _, message = str(error).partition(": ")
            unnamed = place.startswith("_:")  # a blank node has another name each time
            yield finding(material, line, "presentation", message if unnamed else str(error))
            continue
        yield from differing(material, line, "flags", flags(facts))
        yield from differing(material, line, "steps", terms_of(facts, "StepConclusion", "ofStep"))
        for part in line.members("follows"):
            if not holds(line, facts, part):
                yield finding(material, line, "follows", f"this does not hold: {part}")


def made_up(line: Line, by_name: dict[str, Line]) -> bytes:
    """The patient graph of a row and of the rows upon which it builds.

    Raises TableError for a row that builds upon none before it.
    """
    stated: dict[str, list[str]] = {"patient": [], "presentation": []}
    upon = line.cells["name"]
    while upon:
        one = by_name[upon]
        for column, parts in stated.items():
            parts += [one.cells[column]] if one.cells[column] else []
        upon = one.cells["upon"]
        if upon == one.cells["name"] or (upon and upon not in by_name):
            raise one.fail("upon", "Name a row that stands before this one.")
    about_patient = " ;\n".join(["a ia:Patient", *stated["patient"]])
    shown = " ;\n".join([f"a ia:Presentation ; ia:hasPatient <{PATIENT}>", *stated["presentation"]])
    return f"{PREFIXES}<{PATIENT}> {about_patient} .\n<{PRESENTATION}> {shown} .\n".encode()


def flags(facts: Index) -> set[str]:
    """The safety rules that apply to a made-up patient, each with its severity and hazard."""
    nodes = facts.having(ia("ofRule"))
    parts = (ia("ofRule"), ia("severity"), ia("hasHazard"))
    return {" ".join(curie(facts.value(node, part, "")) for part in parts) for node in nodes}


def terms_of(facts: Index, kind: str, prop: str, status: str = "") -> set[str]:
    """The terms that conclusions of a kind are about, those with a status where one is given."""
    return {
        curie(term)
        for node in facts.subjects(RDF_TYPE, ia(kind))
        if not status or facts.holds(node, ia("status"), status)
        for term in facts.objects(node, ia(prop))
    }


def holds(line: Line, facts: Index, part: str) -> bool:
    """Whether a part of `follows`, such as `not in ia:MriCleared`, holds of a made-up patient.

    Raises TableError for a part that says nothing.
    """
    *words, term = part.split()
    denied, word = words[:1] == ["not"], words[-1] if words else ""
    if word not in WORDS or len(words) != 1 + denied:
        near = difflib.get_close_matches(word, WORDS, 1, 0)
        raise line.fail("follows", f"Write one of {', '.join(WORDS)}; the nearest is {near[0]}.")
    concluded = (
        {curie(c) for c in facts.objects(PRESENTATION, RDF_TYPE)}
        if word == "in"
        else terms_of(facts, *CONCLUSIONS[word])
    )
    return (term in concluded) is not denied


def terms(material: Material) -> Iterator[Row]:
    """The terms of which the graph states something else than their row."""
    lines = lines_of(material, "terms")
    facts = Index(material.rows) if lines else Index()
    for line in lines:
        subject, prop = expand(line.cells["term"]), line.cells["property"]
        stated = facts.objects(subject, in_full(prop))
        values = {curie(o) for o in stated if not o.startswith(OWL)}
        for _, _, value in differing(material, line, "values", values):
            yield finding(material, line, prop, value)


def in_full(name: str) -> str:
    """The IRI of a property as it stands in a table: `a`, or a name with a usual prefix."""
    prefix, _, local = name.partition(":")
    return RDF_TYPE if name == "a" else WELL_KNOWN.get(prefix, f"{prefix}:") + local


def codes(material: Material) -> Iterator[Row]:
    """The codes that the mapping tables map to something else than their row."""
    lines = lines_of(material, "codes")
    meanings: dict[str, set[str]] = {}
    for row in material.mapping_rows if lines else ():
        meant = f"{row['subject_id']} {row['intake']}".strip()
        meanings.setdefault(row["object_id"], set()).add(meant)
    wanted: dict[str, tuple[Line, set[str]]] = {}
    for line in lines:
        meant = f"{line.cells['term']} {line.cells['intake']}".strip()
        wanted.setdefault(line.cells["code"], (line, set()))[1].add(meant)
    for code, (line, meant) in wanted.items():
        if (actual := meanings.get(code, set())) != meant:
            value = f"{', '.join(sorted(actual)) or NONE} and not {', '.join(sorted(meant))}"
            yield finding(material, line, "term", value)


def words(material: Material) -> Iterator[Row]:
    """The texts in which the word screens find other hazards than their row."""
    lines = lines_of(material, "words")
    known = material.knowledge if lines else None
    for line in lines if isinstance(known, Knowledge) else ():
        hits = screens(known).hazards(line.cells["words"])
        kinds = {hit.kind for hit in hits if not hit.denied}
        yield from differing(material, line, "hazards", kinds)
