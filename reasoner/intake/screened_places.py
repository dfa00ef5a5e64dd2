"""Which texts of a resource need no screening: those that only repeat a code that is read, that name
people, or that are a question answered no."""

import re

from reasoner.graph.terminology import Mapping
from reasoner.intake.bundle import Resource, as_list
from reasoner.intake.elements import Reader, objects

PEOPLE = re.compile(
    r"(^|/)(Practitioner|PractitionerRole|Patient|Person|RelatedPerson|"
    r"Organization|CareTeam|Location)/"
)


def mapped(reader: Reader, coding: dict) -> list[Mapping]:
    """The mappings of a coding."""
    system, code = coding.get("system"), coding.get("code")
    known = isinstance(system, str) and isinstance(code, str)
    return reader.concepts.of_code(system, code) if known else []


def known_places(reader: Reader, resource: Resource) -> set[str]:
    """The paths of texts in a resource that only repeat what is read, or name people.

    Displays of codes that are in the tables, texts of concepts that repeat such a display, and
    displays of references to people or to what is in the record itself.
    """
    found: set[str] = set()
    for path, node in objects(resource.json):
        prefix = f"{path}." if path else ""
        if tabled(reader, node):
            found.add(f"{prefix}display")
        labels = {
            str(k.get("display")).casefold()
            for k in as_list(node.get("coding"))
            if isinstance(k, dict) and tabled(reader, k)
        }
        text = node.get("text")
        if isinstance(text, str) and text.casefold() in labels:
            found.add(f"{prefix}text")
        target = node.get("reference")
        if isinstance(target, str) and (
            PEOPLE.search(target) or reader.envelope.reference_state(node, resource) == "here"
        ):
            found.add(f"{prefix}display")
    return found


def tabled(reader: Reader, coding: dict) -> bool:
    """Whether the code of a coding is in the tables."""
    return bool(mapped(reader, coding))


def negative_places(reader: Reader, json) -> list[str]:
    """The paths of the questions in a resource that are plainly answered no."""
    found = []
    for path, node in objects(json):
        answers = [a for a in as_list(node.get("answer")) if isinstance(a, dict)]
        if all(says_no(reader, answer) for answer in answers or [node]):
            prefix = f"{path}." if path else ""
            found += [f"{prefix}text"] if answers else [f"{prefix}code"]
    return found


def says_no(reader: Reader, json: dict) -> bool:
    """Whether an answer is a plain no: a boolean, a code or a word."""
    coding, word = json.get("valueCoding"), json.get("valueString")
    concept = {"coding": [coding]} if coding else json.get("valueCodeableConcept")
    said = (
        [m.subject for m in reader.concepts.said(concept).mappings]
        if isinstance(concept, dict)
        else []
    )
    said += [reader.screens.answer(word) or ""] if isinstance(word, str) else []
    return json.get("valueBoolean") is False or any(
        reader.is_a(subject, "NegativeAnswer") for subject in said if subject
    )
