"""The plan of a new scenario: what the command line names, each name checked against the graph."""

import difflib
import re
from dataclasses import dataclass, field

from reasoner.errors import InputError
from reasoner.graph.index import Index
from reasoner.names import LABEL, RDF_TYPE, RDFS, curie, expand, ia

NAME = re.compile(r"[A-Z][A-Za-z0-9]*")


@dataclass(frozen=True)
class Plan:
    """A scenario to be written, its names as IRIs.

    `like` is the scenario that it resembles; `defined` says what new criteria are met by, `refuted`
    what refutes them, both as in the table of criteria.
    """

    name: str
    label: str
    edition: str
    criteria: tuple[str, ...]
    like: str | None = None
    defined: dict[str, str] = field(default_factory=dict)
    refuted: dict[str, str] = field(default_factory=dict)


def planned(
    known: Index,
    name: str,
    edition: str,
    criteria: list[str],
    label: str,
    like: str | None,
    define: dict[str, str],
    refuted_when: dict[str, str],
) -> Plan:
    """The plan of a scenario. Raises InputError for a name that does not fit."""
    iri = named("NAME", name)
    names = tuple(dict.fromkeys(named("--criteria", c) for c in criteria if c))
    refuse_taken(known, name, iri, label)
    of = member(known, "--edition", edition, "Edition")
    model = member(known, "--like", like, "Scenario") if like else None
    check_criteria(known, names)
    defined, refuted = (
        {named(option, c): text for c, text in given.items()}
        for option, given in (("--define", define), ("--refuted-when", refuted_when))
    )
    for option, given in (("--define", defined), ("--refuted-when", refuted)):
        for c in given:
            if c not in names or known.value(c, LABEL):
                raise InputError(
                    f"{option} {curie(c)}",
                    "this is no criterion that the command makes",
                    "Name a new criterion, one of --criteria.",
                )
    return Plan(iri, label.strip(), of, names, model, defined, refuted)


def refuse_taken(known: Index, name: str, iri: str, label: str) -> None:
    """Raises InputError for a name or label that the graph has already, or an empty label."""
    is_declared = known.value(iri, LABEL) is not None
    others = known.subjects(LABEL, label)
    fault = ""
    if is_declared or others:
        fault = f"{curie(iri if is_declared else others[0])} is there already"
    if not label.strip():
        fault = "the label is empty"
    if fault:
        place = name if is_declared else "--label"
        raise InputError(place, fault, "Choose another name and label.")


def check_criteria(known: Index, names: tuple[str, ...]) -> None:
    """Raises InputError for criteria without an anchor, or one that is about no presentation."""
    starting = (ia("Anchor"), ia("Scenario"))
    if not any(known.holds(c, RDF_TYPE, kind) for c in names for kind in starting):
        anchors = ", ".join(map(curie, known.subjects(RDF_TYPE, ia("Anchor"))))
        raise InputError(
            "--criteria",
            "no criterion is an anchor, so the scenario would never be considered",
            f"Name one of: {anchors}.",
        )
    for c in names:
        if known.value(c, LABEL) and ia("Presentation") not in above(known, c):
            raise InputError(
                f"--criteria {curie(c)}",
                "this is no class of presentations",
                "Name a class below ia:Presentation, or a new name.",
            )


def pairs(option: str, texts: list[str]) -> dict[str, str]:
    """The names and values of options such as `--define A=EXPRESSION`.

    Raises InputError for a text that lacks one of them.
    """
    values = {}
    for text in texts:
        name, _, value = map(str.strip, text.partition("="))
        if not name or not value:
            raise InputError(
                f"{option} {text}", "this names nothing", f"Write {option} NAME=VALUE."
            )
        values[name] = value
    return values


def named(place: str, name: str) -> str:
    """The IRI of a class name such as `MassAfterBiopsy` or `ia:MassAfterBiopsy`.

    Raises InputError, with the option that the name was given for as its place.
    """
    local = name.strip().removeprefix("ia:")
    if not NAME.fullmatch(local):
        raise InputError(
            f"{place} {name}".strip(),
            "this is no name of a class",
            "Write UpperCamel words without blanks, such as MassAfterBiopsy.",
        )
    return ia(local)


def member(known: Index, place: str, name: str, cls: str) -> str:
    """The IRI of a declared member of a class. Raises InputError for any other name."""
    iri = expand(name) if ":" in name else ia(name)
    members = known.subjects(RDF_TYPE, ia(cls))
    if iri not in members:
        near = difflib.get_close_matches(curie(iri), map(curie, members), 1, 0)
        raise InputError(
            f"{place} {name}",
            f"the graph has no such {cls.lower()}",
            f"The nearest is {near[0]}." if near else f"Declare an ia:{cls} first.",
        )
    return iri


def above(known: Index, cls: str) -> set[str]:
    """The named classes above a class, itself among them, as far as subclass axioms say."""
    classes, waiting = set(), [cls]
    while waiting:
        if (here := waiting.pop()) not in classes:
            classes.add(here)
            waiting += known.objects(here, RDFS + "subClassOf")
    return classes
